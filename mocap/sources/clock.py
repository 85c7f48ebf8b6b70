"""Presentation times: from ticks of a stream, sometimes missing or wrong, to seconds."""

from __future__ import annotations

from fractions import Fraction

# A step back by more than this [s] is a new beginning of the stream's clock, not a slip of it.
JUMP = 1.0


class Clock:
    """Seconds since the first picture, strictly increasing.

    A missing tick counts one nominal step on; a slip back is put right behind the time before;
    after a jump back the stream's clock goes on from there. Gaps forward are real and stay.
    """

    def __init__(self, time_base: Fraction, fps: float | None, origin: int | None = None) -> None:
        """
        Args:
            time_base: seconds per tick.
            fps: nominal rate [1/s]; None counts as 30.
            origin: tick of t = 0; None takes the first one given.
        """
        self.step = 1.0 / (fps or 30.0)
        self._base = time_base
        self._origin = origin
        self._offset = 0.0
        self._last: float | None = None

    def seconds(self, ticks: int) -> float:
        """Time [s] of a tick as the stream has it, not repaired."""
        return (ticks - (self._origin or 0)) * self._base.numerator / self._base.denominator

    def __call__(self, ticks: int | None) -> float:
        """Time [s] of the next picture."""
        last = self._last
        if ticks is not None and self._origin is None:
            self._origin = ticks
            self._offset = 0.0 if last is None else last + self.step
        if ticks is None:
            t = 0.0 if last is None else last + self.step
        else:
            t = self.seconds(ticks) + self._offset
        if last is not None and t < last - JUMP:
            self._offset += last + self.step - t
            t = last + self.step
        elif last is not None and t <= last:
            t = last + self.step / 2
        self._last = t
        return t
