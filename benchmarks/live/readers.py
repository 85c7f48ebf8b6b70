"""Single clients in a process of their own: the package's own, and some that read slowly."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np
from websockets.sync.client import connect as open_socket
from websockets.typing import Subprotocol

from benchmarks.live.beside import wanted
from benchmarks.live.crowd import BINARY, TEXT, Got, Light, frame_in, messages
from mocap.client import Stream, connect

IDLE = 0.05  # [s] to wait for a frame before looking for questions


def own(pipe: Connection, port: int, zero: float) -> None:
    """`mocap.client` as its users use it: frames are of age when they are handed out, decoded."""
    with connect(f"ws://127.0.0.1:{port}") as stream:
        _answer(pipe, zero, lambda: _of_stream(stream))


def _of_stream(stream: Stream) -> tuple[int, float] | None:
    frame = stream.frame(IDLE)
    return None if frame is None else (frame.seq, frame.t)


def slow(pipe: Connection, port: int, zero: float, kind: str, fps: float) -> None:
    """Somebody who takes so many frames a second, one by one.

    Args:
        kind: "plain" takes each message off the socket itself; "library" leaves that to one which
            reads ahead; "seen" is the same, and says which frames it took; "own" is
            `mocap.client`.
    """
    pause = 1 / fps
    if kind == "own":
        with connect(f"ws://127.0.0.1:{port}") as stream:
            _answer(pipe, zero, lambda: _of_stream(stream), pause)
        return
    if kind == "plain":
        plain = OneByOne(port, zero)
        _answer(pipe, zero, plain.frame, pause)
        return
    with open_socket(
        f"ws://127.0.0.1:{port}",
        subprotocols=[Subprotocol("mocap.v1.json")],
        compression=None,
        close_timeout=0.5,  # what waits in its queue keeps it from hearing a goodbye
    ) as socket:

        def take() -> tuple[int, float] | None:
            try:
                data = socket.recv(IDLE)
            except TimeoutError:
                return None
            found = frame_in(TEXT, data.encode() if isinstance(data, str) else data, 0)
            if found is not None and kind == "seen":
                socket.send(json.dumps({"type": "seen", "seq": found[0]}))
            return found

        _answer(pipe, zero, take, pause)


def _answer(
    pipe: Connection,
    zero: float,
    take: Callable[[], tuple[int, float] | None],
    pause: float = 0.0,
) -> None:
    """Take frames until the end, with a pause [s] after each; what came whenever asked."""
    pipe.send(1)
    seqs: list[int] = []
    ages: list[float] = []
    while True:
        found = take()
        if found is not None:
            seqs.append(found[0])
            ages.append(time.perf_counter() - zero - found[1])
        question = wanted(pipe)
        if question is None:
            return
        if question:
            pipe.send([Got(np.array(seqs, dtype=float), np.array(ages))])
            seqs, ages = [], []
        if found is not None and pause:
            time.sleep(pause)


class OneByOne(Light):
    """A client that takes one message after the other off its socket, pings among them."""

    def __init__(self, port: int, zero: float) -> None:
        super().__init__(port, "json", zero)
        self.socket.settimeout(IDLE)

    def frame(self) -> tuple[int, float] | None:
        """The next frame, None if none comes soon."""
        while True:
            for kind, begin, end in messages(self._rest):
                data, self._rest = self._rest, self._rest[end:]
                if kind in (TEXT, BINARY):
                    found = frame_in(kind, data, begin)
                    if found is not None:
                        return found
                else:
                    self.answer(kind, data[begin:end])
                break
            else:
                try:
                    self._rest += self._more(1 << 12)
                except TimeoutError:
                    return None
