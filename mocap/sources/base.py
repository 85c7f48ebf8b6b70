"""What every source of pictures has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mocap.closing import Closing
from mocap.errors import InvalidValue

if TYPE_CHECKING:  # NumPy is not needed to know what sources there are
    from mocap.frame import Frame


class SourceWarning(UserWarning):
    """Something of a source was lost or differs from what was asked, but pictures come."""


class Source(Closing, ABC):
    """Pictures in order of time: a video, a camera, a stream or a folder of images.

    A file can be read any number of times, each loop from its beginning; a live source goes on
    where it is. Use it as a context manager, or call `close()`.

    Attributes:
        name: what it is called in messages and reports.
        size: width and height [px] of its upright pictures; every frame has this size.
        fps: nominal rate [1/s], None if unknown. The time of a frame is its own `t`, never a
            count over this rate.
        frame_count: about how many frames one loop gives, None if unknown.
        live: pictures come whether or not somebody reads them.
        focal_35mm: [mm] 35 mm equivalent of the focal length, by equal diagonals, as the
            metadata tells it; None if they tell nothing.
    """

    name: str
    size: tuple[int, int]
    fps: float | None
    frame_count: int | None
    live: bool
    focal_35mm: float | None = None

    @abstractmethod
    def __iter__(self) -> Iterator[Frame]:
        """Frames with strictly increasing t. Raises SourceError when they cannot be read on."""


def require_range(start: float, stop: float | None) -> None:
    """Raise InvalidValue unless 0 <= start < stop [s]; no stop means the end."""
    if start < 0 or (stop is not None and stop <= start):
        raise InvalidValue(f"range: expected 0 <= start < stop seconds, got {start} to {stop}")
