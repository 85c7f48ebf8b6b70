"""A stage with one pretended person, and a session that obeys: what servers are tried with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mocap import rotation, skeletons
from mocap.errors import Refused
from mocap.motion import Pose
from mocap.stream.commands import Calibrate, Command, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.sink import Sink
from mocap.threads import Worker

CAST = Cast({0: skeletons.humanoid()}, fps=100.0)


class Obedient:
    """A session that records, stops and refuses, and does nothing else.

    Attributes:
        told: the commands that came.
    """

    def __init__(self) -> None:
        self.told: list[Command] = []
        self._born = time.perf_counter() - 1000.0

    def clock(self) -> float:
        return time.perf_counter() - self._born

    def obey(self, command: Command) -> dict[str, Any]:
        self.told.append(command)
        match command:
            case Record(name="full"):
                raise Refused("the disk is full")
            case Record(name):
                return {"take": name or "take1"}
            case Stop():
                return {"take": "take1", "seconds": 1.5, "frames": 45, "file": "take1.jsonl"}
            case Calibrate(_, delay):
                return {"delay": delay}
            case Set(option, value):
                return {"option": option, "value": value}
            case ListTakes():
                return {"takes": [{"name": "take1", "seconds": 1.5}]}
        raise AssertionError(command)

    def status(self) -> dict[str, Any]:
        return {"state": "running", "people": [0], "notes": [], "recording": None}


def frame_of(seq: int, t: float, ids: tuple[int, ...] = (0,)) -> LiveFrame:
    """Frame `seq`, in which everyone's hips are so many mm high, up to 1 m; they face +X."""
    body = CAST.skeleton
    rotations = rotation.identity(len(body))
    rotations[0] = rotation.axis_angle([0.0, 1.0, 0.0], np.radians(90))
    pose = Pose(
        t=t,
        root=np.array([0.25, seq % 1000 / 1000, -0.5]),
        rotations=rotations,
        confidence=np.full(len(body), 0.5),
        contacts={"leftFoot": True, "rightFoot": False},
    )
    return LiveFrame(seq, t, tuple(LivePerson(i, pose) for i in ids))


@contextmanager
def playing(
    sink: Sink,
    control: Obedient,
    fps: float = 100.0,
    frame: Callable[[int, float], LiveFrame] = frame_of,
) -> Iterator[None]:
    """Frames go to a sink until the end of the block; `frame` makes that of a number and time."""
    over = threading.Event()

    def play() -> None:
        seq = 0
        while not over.wait(1 / fps):
            seq += 1
            sink.write(frame(seq, control.clock()))

    sink.open(CAST)
    worker = Worker("player", play)
    try:
        yield
    finally:
        over.set()
        worker.join()
        assert worker.error is None
