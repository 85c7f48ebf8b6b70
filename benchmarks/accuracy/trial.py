"""One person before one camera: what was seen of them, and where everything really was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mocap.arrays import Array, BoolArray, frozen, require_finite
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.metrics import spans

BONES = {
    "UpperArm": "shoulder",
    "LowerArm": "elbow",
    "Hand": "wrist",
    "UpperLeg": "hip",
    "LowerLeg": "knee",
    "Foot": "ankle",
}
SIDES = ("left", "right")
JOINTS = [f"{side}{bone}" for bone in BONES for side in SIDES]
JOINT_POINTS = [f"{side}_{point}" for point in BONES.values() for side in SIDES]
HIPS = (JOINTS.index("leftUpperLeg"), JOINTS.index("rightUpperLeg"))
MIRROR = [i ^ 1 for i in range(len(JOINTS))]  # left and right take turns
SOLE_POINTS = [[f"{side}_{point}" for point in ("heel", "foot_index")] for side in SIDES]

LOW = 0.06  # [m] a point of the sole may be above its lowest place and still touch the floor
LOWEST = 0.05  # share of the time for which it is lower: measured feet may sink now and then
SLOW = 0.1  # [m/s] it may move and still stand
OFF = 0.05  # [m] both soles come off the floor in a jump, at least


@dataclass(frozen=True, eq=False)
class Trial:
    """What a method gets, and what it is measured against.

    Attributes:
        name: of the clip.
        family: where it comes from; figures are averaged over one family.
        track: what an estimator said, T frames.
        camera: what it was seen through, known exactly.
        points: (T, 33, 3) [m] true places of the landmarks, world, +Y up; those of JOINT_POINTS
            are the joints themselves.
        turn: (3, 3) from world axes to the camera's view axes.
        position: (3,) [m] of the camera.
        contacts: (T, 2) which foot is on the floor; None if only the points tell.
        height: [m] of the person.
    """

    name: str
    family: str
    track: LandmarkTrack
    camera: Camera
    points: Array
    turn: Array
    position: Array
    contacts: BoolArray | None = None
    height: float = 1.75

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        frames = len(self.track)
        set_(self, "points", frozen(self.points, (frames, len(MEDIAPIPE_POSE), 3), "points"))
        require_finite(self.points, "points")
        set_(self, "turn", frozen(self.turn, (3, 3), "turn"))
        set_(self, "position", frozen(self.position, (3,), "position"))
        if self.contacts is not None:
            set_(self, "contacts", frozen(self.contacts, (frames, 2), "contacts", np.bool_))

    @property
    def joints(self) -> Array:
        """(T, 12, 3) [m] JOINTS."""
        return joints_of(self.points)

    @property
    def soles(self) -> Array:
        """(T, 2, 2, 3) [m] heel and toe of the left and the right foot."""
        return soles_of(self.points)

    @property
    def view(self) -> Array:
        """(T, 33, 3) [m] the points in the camera's view axes."""
        return (self.points - self.position) @ self.turn.T

    @property
    def fps(self) -> float:
        """Frames per second, from the median frame time."""
        return float(1 / np.median(np.diff(self.track.times)))

    @cached_property
    def planted(self) -> BoolArray:
        """(T, 2, 2) which points of the soles rest on the floor: low, slow, their foot on it."""
        heights = self.soles[..., 1]
        low = heights < np.quantile(heights, LOWEST, axis=0) + LOW
        speed = np.linalg.norm(np.gradient(self.soles, self.track.times, axis=0), axis=-1)
        rests: BoolArray = low & (speed < SLOW)
        return rests if self.contacts is None else rests & self.contacts[..., None]

    @cached_property
    def jumps(self) -> list[slice]:
        """Stretches of frames in which both feet are off the floor, clearly at some time."""
        height = self.soles[..., 1] - np.quantile(self.soles[..., 1], LOWEST, axis=0)
        lowest = height.min(axis=(1, 2))
        up = lowest > LOW if self.contacts is None else ~self.contacts.any(axis=1)
        runs = [slice(first, after) for first, after in spans(up)]
        return [run for run in runs if lowest[run].max() > OFF]


def joints_of(points: Array) -> Array:
    """The joints (T, 12, 3) among landmarks (T, 33, 3)."""
    return points[:, [MEDIAPIPE_POSE.index(p) for p in JOINT_POINTS]]


def soles_of(points: Array) -> Array:
    """Heel and toe of the left and the right foot (T, 2, 2, 3) among landmarks (T, 33, 3)."""
    return points[:, [[MEDIAPIPE_POSE.index(p) for p in foot] for foot in SOLE_POINTS]]


def at_times(times: Array, known: Array, values: Array) -> Array:
    """Values (N, ...) known at times (N,) [s], linearly between them, at other times (T,)."""
    after = np.clip(np.searchsorted(known, times), 1, len(known) - 1)
    share = np.clip((times - known[after - 1]) / (known[after] - known[after - 1]), 0, 1)
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    mixed: Array = values[after - 1] * (1 - share) + values[after] * share
    return mixed
