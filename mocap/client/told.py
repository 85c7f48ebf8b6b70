"""What both kinds of stream show of the conversation behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocap.client.address import Address
from mocap.client.conversation import Arrival, Conversation
from mocap.stream.frames import Cast


class Told:
    """A server as it was heard so far.

    `cast` and `latency` belong to the frame that was handed out last, so that they fit together
    however fast people come and go; everything else is the newest.
    """

    def __init__(self, address: Address, talk: Conversation) -> None:
        self._address = address
        self._talk = talk
        self._handed: Arrival | None = None

    @property
    def url(self) -> str:
        """Where the server is, without a token."""
        return self._address.shown

    @property
    def server(self) -> str:
        """Name and version of the server."""
        return self._talk.server

    @property
    def cast(self) -> Cast:
        """The skeletons of everyone by id, and the nominal rate of the frames."""
        if self._handed is not None:
            return self._handed.cast
        return self._talk.cast or Cast()

    @property
    def latency(self) -> float | None:
        """[s] from the capture of the frame to its arrival here; None while unknown."""
        return None if self._handed is None else self._handed.latency

    @property
    def clock_offset(self) -> float | None:
        """[s] the server's clock over `time.perf_counter()` here; None while unknown."""
        return self._talk.offset

    @property
    def status(self) -> Mapping[str, Any]:
        """How the server is doing, as docs/protocol.md says; empty before the first."""
        return self._talk.status

    @property
    def notes(self) -> list[str]:
        """The last notes and errors for people, oldest first."""
        return list(self._talk.notes)

    @property
    def received(self) -> int:
        """Frames that came, whether or not anybody took them."""
        return self._talk.received

    @property
    def missed(self) -> int:
        """Frames that the server left out because this client was too slow for them."""
        return self._talk.missed
