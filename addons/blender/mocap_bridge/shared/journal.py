"""The journal of a recording: one JSON object per line, written while it happened.

It may have been cut off, and lines may be damaged: those are left out and counted, whatever they
are, and take no other with them. Moments at which somebody was only seen, without a pose, are left
to the poses around them.
"""

from __future__ import annotations

from typing import Any

from .clip import Take
from .errors import TakeError
from .gathering import Gatherer, Pose
from .skeleton import LIMIT, Skeleton, skeleton_of
from .strict_json import check_world, value_of

NAME, VERSION = "mocap-journal", 1
LONGEST_LINE = 1 << 24  # bytes; a thousand people do not fill it


def loads(data: bytes) -> Take:
    """The take of the contents of a journal; notes tell what was lost. Raises TakeError."""
    lines = data.split(b"\n")
    try:
        header = _object(lines[0].strip())
    except TakeError as error:
        raise TakeError(f"line 1: expected the header of a journal; {error}") from None
    if header.get("format") != NAME:
        raise TakeError(f'not a journal: expected an object with "format": "{NAME}"')
    check_world(header, VERSION)
    reader = _Reader()
    lost, first, complete = 0, "", False
    for number, line in enumerate(lines[1:], 2):
        text = line.strip(b"\0 \t\r\n")
        if not text and b"\0" not in line:
            continue
        try:
            complete = reader.line(text)
        except TakeError as error:
            lost, first = lost + 1, first or f"line {number}: {error}"
    clips = reader.gathered.clips() if len(reader.gathered) else ()
    if not clips:
        raise TakeError("nobody in it has a motion" + (f" ({first})" if first else ""))
    notes = []
    if lost:
        notes.append(
            f"{lost} damaged {'line was' if lost == 1 else 'lines were'} left out ({first})"
        )
    if not complete:
        notes.append("the recording was cut off; what is whole was read")
    return Take(clips, tuple(notes))


class _Reader:
    """Lines after the header, one after the other."""

    def __init__(self) -> None:
        self.gathered = Gatherer()
        self._cast: dict[int, Skeleton] = {}  # by person
        self._bones: Skeleton | None = None  # a skeleton: everyone has its bones
        self._last = -float("inf")

    def line(self, text: bytes) -> bool:
        """Take in a line; returns whether it ends a recording. Raises TakeError if damaged."""
        told = _object(text)
        if "frame" in told:
            self._frame(told["frame"])
        elif "cast" in told and "seen" not in told:
            self._people(told["cast"])
        return "end" in told and not told.keys() & {"frame", "seen", "cast"}

    def _people(self, told: Any) -> None:
        cast = {}
        for entry in _entries(told):
            cast[entry["id"]] = skeleton_of(entry.get("skeleton"), "skeleton")
        for skeleton in cast.values():
            self._bones = self._bones or skeleton
            if not self._bones.same_bones(skeleton):
                self._cast = {}  # what follows is of bones that nothing is known of
                raise TakeError("cast: expected the same bones for everyone, from first to last")
        self._cast = cast
        self.gathered.settle(cast)

    def _frame(self, told: Any) -> None:
        entries = _entries(told)
        t = told.get("t")
        if type(t) not in (int, float) or not abs(t) <= LIMIT or not t > self._last:
            raise TakeError("t: expected a later time")
        poses = {}
        for entry in entries:
            skeleton = self._cast.get(entry["id"])
            if skeleton is None:
                raise TakeError(f"person {entry['id']} is not in the cast")
            poses[entry["id"]] = _pose(entry, skeleton)
        self.gathered.add(float(t), poses)
        self._last = t


def _pose(entry: dict[str, Any], skeleton: Skeleton) -> Pose:
    bones = len(skeleton)
    rotations = _row(entry, "rotations", 4 * bones)
    moved = _row(entry, "translations", 3 * bones) if "translations" in entry else None
    return _row(entry, "root", 3), rotations, moved


def _row(entry: dict[str, Any], key: str, width: int) -> list[float]:
    """The numbers of a key, exactly so many."""
    row = entry.get(key)
    if (
        not isinstance(row, list)
        or len(row) != width
        or not set(map(type, row)) <= {int, float}
        or not all(-LIMIT <= n <= LIMIT for n in row)
    ):
        raise TakeError(f"{key}: expected {width} numbers up to {LIMIT:g}")
    return row


def _entries(told: Any) -> list[dict[str, Any]]:
    """The people of a line, each once, each an object with an id."""
    people = told.get("people") if isinstance(told, dict) else None
    if not isinstance(people, list) or not all(isinstance(entry, dict) for entry in people):
        raise TakeError("people: expected a list of objects")
    ids = [entry.get("id") for entry in people]
    if not all(type(i) is int and 0 <= i < 2**31 for i in ids) or len(set(ids)) < len(ids):
        raise TakeError("people: expected whole numbers for ids, each once")
    return people


def _object(text: bytes) -> dict[str, Any]:
    """The object in a line. Raises TakeError if there is none."""
    if len(text) > LONGEST_LINE:
        raise TakeError("longer than any line of a journal")
    told = value_of(text)
    if not isinstance(told, dict):
        raise TakeError("expected an object")
    return told
