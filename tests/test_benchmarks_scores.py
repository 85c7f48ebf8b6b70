"""Figures of the accuracy benchmark: that they are what they say, on truths made of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import standing
from trials import TIMES, TRIAL, WALK, perfect, trial_of, turned

from benchmarks.accuracy import scores
from benchmarks.accuracy.methods import Outcome
from benchmarks.accuracy.trial import HIPS, JOINTS, Trial
from mocap import rotation
from mocap.motion import Motion
from mocap.skeleton import mirrored_name

# ---- poses and places


def test_the_truth_scores_zero() -> None:
    figures = scores.score(perfect(), TRIAL)
    for name in ("pa_mpjpe_mm", "mpjpe_mm", "clip_mm", "root_error_mm", "root_error_percent",
                 "tilt_degrees", "swapped_percent", "limb_swapped_percent"):  # fmt: skip
        assert figures[name] == pytest.approx(0, abs=1e-4), name
    assert figures["jitter"] == pytest.approx(figures["true_jitter"])
    assert figures["length_variation_percent"] == pytest.approx(0, abs=1e-9)
    assert figures["known_percent"] == 100


def test_where_and_which_way_a_clip_is_does_not_count_but_its_tilt_is_told() -> None:
    tilt = rotation.axis_angle([0.6, 0.0, 0.8], np.radians(7))
    about = rotation.mul(tilt, rotation.axis_angle([0.0, 1.0, 0.0], 1.1))
    figures = scores.score(turned(perfect(), about, np.array([3.0, 1.0, -2.0])), TRIAL)
    assert figures["clip_mm"] == pytest.approx(0, abs=1e-4)
    assert figures["root_error_mm"] == pytest.approx(0, abs=1e-4)
    assert figures["tilt_degrees"] == pytest.approx(7, abs=1e-6)
    assert figures["limb_swapped_percent"] == 0
    assert figures["depth_mm"] == pytest.approx(0, abs=1e-4)


def test_a_clip_is_moved_onto_the_truth() -> None:
    about = rotation.axis_angle([0.0, 0.6, 0.8], 2.0)
    moved = turned(perfect(), about, np.array([3.0, 1.0, -2.0]))
    turn_back, shift = scores.rigid(moved.joints, TRIAL.joints)
    np.testing.assert_allclose(moved.joints @ turn_back.T + shift, TRIAL.joints, atol=1e-9)


def test_size_counts_only_where_it_should() -> None:
    larger = Outcome(1.1 * TRIAL.joints, 1.1 * TRIAL.soles, grounded=True)
    figures = scores.score(larger, TRIAL)
    assert figures["pa_mpjpe_mm"] == pytest.approx(0, abs=1e-4)
    assert figures["clip_mm"] == pytest.approx(0, abs=1e-4)
    assert figures["mpjpe_mm"] > 10


def test_a_pose_that_sways_counts_for_the_clip_and_not_for_the_frame() -> None:
    sway = 0.1 * np.sin(2 * np.pi * TIMES)[:, None, None] * [1.0, 0.0, 0.0]
    swaying = Outcome(TRIAL.joints + sway, TRIAL.soles + sway[:, None], grounded=True)
    figures = scores.score(swaying, TRIAL)
    assert figures["pa_mpjpe_mm"] == pytest.approx(0, abs=1e-4)
    assert 30 < figures["root_error_mm"] < 100
    assert 30 < figures["clip_mm"] < 100


@pytest.mark.parametrize("every", [1, 3])
def test_exchanged_sides_are_counted(every: int) -> None:
    joints = TRIAL.joints.copy()
    mirror = [JOINTS.index(mirrored_name(j)) for j in JOINTS]
    joints[::every] = joints[::every][:, mirror]
    figures = scores.score(Outcome(joints, TRIAL.soles, grounded=True), TRIAL)
    assert figures["swapped_percent"] == pytest.approx(100 * len(joints[::every]) / 45)


def test_only_legs_exchanged_show_in_the_limbs() -> None:
    joints = TRIAL.joints.copy()
    legs = [JOINTS.index(f"{s}{b}") for b in ("LowerLeg", "Foot") for s in ("left", "right")]
    joints[:, legs] = joints[:, [legs[1], legs[0], legs[3], legs[2]]]
    figures = scores.score(Outcome(joints, TRIAL.soles, grounded=True), TRIAL)
    assert 10 < figures["limb_swapped_percent"] < 90


def test_frames_without_an_answer_are_left_out() -> None:
    joints = TRIAL.joints.copy()
    joints[10:19] = np.nan
    figures = scores.score(Outcome(joints, TRIAL.soles, grounded=True), TRIAL)
    assert figures["known_percent"] == pytest.approx(80)
    assert figures["clip_mm"] == pytest.approx(0, abs=1e-4)
    nothing = scores.score(Outcome(np.full_like(joints, np.nan), TRIAL.soles, True), TRIAL)
    assert nothing == {"known_percent": 0.0}


# ---- feet


def test_feet_that_slide_do_so_at_their_speed() -> None:
    still = trial_of(standing(TIMES))
    assert still.planted.all()
    assert scores.score(perfect(still), still)["foot_slide_cm_s"] == pytest.approx(0, abs=1e-4)
    slide = np.outer(TIMES, [0.3, 0.0, 0.4])[:, None, None]
    # the joints stay, or the alignment would take a part of the slide for the body's travel
    figures = scores.score(Outcome(still.joints, still.soles + slide, True), still)
    assert figures["foot_slide_cm_s"] == pytest.approx(50)
    assert figures["true_foot_slide_cm_s"] == pytest.approx(0, abs=1e-9)


def test_only_feet_that_truly_stand_are_asked_to() -> None:
    moving = trial_of(WALK)
    assert not moving.planted.all()
    lifted = trial_of(standing(TIMES), contacts=np.tile([True, False], (len(TIMES), 1)))
    assert lifted.planted[:, 0].all()
    assert not lifted.planted[:, 1].any()


def test_feet_below_the_floor_are_told_in_centimetres() -> None:
    still = trial_of(standing(TIMES))
    sole = still.soles[..., 1].min()
    sunk = Outcome(still.joints, still.soles - [0.0, sole + 0.02, 0.0], grounded=True)
    assert scores.score(sunk, still)["penetration_cm"] == pytest.approx(2)
    one_foot = still.soles - [0.0, sole, 0.0]
    one_foot[:, 1, :, 1] -= 0.04
    assert scores.score(Outcome(still.joints, one_foot, True), still)["penetration_cm"] > 3.9
    afloat = Outcome(still.joints, still.soles - [0.0, sole - 0.03, 0.0], grounded=True)
    figures = scores.score(afloat, still)
    assert figures["penetration_cm"] == 0
    assert figures["planted_height_cm"] > 3 - 1e-9
    without_floor = Outcome(still.joints, still.soles, grounded=False)
    assert "penetration_cm" not in scores.score(without_floor, still)


def jumping(height: float) -> Trial:
    motion = standing(TIMES)
    rise = np.zeros((len(TIMES), 3))
    air = (TIMES >= 0.5) & (TIMES <= 1.0)
    rise[air, 1] = height * (1 - ((TIMES[air] - 0.75) / 0.25) ** 2)
    return trial_of(Motion(motion.skeleton, TIMES, motion.root + rise, motion.rotations))


def test_the_height_of_a_jump() -> None:
    high, low = jumping(0.4), jumping(0.3)
    assert len(high.jumps) == 1
    assert scores.score(perfect(high), high)["jump_error_percent"] == pytest.approx(0, abs=1e-6)
    hips = low.joints[:, list(HIPS), 1].mean(axis=1)
    assert scores.jumping(hips, high)["jump_error_percent"] == pytest.approx(25, abs=0.5)
    assert scores.jumping(hips, trial_of(standing(TIMES))) == {}
    hop = jumping(0.06)
    assert scores.score(perfect(hop), hop).get("jump_error_percent") is None
