"""What tests of filters on motion share: motions to filter, and every filter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import settings
from motions import degrees_apart, millimetres_apart
from synthetic import standing

from mocap import rotation
from mocap.body_filters import FILTERS, Unfiltered
from mocap.motion import Motion

BOTH_FEET = ("leftFoot", "rightFoot")
SMOOTHING = [kind() for kind in FILTERS.values() if kind is not Unfiltered]
EACH = pytest.mark.parametrize("filter", SMOOTHING, ids=lambda f: f.name)
RATES = pytest.mark.parametrize("fps", [24, 30, 60])
few = settings(max_examples=20)


def noisy(motion: Motion, seed: int, metres: float = 0.005, radians: float = 0.02) -> Motion:
    random = np.random.default_rng(seed)
    turns = rotation.exp(random.normal(0, radians, (*motion.rotations.shape[:2], 3)))
    return replace(
        motion,
        root=motion.root + random.normal(0, metres, motion.root.shape),
        rotations=rotation.mul(turns, motion.rotations),
    )


def moving(seed: int, frames: int = 20) -> Motion:
    """The humanoid in smooth random motion with noise, at uneven times, its feet known."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.01, 0.1, frames))
    base = standing(times)
    ways = np.cumsum(random.normal(0, 0.15, base.rotations.shape[:2] + (3,)), axis=0)
    return replace(
        base,
        root=base.root + np.cumsum(random.normal(0, 0.02, (frames, 3)), axis=0),
        rotations=rotation.mul(rotation.exp(ways), base.rotations),
        contacts={foot: random.random(frames) < 0.5 for foot in BOTH_FEET},
    )


def assert_same(a: Motion, b: Motion, metres: float = 1e-6, degrees: float = 1e-4) -> None:
    np.testing.assert_array_equal(a.times, b.times)
    assert millimetres_apart(a.root, b.root) <= 1e3 * metres
    assert degrees_apart(a.rotations, b.rotations) <= degrees
    assert (a.translations is None) == (b.translations is None)
    if a.translations is not None and b.translations is not None:
        assert millimetres_apart(a.translations, b.translations) <= 1e3 * metres
