"""A take: what was captured of everyone, before and after the solve, on one time line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion


@dataclass(frozen=True, eq=False)
class Person:
    """One person of a take.

    Attributes:
        id: stable id.
        motion: the solved motion, None if the take was never solved.
        landmarks: what the estimator saw, None for motion that came from a file without it.
    """

    id: int
    motion: Motion | None = None
    landmarks: LandmarkTrack | None = None

    def __post_init__(self) -> None:
        if self.motion is None and self.landmarks is None:
            raise InvalidValue(f"person {self.id}: expected a motion, landmarks or both, got none")


@dataclass(frozen=True, eq=False)
class Take:
    """People captured together.

    Attributes:
        people: in order of id, each id once.
        made: how the take was made (source, estimator and its licence, camera, settings), plain
            JSON values.
    """

    people: tuple[Person, ...]
    made: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = [p.id for p in self.people]
        if len(set(ids)) != len(ids):
            raise InvalidValue(f"take: every person id must be used once, got {ids}")

    def person(self, id: int) -> Person:
        """A person by id. Raises InvalidValue, naming the ids there are."""
        for person in self.people:
            if person.id == id:
                return person
        raise InvalidValue(f"no person {id} in the take; there are {[p.id for p in self.people]}")
