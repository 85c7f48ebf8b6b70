"""Hours of streaming and recording at speed: whether memory grows."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.live import readers
from benchmarks.live.beside import Beside, memory
from benchmarks.live.delivery import NONE_MB
from benchmarks.live.rows import Row
from benchmarks.live.serving import Clockwork
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, LandmarkTrack
from mocap.live.stage import Stage
from mocap.stream.server import WebSocketServer
from mocap.takes.recorder import Recorder

FPS = 30.0
DAY = 8 * 3600 * FPS  # frames of a day at work
LOOKS = 200  # at the memory, in all
# [s] that guests are there, and that nobody is in their place: so many come in the first half
# that all are there whose bodies the stage remembers
STAYS, AWAY = 8.0, 4.0
WAITING = 100  # frames that the recorder may be behind: at speed, the disk sets the pace


class Simulated(Clockwork):
    """A session whose time is that of its frames."""

    def __init__(self) -> None:
        self.t = 0.0

    def clock(self) -> float:
        return self.t


def visitors(track: LandmarkTrack, frames: int) -> Iterator[tuple[float, list[Landmarks]]]:
    """Somebody who is always there, and guests beside who come and go, each to another place."""
    assert track.world is not None
    width = track.size[0]
    order = [*range(len(track)), *range(len(track) - 2, 0, -1)]
    for frame in range(frames):
        t = frame / FPS
        round_, since = divmod(t, STAYS + AWAY)
        places = [0.0]
        if since < STAYS:
            places.append(width * (0.8 + 0.1 * (round_ % 5)))
        found = []
        for person, place in enumerate(places):
            i = order[(frame + 37 * person) % len(order)]
            image = track.image[i] + np.array([place, 0.0])
            found.append(Landmarks(MEDIAPIPE_POSE, image, track.world[i], track.confidence[i]))
        yield t, found


def run(pipe: Connection, track: LandmarkTrack, frames: int) -> None:
    """Stage, server and recorder in one process; says its port, then what it came to."""
    control = Simulated()
    looks: list[float] = []
    ids: set[int] = set()
    with tempfile.TemporaryDirectory() as folder, WebSocketServer(control, port=0) as server:
        path = Path(folder) / "soak.jsonl"
        recorder = Recorder(
            path, name="soak", note="", made={}, layout=track.layout, size=track.size,
            started=datetime.now(timezone.utc), clock=0.0,
        )  # fmt: skip
        stage = Stage(Camera.from_fov(track.size), fps=FPS)
        pipe.send({"port": server.port, "zero": 0.0})
        pipe.recv()  # somebody listens
        written = 0
        for number, (t, people) in enumerate(visitors(track, frames)):
            control.t = t
            step = stage.step(t, people)
            ids.update(step.appeared)
            if step.cast is not None:
                recorder.open(step.cast)
                server.open(step.cast)
            recorder.saw(step.observation)
            if step.frame is not None:
                recorder.write(step.frame)
                server.write(step.frame)
                written += 1
            while written - recorder.frames > WAITING and recorder.failed is None:
                time.sleep(1e-3)
            if number % max(frames // LOOKS, 1) == 0:
                gc.collect()  # what only waits to be collected is no growth
                looks.append(memory())
        recorder.close()
        said: dict[str, Any] = {
            "memory": looks,
            "people": len(ids),
            "frames": recorder.frames,
            "sent": server.frames,
            "failed": recorder.failed,
            "file_mb": path.stat().st_size / 2**20,
        }
        pipe.send(said)
        pipe.poll(None)  # the end


def growth(looks: list[float]) -> float:
    """[MB] from the first quarter of the second half to its last, so that a breath is no growth."""
    half = np.array(looks[len(looks) // 2 :])
    quarter = max(len(half) // 4, 1)
    return float(np.median(half[-quarter:]) - np.median(half[:quarter]))


def measure(track: LandmarkTrack, frames: int, patience: float = 4 * 3600.0) -> list[Row]:
    """As many frames at 30 fps through stage, server and recorder as fast as they go, with one
    client."""
    begin = time.perf_counter()
    with (
        Beside(run, track, frames) as soaks,
        Beside(readers.own, soaks.said["port"], 0.0) as listens,
    ):
        soaks.tell("go")
        said = soaks.hear(patience)
        (got,) = listens.ask("got")
    if said["failed"] is not None:
        raise RuntimeError(said["failed"])
    took = time.perf_counter() - begin
    return [
        Row("growth of memory over the second half", growth(said["memory"]), "MB", NONE_MB),
        Row("memory at the end", said["memory"][-1], "MB"),
        Row("frames", said["frames"], ""),
        Row("of 8 hours", 100 * frames / DAY, "%"),
        Row("times as fast as it would happen", frames / FPS / took, ""),
        Row("people who came on stage", said["people"], ""),
        Row("frames that the client got", len(got.seqs), ""),
        Row("recorded", said["file_mb"], "MB"),
    ]
