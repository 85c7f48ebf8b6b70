"""What every lifter offers, whatever it is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack, Layout
from mocap.lifted import Lifted

__all__ = ["Lifted", "Lifter", "LiveLifting"]


class LiveLifting(ABC):
    """A lifter that is fed one person's frames as they come."""

    @abstractmethod
    def reset(self) -> None:
        """Forget the frames; afterwards equal to a new one."""

    @abstractmethod
    def __call__(self, track: LandmarkTrack) -> Lifted:
        """The joints of the next frame, of which the track (T = 1) is, later than those before."""


class Lifter(ABC):
    """Lifts the points of one person from the picture into space, over a whole clip.

    Attributes:
        name: what is running, as files and messages say it.
        licence: of the weights.
        inputs: the points it takes.
        outputs: the joints it gives.
        receptive_field: frames that one lifted frame depends on.
        causal: a frame depends on no later one.
        straight: the joints come as from a camera that looks straight at the person; if not, in
            the axes of the real camera.
        corrects: it was made to correct a depth that the estimator tells, and knows less of people
            without it.
        runtime: what runs the network, as messages say it.
    """

    name: str
    licence: str
    inputs: Layout
    outputs: Layout
    receptive_field: int
    causal: bool = False
    straight: bool = False
    corrects: bool = False
    runtime: str = "NumPy"

    @property
    def needed(self) -> tuple[str, ...]:
        """The points without which nothing comes of it."""
        return self.inputs.points

    @abstractmethod
    def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
        """The joints of a person, of one frame or many.

        Args:
            track: in the layout `inputs`, without NaN in the picture: confidence is 0 where
                a point was not seen and is where others say that it may be.
            camera: what the points were seen through; None if nobody knows.

        Returns:
            The joints `outputs` at the times of the track [m], about the root, in view axes.

        Raises:
            InvalidValue: the track is of another layout, or cannot be lifted.
        """

    def live(self, camera: Camera) -> LiveLifting:
        """The same frame by frame, for one person.

        Raises:
            InvalidValue: it has to know the frames that follow.
        """
        raise InvalidValue(
            f"{self.name} looks at {self.receptive_field} frames, also at later ones, and can lift "
            "recorded clips alone; live lifting needs a causal lifter made for it, as body-live"
        )
