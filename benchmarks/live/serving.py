"""Servers in a process of their own: one of frames made beforehand, and a whole live session."""

from __future__ import annotations

import tempfile
import time
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.live.beside import used, wanted
from benchmarks.live.material import Played, Remembering, Ticking, ticks
from mocap.errors import Refused
from mocap.landmarks import LandmarkTrack
from mocap.live import LiveSettings
from mocap.live.capturing import Capturing
from mocap.live.stage import StageSettings
from mocap.stream.commands import Command
from mocap.stream.frames import LiveFrame
from mocap.stream.server import WebSocketServer
from mocap.takes.folder import TakeFolder


class Clockwork:
    """A session that has a clock, and obeys nobody."""

    def clock(self) -> float:
        return time.perf_counter()

    def obey(self, command: Command) -> dict[str, Any]:
        raise Refused("this only measures")

    def status(self) -> dict[str, Any]:
        return {"state": "running", "people": [0], "notes": [], "recording": None}


def frames(pipe: Connection, played: Played, people: int, fps: float) -> None:
    """Stream poses over and over; says port and clock, then what it has used whenever asked."""
    control = Clockwork()
    moments = played.people(people)
    with WebSocketServer(control, port=0) as server:
        server.open(played.cast(people, fps))
        pipe.send({"port": server.port, "zero": 0.0})
        for seq, _ in enumerate(ticks(fps), 1):
            server.write(LiveFrame(seq, control.clock(), moments[seq % len(moments)]))
            question = wanted(pipe)
            if question is None:
                return
            if question:
                pipe.send(used(seq))


def session(pipe: Connection, track: LandmarkTrack, fps: float, look_ahead: int) -> None:
    """Capture from recorded landmarks; says port and clock, then what it has used whenever asked.

    Only the model is missing of `mocap live`: pictures come and are stamped, people are told
    apart, solved and sent, each in the threads that do it there.
    """
    with tempfile.TemporaryDirectory() as folder:
        live = Capturing(
            lambda _: Ticking(track.size, fps),
            lambda *_: Remembering(track),
            LiveSettings(StageSettings(people=1, look_ahead=look_ahead)),
            TakeFolder(folder),
        )
        with live:
            server = WebSocketServer(live, port=0)
            live.add(server)
            live.start()
            pipe.send({"port": server.port, "zero": time.perf_counter() - live.clock()})
            while (question := wanted(pipe, None)) is not None:
                if question:
                    pipe.send(used(server.frames, live.status()["latency"]["solve"]))
