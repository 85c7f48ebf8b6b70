"""Smoothing of signals over time, in physical units."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter

from mocap.arrays import Array
from mocap.errors import InvalidValue


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
        if min_cutoff <= 0 or d_cutoff <= 0 or beta < 0:
            raise InvalidValue(
                "one_euro: expected cut-offs above 0 Hz and beta of at least 0, got "
                f"min_cutoff={min_cutoff}, beta={beta}, d_cutoff={d_cutoff}"
            )
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
            dt = t - self._t
            if not dt > 0:
                raise InvalidValue(f"one_euro: expected times to grow, got {t} after {self._t}")
            speed = (value - self._value) / dt
            self._speed = self._speed + _share(dt, self.d_cutoff) * (speed - self._speed)
            cutoff = self.min_cutoff + self.beta * np.abs(self._speed)
            self._value = self._value + _share(dt, cutoff) * (value - self._value)
        self._t = t
        return self._value.copy()


def one_euro(
    times: Array, values: Array, min_cutoff: float, beta: float, d_cutoff: float = 1.0
) -> Array:
    """The 1 Euro filter over a whole signal (T, ...), as it would run live."""
    live = OneEuro(min_cutoff, beta, d_cutoff)
    smoothed = np.empty(np.shape(values))
    for i, t in enumerate(times):
        smoothed[i] = live(float(t), values[i])
    return smoothed


def one_euro_both_ways(
    times: Array, values: Array, min_cutoff: float, beta: float, d_cutoff: float = 1.0
) -> Array:
    """The 1 Euro filter forwards, then backwards, over a whole signal (T, ...): what lags in
    one direction leads in the other, so fast motion stays in its place."""
    forwards = one_euro(times, values, min_cutoff, beta, d_cutoff)
    return one_euro(-times[::-1], forwards[::-1], min_cutoff, beta, d_cutoff)[::-1]


def without_spikes(times: Array, values: Array, longest: float) -> Array:
    """A signal (T, ...) less what lasts for up to about half of `longest` [s]: a running median."""
    if len(times) < 3:
        return values
    frames = 1 + 2 * round(longest / 2 / float(np.median(np.diff(times))))
    return median_filter(values, size=(frames, *[1] * (values.ndim - 1)), mode="nearest")
