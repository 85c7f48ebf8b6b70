"""A camera or stream that comes back: unplugged and plugged in again, lost and found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mocap.errors import SourceError
from mocap.frame import Frame
from mocap.sources.base import Source
from mocap.sources.reading import Reading

SOONEST, LATEST = 0.5, 5.0  # [s] between two attempts to open it; each waits twice as long


class Steady(Source):
    """A live source that is opened again whenever it fails.

    Times go on from one opening to the next by the time that really passed. Pictures of another
    size than before are brought to that of the first, whole, with black bars where the shape is
    another.
    """

    live = True
    frame_count = None

    def __init__(
        self,
        reopen: Callable[[], Source],
        tell: Callable[[str], object] = lambda _: None,
        *,
        first: Source | None = None,
        now: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Open the source for the first time.

        Args:
            reopen: opens it, or raises SourceError.
            tell: told, as lines for people, that the source is lost, why it cannot be opened
                again, and that it is back; by the thread that reads.
            first: the source, if it is open already.
            now: monotonic clock [s].
            sleep: waits so many seconds; None waits until this is closed, if that comes first.

        Raises:
            SourceError: it cannot be opened at all.
        """
        source = reopen() if first is None else first
        self.name = source.name
        self.size = source.size
        self.fps = source.fps
        self.focal_35mm = source.focal_35mm
        self._reopen = reopen
        self._tell = tell
        self._now = now
        self._reading = Reading(source)
        self._source = source
        self._sleep = sleep or self._reading.closed.wait
        self._pause = SOONEST
        self._shift: float | None = 0.0  # [s] from times of the source to ours
        self._t = self._at = 0.0  # [s] of the last frame: its time, and when it was read

    def __iter__(self) -> Iterator[Frame]:
        while True:
            frames = iter(self._source)
            why = f"{self.name}: no more pictures came"
            try:
                while (frame := self._reading.next(frames)) is not None:
                    at = self._now()
                    if self._shift is None:
                        self._shift = self._t + (at - self._at) - frame.t
                    self._t, self._at, self._pause = frame.t + self._shift, at, SOONEST
                    yield Frame(self._t, self._fitted(frame))
            except SourceError as error:
                why = str(error)
            if not self._comes_back(why):
                return

    def close(self) -> None:
        """End the reading and the waiting, and close the source."""
        self._reading.close()

    def _comes_back(self, why: str) -> bool:
        """Open the source again, however long it takes; False once this is closed."""
        if self._reading.closed.is_set():
            return False
        self._tell(f"{why}; trying to open it again")
        self._reading.do(self._source.close)  # as long as it is held, nobody can open it
        lost = self._now()
        while not self._reading.closed.is_set():
            self._sleep(self._pause)
            self._pause = min(2 * self._pause, LATEST)
            try:
                self._reading.do(self._open)
            except SourceError as error:
                if str(error) != why:
                    why = str(error)
                    self._tell(f"{why}; trying again")
            else:
                break
        if self._reading.closed.is_set():
            return False
        self._tell(f"{self.name}: back after {self._now() - lost:.1f} s{self._other_size()}")
        return True

    def _open(self) -> None:
        source = self._reopen()
        if source.name != self.name:
            source.close()
            raise SourceError(f"{self.name}: there is {source.name} in its place")
        self._source = self._reading.held = source
        self._shift = None

    def _other_size(self) -> str:
        if self._source.size == self.size:
            return ""
        given, kept = ("x".join(map(str, size)) for size in (self._source.size, self.size))
        return f"; it gives {given} now, which is brought to {kept}"

    def _fitted(self, frame: Frame) -> NDArray[np.uint8]:
        if frame.size == self.size:
            return frame.image
        from mocap.sources.opencv import fitted

        return fitted(frame.image, self.size)
