"""The accuracy benchmark as a whole: methods, what is kept, the command, its document."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from synthetic import CAMERA, standing
from trials import STILL, TIMES, TRIAL, WALK, archive, drawn, trial_of, world_of

from benchmarks.accuracy import __main__ as command
from benchmarks.accuracy import ablations, detections, document, methods, scores, tables
from benchmarks.accuracy.run import Choice, run
from benchmarks.accuracy.trial import JOINTS, at_times
from mocap.landmarks import LandmarkTrack
from mocap.solve import SolveSettings
from mocap.training import noise

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

    def __init__(
        self, camera: object, settings: object, look_ahead: int = 3, lifter: object = None
    ) -> None:
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


def test_between_known_times_values_go_over_linearly() -> None:
    values = np.array([[0.0], [2.0], [4.0]])
    found = at_times(np.array([-1.0, 0.5, 1.0, 9.0]), np.array([0.0, 1.0, 2.0]), values)
    np.testing.assert_allclose(found[:, 0], [0.0, 1.0, 2.0, 4.0])


# ---- ablations


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
