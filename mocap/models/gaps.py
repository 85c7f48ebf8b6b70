"""Points that were not seen, bridged, because networks want numbers for all of them."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array, BoolArray, IntArray


def filled(points: Array, seen: BoolArray, *, held: bool) -> Array:
    """Points without gaps.

    Args:
        points: (T, K, D).
        seen: (T, K) bool; every point at least once.
        held: a point stays where it was last seen, rather than moving in a straight line to where
            it is seen next. Either way it is held after its last sight and before its first.

    Returns:
        (T, K, D).
    """
    if seen.all():
        return points
    frames = np.arange(len(points))[:, None]
    before = np.maximum.accumulate(np.where(seen, frames, -1))
    after = np.minimum.accumulate(np.where(seen, frames, len(points))[::-1])[::-1]
    before, after = (
        np.where(before < 0, after, before),
        np.where(after == len(points), before, after),
    )
    start = _taken(points, before)
    if held:
        return start
    share = (frames - before) / np.maximum(after - before, 1)
    return start + share[..., None] * (_taken(points, after) - start)


def _taken(points: Array, frames: IntArray) -> Array:
    return np.take_along_axis(points, frames[..., None], axis=0)


def first_whole(seen: BoolArray) -> int:
    """The first frame by which each point was seen at least once, T if there is none."""
    whole = np.logical_or.accumulate(seen).all(axis=1)
    return int(np.argmax(whole)) if whole.any() else len(seen)
