"""What a client knows of a server, from what it says: no socket, no clock, no thread.

Whoever has the socket passes on what arrives, with the time, and sends what is to be said.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mocap import __version__
from mocap.client.requests import Message, Request
from mocap.errors import InvalidValue, MocapError, Refused, StreamError
from mocap.stream import binary, decoding, protocol
from mocap.stream.frames import Cast, LiveFrame

Answer = Message | MocapError
QUICK_PINGS, QUICK, SLOW = 5, 0.1, 2.0  # a few soon, then now and then [s]
TRIPS = 8  # the clock is told by the quickest of so many pings
NOTES = 100  # kept


@dataclass(frozen=True)
class Arrival:
    """A frame as it came.

    Attributes:
        frame: the people.
        cast: their skeletons.
        latency: [s] from its capture to its arrival; None while the clocks are not compared.
    """

    frame: LiveFrame
    cast: Cast
    latency: float | None


class Conversation:
    """One server, over any number of connections.

    Attributes:
        server: its name and version.
        cast: who is on stage; None before the first hello.
        status: the newest status, empty before the first.
        notes: the last notes and errors for people.
        received: frames that came.
        missed: frames that the server left out because this client was slow.
        offset: [s] the server's clock over ours; None while unknown.
    """

    def __init__(self, told: Callable[[str], None] | None = None) -> None:
        self.server = ""
        self.cast: Cast | None = None
        self.status: dict[str, Any] = {}
        self.notes: deque[str] = deque(maxlen=NOTES)
        self.received = 0
        self.missed = 0
        self._told = told
        self._numbers = itertools.count(1)
        self._open: dict[int, Callable[[Answer], None]] = {}
        self.reset()

    def reset(self) -> None:
        """Begin a connection: nothing is known of its clock, and its frames count anew."""
        self.offset: float | None = None
        self._greeted = False
        self._trips: deque[tuple[float, float]] = deque(maxlen=TRIPS)
        self._pings = 0
        self._next_ping = -float("inf")
        self._last: int | None = None  # number of the newest frame
        self._unseen: int | None = None  # the newest that the server was not told of

    @property
    def greeted(self) -> bool:
        """Whether the server of this connection has said hello."""
        return self._greeted

    def receive(self, data: str | bytes, now: float) -> Arrival | None:
        """Take a message; returns the frame if it is one.

        Args:
            data: as it came off the socket.
            now: [s] on any clock that never jumps.

        Raises:
            StreamError: what came is not of this protocol, or of another version of it.
        """
        try:
            return self._receive(data, now)
        except InvalidValue as error:
            raise StreamError(
                f"what the server sent is not understood: {error}; do both sides have the same "
                f"version? here it is mocap {__version__}"
            ) from None

    def _receive(self, data: str | bytes, now: float) -> Arrival | None:
        if isinstance(data, bytes):
            return self._frame(binary.decode_frame(data), now)
        message = protocol.loads(data)
        kind = message.get("type")
        if kind == "frame":
            return self._frame(decoding.decode_frame(message), now)
        if kind == "hello":
            self._hello(message)
        elif kind == "pong":
            self._pong(message, now)
            self._answered(message, message)
        elif kind == "ack":
            self._answered(message, message)
        elif kind == "error":
            said = str(message.get("message", "refused without a reason"))
            if not self._answered(message, Refused(said)):
                self.tell(said)
        elif kind == "status":
            self.status = {k: v for k, v in message.items() if k != "type"}
        elif kind == "note":
            self.tell(str(message.get("message", "")))
        return None  # what a newer server says besides is not for us

    def outgoing(self, now: float) -> list[str]:
        """What is to be said now: which frame was taken off the socket, and pings."""
        said: list[Message] = []
        if self._unseen is not None:
            said.append({"type": "seen", "seq": self._unseen})
            self._unseen = None
        if self._greeted and now >= self._next_ping:
            said.append({"type": "ping", "t": now})
            self._pings += 1
            self._next_ping = now + (QUICK if self._pings < QUICK_PINGS else SLOW)
        return [json.dumps(message) for message in said]

    def ask(self, request: Request[Any], answered: Callable[[Answer], None]) -> tuple[int, str]:
        """Begin to ask; `answered` is called once with the answer, or with why there is none.

        Returns:
            The number of the request, and what to send.
        """
        number = next(self._numbers)
        self._open[number] = answered
        return number, json.dumps({**request.message, "request": number})

    def forget(self, number: int) -> None:
        """Wait no longer for an answer."""
        self._open.pop(number, None)

    def lost(self, error: MocapError) -> None:
        """The connection ended: nobody will answer what was asked."""
        for number in list(self._open):
            answered = self._open.pop(number, None)
            if answered is not None:
                answered(error)

    def tell(self, text: str) -> None:
        """Keep a note, and pass it on to whoever wants to hear."""
        self.notes.append(text)
        if self._told is not None:
            self._told(text)

    def _hello(self, message: Message) -> None:
        self.cast = decoding.decode_hello(message)
        self.server = str(message.get("server", "of unknown name"))
        self._greeted = True

    def _frame(self, frame: LiveFrame, now: float) -> Arrival:
        cast = self.cast
        if not self._greeted or cast is None:
            raise InvalidValue("frame: expected a hello before it")
        for person in frame.people:
            if person.id not in cast.skeletons:
                raise InvalidValue(f"frame: person {person.id} is in no hello")
            if len(person.pose.rotations) != len(cast.skeleton):
                raise InvalidValue(
                    f"frame: expected {len(cast.skeleton)} bones as in the hello, got "
                    f"{len(person.pose.rotations)}"
                )
        if self._last is not None:
            step = (frame.seq - self._last) % binary.WRAP
            if 0 < step < binary.WRAP // 2:
                self.missed += step - 1
        self._last = self._unseen = frame.seq
        self.received += 1
        latency = None if self.offset is None else now + self.offset - frame.t
        return Arrival(frame, cast, latency)

    def _pong(self, message: Message, now: float) -> None:
        times = message.get("t"), message.get("clock")
        if not all(isinstance(time, (int, float)) for time in times):
            raise InvalidValue(f"pong: expected two times, got {times}")
        sent, clock = float(message["t"]), float(message["clock"])
        self._trips.append((now - sent, clock - (sent + now) / 2))
        self.offset = min(self._trips)[1]  # the quickest was the least disturbed

    def _answered(self, message: Message, answer: Answer) -> bool:
        number = message.get("request")
        answered = self._open.pop(number, None) if isinstance(number, int) else None
        if answered is not None:
            answered(answer)
        return answered is not None
