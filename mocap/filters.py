"""Smoothing of signals over time, in physical units and by true times: any frame rate, even or
uneven, gives the same smoothing.

Nothing is resampled. `gaussian` and `savgol` fit a polynomial to the samples about each time,
`butterworth` and the 1 Euro filter step from each sample to the next by the time between them.
On even times they are what SciPy's filters are.

A live filter is called with a time and a value, gives the smoothed value, and has `reset()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from scipy.ndimage import median_filter

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.errors import InvalidValue

HIGHEST = 0.45  # of the frame rate: a cut-off above it counts as that
LOWEST = 0.01  # [Hz] a slower cut-off would leave nothing of any motion
# a Butterworth filter forgets where it began in so many periods of its cut-off, and, where frames
# are few, in so many frames
SETTLE, SETTLE_FRAMES = 2.5, 60
REACH = 5.0  # standard deviations beyond which a Gaussian is nothing
ROUNDING = 1e-4  # [s] to which times in files may be off


class Live(Protocol):
    """A filter that takes a signal as it comes."""

    def reset(self) -> None: ...

    def __call__(self, t: float, value: Array) -> Array: ...


def streamed(live: Live, times: Array, values: Array) -> Array:
    """A whole signal (T, ...) through a live filter."""
    smoothed = np.empty(np.shape(values))
    for i, t in enumerate(times):
        smoothed[i] = live(float(t), values[i])
    return smoothed


def both_ways(new: Callable[[], Live], times: Array, values: Array) -> Array:
    """A whole signal (T, ...) through a live filter forwards, then through another backwards:
    what lags in one direction leads in the other, so that nothing is late."""
    forwards = streamed(new(), times, values)
    return streamed(new(), -times[::-1], forwards[::-1])[::-1]


def _share(dt: Array | float, cutoff: Array | float) -> Array:
    """Weight of the newest sample in a first-order low-pass of `cutoff` [Hz] after `dt` [s]."""
    omega = 2.0 * np.pi * np.asarray(cutoff) * dt
    return omega / (1.0 + omega)


class OneEuro:
    """The 1 Euro filter: a low-pass whose cut-off grows with the speed of the signal.

    Casiez, Roussel, Vogel: "1 Euro filter: a simple speed-based low-pass filter for noisy input
    in interactive systems", CHI 2012. All channels of an array run side by side.

    Args:
        min_cutoff: [Hz] cut-off for a signal at rest.
        beta: [Hz per unit/s] what speed adds to it; the unit is the signal's.
        d_cutoff: [Hz] cut-off for the speed.
    """

    def __init__(self, min_cutoff: float = 1.0, beta: float = 0.0, d_cutoff: float = 1.0) -> None:
        _require_one_euro(min_cutoff, beta, d_cutoff)
        self.min_cutoff, self.beta, self.d_cutoff = min_cutoff, beta, d_cutoff
        self.reset()

    def reset(self) -> None:
        """Forget the signal; afterwards equal to a new filter."""
        self._t: float | None = None
        self._speed: Array = np.zeros(0)
        self._value: Array = np.zeros(0)

    def __call__(self, t: float, value: Array) -> Array:
        """The smoothed value (any shape) at time t [s]; a t that does not grow is refused."""
        value = np.asarray(value, dtype=np.float64)
        if self._t is None:
            self._speed, self._value = np.zeros_like(value), value.copy()
        else:
            dt = _step(self._t, t, "one_euro")
            speed = (value - self._value) / dt
            self._speed = self._speed + _share(dt, self.d_cutoff) * (speed - self._speed)
            cutoff = self.min_cutoff + self.beta * np.abs(self._speed)
            self._value = self._value + _share(dt, cutoff) * (value - self._value)
        self._t = t
        return self._value.copy()


class OneEuroBody:
    """The 1 Euro filter of a body: places as vectors, rotations along arcs, one cut-off for each
    bone, by the faster of what it does.

    Neither axes nor signs of quaternions matter, and a turn at constant speed only lags.

    Args:
        min_cutoff: [Hz] cut-off for a bone at rest.
        beta: [Hz per m/s, and per rad/s] what speed adds to it.
        d_cutoff: [Hz] cut-off for the speed.
        together: (J,) bones that have the cut-off of the fastest among them. Smoothed by
            different measures, the bones of a leg would not agree where the foot is.
    """

    def __init__(
        self, min_cutoff: float, beta: float, d_cutoff: float, together: BoolArray
    ) -> None:
        _require_one_euro(min_cutoff, beta, d_cutoff)
        self.min_cutoff, self.beta, self.d_cutoff = min_cutoff, beta, d_cutoff
        self.together = together
        self.reset()

    def reset(self) -> None:
        """Forget the body; afterwards equal to a new filter."""
        self._t: float | None = None
        self._places = self._q = self._velocity = self._turning = np.zeros(0)

    def __call__(self, t: float, places: Array, q: Array) -> tuple[Array, Array]:
        """The smoothed body at time t [s]; a t that does not grow is refused.

        Args:
            places: (P, 3) [m] of the first P of the bones, P at least 1.
            q: (J, 4) rotations.
        """
        if self._t is None:
            self._places, self._q = places.copy(), rotation.normalize(q)
            self._velocity, self._turning = np.zeros_like(places), np.zeros((len(q), 3))
        else:
            dt = _step(self._t, t, "one_euro")
            shift = places - self._places
            way = rotation.log(rotation.mul(q, rotation.inv(self._q)))
            fresh = _share(dt, self.d_cutoff)
            self._velocity = self._velocity + fresh * (shift / dt - self._velocity)
            self._turning = self._turning + fresh * (way / dt - self._turning)
            speed = np.linalg.norm(self._turning, axis=-1)
            moving = speed[: len(places)]
            moving[:] = np.maximum(moving, np.linalg.norm(self._velocity, axis=-1))
            speed[self.together] = np.max(speed[self.together], initial=0.0)
            share = _share(dt, self.min_cutoff + self.beta * speed)[:, None]
            self._places = self._places + share[: len(places)] * shift
            self._q = rotation.normalize(rotation.mul(rotation.exp(share * way), self._q))
        self._t = t
        return self._places.copy(), self._q.copy()


def _require_one_euro(min_cutoff: float, beta: float, d_cutoff: float) -> None:
    if not (min_cutoff > 0 and d_cutoff > 0 and beta >= 0):
        raise InvalidValue(
            "one_euro: expected cut-offs above 0 Hz and beta of at least 0, got "
            f"min_cutoff={min_cutoff}, beta={beta}, d_cutoff={d_cutoff}"
        )


def _step(before: float, t: float, name: str) -> float:
    """[s] from the sample before to this one. Raises InvalidValue if time stands still."""
    if not t > before:
        raise InvalidValue(f"{name}: expected times to grow, got {t} after {before}")
    return t - before


def one_euro(
    times: Array, values: Array, min_cutoff: float, beta: float, d_cutoff: float = 1.0
) -> Array:
    """The 1 Euro filter over a whole signal (T, ...), as it would run live."""
    return streamed(OneEuro(min_cutoff, beta, d_cutoff), times, values)


def one_euro_both_ways(
    times: Array, values: Array, min_cutoff: float, beta: float, d_cutoff: float = 1.0
) -> Array:
    """The 1 Euro filter forwards, then backwards, over a whole signal (T, ...): what lags in
    one direction leads in the other, so fast motion stays in its place."""
    return both_ways(lambda: OneEuro(min_cutoff, beta, d_cutoff), times, values)


class Butterworth:
    """A low-pass of second order, as flat as can be below its cut-off.

    The analogue filter y'' = w^2 (x - y) - sqrt(2) w y', stepped by the trapezoidal rule: stable
    for any steps, motion at constant speed lags by a constant time, and in the usual steps it is
    the usual digital filter, `scipy.signal.butter(2, cutoff, fs=1 / step)`.

    Args:
        cutoff: [Hz] where a swing keeps 1/sqrt(2) of its height (-3 dB); above 0.45 of the usual
            rate it counts as that.
        step: [s] the usual time from sample to sample, at which the cut-off is exact.
        passes: how often the signal goes through such filters in all; `cutoff` is that of
            the whole, for which each is corrected as in Winter, "Biomechanics and Motor Control
            of Human Movement", section 3.4.4.2 (2 passes: 0.802).
    """

    def __init__(self, cutoff: float, step: float, passes: int = 1) -> None:
        if not (cutoff > 0 and step > 0 and passes >= 1):
            raise InvalidValue(
                "butterworth: expected a cut-off above 0 Hz, a step above 0 s and at least one "
                f"pass, got {cutoff}, {step} and {passes}"
            )
        self.cutoff, self.step, self.passes = cutoff, step, passes
        # half of w [1/s]: warped as the trapezoidal rule needs it, and corrected
        self._rate = np.tan(np.pi * min(cutoff * step, HIGHEST)) / step
        self._rate /= (2 ** (1 / passes) - 1) ** 0.25
        self.reset()

    def reset(self) -> None:
        """Forget the signal; afterwards equal to a new filter."""
        self._t: float | None = None
        self._given: Array = np.zeros(0)
        self._value: Array = np.zeros(0)
        self._speed: Array = np.zeros(0)

    def __call__(self, t: float, value: Array) -> Array:
        """The smoothed value (any shape) at time t [s]; a t that does not grow is refused.

        It begins as if the first value had been there for ever.
        """
        value = np.array(value, dtype=np.float64)
        if self._t is None:
            self._value, self._speed = value.copy(), np.zeros_like(value)
        else:
            dt = _step(self._t, t, "butterworth")
            w = self._rate * dt
            bend = np.sqrt(2) * w + w * w
            speed = self._speed * (1 - bend) + w * (value + self._given - 2 * self._value)
            speed = speed / (1 + bend)
            self._value = self._value + w * (self._speed + speed)
            self._speed = speed
        self._t, self._given = t, value
        return self._value.copy()


def butterworth(times: Array, values: Array, cutoff: float) -> Array:
    """A Butterworth low-pass over a whole signal (T, ...), forwards and backwards: no lag.

    Args:
        cutoff: [Hz] where a swing keeps 1/sqrt(2) of its height (-3 dB) after both passes; at
            least LOWEST.

    Beyond its ends the signal goes on as its reflection in its first and last sample, so these
    two stay as they are, and so does motion at constant speed.
    """
    if not cutoff >= LOWEST:
        raise InvalidValue(f"butterworth: expected a cut-off of at least {LOWEST} Hz, got {cutoff}")
    if len(times) < 2:
        return np.array(values, dtype=np.float64)
    steps = np.diff(times)
    beyond = max(SETTLE / cutoff, SETTLE_FRAMES * float(steps.max()))
    longer, more, before = _reflected(times, values, beyond)
    step = float(np.median(steps))
    return both_ways(lambda: Butterworth(cutoff, step, 2), longer, more)[before:][: len(times)]


def _reflected(times: Array, values: Array, by: float) -> tuple[Array, Array, int]:
    """A signal (T, ...) of at least two samples, longer by `by` [s] at either end, and how many
    samples were put before it."""
    first, last = times[0] - by - ROUNDING, times[-1] + by + ROUNDING
    before = 0
    while times[0] > first:  # a short signal is reflected several times
        before += len(times) - 1
        times, values = (
            np.concatenate([2 * x[0] - x[:0:-1], x, 2 * x[-1] - x[-2::-1]]) for x in (times, values)
        )
    near = slice(*np.searchsorted(times, [first, last]).tolist())
    return times[near], values[near], before - near.start


def gaussian(times: Array, values: Array, sigma: float) -> Array:
    """A Gaussian mean over a signal (T, ...): of the samples about each time, weighted by their
    distance, a line is fitted. No lag.

    Args:
        sigma: [s] standard deviation of the weights. A swing of f Hz keeps about
            exp(-2 (pi f sigma)^2) of its height.
    """
    if not sigma > 0:
        raise InvalidValue(f"gaussian: expected a sigma above 0 s, got {sigma}")
    rows = np.empty(np.shape(values))
    for i, t in enumerate(times):
        near = _near(times, t, REACH * sigma)
        away = (times[near] - t) / sigma
        rows[i] = _fitted(away, np.exp(-0.25 * away * away), 1, values[near])
    return rows


def savgol(times: Array, values: Array, window: float, order: int = 3) -> Array:
    """A Savitzky-Golay filter over a signal (T, ...): of the samples about each time a polynomial
    is fitted by least squares. No lag; heights and widths of peaks are kept well.

    Savitzky, Golay: "Smoothing and differentiation of data by simplified least squares
    procedures", Analytical Chemistry 36, 1964.

    Args:
        window: [s] from the first sample of a fit to the last; at the ends of the signal it
            stays within. Where it holds no more than order + 1 samples, they are kept as found.
        order: of the polynomial.
    """
    if not window > 0 or order < 0:
        raise InvalidValue(
            f"savgol: expected a window above 0 s and an order of at least 0, got {window} and "
            f"{order}"
        )
    rows, half = np.empty(np.shape(values)), window / 2
    for i, t in enumerate(times):
        # where both ends are near, the middle is as good as any
        middle = np.clip(t, times[0] + half, max(times[-1] - half, times[0] + half))
        near = _near(times, float(middle), half)
        away = (times[near] - t) / half
        rows[i] = _fitted(away, np.ones(len(away)), order, values[near])
    return rows


def _near(times: Array, t: float, reach: float) -> slice:
    """The samples at most `reach` [s] from t [s]."""
    reach += ROUNDING
    first, last = np.searchsorted(times, [t - reach, t + reach])
    return slice(int(first), int(last))


def _fitted(away: Array, root_weights: Array, order: int, values: Array) -> Array:
    """Value at 0 of the polynomial through values (N, ...) at `away` (N,), by least squares with
    weights given as their square roots (N,). As many terms as there are samples suffice."""
    terms = np.vander(away, min(order + 1, len(away)), increasing=True)
    row = np.linalg.pinv(terms * root_weights[:, None])[0] * root_weights
    return np.tensordot(row, values, axes=1)


def without_spikes(times: Array, values: Array, longest: float) -> Array:
    """A signal (T, ...) less what lasts for up to about half of `longest` [s]: a running median."""
    if len(times) < 3:
        return values
    frames = 1 + 2 * round(longest / 2 / float(np.median(np.diff(times))))
    return median_filter(values, size=(frames, *[1] * (values.ndim - 1)), mode="nearest")
