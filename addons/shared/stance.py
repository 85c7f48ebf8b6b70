"""How a body stands: axes, limbs and feet of its reference pose, once its bones are known.

The same reading of a rest pose as the capture program's `mocap.stance`, so that a character moves
alike in a host and in an exported file. For a bone i in the reference pose

    A_i   is the rotation that takes the bone from the canonical T-pose (+Y up, facing +Z, arms
          along X) to the reference pose: the body's own axes F for torso, head and feet; for arms
          and legs, which may be posed (A-pose, arms hanging), the one of the bone above, then the
          shortest arc to where the bone points.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Mapping, Sequence

from . import turns
from .bones import FINGERS, SIDES, TORSO
from .errors import RigError
from .turns import Quat, Vec

SHAPE = math.radians(15.0)  # deviations below this are the shape of a body, above it a pose
STOOP = math.radians(70.0)  # a leg further from straight down does not stand
SOLE = 0.07 / 0.86  # height of the ankle over the sole in leg lengths, where no toe tells
OFF = 0.15  # [leg lengths] a body whose soles are further from the origin does not stand there
NEAR = 0.06  # [leg lengths] how far over the ground a foot still weighs as standing (e-fold)
UP: Vec = (0.0, 1.0, 0.0)
LEFT: Vec = (1.0, 0.0, 0.0)
LEGS = tuple(side + part for side in SIDES for part in ("UpperLeg", "LowerLeg", "Foot"))
HIPS = ("leftUpperLeg", "rightUpperLeg")


@dataclass(frozen=True, eq=False)
class Stance:
    """What a reference pose tells.

    Attributes:
        index: human bone to index in the skeleton.
        world: W, turns the axes of the skeleton's world to the canonical ones (+Y up, the body
            facing +Z); those of a world are square, so the body's nearest axes count.
        align: of J bones, A_i, from the canonical T-pose to the reference pose; of a bone that is
            nothing human, as if it were torso.
        leg: length from hip joint to ankle, mean of both; in the unit of the skeleton, as all here.
        heights: human foot or toe bone to its height over the sole.
        ground: canonical place on which the body stands: the origin, unless it stands far from it.
    """

    index: Mapping[str, int]
    world: Quat
    align: Sequence[Quat]
    leg: float
    heights: Mapping[str, float]
    ground: Vec

    @property
    def stand(self) -> float:
        """Height of the hip joints over the soles when standing straight."""
        return self.leg + 0.5 * sum(self.heights[side + "Foot"] for side in SIDES)


def stance_of(
    pairs: Mapping[str, str],
    names: Sequence[str],
    parents: Sequence[int],
    at: Sequence[Vec],
    ends: Sequence[Vec | None],
    stands: bool = False,
) -> Stance:
    """The stance of a body in its reference pose.

    Args:
        pairs: human bone to bone; at least hips, both legs and something of spine, neck or head.
        parents: index of each bone's parent, -1 for none.
        at, ends: where the J bones begin, and where they end if that is known.
        stands: whether the floor is at the origin, if the soles seem to be near; a character is
            modelled so, while of a recording only its bones tell. Without toes they do not.

    Raises:
        RigError: bones are missing, or the body does not stand on its feet.
    """
    where = {name: i for i, name in enumerate(names)}
    index = {human: where[bone] for human, bone in pairs.items() if bone in where}
    missing = [bone for bone in ("hips", *LEGS) if bone not in index]
    if missing or not any(bone in index for bone in ("head", "neck", *TORSO)):
        raise RigError(
            "the bone list needs hips, both legs and something of spine, neck or head; "
            f"missing: {', '.join(missing or ['spine'])}"
        )
    frame = facing(at, index)
    up = turns.rotate(frame, UP)
    leg = _leg(at, index, up)
    align = [frame] * len(at)
    for human, q in _limbs(at, ends, index, frame).items():
        align[index[human]] = q
    world = turns.inv(square(frame))
    level = [turns.dot(place, up) for place in at]
    low = [None if end is None else turns.dot(end, up) for end in ends]
    heights, sole, known = _soles(parents, level, low, index, SOLE * leg)
    if abs(sole) < OFF * leg and (stands or not known):
        heights, sole = {foot: height + sole for foot, height in heights.items()}, 0.0
    middle = turns.middle(*(at[index[bone]] for bone in HIPS))
    x, _, z = turns.rotate(world, middle)
    x, y, z = (0.0 if abs(n) < OFF * leg else n for n in (x, sole, z))
    return Stance(index, world, align, leg, heights, (x, y, z))


def facing(at: Sequence[Vec], index: Mapping[str, int]) -> Quat:
    """F, from the canonical axes to those of a body with bones at these places.

    Up is from the hips to the head, or the coordinate axis next to it where that is nearer than
    SHAPE: a head held forward does not make a body lean. Left is from the right hip joint to the
    left.

    Raises:
        RigError: the hip joints lie on each other.
    """
    top = next(bone for bone in ("head", "neck", *reversed(TORSO)) if bone in index)
    up = turns.direction(turns.minus(at[index[top]], at[index["hips"]]))
    axis = nearest(up)
    up = axis if turns.dot(up, axis) > math.cos(SHAPE) else up
    left = turns.minus(*(at[index[bone]] for bone in HIPS))
    left = turns.minus(left, turns.scaled(up, turns.dot(left, up)))
    if not turns.length(left) > turns.TINY:
        raise RigError("the hip joints lie on each other, so left cannot be told from right")
    left = turns.direction(left)
    return turns.from_axes(left, up, turns.cross(left, up))


def nearest(v: Sequence[float]) -> Vec:
    """The signed coordinate axis nearest to v."""
    largest = max(range(3), key=lambda i: abs(v[i]))
    sign = math.copysign(1.0, v[largest])
    x, y, z = (sign if i == largest else 0.0 for i in range(3))
    return (x, y, z)


def square(frame: Quat) -> Quat:
    """The rotation of the coordinate axes nearest to those of `frame`."""
    up = nearest(turns.rotate(frame, UP))
    left = turns.rotate(frame, LEFT)
    left = nearest(tuple(0.0 if axis else n for n, axis in zip(left, up)))
    return turns.from_axes(left, up, turns.cross(left, up))


def _leg(at: Sequence[Vec], index: Mapping[str, int], up: Vec) -> float:
    """Length of a leg, mean of both. Raises RigError if the body does not stand on them."""
    lengths = 0.0
    for above, below in zip(LEGS, LEGS[1:]):
        if below.endswith("UpperLeg"):
            continue
        bone = turns.minus(at[index[below]], at[index[above]])
        lengths += 0.5 * turns.length(bone)
        if -turns.dot(turns.direction(bone), up) < math.cos(STOOP):
            raise RigError(
                "the rest pose does not stand: the feet are not below the hips; pose the "
                "rig upright, best in a T-pose, and store that as the reference pose"
            )
    return lengths


def _limbs(
    at: Sequence[Vec], ends: Sequence[Vec | None], index: Mapping[str, int], frame: Quat
) -> dict[str, Quat]:
    """A_i of the mapped arms, legs, hands and fingers."""
    found: dict[str, Quat] = {}

    def bend(bone: str, end: str, axis: Vec, carried: Quat, least: float = 0.0) -> Quat:
        """A_i of a bone that ends where `end` begins, or where it ends itself."""
        if bone not in index:
            return carried
        found[bone] = carried
        i = index[bone]
        tip = at[index[end]] if end in index else ends[i]
        along = turns.minus(tip, at[i]) if tip is not None else (0.0, 0.0, 0.0)
        if turns.length(along) > turns.TINY:
            arc = turns.between(turns.rotate(carried, axis), along)
            if 2 * math.atan2(turns.length(arc), abs(arc[3])) > least:
                found[bone] = turns.mul(arc, carried)
        return found[bone]

    down: Vec = (0.0, -1.0, 0.0)
    for side, sign in zip(SIDES, (1.0, -1.0)):
        out: Vec = (sign, 0.0, 0.0)
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
                still = math.pi if finger == "Thumb" else SHAPE
                carried = bend(bone, end, out, carried, still)
    return found


def _soles(
    parents: Sequence[int],
    level: Sequence[float],
    ends: Sequence[float | None],
    index: Mapping[str, int],
    ankle: float,
) -> tuple[dict[str, float], float, bool]:
    """Heights of the mapped foot and toe bones over the sole, the height of the soles, and
    whether bones or their ends told it.

    Args:
        level, ends: heights of the bones and of their ends.
        ankle: height of an ankle where nothing else tells.
    """
    heights: dict[str, float] = {}
    soles, known = 0.0, True
    for side in SIDES:
        below = [index[side + "Foot"]]
        for i in range(below[0] + 1, len(parents)):
            if parents[i] in below:
                below.append(i)
        foot = level[below[0]]
        tips = [end for end in (ends[i] for i in below) if end is not None]
        lowest = min([level[i] for i in below] + tips)
        known = known and lowest < foot
        sole = lowest if lowest < foot else foot - ankle
        soles += 0.5 * sole
        for bone in (side + "Foot", side + "Toes"):
            if bone in index:
                heights[bone] = level[index[bone]] - sole
    return heights, soles, known
