"""The JSON of servers, read into values and checked on the way: hello and status.

What is wrong is named by its place in the message, and what it holds is shown.
"""

from __future__ import annotations

import json
from typing import Any

from .errors import ProtocolError, Refused
from .messages import PROTOCOL, Hello, plain
from .strict_json import no_constant

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
MOST_BONES = 1000
DIGITS = 20  # of a whole number in JSON; to read a million of them takes seconds
FARTHEST = 1e6  # [m]
LATEST = 1e12  # [s] of any clock


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
    bones = entries(skeleton.get("bones") if isinstance(skeleton, dict) else None, "hello.bones")
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
        offsets.append(tuple(numbers(bone.get("offset"), f"{at}.offset", 3)))
        if bone.get("tip") is not None:
            tips[i] = tuple(numbers(bone["tip"], f"{at}.tip", 3))
    people = {}
    for i, entry in enumerate(entries(message.get("people"), "hello.people")):
        at = f"hello.people[{i}]"
        own = numbers(entry.get("offsets"), f"{at}.offsets", 3 * len(bones))
        people[integer(entry.get("id"), f"{at}.id")] = _points(own)
    return Hello(
        server,
        tuple(index)[1:],
        tuple(parents),
        tuple(offsets),
        tips,
        people,
        number(message.get("fps"), "hello.fps", 1e-3, 1e3),
        seconds(message.get("clock", 0.0), "hello.clock"),
    )


def _points(values: list) -> tuple:
    return tuple(zip(values[0::3], values[1::3], values[2::3]))


def decode_status(message: dict) -> dict:
    """How the session is doing, as docs/protocol.md has it; what is of another type is left out,
    so that whoever shows it need not look."""
    kept = {k: v for k, v in message.items() if type(v) in STATUS.get(k, (type(v),))}
    people, options = kept.get("people", []), kept.get("options", {})
    kept["people"] = [who for who in people if type(who) is int]
    kept["options"] = {k: v for k, v in options.items() if type(v) in OPTIONS.get(k, (type(v),))}
    return kept


# Any message.


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError("a huge number")
    return int(digits)


_JSON = json.JSONDecoder(parse_int=_whole, parse_constant=no_constant)


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


def _shown(value: Any) -> str:
    """A value as a message shows it; what is nested is not looked into, however deep it is."""
    return type(value).__name__ if isinstance(value, (dict, list)) else plain(repr(value), 40)


def number(value: Any, at: str, least: float = -FARTHEST, most: float = FARTHEST) -> float:
    """A number, true and false being none. Raises ProtocolError, which begins with `at`."""
    if type(value) not in (int, float) or not least <= value <= most:
        raise ProtocolError(f"{at}: expected a number, got {_shown(value)}")
    return float(value)


def seconds(value: Any, at: str) -> float:
    """[s] on a clock. Raises ProtocolError."""
    return number(value, at, -LATEST, LATEST)


def integer(value: Any, at: str) -> int:
    """A whole number that a double holds. Raises ProtocolError."""
    if type(value) is not int or abs(value) > 2**53:
        raise ProtocolError(f"{at}: expected a whole number, got {_shown(value)}")
    return value


def numbers(values: Any, at: str, count: int) -> list:
    """A list of so many numbers. Raises ProtocolError."""
    if not isinstance(values, list) or len(values) != count:
        raise ProtocolError(f"{at}: expected a list of {count} numbers")
    return [number(value, at) for value in values]


def entries(value: Any, at: str) -> list:
    """A list of objects. Raises ProtocolError."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ProtocolError(f"{at}: expected a list of objects, got {_shown(value)}")
    return value
