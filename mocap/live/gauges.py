"""What a live session measures of itself: how fast, how late."""

from __future__ import annotations

from collections import deque
from statistics import median

LATELY = 1.0  # [s] that figures are of


class Gauge:
    """The median of what was measured lately."""

    def __init__(self) -> None:
        self._values: deque[tuple[float, float]] = deque()

    def add(self, now: float, value: float) -> None:
        """Measure `value` at the time `now` [s]."""
        self._values.append((now, value))
        while now - self._values[0][0] > LATELY:
            self._values.popleft()

    @property
    def middle(self) -> float | None:
        """None if nothing was measured."""
        # a list of its own: another thread may measure meanwhile
        values = [value for _, value in list(self._values)]
        return median(values) if values else None

    def rate(self, now: float) -> float:
        """[1/s] how often something was measured lately."""
        since = [t for t, _ in list(self._values) if now - t <= LATELY]
        return len(since) / LATELY
