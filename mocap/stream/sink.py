"""Where live frames go: sockets, recordings, screens."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mocap.closing import Closing
from mocap.stream.frames import Cast, LiveFrame


class Sink(Closing, ABC):
    """Takes frames as they come, from one thread.

    No method waits for a receiver or raises because of one that is lost: the capture goes on.

    Attributes:
        name: what it is called in messages, with its address.
    """

    name: str

    @abstractmethod
    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people; comes again whenever they change."""

    @abstractmethod
    def write(self, frame: LiveFrame) -> None:
        """Send the frame on."""
