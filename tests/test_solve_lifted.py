"""A lifter's joints beside the estimator's own depth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import CAMERA, CAMERA_AT, seen, standing, turn

from mocap import metrics
from mocap.errors import InvalidValue
from mocap.motion import Motion
from mocap.solve import Lifted, SolveSettings, solve
from mocap.solve.lifted import bones

TIMES = np.arange(45) / 30
BONES = {
    f"{side}_{joint}": f"{side}{bone}"
    for side in ("left", "right")
    for joint, bone in (
        ("shoulder", "UpperArm"), ("elbow", "LowerArm"), ("wrist", "Hand"),
        ("hip", "UpperLeg"), ("knee", "LowerLeg"), ("ankle", "Foot"),
    )
}  # fmt: skip
SETTINGS = SolveSettings(height=1.75)
REACHING = standing(
    TIMES,
    leftUpperArm=turn("y", -60 - 20 * np.sin(4 * TIMES)),
    rightUpperArm=turn("y", 60 + 20 * np.sin(4 * TIMES)),
)


def joints(motion: Motion) -> np.ndarray:
    index = [motion.skeleton.index(bone) for bone in BONES.values()]
    return motion.fk()[0][:, index]


def lifter(sigma: float = 0.02) -> Lifted:
    """One that knows everything."""
    places = joints(REACHING) - CAMERA_AT
    return Lifted(TIMES, tuple(BONES), 3.0 * places + 7.0, np.full(len(BONES), sigma))


def flattened():
    """What an estimator without any idea of depth sees."""
    track = seen(REACHING)
    return replace(track, world=np.array(track.world) * [1.0, 1.0, 0.3])


def error(motion: Motion) -> float:
    return float(metrics.pa_errors(joints(motion), joints(REACHING)).mean())


def test_a_good_lifter_mends_a_bad_depth() -> None:
    (alone,) = solve([flattened()], CAMERA, SETTINGS)
    (helped,) = solve([flattened()], CAMERA, SETTINGS, [lifter()])
    assert error(helped) < 0.5 * error(alone)


def test_an_unsure_lifter_changes_nothing() -> None:
    (alone,) = solve([flattened()], CAMERA, SETTINGS)
    (helped,) = solve([flattened()], CAMERA, SETTINGS, [lifter(sigma=1e6)])
    assert np.abs(joints(alone) - joints(helped)).max() < 1e-6


def test_a_lifter_may_know_some_joints_and_frames_only() -> None:
    full = lifter()
    places = full.positions.copy()
    places[10:20] = np.nan
    arms = [i for i, name in enumerate(full.names) if "hip" not in name]
    some = Lifted(TIMES, tuple(full.names[i] for i in arms), places[:, arms], full.sigma[arms])
    (helped,) = solve([flattened()], CAMERA, SETTINGS, [some])
    (alone,) = solve([flattened()], CAMERA, SETTINGS, [None])
    assert error(helped) < error(alone)
    directions, sigma = bones(some)
    assert np.isfinite(directions).all()
    assert np.isinf(sigma[10:20]).all()


def test_sigma_may_differ_from_frame_to_frame_and_other_joints_tell_nothing() -> None:
    full = lifter()
    tail = np.zeros((len(TIMES), 1, 3))
    more = Lifted(
        TIMES,
        (*full.names, "tail"),
        np.concatenate([full.positions, tail], axis=1),
        np.ones((len(TIMES), len(BONES) + 1)) * np.linspace(0.01, 0.03, len(TIMES))[:, None],
    )
    directions, sigma = bones(full)
    with_tail, rising = bones(more)
    assert np.array_equal(directions, with_tail)
    assert np.array_equal(np.isfinite(sigma), np.isfinite(rising))
    known = np.isfinite(sigma[0])
    assert rising[0, known] == pytest.approx(sigma[0, known] / 2)
    assert rising[-1, known] == pytest.approx(sigma[0, known] * 1.5)


def test_what_does_not_fit_is_refused() -> None:
    full = lifter()
    with pytest.raises(InvalidValue, match="times"):
        solve([flattened()], CAMERA, SETTINGS, [replace(full, times=TIMES + 1)])
    with pytest.raises(InvalidValue, match="unknown"):
        bones(Lifted(TIMES, ("tail",), np.zeros((len(TIMES), 1, 3)), np.ones(1)))
    with pytest.raises(InvalidValue, match="once"):
        Lifted(TIMES, ("tail", "tail"), np.zeros((len(TIMES), 2, 3)), np.ones(2))
    with pytest.raises(InvalidValue, match="sigma"):
        Lifted(TIMES, ("left_knee",), np.zeros((len(TIMES), 1, 3)), np.zeros(1))
