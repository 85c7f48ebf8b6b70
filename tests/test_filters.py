"""Laws of the 1 Euro filter, its authors' figures, and what it may take from fast motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from strategies import signals

from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.filters import OneEuro, one_euro, one_euro_both_ways
from mocap.solve.settings import SolveSettings

Signal = tuple[Array, Array]


def stream(live: OneEuro, signal: Signal) -> Array:
    return np.array([live(float(t), v) for t, v in zip(*signal, strict=True)])


def test_oracle_of_its_authors(shared_data: Path) -> None:
    path = shared_data / "oracles" / "oneeuro" / "groundTruth.csv"
    if not path.exists():
        pytest.skip(f"no oracle at {path}")
    times, _, noisy, filtered = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    np.testing.assert_allclose(one_euro(times, noisy, 1.0, 0.1, 1.0), filtered, atol=1e-4)


# --- laws ----------------------------------------------------------------------------------


@given(signals())
def test_streamed_equals_batched(signal: Signal) -> None:
    np.testing.assert_array_equal(
        stream(OneEuro(1.0, 0.5, 2.0), signal), one_euro(*signal, 1, 0.5, 2)
    )


@given(signals(), signals())
def test_reset_equals_new(before: Signal, signal: Signal) -> None:
    """Another number of channels and an earlier time included."""
    live = OneEuro(1.0, 0.5)
    stream(live, before)
    live.reset()
    np.testing.assert_array_equal(stream(live, signal), one_euro(*signal, 1.0, 0.5))


@given(signals())
def test_the_first_value_passes(signal: Signal) -> None:
    np.testing.assert_array_equal(one_euro(*signal, 1.0, 0.5)[0], signal[1][0])


@given(signals())
def test_each_channel_for_itself(signal: Signal) -> None:
    times, values = signal
    together = one_euro(times, values, 1.0, 0.5)
    alone = [one_euro(times, values[:, i], 1.0, 0.5) for i in range(values.shape[1])]
    np.testing.assert_array_equal(together, np.stack(alone, axis=1))
    folded = one_euro(times, values[:, None, :, None], 1.0, 0.5)
    np.testing.assert_array_equal(folded[:, 0, :, 0], together)


@given(signals(), st.floats(-5, 5))
def test_what_stands_still_stays(signal: Signal, value: float) -> None:
    times, values = signal
    still = np.full(values.shape, value)
    for smooth in (one_euro, one_euro_both_ways):
        np.testing.assert_array_equal(smooth(times, still, 1.0, 0.5), still)


@given(signals(), st.floats(-3, 3))
def test_smoothing_goes_with_the_origin(signal: Signal, by: float) -> None:
    times, values = signal
    for smooth in (one_euro, one_euro_both_ways):
        moved = smooth(times, values + by, 1.0, 0.5)
        np.testing.assert_allclose(moved, smooth(times, values, 1.0, 0.5) + by, atol=1e-9)


@given(signals(), st.floats(0.01, 100))
def test_beta_is_per_unit_of_the_signal(signal: Signal, unit: float) -> None:
    times, values = signal
    expected = unit * one_euro(times, values, 1.0, 0.5)
    np.testing.assert_allclose(one_euro(times, unit * values, 1.0, 0.5 / unit), expected, rtol=1e-9)


@given(signals(), st.floats(0.01, 100))
def test_cut_offs_are_in_hertz(signal: Signal, second: float) -> None:
    times, values = signal
    slow = one_euro(times * second, values, 1.0 / second, 0.5, 2.0 / second)
    np.testing.assert_allclose(slow, one_euro(times, values, 1.0, 0.5, 2.0), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("cutoff", [0.5, 2.0, 10.0])
def test_at_rest_it_is_a_first_order_low_pass(cutoff: float) -> None:
    """The answer to a step is 1 - exp(-2 pi f t), in finer steps of time ever more exactly."""
    times = np.arange(0, 0.5, 1e-3) / cutoff
    step = np.where(times > 0, 1.0, 0.0)
    exact = 1 - np.exp(-2 * np.pi * cutoff * times)
    np.testing.assert_allclose(one_euro(times, step, cutoff, 0.0), exact, atol=2e-3)


@pytest.mark.parametrize("speed", [0.1, 0.5, 2.0])
def test_steady_motion_lags_by_the_time_constant(speed: float) -> None:
    """Of the cut-off that the speed gives; as in the paper it is the speed from the last
    smoothed value to the new one, which has the lag on top of the frame."""
    times, dt = np.arange(0, 20, 0.01), 0.01
    lag = (speed * times - one_euro(times, speed * times, 1.0, 3.0))[-1] / speed
    cutoff = 1.0 + 3.0 * speed * (lag + dt) / dt
    assert lag == pytest.approx(1 / (2 * np.pi * cutoff), rel=1e-6)


@pytest.mark.parametrize("beta", [0.0, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("width", [0.1, 0.3])
def test_both_ways_leaves_a_bump_in_its_place(beta: float, width: float) -> None:
    times = np.arange(-90, 91) / 30
    bump = np.exp(-((times / width) ** 2))
    both = one_euro_both_ways(times, bump, 2.0, beta)
    late, early = (
        abs(np.sum(smooth * times) / np.sum(smooth))
        for smooth in (one_euro(times, bump, 2.0, beta), both)
    )
    assert times[both.argmax()] == 0
    assert early < 0.002 < late  # [s]


@given(seeds)
def test_noise_at_rest_is_calmed(seed: int) -> None:
    times = np.arange(300) / 30
    noise = np.random.default_rng(seed).normal(0, 0.005, (300, 4))
    for smooth in (one_euro, one_euro_both_ways):
        calm = smooth(times, noise, 1.0, 0.5)
        assert np.diff(calm, axis=0).std() < 0.3 * np.diff(noise, axis=0).std()


# --- fast motion ---------------------------------------------------------------------------


def test_a_fast_arm_keeps_its_swing() -> None:
    """Two swings a second, 0.6 m to either side, at 30 fps: 95 % and no lag by the defaults."""
    usual, times = SolveSettings(), np.arange(120) / 30
    turn = np.exp(2j * np.pi * 2.0 * times)
    swing = 0.6 * turn.imag
    smooth = one_euro_both_ways(times, swing, usual.min_cutoff, usual.beta)
    second = slice(30, 90)  # whole swings, away from the ends
    kept = np.mean(smooth[second] * turn.conj()[second]) / np.mean(
        swing[second] * turn.conj()[second]
    )
    assert abs(kept) > 0.95
    assert abs(np.angle(kept, deg=True)) < 1


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [1.0, 0.5, -1.0, np.nan])
def test_time_must_grow(t: float) -> None:
    live = OneEuro()
    live(1.0, np.zeros(3))
    with pytest.raises(InvalidValue, match=f"expected times to grow, got {t} after 1.0"):
        live(t, np.zeros(3))
    live(1.1, np.zeros(3))  # a refused time changes nothing


@pytest.mark.parametrize("wrong", [{"min_cutoff": 0.0}, {"d_cutoff": -1.0}, {"beta": -0.1}])
def test_cut_offs_must_make_sense(wrong: dict[str, float]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(InvalidValue, match=f"{name}={value}"):
        OneEuro(**wrong)


def test_a_result_is_the_callers_to_change() -> None:
    live, kept = OneEuro(), OneEuro()
    for t in range(5):
        value = np.array([float(t)])
        result = live(t, value)
        np.testing.assert_array_equal(result, kept(t, np.array([float(t)])))
        result += 100
        value += 100
