"""Rendered people: what holds for every clip, and what makes a run a run and a push-up one."""

from __future__ import annotations

import numpy as np
import pytest
from rendered import RECORDED, check_clip, joint, landmark, shown

from benchmarks.render.clips import CLIPS
from benchmarks.render.crossing import MOTIONS as CROSSINGS
from benchmarks.render.motions import MOTIONS
from benchmarks.render.pose import solve
from benchmarks.render.skeleton import SIDES, rest_joints

HERE = [name for name in CLIPS if name not in RECORDED]
REST = rest_joints(0.178, 0.088)


@pytest.mark.parametrize("name", HERE)
def test_floor_contacts_and_bones_are_respected(name: str) -> None:
    check_clip(shown(name))


@pytest.mark.parametrize("name", sorted({*HERE} - {"come_close"}))
def test_the_whole_person_is_in_the_picture_all_the_time(name: str) -> None:
    truth = shown(name).truth
    assert (truth.pixels > 0).all()
    assert (truth.pixels < truth.size).all()


def test_who_comes_close_is_cut_off_at_the_knees() -> None:
    truth = shown("come_close").truth
    inside = ((truth.pixels > 0) & (truth.pixels < truth.size)).all(axis=2)
    assert inside[:30].all()
    names = truth.landmark_names.tolist()
    hips = max(names.index("left_hip"), names.index("right_hip"))
    assert inside[:, : hips + 1].all()
    assert not inside[100:, names.index("left_ankle") :].any()


def test_who_is_far_away_is_small() -> None:
    tall = np.ptp(shown("far_away").truth.pixels[..., 1], axis=1)
    assert 140 < np.median(tall) < 200


@pytest.mark.parametrize("name", ["run", "jog_on_the_spot"])
def test_a_run_has_flights_in_which_the_runner_falls_freely(name: str) -> None:
    times = np.arange(0, 4, 1 / 240)
    poses = [MOTIONS[name](t, 4) for t in times]
    down = np.array([[pose.feet[side].lift < 1e-6 for side in SIDES] for pose in poses])
    assert not down.all(axis=1).any()
    flying = ~down.any(axis=1)
    assert 0.2 < flying.mean() < 0.5
    assert (np.diff(flying.astype(int)) == 1).sum() >= 10  # steps
    height = np.array([solve(REST, pose).positions["hips"][2] for pose in poses])
    fall = np.diff(height, 2) * 240**2
    within = flying[1:-1] & flying[:-2] & flying[2:]
    # In a bend, who leans more or less has the hips a little lower or higher.
    np.testing.assert_allclose(fall[within], -9.81, atol=0.3 if name == "run" else 1e-6)


def test_a_runner_bends_the_knees_and_swings_arms_against_legs() -> None:
    truth = shown("run").truth
    ahead = joint(truth, "hips") - np.roll(joint(truth, "hips"), 1, axis=0)
    ahead = (ahead / np.linalg.norm(ahead, axis=1, keepdims=True))[1:]

    def lead(bone: str) -> np.ndarray:
        apart = (joint(truth, "left" + bone) - joint(truth, "right" + bone))[1:]
        return (apart * ahead).sum(1)

    assert np.corrcoef(lead("Foot"), lead("Hand"))[0, 1] < -0.7
    for side in SIDES:
        hip, knee, ankle = (joint(truth, side + b) for b in ("UpperLeg", "LowerLeg", "Foot"))
        thigh, shank = knee - hip, ankle - knee
        cosine = (thigh * shank).sum(1)
        cosine /= np.linalg.norm(thigh, axis=1) * np.linalg.norm(shank, axis=1)
        bend = np.degrees(np.arccos(cosine))
        assert bend.min() > 5
        assert 90 < bend.max() < 135


@pytest.mark.parametrize("name", sorted(CROSSINGS))
def test_crossing_arms_stay_out_of_the_body(name: str) -> None:
    person, solved, truth = shown(name)
    arms: dict[str, list[np.ndarray]] = {side: [] for side in SIDES}
    for pose in solved:
        at, chest = pose.positions["chest"], pose.rotations["chest"]
        for side in SIDES:
            elbow, wrist = (pose.positions[side + bone] for bone in ("LowerArm", "Hand"))
            arms[side].append(np.linspace(elbow, wrist, 8))
            in_rest = (arms[side][-1] - at) @ chest + person.joints["chest"]
            assert person.body.torso(in_rest.astype(np.float32)).min() > 0.03
    left, right = (np.array(arms[side]) for side in SIDES)
    apart = np.linalg.norm(left[:, :, None] - right[:, None], axis=-1)
    assert apart.min() > 0.05
    # They do cross, and each hand gets to the other shoulder.
    wrists = joint(truth, "leftHand") - joint(truth, "rightHand")
    assert (wrists[:, 0] < -0.05).any()
    for side, other in (("left", "right"), ("right", "left")):
        way = landmark(truth, side + "_index") - landmark(truth, other + "_shoulder")
        assert np.linalg.norm(way, axis=1).min() < 0.2


def test_hands_and_feet_of_push_ups_stay_while_a_straight_body_goes_down() -> None:
    _, _, truth = shown("push_up")
    for side in SIDES:
        for bone in ("Hand", "Toes"):
            place = joint(truth, side + bone)
            np.testing.assert_allclose(place, place[:1] + 0 * place, atol=1e-9)
    chest = joint(truth, "chest")[:, 1]
    assert np.ptp(chest) > 0.2
    shoulder, hip, ankle = (
        joint(truth, "left" + bone) for bone in ("UpperArm", "UpperLeg", "Foot")
    )
    up, down = shoulder - hip, ankle - hip
    cosine = (up * down).sum(1) / np.linalg.norm(up, axis=1) / np.linalg.norm(down, axis=1)
    assert np.degrees(np.arccos(cosine)).min() > 165


def test_crunches_lift_the_head_off_a_floor_on_which_the_hips_stay() -> None:
    _, _, truth = shown("crunch")
    hips, head = joint(truth, "hips"), joint(truth, "head")
    assert np.ptp(hips, axis=0).max() < 0.01
    assert head[:, 1].min() < 0.25
    assert np.ptp(head[:, 1]) > 0.15


def test_poses_are_the_same_whenever_they_are_asked_for() -> None:
    for name in ("run", "arms_crossing", "come_close"):
        one = solve(REST, MOTIONS[name](1.3, 4)).positions
        MOTIONS[name](2.0, 5)
        two = solve(REST, MOTIONS[name](1.3, 4)).positions
        for bone in one:
            np.testing.assert_array_equal(one[bone], two[bone])
