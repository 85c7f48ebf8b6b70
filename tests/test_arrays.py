"""What the frozen values of the package are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mocap.arrays import frozen, require_finite, require_share
from mocap.errors import InvalidValue


def test_a_fitting_array_is_not_copied() -> None:
    source = np.zeros((2, 3))
    assert np.shares_memory(frozen(source, (2, 3), "points"), source)


def test_the_view_is_read_only_and_the_source_is_not() -> None:
    source = np.zeros((2, 3))
    view = frozen(source, (2, 3), "points")
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 1
    source[0, 0] = 1


@pytest.mark.parametrize("value", [[[1, 2]], ((1.0, 2.0),), np.array([[1, 2]], np.uint8)])
def test_whatever_has_numbers_becomes_numbers(value: Any) -> None:
    array = frozen(value, (None, 2), "points")
    assert array.dtype == np.float64
    assert array.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("value", "shape", "message"),
    [
        (np.zeros((2, 3)), (2, 4), r"points: expected shape \(2, 4\), got \(2, 3\)"),
        (np.zeros((2, 3)), (None, 4), r"points: expected shape \('any', 4\), got \(2, 3\)"),
        (np.zeros(3), (None, 3), r"points: expected shape \('any', 3\), got \(3,\)"),
        (1.0, (1,), r"points: expected shape \(1,\), got \(\)"),
        ("abc", (3,), "points: expected an array of float64, got could not convert"),
        ([[1], [1, 2]], (2, None), "points: expected an array of float64, got setting an array"),
        ({"x": 1}, (1,), "points: expected an array of float64, got"),
    ],
)
def test_what_does_not_fit_is_named(
    value: Any, shape: tuple[int | None, ...], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        frozen(value, shape, "points")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found(bad: float) -> None:
    array = np.zeros((2, 3))
    require_finite(array, "points")
    require_finite(array[:0], "points")
    array[1, 2] = bad
    with pytest.raises(InvalidValue, match=rf"points: .* got {bad} at index \(1, 2\)"):
        require_finite(array, "points")


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1])
def test_a_share_is_from_nothing_to_all(bad: float) -> None:
    require_share(np.array([0.0, 0.5, 1.0]), "confidence")
    require_share(np.zeros(0), "confidence")
    with pytest.raises(InvalidValue, match="confidence: expected numbers from 0 to 1"):
        require_share(np.array([0.5, bad]), "confidence")
