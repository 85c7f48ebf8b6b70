"""A file played as if it were a camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from mocap.frame import Frame
from mocap.sources.base import Source
from mocap.sources.reading import Reading

# [s] within which leaving frames out must catch up: a film that decodes more slowly than it plays
# is played slowly, rather than never.
CATCH_UP = 0.5
PACE_SHARE = 0.2  # of the newest frame in the running mean of what a frame takes to decode


class Paced(Source):
    """Gives each frame of a file when its time has come, 0 being that of the first.

    Frames that come late by more than one step are left out. Where that would not catch up, the
    rest is played later: t is always about the time passed since the first frame.
    """

    live = True
    frame_count = None

    def __init__(
        self,
        source: Source,
        *,
        loop: bool = False,
        now: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """
        Args:
            source: a file; closed together with this.
            loop: begin anew at the end, again and again.
            now: monotonic clock [s].
            sleep: waits so many seconds; None waits until this is closed, if that comes first.
        """
        self.name = source.name
        self.size = source.size
        self.fps = source.fps
        self.focal_35mm = source.focal_35mm
        self._source = source
        self._loop = loop
        self._now = now
        self._reading = Reading(source)
        self._sleep = sleep or self._reading.closed.wait

    def __iter__(self) -> Iterator[Frame]:
        began: float | None = None
        offset = 0.0  # [s] of the rounds before, and of what is played later
        pace = 0.0  # [s] that a frame takes to decode
        step = 1.0 / (self.fps or 30.0)
        while True:
            first: float | None = None
            frames = iter(self._source)
            asked = self._now()
            while (frame := self._reading.next(frames)) is not None:
                read = self._now()
                if first is None:
                    first = frame.t
                if began is None:
                    began = read  # what it took to open the file is nobody's delay
                else:
                    took = min(read - asked, 2 * step)  # one that hangs says little of the others
                    pace += PACE_SHARE * (took - pace)
                t = offset + frame.t - first
                late = read - began - t
                if late > step and late * pace <= CATCH_UP * (step - pace):
                    asked = read
                    continue
                if late > step:
                    offset, t = offset + late, t + late
                elif late < 0:
                    self._sleep(-late)
                if self._reading.closed.is_set():
                    return
                yield Frame(t, frame.image)
                asked = self._now()
            if first is None or not self._loop:
                return
            offset = t + step

    def close(self) -> None:
        self._reading.close()
