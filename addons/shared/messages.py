"""What servers of protocol v1 (docs/protocol.md) say, as values, and fit to be shown.

Metres, seconds, +Y up, facing +Z, left is +X, quaternions x, y, z, w: see docs/conventions.md.
"""

from __future__ import annotations

from typing import NamedTuple

from . import turns

PROTOCOL = 1


class Person(NamedTuple):
    """One person of a frame.

    Attributes:
        id: the same number all the time.
        state: "tracked", "held" or "lost".
        confidence: 0 to 1.
        root: x, y, z [m] of the first bone in the world.
        rotations: x, y, z, w of every bone from its rest in its parent, flat, 4 J numbers.
        contacts: which feet stand, by bone.
    """

    id: int
    state: str
    confidence: float
    root: tuple
    rotations: list
    contacts: dict


class Frame(NamedTuple):
    """Everyone at one moment.

    Attributes:
        seq: number of the frame (in bytes modulo 2^32); some are left out.
        t: when the picture was taken [s], on the clock of the session.
        people: in order of id.
    """

    seq: int
    t: float
    people: tuple


class Hello(NamedTuple):
    """Who is on stage.

    Attributes:
        server: name and version.
        bones: J names, parents before children.
        parents: index of each bone's parent, -1 for the first.
        offsets: J times x, y, z [m]: rest position in the parent, of nobody in particular.
        tips: x, y, z [m] where a bone without a child ends, by index of the bone.
        people: each person's own offsets, by id.
        fps: nominal rate [1/s] of the frames.
        clock: [s] of the session when this was sent.
    """

    server: str
    bones: tuple
    parents: tuple
    offsets: tuple
    tips: dict
    people: dict
    fps: float
    clock: float

    def tips_of(self, person: int) -> dict:
        """Where the ends of bones are for a person: as long as their own bones are."""
        own = self.people.get(person, self.offsets)
        found = {}
        for bone, tip in self.tips.items():
            usual = turns.length(self.offsets[bone])
            share = min(max(turns.length(own[bone]) / usual, 0.1), 10.0) if usual > 1e-6 else 1.0
            found[bone] = tuple(share * value for value in tip)
        return found


def plain(text: str, length: int = 300) -> str:
    """What a server said, fit to be shown in one line."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())
    return words if len(words) <= length else words[: length - 3] + "..."
