"""Where a server is, and what it means if it cannot be reached."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.typing import Subprotocol

from mocap.errors import InvalidValue, StreamError
from mocap.stream.protocol import PORT

DEFAULT_URL = f"ws://127.0.0.1:{PORT}"
SUBPROTOCOLS = {"binary": "mocap.v1.bin", "json": "mocap.v1.json"}
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # [s] before the next try to come back
CLOSE_TIMEOUT = 1.0  # [s]
OF_PANEL = "Version mismatch. Client:"  # how viser, which serves it, ends with strangers
KEEP_ALIVE = 5.0  # [s] after which a silent server is asked whether it is there, and given up
OFF = (1000, 1001)  # close codes of a server that ends in good order


@dataclass(frozen=True)
class Address:
    """Whom to connect to, and how.

    Attributes:
        url: ws://HOST:PORT; "ws://" and the usual port may be left out.
        token: what the server asks for if it listens beyond this computer.
        encoding: of the frames, "binary" or "json".
        timeout: [s] until a connection is given up.
    """

    url: str = DEFAULT_URL
    token: str | None = None
    encoding: str = "binary"
    timeout: float = 5.0

    def __post_init__(self) -> None:
        url = self.url if "://" in self.url else f"ws://{self.url}"
        if self.encoding not in SUBPROTOCOLS:
            raise InvalidValue(f"encoding: expected binary or json, got {self.encoding!r}")
        if not self.timeout > 0:
            raise InvalidValue(f"timeout: expected a positive time, got {self.timeout} s")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            port = 0
        if port == 0 or parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise InvalidValue(f"address {self.url!r}: expected one like {DEFAULT_URL}")
        if port is None:
            parts = parts._replace(netloc=f"{parts.netloc}:{PORT}")
        object.__setattr__(self, "url", parts.geturl())

    @property
    def shown(self) -> str:
        """The address without the token that it may hold."""
        return self.url.split("?")[0]

    @property
    def options(self) -> dict[str, Any]:
        """What both kinds of sockets are opened with."""
        return {
            "subprotocols": [Subprotocol(SUBPROTOCOLS[self.encoding])],
            "additional_headers": (
                {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
            ),
            "compression": None,  # costs more time than it saves
            "proxy": None,  # live means near
            "open_timeout": self.timeout,
            "close_timeout": CLOSE_TIMEOUT,
            "ping_interval": KEEP_ALIVE,
            "ping_timeout": KEEP_ALIVE,
            "max_size": 2**22,
        }

    def explained(self, error: Exception) -> StreamError:
        """What an error while connecting or listening means, and what would work."""
        return StreamError(f"{self.shown}: {self._meaning(error)}")

    def unanswered(self, message: Mapping[str, Any]) -> StreamError:
        """The server did not answer what it was asked."""
        return StreamError(
            f"{self.shown}: no answer to {message['type']!r} within {self.timeout:g} s; the server "
            "is busy or hangs: look at where `mocap live` runs"
        )

    def _meaning(self, error: Exception) -> str:
        if isinstance(error, InvalidStatus):
            status = error.response.status_code
            if status == 401:
                shown = self.token is not None or "token" in parse_qs(urlsplit(self.url).query)
                what = "the token is wrong" if shown else "it asks for a token"
                return f"{what}: give the one that `mocap live` printed when it started"
            said = " ".join(bytes(error.response.body or b"").decode("utf-8", "replace").split())
            told = f" ({said[:200]})" if said else ""
            return f"refused with HTTP status {status}{told}; is that the port of `mocap live`?"
        if isinstance(error, ConnectionClosed):
            frame = error.rcvd
            if frame is None:
                return "connection lost"
            if frame.reason.startswith(OF_PANEL):
                return 'that is the panel; give the address that `mocap live` printed as "stream"'
            return f"the server ended the connection: {frame.reason or f'code {frame.code}'}"
        if isinstance(error, InvalidURI):
            return f"expected an address like {DEFAULT_URL}"
        if isinstance(error, (InvalidHandshake, WebSocketException)):
            return "something else than `mocap live` listens there; give the port that it printed"
        if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
            return (
                f"no answer within {self.timeout:g} s; is the computer on, `mocap live` started "
                "there with --host, and its firewall open?"
            )
        if isinstance(error, socket.gaierror):
            return f"there is no computer of that name; an address like {DEFAULT_URL} needs none"
        why = getattr(error, "strerror", None) or error
        return (
            f"nobody listens there ({why}); start `mocap live`, or give the address that it printed"
        )


def pauses() -> Iterator[float]:
    """[s] how long to wait before each next try: longer and longer, without end."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)


def ended_well(error: ConnectionClosed) -> bool:
    """Whether the server closed the connection in good order, as when it is stopped."""
    return error.rcvd is not None and error.rcvd.code in OFF
