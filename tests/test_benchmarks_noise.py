"""Landmarks of the accuracy benchmark that nobody estimated: their noise, and measured motion."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from synthetic import CAMERA, points_of, seen, standing
from trials import FPS, STILL, TIMES, TRIAL, archive, drawn, made_up, trial_of, world_of

from benchmarks.accuracy import errors, fit, methods, motion, scores
from mocap import rotation
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.solve import SolveSettings
from mocap.training import noise, vectors
from mocap.training.corpus import repaired
from mocap.training.points import landmarks

# ---- noise


def test_the_same_seed_gives_the_same_landmarks() -> None:
    a, b, c = drawn(1).track, drawn(1).track, drawn(2).track
    np.testing.assert_array_equal(a.image, b.image)
    np.testing.assert_array_equal(world_of(a), world_of(b))
    assert np.nanmax(np.abs(a.image - c.image)) > 1


def test_the_model_survives_its_file() -> None:
    model = noise.fitted()
    again = noise.NoiseModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again.to_dict() == model.to_dict()
    assert noise.FILE.stat().st_size < 100_000


def test_the_model_errs_as_an_estimator_does() -> None:
    """Loose bounds around what MediaPipe does on rendered people."""
    figures = scores.mean(
        [
            scores.score(methods.raw(drawn(s, STILL).track, CAMERA, SolveSettings()), TRIAL)
            for s in range(6)
        ]
    )
    assert 35 < figures["pa_mpjpe_mm"] < 90
    assert 40 < figures["jitter"] < 200
    assert figures["swapped_percent"] < 10


def test_mishaps_happen_as_often_as_asked() -> None:
    rng = np.random.default_rng(0)
    often = noise.Mishaps(swaps=1.0, swap_time=0.2, losses=0.5, loss_time=0.2)
    made = noise.seen_through(
        noise.fitted(), np.repeat(TRIAL.view[:1], 3000, axis=0), np.arange(3000) / FPS, CAMERA,
        1.75, rng, often,
    )  # fmt: skip
    assert made.swapped.mean() == pytest.approx(0.1, abs=0.06)
    assert made.lost.mean() == pytest.approx(0.1, abs=0.06)
    assert (np.isnan(made.track.image).all(axis=(1, 2)) == made.lost).all()
    assert (~made.track.present == made.lost).all()
    none = drawn(0, STILL)
    assert not np.any([none.swapped, none.legs_swapped, none.lost])


def test_exchange_turns_depth_and_twice_is_nothing() -> None:
    track = drawn(4, STILL).track
    assert track.world is not None
    image, world = track.image.copy(), track.world.copy()
    frames = np.zeros(len(TIMES), dtype=bool)
    frames[5:9] = True
    noise.exchange(image, world, frames, list(range(33)))
    left, right = (MEDIAPIPE_POSE.index(f"{s}_knee") for s in ("left", "right"))
    np.testing.assert_array_equal(image[6, left], track.image[6, right])
    np.testing.assert_array_equal(world[6, left], track.world[6, right] * [1, 1, -1])
    np.testing.assert_array_equal(image[4], track.image[4])
    noise.exchange(image, world, frames, list(range(33)))
    np.testing.assert_array_equal(image, track.image)
    np.testing.assert_array_equal(world, track.world)


def test_a_wandering_signal_is_as_slow_and_as_large_as_asked() -> None:
    rng = np.random.default_rng(5)
    signal = noise.wander(20_000, 0.3, (4,), rng)
    assert signal.std() == pytest.approx(1, abs=0.03)
    like = [float(np.mean(signal[k:] * signal[: len(signal) - k])) for k in range(8)]
    np.testing.assert_allclose(like, noise.likeness(8, 0.3), atol=0.06)


# ---- errors that the noise is fitted to


def test_vectors_along_the_body_and_back() -> None:
    points = np.random.default_rng(6).normal(size=(5, 33, 3))
    points -= points[:, vectors.HIPS].mean(axis=1, keepdims=True)
    np.testing.assert_allclose(vectors.chained(vectors.vectors(points)), points, atol=1e-12)


def test_a_perfect_estimate_has_no_error() -> None:
    told, there = errors.compare(TRIAL)
    assert there.all()
    np.testing.assert_allclose(told.image, 0, atol=1e-9)
    assert errors.size_said(told) == pytest.approx(1, abs=1e-6)
    # looking straight at the hips or at the middle of all points differs by a few degrees only
    np.testing.assert_allclose(told.world, told.true, atol=0.08)


def test_a_bias_that_is_there_is_found() -> None:
    """Points of the body's own axes put beside the joints come back as such from the fit."""
    q = rotation.axis_angle([0.0, 1.0, 0.0], np.linspace(0, 6, len(TIMES)))
    motion = standing(TIMES, hips=q)
    true = trial_of(motion)
    hip = MEDIAPIPE_POSE.index("left_hip")
    view_points = true.view.copy()
    axes = vectors.torso(view_points)
    view_points[:, hip] += axes @ [0.03, -0.02, 0.0]
    track = seen(motion)
    assert track.world is not None
    image = CAMERA.project(view_points)
    shifted = LandmarkTrack(track.layout, TIMES, image, track.world, track.confidence, track.size)
    model = fit.fit([trial_of(motion, shifted)])
    # pooled with the mirror image, so both hips show half of it, to their own side
    np.testing.assert_allclose(model.image_shift[hip], [0.015, -0.01, 0], atol=2e-3)


# ---- measured motion


def test_made_up_landmarks_lie_where_they_should() -> None:
    points = landmarks(made_up())
    true = points_of(standing(np.arange(300) / 60))
    joints = [MEDIAPIPE_POSE.index(p) for p in ("left_knee", "right_wrist", "nose", "left_ear")]
    np.testing.assert_allclose(points[:, joints], true[:, joints], atol=0.02)
    feet = [MEDIAPIPE_POSE.index(f"left_{p}") for p in ("heel", "foot_index")]
    np.testing.assert_allclose(points[:, feet], true[:, feet], atol=0.08)
    heights = points[:, feet, 1]
    np.testing.assert_allclose(heights[:, 0], heights[:, 1], atol=1e-6)


def test_trials_of_measured_motion_are_the_same_for_a_seed(tmp_path: Path) -> None:
    folder = archive(tmp_path)
    once, twice = (motion.trials(folder, "test", noise.fitted(), 7) for _ in range(2))
    assert [t.name for t in once] == ["cmu_007_03", "cmu_007_11", "martial_04"]
    other = motion.trials(folder, "test", noise.fitted(), 8)
    for a, b, c in zip(once, twice, other, strict=True):
        np.testing.assert_array_equal(a.track.image, b.track.image)
        assert a.camera.size != c.camera.size or not np.allclose(a.turn, c.turn)
        image = a.camera.project(a.view)
        assert ((image > 0) & (image < a.camera.size)).all()  # the camera sees everything
    assert not set(motion.chosen(["salsa_01"], "test", 0))


def test_no_clip_is_in_both_splits() -> None:
    def people(split: str) -> set[str]:
        return {pattern.split("_")[0] + pattern.split("_")[1][:3]
                for pattern, _ in motion.CHOSEN[split]}  # fmt: skip

    assert not people("tune") & people("test")


def test_a_joint_that_leaps_for_a_frame_is_put_back() -> None:
    joints = np.stack([made_up()["hips"], made_up()["l_knee"]], axis=1)
    leaping = joints.copy()
    leaping[50, 1] += 0.5
    np.testing.assert_allclose(repaired(leaping), joints, atol=1e-9)
