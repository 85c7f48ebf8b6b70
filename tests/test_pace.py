"""How often frames are let through."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocap.errors import InvalidValue
from mocap.stream.pace import Pace

steps = st.lists(st.floats(0.0005, 0.1), min_size=1, max_size=100)


@given(steps, st.floats(1, 300))
def test_no_rate_is_exceeded(gaps: list[float], rate: float) -> None:
    pace = Pace(rate=rate)
    times = np.cumsum(gaps).tolist()
    passed = [t for t in times if pace.due(t)]
    assert passed[0] == times[0]
    for begin in passed:
        for length in (0.1, 1.0):
            inside = sum(begin <= t < begin + length for t in passed)
            assert inside <= math.floor(length * rate) + 2


@given(st.integers(1, 9), st.integers(1, 50))
def test_one_of_so_many(every: int, count: int) -> None:
    pace = Pace(every)
    assert sum(pace.due(i / 60) for i in range(count)) == math.ceil(count / every)


def test_half_the_rate_is_every_second_frame() -> None:
    pace = Pace(rate=30.0)
    assert [pace.due(i / 60) for i in range(6)] == [True, False] * 3


@pytest.mark.parametrize(("every", "rate"), [(0, 1.0), (1, 0.0), (1, math.nan)])
def test_a_pace_that_is_none(every: int, rate: float) -> None:
    with pytest.raises(InvalidValue, match="expected"):
        Pace(every, rate)


def test_a_reset_pace_equals_a_new_one() -> None:
    pace = Pace(2, 10.0)
    assert pace.due(5.0)
    pace.reset()
    assert pace.due(0.0)
    assert not pace.due(0.05)
