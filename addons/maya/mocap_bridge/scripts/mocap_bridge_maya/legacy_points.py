"""The files `3d_data.json` and `2d_data.json` of older pipelines around 3d-pose-baseline.

Both are an object of frames by their number, each an object of points by their number:
`{"0": {"0": {"translate": [x, y, z]}, ...}, ...}`. The 3D file has the 32 points of Human3.6M, of
which 17 mean something, in millimetres: x to the right of the picture, y into it, z up. The 2D file
has the 18 points of OpenPose's COCO model, in pixels from the upper left corner.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Sequence

from .shared.errors import TakeError
from .shared.skeleton import LIMIT
from .shared.strict_json import value_of

NAMES = ("3d_data.json", "2d_data.json")
JOINTS = {  # of the 32 those that mean something; the others repeat or are means
    "hips": 0,
    "rightUpperLeg": 1,
    "rightLowerLeg": 2,
    "rightFoot": 3,
    "leftUpperLeg": 6,
    "leftLowerLeg": 7,
    "leftFoot": 8,
    "spine": 12,
    "neck": 13,
    "head": 14,
    "top": 15,
    "leftUpperArm": 17,
    "leftLowerArm": 18,
    "leftHand": 19,
    "rightUpperArm": 25,
    "rightLowerArm": 26,
    "rightHand": 27,
}
MOST_FRAMES = 10_000_000  # a number beyond it is none of a picture


class Points(NamedTuple):
    """What a file holds, frames in their order.

    Attributes:
        numbers: of the frames, increasing.
        rows: of each the points by number: [x, y, z] [mm] or [x, y] [px].
        size: 3 or 2.
    """

    numbers: Sequence[int]
    rows: Sequence[dict[int, tuple[float, ...]]]
    size: int


def read(path: str | Path) -> Points:
    """The points of a file. Raises TakeError, beginning with the file's name."""
    path = Path(path)
    try:
        return loads(path.read_bytes())
    except OSError as error:
        raise TakeError(f"{path.name}: cannot read: {error.strerror or error}") from None
    except TakeError as error:
        raise TakeError(f"{path.name}: {error}") from None


def loads(data: bytes) -> Points:
    """The points of a file's contents. Frames without points, after which the older program
    failed, are left out.

    Raises:
        TakeError: it is something else.
    """
    document = value_of(data)
    if not isinstance(document, dict):
        raise TakeError("expected an object of frames by their number")
    frames: dict[int, dict[int, tuple[float, ...]]] = {}
    for key, told in document.items():
        number = _number(key, MOST_FRAMES)
        if number is None:
            raise TakeError(f"expected frames by their number, got {str(key)[:40]!r}")
        if told:
            frames[number] = _points(told, f"frame {number}")
    sizes = {len(point) for row in frames.values() for point in row.values()}
    if not frames:
        raise TakeError("there is no frame with points in it")
    if len(sizes) != 1:
        raise TakeError("expected points that are all [x, y, z] or all [x, y]")
    size = sizes.pop()
    numbers = sorted(frames)
    if size == 3:
        for number in numbers:
            missing = [i for i in JOINTS.values() if i not in frames[number]]
            if missing:
                raise TakeError(f"frame {number}: point {missing[0]} is missing")
    return Points(numbers, [frames[number] for number in numbers], size)


def _points(told: Any, where: str) -> dict[int, tuple[float, ...]]:
    if not isinstance(told, dict):
        raise TakeError(f"{where}: expected an object of points by their number")
    found = {}
    for key, value in told.items():
        number = _number(key, 99)
        at = value.get("translate") if isinstance(value, dict) else None
        if number is None or not isinstance(at, list) or len(at) not in (2, 3):
            raise TakeError(f'{where}: expected points as {{"translate": [x, y, z]}}')
        if not set(map(type, at)) <= {int, float} or not all(-LIMIT <= n <= LIMIT for n in at):
            raise TakeError(f"{where}, point {number}: expected numbers")
        found[number] = tuple(map(float, at))
    return found


def _number(key: str, most: int) -> int | None:
    """The whole number that a key is, up to `most`; None if it is none."""
    if key.isdecimal() and len(key) < 20 and int(key) <= most:
        return int(key)
    return None
