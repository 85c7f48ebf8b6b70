"""Many light clients in one process: they read, note number and age of each frame, and no more.

Decoding poses for hundreds would keep this machine busier than all servers; so they know just
enough of WebSockets to take frames apart and to answer pings, as every browser does by itself.
"""

from __future__ import annotations

import selectors
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

from mocap.arrays import Array

HANDSHAKE = 20.0  # [s]
PING, PONG, TEXT, BINARY = 0x89, 0x8A, 0x81, 0x82  # first bytes, of whole messages
FRAME = b'{"type":"frame","seq":'
HEADER = struct.Struct("<BBHHHIId")


@dataclass(frozen=True, eq=False)
class Got:
    """What a client got while it was measured.

    Attributes:
        seqs: (N,) numbers of the frames.
        ages: (N,) [s] of each since its capture, when it was taken off the socket.
    """

    seqs: Array
    ages: Array


class Light:
    """A client that knows the least.

    Args:
        port: of a server on this machine.
        encoding: "json" or "bin".
        zero: [s] on the clock of this machine where that of the frames begins.
        says_seen: whether it acknowledges frames by the protocol's `seen`.
    """

    def __init__(self, port: int, encoding: str, zero: float, says_seen: bool = False) -> None:
        self.seqs: list[int] = []
        self.ages: list[float] = []
        self._zero, self._says_seen = zero, says_seen
        self._rest = b""
        self.socket = socket.create_connection(("127.0.0.1", port), HANDSHAKE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Sec-WebSocket-Protocol: mocap.v1.{encoding}\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, self._rest = answer.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.decode(errors="replace"))

    def read(self, size: int = 1 << 18) -> None:
        """Take what is there off the socket, and note the frames in it."""
        data = self._more(size)
        self.note(data, time.perf_counter() - self._zero)

    def note(self, data: bytes, now: float) -> None:
        """Note the frames in what came at the time `now` [s] of the session."""
        data = self._rest + data
        at = 0
        for kind, begin, end in messages(data):
            at = end
            if kind in (TEXT, BINARY):
                found = frame_in(kind, data, begin)
                if found is not None:
                    self.seqs.append(found[0])
                    self.ages.append(now - found[1])
                    if self._says_seen:
                        self._send(TEXT, b'{"type":"seen","seq":%d}' % found[0])
            else:
                self.answer(kind, data[begin:end])
        self._rest = data[at:]

    def answer(self, kind: int, data: bytes) -> None:
        """Answer a ping."""
        if kind == PING:
            self._send(PONG, data)

    def take(self) -> Got:
        """What was noted, from now on anew."""
        got = Got(np.array(self.seqs, dtype=float), np.array(self.ages))
        self.seqs, self.ages = [], []
        return got

    def _more(self, size: int = 1 << 12) -> bytes:
        data = self.socket.recv(size)
        if not data:
            raise ConnectionError("the server ended the connection")
        return data

    def _send(self, kind: int, data: bytes) -> None:
        # clients must mask what they say; a mask of zeros leaves it as it is
        self.socket.send(bytes((kind, 0x80 | len(data), 0, 0, 0, 0)) + data)


def messages(data: bytes) -> Iterator[tuple[int, int, int]]:
    """First byte, begin and end of each whole WebSocket message from a server."""
    at = 0
    while len(data) >= at + 2:
        size, begin = data[at + 1], at + 2
        if size == 126:
            size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        elif size == 127:
            size, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
        if len(data) < begin + size:
            return
        yield data[at], begin, begin + size
        at = begin + size


def frame_in(kind: int, data: bytes, begin: int) -> tuple[int, float] | None:
    """Number and capture time [s] of a frame; None if the message is another."""
    if kind == BINARY:
        *_, seq, _, t = HEADER.unpack_from(data, begin)
        return seq, t
    if not data.startswith(FRAME, begin):
        return None
    comma = data.index(b",", begin)  # after the type
    after = data.index(b",", comma + 1)  # after the number
    end = data.index(b",", after + 1)  # after the time
    return int(data[begin + len(FRAME) : after]), float(data[after + 5 : end])


@dataclass(frozen=True)
class Crowd:
    """Who connects.

    Attributes:
        clients: that read.
        stalled: others, that connect and never read.
        encoding: of the frames, "json" or "bin".
        says_seen: whether they acknowledge frames by the protocol's `seen`.
    """

    clients: int
    stalled: int = 0
    encoding: str = "json"
    says_seen: bool = False


def run(pipe: Connection, port: int, zero: float, crowd: Crowd) -> None:
    """Read until the end; what each client got since the last question, whenever asked."""
    how = (port, crowd.encoding, zero, crowd.says_seen)
    chooser = selectors.DefaultSelector()
    clients = []
    for _ in range(crowd.clients):
        client = Light(*how)
        client.socket.setblocking(False)
        chooser.register(client.socket, selectors.EVENT_READ, client)
        clients.append(client)
        _read_all(chooser, 0.0)  # those who are there do not wait for the others
    stalled = [Light(*how) for _ in range(crowd.stalled)]
    chooser.register(pipe, selectors.EVENT_READ, None)
    pipe.send(len(clients) + len(stalled))
    while True:
        if not _read_all(chooser, None):
            continue
        try:
            question = pipe.recv()
        except EOFError:
            return
        if question is None:
            return
        pipe.send([client.take() for client in clients])


def _read_all(chooser: selectors.BaseSelector, timeout: float | None) -> bool:
    """Let everyone read for whom there is something; whether there is a question."""
    asked = False
    for key, _ in chooser.select(timeout):
        if key.data is None:
            asked = True
        else:
            key.data.read()
    return asked
