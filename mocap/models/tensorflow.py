"""Checkpoints of TensorFlow read without it: those of the first linear baseline.

A checkpoint is an index, NAME.index, and numbers, NAME.data-00000-of-00001. The index is a table
of sorted keys in blocks (the format of LevelDB), its values small protocol buffers that say kind,
shape and place of each variable.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mocap.errors import FormatError
from mocap.models.numbers import State

INDEX, DATA, GRAPH = ".index", ".data-00000-of-00001", ".meta"
MAGIC = 0xDB4775248B80FB57
FOOTER = 48  # [bytes]
TRAILER = 5  # [bytes] after each block: how it is packed, and a checksum
KINDS = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}  # of numbers that networks are made of

SCOPE = "linear_model/"
MOST = 1.0  # norm of each matrix: a larger one was scaled down whenever it was used
EPSILON = 1e-3 - 1e-5  # by which TensorFlow adds more to a variance than PyTorch


def is_bundle(path: Path) -> bool:
    """Whether a path is one of the files of such a checkpoint."""
    return path.name.endswith((INDEX, DATA, GRAPH))


def read_bundle(path: Path) -> State:
    """The variables of a checkpoint, by name; those of other kinds than numbers are left out.

    Args:
        path: any of its files; the others lie beside it.

    Raises:
        FormatError: it cannot be read, or is damaged.
    """
    name = path.name.removesuffix(INDEX).removesuffix(DATA).removesuffix(GRAPH)
    try:
        index = path.with_name(name + INDEX).read_bytes()
        data = path.with_name(name + DATA).read_bytes()
    except OSError as error:
        raise FormatError(
            f"{name}{INDEX} and {name}{DATA} must lie in one folder: {error.strerror or error}",
            path=path,
        ) from None
    state: State = {}
    try:
        for key, value in _table(index):
            if key:  # the empty one tells of the checkpoint itself
                _add(state, key.decode(), value, data)
    except (ValueError, IndexError, struct.error, UnicodeDecodeError) as error:
        raise FormatError(f"not a whole checkpoint of TensorFlow: {error}", path=path) from None
    if not state:
        raise FormatError("a checkpoint of TensorFlow without any numbers", path=path)
    return state


def linear_baseline(variables: State) -> State:
    """The variables of the linear baseline under the names that it has in PyTorch.

    Matrices are turned and kept within the norm that they were trained under; variances take up
    the difference of the two programs.
    """
    names = {"w1": "w1", "b1": "w1", "w4": "w2", "b4": "w2", "batch_normalization": "batch_norm1"}
    stages = {key.split("/")[1] for key in variables if key.startswith(f"{SCOPE}two_linear_")}
    for stage in stages:
        i = stage.rsplit("_", 1)[1]
        for theirs, ours in (
            ("w2_", "w1"), ("b2_", "w1"), ("batch_normalization1", "batch_norm1"),
            ("w3_", "w2"), ("b3_", "w2"), ("batch_normalization2", "batch_norm2"),
        ):  # fmt: skip
            names[f"{stage}/{theirs}{i}"] = f"linear_stages.{i}.{ours}"
    state: State = {}
    parts = {
        "gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
        "moving_variance": "running_var",
    }  # fmt: skip
    for theirs, ours in names.items():
        for part, name in parts.items():
            if f"{SCOPE}{theirs}/{part}" in variables:
                more = EPSILON if part == "moving_variance" else 0.0
                state[f"{ours}.{name}"] = variables[f"{SCOPE}{theirs}/{part}"] + np.float32(more)
        value = variables.get(SCOPE + theirs)
        if value is not None and value.ndim == 2:
            state[f"{ours}.weight"] = value.T * min(1.0, MOST / float(np.linalg.norm(value)))
        elif value is not None:
            state[f"{ours}.bias"] = value
    return state


def _table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a table."""
    if len(data) < FOOTER or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise ValueError("no table at its end")
    at = len(data) - FOOTER
    for _ in range(2):  # the place of the list of special blocks, which is not needed
        _, at = _varint(data, at)
    for _, place in _block(data, *_place(data, at)):
        yield from _block(data, *_place(place, 0))


def _place(data: bytes, at: int) -> tuple[int, int]:
    """Where a block lies: offset and size."""
    offset, at = _varint(data, at)
    size, _ = _varint(data, at)
    return offset, size


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block; each key repeats the beginning of the one before."""
    block = data[offset : offset + size]
    if len(data) < offset + size + TRAILER or size < 4:
        raise ValueError("cut off")
    if data[offset + size] != 0:
        raise ValueError("a packed index")
    (restarts,) = struct.unpack("<I", block[-4:])
    end = size - 4 * (restarts + 1)
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        new, at = _varint(block, at)
        length, at = _varint(block, at)
        if at + new + length > end or shared > len(key):
            raise ValueError("cut off")
        key = key[:shared] + block[at : at + new]
        yield key, block[at + new : at + new + length]
        at += new + length


def _add(state: State, key: str, entry: bytes, data: bytes) -> None:
    """The numbers of a variable, from what the index says of it."""
    told = dict(_fields(entry))
    kind = KINDS.get(_whole(told.get(1, 0)))
    if kind is None or 7 in told:  # of another kind, or in slices
        return
    shape = [
        _whole(dict(_fields(dimension)).get(1, 0))
        for number, dimension in _fields(_bytes(told.get(2, b"")))
        if number == 2 and isinstance(dimension, bytes)
    ]
    begin, size = _whole(told.get(4, 0)), _whole(told.get(5, 0))
    if _whole(told.get(3, 0)) or begin + size > len(data):
        raise ValueError(f"the numbers of {key} are missing")
    if math.prod(shape) * np.dtype(kind).itemsize != size:
        raise ValueError(f"{key} has {size} bytes for shape {shape}")
    state[key] = np.frombuffer(data[begin : begin + size], kind).reshape(shape)


def _fields(message: bytes | int) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of the fields of a protocol buffer."""
    message = _bytes(message)
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if tag & 7 == 2:
            size, at = _varint(message, at)
        elif tag & 7 in (1, 5):
            size = 8 if tag & 7 == 1 else 4
        else:
            raise ValueError("no protocol buffer")
        if at + size > len(message):
            raise ValueError("cut off")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number of as many bytes as it needs, and where the next thing begins."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise ValueError("a number without end")


def _whole(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise ValueError("bytes where a number must be")
    return value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where bytes must be")
    return value
