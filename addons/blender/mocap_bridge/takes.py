"""Files that hold motion, read into clips: takes (.json), recordings (.jsonl) and BVH (.bvh).

Not Blender's own importer of BVH, which makes an armature of every file: here a file moves a rig
that is there. No bpy here.
"""

from pathlib import Path

import numpy as np

from . import turns
from .clips import Clip, Take, clip_of, skeleton_of
from .shared import takes
from .shared.bvh import MOVED, Bvh
from .shared.errors import TakeError


def read(path, unit_name="AUTO"):
    """The take of a file, by its suffix.

    Args:
        path: of the file.
        unit_name: "CM", "M" or "AUTO", for BVH, which does not tell its unit.

    Raises:
        TakeError: one line that begins with the file's name.
    """
    try:
        return take_of(takes.read(path, unit_name))
    except MemoryError:
        raise TakeError(f"{Path(path).name}: too large for the memory of this computer") from None


def take_of(held):
    """The take of what a file holds: a `shared.clip.Take` or a `shared.bvh.Bvh`."""
    if not isinstance(held, Bvh):
        return Take(tuple(map(clip_of, held.clips)), held.notes)
    values = np.asarray(held.rows).reshape(len(held), held.width)
    times = np.arange(len(held)) * held.frame_time
    people = enumerate(held.people)
    clips = [_clip(i, person, values, times, held.scale) for i, person in people]
    return Take(tuple(clips), held.notes)


def _clip(number, person, values, times, scale):
    """The motion of one person from the columns of everyone's channels (T, C)."""
    skeleton = skeleton_of(person.skeleton)
    bones = len(skeleton)
    if len(values) == 0:  # the file only describes a skeleton
        still = np.zeros((1, bones, 4)) + [0.0, 0.0, 0.0, 1.0]
        return Clip(number, skeleton, np.zeros(1), skeleton.offsets[:1], still)
    places = np.tile(skeleton.offsets, (len(values), 1, 1))
    rotations = np.empty((len(values), bones, 4))
    column = person.column
    for i, channels in enumerate(person.channels):
        order, angles = "", np.zeros((len(values), 3))
        for axis, kind in channels:
            if kind == "position":
                places[:, i, axis] = values[:, column] * scale
            else:
                angles[:, len(order)] = np.radians(values[:, column])
                order += "XYZ"[axis]
            column += 1
        order += "".join(axis for axis in "XYZ" if axis not in order)
        rotations[:, i] = turns.from_euler(angles, order)
    moving = np.abs(places[:, 1:] - skeleton.offsets[1:]).max(initial=0.0) > MOVED
    return Clip(number, skeleton, times, places[:, 0], rotations, places if moving else None)
