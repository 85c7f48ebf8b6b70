"""Points of 3d-pose-baseline as its fork for Maya writes them, 3d_data.json and 2d_data.json.

Both are an object of frames by their number, each an object of points by their number:

    {"0": {"0": {"translate": [x, y, z]}, "1": {"translate": [x, y, z]}, ...}, "1": {...}, ...}

The 3D file has the 32 points of Human3.6M, in millimetres: x to the right of the picture, y into
it, z up. Of these 17 mean something. The 2D file has the 18 points of OpenPose's COCO model, in
pixels; (0, 0) was not seen. Neither tells a rate, nor how large the pictures were.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array, IntArray
from mocap.errors import FormatError
from mocap.keypoints.found import Keypoints, frames_of, person, with_confidence
from mocap.layouts import by_name

FLAT, SOLID = "openpose_coco18", "h36m32"  # layouts of the two files
MOST_FRAMES = 10_000_000  # a number beyond it is none of a picture
LIMIT = 1e9  # [px] or [mm]
TOLD = '{"0": {"0": {"translate": [x, y, z]}, ...}, ...}'


@dataclass(frozen=True, eq=False)
class Numbered:
    """What a file holds.

    Attributes:
        numbers: (T,) of the frames, increasing.
        points: (T, 32, 3) [mm] or (T, 18, 2) [px]; NaN for what a frame lacks.
    """

    numbers: IntArray
    points: Array

    @property
    def solid(self) -> bool:
        """Whether it is the 3D file."""
        return self.points.shape[-1] == 3


def load(path: Path) -> Numbered:
    """The points of a file. Raises FormatError."""
    try:
        return loads(path.read_bytes(), path)
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None


def loads(data: bytes, path: Path | None = None) -> Numbered:
    """The points of a file's contents; `path` is for the messages.

    Frames without points, which the older program writes when it fails, are left out.

    Raises:
        FormatError: it is something else.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON that can be read: {error}", path=path) from None
    if not isinstance(document, dict):
        raise FormatError(f"expected points by frame, {TOLD}", path=path)
    if "format" in document:
        raise FormatError(
            f"this is a {str(document['format'])[:40]}, no points by frame; give it another name, "
            "or say --input-format json",
            path=path,
        )
    rows: dict[int, dict[int, list[float]]] = {}
    for key, told in document.items():
        number = _number(key, MOST_FRAMES)
        if number is None:
            raise FormatError(
                f"expected frames by their number, {TOLD}; got {key[:40]!r}", path=path
            )
        if told:
            rows[number] = _frame(told, number, path)
    sizes = {len(point) for row in rows.values() for point in row.values()}
    if len(sizes) != 1:
        raise FormatError(
            "expected points that are all [x, y, z] or all [x, y]" if sizes else "no points in it",
            path=path,
        )
    size = sizes.pop()
    count = len(by_name(SOLID if size == 3 else FLAT))
    points = np.full((len(rows), count, size), np.nan)
    numbers = sorted(rows)
    for t, number in enumerate(numbers):
        for index, point in rows[number].items():
            if index >= count:
                raise FormatError(
                    f"frame {number}: expected points 0 to {count - 1}, got {index}", path=path
                )
            points[t, index] = point
    return Numbered(np.array(numbers, dtype=np.int64), points)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _number(key: str, most: int) -> int | None:
    """The whole number that a key is, up to `most`; None if it is none."""
    if key.isascii() and key.isdecimal() and len(key) <= 18 and int(key) <= most:
        return int(key)
    return None


def _frame(told: Any, number: int, path: Path | None) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for key, value in told.items() if isinstance(told, dict) else [("", told)]:
        index = _number(key, 999)
        place = value.get("translate") if isinstance(value, dict) else None
        if index is None or not isinstance(place, list) or len(place) not in (2, 3):
            raise FormatError(f"frame {number}: expected points by number, as in {TOLD}", path=path)
        if not {type(n) for n in place} <= {int, float} or not all(abs(n) <= LIMIT for n in place):
            raise FormatError(
                f"frame {number}, point {index}: expected numbers up to {LIMIT:g}", path=path
            )
        found[index] = [float(n) for n in place]
    return found


def is_flat(begin: bytes) -> bool:
    """Whether a file that begins like this is 2d_data.json."""
    _, key, rest = begin.partition(b'"translate"')
    place, end, _ = rest.partition(b"]")
    return bool(key and end) and begin.lstrip()[:1] == b"{" and place.count(b",") == 1


def read(path: Path, size: tuple[int, int], fps: float) -> Keypoints:
    """The points of a 2D file.

    Args:
        path: the file.
        size: of the pictures [px].
        fps: of the frames.

    Raises:
        FormatError: no such file, or the 3D one.
    """
    found = load(path)
    if found.solid:
        raise FormatError("has depth already; mocap convert makes motion of it", path=path)
    layout = by_name(FLAT)
    people = {
        int(number): [p for p in (person(with_confidence(row), layout, 0, path),) if p is not None]
        for number, row in zip(found.numbers, np.nan_to_num(found.points), strict=True)
    }
    return Keypoints("3d-pose-baseline", layout, frames_of(people, fps, path), size, tracked=True)
