"""The Blender add-on's clips in time and its turns, judged by the package."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge import turns  # type: ignore[import-not-found]
from mocap_bridge.shared import journal  # type: ignore[import-not-found]
from mocap_bridge.takes import take_of  # type: ignore[import-not-found]
from motions import degrees_apart, motions
from reading import standing
from recordings import of_motion

from mocap import rotation
from mocap.arrays import Array
from mocap.motion import Motion


@given(motions(), st.sampled_from([24.0, 29.97, 60.0]))
def test_resampling_is_that_of_the_package(motion: Motion, fps: float) -> None:
    (clip,) = take_of(journal.loads(b"".join(of_motion(motion, 0.0)))).clips
    expected = motion.resampled(fps=fps)
    found = clip.resampled(fps)
    np.testing.assert_allclose(found.times, expected.times - motion.times[0], atol=2e-5)
    assert len(found) == len(expected)
    if len(motion) > 1:
        np.testing.assert_allclose(found.root, expected.root, atol=0.02)


def test_a_clip_at_the_wanted_rate_is_kept_bit_for_bit() -> None:
    (clip,) = take_of(journal.loads(b"".join(of_motion(standing(5))))).clips
    assert clip.resampled(30.0).rotations is clip.rotations


def random_walk(seed: int, frames: int = 60) -> Array:
    """(T, 4) turns that wander by up to some degrees from frame to frame, everywhere."""
    steps = np.random.default_rng(seed).normal(0, 0.2, (frames, 3))
    turned = rotation.identity(frames)
    for i in range(1, frames):
        turned[i] = rotation.mul(turned[i - 1], rotation.exp(steps[i]))
    return turned


@given(st.integers(0, 2**32 - 1), st.sampled_from(["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]))
def test_angles_mean_the_same_and_do_not_flip(seed: int, order: str) -> None:
    q = random_walk(seed)
    angles = turns.to_euler(q, order)
    assert degrees_apart(rotation.from_euler(angles, order), q) < 1e-4
    np.testing.assert_allclose(angles, rotation.to_euler_continuous(q, order), atol=1e-6)
    assert np.abs(np.diff(angles, axis=0)).max() <= np.pi + 1e-9
    around = turns.to_axis_angle(q)
    half = around[:, :1] / 2
    assert degrees_apart(np.concatenate([np.sin(half) * around[:, 1:], np.cos(half)], 1), q) < 1e-4
    assert (np.sum(around[1:, 1:] * around[:-1, 1:], axis=1) >= 0).all()
    signed = turns.continuous(np.where(np.arange(len(q))[:, None] % 2, -q, q))
    assert (np.sum(signed[1:] * signed[:-1], axis=1) >= 0).all()


@given(st.integers(0, 2**32 - 1))
def test_turns_are_those_of_the_package(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = rotation.normalize(random.normal(size=(2, 5, 4)))
    v, w = random.normal(size=(2, 5, 3))
    np.testing.assert_allclose(turns.mul(a, b), rotation.mul(a, b), atol=1e-12)
    np.testing.assert_allclose(turns.rotate(a, v), rotation.rotate(a, v), atol=1e-12)
    share = random.random(5)
    assert degrees_apart(turns.slerp(a, b, share), rotation.slerp(a, b, share)) < 1e-6
    arc = turns.between(v[0], w[0])
    assert degrees_apart(arc, rotation.between(v[0], w[0])) < 1e-6
    assert degrees_apart(turns.from_matrix(rotation.to_matrix(a)), a) < 1e-5
    assert degrees_apart(turns.from_matrix(rotation.to_matrix(a[0])), a[0]) < 1e-5
    np.testing.assert_allclose(turns.rotate(turns.between(v[0], -v[0]), v[0]), -v[0], atol=1e-9)
