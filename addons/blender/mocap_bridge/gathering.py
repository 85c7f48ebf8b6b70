"""Frames that come one by one, from a stream or a journal, gathered into clips. No bpy here."""

from array import array

import numpy as np

from .clips import Clip, TakeError

MOST_NUMBERS = 1 << 32  # in the arrays of all people: 32 GiB


class Person:
    """What the frames so far say of one person, as growing arrays."""

    def __init__(self, skeleton):
        self.frames = array("q")  # which of the frames
        self.rows = array("d")  # root and rotations, and translations if bones move
        self.hips = array("d")  # [m] rest height of the first bone in the skeleton of each frame
        self.moved = array("d")  # translations, as many numbers as frames are known
        self.skeleton = skeleton


class Gatherer:
    """Frames of all people, one after the other, as they come.

    Whoever is not in a frame keeps the last pose, or before the first one that. A skeleton settles
    after somebody was seen for a while: the clip has the last one of each person, and who got
    longer legs stands higher, on the same floor.
    """

    def __init__(self):
        self.reset()

    def reset(self):
        """Forget everything."""
        self.times = array("d")
        self.people = {}

    def __len__(self):
        return len(self.times)

    def settle(self, skeletons):
        """What is known of people's skeletons from now on, by person.

        Raises:
            TakeError: other bones than before; nothing is changed then.
        """
        for person, skeleton in skeletons.items():
            known = self.people.get(person)
            if known is not None and not known.skeleton.same_bones(skeleton):
                raise TakeError("the bones changed in the middle")
        for person, skeleton in skeletons.items():
            if person in self.people:
                self.people[person].skeleton = skeleton
            else:
                self.people[person] = Person(skeleton)

    def add(self, t, poses):
        """A frame.

        Args:
            t: [s] later than those before.
            poses: by person that `settle` knows: root [x, y, z], rotations as one flat list, and
                translations as one flat list or None.
        """
        at = len(self.times)
        for number, (root, rotations, translations) in poses.items():
            person = self.people[number]
            if translations is not None and not person.moved:
                still = person.skeleton.offsets.ravel().tolist()
                for _ in person.frames:
                    person.moved.extend(still)
            if translations is not None:
                person.moved.extend(translations)
            elif person.moved:
                person.moved.extend(person.skeleton.offsets.ravel().tolist())
            person.rows.extend(root)
            person.rows.extend(rotations)
            person.hips.append(float(person.skeleton.offsets[0, 1]))
            person.frames.append(at)
        self.times.append(t)

    def clips(self):
        """The clip of everyone who was in a frame, in the order of their numbers; times from 0.

        Raises:
            TakeError: there is more than any memory holds.
        """
        times = np.array(self.times)
        there = {i: p for i, p in sorted(self.people.items()) if p.frames}
        wanted = sum(len(times) * 7 * len(p.skeleton) for p in there.values())
        if wanted > MOST_NUMBERS:
            raise TakeError(f"{len(there)} people in {len(times)} frames are too much to load")
        return tuple(self._clip(i, person, times - times[0]) for i, person in there.items())

    def _clip(self, number, person, times):
        bones = len(person.skeleton)
        at = np.array(person.frames)
        # frames without the person repeat the last one with them, or the first one
        row = np.clip(np.searchsorted(at, np.arange(len(times)), side="right") - 1, 0, None)
        rows = np.array(person.rows).reshape(len(at), 3 + 4 * bones)
        rows[:, 1] += float(person.skeleton.offsets[0, 1]) - np.array(person.hips)
        rotations = rows[:, 3:].reshape(-1, bones, 4)
        rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
        moved = None
        if person.moved:
            moved = np.array(person.moved).reshape(-1, bones, 3)[row]
        return Clip(number, person.skeleton, times, rows[row, :3], rotations[row], moved)
