"""WebSocket messages (RFC 6455) as a client sends and receives them: bytes in, bytes out."""

from __future__ import annotations

import os
import struct

from .errors import ProtocolError

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
LARGEST = 256 * 1024  # bytes of a message; to read the worst of them takes some 20 ms


def encode_message(opcode: int, payload: bytes) -> bytes:
    """A whole message as a client sends it: masked."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    mask = os.urandom(4)
    whole = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    masked = int.from_bytes(payload, "big") ^ whole
    return head + mask + masked.to_bytes(size, "big")


class Inbox:
    """Bytes in, whole messages out."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin a connection."""
        self._bytes = bytearray()
        self._parts = bytearray()  # of a fragmented message
        self._opcode = 0  # of it

    def feed(self, data: bytes) -> None:
        """Take what came off the socket."""
        self._bytes += data

    def take(self) -> tuple | None:
        """The next message, opcode and payload, or None. Raises ProtocolError."""
        while len(self._bytes) >= 2:
            data = self._bytes
            opcode, final, size, start = data[0] & 15, data[0] >> 7, data[1] & 127, 2
            if data[0] & 0x70:
                raise ProtocolError("WebSocket: an extension that was not asked for")
            if data[1] & 0x80:
                raise ProtocolError("WebSocket: a masked frame from a server")
            if opcode not in (0, TEXT, BINARY, CLOSE, PING, PONG):
                raise ProtocolError(f"WebSocket: an unknown opcode {opcode}")
            control = opcode >= CLOSE
            if control and (size > 125 or not final):
                raise ProtocolError("WebSocket: a control frame that is too long or in parts")
            if size >= 126:
                start = 4 if size == 126 else 10
                if len(data) < start:
                    return None
                size = int.from_bytes(data[2:start], "big")
            if size + (0 if control else len(self._parts)) > LARGEST:
                raise ProtocolError(f"a message of more than {LARGEST} bytes")
            if len(data) < start + size:
                return None
            payload = bytes(data[start : start + size])
            del data[: start + size]
            if control:
                return opcode, payload
            if (opcode == 0) != (self._opcode != 0):
                raise ProtocolError("WebSocket: a message within another")
            self._opcode = self._opcode or opcode
            if final and not self._parts:
                opcode, self._opcode = self._opcode, 0
                return opcode, payload
            self._parts += payload
            if final:
                opcode, self._opcode = self._opcode, 0
                payload, self._parts = bytes(self._parts), bytearray()
                return opcode, payload
        return None
