"""The golden people on a stage that a real server shows, for hosts whose ticks are called by hand.

Frames are written between two ticks, so that nothing hangs on how fast either side is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import protocol_cases
import pytest
from stages import Obedient
from waiting import PATIENCE

from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.server import WebSocketServer

GOLDEN_CAST = protocol_cases.casts()["hello_two.json"]
GOLDEN = protocol_cases.frames()["frame_two"][1]


class Stage:
    """A server that shows one pose again and again.

    Attributes:
        server: of it.
        session: what obeys its commands.
        frame: whose people are shown.
        seq: number of the last frame.
    """

    def __init__(self, server: WebSocketServer, session: Obedient, cast: Cast = GOLDEN_CAST):
        self.server, self.session = server, session
        self.frame = GOLDEN
        self.seq = 0
        server.open(cast)

    def play(self) -> None:
        """Write another frame."""
        self.seq += 1
        self.server.write(LiveFrame(self.seq, self.session.clock(), self.frame.people))


@pytest.fixture
def stage(session: Obedient) -> Iterator[Stage]:
    with WebSocketServer(session, port=0) as server:
        yield Stage(server, session)


class Ticking(Protocol):
    """The live connection of a host."""

    def tick(self) -> object: ...
    def state(self) -> Any: ...


def ticked_until(
    live: Ticking, condition: Callable[[], object], stage: Stage | None = None
) -> None:
    """Tick until something is so, while the stage goes on."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it never came to be: {live.state()}"
        if stage is not None:
            stage.play()
        live.tick()
        time.sleep(0.003)
