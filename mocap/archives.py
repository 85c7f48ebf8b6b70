"""NumPy archives (.npz), those with Python objects inside too, read without running anything."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mocap import safe_pickle
from mocap.errors import FormatError

LARGEST = 8 * 2**30  # [bytes] of an archive's contents
PICKLED = 2**30  # [bytes] of one member that is a pickle


class Archive:
    """The arrays of an archive by name, each read when it is asked for.

    An array of objects comes as plain containers and arrays; one of no dimensions, as NumPy
    stores a dict, as what is in it.
    """

    def __init__(self, path: str | Path) -> None:
        """Read the list of what is in a file.

        Raises:
            FormatError: missing, or no archive.
        """
        self.path = Path(path)
        try:
            with zipfile.ZipFile(self.path) as file:
                members = {i.filename.removesuffix(".npy"): i for i in file.infolist()}
        except OSError as error:
            raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
        except (zipfile.BadZipFile, ValueError, RuntimeError, EOFError) as error:
            raise FormatError(f"not a NumPy archive: {error}", path=path) from None
        if sum(i.file_size for i in members.values()) > LARGEST:
            raise FormatError("an archive of more than 8 GiB", path=path)
        self._members = {name: info.filename for name, info in members.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def get(self, name: str, otherwise: Any = None) -> Any:
        """One array, or something else if there is none. Raises FormatError."""
        if name not in self:
            return otherwise
        return self[name]

    def __getitem__(self, name: str) -> Any:
        """One array. Raises FormatError if there is none, or it cannot be read."""
        if name not in self._members:
            raise FormatError(
                f"holds no {name!r}, only {', '.join(map(repr, self._members)) or 'nothing'}",
                path=self.path,
            )
        try:
            with zipfile.ZipFile(self.path) as file:
                return array_of(file.read(self._members[name]), f"{self.path}: {name}")
        except FormatError:
            raise
        except (
            OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, KeyError,
        ) as error:  # fmt: skip
            raise FormatError(f"{name}: cannot be read: {error}", path=self.path) from None


def array_of(data: bytes, path: object = None) -> Any:
    """What the bytes of an .npy file hold; see Archive. Raises FormatError."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
        read_header = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read_header(file)  # type: ignore[no-untyped-call]
        if not dtype.hasobject:
            return np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # what a damaged header makes of Python's parser is not told
        raise FormatError(f"not a NumPy array: {error}", path=path) from None
    if len(data) > PICKLED:
        raise FormatError("a pickle of more than 1 GiB", path=path)
    held = safe_pickle.load(data[file.tell() :], path=path)
    if not isinstance(held, np.ndarray) or held.shape != shape:
        raise FormatError("its header and its contents do not fit", path=path)
    return held[()] if held.ndim == 0 else held


def require_dict(value: Any, what: str, path: object) -> dict[Any, Any]:
    """The value, which must be a dict. Raises FormatError."""
    if not isinstance(value, dict):
        raise FormatError(f"{what}: expected a dict, got {type(value).__name__}", path=path)
    return value


def require_numbers(value: Any, shape: tuple[int | None, ...], what: str, path: object) -> Any:
    """The value as float64 of a shape, where None stands for any length. Raises FormatError."""
    try:
        array = np.asarray(value)
        numeric = array.dtype.kind in "iuf"
    except (ValueError, TypeError):
        numeric = False
    if not numeric:
        raise FormatError(f"{what}: expected numbers", path=path)
    if len(array.shape) != len(shape) or any(
        want is not None and got != want for got, want in zip(array.shape, shape, strict=True)
    ):
        wanted = " x ".join("any" if n is None else str(n) for n in shape)
        got = " x ".join(map(str, array.shape)) or "a single number"
        raise FormatError(f"{what}: expected {wanted} numbers, got {got}", path=path)
    return array.astype(np.float64)
