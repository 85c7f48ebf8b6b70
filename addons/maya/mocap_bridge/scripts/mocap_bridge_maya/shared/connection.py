"""A connection to a server, from TCP to whole WebSocket messages, of which nothing ever waits."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import sys

from .errors import ProtocolError
from .handshake import Handshake
from .websocket import Inbox, encode_message

CHUNK = 16 * 1024  # bytes read at once
UNSENT = 256 * 1024  # bytes that wait to be sent before the server is given up
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0))
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)  # a lost connection must not end the host
_SO_NOSIGPIPE = 0x1022  # the same on macOS


class Connection:
    """One of them; whoever is done with it closes it.

    Attributes:
        reached: whether the other computer took the connection.
        shaken: whether the handshake is done, so that messages come and go.
    """

    def __init__(self, family: int, handshake: Handshake) -> None:
        """A socket of a family, as `Address.resolved` tells it. Raises OSError."""
        self.reached = self.shaken = False
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self._selector: selectors.BaseSelector | None = None  # until it is connected
        self._handshake = handshake
        self._inbox = Inbox()
        self._out = bytearray(handshake.request())

    def begin(self, target: tuple) -> None:
        """Begin to connect to a socket address. Raises OSError."""
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "darwin":
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_NOSIGPIPE, 1)
        code = self.socket.connect_ex(target)
        if code not in _UNDER_WAY:
            raise _os_error(code)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.socket, selectors.EVENT_WRITE)

    def is_connected(self) -> bool:
        """Whether TCP is through. Raises OSError if it failed."""
        if self._selector is None:
            return True
        if not self._selector.select(0):
            return False
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _os_error(code)
        self._selector.close()
        self._selector = None
        self.reached = True
        return True

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self._selector is not None:
            self._selector.close()
        self.socket.close()

    def receive(self) -> bool:
        """Read what has arrived; whether anything had.

        Raises:
            OSError: the connection was lost, or ended by the other side.
            ProtocolError, Refused: the handshake failed.
        """
        try:
            data = self.socket.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return False
        if not data:
            raise _os_error(errno.ECONNRESET)
        if self.shaken:
            self._inbox.feed(data)
        else:
            rest = self._handshake.feed(data)
            if rest is not None:
                self.shaken = True
                self._inbox.feed(rest)
        return True

    def take(self) -> tuple | None:
        """The next message that was read, opcode and payload, or None. Raises ProtocolError."""
        return self._inbox.take() if self.shaken else None

    def say(self, opcode: int, payload: bytes) -> None:
        """Put a message where the next `flush` finds it."""
        self._out += encode_message(opcode, payload)

    def flush(self) -> None:
        """Send what can be sent now. Raises OSError, and ProtocolError if too much waits."""
        if len(self._out) > UNSENT:
            raise ProtocolError("the server does not read what it is told")
        try:
            while self._out:
                del self._out[: self.socket.send(self._out, _NO_SIGNAL)]
        except (BlockingIOError, InterruptedError):
            pass


def _os_error(code: int) -> OSError:
    """The error of a code; Windows has its own for sockets."""
    return OSError(code, getattr(socket, "errorTab", {}).get(code) or os.strerror(code))
