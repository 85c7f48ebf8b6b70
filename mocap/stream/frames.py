"""What is streamed: who is on stage, and their poses at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mocap import skeletons
from mocap.errors import InvalidValue
from mocap.motion import Pose
from mocap.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Cast:
    """Who is on stage: the skeletons of everyone, of the same bones in the same order.

    Attributes:
        skeletons: by person id; they differ in lengths alone.
        fps: nominal rate [1/s] of the frames to come.
    """

    skeletons: Mapping[int, Skeleton] = field(default_factory=dict)
    fps: float = 30.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "skeletons", dict(sorted(self.skeletons.items())))
        if not 0 < self.fps <= 1000:
            raise InvalidValue(f"fps: expected a rate from 0 to 1000, got {self.fps}")
        bones = {(s.names, tuple(s.parents.tolist())) for s in self.skeletons.values()}
        if len(bones) > 1:
            raise InvalidValue("cast: expected skeletons of the same bones, got several kinds")

    @property
    def skeleton(self) -> Skeleton:
        """That of the first person; the canonical one as long as nobody is there."""
        return next(iter(self.skeletons.values()), None) or skeletons.humanoid()


@dataclass(frozen=True, eq=False)
class LivePerson:
    """One person of a frame.

    Attributes:
        id: stable id, one of the cast.
        pose: local rotations in the order of the cast's bones.
    """

    id: int
    pose: Pose


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """Everyone at one moment.

    Attributes:
        seq: number of the frame, increasing; numbers may be left out.
        t: capture time [s] on the session's clock, increasing.
        people: in order of id; those of the cast who are on stage now.
    """

    seq: int
    t: float
    people: tuple[LivePerson, ...]

    def __post_init__(self) -> None:
        ids = [person.id for person in self.people]
        if ids != sorted(set(ids)):
            raise InvalidValue(f"frame: expected people in order of id, each once, got {ids}")
