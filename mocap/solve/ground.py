"""Where the floor is, for those whose feet nobody saw standing."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array


def floor_height(lower: Array) -> float | None:
    """[m] the height that the lower foot comes down to again and again.

    Args:
        lower: (T,) heights of the lower foot, NaN where unknown.

    Returns:
        The floor, where most of the heights lie close together; None if none is known.
    """
    known = np.sort(lower[np.isfinite(lower)])
    if len(known) == 0:
        return None
    # the shortest interval that holds half of the heights (the half-sample mode's first step):
    # feet are on the floor most of the time, above it by jumps and below it by mistakes
    half = (len(known) + 1) // 2
    widths = known[half - 1 :] - known[: len(known) - half + 1]
    first = int(np.argmin(widths))
    return float(np.median(known[first : first + half]))
