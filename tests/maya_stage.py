"""A live session of the Maya module on a stage: a server that plays when it is told, and ticks."""

from __future__ import annotations

import time
from collections.abc import Callable

import maya_fake  # noqa: F401  puts the module where Python finds it
import protocol_cases
from mocap_bridge_maya.live import Session
from stages import Obedient

from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.server import WebSocketServer

PATIENCE = 30.0  # [s] until a test gives up on something that should come soon
GOLDEN_CAST = protocol_cases.casts()["hello_two.json"]
GOLDEN = protocol_cases.frames()["frame_two"][1]


class Clock:
    """Time that goes on with the real one, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.perf_counter() + self.ahead


class Stage:
    """A server that shows one pose again and again.

    Attributes:
        frame: whose people are shown.
        seq: number of the last frame.
        shown: time of each frame, by number.
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


def ticked_until(
    live: Session, condition: Callable[[], object], stage: Stage | None = None
) -> None:
    """Tick until something is so, while the stage goes on."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it never came to be: {live.state()}"
        if stage is not None:
            stage.play()
        live.tick()
        time.sleep(0.003)


def ticked(live: Session, stage: Stage, frames: int = 3) -> None:
    """Tick until so many more frames came."""
    assert live.client is not None
    before = live.client.received
    client = live.client
    ticked_until(live, lambda: client.received >= before + frames, stage)
