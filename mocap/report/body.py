"""What the figures of a motion are computed from: positions at an even rate, feet, floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.bone_map import detect
from mocap.errors import InvalidValue
from mocap.motion import Motion, TrackState
from mocap.stance import Stance, reading, to_canonical

SIDES = ("left", "right")
JOINTS = [
    f"{side}{bone}"
    for bone in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
    for side in SIDES
]
HIPS = (JOINTS.index("leftUpperLeg"), JOINTS.index("rightUpperLeg"))
LIMBS = {
    "left arm": ("leftUpperArm", "leftLowerArm", "leftHand"),
    "right arm": ("rightUpperArm", "rightLowerArm", "rightHand"),
    "left leg": ("leftUpperLeg", "leftLowerLeg", "leftFoot"),
    "right leg": ("rightUpperLeg", "rightLowerLeg", "rightFoot"),
    "head": ("head",),
}
# pairs of JOINTS whose distance is the length of a bone, left and right by turns
SEGMENTS = [(a, a + 2) for a in (0, 1, 2, 3, 6, 7, 8, 9)]
SEGMENT_NAMES = ("upper arm", "forearm", "thigh", "shin")
LOW = 0.05  # [m] a foot of a motion without contacts may be above where feet come down and stand
SLOW = 0.35  # [m/s] and move
AIR = 0.03  # [m] lower foot over the floor from which a body is in the air


@dataclass(frozen=True, eq=False)
class Feet:
    """Where the feet are.

    Attributes:
        parts: (T, 2, P, 3) [m] ankle and, where there is one, toe joint of the left and the
            right foot, each lowered by its height at rest: at 0 it stands.
        stands: (T, 2) whether each foot stands: as marked by the motion, otherwise low and slow.
    """

    parts: Array
    stands: BoolArray

    @property
    def heights(self) -> Array:
        """(T, 2) [m] of the lower part of each foot over the floor."""
        return self.parts[..., 1].min(axis=2)

    @property
    def soles(self) -> Array:
        """(T, 2, 3) [m] the lower part of each foot."""
        lower = self.parts[..., 1].argmin(axis=2)
        return np.take_along_axis(self.parts, lower[..., None, None], axis=2)[:, :, 0]


@dataclass(frozen=True, eq=False)
class Body:
    """A motion made ready to be measured.

    Attributes:
        motion: at an even rate.
        bones: human bone to bone of the skeleton.
        positions: (T, J, 3) [m] of the bones, +Y up, the floor at 0.
        feet: None for a skeleton whose feet are not known.
    """

    motion: Motion
    bones: dict[str, str]
    positions: Array
    feet: Feet | None

    @classmethod
    def of(cls, motion: Motion) -> Body:
        """The body of a motion whose skeleton can be told. Raises InvalidValue."""
        even = motion.resampled(fps=motion.fps)
        bone_map = detect(motion.skeleton)
        bones = dict(bone_map.pairs)
        positions, _ = even.fk()
        try:
            read = reading(even, bone_map)
            stance = Stance.of(even.skeleton, bone_map, read.rest)
        except InvalidValue:  # of a body that cannot stand nothing is known but its joints
            return cls(even, bones, positions, None)
        positions = rotation.rotate(to_canonical(stance.frame, read.up), positions)
        left, right = (even.contacts.get(bones[f"{side}Foot"]) for side in SIDES)
        if left is None or right is None:
            positions[..., 1] -= read.floor  # who marks contacts has the floor at 0
            parts = _parts(positions, stance)
            return cls(even, bones, positions, Feet(parts, _standing(parts, even.fps)))
        feet = Feet(_parts(positions, stance), np.stack([left, right], axis=1))
        return cls(even, bones, positions, feet)

    def at(self, bone: str) -> Array:
        """(T, 3) [m] of a human bone."""
        return self.positions[:, self.motion.skeleton.index(self.bones[bone])]

    @property
    def joints(self) -> Array:
        """(T, 12, 3) [m] the JOINTS."""
        return self.positions[:, [self.motion.skeleton.index(self.bones[j]) for j in JOINTS]]

    @property
    def tracked(self) -> BoolArray:
        """(T,)"""
        return self.motion.state == TrackState.TRACKED

    @property
    def airborne(self) -> BoolArray:
        """(T,) whether the feet are off the floor; never where they are not known."""
        if self.feet is None:
            return np.zeros(len(self.motion), dtype=bool)
        off: BoolArray = ~self.feet.stands.any(axis=1) & (self.feet.heights.min(axis=1) > AIR)
        return off & self.tracked


def lengths(joints: Array) -> Array:
    """(T, 8) [m] of the SEGMENTS between JOINTS (T, 12, 3)."""
    a, b = np.transpose(SEGMENTS)
    return np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)


def unseen(motion: Motion, bone_map: dict[str, str], limb: str) -> BoolArray:
    """(T,) whether nothing of one of the LIMBS was seen."""
    bones = [motion.skeleton.index(bone_map[n]) for n in LIMBS[limb] if n in bone_map]
    return ~(motion.confidence[:, bones] > 0).any(axis=1)


def _parts(positions: Array, stance: Stance) -> Array:
    """(T, 2, P, 3) as in `Feet`; P is that of both feet, so toes of one foot alone are left out."""
    toes = all(f"{side}Toes" in stance.heights for side in SIDES)
    names = [[f"{side}Foot", f"{side}Toes"] if toes else [f"{side}Foot"] for side in SIDES]
    parts = positions[:, [[stance.index[bone] for bone in foot] for foot in names]]
    parts[..., 1] -= [[stance.heights[bone] for bone in foot] for foot in names]
    return parts


def _standing(parts: Array, fps: float) -> BoolArray:
    """(T, 2) whether feet without marks stand: low and slow."""
    heights = parts[..., 1].min(axis=2)
    if len(parts) == 0:
        return heights < LOW
    # not the lowest of all: a single frame may sink
    low: BoolArray = heights < np.percentile(heights.min(axis=1), 5) + LOW
    if len(parts) < 2:
        return low
    speed = np.linalg.norm(np.gradient(parts, axis=0), axis=-1).min(axis=2) * fps
    return low & (speed < SLOW)
