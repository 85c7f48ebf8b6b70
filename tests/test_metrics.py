"""Figures of quality on motion whose figures are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from scipy.spatial.transform import Rotation

from mocap import metrics
from mocap.arrays import Array

FPS = 25.0
HIPS = (0, 1)


def clip(random: np.random.Generator, frames: int = 6, joints: int = 5) -> Array:
    """Joints (T, J, 3) [m] of nobody in particular, who walks."""
    body = random.normal(0, 0.4, (1, joints, 3)) + random.normal(0, 0.1, (frames, joints, 3))
    return body + np.cumsum(random.normal(0, 0.3, (frames, 1, 3)), axis=0)


def any_turn(random: np.random.Generator) -> Rotation:
    return Rotation.from_quat(random.normal(size=4))


def turned(points: Array, turn: Rotation) -> Array:
    return turn.apply(points.reshape(-1, 3)).reshape(points.shape)


# --- without the truth ---------------------------------------------------------------------


@given(st.floats(-5, 5), st.sampled_from([24.0, 30.0, 120.0]))
def test_jitter_of_a_cubic_is_its_third_derivative(cube: float, fps: float) -> None:
    """In units of 10 m/s^3, whatever the rate and the slower terms."""
    t = (np.arange(20) / fps)[:, None, None]
    direction = np.array([2.0, -1.0, 2.0]) / 3
    positions = np.tile(1.0 + t - 3 * t**2 + cube * t**3 * direction, (1, 4, 1))
    assert metrics.jitter(positions, fps) == pytest.approx(abs(cube) * 6 / 10, abs=1e-6)


def test_jitter_of_less_than_four_frames_is_nothing() -> None:
    assert metrics.jitter(np.ones((3, 2, 3)) * np.arange(3.0)[:, None, None] ** 3, FPS) == 0.0


def feet(frames: int) -> tuple[Array, Array]:
    """Two soles on the floor and whether they stand: both, all the time."""
    return np.zeros((frames, 2, 3)), np.ones((frames, 2), bool)


def test_slide_is_the_speed_along_the_floor_of_feet_that_stand() -> None:
    soles, stands = feet(26)
    seconds = np.arange(26) / FPS
    soles[:, 0, 0], soles[:, 0, 2] = 0.018 * seconds, 0.024 * seconds  # 3 cm/s
    soles[:, 0, 1] = 0.5 * seconds  # upwards is no slide
    soles[:, 1] = np.random.default_rng(0).normal(size=(26, 3))
    stands[:, 1] = False
    assert metrics.foot_slide(soles, stands, FPS) == pytest.approx(3.0)
    stands[:, 1], soles[:, 1] = True, 0.0  # another one that rests
    assert metrics.foot_slide(soles, stands, FPS) == pytest.approx(1.5)


def test_slide_counts_steps_between_two_standing_frames_only() -> None:
    soles, stands = feet(4)
    soles[:, 0, 0] = [0, 1, 1.01, 5]
    stands[:, 0], stands[:, 1] = [False, True, True, False], False
    assert metrics.foot_slide(soles, stands, FPS) == pytest.approx(0.01 * FPS * 100)
    assert metrics.foot_slide(soles, np.zeros((4, 2), bool), FPS) == 0.0


def test_penetration_is_the_mean_depth_of_the_lower_sole() -> None:
    soles, _ = feet(4)
    soles[:, 0, 1] = [0.5, -0.02, 0.1, -0.01]
    soles[:, 1, 1] = [0.2, -0.04, 0.0, 0.3]
    assert metrics.penetration(soles) == pytest.approx((0 + 4 + 0 + 1) / 4)
    assert metrics.penetration(soles[:0]) == 0.0
    assert metrics.penetration(np.abs(soles)) == 0.0


@given(seeds, st.floats(0.1, 10))
def test_length_variation_is_relative(seed: int, factor: float) -> None:
    lengths = np.random.default_rng(seed).uniform(0.2, 0.4, (10, 3))
    found = metrics.length_variation(lengths)
    assert metrics.length_variation(factor * lengths) == pytest.approx(found)
    holes = np.insert(lengths, 4, np.nan, axis=0)
    holes[4, 1:] = 0.3  # one bone unseen
    assert metrics.length_variation(holes) == pytest.approx(found)


def test_length_variation_of_known_lengths() -> None:
    assert metrics.length_variation(np.full((5, 2), 0.3)) == pytest.approx(0)
    assert metrics.length_variation(np.array([[0.9, 2.0], [1.1, 2.0]])) == pytest.approx(5.0)
    assert metrics.length_variation(np.full((3, 2), np.nan)) == 0.0


# --- alignment -----------------------------------------------------------------------------


@given(seeds, st.floats(0.1, 10))
def test_align_undoes_a_known_similarity(seed: int, size: float) -> None:
    random = np.random.default_rng(seed)
    truth, turn = random.normal(size=(6, 3)), any_turn(random)
    points = turn.inv().apply(truth) / size + random.normal(size=3)
    moved, found = metrics.align(points, truth, scale=True)
    np.testing.assert_allclose(moved, truth, atol=1e-9)
    np.testing.assert_allclose(found, turn.as_matrix(), atol=1e-9)
    np.testing.assert_allclose(metrics.align(points, truth, scale=False)[1], found, atol=1e-9)


@given(seeds, st.booleans())
def test_align_turns_as_scipy_does_and_never_reflects(seed: int, reflected: bool) -> None:
    random = np.random.default_rng(seed)
    truth = random.normal(size=(6, 3))
    points = truth @ np.diag([-1, 1, 1]) if reflected else truth + random.normal(0, 0.3, (6, 3))
    moved, turn = metrics.align(points, truth, scale=False)
    a, b = points - points.mean(axis=0), truth - truth.mean(axis=0)
    best, error = Rotation.align_vectors(b, a)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    assert np.linalg.norm(moved - truth) == pytest.approx(error)
    np.testing.assert_allclose(turn, best.as_matrix(), atol=1e-6)
    np.testing.assert_allclose(moved, a @ turn.T + truth.mean(axis=0), atol=1e-12)


@given(seeds)
def test_no_other_size_fits_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    points, truth = random.normal(size=(2, 6, 3))
    moved, _ = metrics.align(points, truth, scale=True)
    error = np.linalg.norm(moved - truth)
    middle = truth.mean(axis=0)
    for factor in (0.99, 1.01):
        assert np.linalg.norm((moved - middle) * factor + middle - truth) >= error


# --- against the truth ---------------------------------------------------------------------


@given(seeds)
def test_nothing_wrong_is_no_error(seed: int) -> None:
    truth = clip(np.random.default_rng(seed))
    for name, value in metrics.accuracy(truth, truth, FPS, HIPS).items():
        assert value == pytest.approx(0, abs=1e-5), name


@given(seeds, st.floats(0.2, 5))
def test_errors_do_not_ask_where_the_world_is(seed: int, size: float) -> None:
    random = np.random.default_rng(seed)
    truth = clip(random)
    points = truth + random.normal(0, 0.05, truth.shape)
    expected = metrics.accuracy(points, truth, FPS, HIPS)
    moved = turned(points, any_turn(random)) + random.normal(size=3)
    found = metrics.accuracy(moved, truth, FPS, HIPS)
    for name in expected.keys() - {"tilt_degrees"}:
        assert found[name] == pytest.approx(expected[name], abs=1e-6), name
    found = metrics.accuracy(size * moved, truth, FPS, HIPS)
    for name in ("pa_mpjpe_mm", "clip_mm"):
        assert found[name] == pytest.approx(expected[name], abs=1e-6), name
    each = np.array([size * turned(p, any_turn(random)) for p in moved])
    found = metrics.accuracy(each + random.normal(size=(len(each), 1, 3)), truth, FPS, HIPS)
    assert found["pa_mpjpe_mm"] == pytest.approx(expected["pa_mpjpe_mm"], abs=1e-6)


@given(seeds, st.floats(0, 3))
def test_tilt_is_how_far_up_is_from_up(seed: int, tilt: float) -> None:
    truth = clip(np.random.default_rng(seed))
    tilted = turned(truth, Rotation.from_euler("YXY", [1.0, tilt, 2.0]))
    found = metrics.accuracy(tilted, truth, FPS, HIPS)
    assert found["tilt_degrees"] == pytest.approx(np.degrees(tilt), abs=1e-4)
    assert found["mpjpe_mm"] == pytest.approx(0, abs=1e-6)


@given(seeds, st.floats(0.5, 2))
def test_a_wrong_size_counts_where_it_must(seed: int, size: float) -> None:
    truth = clip(np.random.default_rng(seed))
    found = metrics.accuracy(size * truth, truth, FPS, HIPS)
    root = truth[:, list(HIPS)].mean(axis=1, keepdims=True)
    expected = abs(size - 1) * np.linalg.norm(truth - root, axis=-1).mean() * 1000
    assert found["mpjpe_mm"] == pytest.approx(expected, abs=1e-6)
    assert found["pa_mpjpe_mm"] == pytest.approx(0, abs=1e-6)
    assert found["clip_mm"] == pytest.approx(0, abs=1e-6)


def test_root_error_is_of_the_travel() -> None:
    """Ten metres walked, measured as eleven: off by 0.1 of the distance from the middle."""
    body = np.random.default_rng(0).normal(0, 0.4, (1, 5, 3))
    walk = np.linspace(0, 10, 11)[:, None, None] * [0.6, 0.0, 0.8]
    found = metrics.accuracy(body + 1.1 * walk, body + walk, FPS, HIPS)
    from_middle = np.mean(np.abs(np.linspace(0, 10, 11) - 5))
    assert found["root_error_mm"] == pytest.approx(0.1 * from_middle * 1000)
    assert found["root_error_percent"] == pytest.approx(0.1 * from_middle / 10 * 100)
    assert found["mpjpe_mm"] == pytest.approx(0, abs=1e-6)
    near = metrics.accuracy(body + 0.04 * walk, body + 0.04 * walk, FPS, HIPS)
    assert "root_error_percent" not in near


def test_acceleration_error_is_in_metres_per_second_squared() -> None:
    still = np.tile(np.random.default_rng(0).normal(0, 0.4, (1, 5, 3)), (20, 1, 1))
    seconds = (np.arange(20) / FPS)[:, None, None]
    falling = still - 0.5 * 9.81 * seconds**2 * [0.0, 1.0, 0.0]
    found = metrics.accuracy(falling, still, FPS, HIPS)
    assert found["acceleration_error"] == pytest.approx(9.81)
    assert "acceleration_error" not in metrics.accuracy(still[:2], still[:2], FPS, HIPS)


@given(seeds, st.lists(st.booleans(), min_size=1, max_size=8))
def test_flip_rate_is_the_share_of_frames_with_sides_exchanged(
    seed: int, flipped: list[bool]
) -> None:
    random = np.random.default_rng(seed)
    truth = clip(random, len(flipped))
    mirror = [0, 2, 1, 4, 3]
    points = truth + random.normal(0, 1e-3, truth.shape)
    points[flipped] = points[flipped][:, mirror]
    rate = metrics.flip_rate(points, truth, mirror)
    assert rate == pytest.approx(100 * np.mean(flipped))
