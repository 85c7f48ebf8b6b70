"""How one VMC receiver is sent one person."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mocap.bone_map import BODY, BONES, REQUIRED
from mocap.errors import InvalidValue
from mocap.stream.pace import Pace

TRAVELS = ("hips", "root")
MOST_BONES = 16  # in a bundle: 88 bytes each at most, so that 1,472 hold them
# Unity builds no avatar without these (docs.unity3d.com, HumanTrait.RequiredBone)
OF_EVERY_AVATAR = frozenset({*REQUIRED, "spine", "head"})
OPTIONAL = frozenset(BONES) - OF_EVERY_AVATAR


@dataclass(frozen=True)
class VmcSettings:
    """How one VMC receiver is sent one person.

    Attributes:
        person: whom, by id; None is the first who is seen, and somebody else once that one left.
        travel: what carries the way through the room: the hips, or the root, which leaves the
            hips at their height of rest.
        yaw: [degrees] the person is turned by, to their left.
        bones: those sent. The rotation of one that is left out goes to its children.
        without: bones that the avatar has not; so does theirs, and their length, too.
        scale: of all positions, for an avatar of another size.
        every: one frame of so many is sent.
        rate: [1/s] at most.
        ok: integers in /VMC/Ext/OK, 1 (loaded), 3 (and how calibrated), or 4 (and how tracked).
        bundle: bones in a bundle; 0 sends every message by itself.
        face: whether the face is sent at rest, which takes it from whoever else moves it.
    """

    person: int | None = None
    travel: str = "hips"
    yaw: float = 0.0
    bones: frozenset[str] = frozenset(BONES)
    without: frozenset[str] = frozenset()
    scale: float = 1.0
    every: int = 1
    rate: float = math.inf
    ok: int = 4
    bundle: int = MOST_BONES
    face: bool = False

    def __post_init__(self) -> None:
        if self.travel not in TRAVELS:
            raise InvalidValue(f"travel: expected {' or '.join(TRAVELS)}, got {self.travel!r}")
        if not math.isfinite(self.yaw):
            raise InvalidValue(f"yaw: expected degrees, got {self.yaw}")
        if not 0.01 <= self.scale <= 100:
            raise InvalidValue(f"scale: expected 0.01 to 100, got {self.scale}")
        Pace(self.every, self.rate)  # knows its own limits
        if self.ok not in (1, 3, 4):
            raise InvalidValue(f"ok: expected 1, 3 or 4 integers, got {self.ok}")
        if not 0 <= self.bundle <= MOST_BONES:
            raise InvalidValue(f"bundle: expected 0 to {MOST_BONES} bones, got {self.bundle}")
        if unknown := sorted((self.bones | self.without) - set(BONES)):
            raise InvalidValue(f"bones: {', '.join(unknown)} are not of a human")
        if wrong := sorted(self.without - OPTIONAL):
            raise InvalidValue(
                f"without: every avatar has {', '.join(wrong)}; it can be without "
                f"{', '.join(b for b in BODY if b in OPTIONAL)}, eyes, jaw and fingers; "
                "`bones` leaves out any"
            )
        if not self.bones - self.without:
            raise InvalidValue("bones: expected at least one to send")
