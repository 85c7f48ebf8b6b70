"""Clips cut into the windows that networks see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.arrays import IntArray


def reach(receptive_field: int, causal: bool) -> tuple[int, int]:
    """How many frames before and after a frame it depends on."""
    after = 0 if causal else receptive_field // 2
    return receptive_field - 1 - after, after


def padded(clips: NDArray[Any], before: int, after: int) -> NDArray[Any]:
    """Clips (B, T, ...) whose first and last frames are held beyond their ends."""
    width = [(0, 0), (before, after)] + [(0, 0)] * (clips.ndim - 2)
    return np.pad(clips, width, mode="edge")


def windows(frames: int, receptive_field: int, causal: bool, begin: int, end: int) -> IntArray:
    """(end - begin, R) the frames that the frames from `begin` to `end` depend on, those beyond
    the ends of a clip of so many frames being its first and last."""
    before, after = reach(receptive_field, causal)
    around = np.arange(-before, after + 1)
    return np.clip(np.arange(begin, end)[:, None] + around, 0, frames - 1)


def parts(frames: int, size: int) -> Iterator[tuple[int, int]]:
    """Begin and end of parts of at most `size` frames."""
    for begin in range(0, frames, size):
        yield begin, min(begin + size, frames)
