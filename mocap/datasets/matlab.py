"""Arrays of numbers from MATLAB files of versions 5 to 7.

SciPy's reader is not used: it crashes the whole process on some damaged files. The format is in
MathWorks, "MAT-File Format" (2022), chapter 1: a header, then elements, each with a tag of type
and length, some of them compressed.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.errors import FormatError

HDF5 = b"\x89HDF\r\n\x1a\n"
HEADER = 128  # [bytes]
LARGEST = 2**29  # [bytes] of one array
COMPLEX = 0x800  # flag of an array
MATRIX, COMPRESSED = 14, 15  # types of elements, and those of numbers
NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
# classes of arrays
CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip


def load_matlab(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of real numbers of a file by name; whatever else it holds is passed over.

    Raises:
        FormatError: not such a file; or MATLAB 7.3, which is HDF5.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    if HDF5 in (data[:8], data[512:520]) or b"MATLAB 7.3" in data[:HEADER]:
        raise FormatError(
            "a MATLAB 7.3 file, which is HDF5 and would need the package h5py; in MATLAB, "
            "load it and save it with -v7",
            path=path,
        )
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise FormatError("not a MATLAB file of version 5 to 7", path=path)
    try:
        return dict(_arrays(data[HEADER:], order))
    except (struct.error, zlib.error, ValueError, OverflowError, MemoryError) as error:
        raise FormatError(f"a damaged MATLAB file: {error}", path=path) from None


def _arrays(data: bytes, order: str) -> Iterator[tuple[str, NDArray[Any]]]:
    for kind, content in _elements(data, order):
        if kind == COMPRESSED:
            loose = zlib.decompressobj()
            content = loose.decompress(content, LARGEST)
            if loose.unconsumed_tail:
                raise ValueError("an array of more than 512 MiB")
            kind, content = next(_elements(content, order), (0, b""))
        if kind == MATRIX:
            found = _array(content, order)
            if found is not None:
                yield found


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and content of each element."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}II", data, at)
        begin = at + 8
        if kind >> 16:  # short ones are part of their tag
            kind, size, begin = kind & 0xFFFF, kind >> 16, at + 4
            if size > 4:
                raise ValueError(f"{size} bytes in a tag")
            at += 8
        else:
            at = begin + size
            if kind != COMPRESSED:
                at += -size % 8
        if begin + size > len(data):
            raise ValueError(f"an element of {size} bytes, of which {len(data) - begin} are there")
        yield kind, data[begin : begin + size]


def _array(data: bytes, order: str) -> tuple[str, NDArray[Any]] | None:
    """Name and numbers of an array, None if it holds something else."""
    parts = _elements(data, order)
    (_, flags), (_, shape), (_, name), (kind, content) = (
        next(parts, (0, b"")) for _ in range(4)
    )  # fmt: skip
    (first,) = struct.unpack_from(f"{order}I", flags)
    dtype = CLASSES.get(first & 0xFF)
    if dtype is None or first & COMPLEX or (kind not in NUMBERS and content):
        return None
    sides = [int(n) for n in np.frombuffer(shape, f"{order}i4")]
    numbers = np.frombuffer(content, f"{order}{NUMBERS.get(kind, 'u1')}")
    if not 2 <= len(sides) <= 32 or min(sides) < 0 or math.prod(sides) != len(numbers):
        raise ValueError(f"{len(numbers)} numbers for an array of {' x '.join(map(str, sides))}")
    array = numbers.astype(dtype).reshape(sides, order="F")
    return name.decode("latin-1"), array
