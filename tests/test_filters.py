"""Laws of the filters, the figures of their authors and of SciPy, and what fast motion keeps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from scipy import ndimage
from scipy import signal as dsp
from strategies import rotations, signals

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.filters import (
    HIGHEST,
    SETTLE,
    SETTLE_FRAMES,
    Butterworth,
    Live,
    OneEuro,
    OneEuroBody,
    butterworth,
    gaussian,
    one_euro,
    one_euro_both_ways,
    savgol,
    streamed,
)
from mocap.solve.settings import SolveSettings

Signal = tuple[Array, Array]


# filters of a whole signal that are linear and have no lag
Smooth = Callable[[Array, Array], Array]
LINEAR: dict[str, Smooth] = {
    "butterworth": partial(butterworth, cutoff=6.0),
    "gaussian": partial(gaussian, sigma=0.05),
    "savgol": partial(savgol, window=0.25, order=3),
}
EACH = pytest.mark.parametrize("smooth", LINEAR.values(), ids=LINEAR.keys())


def stream(live: Live, signal: Signal) -> Array:
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


# --- the 1 Euro filter of a body -----------------------------------------------------------


def turning(times: Array, velocity: Array) -> Array:
    """(T, J, 4) bones that turn at constant velocities (J, 3) [rad/s]."""
    return rotation.exp(times[:, None, None] * velocity)


def body_of(live: OneEuroBody, times: Array, places: Array, q: Array) -> tuple[Array, Array]:
    out = [live(float(t), p, r) for t, p, r in zip(times, places, q, strict=True)]
    return np.array([p for p, _ in out]), np.array([r for _, r in out])


@given(seeds, st.floats(0, 5))
def test_a_body_is_smoothed_the_same_in_any_axes_and_signs(seed: int, beta: float) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.01, 0.1, 12))
    places = random.normal(0, 0.1, (12, 2, 3))
    q = rotation.exp(np.cumsum(random.normal(0, 0.2, (12, 4, 3)), axis=0))
    turn, own = rotations(random, (2,))
    together = random.random(4) < 0.5
    live = OneEuroBody(1.0, beta, 1.0, together)
    at, smooth = body_of(live, times, places, q)
    live.reset()
    signs = random.choice([-1.0, 1.0], (12, 4, 1))
    axes = rotation.mul(rotation.mul(turn, q), own) * signs
    moved, turned = body_of(live, times, rotation.rotate(turn, places), axes)
    np.testing.assert_allclose(moved, rotation.rotate(turn, at), atol=1e-9)
    expected = rotation.mul(rotation.mul(turn, smooth), own)
    assert rotation.angle(turned, expected).max() < 1e-6


def test_a_steady_turn_lags_and_is_whole() -> None:
    times = np.arange(0, 3, 1 / 30)
    q = turning(times, np.array([[0.0, 4.0, 0.0]]))
    live = OneEuroBody(2.0, 1.0, 1.0, np.zeros(1, bool))
    _, smooth = body_of(live, times, np.zeros((90, 1, 3)), q)
    lag = rotation.angle(smooth, q)[60:]
    assert lag.min() > 0
    assert np.ptp(lag) < 1e-3
    np.testing.assert_allclose(rotation.angle(smooth[61:], smooth[60:-1]), 4 / 30, atol=1e-3)


def test_bones_together_have_the_cut_off_of_the_fastest() -> None:
    times = np.arange(60) / 30
    q = turning(times, np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.3, 0.0]]))
    places = np.zeros((60, 1, 3))

    def lag(*together: bool) -> Array:
        _, smooth = body_of(OneEuroBody(1.0, 3.0, 1.0, np.array(together)), times, places, q)
        return rotation.angle(smooth, q)[-1] / [1, 3, 0.3]

    alone, same = lag(False, False, False), lag(True, True, True)
    assert alone[2] > 2 * alone[1]
    assert same[2] == pytest.approx(same[1], rel=1e-2)
    np.testing.assert_allclose(same[1], alone[1], rtol=1e-9)


# --- no lag: laws ---------------------------------------------------------------------------


@EACH
@given(signals())
def test_a_smoothed_signal_played_backwards_is_the_backwards_one_smoothed(
    smooth: Smooth, signal: Signal
) -> None:
    times, values = signal
    back = smooth(-times[::-1], values[::-1])[::-1]
    np.testing.assert_allclose(back, smooth(times, values), atol=2e-4)


@EACH
@given(signals(), signals(), st.floats(-3, 3))
def test_sums_and_multiples(smooth: Smooth, a: Signal, b: Signal, factor: float) -> None:
    times, values = a
    other = np.resize(b[1], values.shape)
    together = smooth(times, values + factor * other)
    parts = smooth(times, values) + factor * smooth(times, other)
    np.testing.assert_allclose(together, parts, atol=1e-9)


@EACH
@given(signals(), st.floats(-5, 5), st.floats(-5, 5))
def test_rest_and_constant_speed_stay(
    smooth: Smooth, signal: Signal, at: float, speed: float
) -> None:
    times, values = signal
    still = np.full(values.shape, at)
    np.testing.assert_allclose(smooth(times, still), still, atol=1e-9)
    # what the ends of a Butterworth filter forget is 1e-6 of what comes before them
    way = at + speed * (times - times[0])
    np.testing.assert_allclose(smooth(times, way), way, atol=2e-4)


@given(signals(), seeds, st.integers(0, 4))
def test_savgol_keeps_its_polynomials(signal: Signal, seed: int, order: int) -> None:
    times, _ = signal
    exact = np.polynomial.Polynomial(np.random.default_rng(seed).normal(size=order + 1))
    values = exact(times - times[0])
    np.testing.assert_allclose(savgol(times, values, 0.4, order), values, atol=1e-7)


@pytest.mark.parametrize(
    "smooth",
    [
        lambda t, v, second: butterworth(t, v, 0.2 / second),
        lambda t, v, second: gaussian(t, v, 5.0 * second),
        lambda t, v, second: savgol(t, v, 5.0 * second),
    ],
    ids=LINEAR.keys(),
)
@given(signals(), st.floats(0.05, 20))
def test_units_are_physical(
    smooth: Callable[[Array, Array, float], Array], signal: Signal, second: float
) -> None:
    """In motion that is slower, a filter that is slower does the same."""
    times, values = signal
    times = 5.0 * (times - times[0])  # far above the rounding of times in files
    slow = smooth(times * second, values, second)
    np.testing.assert_allclose(slow, smooth(times, values, 1.0), atol=2e-3)


@EACH
@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_few_frames(smooth: Smooth, frames: int) -> None:
    """One or two are a rest and a constant speed; of three, none leaves the others' range."""
    values = np.array([[1.0], [2.0], [-1.0]])[:frames]
    result = smooth(np.arange(frames) / 30, values)
    assert result.shape == values.shape
    if frames < 3:
        np.testing.assert_allclose(result, values, atol=1e-5)
    assert np.abs(result).max() < 2.5


@EACH
def test_no_frames(smooth: Smooth) -> None:
    assert smooth(np.zeros(0), np.zeros((0, 3))).shape == (0, 3)


# --- oracles --------------------------------------------------------------------------------


def warped(cutoff: float, fps: float, passes: int) -> float:
    """[Hz] cut-off of each of several passes, after Winter, on the digital frequency scale."""
    correction = (2 ** (1 / passes) - 1) ** 0.25
    return fps / np.pi * np.arctan(np.tan(np.pi * cutoff / fps) / correction)


@given(seeds, st.floats(0.5, 8), st.sampled_from([24.0, 30.0, 59.94, 120.0]))
def test_scipy_does_the_same_butterworth(seed: int, cutoff: float, fps: float) -> None:
    values = np.cumsum(np.random.default_rng(seed).normal(0, 0.05, (150, 2)), axis=0)
    times = np.arange(150) / fps
    once = dsp.butter(2, cutoff, fs=fps, output="sos")
    state = dsp.sosfilt_zi(once)[..., None] * values[0]
    expected, _ = dsp.sosfilt(once, values, axis=0, zi=state)
    np.testing.assert_allclose(stream(Butterworth(cutoff, 1 / fps), (times, values)), expected)
    twice = dsp.butter(2, warped(cutoff, fps, 2), fs=fps, output="sos")
    pad = int(max(SETTLE / cutoff * fps, SETTLE_FRAMES) + 1e-4 * fps)
    if pad < 150:
        expected = dsp.sosfiltfilt(twice, values, axis=0, padlen=pad)
        np.testing.assert_allclose(butterworth(times, values, cutoff), expected, atol=1e-9)


@given(seeds, st.integers(3, 20), st.integers(0, 4), st.sampled_from([24.0, 30.0, 60.0]))
def test_scipy_does_the_same_savgol(seed: int, half: int, order: int, fps: float) -> None:
    values = np.cumsum(np.random.default_rng(seed).normal(0, 0.05, (60, 2)), axis=0)
    ours = savgol(np.arange(60) / fps, values, 2 * half / fps, order)
    expected = dsp.savgol_filter(values, 2 * half + 1, order, axis=0)
    np.testing.assert_allclose(ours, expected, atol=1e-9)


@given(seeds, st.floats(0.5, 5), st.sampled_from([24.0, 30.0, 60.0]))
def test_scipy_does_the_same_gaussian(seed: int, frames: float, fps: float) -> None:
    values = np.cumsum(np.random.default_rng(seed).normal(0, 0.05, (120, 2)), axis=0)
    ours = gaussian(np.arange(120) / fps, values, frames / fps)
    expected = ndimage.gaussian_filter1d(values, frames, axis=0, truncate=6)
    np.testing.assert_allclose(ours[30:-30], expected[30:-30], atol=1e-5)


def kept(times: Array, frequency: float, smooth: Smooth) -> complex:
    """What is left of a swing in the middle of a signal: height, and lag as an angle."""
    turn = np.exp(2j * np.pi * frequency * times)
    middle = slice(len(times) // 4, -len(times) // 4)
    basis = np.stack([turn.real, turn.imag], axis=1)[middle]
    a, b = np.linalg.lstsq(basis, smooth(times, turn.imag)[middle], rcond=None)[0]
    return complex(b, a)


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
@pytest.mark.parametrize("cutoff", [1.0, 3.0, 6.0])
def test_at_its_cut_off_butterworth_keeps_what_it_says(fps: float, cutoff: float) -> None:
    """-3 dB: after both passes and without lag, or live, late by an eighth of a turn each pole."""
    times = np.arange(0, 30, 1 / fps)
    both = kept(times, cutoff, partial(butterworth, cutoff=cutoff))
    assert both == pytest.approx(np.sqrt(0.5), abs=1e-3)
    once = kept(times, cutoff, lambda t, v: streamed(Butterworth(cutoff, 1 / fps), t, v))
    assert once == pytest.approx(np.sqrt(0.5) * -1j, abs=1e-3)


@pytest.mark.parametrize("frequency", [1.0, 4.0, 8.0])
def test_a_gaussian_keeps_what_it_says(frequency: float) -> None:
    expected = np.exp(-2 * (np.pi * frequency * 0.05) ** 2)
    left = kept(np.arange(0, 10, 1 / 60), frequency, partial(gaussian, sigma=0.05))
    assert left == pytest.approx(expected, abs=1e-4)


@EACH
@pytest.mark.parametrize("frequency", [0.5, 2.0, 4.0])
def test_uneven_times_change_little(smooth: Smooth, frequency: float) -> None:
    """Frames that come up to 20 % early or late, and one in twenty that never comes."""
    random = np.random.default_rng(0)
    even = np.arange(0, 20, 1 / 30)
    times = (even + random.uniform(-0.2, 0.2, len(even)) / 30)[random.random(len(even)) > 0.05]
    usual, odd = (kept(t, frequency, smooth) for t in (even, times))
    assert abs(odd - usual) < 0.03


def test_a_cut_off_that_no_rate_can_have_is_the_highest() -> None:
    random = np.random.default_rng(0)
    times, values = np.arange(40) / 10, random.normal(size=40)
    highest = stream(Butterworth(HIGHEST * 10, 0.1), (times, values))
    np.testing.assert_array_equal(stream(Butterworth(60.0, 0.1), (times, values)), highest)
    assert np.abs(butterworth(times, values, 60.0)).max() < 2 * np.abs(values).max()


@given(signals(), signals(), st.floats(0.5, 10))
def test_a_butterworth_filter_that_was_reset_is_new(
    before: Signal, signal: Signal, cutoff: float
) -> None:
    live = Butterworth(cutoff, 1 / 30)
    stream(live, before)
    live.reset()
    np.testing.assert_array_equal(
        stream(live, signal), streamed(Butterworth(cutoff, 1 / 30), *signal)
    )


@given(seeds, st.floats(0.1, 30))
def test_butterworth_is_stable_in_any_steps(seed: int, cutoff: float) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(10 ** random.uniform(-3, 0, 2000))
    values = random.uniform(-1, 1, 2000)
    assert np.abs(stream(Butterworth(cutoff, 1 / 30), (times, values))).max() < 5


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


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda t, v: butterworth(t, v, 0.0), "cut-off of at least 0.01 Hz, got 0.0"),
        (lambda t, v: gaussian(t, v, -1.0), "sigma above 0 s, got -1.0"),
        (lambda t, v: savgol(t, v, 0.0), "window above 0 s"),
        (lambda t, v: savgol(t, v, 0.2, -1), "order of at least 0, got 0.2 and -1"),
        (lambda t, v: Butterworth(6.0, 0.0), "step above 0 s"),
        (lambda t, v: Butterworth(6.0, 0.1, 0), "at least one pass"),
        (lambda t, v: OneEuroBody(0.0, 1.0, 1.0, np.zeros(1, bool)), "min_cutoff=0.0"),
    ],
)
def test_what_a_filter_cannot_be(wrong: Smooth, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        wrong(np.arange(5.0), np.zeros(5))


def test_time_must_grow_for_every_live_filter() -> None:
    butter, body = Butterworth(6.0, 0.1), OneEuroBody(1.0, 1.0, 1.0, np.zeros(1, bool))
    pose = np.zeros((1, 3)), rotation.identity(1)
    butter(1.0, np.zeros(3))
    body(1.0, *pose)
    with pytest.raises(InvalidValue, match="butterworth: expected times to grow"):
        butter(1.0, np.zeros(3))
    with pytest.raises(InvalidValue, match="one_euro: expected times to grow"):
        body(0.5, *pose)


def test_a_result_is_the_callers_to_change() -> None:
    live, kept = OneEuro(), OneEuro()
    for t in range(5):
        value = np.array([float(t)])
        result = live(t, value)
        np.testing.assert_array_equal(result, kept(t, np.array([float(t)])))
        result += 100
        value += 100
