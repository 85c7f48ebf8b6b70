"""Addresses of servers, as people give them."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from .errors import Refused
from .messages import plain

PORT = 8765
DEFAULT_URL = "ws://127.0.0.1:8765"


class Address:
    """Where a server is.

    Attributes:
        host, port: of it.
        path: with the query, as it is asked for.
        shown: for people, without the token that the query may hold.
    """

    def __init__(self, url: str) -> None:
        """Read an address; "ws://" and the usual port may be left out. Raises Refused."""
        text = url.strip()
        try:
            parts = urlsplit(text if "://" in text else "ws://" + text)
            port = PORT if parts.port is None else parts.port
            host = parts.hostname or ""
        except ValueError:
            raise Refused(self._expected(text)) from None
        if parts.scheme == "wss":
            raise Refused("encrypted connections (wss) are not supported; use ws:// or a tunnel")
        good = text.isprintable() and " " not in text and all(ord(c) < 128 for c in text)
        if parts.scheme != "ws" or not host or not port or not good:
            raise Refused(self._expected(text))
        self.host, self.port = host, port
        self.path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        self.shown = f"ws://{f'[{host}]' if ':' in host else host}:{port}"

    @staticmethod
    def _expected(text: str) -> str:
        shown = plain(text.split("?")[0], 80)
        return f"address {shown!r}: expected one like {DEFAULT_URL}"

    @property
    def is_loopback(self) -> bool:
        """Whether this is the same computer."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def resolved(self) -> list:
        """Families and socket addresses to try. Waits for a name server if it is a name; an
        address in numbers needs none. Raises Refused."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused(
                f"{self.shown}: there is no computer of that name; an address like {DEFAULT_URL} "
                "needs none"
            ) from None
        # servers listen on 127.0.0.1 unless told otherwise, whatever "localhost" means first
        found.sort(key=lambda entry: entry[0] != socket.AF_INET)
        return [(entry[0], entry[4]) for entry in found]
