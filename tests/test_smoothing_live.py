"""Filters on poses as they come: what whole signals give, never late, never of time gone back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from filtering import BOTH_FEET, assert_same, few, moving, noisy
from hypothesis import given
from motions import motions, seeds
from synthetic import standing

from mocap import filters, rotation
from mocap.body_filters import Butterworth, Filter, Gaussian, OneEuro, Savgol, Unfiltered
from mocap.errors import InvalidValue
from mocap.motion import Motion, TrackState
from mocap.skeletons import humanoid
from mocap.smoothing import LiveFilter, bones_to_feet, stretches

LIVE = [Unfiltered(), OneEuro(), Butterworth()]
EACH_LIVE = pytest.mark.parametrize("filter", LIVE, ids=lambda f: f.name)


def pushed(live: LiveFilter, motion: Motion) -> Motion:
    return Motion.from_poses(motion.skeleton, [live.push(pose) for pose in motion])


@EACH_LIVE
@few
@given(seeds, seeds)
def test_a_reset_filter_is_a_new_one(filter: Filter, one: int, other: int) -> None:
    before, motion = moving(one), moving(other)
    live = LiveFilter(filter, motion.skeleton, BOTH_FEET)
    pushed(live, before)
    live.reset()
    again, new = (
        pushed(live, motion),
        pushed(LiveFilter(filter, motion.skeleton, BOTH_FEET), motion),
    )
    np.testing.assert_array_equal(again.root, new.root)
    np.testing.assert_array_equal(again.rotations, new.rotations)


@EACH_LIVE
@few
@given(motions())
def test_any_poses_can_be_smoothed_live(filter: Filter, motion: Motion) -> None:
    after = pushed(LiveFilter(filter, motion.skeleton), motion)
    np.testing.assert_array_equal(after.state, motion.state)
    assert (after.translations is None) == (motion.translations is None)


@EACH_LIVE
@few
@given(seeds)
def test_streamed_equals_batched(filter: Filter, seed: int) -> None:
    """Each stretch of poses, through the causal filters of whole signals."""
    motion = moving(seed, frames=30)
    state = np.random.default_rng(seed).choice([s.value for s in TrackState], 30, p=[0.1, 0.2, 0.7])
    motion = replace(motion, state=state)
    one_by_one = pushed(LiveFilter(filter, motion.skeleton, BOTH_FEET), motion)
    for part in stretches(motion.times, motion.state):
        times, root, q = motion.times[part], motion.root[part], motion.rotations[part]
        if isinstance(filter, Butterworth):
            root, q = (
                filters.streamed(filters.Butterworth(filter.cutoff, 1 / 30), times, signal)
                for signal in (root, rotation.continuous(q))
            )
        elif isinstance(filter, OneEuro):
            body = filters.OneEuroBody(2.0, 8.0, 1.0, bones_to_feet(motion.skeleton, BOTH_FEET))
            whole = [body(t, p[None], r) for t, p, r in zip(times, root, q, strict=True)]
            root, q = np.array([p[0] for p, _ in whole]), np.array([r for _, r in whole])
        batched = replace(motion[part], root=root, rotations=rotation.normalize(q))
        assert_same(one_by_one[part], batched, 1e-9)


@pytest.mark.parametrize("filter", [OneEuro(), Butterworth()], ids=lambda f: f.name)
def test_live_noise_is_reduced_and_lag_is_short(filter: Filter) -> None:
    times = np.arange(300) / 30
    still = standing(times)
    shaken = noisy(still, seed=0)
    calm = pushed(LiveFilter(filter, still.skeleton), shaken)
    assert np.std(calm.root - still.root) < 0.8 * np.std(shaken.root - still.root)
    walking = replace(still, root=still.root + np.outer(1.5 * times, [0.0, 0.0, 1.0]))
    late = walking.root - pushed(LiveFilter(filter, still.skeleton), walking).root
    assert late[-1, 2] / 1.5 < 0.05  # [s]


@EACH_LIVE
def test_live_time_must_grow(filter: Filter) -> None:
    motion = moving(0)
    live = LiveFilter(filter, motion.skeleton)
    live.push(motion.pose(1))
    for again in (1, 0):
        with pytest.raises(InvalidValue, match="expected times to grow"):
            live.push(motion.pose(again))
    live.push(motion.pose(2))  # a refused pose changes nothing


@pytest.mark.parametrize("filter", [Savgol(), Gaussian()], ids=lambda f: f.name)
def test_what_does_not_run_live(filter: Filter) -> None:
    with pytest.raises(InvalidValue, match=r"known live: none, one_euro, butterworth"):
        LiveFilter(filter, humanoid())
    with pytest.raises(InvalidValue, match="positive rate"):
        LiveFilter(OneEuro(), humanoid(), fps=0.0)
