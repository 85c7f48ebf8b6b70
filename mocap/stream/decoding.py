"""What a client makes of the server's messages: who is on stage, and their poses.

Checked as strictly as what the server gets: a client may be talking to anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.motion import Pose
from mocap.skeleton import Skeleton
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.protocol import CONVENTION, SAFE, STATES, VERSION, number, shown

UNIT_NORM = 1e-3  # quaternions of norm further from 1 were not meant as rotations
FARTHEST = 1e6  # [m] no position is further away


def decode_hello(message: Mapping[str, Any]) -> Cast:
    """Who is on stage, from a hello as `loads` reads it.

    Everyone has the bone ends of the skeleton that the hello carries.

    Raises:
        InvalidValue: it is no hello of this protocol; the message says what is wrong.
    """
    _expect_type(message, "hello")
    if message.get("protocol") != VERSION:
        raise InvalidValue(
            f"hello.protocol: expected {VERSION}, got {shown(message.get('protocol'))}; a program "
            "of another version speaks here"
        )
    for key, value in CONVENTION.items():
        convention = message.get("convention")
        if not isinstance(convention, Mapping) or convention.get(key) != value:
            raise InvalidValue(f"hello.convention.{key}: expected {value!r}")
    body = skeletons.from_dict(message.get("skeleton"))
    people: dict[int, Skeleton] = {}
    for i, entry in enumerate(_entries(message, "hello")):
        at = f"hello.people[{i}]"
        offsets = _floats(entry, "offsets", at, 3 * len(body)).reshape(-1, 3)
        people[_whole(entry, "id", at)] = body.replace(offsets=offsets)
    return Cast(people, float(number(message, "fps")))


def decode_frame(message: Mapping[str, Any]) -> LiveFrame:
    """Everyone at one moment, from a frame as `loads` reads it.

    The confidence of every bone is that of the person.

    Raises:
        InvalidValue: it is no frame of this protocol; the message says what is wrong.
    """
    _expect_type(message, "frame")
    t = float(number(message, "t"))
    people = tuple(
        _person(entry, t, f"frame.people[{i}]")
        for i, entry in enumerate(_entries(message, "frame"))
    )
    return LiveFrame(_whole(message, "seq", "frame"), t, people)


def _person(entry: Mapping[str, Any], t: float, at: str) -> LivePerson:
    state = entry.get("state")
    if not isinstance(state, str) or state not in STATES:
        raise InvalidValue(f"{at}.state: expected {', '.join(STATES)}, got {shown(state)}")
    contacts = entry.get("contacts", {})
    if not isinstance(contacts, Mapping) or not {type(on) for on in contacts.values()} <= {bool}:
        raise InvalidValue(f"{at}.contacts: expected true or false by bone")
    confidence = float(number(entry, "confidence"))
    rotations = _floats(entry, "rotations", at).reshape(-1)
    if len(rotations) % 4:
        raise InvalidValue(f"{at}.rotations: expected four numbers a bone, got {len(rotations)}")
    rotations = rotations.reshape(-1, 4)
    pose = Pose(
        t=t,
        root=_floats(entry, "root", at, 3),
        rotations=unit(rotations, f"{at}.rotations"),
        state=STATES[state],
        confidence=np.full(len(rotations), confidence),
        contacts=contacts,
    )
    return LivePerson(_whole(entry, "id", at), pose)


def unit(rotations: Array, at: str) -> Array:
    """Quaternions (..., 4) that rounding left near norm 1, at norm 1. Raises InvalidValue."""
    off = np.abs(np.linalg.norm(rotations, axis=-1) - 1)
    if off.size and not off.max() <= UNIT_NORM:
        raise InvalidValue(f"{at}: expected unit quaternions, got a norm off by {off.max():g}")
    return rotation.normalize(rotations)


def _expect_type(message: Mapping[str, Any], kind: str) -> None:
    if message.get("type") != kind:
        raise InvalidValue(f"type: expected {kind!r}, got {shown(message.get('type'))}")


def _entries(message: Mapping[str, Any], at: str) -> list[Mapping[str, Any]]:
    people = message.get("people")
    if not isinstance(people, list) or not all(isinstance(entry, Mapping) for entry in people):
        raise InvalidValue(f"{at}.people: expected a list of objects, got {shown(people)}")
    return people


def _whole(entry: Mapping[str, Any], key: str, at: str) -> int:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > SAFE:
        raise InvalidValue(f"{at}.{key}: expected a whole number, got {shown(value)}")
    return value


def _floats(entry: Mapping[str, Any], key: str, at: str, count: int | None = None) -> Array:
    values = entry.get(key)
    if not isinstance(values, list) or (count is not None and len(values) != count):
        wanted = "numbers" if count is None else f"{count} numbers"
        raise InvalidValue(f"{at}.{key}: expected a list of {wanted}, got {shown(values)}")
    if not {type(value) for value in values} <= {int, float}:
        raise InvalidValue(f"{at}.{key}: expected numbers alone")
    try:
        array = np.array(values, dtype=np.float64)
    except OverflowError:
        array = np.array([np.inf])
    if array.size and not np.abs(array).max() <= FARTHEST:
        raise InvalidValue(f"{at}.{key}: expected numbers up to {FARTHEST:g}")
    return array
