"""A client of protocol v1 (docs/protocol.md) for programs that have a main loop: polled, no thread.

    client = Client("ws://127.0.0.1:8765")
    frame = client.poll()                   # in a timer: the newest frame, or None
    client.send("record", name="jump")
    client.answers()                        # what the server said since

`poll` never waits: it reads what has arrived, for about a millisecond at most, and connects, comes
back after an interruption and compares clocks by the way. Nothing raises for what a server does;
`problem` says it in a sentence. Standard library alone, Python 3.7 or newer, one file: hosts carry
a copy of it.

Metres, seconds, +Y up, facing +Z, left is +X, quaternions x, y, z, w: see docs/conventions.md.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import ipaddress
import itertools
import json
import math
import os
import re
import selectors
import socket
import struct
import sys
import time
from collections import deque
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PROTOCOL = 1
PORT = 8765
DEFAULT_URL = "ws://127.0.0.1:8765"
SUBPROTOCOLS = {"bin": "mocap.v1.bin", "json": "mocap.v1.json"}
CONVENTION = {
    "up": "+Y",
    "forward": "+Z",
    "handedness": "right",
    "unit": "m",
    "quaternion": "xyzw",
}
NUMBER, NOTHING = (int, float), type(None)
STATUS = {  # types of what is known of it
    "state": (str,),
    "source": (str,),
    "fps": NUMBER,
    "people": (list,),
    "recording": (dict, NOTHING),
    "options": (dict,),
}
OPTIONS = {
    "smoothing": (bool,),
    "look_ahead": (int,),
    "people": (int,),
    "height": (*NUMBER, NOTHING),
    "filter": (str,),
}
STATES = ("lost", "held", "tracked")  # by their number in bytes
FEET = ("leftFoot", "rightFoot")  # by bit

BUDGET = 0.001  # [s] of reading in one poll
CHUNK = 16 * 1024  # bytes read at once
LARGEST = 256 * 1024  # bytes of a message; to read the worst of them takes some 20 ms
LARGEST_FRAME = 128 * 1024
LARGEST_HEAD = 16 * 1024  # bytes of an answer in HTTP
UNSENT = 256 * 1024  # bytes that wait to be sent before the server is given up
MOST_BONES = 1000
DIGITS = 20  # of a whole number in JSON; to read a million of them takes seconds
FARTHEST = 1e6  # [m]
UNIT_NORM = 2e-3  # squared norms of quaternions further from 1 were not meant as rotations
WRAP = 2**32  # numbers of frames in bytes are modulo this

TIMEOUT = 5.0  # [s] from the first try to the hello, of each connection
SILENCE = 6.0  # [s] without a word after which a server is given up
NO_ANSWER = 10.0  # [s] after which a request is
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # [s] before the next try
AWAY = 0.5  # [s] that count at most from poll to poll: a host that is busy for longer is away
QUICK_PINGS, QUICK, SLOW = 5, 0.1, 2.0  # a few pings soon, then now and then [s]
TRIPS = 8  # the clock is told by the quickest of so many pings
BATCH = 4  # frames kept of one poll, if every one is wanted; a server has 3 on their way
ANSWERS = 100  # kept until they are asked for

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
_FRAME = b'{"type":"frame"'  # how the text of a frame begins, so that it can be read later
_SEQ = re.compile(rb'"seq"\s*:\s*([0-9]{1,15})\b')
_HEADER = struct.Struct("<BBHHHIId")
REFUSED_FOR_GOOD = (400, 401, 403)  # HTTP; another try would end the same way
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0))
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)  # a lost connection must not end the host
_SO_NOSIGPIPE = 0x1022  # the same on macOS
_LOST = "the connection was lost; trying to come back"
_SOMETHING_ELSE = "something else than `mocap live` listens there; give the port that it printed"


class ProtocolError(Exception):
    """What came is none of this protocol; says what was expected and what was found."""


class Refused(Exception):
    """Another try would end the same way; says why, and what would work."""


class Person(NamedTuple):
    """One person of a frame.

    Attributes:
        id: the same number all the time.
        state: "tracked", "held" or "lost".
        confidence: 0 to 1.
        root: x, y, z [m] of the first bone in the world.
        rotations: x, y, z, w of every bone from its rest in its parent, flat, 4 J numbers.
        contacts: which feet stand, by bone.
    """

    id: int
    state: str
    confidence: float
    root: tuple
    rotations: list
    contacts: dict


class Frame(NamedTuple):
    """Everyone at one moment.

    Attributes:
        seq: number of the frame (in bytes modulo 2^32); some are left out.
        t: when the picture was taken [s], on the clock of the session.
        people: in order of id.
    """

    seq: int
    t: float
    people: tuple


class Hello(NamedTuple):
    """Who is on stage.

    Attributes:
        server: name and version.
        bones: J names, parents before children.
        parents: index of each bone's parent, -1 for the first.
        offsets: J times x, y, z [m]: rest position in the parent, of nobody in particular.
        tips: x, y, z [m] where a bone without a child ends, by index of the bone.
        people: each person's own offsets, by id.
        fps: nominal rate [1/s] of the frames.
        clock: [s] of the session when this was sent.
    """

    server: str
    bones: tuple
    parents: tuple
    offsets: tuple
    tips: dict
    people: dict
    fps: float
    clock: float

    def tips_of(self, person: int) -> dict:
        """Where the ends of bones are for a person: as long as their own bones are."""
        own = self.people.get(person, self.offsets)
        found = {}
        for bone, tip in self.tips.items():
            usual = _length(self.offsets[bone])
            share = min(max(_length(own[bone]) / usual, 0.1), 10.0) if usual > 1e-6 else 1.0
            found[bone] = tuple(share * value for value in tip)
        return found


# Messages.


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError("a huge number")
    return int(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


_JSON = json.JSONDecoder(parse_int=_whole, parse_constant=_no_constant)


def loads(data: bytes) -> dict:
    """The JSON object of a message. Raises ProtocolError."""
    try:
        message = _JSON.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(
            f"expected a JSON object, got what is not JSON: {plain(str(error), 80)}"
        ) from None
    if not isinstance(message, dict):
        raise ProtocolError(f"expected a JSON object, got {_shown(message)}")
    return message


def plain(text: str, length: int = 300) -> str:
    """What a server said, fit to be shown in one line."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())
    return words if len(words) <= length else words[: length - 3] + "..."


def _shown(value: Any) -> str:
    """A value as a message shows it; what is nested is not looked into, however deep it is."""
    return type(value).__name__ if isinstance(value, (dict, list)) else plain(repr(value), 40)


def _number(value: Any, at: str, least: float = -FARTHEST, most: float = FARTHEST) -> float:
    if type(value) not in (int, float) or not least <= value <= most:
        raise ProtocolError(f"{at}: expected a number, got {_shown(value)}")
    return float(value)


def _integer(value: Any, at: str) -> int:
    if type(value) is not int or abs(value) > 2**53:
        raise ProtocolError(f"{at}: expected a whole number, got {_shown(value)}")
    return value


def _entries(value: Any, at: str) -> list:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ProtocolError(f"{at}: expected a list of objects, got {_shown(value)}")
    return value


def _numbers(values: Any, at: str, count: int) -> list:
    if not isinstance(values, list) or len(values) != count:
        raise ProtocolError(f"{at}: expected a list of {count} numbers")
    return [_number(value, at) for value in values]


def _length(point: tuple) -> float:
    return math.sqrt(sum(value * value for value in point))


def _points(values: list) -> tuple:
    return tuple(zip(values[0::3], values[1::3], values[2::3]))


def decode_hello(message: dict) -> Hello:
    """Who is on stage. Raises ProtocolError, and Refused for another version."""
    version = message.get("protocol")
    if version != PROTOCOL or type(version) is not int:
        raise Refused(
            f"the server speaks version {_shown(version)} of the protocol, this program version "
            f"{PROTOCOL}; update the older of them"
        )
    server = message.get("server")
    server = plain(server, 80) if isinstance(server, str) else ""
    told = message.get("convention")
    if not isinstance(told, dict) or any(told.get(k) != v for k, v in CONVENTION.items()):
        raise ProtocolError(f"hello.convention: expected {CONVENTION}")
    skeleton = message.get("skeleton")
    bones = _entries(skeleton.get("bones") if isinstance(skeleton, dict) else None, "hello.bones")
    if not 0 < len(bones) <= MOST_BONES:
        raise ProtocolError(f"hello.bones: expected 1 to {MOST_BONES}, got {len(bones)}")
    index: dict = {None: -1}
    parents, offsets, tips = [], [], {}
    for i, bone in enumerate(bones):
        at, name, parent = f"hello.bones[{i}]", bone.get("name"), bone.get("parent")
        if not isinstance(name, str) or name in index:
            raise ProtocolError(f"{at}.name: expected a text that no other bone has")
        known = parent is None or isinstance(parent, str)
        if not known or parent not in index or (parent is None) != (i == 0):
            raise ProtocolError(f"{at}.parent: expected a bone before it")
        parents.append(index[parent])
        index[name] = i
        offsets.append(tuple(_numbers(bone.get("offset"), f"{at}.offset", 3)))
        if bone.get("tip") is not None:
            tips[i] = tuple(_numbers(bone["tip"], f"{at}.tip", 3))
    people = {}
    for i, entry in enumerate(_entries(message.get("people"), "hello.people")):
        at = f"hello.people[{i}]"
        own = _numbers(entry.get("offsets"), f"{at}.offsets", 3 * len(bones))
        people[_integer(entry.get("id"), f"{at}.id")] = _points(own)
    return Hello(
        server,
        tuple(index)[1:],
        tuple(parents),
        tuple(offsets),
        tips,
        people,
        _number(message.get("fps"), "hello.fps", 1e-3, 1e3),
        _number(message.get("clock", 0.0), "hello.clock", -1e12, 1e12),
    )


def decode_status(message: dict) -> dict:
    """How the session is doing, as docs/protocol.md has it; what is of another type is left out,
    so that whoever shows it need not look."""
    kept = {k: v for k, v in message.items() if type(v) in STATUS.get(k, (type(v),))}
    people, options = kept.get("people", []), kept.get("options", {})
    kept["people"] = [number for number in people if type(number) is int]
    kept["options"] = {k: v for k, v in options.items() if type(v) in OPTIONS.get(k, (type(v),))}
    return kept


def decode_frame(data: bytes, hello: Hello, binary: bool) -> Frame:
    """Everyone at one moment, of those of a hello. Raises ProtocolError."""
    if len(data) > LARGEST_FRAME:
        raise ProtocolError(f"frame: expected {LARGEST_FRAME} bytes at most, got {len(data)}")
    frame = _decode_bytes(data) if binary else _decode_text(data)
    last = None
    for person in frame.people:
        _check(person, hello)
        if last is not None and person.id <= last:
            raise ProtocolError("frame.people: expected each once, in order of id")
        last = person.id
    return frame


def frame_number(data: bytes, binary: bool) -> int | None:
    """The number of a frame, whatever else is in it; None if it has none."""
    if binary:
        return int.from_bytes(data[8:12], "little") if len(data) >= 12 else None
    found = _SEQ.search(data)
    return None if found is None else int(found.group(1))


def _decode_bytes(data: bytes) -> Frame:
    if len(data) < _HEADER.size:
        raise ProtocolError(f"frame: expected {_HEADER.size} bytes or more, got {len(data)}")
    _, version, count, bones, _, seq, _, t = _HEADER.unpack_from(data)
    if version != PROTOCOL:
        raise ProtocolError(f"frame: expected version {PROTOCOL}, got {version}")
    each = struct.Struct(f"<iBBHf{3 + 4 * bones}f")
    if len(data) != _HEADER.size + count * each.size:
        raise ProtocolError(
            f"frame: expected {count} people of {bones} bones in "
            f"{_HEADER.size + count * each.size} bytes, got {len(data)}"
        )
    people = []
    for at in range(_HEADER.size, len(data), each.size):
        number, state, contacts, _, confidence, *values = each.unpack_from(data, at)
        if state >= len(STATES):
            raise ProtocolError(f"frame.state: expected 0 to 2, got {state}")
        feet = {foot: bool(contacts >> bit & 1) for bit, foot in enumerate(FEET)}
        people.append(
            Person(number, STATES[state], confidence, tuple(values[:3]), values[3:], feet)
        )
    return Frame(seq, _number(t, "frame.t", -1e12, 1e12), tuple(people))


def _decode_text(data: bytes) -> Frame:
    message = loads(data)
    people = []
    for entry in _entries(message.get("people"), "frame.people"):
        state, contacts = entry.get("state"), entry.get("contacts", {})
        if state not in STATES:
            raise ProtocolError(f"frame.state: expected one of {', '.join(STATES)}")
        if not isinstance(contacts, dict) or not {type(v) for v in contacts.values()} <= {bool}:
            raise ProtocolError("frame.contacts: expected true or false by bone")
        rotations = entry.get("rotations")
        count = len(rotations) if isinstance(rotations, list) else 0
        people.append(
            Person(
                _integer(entry.get("id"), "frame.id"),
                state,
                _number(entry.get("confidence"), "frame.confidence"),
                tuple(_numbers(entry.get("root"), "frame.root", 3)),
                _numbers(rotations, "frame.rotations", count),
                contacts,
            )
        )
    t = _number(message.get("t"), "frame.t", -1e12, 1e12)
    return Frame(_integer(message.get("seq"), "frame.seq"), t, tuple(people))


def _check(person: Person, hello: Hello) -> None:
    if person.id not in hello.people:
        raise ProtocolError(f"frame: person {person.id} is in no hello")
    turns = person.rotations
    if len(turns) != 4 * len(hello.bones):
        raise ProtocolError(
            f"frame.rotations: expected those of {len(hello.bones)} bones, got {len(turns)} numbers"
        )
    if not 0.0 <= person.confidence <= 1.0:
        raise ProtocolError(f"frame.confidence: expected 0 to 1, got {person.confidence}")
    if not all(abs(value) <= FARTHEST for value in person.root):
        raise ProtocolError(f"frame.root: expected metres, got {person.root}")
    for x, y, z, w in zip(turns[0::4], turns[1::4], turns[2::4], turns[3::4]):
        if not abs(x * x + y * y + z * z + w * w - 1.0) <= UNIT_NORM:
            raise ProtocolError("frame.rotations: expected unit quaternions")


# RFC 6455.


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


def _os_error(code: int) -> OSError:
    """The error of a code; Windows has its own for sockets."""
    return OSError(code, getattr(socket, "errorTab", {}).get(code) or os.strerror(code))


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
        self._socket: socket.socket | None = None
        self._inbox = Inbox()
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
        self._inbox.reset()
        self._out = bytearray()
        self._head = b""  # of the answer in HTTP, until it is there
        self._selector: selectors.BaseSelector | None = None
        self._reached = self._shaken = self._greeted = False  # TCP, WebSocket, hello
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
        if self._socket is not None and away > 0:  # the host was busy: nobody else was late
            self._since += away
            self._heard += away
            self._open = {k: (kind, at + away) for k, (kind, at) in self._open.items()}
        self._before, self._polled = self._polled, now
        self.batch = ()
        if self.state == "closed":
            return None
        try:
            if self._socket is None:
                if now >= self._next_try:
                    self._connect(now)
            elif self._selector is None or self._is_connected():
                self._converse(now)
            if self._socket is not None and not self._greeted and now - self._since > TIMEOUT:
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
        if self.state == "connected":
            self._say(dict(values, type=kind, request=number))
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
        if self._socket is not None and self._shaken:
            self._out += encode_message(CLOSE, struct.pack("!H", 1000))
            with contextlib.suppress(OSError, ProtocolError):
                self._flush()
        self._lose("", final=True)

    # The connection.

    def _connect(self, now: float) -> None:
        self._reset()
        self.state = "connecting"
        self._since = self._heard = now
        family, target = self._targets[next(self._tries) % len(self._targets)]
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "darwin":
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_NOSIGPIPE, 1)
        code = self._socket.connect_ex(target)
        if code not in _UNDER_WAY:
            raise _os_error(code)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_WRITE)
        self._key = base64.b64encode(os.urandom(16))
        lines = [
            f"GET {self._address.path} HTTP/1.1",
            f"Host: {self._address.shown[len('ws://') :]}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {self._key.decode()}",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {SUBPROTOCOLS[self.encoding]}",
        ]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        self._out += ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    def _is_connected(self) -> bool:
        assert self._socket is not None
        assert self._selector is not None
        if not self._selector.select(0):
            return False
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _os_error(code)
        self._selector.close()
        self._selector = None
        self._reached = True
        return True

    def _lose(self, problem: str, final: bool = False) -> None:
        """The connection is over; try again later unless that is `final`."""
        if self._selector is not None:
            self._selector.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        batch, pending = self.batch, self._open
        self._reset()
        self.batch = batch  # what came before the end is still good
        self.problem = plain(problem)
        for number, (kind, _) in pending.items():
            self._answer_error(number, kind, "the connection was lost before the answer")
        self.state = "closed" if final else "waiting"
        self._next_try = self._polled + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _converse(self, now: float) -> None:
        try:
            self._flush()
            self._read(now)
        finally:
            self._settle(now)
        self._talk(now)
        self._flush()

    def _read(self, now: float) -> None:
        assert self._socket is not None
        end = time.perf_counter() + BUDGET
        while True:
            message = self._inbox.take() if self._shaken else None
            if message is not None:
                self._take(message[0], message[1], now)
            else:
                try:
                    data = self._socket.recv(CHUNK)
                except (BlockingIOError, InterruptedError):
                    return
                if not data:
                    raise ProtocolError(_LOST if self._greeted else _SOMETHING_ELSE)
                self._heard = now
                if self._shaken:
                    self._inbox.feed(data)
                else:
                    self._shake(data)
            if time.perf_counter() > end:
                return

    def _flush(self) -> None:
        assert self._socket is not None
        if len(self._out) > UNSENT:
            raise ProtocolError("the server does not read what it is told")
        try:
            while self._out:
                del self._out[: self._socket.send(self._out, _NO_SIGNAL)]
        except (BlockingIOError, InterruptedError):
            pass

    # The handshake.

    def _shake(self, data: bytes) -> None:
        self._head += data
        if not self._head.startswith(b"HTTP/1."[: len(self._head)]):
            raise ProtocolError(_SOMETHING_ELSE)
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            if len(self._head) > LARGEST_HEAD:
                raise ProtocolError(_SOMETHING_ELSE)
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        status = re.match(r"HTTP/1\.[01] (\d{3})\b", first)
        if status is None:
            raise ProtocolError(_SOMETHING_ELSE)
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        if status.group(1) != "101":
            length = fields.get("content-length", "")
            wanted = min(int(length), LARGEST_HEAD) if re.match(r"\d{1,9}$", length) else 0
            if len(rest) >= wanted:
                self._refused(int(status.group(1)), rest[:wanted])
            return
        accept = base64.b64encode(hashlib.sha1(self._key + _GUID).digest()).decode()
        if (
            fields.get("sec-websocket-accept") != accept
            or fields.get("upgrade", "").lower() != "websocket"
            or fields.get("sec-websocket-protocol") != SUBPROTOCOLS[self.encoding]
            or fields.get("sec-websocket-extensions")
        ):
            raise ProtocolError(_SOMETHING_ELSE)
        self._shaken, self._head = True, b""
        self._inbox.feed(rest)

    def _refused(self, status: int, body: bytes) -> None:
        shown = self._address.shown
        if status == 401:
            told = self.token or "token=" in self._address.path
            what = "the token is wrong" if told else "the server asks for a token"
            raise Refused(f"{shown}: {what}; give the one that `mocap live` printed at its start")
        said = plain(body.decode("utf-8", "replace"), 200)
        told = f" ({said})" if said else ""
        problem = f"refused with HTTP status {status}{told}; is that the port of `mocap live`?"
        if status in REFUSED_FOR_GOOD:
            raise Refused(f"{shown}: {problem}")
        raise ProtocolError(problem)

    def _late(self) -> str:
        if not self._reached:
            return (
                f"no answer within {TIMEOUT:g} s; is the computer on, `mocap live` started there "
                "with --host, and its firewall open?"
            )
        return f"no hello within {TIMEOUT:g} s; is that the port of `mocap live`?"

    def _meaning(self, error: OSError) -> str:
        if self._reached:
            return _LOST if self._greeted else _SOMETHING_ELSE
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
            if data.startswith(_FRAME):
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
            sent, clock = message.get("t"), message.get("clock")
            sent = _number(sent, "pong.t", -1e12, 1e12)
            clock = _number(clock, "pong.clock", -1e12, 1e12)
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

    def _talk(self, now: float) -> None:
        """Say what is due: what was read, that we are there, what the time is."""
        if self._pong is not None:
            self._out += encode_message(PONG, self._pong)
            self._pong = None
        if not self._greeted:
            return
        if self._unseen is not None:  # also what nobody gets: the server waits for that word
            self._say({"type": "seen", "seq": self._unseen})
            self._unseen = None
        if now >= self._next_ping:
            self._say({"type": "ping", "t": now})
            self._pings += 1
            self._next_ping = now + (QUICK if self._pings < QUICK_PINGS else SLOW)
        for number, (kind, until) in list(self._open.items()):
            if now > until:
                del self._open[number]
                self._answer_error(number, kind, f"no answer within {NO_ANSWER:g} s")
        if now - self._heard > SILENCE:
            raise ProtocolError(f"no word for {SILENCE:g} s; trying again")

    def _say(self, message: dict) -> None:
        text = json.dumps(message, separators=(",", ":"), allow_nan=False)
        self._out += encode_message(TEXT, text.encode())

    def _answer_error(self, number: int, kind: str, why: str) -> None:
        said = f"{kind}: {why}"
        self._answers.append({"type": "error", "of": kind, "request": number, "message": said})
