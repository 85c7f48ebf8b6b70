"""The session's clock: true delays, no steps, whatever the clocks of system and sender do."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds

from mocap.live.clock import DRIFT, SessionClock


class Ticking:
    """A clock that is told what time it is."""

    def __init__(self, t: float = 1234.5) -> None:
        self.t = t

    def __call__(self) -> float:
        return self.t


def test_it_counts_from_zero_before_any_frame() -> None:
    ticking = Ticking()
    clock = SessionClock(ticking)
    assert clock.now() == 0.0
    ticking.t += 3.0  # a model is loaded
    assert clock.now() == pytest.approx(3.0)
    assert clock.saw(0.0) == pytest.approx(3.0), "the first frame is new"
    assert clock.now() == pytest.approx(3.0), "it does not step when a frame is seen"


def test_a_camera_that_tells_its_times_of_reading_has_no_delay() -> None:
    ticking = Ticking()
    clock = SessionClock(ticking)
    for t in np.arange(0, 100, 1 / 30):
        ticking.t = 2000.0 + t
        assert clock.saw(float(t)) == pytest.approx(clock.now(), abs=1e-9)


@given(seeds, st.floats(0.0, 1e5))
def test_the_frame_that_came_soonest_sets_the_others_right(seed: int, origin: float) -> None:
    random = np.random.default_rng(seed)
    ticking = Ticking()
    clock = SessionClock(ticking)
    times = np.cumsum(random.uniform(0.01, 0.05, 300))
    arrivals = np.maximum.accumulate(times + random.exponential(0.03, 300))
    told = []
    for t, arrival in zip(times, arrivals, strict=True):
        ticking.t = 1234.5 + arrival
        told.append(clock.saw(origin + t))
        assert told[-1] <= clock.now() + 1e-3
    assert np.diff(told).min() > 0
    soonest = int(np.argmin(arrivals - times))
    true = times[soonest:] + (arrivals - times)[soonest]
    np.testing.assert_allclose(told[soonest:], true, atol=DRIFT * times[-1] + 1e-6)


@pytest.mark.parametrize("rate", [1 - DRIFT / 2, 1 + DRIFT / 2])
def test_over_hours_a_sender_with_another_clock_is_not_behind(rate: float) -> None:
    random = np.random.default_rng(0)
    ticking = Ticking(0.0)
    clock = SessionClock(ticking)
    late = []
    for t in np.arange(0, 4 * 3600, 1.0):
        ticking.t = t + random.exponential(0.01)
        late.append(clock.now() - clock.saw(float(t * rate)))
    assert max(late[60:]) < 0.2
    assert min(late) >= -1e-3


def test_steps_of_the_systems_clock_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SessionClock()
    before = clock.saw(0.0)
    for wrong in (0.0, 1e10):
        monkeypatch.setattr(time, "time", lambda wrong=wrong: wrong)
        assert 0 <= clock.now() - before < 3600


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=50))
def test_times_only_grow_however_the_sender_counts(steps: list[float]) -> None:
    ticking = Ticking()
    clock = SessionClock(ticking)
    t, told = 0.0, []
    for step in steps:
        ticking.t += abs(step)
        t += step
        told.append(clock.saw(t))
    assert all(b > a for a, b in itertools.pairwise(told))


def test_another_source_begins_anew_but_not_before() -> None:
    ticking = Ticking()
    clock = SessionClock(ticking)
    ticking.t += 5.0
    first = clock.saw(100.0)
    ticking.t += 1.0
    clock.reset()
    assert clock.saw(0.0) == pytest.approx(first + 1.0)


def test_a_source_that_was_silent_and_counts_on_is_taken_for_new() -> None:
    ticking = Ticking()
    clock = SessionClock(ticking)
    for t in np.arange(0, 2, 1 / 30):
        ticking.t = 2000.0 + t
        before = clock.saw(float(t))
    ticking.t += 60.0
    after = clock.saw(2.0)
    assert after - before == pytest.approx(60.0, abs=0.01)
    assert clock.now() - after == pytest.approx(0.0, abs=1e-6)
