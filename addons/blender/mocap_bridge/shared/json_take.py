"""Takes as JSON (.json), as `mocap capture` and `mocap convert` write them.

Landmarks, states and contacts are left out, for no rig follows them.
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import Any

from . import journal
from .clip import Clip, Take, unit
from .errors import TakeError
from .skeleton import LIMIT, skeleton_of
from .strict_json import check_world, value_of

NAME, VERSION = "mocap-take", 1


def loads(data: bytes) -> Take:
    """The take of a file's contents. Raises TakeError."""
    document = value_of(data)
    if isinstance(document, dict) and document.get("format") == journal.NAME:
        raise TakeError("this is the journal of a recording; give it the ending .jsonl")
    if not isinstance(document, dict) or document.get("format") != NAME:
        raise TakeError(f'not a take: expected a JSON object with "format": "{NAME}"')
    check_world(document, VERSION)
    people = _get(document, "people", list, "")
    clips, without = [], 0
    for i, entry in enumerate(people):
        at = f"people[{i}]"
        if not isinstance(entry, dict):
            raise TakeError(f"{at}: expected an object")
        if "skeleton" in entry:
            clips.append(_clip(entry, document, at))
        else:
            without += 1
    clips = [clip for clip in clips if len(clip)]
    if not clips:
        raise TakeError(
            "nobody in it has a motion, only landmarks; mocap capture solves them"
            if without
            else "nobody is in it"
        )
    if len({clip.person for clip in clips}) < len(clips):
        raise TakeError("people: expected each id once")
    notes = [f"{without} of {len(people)} people have only landmarks"] if without else []
    return Take(tuple(clips), tuple(notes))


def _clip(entry: dict[str, Any], document: dict[str, Any], at: str) -> Clip:
    number = _get(entry, "id", int, at)
    skeleton = skeleton_of(_get(entry, "skeleton", dict, at), f"{at}.skeleton")
    holder, where = (entry, f"{at}.times") if "times" in entry else (document, "times")
    times = numbers(holder.get("times"), where)
    if not all(before < after for before, after in zip(times, times[1:])):
        raise TakeError(f"{where}: expected increasing seconds")
    bones = len(skeleton)
    rotations = _table(entry, "rotations", len(times), 4 * bones, at)
    moved = None
    if "translations" in entry:
        moved = _table(entry, "translations", len(times), 3 * bones, at)
    return Clip(
        number,
        skeleton,
        times,
        root=_table(entry, "root", len(times), 3, at),
        rotations=unit(rotations, f"{at}.rotations"),
        translations=moved,
    )


def _get(owner: dict[str, Any], key: str, kind: type, at: str) -> Any:
    """The value of a key, which must be there and exactly of a kind: true is no number."""
    value = owner.get(key)
    if type(value) is not kind:
        kinds = {dict: "an object", list: "a list", int: "a whole number"}
        where = f"{at}.{key}" if at else key
        raise TakeError(f"{where}: {'missing' if value is None else f'expected {kinds[kind]}'}")
    return value


def _table(owner: dict[str, Any], key: str, frames: int, width: int, at: str) -> array[float]:
    """The numbers of `frames` rows, one after the other."""
    where = f"{at}.{key}"
    rows: list[Any] = _get(owner, key, list, at)
    if len(rows) != frames:
        raise TakeError(f"{where}: expected {frames} rows, one per time, got {len(rows)}")
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise TakeError(f"{where}[{i}]: expected {width} numbers")
    return numbers(list(chain.from_iterable(rows)), where)


def numbers(flat: Any, where: str) -> array[float]:
    """The numbers of a list. Raises TakeError, beginning with `where`."""
    # what JSON gives is never NaN, so the ends tell all
    if (
        isinstance(flat, list)
        and set(map(type, flat)) <= {int, float}
        and min(flat, default=0) >= -LIMIT
        and max(flat, default=0) <= LIMIT
    ):
        return array("d", flat)
    raise TakeError(f"{where}: expected a list of numbers up to {LIMIT:g}")
