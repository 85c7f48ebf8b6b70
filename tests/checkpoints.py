"""Checkpoint files written byte by byte, as PyTorch writes them, and by those who mean harm."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from networks import Numbers

MAGIC = 0x1950A86A20F9469CFC6C
KINDS = {"f4": "FloatStorage", "f8": "DoubleStorage", "f2": "HalfStorage", "i8": "LongStorage"}


class Named:
    """A thing of another module, known in a pickle by its name alone."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Called:
    """A call in a pickle: of a name, with arguments."""

    def __init__(self, function: Named, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments


class Stored:
    """The numbers of a tensor."""

    def __init__(self, key: str, numbers: Numbers) -> None:
        self.key, self.numbers = key, numbers


_PythonPickler: Any = getattr(pickle, "_Pickler")  # noqa: B009, the one written in Python


class _Pickler(_PythonPickler):  # type: ignore[misc]
    """Writes names, calls and stored numbers without having what they name."""

    def __init__(self, file: io.BytesIO, legacy: bool) -> None:
        super().__init__(file, protocol=2)
        self.legacy = legacy

    def persistent_id(self, thing: object) -> Any:
        if isinstance(thing, Stored):
            kind = Named("torch", KINDS[thing.numbers.dtype.str[1:]])
            pid = ("storage", kind, thing.key, "cpu", thing.numbers.size)
            return (*pid, None) if self.legacy else pid
        return None

    def save(self, thing: Any, *others: Any, **more: Any) -> None:
        if isinstance(thing, Named):
            self.write(f"c{thing.module}\n{thing.name}\n".encode())
        elif isinstance(thing, Called):
            self.save(thing.function)
            self.save(thing.arguments)
            self.write(b"R")
        else:
            super().save(thing, *others, **more)


def pickled(thing: object, legacy: bool = False) -> bytes:
    """A pickle of containers, names, calls and stored numbers."""
    made = io.BytesIO()
    _Pickler(made, legacy).dump(thing)
    return made.getvalue()


def tensor(key: str, numbers: Numbers, **other: Any) -> Called:
    """A tensor whose numbers are stored under a key; offset, size and stride may be others."""
    strides = tuple(s // numbers.itemsize for s in numbers.strides)
    told = {"offset": 0, "size": numbers.shape, "stride": strides, **other}
    rebuild = Named("torch._utils", "_rebuild_tensor_v2")
    stored = Stored(key, numbers.ravel())
    hooks = Called(Named("collections", "OrderedDict"))
    return Called(rebuild, stored, told["offset"], told["size"], told["stride"], False, hooks)


def zipped(thing: object, stored: Mapping[str, Numbers], **more: bytes) -> bytes:
    """A file as PyTorch writes it since 1.6."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", pickled(thing))
        for key, numbers in stored.items():
            archive.writestr(f"archive/data/{key}", numbers.tobytes())
        for name, data in more.items():
            archive.writestr(f"archive/{name}", data)
    return made.getvalue()


def legacy(thing: object, stored: Mapping[str, Numbers]) -> bytes:
    """A file as PyTorch wrote it before."""
    about = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    parts = [pickle.dumps(part, 2) for part in (MAGIC, 1001, about)]
    parts += [pickled(thing, legacy=True), pickle.dumps(list(stored), 2)]
    for numbers in stored.values():
        parts += [struct.pack("<q", numbers.size), numbers.tobytes()]
    return b"".join(parts)


WEIGHTS: dict[str, Numbers] = {
    "expand.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "bn.num_batches_tracked": np.array(7, np.int64),
    "double": np.linspace(0, 1, 5),
    "half": np.array([0.5, -2], np.float16),
}


def as_tensors(weights: Mapping[str, Numbers] = WEIGHTS, prefix: str = "") -> dict[str, Any]:
    """Weights as a pickle of PyTorch tells them."""
    return {prefix + key: tensor(key, numbers) for key, numbers in weights.items()}
