"""Clips of unknown origin read as what they mean: a standing rest pose, one vertical, a floor.

Files of other programs may give every bone axes of its own, so that all rotations at zero are no
human pose; may rest in other axes than they move in; and may have their floor anywhere. The same
reading as the capture program's `mocap.stance.reading`, of SAMPLES frames at most.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from typing import Mapping, Sequence

from .shared import turns
from .shared.bone_maps import detect
from .shared.bones import FEET, SIDES
from .shared.clip import Clip
from .shared.errors import RigError
from .shared.reading import T_LIKE, T_POSE, is_floor, stands_otherwise
from .shared.skeleton import Skeleton
from .shared.stance import STOOP, UP, facing, nearest, stance_of
from .shared.turns import ONE, Quat, Vec, inv, mul, rotate

SAMPLES = 2000  # frames that are looked at


def upright(clip: Clip) -> Clip:
    """The same motion with a rest pose, a vertical and a floor that a rig can follow.

    - A rest pose that does not stand is replaced by the frame nearest to a T-pose.
    - A motion that begins in a T-pose, where the rest pose is none, begins with its reference.
    - Where the body is erect along another axis than its rest pose, its hips at standing height,
      the motion is turned to the rest pose's.
    - The floor is where the lower foot comes to lie, if that is under 0 or not far above, and not
      0 within what feet are thick; then it becomes 0.

    A clip whose bones cannot be told is returned as it is: whoever needs them will say so.
    """
    try:
        pairs = detect(clip.skeleton).pairs
        index = {human: clip.skeleton.names.index(bone) for human, bone in pairs.items()}
        frames = sampled(len(clip))
        places = [fk(clip, frame) for frame in frames]
        bind = deviations(clip.skeleton.rest_positions(), index)
        posed = [deviations(at, index) for at in places]
        if max(bind[:4]) > STOOP:
            best = min(range(len(frames)), key=lambda n: sum(posed[n]))
            clip = rebased(clip, frames[best])
        elif max(posed[0]) < T_LIKE < max(bind):
            clip = rebased(clip, 0)
        return _on_floor(clip, pairs, index, places)
    except RigError:
        return clip


def vertical_of(clip: Clip) -> str:
    """The axis along which somebody is erect most of the time: "z", or "y" where nothing tells
    another."""
    try:
        pairs = detect(clip.skeleton).pairs
        index = {human: clip.skeleton.names.index(bone) for human, bone in pairs.items()}
        erect = _erect([fk(clip, frame) for frame in sampled(len(clip))], index)
    except RigError:
        return "y"
    return "z" if nearest(erect) == (0.0, 0.0, 1.0) else "y"


def sampled(count: int) -> list[int]:
    """Frames to look at, the first among them."""
    step = max(1, math.ceil(count / SAMPLES))
    return list(range(0, count, step))


def fk(clip: Clip, frame: int) -> list[Vec]:
    """[m] where the bones begin in a frame."""
    skeleton, bones = clip.skeleton, len(clip.skeleton)
    x, y, z = clip.root[3 * frame : 3 * frame + 3]
    places: list[Vec] = []
    turned: list[Quat] = []
    for i, parent in enumerate(skeleton.parents):
        k = 4 * (frame * bones + i)
        a, b, c, d = clip.rotations[k : k + 4]
        if parent < 0:
            places.append((x, y, z))
            turned.append((a, b, c, d))
            continue
        offset: Sequence[float] = skeleton.offsets[i]
        if clip.translations is not None:
            offset = clip.translations[3 * (frame * bones + i) : 3 * (frame * bones + i) + 3]
        places.append(turns.plus(places[parent], rotate(turned[parent], offset)))
        turned.append(mul(turned[parent], (a, b, c, d)))
    return places


def rebased(clip: Clip, frame: int) -> Clip:
    """The same motion, counted from the pose of a frame: in that all rotations are the identity."""
    old, bones = clip.skeleton, len(clip.skeleton)
    rest = clip.rotations[4 * bones * frame : 4 * bones * (frame + 1)]
    stand: list[Quat] = []  # rotations of the new rest pose in the world
    for bone, parent in enumerate(old.parents):
        x, y, z, w = rest[4 * bone : 4 * bone + 4]
        stand.append((x, y, z, w) if parent < 0 else mul(stand[parent], (x, y, z, w)))
    above = [stand[parent] if parent >= 0 else ONE for parent in old.parents]
    offsets = [rotate(q, offset) for q, offset in zip(above, old.offsets)]
    tips = [tip and rotate(q, tip) for q, tip in zip(stand, old.tips)]
    rotations = array("d")
    # G' = G stand^-1 in the world, so in the parent: stand_p (the old one) stand^-1
    sides = [(q, inv(own)) for q, own in zip(above, stand)]
    for first in range(0, len(clip.rotations), 4 * bones):
        for k, (before, after) in zip(range(first, first + 4 * bones, 4), sides):
            rotations.extend(mul(mul(before, clip.rotations[k : k + 4]), after))
    moved = None
    if clip.translations is not None:
        moved = array("d")
        for k in range(0, len(clip.translations), 3):
            moved.extend(rotate(above[k // 3 % bones], clip.translations[k : k + 3]))
    skeleton = Skeleton(old.names, old.parents, tuple(offsets), tuple(tips))
    return replace(clip, skeleton=skeleton, rotations=rotations, translations=moved)


def _on_floor(
    clip: Clip, pairs: Mapping[str, str], index: Mapping[str, int], places: list[list[Vec]]
) -> Clip:
    """The clip with its vertical that of its rest pose, and its floor at 0."""
    skeleton = clip.skeleton
    rest = skeleton.rest_positions()
    stance = stance_of(pairs, skeleton.names, skeleton.parents, rest, skeleton.rest_ends())
    standing = rotate(inv(stance.world), UP)  # up of the rest pose, an axis
    erect = _erect(places, index)
    axis = nearest(erect)
    height = percentile([turns.dot(at[index["hips"]], axis) for at in places], 0.5) / stance.leg
    if stands_otherwise(height, turns.dot(erect, axis), turns.dot(axis, standing)):
        turn = mul(inv(stance.world), turns.between(axis, UP))
        clip = _turned(clip, turn)
        places = [[rotate(turn, place) for place in at] for at in places]
    feet = [(index[foot], stance.heights[foot]) for foot in FEET if foot in stance.heights]
    soles = [min(turns.dot(at[i], standing) - high for i, high in feet) for at in places]
    floor = percentile(soles, 0.05)
    if not is_floor(floor, stance.leg):
        return clip
    root = array("d", clip.root)
    for axis_number in range(3):
        drop = floor * standing[axis_number]
        root[axis_number::3] = array("d", [n - drop for n in root[axis_number::3]])
    return replace(clip, root=root)


def _turned(clip: Clip, turn: Quat) -> Clip:
    """The motion turned in the world."""
    root, rotations = array("d"), array("d", clip.rotations)
    for k in range(0, len(clip.root), 3):
        root.extend(rotate(turn, clip.root[k : k + 3]))
    for k in range(0, len(rotations), 4 * len(clip.skeleton)):
        rotations[k : k + 4] = array("d", mul(turn, rotations[k : k + 4]))
    return replace(clip, root=root, rotations=rotations)


def _erect(places: Sequence[Sequence[Vec]], index: Mapping[str, int]) -> Vec:
    """Mean of where up is for a body."""
    total: Vec = (0.0, 0.0, 0.0)
    for at in places:
        total = turns.plus(total, rotate(facing(at, index), UP))
    return turns.scaled(total, 1.0 / len(places))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies, linearly between two."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def deviations(at: Sequence[Vec], index: Mapping[str, int]) -> list[float]:
    """[rad] angles of limb bones from the T-pose: thighs, shins, then arms if mapped."""
    back = inv(facing(at, index))
    angles = []
    for first, second, *axes in T_POSE:
        for side, axis in zip(SIDES, axes):
            if side + first in index and side + second in index:
                bone = turns.minus(at[index[side + second]], at[index[side + first]])
                along = turns.dot(rotate(back, turns.direction(bone)), axis)
                angles.append(math.acos(max(-1.0, min(1.0, along))))
    return angles
