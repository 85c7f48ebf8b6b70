"""Pickles read without running anything: plain containers, text, numbers and NumPy arrays.

A pickle is a program: it may call any function of any module. Here it can only name what stands
in a short list, and each of those names means a stand-in that checks what it is given. The data
sets and checkpoints of pose estimation that come as pickles need no more.

Strings of Python 2 are read as latin-1, so that the bytes of old arrays survive.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.errors import FormatError

DEEPEST = 200  # containers within containers
_DTYPE = re.compile(r"[<>=|]?(b1|[iu][1248]|f[248]|c(?:8|16)|[SUVO]\d*)\Z")
_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
_ORDERS = {"<", ">", "|", "="}

Build = Callable[..., Any]


class Ignored:
    """Stands for an object that nobody needs: takes whatever it is made of and forgets it."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...

    def __setitem__(self, _: object, __: object) -> None: ...

    def append(self, _: object) -> None: ...

    def extend(self, _: object) -> None: ...


class _Ordered(OrderedDict[Any, Any]):
    """Takes no attributes, as PyTorch gives them: they could stand where its methods are."""

    def __setstate__(self, _: object) -> None: ...


def _ordered(*entries: Any) -> _Ordered:
    return _Ordered(*entries)


class _DType:
    """The description of an array's numbers, as far as it can be without harm."""

    def __init__(self, name: object, *_: object) -> None:
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if not isinstance(name, str) or not _DTYPE.match(name):
            raise pickle.UnpicklingError(f"an array of {name!r}")
        self.dtype: np.dtype[Any] = np.dtype(name)

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 6:
            raise pickle.UnpicklingError("an array of unknown numbers")
        _, order, *parts, size = state[:6]
        if order not in _ORDERS or any(part is not None for part in parts):
            raise pickle.UnpicklingError("an array of structures")
        if self.dtype.kind in "SU" and not self.dtype.itemsize:
            if not isinstance(size, int) or not 0 < size < 2**20:
                raise pickle.UnpicklingError("an array of texts of no length")
            count = size // 4 if self.dtype.kind == "U" else size
            self.dtype = np.dtype(f"{self.dtype.kind}{count}")
        self.dtype = self.dtype.newbyteorder(order)


class _Loading(np.ndarray):  # type: ignore[type-arg]
    """An array until its contents are known; `_plain` makes it an ordinary one."""

    def __setstate__(self, state: Any) -> None:
        try:
            _, shape, kind, fortran, data = state
            dtype = kind.dtype
            count = math.prod(shape)
            whole = isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)
        except (TypeError, ValueError, AttributeError):
            raise pickle.UnpicklingError("an array without shape and data") from None
        if not whole or len(shape) > 32:
            raise pickle.UnpicklingError(f"an array of shape {shape}")
        if dtype.hasobject:
            if not isinstance(data, list) or len(data) != count:
                raise pickle.UnpicklingError(f"an array of shape {shape} with other contents")
        else:
            data = _bytes(data)
            if len(data) != count * dtype.itemsize:
                raise pickle.UnpicklingError(
                    f"an array of shape {shape} and {len(data)} bytes of {dtype}"
                )
        super().__setstate__((1, shape, dtype, bool(fortran), data))


def _reconstruct(*_: object) -> _Loading:
    return _Loading((0,), np.uint8)


def _from_buffer(data: object, kind: object, shape: object, order: object = "C") -> _Loading:
    """An array of protocol 5, whose bytes are not copied into a state."""
    array = _reconstruct()
    array.__setstate__((1, shape, kind, order == "F", _bytes(data)))
    return array


def _scalar(kind: object, data: object = b"") -> object:
    if not isinstance(kind, _DType) or kind.dtype.hasobject:
        raise pickle.UnpicklingError("a number of no known kind")
    raw = _bytes(data)
    if not kind.dtype.itemsize or len(raw) != kind.dtype.itemsize:
        raise pickle.UnpicklingError(f"{len(raw)} bytes of {kind.dtype}")
    return np.frombuffer(raw, kind.dtype)[0]


def _encode(text: object, encoding: object = "latin1", *_: object) -> bytes:
    """How protocol 2 says bytes."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"bytes of {encoding!r}")
    return text.encode("latin-1")


def _bytearray(data: object = b"", encoding: object = "latin1") -> bytearray:
    return bytearray(_encode(data, encoding) if isinstance(data, str) else _bytes(data))


def _bytes(data: object = b"") -> bytes:
    """Never so many zero bytes as a number says."""
    if isinstance(data, str):  # of Python 2
        return data.encode("latin-1")
    if not isinstance(data, (bytes, bytearray)):
        raise pickle.UnpicklingError(f"{type(data).__name__} where bytes must be")
    return bytes(data)


class _NDArray:
    """What `_reconstruct` is told to make; never made by itself."""

    def __init__(self, *_: object) -> None:
        raise pickle.UnpicklingError("an array of no contents")


def _names() -> dict[str, Build]:
    known: dict[str, Build] = {
        "numpy.ndarray": _NDArray,
        "numpy.dtype": _DType,
        "collections.OrderedDict": _ordered,
        "_codecs.encode": _encode,
    }
    for core in ("numpy.core", "numpy._core"):
        known[f"{core}.multiarray._reconstruct"] = _reconstruct
        known[f"{core}.multiarray.scalar"] = _scalar
        known[f"{core}.numeric._frombuffer"] = _from_buffer
    for builtins in ("builtins", "__builtin__"):
        for plain in (set, frozenset, complex):
            known[f"{builtins}.{plain.__name__}"] = plain
        known[f"{builtins}.bytes"] = _bytes
        known[f"{builtins}.bytearray"] = _bytearray
    return known


KNOWN = _names()


class _Call:
    """Something to call, which a pickle cannot give attributes."""

    __slots__ = ("_call",)

    def __init__(self, call: Build) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)

    def __setstate__(self, _: object) -> None:
        raise pickle.UnpicklingError("a state for what has none")


class _Unpickler(pickle.Unpickler):
    def __init__(
        self,
        data: bytes,
        more: Mapping[str, Build],
        persistent: Callable[[Any], Any] | None,
        path: object,
    ) -> None:
        super().__init__(io.BytesIO(data), encoding="latin-1")
        self._known = {**KNOWN, **more}
        self._persistent = persistent
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        try:
            found = self._known[f"{module}.{name}"]
            return found if hasattr(found, "__setstate__") else _Call(found)
        except KeyError:
            raise FormatError(
                f"wants to build {module}.{name}, which is no plain data; refused, since a pickle "
                "may run anything",
                path=self._path,
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        if self._persistent is None:
            raise pickle.UnpicklingError("something stored elsewhere")
        return self._persistent(pid)


def load(
    data: bytes,
    *,
    more: Mapping[str, Build] | None = None,
    persistent: Callable[[Any], Any] | None = None,
    path: object = None,
) -> Any:
    """What a pickle holds, of any protocol, Python 2's among them.

    Args:
        data: the pickle.
        more: further names that may occur ("torch.FloatStorage") and what to call instead. A class
            with a `__setstate__` is given as it is, all else can only be called.
        persistent: given the id of what is stored elsewhere, returns it.
        path: of the file, for messages.

    Raises:
        FormatError: broken, or wants to build what is not plain data; names it.
    """
    try:
        _check(data)
        loaded = _Unpickler(data, more or {}, persistent, path).load()
        return _plain(loaded)
    except FormatError:
        raise
    except RecursionError:
        raise FormatError("a pickle nested too deeply", path=path) from None
    except Exception as error:  # whatever a broken program stumbles over
        raise FormatError(
            f"not a readable pickle: {error or type(error).__name__}", path=path
        ) from None


def opcodes(data: bytes) -> Iterator[tuple[str, Any, int]]:
    """The opcodes of the first pickle in some bytes: name, argument, and where the next begins.

    Raises ValueError, or whatever else a broken pickle leads to.
    """
    file = io.BytesIO(data)
    while code := file.read(1):
        opcode = _OPCODES[code]
        if opcode.name == "STRING":  # of Python 2, which `pickletools` wants to be ASCII
            line = file.readline()
            if not line.endswith(b"\n"):
                raise ValueError("a text that does not end")
            argument: Any = line
        else:
            argument = None if opcode.arg is None else opcode.arg.reader(file)
        yield opcode.name, argument, file.tell()
        if opcode.name == "STOP":
            return
    raise ValueError("exhausted before its end")


def _check(data: bytes) -> None:
    """Raise unless the opcodes are whole and number no more things than there are bytes: a memo
    of a billion places takes gigabytes."""
    for name, argument, _ in opcodes(data):
        if name in ("PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET"):
            if not 0 <= argument <= len(data):
                raise pickle.UnpicklingError(f"a memo of {argument} places")
        elif name.startswith("EXT"):
            raise pickle.UnpicklingError("an extension code")


def _plain(value: Any, depth: int = 0, seen: dict[int, tuple[Any, Any]] | None = None) -> Any:
    """The same with ordinary arrays; containers are changed in place, tuples made anew.

    `seen` has, by id, what became of it and itself, so that its id stays its own.
    """
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)][0]
    if isinstance(value, _Loading):
        seen[id(value)] = (array := value.view(np.ndarray)), value
        _plain_items(array, depth, seen)
        return array
    if not isinstance(value, (dict, list, tuple)):
        return value
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, tuple):
        new = tuple(_plain(item, depth + 1, seen) for item in value)
        seen[id(value)] = new, value
        return new
    seen[id(value)] = value, value
    if isinstance(value, dict):
        for key in value:
            value[key] = _plain(value[key], depth + 1, seen)
    elif isinstance(value, list):
        value[:] = [_plain(item, depth + 1, seen) for item in value]
    return value


def _plain_items(array: NDArray[Any], depth: int, seen: dict[int, tuple[Any, Any]]) -> None:
    if array.dtype.hasobject:
        if depth > DEEPEST:
            raise RecursionError
        for at in np.ndindex(array.shape):
            array[at] = _plain(array[at], depth + 1, seen)
