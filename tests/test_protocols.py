"""Measures of lifted joints on errors that are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from scipy.spatial.transform import Rotation

from mocap import protocols
from mocap.errors import InvalidValue


def body(random: np.random.Generator, frames: int = 7, joints: int = 6) -> np.ndarray:
    """Joints (T, J, 3) [m] about the first."""
    points = random.normal(0, 0.4, (frames, joints, 3))
    return points - points[:, :1]


def shifted(points: np.ndarray, by: float, random: np.random.Generator) -> np.ndarray:
    """Every joint by so much [mm], anywhere."""
    way = random.normal(size=points.shape)
    return points + way / np.linalg.norm(way, axis=-1, keepdims=True) * by / 1000


@given(seeds, st.floats(0, 500))
def test_mpjpe_is_how_far_joints_are_off(seed: int, by: float) -> None:
    random = np.random.default_rng(seed)
    truth = body(random)
    assert protocols.mpjpe(shifted(truth, by, random), truth) == pytest.approx(by)


@given(seeds, st.floats(0.3, 3))
def test_n_mpjpe_forgives_size_alone(seed: int, size: float) -> None:
    random = np.random.default_rng(seed)
    truth = body(random)
    assert protocols.n_mpjpe(size * truth, truth) == pytest.approx(0, abs=1e-6)
    # the best size is the one that leaves an error at a right angle to the joints
    points = shifted(truth, 80, random)
    best = (points * truth).sum(axis=(1, 2)) / (points**2).sum(axis=(1, 2))
    rest = best[:, None, None] * points - truth
    assert (rest * points).sum(axis=(1, 2)) == pytest.approx(0, abs=1e-9)
    sized = best[:, None, None] * points
    assert protocols.n_mpjpe(points, truth) == pytest.approx(protocols.mpjpe(sized, truth))


@given(seeds)
def test_measures_forgive_what_they_should(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = body(random)
    turn = Rotation.from_quat(random.normal(size=4)).as_matrix()
    moved = 1.7 * truth @ turn.T + random.normal(size=(len(truth), 1, 3))
    found = protocols.measure(moved, truth, np.ones(len(truth), bool))
    assert found.p2 == pytest.approx(0, abs=1e-5)
    assert (found.p1 > 0).all()


@given(seeds, st.floats(-0.2, 0.2))
def test_mpjve_is_the_error_of_speed(seed: int, speed: float) -> None:
    random = np.random.default_rng(seed)
    truth = body(random)
    drift = np.arange(len(truth))[:, None, None] * np.array([0.6, 0.0, 0.8]) * speed
    assert protocols.mpjve(truth + 5.0, truth) == pytest.approx(0, abs=1e-9)
    assert protocols.mpjve(truth + drift, truth) == pytest.approx(abs(speed) * 1000)


def test_pck_is_the_share_of_joints_nearer_than_the_threshold() -> None:
    errors = np.array([[0.0, 149.9], [150.0, 300.0]])
    assert protocols.pck(errors) == 50.0
    assert protocols.pck(errors, 301) == 100.0
    assert protocols.pck(errors, 0) == 0.0


@given(st.floats(0, 200))
def test_auc_of_one_error_is_the_share_of_thresholds_above(error: float) -> None:
    above = np.sum(np.arange(0, 151, 5) > error)
    assert protocols.auc(np.full((3, 4), error)) == pytest.approx(above / 31 * 100)


@given(seeds)
def test_auc_is_the_mean_of_pck(seed: int) -> None:
    errors = np.random.default_rng(seed).gamma(2, 40, (9, 14))
    errors.flat[:8] = np.arange(0, 40, 5)  # on the thresholds, too
    mean = np.mean([protocols.pck(errors, t) for t in range(0, 151, 5)])
    assert protocols.auc(errors) == pytest.approx(mean)


def test_auc_of_evenly_spread_errors_is_half() -> None:
    """PCK rises in a straight line from 0 to 100 %."""
    errors = (np.arange(150_000) + 0.5) / 1000
    assert protocols.auc(errors) == pytest.approx(50.0, abs=1e-6)


def test_only_frames_that_count_are_measured() -> None:
    random = np.random.default_rng(0)
    truth = body(random)
    points = shifted(truth, 30, random)
    points[2] = np.nan
    counted = np.ones(len(truth), bool)
    with pytest.raises(InvalidValue, match="frame 2"):
        protocols.measure(points, truth, counted)
    counted[2] = False
    found = protocols.measure(points, truth, counted)
    assert found.p1 == pytest.approx(np.full(6, 30))
    assert len(found.velocity) == 4  # the steps to and from the frame are none
    assert len(found.joints) == 6 * truth.shape[1]
    with pytest.raises(InvalidValue, match="7 frames of 6"):
        protocols.measure(points[:, :5], truth, counted)


def test_a_table_counts_every_action_once() -> None:
    random = np.random.default_rng(0)

    def clip(frames: int, by: float) -> protocols.Measured:
        truth = body(random, frames)
        return protocols.measure(shifted(truth, by, random), truth, np.ones(frames, bool))

    found = protocols.table([("Walk", clip(2, 10)), ("Eat", clip(8, 40)), ("Walk", clip(6, 20))])
    assert list(found.rows) == ["Eat", "Walk"]
    assert found.rows["Walk"]["mpjpe_mm"] == pytest.approx((2 * 10 + 6 * 20) / 8)
    assert found.mean["mpjpe_mm"] == pytest.approx((17.5 + 40) / 2)
    assert found.overall["mpjpe_mm"] == pytest.approx((8 * 17.5 + 8 * 40) / 16)
    assert found.overall["frames"] == 16
    lines = protocols.text(found).splitlines()
    assert lines[0].split() == ["action", "MPJPE", "PA-MPJPE", "N-MPJPE", "MPJVE", "PCK", "AUC"]
    assert lines[2].split()[:2] == ["Walk", "17.50"]
    assert len({len(line) for line in lines}) == 1
    with pytest.raises(InvalidValue, match="no frame counts"):
        protocols.table([])


def test_a_single_frame_has_no_speed() -> None:
    random = np.random.default_rng(0)
    truth = body(random, 1)
    found = protocols.table([("a", protocols.measure(truth, truth, np.ones(1, bool)))])
    assert "mpjve_mm" not in found.mean
    assert "MPJVE" not in protocols.text(found)
