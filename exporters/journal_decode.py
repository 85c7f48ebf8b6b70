"""Reading the lines of a journal, each checked by itself: a damaged one takes no other with it."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any

import numpy as np

from exporters.journal_lines import (
    NAME,
    VERSION,
    CastLine,
    EndLine,
    FrameLine,
    Header,
    Line,
    NoteLine,
)
from exporters.json_take import AXES, LIMIT, STATES, UNIT_NORM
from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.landmarks import LAYOUTS, Landmarks, Layout, Observation
from mocap.motion import Pose
from mocap.skeleton import Skeleton

LARGEST_ID = 2**31 - 1
EXACT = 1e-6  # squared norms this near to 1 are kept as they are
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z")


def read_header(line: bytes) -> Header:
    """The header in the first line of a file.

    Raises:
        InvalidValue: it is none; the message says what was expected.
    """
    try:
        told = object_of(line)
    except InvalidValue as error:
        raise InvalidValue(f"expected the header of a journal; {error}") from None
    if told.get("format") != NAME:
        raise InvalidValue(f'not a journal: expected an object with "format": "{NAME}"')
    version = _whole(told, "version")
    if version != VERSION:
        raise InvalidValue(
            f"version: expected {VERSION}, got {version}"
            + ("; a newer version of the program can read it" if version > VERSION else "")
        )
    for key, expected in (("unit", "m"), ("axes", AXES)):
        if told.get(key) != expected:
            raise InvalidValue(f"{key}: expected {json.dumps(expected)}")
    size = _list(told, "size")
    if len(size) != 2 or not all(type(n) is int and 0 < n < LIMIT for n in size):
        raise InvalidValue("size: expected [width, height] in pixels")
    made = told.get("made", {})
    if not isinstance(made, dict):
        raise InvalidValue("made: expected an object")
    return Header(
        started=_date(told),
        clock=_number(told, "clock"),
        layout=_layout(told),
        size=(size[0], size[1]),
        made=made,
        name=_text(told, "name", ""),
        note=_text(told, "note", ""),
    )


def _date(told: dict[str, Any]) -> datetime:
    text = _text(told, "started")
    if _TIME.fullmatch(text) is not None:
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            pass
    raise InvalidValue(f"started: expected a date such as 2026-11-21T14:03:02.123Z, got {text!r}")


def _layout(told: dict[str, Any]) -> Layout:
    name = _text(told, "layout")
    if "points" not in told and name in LAYOUTS:
        return LAYOUTS[name]
    points, lines = _list(told, "points"), told.get("lines", [])
    if not all(isinstance(p, str) for p in points) or len(set(points)) != len(points):
        raise InvalidValue("points: expected names, each once")
    if not isinstance(lines, list) or not all(
        isinstance(ends, list) and len(ends) == 2 and all(end in points for end in ends)
        for ends in lines
    ):
        raise InvalidValue("lines: expected pairs of points")
    layout = Layout(name, tuple(points), tuple((a, b) for a, b in lines))
    return LAYOUTS[name] if layout == LAYOUTS.get(name) else layout


class Decoder:
    """Lines after the header, one after the other.

    Args:
        header: of the same journal.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        self.reset()

    def reset(self) -> None:
        """Forget who was in the last cast."""
        self._bones: tuple[tuple[str, ...], tuple[int, ...]] | None = None
        self._cast: dict[int, Skeleton] = {}

    def __call__(self, line: bytes) -> Line | None:
        """What a line says; None for a kind that this version does not know.

        Raises:
            InvalidValue: the line is damaged; the message says how.
        """
        told = object_of(line)
        for kind, read in (
            ("frame", self._frame),
            ("seen", self._seen),
            ("cast", self._people),
            ("end", _end),
        ):
            if kind in told:
                if not isinstance(told[kind], dict):
                    raise InvalidValue(f"{kind}: expected an object")
                return read(told[kind])
        return NoteLine(_text(told, "note")) if "note" in told else None

    def _people(self, told: dict[str, Any]) -> CastLine:
        people: dict[int, Skeleton] = {}
        for entry in _entries(told):
            skeleton = skeletons.from_dict(entry.get("skeleton"))
            for lengths in (skeleton.offsets, skeleton.tips):
                if (np.abs(lengths) > LIMIT).any():
                    raise InvalidValue(f"skeleton: expected lengths up to {LIMIT:g} m")
            people[_id(entry)] = skeleton
        fps = _number(told, "fps")
        if not 0 < fps <= 1000:
            raise InvalidValue(f"fps: expected a rate from 0 to 1000, got {fps:g}")
        bones = {(s.names, tuple(s.parents.tolist())) for s in people.values()}
        if len(bones | ({self._bones} if self._bones is not None else set())) > 1:
            self._cast = {}  # what follows is of bones that nothing is known of
            raise InvalidValue("cast: expected the same bones for everyone, from first to last")
        self._bones = next(iter(bones), self._bones)
        self._cast = people
        return CastLine(people, fps)

    def _frame(self, told: dict[str, Any]) -> FrameLine:
        t = _number(told, "t")
        return FrameLine(
            _whole(told, "seq"), t, {_id(entry): self._pose(entry, t) for entry in _entries(told)}
        )

    def _pose(self, entry: dict[str, Any], t: float) -> Pose:
        skeleton = self._cast.get(entry["id"])
        if skeleton is None:
            raise InvalidValue(f"person {entry['id']} is not in the cast")
        bones = len(skeleton)
        state = _text(entry, "state")
        if state not in STATES:
            raise InvalidValue(f"state: expected one of {', '.join(STATES)}, got {state[:40]!r}")
        contacts = entry.get("contacts", {})
        if not isinstance(contacts, dict) or not set(map(type, contacts.values())) <= {bool}:
            raise InvalidValue("contacts: expected true or false for each foot")
        if not all(foot in skeleton for foot in contacts):
            raise InvalidValue("contacts: expected bones of the skeleton")
        moved = None
        if "translations" in entry:
            moved = _row(entry, "translations", 3 * bones).reshape(bones, 3)
        return Pose(
            t=t,
            root=_row(entry, "root", 3),
            rotations=_unit(_row(entry, "rotations", 4 * bones).reshape(bones, 4)),
            translations=moved,
            state=STATES[state],
            confidence=_row(entry, "confidence", bones),
            contacts=contacts,
        )

    def _seen(self, told: dict[str, Any]) -> Observation:
        layout, people = self.header.layout, []
        count = len(layout)
        for entry in _entries(told):
            world = None
            if entry.get("world") is not None:
                world = _row(entry, "world", 3 * count, gaps=True).reshape(count, 3)
            image = _row(entry, "image", 2 * count, gaps=True).reshape(count, 2)
            confidence = _row(entry, "confidence", count)
            people.append(Landmarks(layout, image, world, confidence, _id(entry)))
        return Observation(_number(told, "t"), tuple(people))


def moment_of(line: bytes) -> tuple[float, list[int]]:
    """[s] when, and who, of a line about poses or landmarks; for a glance at part of a journal.

    Raises:
        InvalidValue: it is another line, or damaged.
    """
    whole = object_of(line)
    told = whole.get("frame", whole.get("seen"))
    if not isinstance(told, dict):
        raise InvalidValue("expected a frame or what was seen")
    return _number(told, "t"), [_id(entry) for entry in _entries(told)]


def _end(told: dict[str, Any]) -> EndLine:
    people = told.get("people", [])
    if not isinstance(people, list) or not set(map(type, people)) <= {int}:
        raise InvalidValue("people: expected a list of ids")
    return EndLine(_whole(told, "frames"), _number(told, "seconds"), tuple(people))


def _unit(rotations: Array) -> Array:
    """Quaternions (J, 4) of norm 1; exactly those given if they are."""
    norms = np.einsum("...i,...i", *2 * (np.clip(rotations, -2.0, 2.0),))
    off = float(np.abs(norms - 1).max(initial=0.0))
    if off > 2 * UNIT_NORM:
        raise InvalidValue("rotations: expected unit quaternions")
    return rotations if off <= EXACT else rotation.normalize(rotations)


def object_of(line: bytes) -> dict[str, Any]:
    """The object in a line. Raises InvalidValue if there is none."""
    try:
        told = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InvalidValue(f"not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"not JSON: {error}") from None
    if not isinstance(told, dict):
        raise InvalidValue("expected an object")
    return told


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _entries(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The people of a line, each once, each an object with an id."""
    entries = _list(told, "people")
    if not all(isinstance(entry, dict) for entry in entries):
        raise InvalidValue("people: expected objects")
    ids = [_id(entry) for entry in entries]
    if len(set(ids)) != len(ids):
        raise InvalidValue("people: expected each id once")
    return entries


def _id(entry: dict[str, Any]) -> int:
    number = _whole(entry, "id")
    if number > LARGEST_ID:
        raise InvalidValue(f"id: expected at most {LARGEST_ID}")
    return number


def _whole(told: dict[str, Any], key: str) -> int:
    value = told.get(key)
    if type(value) is not int or not 0 <= value <= LIMIT:
        raise InvalidValue(f"{key}: expected a whole number, 0 or more")
    return value


def _number(told: dict[str, Any], key: str) -> float:
    value: Any = told.get(key)
    if type(value) not in (int, float) or not -LIMIT <= value <= LIMIT or not math.isfinite(value):
        raise InvalidValue(f"{key}: expected a number up to {LIMIT:g}")
    return float(value)


def _text(told: dict[str, Any], key: str, default: str | None = None) -> str:
    value = told.get(key, default)
    if not isinstance(value, str):
        raise InvalidValue(f"{key}: expected a string")
    return value


def _list(told: dict[str, Any], key: str) -> list[Any]:
    value = told.get(key)
    if not isinstance(value, list):
        raise InvalidValue(f"{key}: expected a list")
    return value


def _row(told: dict[str, Any], key: str, width: int, *, gaps: bool = False) -> Array:
    """(width,) numbers; with `gaps` some may be null, NaN in the result."""
    row = _list(told, key)
    if len(row) != width:
        raise InvalidValue(f"{key}: expected {width} numbers, got {len(row)}")
    if set(map(type, row)) <= ({int, float, type(None)} if gaps else {int, float}):
        try:
            numbers = np.array(row, dtype=np.float64)
        except OverflowError:
            numbers = np.full(width, np.inf)
        if not (np.abs(numbers) > LIMIT).any():
            return numbers
    raise InvalidValue(f"{key}: expected numbers up to {LIMIT:g}")
