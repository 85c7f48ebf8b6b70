"""The safetensors format, both ways: arrays by name and notes, nothing that runs."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.errors import FormatError
from mocap.models.numbers import BRAIN, State, numbers_of

LONGEST_HEADER = 1 << 26  # [bytes]
KINDS = {
    "F32": "f4", "F64": "f8", "F16": "f2", "BF16": "bf16", "I64": "i8", "I32": "i4", "I16": "i2",
    "I8": "i1", "U8": "u1", "BOOL": "b1",
}  # fmt: skip


def is_safetensors(data: bytes) -> bool:
    """Whether bytes begin as such a file."""
    return len(data) > 8 and data[8:9] == b"{" and data[:8].endswith(b"\0\0\0")


def read_safetensors(data: bytes, path: object = None) -> tuple[State, dict[str, str]]:
    """Tensors and notes of a safetensors file. Raises FormatError."""
    try:
        if len(data) < 8:
            raise ValueError("cut off")
        size = struct.unpack("<Q", data[:8])[0]
        if size > min(LONGEST_HEADER, len(data) - 8):
            raise ValueError("cut off")
        header = json.loads(data[8 : 8 + size])
        notes = {str(k): str(v) for k, v in header.pop("__metadata__", {}).items()}
        body = memoryview(data)[8 + size :]
        state = {}
        for name, of in header.items():
            shape = [int(n) for n in of["shape"]]
            begin, end = of["data_offsets"]
            kind = KINDS[of["dtype"]]
            if not 0 <= begin <= end <= len(body) or min(shape, default=0) < 0:
                raise ValueError("cut off")
            state[name] = numbers_of(body[begin:end], kind).reshape(shape)
    except RecursionError:
        raise FormatError("a safetensors file nested too deeply", path=path) from None
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise FormatError(f"not a whole safetensors file: {error}", path=path) from None
    return state, notes


def dump_safetensors(state: Mapping[str, NDArray[Any]], notes: Mapping[str, str]) -> bytes:
    """A safetensors file; the same weights and notes give the same bytes."""
    names = {np.dtype(v).str.lstrip("<|"): k for k, v in KINDS.items() if v != BRAIN}
    header: dict[str, Any] = {"__metadata__": dict(sorted(notes.items()))}
    blocks, at = [], 0
    # those of large numbers first, so that everything lies where its size asks for
    for key in sorted(state, key=lambda key: (-state[key].dtype.itemsize, key)):
        array = np.ascontiguousarray(state[key])
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        block = array.tobytes()
        header[key] = {
            "dtype": names[array.dtype.str.lstrip("<|")],
            "shape": list(state[key].shape),
            "data_offsets": [at, at + len(block)],
        }
        blocks.append(block)
        at += len(block)
    told = json.dumps(header, separators=(",", ":")).encode()
    told += b" " * (-len(told) % 8)
    return b"".join([struct.pack("<Q", len(told)), told, *blocks])
