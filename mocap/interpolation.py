"""Signals and rotations between the times at which they are known: straight, or along curves.

The curves are cubic. They go through every sample, and their velocity there is that of the
parabola through the sample and its neighbours, which any distances in time may have. Of rotations
they are the Hermite curves of Kim, Kim and Shin, "A general construction scheme for unit quaternion
curves with simple high order derivatives" (1995).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array, IntArray


@dataclass(frozen=True, eq=False)
class Between:
    """Where N times lie among T sample times.

    Attributes:
        times: (T,) [s] of the samples, increasing.
        before, after: (N,) the samples around each time.
        span: (N,) [s] between these; 1 where they are the same.
        share: (N,) in [0, 1] how much of it has passed.
    """

    times: Array
    before: IntArray
    after: IntArray
    span: Array
    share: Array

    @classmethod
    def of(cls, times: Array, at: Array) -> Between:
        """Where times (N,), all from the first sample to the last, lie among those of samples."""
        after = np.clip(np.searchsorted(times, at, side="right"), 1, max(len(times) - 1, 1))
        before = after - 1
        after = np.minimum(after, len(times) - 1)
        span = times[after] - times[before]
        span = np.where(span > 0, span, 1.0)
        return cls(times, before, after, span, np.clip((at - times[before]) / span, 0.0, 1.0))

    @property
    def nearest(self) -> IntArray:
        """(N,) the sample nearest to each time."""
        return np.where(self.share < 0.5, self.before, self.after)


@dataclass(frozen=True)
class Curves:
    """A way between samples: of values (T, ...) and of unit quaternions (T, ..., 4)."""

    places: Callable[[Array, Between], Array]
    turns: Callable[[Array, Between], Array]


def _like(share: Array, values: Array) -> Array:
    """Shares (N,) with as many axes as values (T, ...) have."""
    return share.reshape(-1, *[1] * (values.ndim - 1))


def straight(values: Array, at: Between) -> Array:
    """Values (N, ...) between samples (T, ...), along lines."""
    u = _like(at.share, values)
    return np.asarray(values[at.before] * (1 - u) + values[at.after] * u)


def straight_turns(q: Array, at: Between) -> Array:
    """Rotations (N, ..., 4) between samples (T, ..., 4), by slerp."""
    return rotation.slerp(q[at.before], q[at.after], _like(at.share, q[..., 0]))


def smooth(values: Array, at: Between) -> Array:
    """Values (N, ...) between samples (T, ...), along cubic curves."""
    if len(values) < 2:
        return values[at.before]
    speed = velocities(at.times, np.diff(values, axis=0))
    u, span = _like(at.share, values), _like(at.span, values)
    rest = 1 - u
    a, b = values[at.before], values[at.after]
    first = a + speed[at.before] * span / 3
    second = b - speed[at.after] * span / 3
    return np.asarray(rest**3 * a + 3 * rest**2 * u * first + 3 * rest * u**2 * second + u**3 * b)


def smooth_turns(q: Array, at: Between) -> Array:
    """Rotations (N, ..., 4) between samples (T, ..., 4), along cubic curves."""
    if len(q) < 2:
        return q[at.before]
    steps = rotation.log(rotation.mul(rotation.inv(q[:-1]), q[1:]))  # in the axes of the body
    speed = velocities(at.times, steps)
    u, span = _like(at.share, q), _like(at.span, q)
    a, b = q[at.before], q[at.after]
    first, last = speed[at.before] * span / 3, speed[at.after] * span / 3
    rest = rotation.mul(rotation.exp(-first), rotation.mul(rotation.inv(a), b))
    middle = rotation.log(rotation.mul(rest, rotation.exp(-last)))
    q = rotation.mul(a, rotation.exp(first * (1 - (1 - u) ** 3)))
    q = rotation.mul(q, rotation.exp(middle * (3 * u**2 - 2 * u**3)))
    return rotation.normalize(rotation.mul(q, rotation.exp(last * u**3)))


def velocities(times: Array, steps: Array) -> Array:
    """(T, ...) velocities at samples, of the parabola through each and its neighbours.

    Args:
        times: (T,) [s], two or more.
        steps: (T - 1, ...) from each sample to the next.
    """
    spans = _like(np.diff(times), steps)
    slopes = steps / spans
    if len(slopes) == 1:
        return np.repeat(slopes, 2, axis=0)
    inner = (slopes[:-1] * spans[1:] + slopes[1:] * spans[:-1]) / (spans[:-1] + spans[1:])
    return np.concatenate([2 * slopes[:1] - inner[:1], inner, 2 * slopes[-1:] - inner[-1:]])


INTERPOLATIONS = {
    "linear": Curves(straight, straight_turns),
    "cubic": Curves(smooth, smooth_turns),
}
