"""Clips at the rate of a scene: rotations by slerp, positions linearly.

A clip has the times at which its pictures were taken, which need not be even.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import replace
from typing import Sequence

from .shared import turns
from .shared.clip import Clip

ROUNDED = 1e-6  # [frames] times nearer than this are the same


def resampled(clip: Clip, fps: float, start: float | None = None) -> Clip:
    """The clip at a constant rate.

    Args:
        fps: frames per second.
        start: [s] time of the first frame, that of the clip if not given; before and after what
            was recorded the person stands still.
    """
    first = clip.times[0] if start is None else start
    frames = int(max(0.0, clip.times[-1] - first) * fps + 1e-3) + 1
    at = array("d", [first + n / fps for n in range(frames)])
    if len(at) == len(clip) and all(abs(a - b) * fps < ROUNDED for a, b in zip(at, clip.times)):
        return replace(clip, times=at)  # bit for bit what was recorded
    ways = steps(clip.times, at)
    root, rotations = array("d"), array("d")
    moved = None if clip.translations is None else array("d")
    wide = 4 * len(clip.skeleton)
    for before, after, share in ways:
        root.extend(_mixed(clip.root, 3, before, after, share))
        if moved is not None and clip.translations is not None:
            moved.extend(_mixed(clip.translations, wide // 4 * 3, before, after, share))
        a = clip.rotations[before * wide : (before + 1) * wide]
        if share == 0.0:
            rotations.extend(a)
            continue
        b = clip.rotations[after * wide : (after + 1) * wide]
        for k in range(0, wide, 4):
            rotations.extend(turns.slerp(a[k : k + 4], b[k : k + 4], share))
    return replace(clip, times=at, root=root, rotations=rotations, translations=moved)


def steps(times: Sequence[float], at: Sequence[float]) -> list[tuple[int, int, float]]:
    """For each moment the frames before and after it, and the share of the way between them."""
    last = len(times) - 1
    found = []
    for t in at:
        after = min(max(bisect_right(times, t), 1), max(last, 1))
        before, after = after - 1, min(after, last)
        span = times[after] - times[before]
        share = min(max((t - times[before]) / span, 0.0), 1.0) if span > 0 else 0.0
        found.append((after, after, 0.0) if share == 1.0 else (before, after, share))
    return found


def _mixed(flat: Sequence[float], width: int, before: int, after: int, share: float) -> list[float]:
    """A row between two rows."""
    a = flat[before * width : (before + 1) * width]
    b = flat[after * width : (after + 1) * width]
    return [x + (y - x) * share for x, y in zip(a, b)]
