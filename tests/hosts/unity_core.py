"""The engine-free core of the Unity package, compiled, and what it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import unity_build
from stages import Obedient, playing
from unity_client import Line

from mocap import rotation, skeletons
from mocap.motion import Pose
from mocap.stream.access import Access
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer

BODY = skeletons.humanoid()
PEOPLE = tuple(range(5))
FPS = 60.0
MIRROR_POSITION = np.array([-1.0, 1.0, 1.0])  # to Unity's axes
MIRROR_ROTATION = np.array([1.0, -1.0, -1.0, 1.0])
OSC_JACK = "jp.keijiro.osc-jack@2.0.0"
ENCODINGS = pytest.mark.parametrize("encoding", ["bin", "json"])
REST = np.tile([0.0, 0.0, 0.0, 1.0], (len(BODY), 1))

pytestmark = unity_build.NEEDED


@dataclass(frozen=True)
class Built:
    """What was compiled, all in one folder."""

    core: Path
    client: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The core, against nothing but the base libraries, and the program made of it."""
    folder = tmp_path_factory.mktemp("unity")
    core = unity_build.core(folder)
    client = unity_build.compiled(
        "Client",
        sorted(unity_build.CLIENT.glob("*.cs")),
        folder,
        references=["System", "System.Core", core],
        program=True,
    )
    return Built(core, client)


def pose_at(t: float, person: int) -> Pose:
    """Every joint swings in its own way; nobody is like anybody else."""
    phase = t * (1 + person / 7) + np.arange(3 * len(BODY)).reshape(-1, 3)
    return Pose(
        t=t,
        root=np.array([np.sin(t) - person, 0.9 + 0.01 * person + person % 2, 0.3 * t % 2]),
        rotations=rotation.exp(0.5 * np.sin(phase)),
        confidence=np.full(len(BODY), 0.5),
        contacts={"leftFoot": person % 2 == 0, "rightFoot": True},
    )


class Show:
    """Five people, and a server that shows them.

    Attributes:
        shown: the frames that were made, by their numbers.
    """

    def __init__(self) -> None:
        self.shown: dict[int, LiveFrame] = {}
        self.control = Obedient()

    def frame(self, seq: int, t: float) -> LiveFrame:
        made = LiveFrame(seq, t, tuple(LivePerson(i, pose_at(t, i)) for i in PEOPLE))
        self.shown[seq] = made
        return made

    @contextmanager
    def on(self, port: int = 0, fps: float = FPS, access: Access | None = None) -> Iterator[int]:
        """A server for the time of the block; its port."""
        with (
            WebSocketServer(self.control, port=port, access=access) as server,
            playing(server, self.control, fps, self.frame),
        ):
            server.open(Cast(dict.fromkeys(PEOPLE, BODY), fps=fps))
            yield server.port

    @property
    def newest(self) -> int:
        return max(self.shown, default=0)


def together(people: list[Any]) -> list[Line]:
    return sorted(people, key=lambda person: person["id"])


def is_shown(line: Line, frame: LiveFrame) -> None:
    """A line of the client is this frame, in Unity's axes."""
    assert line["t"] == pytest.approx(frame.t, abs=2e-6)
    assert [person["id"] for person in line["people"]] == [p.id for p in frame.people]
    for told, person in zip(line["people"], frame.people, strict=True):
        assert told["state"] == "Tracked"
        np.testing.assert_allclose(told["root"], person.pose.root * MIRROR_POSITION, atol=1e-5)
        wanted = person.pose.rotations * MIRROR_ROTATION
        found = np.array(told["rotations"])
        found *= np.sign((found * wanted).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def in_order(frames: list[Line]) -> bool:
    numbers = [(line["session"], line["seq"]) for line in frames]
    return numbers == sorted(set(numbers))
