"""The live solve may run for hours: it must not keep anything of frames gone by."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import count

import numpy as np
import pytest
from synthetic import CAMERA, seen
from walkers import frames_of, squat

from mocap.arrays import IntArray
from mocap.solve import LiveSolver

WARM_UP, STRETCH = 90, 150  # frames


@pytest.mark.parametrize("look_ahead", [0, 3])
def test_memory_does_not_grow_with_frames(look_ahead: int) -> None:
    """Neither what is held nor the peak; an array of a frame's points kept is 800 bytes a frame."""
    frames = [landmarks for _, landmarks in frames_of(seen(squat(np.arange(60) / 30).motion))]
    live, times = LiveSolver(CAMERA, look_ahead=look_ahead), count()

    def pushed(pushes: int) -> IntArray:
        """(2,) [bytes] held after so many frames more, and at most meanwhile."""
        tracemalloc.reset_peak()
        for _ in range(pushes):
            i = next(times)
            live.push(i / 30, frames[i % len(frames)])
        gc.collect()
        return np.array(tracemalloc.get_traced_memory())

    tracemalloc.start()
    try:
        pushed(WARM_UP)
        first, second = pushed(STRETCH), pushed(STRETCH)
    finally:
        tracemalloc.stop()
    assert (second - first < 50 * STRETCH).all()
