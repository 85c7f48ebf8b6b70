"""Checked, read-only arrays: what the frozen values of the package are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mocap.errors import InvalidValue

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def frozen(
    value: ArrayLike,
    shape: tuple[int | None, ...],
    name: str,
    dtype: DTypeLike = np.float64,
) -> Any:
    """A read-only view of `value` with the given dtype.

    Args:
        value: anything NumPy turns into an array; not copied when it already fits.
        shape: the expected shape; None matches any length along that axis.
        name: what the array is, for the message.

    Raises:
        InvalidValue: the value is not numeric or its shape differs.
    """
    try:
        array = np.asarray(value, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"{name}: expected an array of {np.dtype(dtype)}, got {error}") from None
    if len(array.shape) != len(shape) or any(
        want is not None and got != want for got, want in zip(array.shape, shape, strict=True)
    ):
        wanted = tuple("any" if n is None else n for n in shape)
        raise InvalidValue(f"{name}: expected shape {wanted}, got {array.shape}")
    view = array.view()
    view.flags.writeable = False
    return view


def require_finite(array: NDArray[Any], name: str) -> None:
    """Raise InvalidValue unless every entry of `array` is finite."""
    if not np.isfinite(array).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidValue(f"{name}: expected finite numbers, got {array[at]} at index {at}")


def require_share(array: NDArray[Any], name: str) -> None:
    """Raise InvalidValue unless every entry of `array` lies in [0, 1]."""
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise InvalidValue(
            f"{name}: expected numbers from 0 to 1, got {array.min():g} to {array.max():g}"
        )


def require_increasing(times: Array) -> None:
    """Raise InvalidValue unless the times (T,) [s] grow from frame to frame."""
    steps = np.diff(times)
    if len(steps) and np.min(steps) <= 0:
        at = int(np.argmax(steps <= 0))
        raise InvalidValue(
            f"times: expected increasing seconds, got {times[at]} before {times[at + 1]} at "
            f"frame {at}"
        )
