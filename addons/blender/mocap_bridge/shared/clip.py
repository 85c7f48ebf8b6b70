"""A clip: what one person did, whether it came from a stream, a take or a journal.

Metres, +Y up, facing +Z, left +X, quaternions x, y, z, w, local, from a rest pose in which every
rotation is the identity. Numbers over time are flat arrays of doubles, frame after frame and bone
after bone: `numpy.asarray(clip.root).reshape(-1, 3)` costs nothing.

Clips are checked where they are read, so that whoever poses and writes them need not doubt them.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import Sequence

from .errors import TakeError
from .skeleton import Skeleton

UNIT_NORM = 1e-3  # quaternions of norm further from 1 were not meant as rotations


@dataclass(frozen=True, eq=False)
class Clip:
    """One person over T frames.

    Attributes:
        person: number of the person.
        skeleton: J bones.
        times: T [s], increasing.
        root: 3 T [m], world position of the first bone.
        rotations: 4 J T, local rotations from the rest pose, unit.
        translations: 3 J T [m], positions of the bones in their parents where they move; None, the
            usual case, keeps each at its offset.
    """

    person: int
    skeleton: Skeleton
    times: array[float]
    root: array[float]
    rotations: array[float]
    translations: array[float] | None = None

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, eq=False)
class Take:
    """What a file holds that can be put on a rig.

    Attributes:
        clips: those of each person with a motion, at least one.
        notes: sentences about what was repaired or left out.
    """

    clips: tuple[Clip, ...]
    notes: tuple[str, ...] = ()


def unit(flat: Sequence[float], where: str) -> array[float]:
    """Quaternions one after the other, made exactly unit.

    Raises:
        TakeError: one was far from it; begins with `where`.
    """
    made = array("d")
    numbers = iter(flat)
    for x, y, z, w in zip(numbers, numbers, numbers, numbers):
        norm = math.sqrt(x * x + y * y + z * z + w * w)
        if not abs(norm - 1.0) <= UNIT_NORM:
            raise TakeError(f"{where}: expected unit quaternions")
        made.extend((x / norm, y / norm, z / norm, w / norm))
    return made
