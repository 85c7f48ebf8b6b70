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

WARM_UP, STRETCH, STRETCHES = 90, 100, 3  # frames, frames, how many
ARRAY = 100  # [bytes] less than the smallest array of NumPy takes


@pytest.mark.parametrize("look_ahead", [0, 3])
def test_memory_does_not_grow_with_frames(look_ahead: int) -> None:
    """Neither what is held nor the peak grows in every stretch by an array a frame. (Less does
    not tell: Python keeps small objects for use again, and its pools take long to fill.)"""
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
        memory = np.array([pushed(STRETCH) for _ in range(STRETCHES + 1)])
    finally:
        tracemalloc.stop()
    assert (np.diff(memory, axis=0).min(axis=0) < ARRAY * STRETCH).all()
