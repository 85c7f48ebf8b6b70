"""What every live session has: a clock, outlets for its frames, commands, and things to tell."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from exporters.journal_lines import utc_text
from mocap.closing import Closing
from mocap.errors import MocapError, Refused
from mocap.frame import Frame
from mocap.landmarks import Landmarks
from mocap.live.clock import SessionClock
from mocap.live.gauges import Gauge
from mocap.live.outlets import Outlets
from mocap.stream.commands import Calibrate, Command, ListTakes, Record, Set, Stop
from mocap.stream.frames import LiveFrame
from mocap.stream.sink import Sink
from mocap.takes.folder import TakeFolder, TakeInfo
from mocap.threads import Mailbox, Worker


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture and who was found in it.

    Attributes:
        frame: the picture.
        people: their landmarks; of those on stage, with stable ids.
    """

    frame: Frame
    people: tuple[Landmarks, ...]


REMEMBERED = 8  # of the things told lately
PATIENCE = 5.0  # [s] for a thread to end

Say = Callable[[str, bool], None]  # what people should know, and whether it is a problem


class Session(Closing):
    """Frames come from somewhere, and go to every sink at once.

    Args:
        takes: where recordings are.
        say: hears of everything that people should know.
        clock: that the times of frames are of.

    Attributes:
        outlets: where frames go.
        takes: where recordings are.
        ended: set when nothing more will come.
        failure: what it ended with against its will, None otherwise.
        picture: the newest picture while somebody looks; None where there are none.
    """

    picture: Mailbox[Seen] | None = None

    source = ""
    estimator = ""
    device = ""

    def __init__(
        self, takes: TakeFolder, say: Say = lambda *_: None, clock: SessionClock | None = None
    ) -> None:
        self.takes = takes
        self.ended = threading.Event()
        self.failure: MocapError | None = None
        self.outlets = Outlets(self.complain)
        self._say = say
        self._clock = clock or SessionClock()
        self._notes: deque[str] = deque(maxlen=REMEMBERED)
        self._closing = threading.Event()
        self._workers: list[Worker] = []
        self._running = False
        self._written = Gauge()  # [s] age of poses as they are written
        self._ids: list[int] = []

    def add(self, sink: Sink) -> None:
        """Send frames to a sink too, which is closed together with this."""
        self.outlets.add(sink)

    def start(self) -> None:
        """Let frames flow."""
        self._running = True
        self._workers.append(Worker("live", self._guarded))

    def _guarded(self) -> None:
        try:
            self._run()
        except MocapError as error:
            self.failure = error
            self.complain(str(error))
        finally:
            self._running = False
            self.ended.set()

    @abstractmethod
    def _run(self) -> None:
        """Bring frames until there are no more, or `self._closing` is set."""

    def close(self) -> None:
        """End, with everything that frames went to."""
        self._closing.set()
        for worker in self._workers:
            worker.join(PATIENCE)
        self.outlets.close()

    def write(self, frame: LiveFrame) -> None:
        """Send a frame everywhere."""
        self.outlets.write(frame)
        now = self.clock()
        self._written.add(now, now - frame.t)
        self._ids = [person.id for person in frame.people]

    def look(self, wanted: bool) -> None:
        """Say whether anybody looks at the pictures."""

    def clock(self) -> float:
        return self._clock.now()

    def tell(self, message: str) -> None:
        """Let people know something."""
        self._notes.append(message)
        self._say(message, False)
        self.outlets.tell({"type": "note", "message": message})

    def complain(self, message: str) -> None:
        """Let people know that something went wrong."""
        self._notes.append(message)
        self._say(message, True)
        self.outlets.tell({"type": "error", "message": message})

    def obey(self, command: Command) -> dict[str, Any]:
        if isinstance(command, ListTakes):
            return {"takes": [told(take) for take in self.takes.list()]}
        if self.ended.is_set():
            raise Refused("the session has ended")
        if isinstance(command, Record):
            return self._record(command)
        if isinstance(command, Stop):
            return self._stop()
        if isinstance(command, Calibrate):
            return self._calibrate(command)
        return self._set(command)

    def _record(self, command: Record) -> dict[str, Any]:
        raise Refused("record: a recorded take is being played; there is nothing to record")

    def _stop(self) -> dict[str, Any]:
        raise Refused("stop: nothing is being recorded")

    def _calibrate(self, command: Calibrate) -> dict[str, Any]:
        raise Refused("calibrate: a recorded take is being played; there is nobody to look at")

    def _set(self, command: Set) -> dict[str, Any]:
        raise Refused(f"set: a recorded take is being played; its {command.option} is what it is")

    def status(self) -> dict[str, Any]:
        """How the session is doing, as the protocol tells it."""
        return {
            "state": self.state,
            "source": self.source,
            "estimator": self.estimator,
            "device": self.device,
            "fps": round(self._written.rate(self.clock()), 1),
            "source_fps": None,
            "latency": {"total": milliseconds(self._written)},
            "people": self._ids,
            "clients": self.outlets.receivers,
            "dropped": 0,
            "recording": None,
            "options": {},
            "notes": list(self._notes),
        }

    def facts(self) -> list[tuple[str, str]]:
        """What is really in use: kind and name of each."""
        return [("source", self.source)]

    @property
    def state(self) -> str:
        """starting, running, waiting or ended."""
        if self.ended.is_set():
            return "ended"
        return "running" if self._written.rate(self.clock()) else "starting"


def told(take: TakeInfo) -> dict[str, Any]:
    """What a list of takes says of one, as the protocol tells it."""
    return {**asdict(take), "started": utc_text(take.started), "seconds": round(take.seconds, 3)}


def milliseconds(gauge: Gauge) -> float | None:
    """What a gauge of seconds measured lately."""
    return None if gauge.middle is None else round(gauge.middle * 1000, 1)
