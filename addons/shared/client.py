"""A client of protocol v1 (docs/protocol.md) for programs that have a main loop: polled, no thread.

    client = Client("ws://127.0.0.1:8765")
    frame = client.poll()                   # in a timer: the newest frame, or None
    client.send("record", name="jump")
    client.answers()                        # what the server said since

`poll` never waits: it reads what has arrived, for about a millisecond at most, and connects, comes
back after an interruption and compares clocks by the way. Nothing raises for what a server does;
`problem` says it in a sentence.

Metres, seconds, +Y up, facing +Z, left is +X, quaternions x, y, z, w: see docs/conventions.md.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import struct
import time
from collections import deque
from typing import Any

from .address import DEFAULT_URL, Address
from .connection import Connection
from .decoding import decode_hello, decode_status, loads, seconds
from .errors import ProtocolError, Refused
from .frames import BEGINNING, WRAP, decode_frame, frame_number
from .handshake import SOMETHING_ELSE, SUBPROTOCOLS, Handshake
from .messages import Frame, Hello, plain
from .websocket import BINARY, CLOSE, PING, PONG, TEXT

BUDGET = 0.001  # [s] of reading in one poll
TIMEOUT = 5.0  # [s] from the first try to the hello, of each connection
SILENCE = 6.0  # [s] without a word after which a server is given up
NO_ANSWER = 10.0  # [s] after which a request is
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # [s] before the next try
AWAY = 0.5  # [s] that count at most from poll to poll: a host that is busy for longer is away
QUICK_PINGS, QUICK, SLOW = 5, 0.1, 2.0  # a few pings soon, then now and then [s]
TRIPS = 8  # the clock is told by the quickest of so many pings
BATCH = 4  # frames kept of one poll, if every one is wanted; a server has 3 on their way
ANSWERS = 100  # kept until they are asked for
_LOST = "the connection was lost; trying to come back"


class Client:
    """One server, over any number of connections.

    Attributes:
        state: "connecting"; "connected", once the server said hello; "waiting" for the next try;
            "closed", by `close` or because no other try would help.
        problem: what is wrong, in a sentence for people; "" if nothing is.
        hello: who is on stage; None before the first connection.
        status: the newest status of the server, as in docs/protocol.md; empty if unknown.
        latency: [s] from the capture of the newest frame to its poll; None while unknown.
        batch: frames of the last poll, oldest first; the newest alone unless `every`.
        every: whether to decode frames also that newer ones overtook, as recordings want.
        received: frames that came.
        dropped: frames of the server that no poll returned.
    """

    def __init__(self, url: str = DEFAULT_URL, token: str = "", encoding: str = "bin") -> None:
        """Begin to connect at the next poll. Looks a name up, if the address has one.

        Args:
            url: ws://HOST:PORT.
            token: what a server asks for that listens beyond its computer.
            encoding: of the frames, "bin" or "json".
        """
        self.url, self.token, self.encoding = url, token.strip(), encoding
        self.state, self.problem = "connecting", ""
        self.hello: Hello | None = None
        self.every = False
        self.received = self.dropped = 0
        self._pause = FIRST_PAUSE
        self._next_try = self._polled = self._before = float("-inf")
        self._since = self._heard = 0.0  # [s] the connection began; the server said something
        self._tries = itertools.count()
        self._requests = itertools.count(1)
        self._answers: deque = deque(maxlen=ANSWERS)
        self._reset()
        try:
            if encoding not in SUBPROTOCOLS:
                raise Refused(f"encoding {encoding!r}: expected bin or json")
            if not all(33 <= ord(c) < 127 for c in self.token):
                raise Refused("token: expected letters, digits and signs of ASCII, no spaces")
            self._address = Address(url)
            self._targets = self._address.resolved()
        except Refused as error:
            self.state, self.problem = "closed", str(error)

    def _reset(self) -> None:
        """Forget a connection."""
        self.status: dict = {}
        self.latency: float | None = None
        self.batch: tuple = ()
        self._connection: Connection | None = None
        self._greeted = False  # whether the hello has come
        self._raw: deque = deque()  # frames that are not decoded yet, and whether they are bytes
        self._unseen: int | None = None  # the newest that the server was not told of
        self._open: dict = {}  # by number of the request: what it is, and until when [s] it waits
        self._trips: deque = deque(maxlen=TRIPS)  # of pings [s], and the server's clock over ours
        self._pings = 0
        self._next_ping = float("-inf")
        self._last: int | None = None  # number of the newest frame
        self._came: deque = deque()  # [s] when each frame of the last second did
        self._pong: bytes | None = None  # what the last ping of the server asked back

    @property
    def fps(self) -> float:
        """[1/s] frames that came in the second before the last poll."""
        return float(sum(at > self._polled - 1.0 for at in self._came))

    def poll(self, now: float | None = None) -> Frame | None:
        """Read and write what can be without waiting.

        Args:
            now: [s] on a clock that never jumps; time.perf_counter if None.

        Returns:
            The newest frame that came since the last poll.
        """
        now = time.perf_counter() if now is None else now
        away = now - self._polled - AWAY
        if self._connection is not None and away > 0:  # the host was busy: nobody else was late
            self._since += away
            self._heard += away
            self._open = {k: (kind, at + away) for k, (kind, at) in self._open.items()}
        self._before, self._polled = self._polled, now
        self.batch = ()
        if self.state == "closed":
            return None
        try:
            if self._connection is None:
                if now >= self._next_try:
                    self._connect(now)
            elif self._connection.is_connected():
                self._converse(self._connection, now)
            due = self._connection is not None and not self._greeted
            if due and now - self._since > TIMEOUT:
                raise ProtocolError(self._late())
        except Refused as error:
            self._lose(str(error), final=True)
        except ProtocolError as error:
            self._lose(f"{self._address.shown}: {error}")
        except OSError as error:
            self._lose(f"{self._address.shown}: {self._meaning(error)}")
        return self.batch[-1] if self.batch else None

    def send(self, kind: str, **values: Any) -> int:
        """Ask the server for something of docs/protocol.md, as `send("record", name="jump")`.

        Returns:
            The number of the request; its answer, ack or error, carries it as "request". There
            is one for each, also if the server is gone.
        """
        number = next(self._requests)
        if self._connection is not None and self.state == "connected":
            self._connection.say(TEXT, _dumped(dict(values, type=kind, request=number)))
            self._open[number] = (kind, self._polled + NO_ANSWER)
        else:
            self._answer_error(number, kind, "not connected")
        return number

    def answers(self) -> list:
        """Messages since the last call: acks, errors and notes, as docs/protocol.md has them."""
        came = list(self._answers)
        self._answers.clear()
        return came

    def close(self) -> None:
        """End the connection for good."""
        if self._connection is not None and self._connection.shaken:
            self._connection.say(CLOSE, struct.pack("!H", 1000))
            with contextlib.suppress(OSError, ProtocolError):
                self._connection.flush()
        self._lose("", final=True)

    # The connection.

    def _connect(self, now: float) -> None:
        self._reset()
        self.state = "connecting"
        self._since = self._heard = now
        family, target = self._targets[next(self._tries) % len(self._targets)]
        handshake = Handshake(self._address, self.encoding, self.token)
        self._connection = Connection(family, handshake)
        self._connection.begin(target)

    def _lose(self, problem: str, final: bool = False) -> None:
        """The connection is over; try again later unless that is `final`."""
        if self._connection is not None:
            self._connection.close()
        batch, pending = self.batch, self._open
        self._reset()
        self.batch = batch  # what came before the end is still good
        self.problem = plain(problem)
        for number, (kind, _) in pending.items():
            self._answer_error(number, kind, "the connection was lost before the answer")
        self.state = "closed" if final else "waiting"
        self._next_try = self._polled + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _converse(self, connection: Connection, now: float) -> None:
        try:
            connection.flush()
            self._read(connection, now)
        finally:
            self._settle(now)
        self._talk(connection, now)
        connection.flush()

    def _read(self, connection: Connection, now: float) -> None:
        end = time.perf_counter() + BUDGET
        while True:
            message = connection.take()
            if message is not None:
                self._take(message[0], message[1], now)
            elif connection.receive():
                self._heard = now
            else:
                return
            if time.perf_counter() > end:
                return

    def _late(self) -> str:
        if self._connection is None or not self._connection.reached:
            return (
                f"no answer within {TIMEOUT:g} s; is the computer on, `mocap live` started there "
                "with --host, and its firewall open?"
            )
        return f"no hello within {TIMEOUT:g} s; is that the port of `mocap live`?"

    def _meaning(self, error: OSError) -> str:
        if self._connection is not None and self._connection.reached:
            return _LOST if self._greeted else SOMETHING_ELSE
        return (
            f"nobody listens there ({error.strerror or error}); start `mocap live`, or give the "
            "address that it printed"
        )

    # What is said.

    def _take(self, opcode: int, data: bytes, now: float) -> None:
        if opcode == BINARY:
            if data[:1] == b"\x01":  # other kinds are of a later version 1
                self._frame(data, True)
        elif opcode == TEXT:
            if data.startswith(BEGINNING):
                self._frame(data, False)
            else:
                self._message(loads(data), data, now)
        elif opcode == PING:
            self._pong = data  # the last one is enough
        elif opcode == CLOSE:
            code = struct.unpack("!H", data[:2])[0] if len(data) >= 2 else 1005
            said = plain(data[2:].decode("utf-8", "replace"), 200)
            if code in (1000, 1001, 1005):
                raise ProtocolError("the server ended; waiting for it to come back")
            raise ProtocolError(f"the server ended the connection: {said or f'code {code}'}")

    def _frame(self, data: bytes, binary: bool) -> None:
        if not self._greeted:
            raise ProtocolError("frame: expected a hello before it")
        self._raw.append((data, binary))
        self.received += 1
        self._came.append(self._polled)
        self._unseen = frame_number(data, binary)
        if len(self._raw) > (BATCH if self.every else 1):
            self._raw.popleft()

    def _message(self, message: dict, data: bytes, now: float) -> None:
        kind = message.get("type")
        if kind == "hello":
            self._raw.clear()  # frames of those who were on stage before
            self.hello = decode_hello(message)
            self._greeted = True
            self.state, self.problem, self._pause = "connected", "", FIRST_PAUSE
        elif kind == "frame":
            self._frame(data, False)
        elif kind == "status":
            self.status = decode_status(message)
        elif kind == "pong":
            sent = seconds(message.get("t"), "pong.t")
            clock = seconds(message.get("clock"), "pong.clock")
            if 0 <= now - sent <= TIMEOUT:
                # it came at some time since the poll before: to assume that it just came would
                # make frames of the same computer younger than they are, by half a tick
                came = max(sent, self._before)
                self._trips.append((now - sent, clock - (sent + came) / 2))
        elif kind in ("ack", "error", "note"):
            request = message.get("request")
            if type(request) is int:
                self._open.pop(request, None)
            if kind != "ack":
                said = message.get("message")
                message["message"] = plain(said) if isinstance(said, str) else kind
            self._answers.append(message)

    def _settle(self, now: float) -> None:
        """Decode the newest frame, or every one."""
        while self._came and self._came[0] <= now - 1.0:
            self._came.popleft()
        frames = []
        while self._raw:
            data, binary = self._raw.popleft()
            assert self.hello is not None
            try:
                frames.append(decode_frame(data, self.hello, binary))
            except ProtocolError as error:
                self.problem = f"{self._address.shown}: a frame was left out: {error}"
        if not frames:
            return
        self.problem = ""
        self.batch = tuple(frames)
        for frame in frames:
            step = 1 if self._last is None else (frame.seq - self._last) % WRAP
            self.dropped += step - 1 if 0 < step < WRAP // 2 else 0
            self._last = frame.seq
        if self._trips:
            self.latency = now + min(self._trips)[1] - frames[-1].t

    def _talk(self, connection: Connection, now: float) -> None:
        """Say what is due: what was read, that we are there, what the time is."""
        if self._pong is not None:
            connection.say(PONG, self._pong)
            self._pong = None
        if not self._greeted:
            return
        if self._unseen is not None:  # also what nobody gets: the server waits for that word
            connection.say(TEXT, _dumped({"type": "seen", "seq": self._unseen}))
            self._unseen = None
        if now >= self._next_ping:
            connection.say(TEXT, _dumped({"type": "ping", "t": now}))
            self._pings += 1
            self._next_ping = now + (QUICK if self._pings < QUICK_PINGS else SLOW)
        for number, (kind, until) in list(self._open.items()):
            if now > until:
                del self._open[number]
                self._answer_error(number, kind, f"no answer within {NO_ANSWER:g} s")
        if now - self._heard > SILENCE:
            raise ProtocolError(f"no word for {SILENCE:g} s; trying again")

    def _answer_error(self, number: int, kind: str, why: str) -> None:
        said = f"{kind}: {why}"
        self._answers.append({"type": "error", "of": kind, "request": number, "message": said})


def _dumped(message: dict) -> bytes:
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
