"""What footage says of the lens it was taken with: EXIF of pictures, tags of videos.

Everything here is a bonus: what is missing, damaged or not to be believed is None, no error.
The only module that imports Pillow, when a picture is asked.

The focal length is the 35 mm equivalent, by equal diagonal angle of view (CIPA DCG-001).
"""

from __future__ import annotations

import math
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from mocap.camera import FILM_DIAGONAL, plausible_focal

# "com.apple.quicktime.camera.focal_length.35mm_equivalent", "FocalLengthIn35mmFilm"
TAG = re.compile(r"focal_?length\D*35_?mm", re.IGNORECASE)

# Numbers of EXIF 2.32.
EXIF, LENGTH, LENGTH_35MM = 0x8769, 0x920A, 0xA405
WIDTH, HEIGHT = 0xA002, 0xA003
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0xA20E, 0xA20F, 0xA210
MILLIMETRES = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # in the unit of a resolution
SENSORS = (2.0, 100.0)  # [mm] diagonals there are, from a webcam's to a large camera's

# Types of the data in a box of QuickTime.
TEXT, SIGNED, UNSIGNED = {1}, {21, 65, 66, 67, 74}, {22, 75, 76, 77, 78}
FLOATS = {23: (4, ">f"), 24: (8, ">d")}
# The boxes that lead to metadata, by the box they lie in.
CHILDREN = {b"": {b"moov"}, b"moov": {b"trak", b"meta"}, b"trak": {b"meta"}, b"meta": set[bytes]()}
MOST_KEYS = 1 << 16  # [bytes] more is no list of names


def focal_of_tags(tags: Mapping[str, str]) -> float | None:
    """[mm] 35 mm equivalent in tags of a container or stream, None if there is none."""
    found = (plausible_focal(value) for key, value in tags.items() if TAG.search(key))
    return next((focal for focal in found if focal is not None), None)


def focal_of_picture(path: Path) -> float | None:
    """[mm] 35 mm equivalent in the EXIF data of a picture file, None if there is none."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged data, and of large pictures
            with Image.open(path) as picture:
                exif: Mapping[int, Any] = picture.getexif().get_ifd(EXIF)
                size = picture.size
            return plausible_focal(exif.get(LENGTH_35MM)) or _focal_on_sensor(exif, size)
    except Exception:  # damaged data makes Pillow raise nearly anything
        return None


def _focal_on_sensor(exif: Mapping[int, Any], size: tuple[int, int]) -> float | None:
    """[mm] 35 mm equivalent from the true focal length and the pixels per length of the sensor."""
    unit = MILLIMETRES[int(exif.get(RESOLUTION_UNIT, 2))]
    across = float(exif[X_RESOLUTION]) / unit
    down = float(exif.get(Y_RESOLUTION, exif[X_RESOLUTION])) / unit
    width, height = int(exif.get(WIDTH, size[0])), int(exif.get(HEIGHT, size[1]))
    diagonal = math.hypot(width / across, height / down)
    if not SENSORS[0] <= diagonal <= SENSORS[1]:
        return None
    return plausible_focal(float(exif[LENGTH]) * FILM_DIAGONAL / diagonal)


def focal_of_quicktime(path: Path) -> float | None:
    """[mm] 35 mm equivalent in the metadata of an MP4 or MOV file, None if there is none.

    iPhones write it in the video track, where FFmpeg does not look.
    """
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            found = (plausible_focal(value) for value in _values(file, b"", 0, end))
            return next((focal for focal in found if focal is not None), None)
    except (OSError, ValueError, struct.error):
        return None


def _values(file: BinaryIO, parent: bytes, start: int, end: int) -> Iterator[float | str]:
    """Values of everything that is called TAG in the contents of a box."""
    names: list[str] = []
    for kind, at, stop in _boxes(file, start, end):
        if kind in CHILDREN[parent]:
            # in MP4, unlike QuickTime, version and flags come before the boxes in "meta"
            file.seek(at + 4)
            full = kind == b"meta" and file.read(4) != b"hdlr"
            yield from _values(file, kind, at + 4 * full, stop)
        elif kind == b"keys" and parent == b"meta":
            names = _names(file, at, stop)
        elif kind == b"ilst" and parent == b"meta":
            for item, first, last in _boxes(file, at, stop):
                number = int.from_bytes(item, "big") - 1
                if 0 <= number < len(names) and TAG.search(names[number]):
                    yield from _data(file, first, last)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, begin and end of the contents of each box in a part of a file."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        at = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            at += 8
        stop = end if size == 0 else start + size
        if not at <= stop <= end:
            return
        yield kind, at, stop
        start = stop


def _names(file: BinaryIO, start: int, end: int) -> list[str]:
    """The names in a box of keys: version, count, then size, namespace and name of each."""
    file.seek(start)
    data = file.read(min(end - start, MOST_KEYS))
    names, at = [], 8
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:
            break
        names.append(data[at + 8 : at + size].decode("utf-8", "replace"))
        at += size
    return names


def _data(file: BinaryIO, start: int, end: int) -> Iterator[float | str]:
    """The value of a metadata item, if it is a number or text."""
    for kind, at, stop in _boxes(file, start, end):
        if kind != b"data" or stop - at > 64:
            continue
        file.seek(at)
        data = file.read(stop - at)
        type_, value = int.from_bytes(data[:4], "big"), data[8:]
        if type_ in TEXT:
            yield value.decode("utf-8", "replace")
        elif type_ in SIGNED | UNSIGNED and len(value) <= 8:
            yield float(int.from_bytes(value, "big", signed=type_ in SIGNED))
        elif type_ in FLOATS and len(value) == FLOATS[type_][0]:
            yield struct.unpack(FLOATS[type_][1], value)[0]
