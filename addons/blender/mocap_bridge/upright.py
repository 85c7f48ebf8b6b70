"""Clips of unknown origin read as what they mean: a standing rest pose, one vertical, a floor.

Files of other programs may give every bone axes of its own, so that all rotations at zero are no
human pose; may rest in other axes than they move in; and may have their floor anywhere. The same
reading as the capture program's `mocap.stance.reading`. No bpy here.
"""

from dataclasses import replace

import numpy as np

from . import turns
from .shared.bone_maps import detect
from .shared.bones import FEET, SIDES, TORSO
from .shared.errors import RigError
from .shared.reading import T_LIKE, T_POSE, is_floor, stands_otherwise
from .shared.stance import SHAPE, STOOP
from .stance import UP, stance_of

ONE = np.array([0.0, 0.0, 0.0, 1.0])


def upright(clip):
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
        places, _ = clip.fk()
        bind = deviations(clip.skeleton.rest_positions()[None], index)[0]
        posed = deviations(places, index)
        if bind[:4].max() > STOOP:
            clip = rebased(clip, clip.rotations[np.argmin(posed.mean(axis=-1))])
        elif posed[0].max() < T_LIKE < bind.max():
            clip = rebased(clip, clip.rotations[0])
        return _on_floor(clip, pairs, index, places)
    except RigError:
        return clip


def rebased(clip, rest):
    """The same motion, counted from another rest pose.

    Args:
        rest: (J, 4) local rotations of the pose that becomes the one in which all are the identity.
    """
    skeleton = clip.skeleton
    stand = np.empty_like(rest)  # rotations of the new rest pose in the world
    offsets = skeleton.offsets.copy()
    moved = None if clip.translations is None else clip.translations.copy()
    for bone, parent in enumerate(skeleton.parents):
        stand[bone] = rest[bone] if parent < 0 else turns.mul(stand[parent], rest[bone])
        if parent >= 0:
            offsets[bone] = turns.rotate(stand[parent], offsets[bone])
            if moved is not None:
                moved[:, bone] = turns.rotate(stand[parent], moved[:, bone])
    above = np.array([stand[parent] if parent >= 0 else ONE for parent in skeleton.parents])
    # G' = G stand^-1 in the world, so in the parent: stand_p (the old one) stand^-1
    rotations = turns.mul(turns.mul(above, clip.rotations), turns.inv(stand))
    tips = turns.rotate(stand, skeleton.tips)
    return replace(
        clip,
        skeleton=replace(skeleton, offsets=offsets, tips=tips),
        rotations=rotations,
        translations=moved,
    )


def _on_floor(clip, pairs, index, places):
    """The clip with its vertical that of its rest pose, and its floor at 0."""
    skeleton = clip.skeleton
    rest = skeleton.rest_positions()
    still = np.tile(ONE, (len(skeleton), 1))
    stance = stance_of(pairs, skeleton.names, skeleton.parents, rest, rest + skeleton.tips, still)
    standing = turns.rotate(turns.inv(stance.world), UP)  # up of the rest pose, an axis
    erect = turns.rotate(facing(places, index), UP).mean(axis=0)
    axis = nearest(erect)
    height = np.median(places[:, index["hips"]] @ axis) / stance.leg
    if stands_otherwise(height, erect @ axis, axis @ standing):
        turn = turns.mul(turns.inv(stance.world), turns.between(axis, UP))
        rotations = clip.rotations.copy()
        rotations[:, 0] = turns.mul(turn, rotations[:, 0])
        clip = replace(clip, root=turns.rotate(turn, clip.root), rotations=rotations)
        places = turns.rotate(turn, places)
    soles = [
        places[:, index[bone]] @ standing - stance.heights[bone]
        for bone in FEET
        if bone in stance.heights
    ]
    floor = float(np.percentile(np.min(soles, axis=0), 5))
    if not is_floor(floor, stance.leg):
        return clip
    return replace(clip, root=clip.root - floor * standing)


def facing(at, index):
    """Rotations (..., 4) from the canonical axes to those of bodies at positions (..., J, 3)."""
    top = next(bone for bone in ("head", "neck", *reversed(TORSO)) if bone in index)
    up = turns.unit(at[..., index[top], :] - at[..., index["hips"], :])
    axis = nearest(up)
    near = np.sum(up * axis, axis=-1, keepdims=True) > np.cos(SHAPE)
    up = np.where(near, axis, up)
    left = at[..., index["leftUpperLeg"], :] - at[..., index["rightUpperLeg"], :]
    left = turns.unit(left - up * np.sum(left * up, axis=-1, keepdims=True))
    return turns.from_matrix(np.stack([left, up, np.cross(left, up)], axis=-1))


def nearest(v):
    """The signed coordinate axes nearest to v (..., 3)."""
    axes = np.eye(3)[np.argmax(np.abs(v), axis=-1)]
    return axes * np.sign(np.sum(axes * v, axis=-1, keepdims=True))


def deviations(at, index):
    """Angles (T, N) [rad] of limb bones from the T-pose: thighs, shins, then arms if mapped."""
    back = turns.inv(facing(at, index))
    angles = []
    for first, second, *axes in T_POSE:
        for side, axis in zip(SIDES, axes, strict=True):
            if side + first in index and side + second in index:
                bone = at[:, index[side + second]] - at[:, index[side + first]]
                along = np.sum(turns.rotate(back, turns.unit(bone)) * axis, axis=-1)
                angles.append(np.arccos(np.clip(along, -1.0, 1.0)))
    return np.stack(angles, axis=-1)
