"""Between samples: laws of lines and of cubic curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import standing, turn

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import UnknownName
from mocap.interpolation import INTERPOLATIONS, Between, smooth, smooth_turns, straight
from mocap.motion import Motion

UNEVEN: Array = np.array([0.0, 0.03, 0.1, 0.11, 0.3, 0.31, 0.5])
FINE: Array = np.linspace(0.0, 0.5, 101)
HOW = pytest.mark.parametrize("how", INTERPOLATIONS)


def about_x(angles: Array) -> Array:
    return rotation.axis_angle(np.array([1.0, 0.0, 0.0]), angles)


def angles_of(q: Array) -> Array:
    return np.asarray(rotation.log(q)[..., 0])


def random_turns(seed: int, count: int) -> Array:
    return rotation.normalize(np.random.default_rng(seed).normal(size=(count, 2, 4)))


@HOW
@given(seed=st.integers(0, 1000), count=st.integers(1, 7))
def test_every_curve_goes_through_its_samples(how: str, seed: int, count: int) -> None:
    times = UNEVEN[:count]
    at = Between.of(times, times)
    values = np.random.default_rng(seed).normal(size=(count, 3, 2))
    np.testing.assert_allclose(INTERPOLATIONS[how].places(values, at), values, atol=1e-12)
    q = random_turns(seed, count)
    assert rotation.angle(INTERPOLATIONS[how].turns(q, at), q).max() < 1e-6


@HOW
def test_what_moves_evenly_does_so_between_samples_too(how: str) -> None:
    at = Between.of(UNEVEN, FINE)
    np.testing.assert_allclose(INTERPOLATIONS[how].places(2 * UNEVEN, at), 2 * FINE, atol=1e-12)
    found = angles_of(INTERPOLATIONS[how].turns(about_x(2 * UNEVEN), at))
    np.testing.assert_allclose(found, 2 * FINE, atol=1e-12)


def test_smooth_curves_follow_a_parabola_exactly_at_uneven_times() -> None:
    def parabola(t: Array) -> Array:
        return np.asarray(1.0 - 3 * t + 4 * t * t)

    at = Between.of(UNEVEN, FINE)
    np.testing.assert_allclose(smooth(parabola(UNEVEN), at), parabola(FINE), atol=1e-12)
    assert np.abs(straight(parabola(UNEVEN), at) - parabola(FINE)).max() > 0.01


@given(st.integers(0, 1000))
def test_smooth_turns_do_not_depend_on_the_axes_or_on_signs(seed: int) -> None:
    q = random_turns(seed, 6)
    at = Between.of(UNEVEN[:6], FINE[:62])
    found = smooth_turns(q, at)
    frame = random_turns(seed + 1, 1)[0, 0]
    np.testing.assert_allclose(
        rotation.angle(smooth_turns(rotation.mul(frame, q), at), rotation.mul(frame, found)),
        0.0,
        atol=1e-6,
    )
    signs = np.where(np.arange(12).reshape(6, 2, 1) % 2, -1.0, 1.0)
    assert rotation.angle(smooth_turns(q * signs, at), found).max() < 1e-6


def test_the_speed_of_smooth_curves_does_not_jump() -> None:
    values = np.random.default_rng(1).normal(size=7)
    q = about_x(values / 3)
    for t in UNEVEN[1:-1]:
        near = Between.of(UNEVEN, t + np.array([-2e-6, 0.0, 2e-6]))
        slopes = np.diff(smooth(values, near)) / 2e-6
        np.testing.assert_allclose(slopes[0], slopes[1], atol=0.05)
        turns = np.diff(angles_of(smooth_turns(q, near))) / 2e-6
        np.testing.assert_allclose(turns[0], turns[1], atol=0.05)
        kinks = np.diff(straight(values, near)) / 2e-6
        assert abs(kinks[0] - kinks[1]) > 0.5


def test_smooth_is_nearer_to_a_swing_than_straight() -> None:
    coarse, fine = np.linspace(0.0, 1.0, 16), np.linspace(0.0, 1.0, 61)

    def swing(times: Array) -> Motion:
        return standing(times, leftUpperArm=turn("x", 60 * np.sin(2 * np.pi * 2 * times)))

    worst: dict[str, float] = {}
    for how in INTERPOLATIONS:
        found = swing(coarse).resampled(times=fine, interpolation=how)
        worst[how] = float(rotation.angle(found.rotations, swing(fine).rotations).max())
    assert worst["cubic"] < 0.35 * worst["linear"]


@HOW
def test_missing_frames_are_filled_and_the_ends_stand_still(how: str) -> None:
    times = np.delete(np.arange(31) / 30, [7, 8, 20])
    motion = standing(times, leftUpperArm=turn("x", np.asarray(40 * times, float)))
    even = motion.resampled(fps=30, interpolation=how)
    np.testing.assert_allclose(even.times, np.arange(31) / 30, atol=1e-9)
    truth = standing(even.times, leftUpperArm=turn("x", 40.0 * even.times))
    assert rotation.angle(even.rotations, truth.rotations).max() < 1e-6
    outside = motion.resampled(times=[-1.0, 0.0, 1.0, 2.0], interpolation=how)
    assert rotation.angle(outside.rotations[[0, 3]], outside.rotations[[1, 2]]).max() < 1e-6


def test_another_way_is_told() -> None:
    with pytest.raises(UnknownName, match=r"unknown interpolation 'quintic'; known: cubic, linear"):
        standing(np.zeros(1)).resampled(fps=3, interpolation="quintic")
