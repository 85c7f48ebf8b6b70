"""What a T-pose tells: whether it is one, which way it faces, and how high it stands.

A T-pose in front of the camera shows every bone in its full length, both soles on the floor, and
which way is forwards; nothing else that people can hold still does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import Refused
from mocap.motion import Pose
from mocap.skeleton import Skeleton

SECONDS = 1.0  # of standing still that are looked at
ARM_OFF = 25.0  # [degrees] an upper arm may point off sideways,
ELBOW_OFF = 35.0  # a forearm off its upper arm,
LEG_OFF = 25.0  # and a thigh or shin off the vertical
SWAY = 0.15  # [m] the hips may go to and fro meanwhile,
SWING = 12.0  # [degrees] and an arm up and down
FEWEST = 4  # poses that tell of standing still
X, Y, Z = np.eye(3)


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the stage lies in the world that the solve found: turned about the vertical, then
    moved.

    Attributes:
        heading: [rad] which way +Z of the stage is there.
        place: (3,) [m] where the stage's origin is there.
    """

    heading: float = 0.0
    place: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        place = np.zeros(3) if self.place is None else self.place
        object.__setattr__(self, "place", np.asarray(place, dtype=np.float64))

    def root(self, root: Array) -> Array:
        """A position (3,) [m] on the stage."""
        return np.asarray(rotation.rotate(self._back, root - self.place))

    def rotations(self, rotations: Array) -> Array:
        """Local rotations (J, 4) with the root bone's as it is on the stage."""
        if self.heading == 0.0:
            return rotations
        turned = rotations.copy()
        turned[0] = rotation.unit(rotation.mul(self._back, rotations[0]))
        return turned

    @property
    def _back(self) -> Array:
        return rotation.axis_angle(Y, np.array(-self.heading))


def placement(poses: Sequence[Pose], skeleton: Skeleton) -> Placement:
    """The stage on which somebody in a T-pose stands at the origin and faces +Z.

    Args:
        poses: of a second or so, in the world of the solve.
        skeleton: of the poses.

    Raises:
        Refused: it is no T-pose; says what is not as it should be.
    """
    if len(poses) < FEWEST or poses[-1].t - poses[0].t < SECONDS / 2:
        raise Refused("calibrate: nobody is seen for long enough; step into the picture")
    root = np.array([pose.root for pose in poses])
    positions, world = skeleton.fk(root, np.array([pose.rotations for pose in poses]))
    _require_seen(poses, skeleton)
    if np.ptp(root[:, [0, 2]], axis=0).max() > SWAY:
        raise Refused("calibrate: stand still in a T-pose for a second; the hips moved")
    hips = world[:, skeleton.index("hips")]
    ahead = rotation.rotate(hips, Z).mean(axis=0)
    heading = float(np.arctan2(ahead[0], ahead[2]))
    aside = rotation.rotate(rotation.axis_angle(Y, np.array(heading)), X)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = _pointing(world, f"{side}UpperArm", sign * X, skeleton)
        forearm = _pointing(world, f"{side}LowerArm", sign * X, skeleton)
        _require(_angle(arm, sign * aside), ARM_OFF, f"hold the {side} arm straight out sideways")
        moved = rotation.rotate(world[:, skeleton.index(f"{side}UpperArm")], sign * X) @ arm
        swing = float(np.degrees(np.arccos(np.clip(moved.min(), -1.0, 1.0))))
        _require(swing, SWING, f"hold the {side} arm still", "it moved by")
        _require(_angle(forearm, arm), ELBOW_OFF, f"stretch the {side} elbow")
        for bone in ("UpperLeg", "LowerLeg"):
            leg = _pointing(world, f"{side}{bone}", -Y, skeleton)
            _require(_angle(leg, -Y), LEG_OFF, f"stand with the {side} leg straight")
    place = np.median(root, axis=0)
    ends = skeleton.tip_positions(positions, world)[..., 1]
    lowest = np.fmin(positions[..., 1].min(axis=1), np.nanmin(ends, axis=1))
    return Placement(heading, np.array([place[0], np.median(lowest), place[2]]))


def _require_seen(poses: Sequence[Pose], skeleton: Skeleton) -> None:
    confidence = np.median([pose.confidence for pose in poses], axis=0)
    for side in ("left", "right"):
        for part in ("Foot", "Hand"):
            if confidence[skeleton.index(f"{side}{part}")] == 0:
                raise Refused(
                    f"calibrate: the {side} {part.lower()} is not seen; step back from the camera"
                )


def _pointing(world: Array, bone: str, along: Array, skeleton: Skeleton) -> Array:
    """(3,) where a bone points on average."""
    return np.asarray(
        rotation.unit(rotation.rotate(world[:, skeleton.index(bone)], along).mean(axis=0))
    )


def _angle(a: Array, b: Array) -> float:
    """[degrees] between two directions."""
    return float(np.degrees(np.arccos(np.clip(a @ b, -1.0, 1.0))))


def _require(found: float, most: float, what: str, said: str = "it is off by") -> None:
    if found > most:
        raise Refused(f"calibrate: {what}; {said} {found:.0f} degrees, up to {most:.0f} will do")
