"""The one clock of a live session, and where on it a frame was captured.

Sources count their own seconds: a camera from its first picture, a stream as its sender does.
A frame that arrives sooner than any before it tells best how the two clocks lie, since no frame
arrives before it was captured. The clock of the system may be set while this runs; it is not
asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from mocap.frame import Frame
from mocap.sources import Source

# How much faster or slower than ours the clock of a sender may run: quartz is good to 1e-4.
DRIFT = 2e-4
# [s] late, after which a source must have been silent, and counts on as if no time had passed.
SILENT = 1.0
# [s] between two frames at least, where a correction would bring one before the other.
STEP = 1e-4


class SessionClock:
    """Seconds since the session began.

    `saw` is called by one thread alone, the one that reads; `now` by any.

    Args:
        monotonic: [s] a clock that is never set. Not `time.monotonic`, which on Windows ticks
            64 times a second.
    """

    def __init__(self, monotonic: Callable[[], float] = time.perf_counter) -> None:
        self._monotonic = monotonic
        self._start = monotonic()
        self._shift: float | None = None  # [s] from times of the source to those of the session
        self._seen = 0.0  # [s] when the last frame was read
        self._last = -STEP  # [s] and when it was captured

    def now(self) -> float:
        """[s] since the session began; it never goes back."""
        return self._monotonic() - self._start

    def saw(self, t: float) -> float:
        """Capture time [s] on this clock, strictly increasing, of the frame just read.

        Args:
            t: capture time [s] on the clock of its source, increasing.

        The shift between the clocks is the least delay seen, and yields as slowly as clocks
        drift: frames that come late one by one stay late, and a sender whose clock runs slower
        than ours does not fall behind over hours. A source that was silent may count on as if no
        time had passed: its first frame is taken for new.
        """
        now = self.now()
        if self._shift is None or now - t - self._shift > SILENT:
            self._shift = now - t
        else:
            self._shift = min(self._shift + DRIFT * (now - self._seen), now - t)
        self._seen = now
        self._last = max(t + self._shift, self._last + STEP)
        return self._last

    def reset(self) -> None:
        """The next frame is of another source, with a clock of its own."""
        self._shift = None


class FrameClock(SessionClock):
    """The clock of a file that is worked through frame by frame, however long each takes: it
    shows the time of the newest frame."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)
        self._shown = 0.0

    def now(self) -> float:
        return self._shown

    def saw(self, t: float) -> float:
        self._shown = t
        return t


class Stamped(Source):
    """A source whose frames carry their capture time on the clock of a session.

    The time is taken as soon as a frame is read, so this is to be iterated where it is read.

    Args:
        source: closed together with this.
        clock: of the session.
    """

    def __init__(self, source: Source, clock: SessionClock) -> None:
        self.name, self.size, self.fps = source.name, source.size, source.fps
        self.frame_count, self.live = source.frame_count, source.live
        self.focal_35mm = source.focal_35mm
        self._source, self._clock = source, clock

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._source:
            yield Frame(self._clock.saw(frame.t), frame.image)

    def close(self) -> None:
        self._source.close()


class PlayedClock(SessionClock):
    """The clock of a recorded take that is played: it shows the times that were recorded."""

    def __init__(self, monotonic: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(monotonic)
        self._ahead: float | None = None

    def now(self) -> float:
        return super().now() + (self._ahead or 0.0)

    def saw(self, t: float) -> float:
        """The recorded time itself; the first sets the clock."""
        if self._ahead is None:
            self._ahead = t - super().now()
        return t
