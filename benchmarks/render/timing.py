"""What motions are made of: values between keys, waves, and the small movements of the living."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .footsteps import ease
from .pose import Pose

Motion = Callable[[float, float], Pose]  # of time s and length of the clip s


def key(t: float, *keys: Sequence[float]) -> np.ndarray:
    """Values at time t between keys (time, value, ...), at rest in every key (minimum jerk)."""
    table = np.asarray(keys, float)
    last = len(table) - 2
    i = int(np.clip(np.searchsorted(table[:, 0], t, side="right") - 1, 0, last))
    u = ease((t - table[i, 0]) / (table[i + 1, 0] - table[i, 0]))
    return table[i, 1:] + (table[i + 1, 1:] - table[i, 1:]) * u


def wave(t: float, period: float, phase: float = 0.0) -> float:
    """Sine of the given period in s; phase in periods."""
    return float(np.sin(2 * np.pi * (t / period + phase)))


def breathe(pose: Pose, t: float) -> Pose:
    """Add what a living body does when it does nothing."""
    pose.chest = pose.chest + [1.2 * wave(t, 3.1), 0.0, 0.0]
    pose.head = pose.head + [1.5 * wave(t, 2.7), 0.0, 2.5 * wave(t, 4.3)]
    pose.spine = pose.spine + [0.0, 0.8 * wave(t, 3.7), 0.0]
    return pose
