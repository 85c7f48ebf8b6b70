"""How a skeleton stands: its reference pose, axes, limbs and feet, once its bones are known.

What retargeting needs of either side; the symbols are those of `mocap.retarget`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array, frozen
from mocap.bone_map import FINGERS, SIDES, TORSO, BoneMap
from mocap.errors import InvalidValue
from mocap.motion import Motion
from mocap.skeleton import Skeleton

SHAPE = np.radians(15.0)  # deviations below this are the shape of a body, above it a pose
T_LIKE = np.radians(10.0)  # a pose with all limbs this near to the T-pose is meant as one
STOOP = np.radians(70.0)  # a leg further from straight down does not stand
SOLE = 0.07 / 0.86  # height of the ankle over the sole in leg lengths, where no toe tells
LEGS = tuple(side + part for side in SIDES for part in ("UpperLeg", "LowerLeg", "Foot"))
# directions of the limbs' bones in the canonical T-pose, left and right
T_POSE = {
    ("UpperLeg", "LowerLeg"): ((0, -1, 0), (0, -1, 0)),
    ("LowerLeg", "Foot"): ((0, -1, 0), (0, -1, 0)),
    ("UpperArm", "LowerArm"): ((1, 0, 0), (-1, 0, 0)),
    ("LowerArm", "Hand"): ((1, 0, 0), (-1, 0, 0)),
}


@dataclass(frozen=True, eq=False)
class Stance:
    """What the reference pose of a skeleton tells, once its bones are known.

    Attributes:
        index: human bone to index in the skeleton.
        rest: (J, 4) local rotations of the reference pose.
        frame: (4,) F, canonical axes to those of the standing body.
        align: (J, 4) C_i of every bone; of a bone that is nothing human, as if it were torso.
        leg: [m] length from hip joint to ankle, mean of both.
        heights: human foot or toe bone to its height [m] over the sole.
    """

    index: Mapping[str, int]
    rest: Array
    frame: Array
    align: Array
    leg: float
    heights: Mapping[str, float]

    @classmethod
    def of(cls, skeleton: Skeleton, bone_map: BoneMap, rest: Array | None = None) -> Stance:
        """The stance of a skeleton.

        Args:
            rest: (J, 4) local rotations of the reference pose, None for the rest pose.

        Raises:
            InvalidValue: hips, legs or everything above the hips are not mapped, `rest` does not
                fit, or the body does not stand on its feet in it.
        """
        index = _index(skeleton, bone_map)
        if rest is None:
            rest = rotation.identity(len(skeleton))
        rest = rotation.normalize(frozen(rest, (len(skeleton), 4), f"rest pose of {skeleton.name}"))
        at, world = skeleton.fk(skeleton.offsets[0], rest)
        frame = facing(at, index)
        up = _up(frame)
        legs = [at[[index[bone] for bone in LEGS[i : i + 3]]] for i in (0, 3)]
        length = float(np.mean([np.linalg.norm(np.diff(p, axis=0), axis=1).sum() for p in legs]))
        if deviations(at, index)[:4].max() > STOOP:
            raise InvalidValue(
                f"the rest pose of {skeleton.name} does not stand: its feet are not below its "
                "hips; give local rotations in which it does, for example those of a frame"
            )
        turn = np.broadcast_to(frame, world.shape).copy()
        ends = skeleton.tip_positions(at, world)
        for bone, q in _limbs(at, ends, index, frame).items():
            turn[index[bone]] = q
        heights = _heights(skeleton, at @ up, ends @ up, index, SOLE * length)
        return cls(index, rest, frame, rotation.mul(rotation.inv(world), turn), length, heights)


def _index(skeleton: Skeleton, bone_map: BoneMap) -> dict[str, int]:
    index = {human: skeleton.index(bone) for human, bone in bone_map.fit(skeleton).pairs.items()}
    missing = [bone for bone in ("hips", *LEGS) if bone not in index]
    if missing or not any(bone in index for bone in ("head", "neck", *TORSO)):
        raise InvalidValue(
            f"bone map {bone_map.name} for {skeleton.name} needs hips, both legs and something of "
            f"spine, neck or head; missing: {', '.join(missing or ['spine'])}"
        )
    return index


def facing(at: Array, index: Mapping[str, int]) -> Array:
    """Rotation (..., 4) from the canonical axes to those of bodies at positions (..., J, 3).

    Up is from the hips to the head, or the coordinate axis next to it where that is nearer than
    SHAPE: a head held forward does not make a body lean. Left is from the right hip joint to the
    left.
    """
    top = next(bone for bone in ("head", "neck", *reversed(TORSO)) if bone in index)
    up = rotation.unit(at[..., index[top], :] - at[..., index["hips"], :])
    axis = _axis(up)
    near = np.sum(up * axis, axis=-1, keepdims=True) > np.cos(SHAPE)
    left = at[..., index["leftUpperLeg"], :] - at[..., index["rightUpperLeg"], :]
    return rotation.from_frame(np.where(near, axis, up), left, "YX")


def deviations(at: Array, index: Mapping[str, int]) -> Array:
    """Angles (..., N) [rad] of limb bones from the T-pose: thighs, shins, then arms if mapped.

    Args:
        at: (..., J, 3) positions of bodies that may face anywhere.
    """
    back = rotation.inv(facing(at, index))
    angles = []
    for (a, b), (left, right) in T_POSE.items():
        for side, axis in zip(SIDES, (left, right), strict=True):
            if side + a in index and side + b in index:
                bone = at[..., index[side + b], :] - at[..., index[side + a], :]
                along = np.sum(rotation.rotate(back, rotation.unit(bone)) * axis, axis=-1)
                angles.append(np.arccos(np.clip(along, -1.0, 1.0)))
    return np.stack(angles, axis=-1)


def _up(frame: Array) -> Array:
    """The body's up (..., 3) by its frame (..., 4)."""
    return rotation.rotate(frame, np.array([0.0, 1.0, 0.0]))


def _axis(v: Array) -> Array:
    """The signed coordinate axes nearest to v (..., 3)."""
    nearest = np.eye(3)[np.argmax(np.abs(v), axis=-1)]
    return nearest * np.sign(np.sum(nearest * v, axis=-1, keepdims=True))


def _limbs(at: Array, ends: Array, index: Mapping[str, int], frame: Array) -> dict[str, Array]:
    """A_i (4,) of the mapped arms, legs, hands and fingers; see the module.

    Args:
        at, ends: (J, 3) where the bones begin, and where they end if nothing else tells.
    """
    turns: dict[str, Array] = {}

    def bend(bone: str, end: str, axis: Array, carried: Array, least: float = 0.0) -> Array:
        """A_i of a bone that ends where `end` begins, or at its tip."""
        if bone not in index:
            return carried
        turns[bone] = carried
        i = index[bone]
        tip = (at[index[end]] if end in index else ends[i]) - at[i]
        arc = rotation.between(rotation.rotate(carried, axis), tip)
        if np.isfinite(tip).all() and rotation.angle(arc, rotation.identity()) > least:
            turns[bone] = rotation.mul(arc, carried)
        return turns[bone]

    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        down, out = np.array([0.0, -1.0, 0.0]), np.array([sign, 0.0, 0.0])
        thigh = bend(side + "UpperLeg", side + "LowerLeg", down, frame)
        bend(side + "LowerLeg", side + "Foot", down, thigh)
        upper = bend(side + "UpperArm", side + "LowerArm", out, frame)
        lower = bend(side + "LowerArm", side + "Hand", out, upper)
        hand = bend(side + "Hand", side + "MiddleProximal", out, lower, SHAPE)
        for finger, parts in FINGERS.items():
            bones = [side + finger + part for part in parts]
            carried = hand
            for bone, end in itertools.zip_longest(bones, bones[1:], fillvalue=""):
                # no T-pose says how a thumb points, so it keeps to its hand
                still = np.pi if finger == "Thumb" else SHAPE
                carried = bend(bone, end, out, carried, still)
    return turns


def _heights(
    skeleton: Skeleton, level: Array, ends: Array, index: Mapping[str, int], ankle: float
) -> dict[str, float]:
    """Heights over the sole of the mapped foot and toe bones; `ankle` where nothing tells.

    Args:
        level, ends: (J,) heights of the bones and of their tips.
    """
    heights = {}
    for side in SIDES:
        below = [index[side + "Foot"]]
        for i in range(below[0] + 1, len(skeleton)):
            if skeleton.parents[i] in below:
                below.append(i)
        foot = level[below[0]]
        lowest = np.nanmin([*level[below], *ends[below]])
        sole = lowest if lowest < foot else foot - ankle
        for bone in (side + "Foot", side + "Toes"):
            if bone in index:
                heights[bone] = float(level[index[bone]] - sole)
    return heights


def to_canonical(frame: Array, up: str | None) -> Array:
    """W (4,): from the world of a body that stands with `frame`, or with `up` up, to +Y and +Z.

    Worlds have their floor square to an axis, so of `frame` only the nearest axes count.
    """
    if up is None:
        axes = rotation.to_matrix(frame)
        vertical = _axis(axes[:, 1])
        left = _axis(axes[:, 0] * (vertical == 0))
        return rotation.inv(rotation.from_frame(vertical, left, "YX"))
    sign, letter = (up[0], up[1:]) if up[:1] in ("+", "-") else ("+", up)
    if letter.upper() not in ("X", "Y", "Z"):
        raise InvalidValue(f"up: expected an axis such as '+Y' or '-Z', got {up!r}")
    axis = np.eye(3)["XYZ".index(letter.upper())] * (1.0 if sign == "+" else -1.0)
    return rotation.between(axis, np.array([0.0, 1.0, 0.0]))


@dataclass(frozen=True, eq=False)
class Reading:
    """How to read a motion of unknown origin: `source_rest`, `up`, `floor` of its Retargeter."""

    rest: Array | None = None
    up: str | None = None
    floor: float = 0.0


def reading(motion: Motion, bone_map: BoneMap) -> Reading:
    """What a motion itself tells about its axes.

    - A rest pose that does not stand (every bone in axes of its own) is replaced by the frame
      nearest to a T-pose.
    - A motion that begins in a T-pose, where the rest pose is none, begins with its reference.
    - Where the body is erect along another axis than its rest pose, its hips at standing height,
      that axis is up: some files have the rest pose in other axes.
    - The floor is where the lower foot comes to lie, if that is under 0 or not far above, and
      not 0 within what feet are thick; else 0.
    """
    if len(motion) == 0:
        return Reading()
    index = _index(motion.skeleton, bone_map)
    rest, up = None, None
    at, _ = motion.fk()
    bind, posed = deviations(motion.skeleton.rest_positions, index), deviations(at, index)
    if bind[:4].max() > STOOP:
        rest = motion.rotations[np.argmin(posed.mean(axis=-1))]
    elif posed[0].max() < T_LIKE < bind.max():
        rest = motion.rotations[0]
    stance = Stance.of(motion.skeleton, bone_map, rest)
    erect = _up(facing(at, index)).mean(axis=0)
    axis = _axis(erect)
    height = np.median(at[:, index["hips"]] @ axis) / stance.leg
    if (
        0.6 < height < 1.5
        and erect @ axis > 0.8
        and not np.allclose(axis, _axis(_up(stance.frame)))
    ):
        up = "-+"[int(axis.sum() > 0)] + "XYZ"[int(np.argmax(np.abs(axis)))]
    level = rotation.rotate(to_canonical(stance.frame, up), at)[..., 1]
    soles = [level[:, index[bone]] - height for bone, height in stance.heights.items()]
    floor = float(np.percentile(np.min(soles, axis=0), 5)) / stance.leg
    seems = floor < 0.15 and abs(floor) > 0.02
    return Reading(rest, up, floor * stance.leg if seems else 0.0)
