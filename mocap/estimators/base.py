"""What every pose estimator offers."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mocap.closing import Closing
from mocap.frame import Frame
from mocap.landmarks import Landmarks, Layout


class Estimator(Closing, ABC):
    """Finds people in pictures.

    It may follow them from frame to frame, so frames of one source are given in order and
    `reset` is called before another source. The person ids it returns mean nothing yet: a
    `Tracker` makes them stable.

    Attributes:
        name: what is running, as files and messages say it.
        licence: of the model.
        device: what it runs on.
        layout: the points it finds.
    """

    name: str
    licence: str
    device: str = "CPU"
    layout: Layout

    @abstractmethod
    def __call__(self, frame: Frame) -> list[Landmarks]:
        """Everyone found in the frame. Raises EstimatorError."""

    def reset(self) -> None:
        """Forget the frames seen; afterwards as good as new."""
