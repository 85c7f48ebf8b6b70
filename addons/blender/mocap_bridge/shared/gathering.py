"""Frames that come one by one, from a stream or a journal, gathered into clips."""

from __future__ import annotations

from array import array
from itertools import chain
from typing import Mapping, Optional, Sequence, Tuple

from .clip import Clip, unit
from .errors import TakeError
from .skeleton import Skeleton

MOST_NUMBERS = 1 << 32  # in the arrays of all people: 32 GiB
# root x, y, z, rotations as one flat list, and translations as one flat list if bones move
Pose = Tuple[Sequence[float], Sequence[float], Optional[Sequence[float]]]


class Person:
    """What the frames so far say of one person, as growing arrays."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.frames = array("q")  # which of the frames
        self.root = array("d")
        self.rotations = array("d")
        self.moved = array("d")  # translations, as many as frames are known, if bones move
        self.hips = array("d")  # [m] rest height of the first bone in the skeleton of each frame
        self.skeleton = skeleton

    @property
    def still(self) -> array[float]:
        """The translations of a frame that tells none."""
        return array("d", chain.from_iterable(self.skeleton.offsets))


class Gatherer:
    """Frames of all people, one after the other, as they come.

    Whoever is not in a frame keeps the last pose, or before the first one that. A skeleton settles
    after somebody was seen for a while: the clip has the last one of each person, and who got
    longer legs stands higher, on the same floor.

    Attributes:
        times: [s] of the frames.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.times = array("d")
        self._people: dict[int, Person] = {}

    def __len__(self) -> int:
        return len(self.times)

    def settle(self, skeletons: Mapping[int, Skeleton]) -> None:
        """What is known of people's skeletons from now on, by person.

        Raises:
            TakeError: other bones than before; nothing is changed then.
        """
        for person, skeleton in skeletons.items():
            known = self._people.get(person)
            if known is not None and not known.skeleton.same_bones(skeleton):
                raise TakeError("the bones changed in the middle")
        for person, skeleton in skeletons.items():
            if person in self._people:
                self._people[person].skeleton = skeleton
            else:
                self._people[person] = Person(skeleton)

    def add(self, t: float, poses: Mapping[int, Pose]) -> None:
        """A frame.

        Args:
            t: [s] later than those before.
            poses: by person that `settle` knows.

        Raises:
            TakeError: a rotation is none; nothing is changed then.
        """
        at = len(self.times)
        turned = {number: unit(pose[1], "rotations") for number, pose in poses.items()}
        for number, (root, _, translations) in poses.items():
            person = self._people[number]
            if translations is not None and not person.moved:
                person.moved.extend(person.still * len(person.frames))
            if translations is not None:
                person.moved.extend(translations)
            elif person.moved:
                person.moved.extend(person.still)
            person.root.extend(root)
            person.rotations.extend(turned[number])
            person.hips.append(person.skeleton.offsets[0][1])
            person.frames.append(at)
        self.times.append(t)

    def clips(self) -> tuple[Clip, ...]:
        """The clip of everyone who was in a frame, in the order of their numbers; times from 0.

        Raises:
            TakeError: there is more than any memory holds.
        """
        there = {i: p for i, p in sorted(self._people.items()) if p.frames}
        wanted = sum(len(self) * 7 * len(p.skeleton) for p in there.values())
        if wanted > MOST_NUMBERS:
            raise TakeError(f"{len(there)} people in {len(self)} frames are too much to load")
        times = array("d", [t - self.times[0] for t in self.times])
        return tuple(self._clip(i, person, times) for i, person in there.items())

    def _clip(self, number: int, person: Person, times: array[float]) -> Clip:
        height = person.skeleton.offsets[0][1]
        root = person.root[:]
        for i, hips in enumerate(person.hips):
            root[3 * i + 1] += height - hips
        frames, count = person.frames, len(times)
        return Clip(
            number,
            person.skeleton,
            times,
            root=_held(root, frames, count),
            rotations=_held(person.rotations, frames, count),
            translations=_held(person.moved, frames, count) if person.moved else None,
        )


def _held(flat: array[float], frames: array[int], count: int) -> array[float]:
    """Rows for all of `count` frames from those for some: each until the next, the first from 0."""
    width = len(flat) // len(frames)
    made = array("d")
    for row, (first, after) in enumerate(zip([0, *frames[1:]], [*frames[1:], count])):
        made.extend(flat[row * width : (row + 1) * width] * (after - first))
    return made
