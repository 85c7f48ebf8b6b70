"""Open Sound Control 1.0 as it really is on the wire, whoever sent it: for looking at, not for
obeying.

Every type is told by its own letter, so that an integer where a float is due can be seen.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from mocap.errors import InvalidValue

BUNDLE = b"#bundle\0"
DEEPEST = 8  # bundles in bundles
NUMBERS = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q", "c": ">I", "r": ">I", "m": ">I"}
TEXTS = "sS"
PLAIN = {"T": True, "F": False, "N": None, "I": float("inf")}  # without bytes of their own


@dataclass(frozen=True)
class Heard:
    """One message that came.

    Attributes:
        address: as "/VMC/Ext/Bone/Pos".
        tags: type of each value, as the sender wrote them, without the comma.
        values: as many as there are tags.
    """

    address: str
    tags: str
    values: tuple[Any, ...]


def messages_of(datagram: bytes, depth: int = 0) -> list[Heard]:
    """The messages of a datagram in their order; those of bundles too.

    Raises:
        InvalidValue: it is no OSC; the message says what is wrong.
    """
    if not datagram.startswith(BUNDLE):
        return [_message(datagram)]
    if depth == DEEPEST:
        raise InvalidValue(f"OSC: bundles nested more than {DEEPEST} deep")
    found, at = [], len(BUNDLE) + 8  # after the time
    while at < len(datagram):
        size = int(_number(datagram, at, ">i"))
        at += 4
        if not 0 < size <= len(datagram) - at or size % 4:
            raise InvalidValue(f"OSC: a message of {size} bytes in a bundle of {len(datagram)}")
        found += messages_of(datagram[at : at + size], depth + 1)
        at += size
    return found


def _message(data: bytes) -> Heard:
    address, at = _text(data, 0)
    if not address.startswith("/"):
        raise InvalidValue(f"OSC: expected an address that begins with /, got {address[:40]!r}")
    if at == len(data):
        return Heard(address, "", ())  # old senders leave the types out if there are none
    tags, at = _text(data, at)
    if not tags.startswith(","):
        raise InvalidValue(f"OSC: expected types that begin with a comma, got {tags[:40]!r}")
    values: list[Any] = []
    for tag in tags[1:]:
        if tag in NUMBERS:
            values.append(_number(data, at, NUMBERS[tag]))
            at += struct.calcsize(NUMBERS[tag])
        elif tag in TEXTS:
            text, at = _text(data, at)
            values.append(text)
        elif tag == "b":
            size = int(_number(data, at, ">i"))
            if not 0 <= size <= len(data) - at - 4:
                raise InvalidValue(f"{address}: expected a blob, got {size} bytes of {len(data)}")
            values.append(data[at + 4 : at + 4 + size])
            at += 4 + size + -size % 4
        elif tag in PLAIN:
            values.append(PLAIN[tag])
        else:
            raise InvalidValue(f"{address}: type {tag!r} is none of OSC 1.0")
    if at != len(data):
        raise InvalidValue(f"{address}: types {tags} are of {at} bytes, the message of {len(data)}")
    return Heard(address, tags[1:], tuple(values))


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text and where what follows begins: it ends with zeros, up to a multiple of four."""
    end = data.find(b"\0", at)
    if end < 0:
        raise InvalidValue("OSC: expected a text that ends with zeros")
    return data[at:end].decode("utf-8", "replace"), end + 4 - (end - at) % 4


def _number(data: bytes, at: int, form: str) -> int | float:
    try:
        (value,) = struct.unpack_from(form, data, at)
    except struct.error:
        raise InvalidValue(f"OSC: expected more than {len(data)} bytes") from None
    return value
