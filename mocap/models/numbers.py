"""Numbers of files as arrays."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

State = dict[str, NDArray[Any]]  # the weights of a network by name
Order = Literal["<", ">"]  # of bytes: little or big end first
BRAIN = "bf16"  # the upper half of a float32, which NumPy does not know


def dtype_of(kind: str, order: Order = "<") -> np.dtype[Any]:
    """How numbers of a kind ("f4", "i8", "bf16" ...) lie in a file."""
    return np.dtype("u2" if kind == BRAIN else kind).newbyteorder(order)


def numbers_of(data: bytes | memoryview, kind: str, order: Order = "<") -> NDArray[Any]:
    """(N,) the numbers of raw bytes; bfloat16 becomes float32."""
    numbers = np.frombuffer(data, dtype_of(kind, order))
    if kind == BRAIN:
        return (numbers.astype(np.uint32) << 16).view(np.float32)
    return numbers
