"""The opening handshake of a WebSocket (RFC 6455, section 4): the request, and its answer read."""

from __future__ import annotations

import base64
import hashlib
import os
import re

from .address import Address
from .errors import ProtocolError, Refused
from .messages import plain

SUBPROTOCOLS = {"bin": "mocap.v1.bin", "json": "mocap.v1.json"}
LARGEST = 16 * 1024  # bytes of an answer
REFUSED_FOR_GOOD = (400, 401, 403)  # HTTP; another try would end the same way
SOMETHING_ELSE = "something else than `mocap live` listens there; give the port that it printed"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


class Handshake:
    """One of them, from the request to the first byte after the answer."""

    def __init__(self, address: Address, encoding: str, token: str) -> None:
        """What will be asked.

        Args:
            address: of the server.
            encoding: of the frames, a key of SUBPROTOCOLS.
            token: printable ASCII; "" for none.
        """
        self._address, self._encoding, self._token = address, encoding, token
        self._key = base64.b64encode(os.urandom(16))
        self._answer = b""  # until it is whole

    def request(self) -> bytes:
        """What to send."""
        lines = [
            f"GET {self._address.path} HTTP/1.1",
            f"Host: {self._address.shown[len('ws://') :]}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {self._key.decode()}",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {SUBPROTOCOLS[self._encoding]}",
        ]
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    def feed(self, data: bytes) -> bytes | None:
        """Take what came off the socket.

        Returns:
            Once the answer is whole, and good, what came after it; None until then.

        Raises:
            ProtocolError: the server is no such server, or cannot now.
            Refused: it never will.
        """
        self._answer += data
        if not self._answer.startswith(b"HTTP/1."[: len(self._answer)]):
            raise ProtocolError(SOMETHING_ELSE)
        head, end, rest = self._answer.partition(b"\r\n\r\n")
        if not end:
            if len(self._answer) > LARGEST:
                raise ProtocolError(SOMETHING_ELSE)
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        status = re.match(r"HTTP/1\.[01] (\d{3})\b", first)
        if status is None:
            raise ProtocolError(SOMETHING_ELSE)
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        if status.group(1) != "101":
            length = fields.get("content-length", "")
            wanted = min(int(length), LARGEST) if re.match(r"\d{1,9}$", length) else 0
            if len(rest) >= wanted:
                self._refused(int(status.group(1)), rest[:wanted])
            return None
        accept = base64.b64encode(hashlib.sha1(self._key + _GUID).digest()).decode()
        if (
            fields.get("sec-websocket-accept") != accept
            or fields.get("upgrade", "").lower() != "websocket"
            or fields.get("sec-websocket-protocol") != SUBPROTOCOLS[self._encoding]
            or fields.get("sec-websocket-extensions")
        ):
            raise ProtocolError(SOMETHING_ELSE)
        return rest

    def _refused(self, status: int, body: bytes) -> None:
        shown = self._address.shown
        if status == 401:
            told = self._token or "token=" in self._address.path
            what = "the token is wrong" if told else "the server asks for a token"
            raise Refused(f"{shown}: {what}; give the one that `mocap live` printed at its start")
        said = plain(body.decode("utf-8", "replace"), 200)
        told = f" ({said})" if said else ""
        problem = f"refused with HTTP status {status}{told}; is that the port of `mocap live`?"
        if status in REFUSED_FOR_GOOD:
            raise Refused(f"{shown}: {problem}")
        raise ProtocolError(problem)
