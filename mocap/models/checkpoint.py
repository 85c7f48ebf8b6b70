"""Checkpoints of PyTorch read as NumPy arrays, without PyTorch and safely.

A checkpoint of PyTorch is a pickle and the numbers of its tensors: in a ZIP beside it, or, before
PyTorch 1.6, after it in the same file. `mocap.safe_pickle` reads the pickle, so that nothing but
arrays, numbers, text and containers is ever made; a file that holds a whole network rather than
its weights wants more, and is refused.
"""

from __future__ import annotations

import io
import math
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap import safe_pickle
from mocap.errors import FormatError, UnknownName
from mocap.models.numbers import Order, State, dtype_of, numbers_of
from mocap.models.safetensors import is_safetensors, read_safetensors

LEGACY = 0x1950A86A20F9469CFC6C  # the first pickle of a file before PyTorch 1.6
LEGACY_VERSION = 1001
CONTAINERS = ("model_pos", "state_dict", "model", "network", "net")  # where a network is
PREFIX = "module."  # of all keys, if it was trained on several GPUs

_KINDS = {
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
    "HalfStorage": "f2",
    "BFloat16Storage": "bf16",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "b1",
}


class _Kind:
    """What the numbers of a storage are, in a pickle a class of PyTorch."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __setstate__(self, _: object) -> None:
        raise pickle.UnpicklingError("a state for what has none")


@dataclass
class _Storage:
    """The numbers that tensors are views of.

    Attributes:
        kind: of the numbers.
        numbers: (N,), in old files filled only after the pickle was read.
    """

    kind: str
    numbers: NDArray[Any]

    def __setstate__(self, _: object) -> None:
        raise pickle.UnpicklingError("a state for what has none")


@dataclass
class _Storages:
    """What a pickle refers to by key."""

    get: Callable[[str, str, int], NDArray[Any]]  # by key, kind and count
    known: dict[str, _Storage] = field(default_factory=dict)

    def __call__(self, pid: Any) -> _Storage:
        """persistent_load of PyTorch."""
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage":
            raise pickle.UnpicklingError("a whole network rather than its weights")
        _, kind, key, _, count, *view = pid
        if not isinstance(kind, _Kind) or type(count) is not int or count < 0:
            raise pickle.UnpicklingError("a storage of unknown numbers")
        if view and view[0] is not None:
            raise pickle.UnpicklingError("a storage that is part of another")
        key = str(key)
        if key not in self.known:
            self.known[key] = _Storage(kind.kind, self.get(key, kind.kind, count))
        return self.known[key]


def read_checkpoint(path: Path) -> Any:
    """All that a checkpoint file holds, tensors as arrays.

    Raises:
        FormatError: it cannot be read, is cut off, or wants to build more than plain data.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", path=path) from None
    if not data:
        raise FormatError("the file is empty", path=path)
    if data.startswith(b"PK\x03\x04"):
        return _read_zip(data, path)
    if is_safetensors(data):
        return read_safetensors(data, path)[0]
    if b"ustar" in data[257:265]:
        raise FormatError(
            "a checkpoint of PyTorch before 0.2, an archive of tar; save it again with a newer "
            "PyTorch",
            path=path,
        )
    if data[:512].lstrip().startswith(b"<"):
        raise FormatError(
            "a web page rather than a checkpoint, as sites send that ask something first; download "
            "it with a browser",
            path=path,
        )
    return _read_legacy(data, path)


def network_state(content: object, part: str = "", *, path: object = None) -> State:
    """The weights of a network among what a checkpoint holds.

    Args:
        content: of `read_checkpoint`.
        part: which network, as "model_traj" of VideoPose3D; empty for the only or main one.
        path: for messages.

    Raises:
        FormatError: there are none.
        UnknownName: `part` is not in the checkpoint.
    """
    if not isinstance(content, Mapping):
        raise FormatError(f"holds {type(content).__name__} rather than weights by name", path=path)
    if part:
        if part not in content:
            raise UnknownName("part of the checkpoint", part, map(str, content))
        content = content[part]
        if content is None:
            raise FormatError(f"was trained without a network {part}; it is empty", path=path)
    else:
        for name in CONTAINERS:
            if isinstance(content.get(name), Mapping):
                content = content[name]
                break
    state = {
        key: value
        for key, value in (content.items() if isinstance(content, Mapping) else ())
        if isinstance(key, str) and isinstance(value, (np.ndarray, np.generic))
    }
    if not state:
        names = ", ".join(map(str, content)) if isinstance(content, Mapping) else "no names"
        raise FormatError(f"holds no weights of a network; it holds {names[:200]}", path=path)
    if all(key.startswith(PREFIX) for key in state):
        state = {key[len(PREFIX) :]: value for key, value in state.items()}
    return {key: np.asarray(value) for key, value in state.items()}


def _read_zip(data: bytes, path: Path) -> Any:
    """A checkpoint since PyTorch 1.6."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: info for info in archive.infolist()}
            inside = [name for name in members if name.rpartition("/")[2] == "data.pkl"]
            if len(inside) != 1:
                raise FormatError("a ZIP, but no checkpoint of PyTorch", path=path)
            root = inside[0].removesuffix("data.pkl")
            if f"{root}constants.pkl" in members:
                raise FormatError(
                    "a program of TorchScript, which would have to be run; save its state_dict()",
                    path=path,
                )

            def record(name: str, most: int) -> bytes:
                info = members[root + name]
                if info.file_size > most:  # more than it says is never unpacked
                    raise FormatError(f"{name} has {info.file_size} bytes", path=path)
                try:
                    return archive.read(info)
                except ValueError:  # of a place before the beginning of the file
                    raise FormatError(f"{name} is nowhere in the file", path=path) from None

            order: Order = "<"
            if f"{root}byteorder" in members and record("byteorder", 16) == b"big":
                order = ">"

            def stored(key: str, kind: str, count: int) -> NDArray[Any]:
                size = count * dtype_of(kind).itemsize
                numbers = numbers_of(record(f"data/{key}", min(size, len(data))), kind, order)
                if len(numbers) != count:
                    raise FormatError(f"data/{key} is cut off", path=path)
                return numbers

            return _load(record("data.pkl", len(data)), _Storages(stored), path)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, EOFError, OSError) as error:
        raise FormatError(
            f"not a whole checkpoint ({error}); the download may have been cut off", path=path
        ) from None


def _read_legacy(data: bytes, path: Path) -> Any:
    """A checkpoint before PyTorch 1.6, or a plain pickle."""
    first, rest = _one_pickle(data, path)
    if not _is_magic(first):
        return _load(data, None, path)
    version, rest = _one_pickle(rest, path)
    if safe_pickle.load(version, path=path) != LEGACY_VERSION:
        raise FormatError("a checkpoint of an unknown version of PyTorch", path=path)
    about, rest = _one_pickle(rest, path)
    told = safe_pickle.load(about, path=path)
    little = not isinstance(told, Mapping) or told.get("little_endian", True)
    order: Order = "<" if little else ">"

    def stored(_: str, kind: str, count: int) -> NDArray[Any]:
        if kind == "bf16":
            raise FormatError("numbers of a kind that files of this age do not have", path=path)
        if count * dtype_of(kind).itemsize > len(data):
            raise FormatError(
                f"{count} numbers in a file of {len(data)} bytes; cut off?", path=path
            )
        return np.zeros(count, dtype_of(kind, order))

    storages = _Storages(stored)
    main, rest = _one_pickle(rest, path)
    content = _load(main, storages, path)
    keys, rest = _one_pickle(rest, path)
    numbers = memoryview(rest)
    for key in safe_pickle.load(keys, path=path):
        storage = storages.known.get(str(key))
        if storage is None or len(numbers) < 8:
            raise FormatError(f"the numbers {key} are missing; cut off?", path=path)
        (count,) = struct.unpack(order + "q", numbers[:8])
        size = count * dtype_of(storage.kind).itemsize
        if count != len(storage.numbers) or len(numbers) < 8 + size:
            raise FormatError(f"the numbers {key} are cut off", path=path)
        storage.numbers[:] = np.frombuffer(numbers[8 : 8 + size], storage.numbers.dtype)
        numbers = numbers[8 + size :]
    return content


def _one_pickle(data: bytes, path: Path) -> tuple[bytes, bytes]:
    """The first pickle of some bytes, and what comes after it."""
    try:
        *_, (_, _, end) = safe_pickle.opcodes(data)
        return data[:end], data[end:]
    except Exception as error:  # whatever a broken program stumbles over
        raise FormatError(
            f"neither a checkpoint nor a pickle ({error}); the download may have been cut off",
            path=path,
        ) from None


def _is_magic(first: bytes) -> bool:
    if len(first) > 64:
        return False
    try:
        return bool(safe_pickle.load(first) == LEGACY)
    except FormatError:
        return False


def _load(data: bytes, storages: _Storages | None, path: Path) -> Any:
    """A pickle whose tensors become arrays."""
    more: dict[str, Any] = {
        "torch._utils._rebuild_tensor": _tensor,
        "torch._utils._rebuild_tensor_v2": _tensor,
        "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
        "torch.nn.parameter.Parameter": lambda tensor, *_: tensor,
        "torch.Size": lambda sizes=(): tuple(sizes),
        "torch.device": lambda *of: str(of[0]) if of else "",
        **{f"torch.{name}": _Kind(kind) for name, kind in _KINDS.items()},
        # what a random generator was like is of no use here
        "numpy.random.__RandomState_ctor": safe_pickle.Ignored,
        "numpy.random._pickle.__randomstate_ctor": safe_pickle.Ignored,
        "numpy.random._pickle.__bit_generator_ctor": safe_pickle.Ignored,
        "numpy.random._mt19937.MT19937": safe_pickle.Ignored,
        "numpy.random.mtrand.RandomState": safe_pickle.Ignored,
    }
    return safe_pickle.load(data, more=more, persistent=storages, path=path)


def _tensor(storage: object, offset: object, size: object, stride: object, *_: object) -> Any:
    """The view of a storage that a tensor is, never beyond its ends."""
    whole = all(
        isinstance(of, tuple) and all(type(n) is int and n >= 0 for n in of)
        for of in (size, stride, (offset,))
    )
    if not isinstance(storage, _Storage) or not whole:
        raise pickle.UnpicklingError("a tensor of no known numbers")
    sizes, strides, begin = list(size), list(stride), int(offset)  # type: ignore[call-overload]
    numbers = storage.numbers
    last = begin + sum((n - 1) * s for n, s in zip(sizes, strides, strict=True))
    count = math.prod(sizes)
    if count == 0:
        return np.zeros(sizes, numbers.dtype)
    if last >= len(numbers) or count > len(numbers) or len(sizes) > 32:
        raise pickle.UnpicklingError(f"a tensor of {count} numbers in a storage of {len(numbers)}")
    bytes_ = [s * numbers.itemsize for s in strides]
    return np.lib.stride_tricks.as_strided(numbers[begin:], sizes, bytes_)
