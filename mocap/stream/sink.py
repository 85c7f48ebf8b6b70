"""Where live frames go: sockets, recordings, screens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from mocap.closing import Closing
from mocap.stream.frames import Cast, LiveFrame


class Sink(Closing, ABC):
    """Takes frames as they come, from one thread.

    No method waits for a receiver or raises because of one that is lost: the capture goes on.

    Attributes:
        name: what it is called in messages, with its address.
        receivers: how many are connected, where that is known.
    """

    name: str

    @property
    def receivers(self) -> int:
        return 0

    @abstractmethod
    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people; comes again whenever they change."""

    @abstractmethod
    def write(self, frame: LiveFrame) -> None:
        """Send the frame on."""

    def tell(self, message: Mapping[str, Any]) -> None:
        """Show people a message of the protocol: a note, an error, the status."""
