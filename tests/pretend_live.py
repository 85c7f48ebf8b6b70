"""A live session that only pretends: people made of mathematics walk about, and what it is asked
to do is remembered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from synthetic import SIZE, seen
from walkers import walk

from mocap.errors import Refused
from mocap.frame import Frame
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks
from mocap.motion import Motion
from mocap.stream.commands import Calibrate, Command, Control, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson

FPS = 30.0


def strolling(seconds: float = 8.0, x: float = 0.0, phase: float = 0.0) -> Motion:
    """Someone who faces the viewer and walks up and down."""
    times = np.arange(round(seconds * FPS)) / FPS
    turns = 2 * np.pi * (times / seconds * 2 + phase)
    walker = walk(times, 0.5 * np.sin(turns))
    contacts = {"leftFoot": walker.stands[:, 0], "rightFoot": walker.stands[:, 1]}
    motion = walker.motion
    return Motion(
        motion.skeleton,
        times,
        motion.root + [x, 0.0, 0.0],
        motion.rotations,
        contacts=contacts,
    )


@dataclass(frozen=True, eq=False)
class Pictured:
    """A picture and who was found in it."""

    frame: Frame
    people: tuple[Landmarks, ...]


class PretendSession(Control):
    """Obeys, and says so.

    Attributes:
        asked: every command so far but those for the list of takes.
        refuse: why everything is refused, None while nothing is.
        takes: what a list of takes says.
    """

    def __init__(self, motions: Sequence[Motion] | None = None) -> None:
        self.motions = list(motions or [strolling()])
        self.cast = Cast({i: m.skeleton for i, m in enumerate(self.motions)}, FPS)
        self.asked: list[Command] = []
        self.refuse: str | None = None
        self.takes: list[dict[str, Any]] = []
        self.options: dict[str, Any] = {
            "smoothing": True, "look_ahead": 3, "people": 0, "height": None, "filter": "none",
        }  # fmt: skip
        self.recording: str | None = None
        self._begin = time.monotonic()
        self._tracks = [seen(m) for m in self.motions]

    def clock(self) -> float:
        return time.monotonic() - self._begin

    def obey(self, command: Command) -> dict[str, Any]:
        if isinstance(command, ListTakes):
            return {"takes": self.takes}
        self.asked.append(command)
        if self.refuse is not None:
            raise Refused(self.refuse)
        if isinstance(command, Record):
            self.recording = command.name or "take_1"
            return {"take": self.recording}
        if isinstance(command, Stop):
            name, self.recording = self.recording, None
            return {"take": name, "seconds": 4.25, "frames": 127, "file": f"{name}.jsonl"}
        if isinstance(command, Calibrate):
            return {"delay": command.delay}
        assert isinstance(command, Set)
        self.options[command.option] = command.value
        return {"option": command.option, "value": command.value}

    def status(self) -> dict[str, Any]:
        recording = {"name": self.recording, "seconds": 4.25, "frames": 127}
        return {
            "state": "running",
            "source": "two_people.mp4",
            "estimator": "MediaPipe Pose full",
            "device": "CPU",
            "fps": 29.8,
            "source_fps": 30.0,
            "latency": {"read": 2.1, "estimate": 26.4, "solve": 6.3, "total": 35.2},
            "people": list(self.cast.skeletons),
            "dropped": 3,
            "recording": recording if self.recording else None,
            "options": dict(self.options),
            "clients": 1,
            "notes": [],
        }

    def frame(self, seq: int) -> LiveFrame:
        """Frame number `seq`, from the beginning again when the motions end."""
        t = seq / FPS
        poses = [replace(m.pose(seq % len(m)), t=t) for m in self.motions]
        return LiveFrame(seq, t, tuple(LivePerson(i, pose) for i, pose in enumerate(poses)))

    def pictured(self, seq: int) -> Pictured:
        """The picture of frame `seq`."""
        image = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
        people = []
        for i, track in enumerate(self._tracks):
            k = seq % len(track)
            assert track.world is not None
            people.append(
                Landmarks(
                    MEDIAPIPE_POSE, track.image[k], track.world[k], track.confidence[k], person=i
                )
            )
        return Pictured(Frame(seq / FPS, image), tuple(people))
