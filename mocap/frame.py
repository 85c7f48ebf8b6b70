"""One picture and the moment it was taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocap.arrays import frozen
from mocap.errors import InvalidValue


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture of a source.

    Attributes:
        t: capture time [s] since the start of the source.
        image: (H, W, 3) uint8, RGB, upright.
    """

    t: float
    image: NDArray[np.uint8]

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", frozen(self.image, (None, None, 3), "image", np.uint8))
        if not np.isfinite(self.t):
            raise InvalidValue(f"frame time: expected a finite number of seconds, got {self.t}")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]
