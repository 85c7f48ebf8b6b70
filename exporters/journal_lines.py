"""The lines of a journal: a recording that is written while it happens.

One JSON object per line, strict JSON (no NaN), UTF-8. The first line is the header,

    {"format": "mocap-journal", "version": 1,
     "started": "2026-11-21T14:03:02.123Z", "clock": 12.345,
     "unit": "m", "axes": {as in a take}, "name", "note",
     "layout", "points", "lines", "size": [w, h], "made": {as in a take}}

where "started" is UTC at the moment when the clock that all times "t" are of stood at "clock", so
that anything at t happened at started + t - clock. Each line after it is one of

    {"cast": {"fps", "people": [{"id", "skeleton": {"name", "bones"}}]}}
    {"seen": {"t", "people": [{"id", "image": [x0, y0, ...], "world": [x0, y0, z0, ...] or null,
                               "confidence": [one per point]}]}}
    {"frame": {"seq", "t", "people": [{"id", "state", "root": [x, y, z],
                                       "rotations": [x0, y0, z0, w0, x1, ...],
                                       "confidence": [one per bone], "contacts": {bone: bool},
                                       "translations": [x0, y0, z0, ...], only if bones move}]}}
    {"note": "..."}
    {"end": {"frames", "seconds", "people": [ids]}}

A frame is of the people of the last cast before it. Poses are written exactly, so that what is read
is bit for bit what was written; landmarks are rounded as in a take, and a coordinate that is not
known is null. Unknown keys, and lines of other kinds, are ignored. Without an "end" the recording
was cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

from exporters.json_take import AXES, DEPTH, PIXEL, SHARE
from mocap import skeletons
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.landmarks import Layout, Observation
from mocap.motion import Pose
from mocap.skeleton import Skeleton

NAME, VERSION = "mocap-journal", 1


@dataclass(frozen=True)
class Header:
    """What is known when a recording begins.

    Attributes:
        started: with a time zone.
        clock: [s] what the clock of all times showed then.
        layout: of the landmarks.
        size: width and height of the picture [px].
        made: how the recording is made, plain JSON values, as in a take.
        name: of the take.
        note: what its user wants to remember.
    """

    started: datetime
    clock: float
    layout: Layout
    size: tuple[int, int]
    made: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    note: str = ""

    def utc(self, t: float) -> datetime:
        """When that was. Raises InvalidValue if there is no such date."""
        try:
            return self.started.astimezone(timezone.utc) + timedelta(seconds=t - self.clock)
        except OverflowError:
            raise InvalidValue(f"no date is {t - self.clock:g} s from {self.started}") from None


@dataclass(frozen=True, eq=False)
class CastLine:
    """Who is in the frames that follow.

    Attributes:
        people: skeletons by person id.
        fps: nominal rate [1/s] of the frames.
    """

    people: Mapping[int, Skeleton]
    fps: float


@dataclass(frozen=True, eq=False)
class FrameLine:
    """The poses of one moment.

    Attributes:
        seq: number of the frame.
        t: [s] on the clock of the journal.
        people: poses by person id.
    """

    seq: int
    t: float
    people: Mapping[int, Pose]


@dataclass(frozen=True)
class NoteLine:
    """Something worth knowing that happened."""

    text: str


@dataclass(frozen=True)
class EndLine:
    """The recording was ended on purpose.

    Attributes:
        frames: how many there are.
        seconds: from the first thing recorded to the last.
        people: ids of everyone who had a pose or landmarks.
    """

    frames: int
    seconds: float
    people: tuple[int, ...] = ()


Line = CastLine | Observation | FrameLine | NoteLine | EndLine


def utc_text(time: datetime) -> str:
    """A time as journals write it: UTC, to the millisecond."""
    utc = time.astimezone(timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def header_line(header: Header) -> bytes:
    """The first line. Raises InvalidValue if `made` holds what JSON cannot."""
    layout = header.layout
    told = {
        "format": NAME,
        "version": VERSION,
        "started": utc_text(header.started),
        "clock": float(header.clock),
        "name": header.name,
        "note": header.note,
        "unit": "m",
        "axes": AXES,
        "layout": layout.name,
        "points": list(layout.points),
        "lines": [list(ends) for ends in layout.lines],
        "size": [int(n) for n in header.size],
        "made": dict(header.made),
    }
    try:
        return _encoded(told)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"made: expected what JSON can hold; {error}") from None


def cast_line(people: Mapping[int, Skeleton], fps: float) -> bytes:
    """Who is in the frames that follow, as in CastLine."""
    told = [{"id": int(i), "skeleton": skeletons.to_dict(s)} for i, s in people.items()]
    return _encoded({"cast": {"fps": float(fps), "people": told}})


def seen_line(observation: Observation) -> bytes:
    """What the estimator saw in one frame, ids being those of the tracker."""
    people = [
        {
            "id": int(p.person),
            "image": _rounded(p.image, PIXEL),
            "world": None if p.world is None else _rounded(p.world, DEPTH),
            "confidence": _rounded(p.confidence, SHARE),
        }
        for p in observation.people
    ]
    return _encoded({"seen": {"t": float(observation.t), "people": people}})


def frame_line(seq: int, t: float, people: Iterable[tuple[int, Pose]]) -> bytes:
    """The poses of one moment, exactly."""
    told = []
    for number, pose in people:
        entry: dict[str, Any] = {
            "id": int(number),
            "state": pose.state.name.lower(),
            "root": pose.root.tolist(),
            "rotations": pose.rotations.ravel().tolist(),
            "confidence": pose.confidence.tolist(),
            "contacts": {foot: bool(on) for foot, on in pose.contacts.items()},
        }
        if pose.translations is not None:
            entry["translations"] = pose.translations.ravel().tolist()
        told.append(entry)
    return _encoded({"frame": {"seq": int(seq), "t": float(t), "people": told}})


def note_line(text: str) -> bytes:
    """Something worth knowing that happened."""
    return _encoded({"note": text})


def end_line(end: EndLine) -> bytes:
    """The last line."""
    people = [int(i) for i in end.people]
    return _encoded({"end": {"frames": end.frames, "seconds": end.seconds, "people": people}})


def _encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _rounded(table: Array, decimals: int) -> list[float | None]:
    """The numbers of a table one after the other; None for what is not finite."""
    flat = table.ravel()
    known = np.isfinite(flat)
    # adding zero turns negative zeros into positive ones
    numbers: list[float | None] = (np.round(flat, decimals) + 0.0).tolist()
    if not known.all():
        numbers = [n if ok else None for n, ok in zip(numbers, known.tolist(), strict=True)]
    return numbers
