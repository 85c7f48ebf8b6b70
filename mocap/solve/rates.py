"""Derivatives of what was sampled at uneven times."""

from __future__ import annotations

from statistics import median

import numpy as np

from mocap.arrays import Array


def interval(times: Array) -> float:
    """[s] the usual time between frames (T,), T at least 2."""
    return median((times[1:] - times[:-1]).tolist())


def rate(times: Array, values: Array) -> Array:
    """(T, ...) derivative of values by their times [s], T at least 2: of the parabola through a
    value and its neighbours, at the ends of the line (np.gradient, in a fraction of its time)."""
    step = (times[1:] - times[:-1]).reshape(-1, *[1] * (values.ndim - 1))
    slope = (values[1:] - values[:-1]) / step
    rates = np.empty_like(values)
    rates[0], rates[-1] = slope[0], slope[-1]
    before, after = step[:-1], step[1:]
    rates[1:-1] = (slope[:-1] * after + slope[1:] * before) / (before + after)
    return rates
