"""How often a receiver is sent a frame."""

from __future__ import annotations

import math

from mocap.errors import InvalidValue


class Pace:
    """Lets through every so many frames, and no more than a rate.

    Args:
        every: one frame of so many.
        rate: [1/s] at most.
    """

    def __init__(self, every: int = 1, rate: float = math.inf) -> None:
        if every < 1:
            raise InvalidValue(f"every: expected a number of frames of at least 1, got {every}")
        if not rate > 0:
            raise InvalidValue(f"rate: expected frames per second above 0, got {rate}")
        self._every, self._rate = every, rate
        self.reset()

    def reset(self) -> None:
        self._count = -1
        self._due = -math.inf

    def due(self, t: float) -> bool:
        """Whether the frame of time t [s] is to be sent."""
        self._count += 1
        if self._count % self._every or t < self._due - 1e-9:
            return False
        if math.isfinite(self._rate):
            # counted from when it was due, so that frames that come unevenly keep the mean rate
            following = self._due + 1 / self._rate
            self._due = following if following > t else t + 1 / self._rate
        return True
