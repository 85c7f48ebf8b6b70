"""A body that goes through given joints, for files that hold nothing else.

The joints have the lengths that a network gave them, which change from frame to frame; the skeleton
has the median ones. Bones point as their joints do. Knees and elbows tell the twist of their limbs
where they bend; a limb that is straight has none, nor have hands. Nothing is known of feet: they
are level near the floor, and square to the shin above it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.filters import gaussian
from mocap.motion import Motion
from mocap.rotation import between, from_frame, inv, mul, rotate, unit
from mocap.skeleton import Skeleton
from mocap.solve.body import SIDES
from mocap.solve.orient import (
    ARMS_REST,
    ELBOW_BEND,
    ELBOWS,
    KNEE_BEND,
    LEGS_REST,
    OUT,
    hinge,
    safe,
    smoothstep,
)

ARM, LEG = ("UpperArm", "LowerArm", "Hand"), ("UpperLeg", "LowerLeg", "Foot")
JOINTS = (
    *("spine", "neck", "head", "top"),
    *(f"{side}{part}" for part in (*ARM, *LEG) for side in SIDES),
)
TREE = {
    "hips": None,
    "spine": "hips",
    "chest": "spine",
    "neck": "chest",
    "head": "neck",
    **{
        f"{side}{part}": "chest" if above is None else f"{side}{above}"
        for side in SIDES
        for above, part in ((None, "Shoulder"), ("Shoulder", ARM[0]), ARM[:2], ARM[1:])
    },
    **{
        f"{side}{part}": "hips" if above is None else f"{side}{above}"
        for side in SIDES
        for above, part in ((None, LEG[0]), LEG[:2], LEG[1:], (LEG[2], "Toes"))
    },
}
LOW = 0.3  # share of the way from the hips to the joint of the spine at which the back bends, too
INNER = 0.2  # share of the way from the neck to the shoulder at which the clavicle begins
# in leg lengths: how high ankles are over the sole, and where toes begin and end
SOLE = 0.07 / 0.86
TOES, TIP = np.array([0.0, -0.05, 0.13]) / 0.86, np.array([0.0, -0.02, 0.07]) / 0.86
STANDING = (0.03, 0.15)  # [m] of an ankle over its usual height: from level to square to the shin
STRAIGHT = np.radians(25.0)  # a leg bent by less stands
LEAST = 0.25  # share of the frames in which somebody has to stand to tell what is up
LEAN = np.radians(6.0)  # people lean by less as they stand
STEEP = np.radians(40.0)  # no camera looks down or up by more
JUMP = 1.0  # [s] in which who jumps is down again
LOWEST = 5  # [%] of the frames have an ankle lower than that of a foot on the floor
X, Y, Z = np.eye(3)


def motion_of_joints(
    times: Array, joints: Mapping[str, Array], *, tilted: bool = False, afloat: bool = False
) -> Motion:
    """The motion of a humanoid skeleton through joints.

    Args:
        times: (T,) [s], one or more.
        joints: (T, 3) [m] of each of JOINTS, +Y up, +Z ahead, +X to the left of who looks ahead.
            "spine" is in the middle of the back, "neck" between the shoulders, "head" in the
            head, "top" above it.
        tilted: whether +Y is up in a picture rather than in the world; then who stands upright
            tells what is up.
        afloat: whether heights do not hold from one moment to another; then the floor is under the
            lower foot, but for jumps.

    Returns:
        Standing on y = 0, where it is first at x = z = 0.

    Raises:
        InvalidValue: a joint is missing or not finite.
    """
    missing = [name for name in JOINTS if name not in joints]
    if missing or not len(times):
        raise InvalidValue(f"joints: missing {', '.join(missing) or 'frames'}")
    at = {name: np.asarray(joints[name], dtype=np.float64) for name in JOINTS}
    if tilted:
        turn = level(at)
        at = {name: rotate(turn, place) for name, place in at.items()}
    # networks that work relative to the hips leave these at a mean
    at["hips"] = (at["leftUpperLeg"] + at["rightUpperLeg"]) / 2
    hips = from_frame(
        safe(at["leftUpperLeg"] - at["rightUpperLeg"], X), safe(at["spine"] - at["hips"], Y), "XY"
    )
    chest = from_frame(
        safe(at["neck"] - at["spine"], Y), safe(at["leftUpperArm"] - at["rightUpperArm"], X), "YX"
    )
    skeleton = _skeleton(at, hips, chest)
    world = rotation.identity(len(times), len(skeleton))

    def put(bone: str, q: Array) -> Array:
        world[:, skeleton.index(bone)] = q
        return q

    put("hips", hips)
    low = at["hips"] + rotate(hips, skeleton.offsets[skeleton.index("spine")])
    put("spine", mul(between(rotate(hips, Y), safe(at["spine"] - low, Y)), hips))
    put("chest", chest)
    neck = put("neck", _swung(chest, skeleton, "head", at["head"] - at["neck"]))
    tip = skeleton.tips[skeleton.index("head")]
    put("head", _aimed(neck, tip, at["top"] - at["head"]))
    limbs = {part: np.stack([at[f"{s}{part}"] for s in SIDES], axis=1) for part in (*ARM, *LEG)}
    for i, side in enumerate(SIDES):
        inner = at["spine"] + rotate(chest, skeleton.offsets[skeleton.index(f"{side}Shoulder")])
        along = at[f"{side}UpperArm"] - inner
        put(f"{side}Shoulder", _swung(chest, skeleton, f"{side}UpperArm", along))
        for parts, turned in ((ARM, _arms(limbs, chest)), (LEG, _legs(limbs, hips))):
            for part, q in zip(parts, (*turned, turned[-1]), strict=True):
                put(f"{side}{part}", q[:, i])
    root = at["hips"] - at["hips"][0] * [1.0, 0.0, 1.0]
    world = rotation.normalize(world)
    feet = [skeleton.index(f"{side}Foot") for side in SIDES]
    heights = skeleton.positions(root, world)[:, feet, 1]
    ankles = heights.min(axis=1)
    lowest = np.full(len(times), np.percentile(ankles, LOWEST))
    floor = (_under(times, ankles) if afloat else lowest) - _sole(skeleton)
    off = heights - floor[:, None] - _sole(skeleton)
    world[:, feet] = _feet(world[:, feet], off)
    world[:, [skeleton.index(f"{side}Toes") for side in SIDES]] = world[:, feet]
    return Motion(
        skeleton,
        times,
        root - floor[:, None] * Y,
        rotation.continuous(rotation.normalize(skeleton.to_local(world))),
    )


def level(joints: Mapping[str, Array]) -> Array:
    """(4,) what turns joints seen by a camera that looks down or up so that those who stand on
    straight legs stand upright, all in all.

    Nothing where nobody stands, or all lean no more than people do, or more than by a camera.
    """
    bones = [
        [unit(joints[f"{s}{b}"] - joints[f"{s}{a}"]) for a, b in (LEG[:2], LEG[1:])] for s in SIDES
    ]
    bends = [np.sum(thigh * shin, axis=-1) for thigh, shin in bones]
    stands = np.minimum(*bends) > np.cos(STRAIGHT)
    if not stands.any() or stands.mean() < LEAST:
        return rotation.identity()
    ankles = (joints["leftFoot"] + joints["rightFoot"]) / 2
    up = unit(joints["neck"] - ankles)[stands].sum(axis=0)
    tilt = float(np.arctan2(up[2], up[1]))  # a camera is seldom askew
    if not LEAN < abs(tilt) < STEEP:
        return rotation.identity()
    return rotation.axis_angle(X, -tilt)


def _under(times: Array, ankles: Array) -> Array:
    """(T,) [m] how low the lower ankle (T,) is about each time."""
    first, after = (np.searchsorted(times, times + away) for away in (-JUMP / 2, JUMP / 2 + 1e-9))
    lows = np.array([ankles[a:b].min() for a, b in zip(first, after, strict=True)])
    return gaussian(times, lows, JUMP / 4) if len(times) > 1 else lows


def _aimed(carried: Array, rest: Array, along: Array) -> Array:
    """(T, 4) a bone that points along at rest, from where the one above carries it, the short way
    to where it points."""
    if not np.linalg.norm(rest) > 0:
        return carried
    way = rotate(carried, rest)
    return mul(
        between(way, np.where(np.linalg.norm(along, axis=-1)[:, None] > 0, along, way)), carried
    )


def _swung(carried: Array, skeleton: Skeleton, child: str, along: Array) -> Array:
    """(T, 4) as `_aimed`, of the bone at whose end another begins."""
    return _aimed(carried, skeleton.offsets[skeleton.index(child)], along)


def _arms(limbs: Mapping[str, Array], chest: Array) -> tuple[Array, Array]:
    """(T, 2, 4) of upper arms and forearms."""
    upper, lower = (unit(safe(limbs[b] - limbs[a], OUT)) for a, b in (ARM[:2], ARM[1:]))
    chest = chest[:, None]
    swung = mul(chest, between(np.broadcast_to(OUT, upper.shape), rotate(inv(chest), upper)))
    turn = hinge(upper, lower, rotate(swung, ELBOWS), ELBOW_BEND, one_way=False)
    first, second = (mul(from_frame(bone, turn, "XY"), ARMS_REST) for bone in (upper, lower))
    return first, second


def _legs(limbs: Mapping[str, Array], hips: Array) -> tuple[Array, Array]:
    """(T, 2, 4) of thighs and shins."""
    upper, lower = (unit(safe(limbs[b] - limbs[a], -Y)) for a, b in (LEG[:2], LEG[1:]))
    hips = hips[:, None]
    swung = mul(hips, between(np.broadcast_to(-Y, upper.shape), rotate(inv(hips), upper)))
    turn = hinge(upper, lower, rotate(swung, X), KNEE_BEND, one_way=True)
    first, second = (mul(from_frame(bone, turn, "YX"), LEGS_REST) for bone in (upper, lower))
    return first, second


def _feet(shins: Array, off: Array) -> Array:
    """(T, 2, 4) of feet, from shins (T, 2, 4) and how far [m] ankles are off their usual height."""
    ahead = rotate(shins, Z) * [1.0, 0.0, 1.0]
    level = from_frame(np.broadcast_to(Y, ahead.shape), safe(ahead, Z), "YZ")
    return rotation.slerp(level, shins, smoothstep(off, *STANDING))


def _skeleton(at: Mapping[str, Array], hips: Array, chest: Array) -> Skeleton:
    """The usual lengths in a T-pose; neck, head and clavicles as they usually are."""

    def usual(a: str, b: str) -> float:
        return float(np.median(np.linalg.norm(at[b] - at[a], axis=1)))

    def both(a: str, b: str) -> float:
        return sum(usual(f"{side}{a}", f"{side}{b}") for side in SIDES) / 2

    def seen(a: str, b: str) -> Array:
        """(3,) [m] usually b from a, in the axes of the chest."""
        return np.asarray(np.median(rotate(inv(chest), at[b] - at[a]), axis=0))

    thigh, shin = both(*LEG[:2]), both(*LEG[1:])
    back, upper = usual("hips", "spine"), usual("spine", "neck")
    out = [
        seen("spine", f"{side}UpperArm") * [sign, 1.0, 0.0]
        for side, sign in zip(SIDES, (1, -1), strict=True)
    ]
    shoulder = (out[0] + out[1]) / 2
    inner = np.array([0.0, upper, 0.0]) * (1 - INNER) + shoulder * INNER
    offsets: dict[str, Array] = {
        "hips": np.array([0.0, (thigh + shin) * (1 + SOLE), 0.0]),
        "spine": np.array([0.0, LOW * back, 0.0]),
        "chest": np.array([0.0, (1 - LOW) * back, 0.0]),
        "neck": np.array([0.0, upper, 0.0]),
        "head": seen("neck", "head") * [0.0, 1.0, 1.0],
    }
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        flip = np.array([sign, 1.0, 1.0])
        offsets[f"{side}Shoulder"] = inner * flip
        offsets[f"{side}UpperArm"] = (shoulder - inner) * flip
        offsets[f"{side}LowerArm"] = np.array([sign * both(*ARM[:2]), 0.0, 0.0])
        offsets[f"{side}Hand"] = np.array([sign * both(*ARM[1:]), 0.0, 0.0])
        wide = usual("leftUpperLeg", "rightUpperLeg") / 2
        offsets[f"{side}UpperLeg"] = np.array([sign * wide, 0.0, 0.0])
        offsets[f"{side}LowerLeg"] = np.array([0.0, -thigh, 0.0])
        offsets[f"{side}Foot"] = np.array([0.0, -shin, 0.0])
        offsets[f"{side}Toes"] = TOES * (thigh + shin)
    names = tuple(TREE)
    tips = np.full((len(names), 3), np.nan)
    tips[names.index("head")] = seen("head", "top") * [0.0, 1.0, 1.0]
    tips[[names.index(f"{side}Toes") for side in SIDES]] = TIP * (thigh + shin)
    parents = np.array([-1 if above is None else names.index(above) for above in TREE.values()])
    return Skeleton(names, parents, np.array([offsets[n] for n in names]), tips, "person")


def _sole(skeleton: Skeleton) -> float:
    """[m] how high ankles are at rest."""
    return float(skeleton.rest_positions[skeleton.index("leftFoot"), 1])
