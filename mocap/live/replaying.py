"""Live from a recorded take: what was streamed then is streamed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mocap.errors import InvalidValue
from mocap.live.clock import FrameClock, PlayedClock
from mocap.live.session import Say, Session
from mocap.live.settings import LiveSettings
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.takes.folder import TakeFolder
from mocap.takes.replay import replay


class Replaying(Session):
    """A take played at the pace at which it was recorded.

    Poses and times are those that were recorded, bit for bit; where it loops, times and numbers
    of frames go on growing.

    Args:
        path: of the take.
        settings: whether to loop, and to keep pace.
        takes: where recordings are.
        say: hears of everything that people should know.

    Raises:
        InvalidValue: an option that needs pictures.
    """

    def __init__(
        self, path: Path, settings: LiveSettings, takes: TakeFolder, say: Say = lambda *_: None
    ) -> None:
        for option in ("fov", "camera", "model", "fps", "size"):
            if getattr(settings, option) is not None:
                raise InvalidValue(
                    f"{option}: works on pictures, and {path.name} is a recorded take; "
                    "mocap solve solves it again"
                )
        super().__init__(takes, say, FrameClock() if settings.every_frame else PlayedClock())
        self.source = path.name
        self._path, self._settings = path, settings

    def facts(self) -> list[tuple[str, str]]:
        return [("source", f"{self.source}, a recorded take")]

    def _run(self) -> None:
        shift, count = 0.0, 0  # of the rounds before
        while True:
            first: LiveFrame | None = None
            last: LiveFrame | None = None
            step = 1 / 30
            for event in replay(self._path):
                if self._closing.is_set():
                    return
                if isinstance(event, Cast):
                    step = 1 / event.fps
                    self.outlets.open(event)
                elif isinstance(event, LiveFrame):
                    first, last = first or event, event
                    frame = moved(event, shift, count) if count else event
                    self._wait_for(self._clock.saw(frame.t))
                    self.write(frame)
            if not self._settings.loop or first is None or last is None:
                return
            shift += last.t - first.t + step
            count += last.seq - first.seq + 1

    def _wait_for(self, t: float) -> None:
        """Wait until it is time, or the session ends."""
        self._closing.wait(max(0.0, t - self.clock()))


def moved(frame: LiveFrame, shift: float, count: int) -> LiveFrame:
    """The frame so many seconds and numbers later."""
    people = tuple(LivePerson(p.id, replace(p.pose, t=p.pose.t + shift)) for p in frame.people)
    return LiveFrame(frame.seq + count, frame.t + shift, people)
