"""Frames as servers send them, bytes or JSON, read into values and checked against the hello."""

from __future__ import annotations

import re
import struct

from .decoding import FARTHEST, entries, integer, loads, number, numbers, seconds
from .errors import ProtocolError
from .messages import PROTOCOL, Frame, Hello, Person

STATES = ("lost", "held", "tracked")  # by their number in bytes
FEET = ("leftFoot", "rightFoot")  # by bit
LARGEST = 128 * 1024  # bytes
UNIT_NORM = 2e-3  # squared norms of quaternions further from 1 were not meant as rotations
WRAP = 2**32  # numbers of frames in bytes are modulo this
BEGINNING = b'{"type":"frame"'  # of a frame as text, so that it can be read later
_SEQ = re.compile(rb'"seq"\s*:\s*([0-9]{1,15})\b')
_HEADER = struct.Struct("<BBHHHIId")


def decode_frame(data: bytes, hello: Hello, binary: bool) -> Frame:
    """Everyone at one moment, of those of a hello. Raises ProtocolError."""
    if len(data) > LARGEST:
        raise ProtocolError(f"frame: expected {LARGEST} bytes at most, got {len(data)}")
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
        who, state, contacts, _, confidence, *values = each.unpack_from(data, at)
        if state >= len(STATES):
            raise ProtocolError(f"frame.state: expected 0 to 2, got {state}")
        feet = {foot: bool(contacts >> bit & 1) for bit, foot in enumerate(FEET)}
        people.append(Person(who, STATES[state], confidence, tuple(values[:3]), values[3:], feet))
    return Frame(seq, seconds(t, "frame.t"), tuple(people))


def _decode_text(data: bytes) -> Frame:
    message = loads(data)
    people = []
    for entry in entries(message.get("people"), "frame.people"):
        state, contacts = entry.get("state"), entry.get("contacts", {})
        if state not in STATES:
            raise ProtocolError(f"frame.state: expected one of {', '.join(STATES)}")
        if not isinstance(contacts, dict) or not {type(v) for v in contacts.values()} <= {bool}:
            raise ProtocolError("frame.contacts: expected true or false by bone")
        rotations = entry.get("rotations")
        count = len(rotations) if isinstance(rotations, list) else 0
        people.append(
            Person(
                integer(entry.get("id"), "frame.id"),
                state,
                number(entry.get("confidence"), "frame.confidence"),
                tuple(numbers(entry.get("root"), "frame.root", 3)),
                numbers(rotations, "frame.rotations", count),
                contacts,
            )
        )
    t = seconds(message.get("t"), "frame.t")
    return Frame(integer(message.get("seq"), "frame.seq"), t, tuple(people))


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
