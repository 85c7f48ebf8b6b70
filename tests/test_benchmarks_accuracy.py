"""The accuracy benchmark itself: that its figures are what they say, on truths made of numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.accuracy import __main__ as command
from benchmarks.accuracy import (
    ablations,
    detections,
    document,
    errors,
    fit,
    methods,
    motion,
    noise,
    scores,
    tables,
)
from benchmarks.accuracy.methods import Outcome
from benchmarks.accuracy.run import Choice, run
from benchmarks.accuracy.trial import HIPS, JOINTS, Trial, at_times
from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.motion import Motion
from mocap.skeleton import mirrored_name
from mocap.solve import SolveSettings
from tests.synthetic import CAMERA, CAMERA_AT, points_of, seen, standing, turn

FPS = 30.0
TIMES = np.arange(45) / FPS
STILL = noise.Mishaps(0.0, 0.1, 0.0, 0.1)


def walking() -> Motion:
    """Somebody who swings arms and legs, sideways on the whole: nothing is flat or at rest."""
    swing = 30 * np.sin(2 * np.pi * TIMES)
    motion = standing(
        TIMES,
        leftUpperLeg=turn("x", -20 + swing),
        rightUpperLeg=turn("x", -20 - swing),
        leftLowerLeg=turn("x", 25 + 0.5 * swing),
        leftLowerArm=turn("y", -40 + swing),
    )
    way = np.outer(TIMES, [0.6, 0.0, -0.3])
    return Motion(motion.skeleton, TIMES, motion.root + way, motion.rotations)


def trial_of(
    motion: Motion, track: LandmarkTrack | None = None, contacts: BoolArray | None = None
) -> Trial:
    track = track or seen(motion, marked=False)
    points = points_of(motion, marked=False)
    return Trial("walk", "motion", track, CAMERA, points, np.eye(3), CAMERA_AT, contacts)


WALK = walking()
TRIAL = trial_of(WALK)


def perfect(trial: Trial = TRIAL) -> Outcome:
    return Outcome(trial.joints, trial.soles, grounded=True)


def world_of(track: LandmarkTrack) -> Array:
    assert track.world is not None
    return track.world


def turned(outcome: Outcome, q: Array, shift: Array) -> Outcome:
    return Outcome(
        rotation.rotate(q, outcome.joints) + shift,
        rotation.rotate(q, outcome.soles) + shift,
        outcome.grounded,
    )


# ---- figures


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


# ---- methods


def test_raw_puts_perfect_points_where_they_are() -> None:
    level = trial_of(standing(TIMES))
    figures = scores.score(methods.raw(level.track, CAMERA, SolveSettings()), level)
    # what is left is the turn to the line of sight that an estimator's crop hides
    assert figures["pa_mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    assert figures["root_error_mm"] < 20


def test_one_euro_is_causal_and_calms() -> None:
    noisy = noise.seen_through(
        noise.fitted(), TRIAL.view, TIMES, CAMERA, 1.75, np.random.default_rng(3), STILL
    ).track
    settings = SolveSettings()
    whole = methods.smoothed(noisy, CAMERA, settings)
    part = LandmarkTrack(
        noisy.layout, noisy.times[:20], noisy.image[:20], world_of(noisy)[:20],
        noisy.confidence[:20], noisy.size,
    )  # fmt: skip
    begun = methods.smoothed(part, CAMERA, settings)
    np.testing.assert_allclose(begun.joints, whole.joints[:20])
    before = scores.score(methods.raw(noisy, CAMERA, settings), TRIAL)["jitter"]
    assert scores.score(whole, TRIAL)["jitter"] < 0.6 * before


def test_joints_and_soles_of_a_skeleton_are_those_of_the_body() -> None:
    motion = standing(TIMES)
    outcome = methods.from_motion(motion)
    np.testing.assert_allclose(outcome.joints, trial_of(motion).joints, atol=1e-9)
    np.testing.assert_allclose(outcome.soles[..., 1], 0, atol=1e-9)
    # heels behind ankles, toes before them
    ankle = outcome.joints[:, JOINTS.index("leftFoot"), 2]
    assert (outcome.soles[:, 0, 0, 2] < ankle).all()
    assert (outcome.soles[:, 0, 1, 2] > ankle).all()


class PretendLive:
    """A live solver that knows the motion, and tells it late."""

    def __init__(self, camera: object, settings: object, look_ahead: int = 3) -> None:
        self.skeleton = WALK.skeleton
        self.look_ahead, self.pushed = look_ahead, 0

    def push(self, t: float, landmarks: object) -> object:
        self.pushed += 1
        late = self.pushed - 1 - self.look_ahead
        return WALK.pose(late) if late >= 0 else None

    def flush(self) -> list[object]:
        return [WALK.pose(i) for i in range(max(self.pushed - self.look_ahead, 0), len(WALK))]


def test_live_poses_count_at_the_time_they_are_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocap.solve.LiveSolver", PretendLive, raising=False)
    for look_ahead in (0, 3):
        outcome = methods.live(look_ahead)(TRIAL.track, CAMERA, SolveSettings())
        assert outcome.known.all()
        np.testing.assert_allclose(outcome.joints, TRIAL.joints, atol=1e-9)


def test_the_whole_clip_is_solved() -> None:
    figures = scores.score(methods.whole_clip(TRIAL.track, CAMERA, SolveSettings()), TRIAL)
    assert figures["pa_mpjpe_mm"] < 60
    assert figures["length_variation_percent"] == pytest.approx(0, abs=1e-6)


# ---- noise


def view(trial: Trial = TRIAL) -> Array:
    return trial.view


def drawn(seed: int, mishaps: noise.Mishaps | None = None) -> noise.Synthetic:
    return noise.seen_through(
        noise.fitted(), view(), TIMES, CAMERA, 1.75, np.random.default_rng(seed), mishaps
    )


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
        noise.fitted(), np.repeat(view()[:1], 3000, axis=0), np.arange(3000) / FPS, CAMERA, 1.75,
        rng, often,
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


def test_vectors_along_the_body_and_back() -> None:
    points = np.random.default_rng(6).normal(size=(5, 33, 3))
    points -= points[:, errors.HIPS].mean(axis=1, keepdims=True)
    np.testing.assert_allclose(errors.chained(errors.vectors(points)), points, atol=1e-12)


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
    axes = errors.torso(view_points)
    view_points[:, hip] += axes @ [0.03, -0.02, 0.0]
    track = seen(motion)
    assert track.world is not None
    image = CAMERA.project(view_points)
    shifted = LandmarkTrack(track.layout, TIMES, image, track.world, track.confidence, track.size)
    model = fit.fit([trial_of(motion, shifted)])
    # pooled with the mirror image, so both hips show half of it, to their own side
    np.testing.assert_allclose(model.image_shift[hip], [0.015, -0.01, 0], atol=2e-3)


# ---- measured motion


def made_up(frames: int = 300) -> dict[str, Array]:
    """Joints as the archive of measured motion names them, of somebody who stands and nods."""
    motion = standing(np.arange(frames) / 60)
    positions, _ = motion.fk()
    at = {n: positions[:, motion.skeleton.index(n)] for n in motion.skeleton.names}
    up = np.array([0.0, 1.0, 0.0])
    found = {"hips": at["hips"], "spine": at["spine"], "thorax": at["chest"], "neck": at["neck"],
             "head": at["head"], "head_top": at["head"] + 0.2 * up}  # fmt: skip
    for side in ("left", "right"):
        for ours, theirs in (("UpperLeg", "hip"), ("LowerLeg", "knee"), ("Foot", "ankle"),
                             ("Toes", "toe"), ("UpperArm", "shoulder"), ("LowerArm", "elbow"),
                             ("Hand", "wrist")):  # fmt: skip
            found[f"{side[0]}_{theirs}"] = at[f"{side}{ours}"]
        found[f"{side[0]}_hand"] = at[f"{side}Hand"] - 0.08 * up
    return found


def test_made_up_landmarks_lie_where_they_should() -> None:
    points = motion.landmarks(made_up())
    true = points_of(standing(np.arange(300) / 60))
    joints = [MEDIAPIPE_POSE.index(p) for p in ("left_knee", "right_wrist", "nose", "left_ear")]
    np.testing.assert_allclose(points[:, joints], true[:, joints], atol=0.02)
    feet = [MEDIAPIPE_POSE.index(f"left_{p}") for p in ("heel", "foot_index")]
    np.testing.assert_allclose(points[:, feet], true[:, feet], atol=0.08)
    heights = points[:, feet, 1]
    np.testing.assert_allclose(heights[:, 0], heights[:, 1], atol=1e-6)


def archive(folder: Path) -> Path:
    joints = made_up()
    names = list(joints)
    stacked = np.stack([joints[n] for n in names], axis=1).astype(np.float32)
    clips = ["cmu_007_03", "cmu_007_11", "martial_04"]
    np.savez(folder / "cmu_joints_60hz.npz", **{c: stacked for c in clips})
    about = {"joints": names, "clips": {c: {} for c in clips}}
    (folder / "cmu_joints_60hz.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


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
    np.testing.assert_allclose(motion.repaired(leaping), joints, atol=1e-9)


# ---- what is kept, and the command


def test_what_is_kept_depends_on_pictures_and_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, same, other = (tmp_path / f"{n}.mp4" for n in ("one", "same", "other"))
    one.write_bytes(b"pictures")
    same.write_bytes(b"pictures")
    other.write_bytes(b"others")
    key = detections.key(one)
    assert key == detections.key(same) != detections.key(other)
    monkeypatch.setattr(detections, "version", lambda _: "9.9.9")
    assert detections.key(one) != key


def test_a_video_is_estimated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"pictures")
    calls: list[Path] = []
    track = drawn(1).track

    def estimated(path: Path) -> LandmarkTrack:
        calls.append(path)
        return track

    monkeypatch.setattr(detections, "estimated", estimated)
    first = detections.landmarks_of(video, tmp_path / "kept")
    second = detections.landmarks_of(video, tmp_path / "kept")
    assert len(calls) == 1
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(world_of(second), world_of(track))
    assert second.size == track.size


def test_without_data_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["accuracy", "--cache", str(tmp_path)])
    assert command.main() == 2
    told = capsys.readouterr().err
    assert "not rendered" in told
    assert "--motion" in told


def test_the_command_measures_motion_and_writes_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = archive(tmp_path)
    one = {"no floor": ablations.ABLATIONS["no floor"]}
    monkeypatch.setattr("benchmarks.accuracy.run.ABLATIONS", one)
    arguments = ["--cache", str(tmp_path), "--motion", str(folder), "--split", "test",
                 "--clips", "cmu_007_03", "--methods", "raw,whole clip", "--ablate",
                 "--json", str(tmp_path / "out.json")]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["accuracy", *arguments])
    assert command.main() == 0
    assert "PA mm" in capsys.readouterr().out
    figures = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    found = figures["scores"]["motion"]["cmu_007_03"]
    assert set(found) == {"raw", "whole clip"}
    assert set(figures["ablated"]["motion"]["cmu_007_03"]) == {"whole clip", "no floor"}


def test_the_document_holds_every_method_and_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    choice = Choice(("raw", "whole clip"))
    results = run([TRIAL], choice, keep=["walk"])
    path = document.write(results, results, "test", "the command", docs=tmp_path)
    text = path.read_text(encoding="utf-8")
    for word in ("the command", "| raw |", "| whole clip |", "| truth |", "`test`"):
        assert word in text
    for picture in ("accuracy.png", "accuracy_walk.png"):
        assert f"images/{picture}" in text
        assert (tmp_path / "images" / picture).stat().st_size > 1000


def test_targets_are_marked_met_or_missed() -> None:
    means = {
        "raw": {"pa_mpjpe_mm": 100.0, "jitter": 90.0, "true_jitter": 10.0},
        "whole clip": {"pa_mpjpe_mm": 59.0, "jitter": 16.0, "true_jitter": 10.0},
    }
    rows = tables.summary(means)
    by_name = dict(zip(rows[0], rows[2], strict=True))
    assert by_name["PA mm"] == "59.0 +"
    assert by_name["jitter"] == "16.0 -"
    assert by_name["slide cm/s"] == "."


def test_an_ablation_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    place = SimpleNamespace(WEIGHT=3.0)
    monkeypatch.setitem(sys.modules, "somewhere", place)
    with ablations.constant("somewhere", "WEIGHT", 0.0)(SolveSettings()):
        assert place.WEIGHT == 0.0
    assert place.WEIGHT == 3.0
    with (
        pytest.raises(AttributeError),
        ablations.constant("somewhere", "MISSING", 0)(SolveSettings()),
    ):
        pass


def test_every_ablation_changes_what_it_says() -> None:
    usual = SolveSettings()
    with ablations.off("slip", "lively")(usual) as settings:
        assert settings.weights.slip == np.inf
        assert set(settings.weights.lively.values()) == {np.inf}
        assert settings.weights.image == usual.weights.image
    with ablations.looser(10, "length")(usual) as settings:
        assert settings.weights.length == pytest.approx(10 * usual.weights.length)
    for ablation in ablations.ABLATIONS.values():  # every name they use exists
        with ablation(usual):
            pass


def test_between_known_times_values_go_over_linearly() -> None:
    values = np.array([[0.0], [2.0], [4.0]])
    found = at_times(np.array([-1.0, 0.5, 1.0, 9.0]), np.array([0.0, 1.0, 2.0]), values)
    np.testing.assert_allclose(found[:, 0], [0.0, 1.0, 2.0, 4.0])
