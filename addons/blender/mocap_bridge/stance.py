"""How a body stands: axes, limbs and feet of its reference pose, once its bones are known.

The same reading of a rest pose as the capture program's `mocap.stance`, so that a character moves
alike in Blender and in an exported file. No bpy here; the symbols are those of retarget.py.
"""

import itertools
from dataclasses import dataclass
from typing import Dict, Sequence, Tuple

import numpy as np

from . import turns
from .bone_maps import FINGERS, SIDES, TORSO, RigError

SHAPE = np.radians(15.0)  # deviations below this are the shape of a body, above it a pose
STOOP = np.radians(70.0)  # a leg further from straight down does not stand
SOLE = 0.07 / 0.86  # height of the ankle over the sole in leg lengths, where no toe tells
OFF = 0.15  # [leg lengths] a body whose soles are further from the origin does not stand there
UP = np.array([0.0, 1.0, 0.0])
LEGS = tuple(side + part for side in SIDES for part in ("UpperLeg", "LowerLeg", "Foot"))
HIPS = ("leftUpperLeg", "rightUpperLeg")


@dataclass(frozen=True, eq=False)
class Stance:
    """What a reference pose tells.

    Attributes:
        index: human bone to index in the skeleton.
        world: (4,) W, turns the axes of the skeleton's world to the canonical ones (+Y up, the
            body facing +Z); those of a world are square, so the body's nearest axes count.
        align: (J, 4) C_i, from the canonical T-pose to the axes in which the skeleton counts
            rotations; of a bone that is nothing human, as if it were torso.
        leg: length from hip joint to ankle, mean of both; in the unit of the skeleton, as all here.
        heights: human foot or toe bone to its height over the sole.
        ground: (3,) canonical place on which the body stands: the origin, unless it stands far
            from it.
    """

    index: Dict[str, int]
    world: np.ndarray
    align: np.ndarray
    leg: float
    heights: Dict[str, float]
    ground: np.ndarray

    @property
    def stand(self) -> float:
        """Height of the hip joints over the soles when standing straight."""
        return self.leg + float(np.mean([self.heights[side + "Foot"] for side in SIDES]))


def stance_of(
    pairs: Dict[str, str],
    names: Sequence[str],
    parents: Sequence[int],
    at: np.ndarray,
    ends: np.ndarray,
    posed: np.ndarray,
    stands: bool = False,
) -> Stance:
    """The stance of a body in its reference pose.

    Args:
        pairs: human bone to bone; at least hips, both legs and something of spine, neck or head.
        parents: index of each bone's parent, -1 for none.
        at, ends: (J, 3) where the bones begin, and where they end; NaN where that is not known.
        posed: (J, 4) P_i, rotations from the rest pose in the skeleton's world; the identity if
            the reference pose is the rest pose.
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
    frame = _facing(at, index)
    up = turns.rotate(frame, UP)
    lengths = []
    for i in (0, 3):
        thigh, shin = np.diff(at[[index[bone] for bone in LEGS[i : i + 3]]], axis=0)
        lengths.append(np.linalg.norm(thigh) + np.linalg.norm(shin))
        if min(turns.unit(thigh) @ -up, turns.unit(shin) @ -up) < np.cos(STOOP):
            raise RigError(
                "the rest pose does not stand: the feet are not below the hips; pose the armature "
                "upright, best in a T-pose, and store that as the reference pose"
            )
    leg = float(np.mean(lengths))
    if not leg > 0:
        raise RigError("the legs have no length")
    turned = np.broadcast_to(frame, posed.shape).copy()
    for human, q in _limbs(at, ends, index, frame).items():
        turned[index[human]] = q
    world = turns.inv(_square(frame))
    heights, sole, known = _soles(parents, at @ up, ends @ up, index, SOLE * leg)
    if abs(sole) < OFF * leg and (stands or not known):
        heights, sole = {foot: height + sole for foot, height in heights.items()}, 0.0
    ground = turns.rotate(world, at[[index[bone] for bone in HIPS]].mean(axis=0))
    ground[1] = sole
    ground[np.abs(ground) < OFF * leg] = 0.0
    return Stance(index, world, turns.mul(turns.inv(posed), turned), leg, heights, ground)


def _facing(at: np.ndarray, index: Dict[str, int]) -> np.ndarray:
    """F (4,), from the canonical axes to those of a body at positions (J, 3).

    Up is from the hips to the head, or the coordinate axis next to it where that is nearer than
    SHAPE: a head held forward does not make a body lean. Left is from the right hip joint to the
    left.
    """
    top = next(bone for bone in ("head", "neck", *reversed(TORSO)) if bone in index)
    up = turns.unit(at[index[top]] - at[index["hips"]])
    left = at[index["leftUpperLeg"]] - at[index["rightUpperLeg"]]
    axis = _nearest(up)
    up = axis if up @ axis > np.cos(SHAPE) else up
    left = left - up * (left @ up)
    if not np.linalg.norm(left) > 0:
        raise RigError("the hip joints lie on each other, so left cannot be told from right")
    return _frame(up, turns.unit(left))


def _frame(up: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Rotation (4,) that takes +Y to `up` and +X to `left`, which are square to each other."""
    return turns.from_matrix(np.stack([left, up, np.cross(left, up)], axis=-1))


def _nearest(v: np.ndarray) -> np.ndarray:
    """The signed coordinate axis nearest to v (3,)."""
    axis = np.eye(3)[np.argmax(np.abs(v))]
    return axis * np.sign(axis @ v)


def _square(frame: np.ndarray) -> np.ndarray:
    """The rotation (4,) of the coordinate axes nearest to those of `frame`."""
    up = _nearest(turns.rotate(frame, UP))
    left = turns.rotate(frame, np.array([1.0, 0.0, 0.0])) * (up == 0)
    return _frame(up, _nearest(left))


def _limbs(
    at: np.ndarray, ends: np.ndarray, index: Dict[str, int], frame: np.ndarray
) -> Dict[str, np.ndarray]:
    """A_i (4,) of the mapped arms, legs, hands and fingers; see retarget.py."""
    found: Dict[str, np.ndarray] = {}

    def bend(bone, end, axis, carried, least=0.0):
        """A_i of a bone that ends where `end` begins, or where it ends itself."""
        if bone not in index:
            return carried
        found[bone] = carried
        i = index[bone]
        tip = (at[index[end]] if end in index else ends[i]) - at[i]
        if np.isfinite(tip).all() and tip.any():
            arc = turns.between(turns.rotate(carried, axis), tip)
            if 2 * np.arctan2(np.linalg.norm(arc[:3]), abs(arc[3])) > least:
                found[bone] = turns.mul(arc, carried)
        return found[bone]

    for side, sign in zip(SIDES, (1.0, -1.0)):
        down, out = -UP, np.array([sign, 0.0, 0.0])
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
    return found


def _soles(
    parents: Sequence[int],
    level: np.ndarray,
    ends: np.ndarray,
    index: Dict[str, int],
    ankle: float,
) -> Tuple[Dict[str, float], float, bool]:
    """Heights of the mapped foot and toe bones over the sole, the height of the soles, and
    whether bones or their ends told it.

    Args:
        level, ends: (J,) heights of the bones and of their ends.
        ankle: height of an ankle where nothing else tells.
    """
    heights, soles, known = {}, [], True
    for side in SIDES:
        below = [index[side + "Foot"]]
        for i in range(below[0] + 1, len(parents)):
            if parents[i] in below:
                below.append(i)
        foot = level[below[0]]
        lowest = np.nanmin([*level[below], *ends[below]])
        known = known and bool(lowest < foot)
        soles.append(lowest if lowest < foot else foot - ankle)
        for bone in (side + "Foot", side + "Toes"):
            if bone in index:
                heights[bone] = float(level[index[bone]] - soles[-1])
    return heights, float(np.mean(soles)), known
