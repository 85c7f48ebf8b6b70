"""Protocol v1 as text: what server and clients say to each other, in JSON.

Nothing here touches a socket. The server uses `parse` and the `encode_` functions, a client
`loads` and what is in `decoding.py`; docs/protocol.md is for those who write a client in another
language, `mocap/data/protocol.schema.json` describes every message.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mocap import __version__, skeletons
from mocap.arrays import Array
from mocap.errors import InvalidValue, StreamError
from mocap.motion import TrackState
from mocap.stream.commands import Calibrate, Command, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame

VERSION = 1
JSON, BINARY = "json", "bin"  # encodings of frames
SUBPROTOCOLS = {"mocap.v1.json": JSON, "mocap.v1.bin": BINARY}
PORT = 8765
LARGEST = 64 * 1024  # bytes of a message from a client
LONGEST_REQUEST = 100  # characters
SAFE = 2**53  # beyond it JSON numbers lose whole ones in many languages
CONVENTION = {
    "up": "+Y",
    "forward": "+Z",
    "handedness": "right",
    "unit": "m",
    "quaternion": "xyzw",
}
STATES = {state.name.lower(): state for state in TrackState}
STATE_NAMES = {state: name for name, state in STATES.items()}
LENGTH, TURN, SHARE = 5, 6, 3  # decimals of frames: m, quaternion, confidence
OFFSET = 6  # decimals of bone offsets [m]

Request = str | int


@dataclass(frozen=True)
class Ping:
    """A question for the server's clock.

    Attributes:
        t: the client's own time, told back as it is.
    """

    t: int | float


@dataclass(frozen=True)
class Seen:
    """A client has taken the frame of this number, and so all before it, off its socket."""

    seq: int


class NotUnderstood(StreamError):
    """A message that is none of this protocol.

    Attributes:
        of: type of the message, None if not even that can be told.
        request: what the client called it, if that can be told.
    """

    def __init__(self, message: str, of: str | None = None, request: Request | None = None):
        super().__init__(message)
        self.of = of
        self.request = request


# From clients.


def parse(text: str | bytes) -> tuple[Command | Ping | Seen, Request | None]:
    """What a client asks, and what it calls its request.

    Raises:
        NotUnderstood: it is no message of this protocol; says what was found and what would work.
    """
    if len(text) > LARGEST:
        raise NotUnderstood(f"expected a message of at most {LARGEST} bytes, got {len(text)}")
    try:
        message = loads(text)
    except InvalidValue as error:
        raise NotUnderstood(str(error)) from None
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _CLIENT:
        known = ", ".join(_CLIENT)
        raise NotUnderstood(f"type: expected one of {known}, got {shown(kind)}")
    request = message.get("request")
    if request is not None:
        whole = isinstance(request, int) and not isinstance(request, bool)
        if not (
            (whole and abs(request) <= SAFE)
            or (isinstance(request, str) and len(request) <= LONGEST_REQUEST and _sound(request))
        ):
            raise NotUnderstood(
                f"request: expected a whole number or up to {LONGEST_REQUEST} characters, got "
                f"{shown(request)}",
                kind,
            )
    try:
        return _CLIENT[kind](message), request
    except InvalidValue as error:
        raise NotUnderstood(f"{kind}: {error}", kind, request) from None


def loads(text: str | bytes) -> dict[str, Any]:
    """The JSON object of a message.

    Raises:
        InvalidValue: it is none, or not strict JSON (NaN, Infinity), or nested too deeply.
    """
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise InvalidValue("expected a JSON object, got one nested too deeply") from None
    except UnicodeDecodeError:
        raise InvalidValue("expected UTF-8 text, got other bytes") from None
    except ValueError as error:  # also JSONDecodeError, and numbers of too many digits
        raise InvalidValue(f"expected a JSON object, got what is not JSON: {error}") from None
    if not isinstance(message, dict):
        raise InvalidValue(f"expected a JSON object, got {shown(message)}")
    return message


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _record(message: dict[str, Any]) -> Record:
    # some writers of JSON (Unity's) cannot leave a text out and send an empty one
    return Record(_text(message, "name", "") or None, _text(message, "note", ""))


def _calibrate(message: dict[str, Any]) -> Calibrate:
    height = message.get("height")
    delay = message.get("delay")
    return Calibrate(
        None if height is None else float(number(message, "height")),
        Calibrate.delay if delay is None else float(number(message, "delay")),
    )


def _set(message: dict[str, Any]) -> Set:
    if "value" not in message:
        raise InvalidValue("value: expected one, found none")
    value = message["value"]
    if isinstance(value, (dict, list)):
        raise InvalidValue(
            f"value: expected true, false, null, a number or text, got {shown(value)}"
        )
    if isinstance(value, str):
        _text(message, "value")
    elif value is not None and not isinstance(value, bool):
        number(message, "value")
    return Set(_text(message, "option"), value)


def _seen(message: dict[str, Any]) -> Seen:
    seq = number(message, "seq")
    if seq < 0 or seq != int(seq):
        raise InvalidValue(f"seq: expected the number of a frame, got {shown(seq)}")
    return Seen(int(seq))


_CLIENT: dict[str, Callable[[dict[str, Any]], Command | Ping | Seen]] = {
    "record": _record,
    "stop": lambda message: Stop(),
    "calibrate": _calibrate,
    "set": _set,
    "takes": lambda message: ListTakes(),
    "ping": lambda message: Ping(number(message, "t")),
    "seen": _seen,
}
_NAMES = {
    Record: "record",
    Stop: "stop",
    Calibrate: "calibrate",
    Set: "set",
    ListTakes: "takes",
    Ping: "ping",
    Seen: "seen",
}


def name_of(message: Command | Ping | Seen) -> str:
    """What a client's message is called on the wire: the "of" of its answer."""
    return _NAMES[type(message)]


def _text(message: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = message.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise InvalidValue(f"{key}: expected text, got {shown(value)}")
    if not _sound(value):
        raise InvalidValue(f"{key}: expected text, got half of a surrogate pair")
    return value


def number(message: Mapping[str, Any], key: str) -> int | float:
    value = message.get(key)
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not abs(value) <= SAFE  # so neither is 1e999, which JSON reads as infinity
    ):
        raise InvalidValue(f"{key}: expected a number up to 2^53, got {shown(value)}")
    return value


def _sound(text: str) -> bool:
    """Whether the text can be written as UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def shown(value: Any) -> str:
    """A value as a message shows it: short, whatever it is."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int) and abs(value) > SAFE:
        return "a huge number"
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


# From the server.


def encode_hello(cast: Cast, encoding: str = JSON, clock: float = 0.0) -> str:
    """Who is on stage, in which units; [s] `clock` is now."""
    skeleton = skeletons.to_dict(cast.skeleton)
    for bone in skeleton["bones"]:
        for key in ("offset", "tip"):
            if key in bone:
                bone[key] = _rounded(np.array(bone[key]), OFFSET)
    return dumps(
        {
            "type": "hello",
            "protocol": VERSION,
            "server": f"mocap {__version__}",
            "encoding": encoding,
            "skeleton": skeleton,
            "convention": CONVENTION,
            "fps": cast.fps,
            "clock": round(clock, 6),
            "people": [
                {"id": number, "offsets": _rounded(body.offsets, OFFSET)}
                for number, body in cast.skeletons.items()
            ],
        }
    )


def encode_frame(frame: LiveFrame) -> str:
    """Everyone at one moment."""
    return dumps(
        {
            "type": "frame",
            "seq": frame.seq,
            "t": round(frame.t, 6),
            "people": [
                {
                    "id": person.id,
                    "state": STATE_NAMES[person.pose.state],
                    "confidence": round(float(person.pose.confidence.mean()), SHARE),
                    "root": _rounded(person.pose.root, LENGTH),
                    "rotations": _rounded(person.pose.rotations, TURN),
                    "contacts": dict(person.pose.contacts),
                }
                for person in frame.people
            ],
        }
    )


def encode_ack(of: str, answer: Mapping[str, Any], request: Request | None = None) -> str:
    """A command was obeyed, with what came of it."""
    return dumps({"type": "ack", "of": of, **_called(request), **answer})


def encode_error(message: str, of: str | None = None, request: Request | None = None) -> str:
    """Something was refused or went wrong; without `of`, it concerns everybody."""
    told = {"type": "error", "message": message, **_called(request)}
    return dumps(told if of is None else {**told, "of": of})


def encode_note(message: str) -> str:
    """Something that people should know."""
    return dumps({"type": "note", "message": message})


def encode_pong(ping: Ping, clock: float, request: Request | None = None) -> str:
    """The answer to a ping: the client's time and [s] the server's `clock`."""
    return dumps({"type": "pong", "t": ping.t, "clock": round(clock, 6), **_called(request)})


def encode_status(status: Mapping[str, Any]) -> str:
    """How the session is doing."""
    return dumps({"type": "status", **{key: status[key] for key in status if key != "type"}})


def dumps(message: Mapping[str, Any]) -> str:
    """A message as strict JSON in ASCII; numbers that JSON lacks become null."""
    try:
        return json.dumps(message, separators=(",", ":"), allow_nan=False, default=_plain)
    except ValueError:
        return json.dumps(_finite(message), separators=(",", ":"), allow_nan=False, default=_plain)


def _called(request: Request | None) -> dict[str, Request]:
    return {} if request is None else {"request": request}


def _plain(value: Any) -> Any:
    """What JSON knows for what it does not: numbers of NumPy, otherwise text."""
    return _finite(value.tolist()) if isinstance(value, (np.generic, np.ndarray)) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rounded(values: Array, decimals: int) -> list[float]:
    """Flat list; adding zero makes -0.0 the 0.0 that people and tests expect."""
    return (np.round(values, decimals) + 0.0).ravel().tolist()


@cache
def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every message; `$defs` holds one for each type."""
    path = Path(__file__).parent.parent / "data" / "protocol.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))
