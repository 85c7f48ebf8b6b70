"""Cameras that come along with people who go away, as little and as calmly as will do."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array

SLACK = 0.5  # [m] people may go before the cameras set out
NEAR = 0.05  # [m] from them where the cameras stop
GLIDE = 0.6  # [s] in which two thirds of the way are gone
FLOOR = np.array([1.0, 0.0, 1.0])  # cameras neither jump nor crouch


class Follow:
    """How far cameras have come along with the middle of the people.

    Attributes:
        gliding: whether they are on their way.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Cameras look at the people, wherever they are."""
        self.gliding = False
        self._at: Array | None = None

    def step(self, middle: Array, seconds: float) -> Array:
        """(3,) [m] how far cameras go in so many seconds, people being about `middle` (3,)."""
        if self._at is None:
            self._at = middle * FLOOR
        way = middle * FLOOR - self._at
        far = float(np.linalg.norm(way))
        self.gliding = far > (NEAR if self.gliding else SLACK)
        if not self.gliding:
            return np.zeros(3)
        step = way * (1 - np.exp(-seconds / GLIDE))
        self._at = self._at + step
        return step
