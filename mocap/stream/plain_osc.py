"""Everybody as plain OSC, for tools that are no avatars: sound, light, visuals, robots.

Axes as everywhere here: metres, right-handed, +Y up, people at rest face +Z; quaternions x, y,
z, w. In every frame, with PERSON a number and BONE a VRM 1.0 name:

- `/mocap/frame` ,ifi: number of the frame, its time [s], how many people follow;
- `/mocap/PERSON/state` ,sf: tracked, held, lost, or gone (off stage); mean confidence 0 to 1;
- `/mocap/PERSON/root` ,fff: position of the hips in the room;
- `/mocap/PERSON/BONE` ,fffffff: position of the bone in the room, then its rotation in its parent
  from the T-pose; either can be had the other way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mocap.arrays import Array
from mocap.bone_map import BONES
from mocap.errors import InvalidValue
from mocap.motion import Pose
from mocap.skeleton import Skeleton
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.osc import Message, Template, packed
from mocap.stream.pace import Pace

FRAMES = ("global", "local")
MOST_MESSAGES = 64  # in a bundle; its size holds fewer
GONE = "gone"


@dataclass(frozen=True)
class OscSettings:
    """What plain OSC tells.

    Attributes:
        person: of whom, by id; None is everybody.
        bones: those sent.
        positions: global, or local: in the parent.
        rotations: local, or global: from the T-pose.
        every: one frame of so many is sent.
        rate: [1/s] at most.
    """

    person: int | None = None
    bones: frozenset[str] = frozenset(BONES)
    positions: str = "global"
    rotations: str = "local"
    every: int = 1
    rate: float = math.inf

    def __post_init__(self) -> None:
        for name in ("positions", "rotations"):
            if getattr(self, name) not in FRAMES:
                raise InvalidValue(
                    f"{name}: expected {' or '.join(FRAMES)}, got {getattr(self, name)!r}"
                )
        if not self.bones:
            raise InvalidValue("bones: expected at least one to send")
        Pace(self.every, self.rate)  # knows its own limits


class OscEncoder:
    """Frames to datagrams."""

    def __init__(self, settings: OscSettings | None = None) -> None:
        self.settings = settings or OscSettings()
        self._pace = Pace(self.settings.every, self.settings.rate)
        self.reset()

    def reset(self) -> None:
        """Forget everybody."""
        self._pace.reset()
        self._cast = Cast()

    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people."""
        self._cast = cast

    def encode(self, frame: LiveFrame) -> list[bytes]:
        """The datagrams of a frame, in the order to send them; none if it is to be left out."""
        if not self._pace.due(frame.t):
            return []
        wanted = self._wanted()
        here = {p.id: p.pose for p in frame.people if p.id in wanted}
        head = (frame.seq % 2**31, float(frame.t), len(here))
        datagrams = [Message("/mocap/frame", "ifi", head).encoded()]
        for person, skeleton in wanted.items():
            pose = here.get(person)
            datagrams.append(_state(person, pose))
            if pose is not None:
                datagrams += self._posed(person, skeleton, pose)
        return datagrams

    def farewell(self) -> list[bytes]:
        """What to send last: everybody is gone."""
        return [_state(person, None) for person in self._wanted()]

    def _wanted(self) -> dict[int, Skeleton]:
        one = self.settings.person
        return {i: s for i, s in self._cast.skeletons.items() if one is None or i == one}

    def _posed(self, person: int, skeleton: Skeleton, pose: Pose) -> list[bytes]:
        """Root and bones of somebody."""
        sent = [i for i, name in enumerate(skeleton.names) if name in self.settings.bones]
        rows = self._transforms(skeleton, pose)[sent]
        numbers = np.concatenate([pose.root, rows.ravel()])
        datagrams, at = [], 0
        for template in _templates(person, tuple(skeleton.names[i] for i in sent)):
            following = at + template.floats
            datagrams.append(template.filled(numbers[at:following]))
            at = following
        return datagrams

    def _transforms(self, skeleton: Skeleton, pose: Pose) -> Array:
        """(J, 7) positions and rotations as they are wanted."""
        positions, world = skeleton.fk(pose.root, pose.rotations)
        if self.settings.positions == "local":
            positions = np.concatenate([pose.root[None], skeleton.offsets[1:]])
        rotations = world if self.settings.rotations == "global" else pose.rotations
        return np.concatenate([positions, rotations], axis=1)


def _state(person: int, pose: Pose | None) -> bytes:
    values = (GONE, 0.0)
    if pose is not None:
        values = (pose.state.name.lower(), float(np.mean(pose.confidence)))
    return Message(f"/mocap/{person}/state", "sf", values).encoded()


@lru_cache(maxsize=256)
def _templates(person: int, bones: tuple[str, ...]) -> tuple[Template, ...]:
    """The datagrams of a person, which differ in their numbers alone."""
    root = Message(f"/mocap/{person}/root", "fff", (0.0,) * 3)
    messages = [root] + [Message(f"/mocap/{person}/{bone}", "f" * 7, (0.0,) * 7) for bone in bones]
    return tuple(Template(group, bundled=True) for group in packed(messages, MOST_MESSAGES))
