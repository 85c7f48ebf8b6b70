"""Figures of quality on motion whose figures are known beforehand."""

from __future__ import annotations

from itertools import pairwise

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


def test_a_foot_slides_if_all_its_points_do() -> None:
    """One foot turns about its second point, the other goes 5 cm/s as a whole."""
    seconds = np.arange(26) / FPS
    parts = np.zeros((26, 2, 2, 3))
    parts[:, 0, 0, 0] = np.sin(seconds)
    parts[:, 1, :, 0], parts[:, 1, :, 2] = 0.03 * seconds[:, None], 0.04 * seconds[:, None]
    parts[:, 1, 1] += np.array([0.0, 0.0, 0.2])
    parts[..., 1] = np.random.default_rng(0).normal(size=(26, 2, 2))  # heights are no slide
    stands = np.ones((26, 2), bool)
    speeds = metrics.slides(parts, stands, FPS)
    np.testing.assert_allclose(np.sort(speeds), [0.0] * 25 + [5.0] * 25, atol=1e-9)
    stands[10] = False  # both steps beside it are left out
    assert len(metrics.slides(parts, stands, FPS)) == 2 * 23


@given(st.lists(st.booleans(), max_size=30))
def test_spans_are_the_runs(on: list[bool]) -> None:
    found = metrics.spans(np.array(on, bool))
    assert [i for a, b in found for i in range(a, b)] == [i for i, x in enumerate(on) if x]
    assert all(b < c for (_, b), (c, _) in pairwise(found))


@given(st.floats(0.01, 1), st.sampled_from([24.0, 30.0, 120.0]), st.integers(1, 20))
def test_the_rise_of_a_flight_is_that_of_a_ball(rise: float, fps: float, before: int) -> None:
    """Between the last frame on the floor and the first, and not when it has no such end."""
    seconds = 2 * np.sqrt(2 * rise / 9.81)
    count = max(int(seconds * fps), 1)
    t = np.clip(np.arange(before + count + 10) - before, 0, count) / count * seconds
    heights = 0.9 + 9.81 / 2 * t * (seconds - t)
    airborne = (t > 0) & (t < seconds)
    found = metrics.flights(airborne, heights, fps)
    if count / fps > metrics.SHORTEST_FLIGHT + 1 / fps:
        assert [(f.first, f.last) for f in found] == [(before + 1, before + count - 1)]
        assert found[0].rise == pytest.approx(np.ptp(heights))
        assert metrics.flights(airborne[before + 1 :], heights[before + 1 :], fps) == []
        assert metrics.flights(airborne[: before + count], heights[: before + count], fps) == []
    if seconds < metrics.SHORTEST_FLIGHT - 1 / fps:
        assert found == []


def test_a_leap_is_faster_than_anyone_runs() -> None:
    times = np.array([0.0, 0.1, 0.2, 0.5, 0.6])
    root = np.zeros((5, 3))
    root[:, 2] = np.cumsum([0, 1.2, 1.4, 3.6, 1.4])  # 12, 14, 12 and 14 m/s
    counted = np.ones(5, bool)
    assert metrics.leaps(root, times, counted).tolist() == [False, False, True, False, True]
    counted[4] = False
    assert metrics.leaps(root, times, counted).tolist() == [False, False, True, False, False]
    assert metrics.leaps(root[:1], times[:1], counted[:1]).tolist() == [False]


@given(seeds, st.integers(1, 18), st.integers(1, 18))
def test_exchanges_show_at_both_ends_of_a_mistake(seed: int, begin: int, length: int) -> None:
    random = np.random.default_rng(seed)
    body = np.stack([random.normal(0, 0.3, (6, 3)), random.normal(0, 0.3, (6, 3))], axis=1)
    body[:, 0, 0] += 1.0  # sides are apart
    points = body.reshape(1, 12, 3) + random.normal(0, 0.01, (20, 12, 3))
    points += np.cumsum(random.normal(0, 0.5, (20, 1, 3)), axis=0)  # wherever the body goes
    assert not metrics.exchanges(points, [range(6), range(6, 12)]).any()
    end = min(begin + length, 20)
    mirror = np.arange(12) ^ 1
    points[begin:end] = points[begin:end, mirror]
    found = metrics.exchanges(points, [range(6), range(6, 12)])
    assert np.flatnonzero(found).tolist() == [begin, *([end] if end < 20 else [])]
    points[begin - 1] = np.nan  # beside what is not known nothing is
    assert begin not in np.flatnonzero(metrics.exchanges(points, [range(6), range(6, 12)]))


def test_exchanges_of_the_legs_alone_are_found_and_small_ones_are_none() -> None:
    points = np.zeros((2, 12, 3))
    points[:, ::2, 0] = 0.3
    points[1, [6, 7]] = points[1, [7, 6]]
    assert metrics.exchanges(points, [range(6), (6, 7)]).tolist() == [False, True]
    assert not metrics.exchanges(points, [range(6)]).any()
    assert not metrics.exchanges(points * 0.1, [(6, 7)]).any()
    assert not metrics.exchanges(points[:1], [(6, 7)]).any()


def test_scores_of_known_answers() -> None:
    said = np.array([1, 1, 1, 0, 0], bool)
    true = np.array([1, 1, 0, 1, 0], bool)
    assert metrics.scores(said, true) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert metrics.scores(~said, said).f1 == 0
    assert metrics.scores(said, said) == (1, 1, 1)
    assert metrics.scores(said & False, true & False).f1 == pytest.approx(1)


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


@given(seeds)
def test_the_pose_error_is_that_of_one_alignment_for_each_frame(seed: int) -> None:
    """All frames at once are as `align` has them one by one, mirror images among them."""
    random = np.random.default_rng(seed)
    points, truth = random.normal(size=(2, 6, 5, 3))
    points[::2] = truth[::2] * [-1, 1, 1]
    expected = [
        np.linalg.norm(metrics.align(p, t, scale=True)[0] - t, axis=-1).mean() * 1000
        for p, t in zip(points, truth, strict=True)
    ]
    np.testing.assert_allclose(metrics.pa_errors(points, truth), expected, rtol=1e-9)


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
    assert found["n_mpjpe_mm"] == pytest.approx(0, abs=1e-6)
    whole = truth - truth.mean(axis=(0, 1))
    expected = abs(size - 1) * np.linalg.norm(whole, axis=-1).mean() * 1000
    assert found["clip_rigid_mm"] == pytest.approx(expected, abs=1e-6)
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
