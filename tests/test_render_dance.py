"""Recorded motion fitted to the rendered person: what was recorded comes back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rendered import RECORDED, check_clip, shown

from benchmarks.render import dance
from benchmarks.render.__main__ import main
from benchmarks.render.dance import MissingRecording, Recording, recordings
from benchmarks.render.motions import MOTIONS
from benchmarks.render.pose import Pose, Solved, solve
from benchmarks.render.skeleton import SIDES, rest_joints

REST = rest_joints(0.178, 0.088)
SCALE = 1.07  # of the recorded person
JOINTS = {
    "hips": "hips",
    "spine": "spine",
    "thorax": "chest",
    "neck": "neck",
    "head": "head",
} | {
    f"{side[0]}_{joint}": side + bone
    for side in SIDES
    for joint, bone in {
        "hip": "UpperLeg",
        "knee": "LowerLeg",
        "ankle": "Foot",
        "toe": "Toes",
        "shoulder": "UpperArm",
        "elbow": "LowerArm",
        "wrist": "Hand",
    }.items()
}


def as_recorded(solved: Solved) -> dict[str, np.ndarray]:
    """The joints of a recording, +y up, of a larger person elsewhere."""
    found = {joint: solved.positions[bone] for joint, bone in JOINTS.items()}
    found["head_top"] = solved.positions["head"] + solved.rotations["head"] @ [0, 0.03, 0.17]
    return {j: SCALE * np.array([p[0] + 2, p[2], -p[1] - 1]) for j, p in found.items()}


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Pose]:
    """The recording "walk", in place of the real ones: upright at rest, then round a circle."""
    poses = [Pose(), *(MOTIONS["walk_circle"](i / 60, 6) for i in range(360))]
    frames = [as_recorded(solve(REST, pose)) for pose in poses]
    (tmp_path / "motion").mkdir()
    names = list(frames[0])
    positions = np.array([[frame[name] for name in names] for frame in frames])
    np.savez(tmp_path / "motion" / "cmu_joints_60hz.npz", walk=positions)
    (tmp_path / "motion" / "cmu_joints_60hz.json").write_text(json.dumps({"joints": names}))
    monkeypatch.setenv(dance.FOLDER_VARIABLE, str(tmp_path))
    return poses


def test_what_was_recorded_comes_back(walk: list[Pose]) -> None:
    fitted = Recording(recordings(), "walk", 1.0, 3.0)
    pairs = [
        (solve(REST, fitted.pose(i / 60)).positions, solve(REST, walk[60 + i]).positions)
        for i in range(0, 180, 6)
    ]
    # The fit centres the dance: where it is does not count, nor does where the floor was.
    shift = np.mean([want["hips"] - got["hips"] for got, want in pairs], axis=0) * [1, 1, 0]
    for bone in JOINTS.values():
        error = [np.linalg.norm(got[bone] + shift - want[bone]) for got, want in pairs]
        assert np.mean(error) < 0.03, bone
        assert np.max(error) < 0.1, bone


def test_feet_that_stood_are_planted_where_they_stood(walk: list[Pose]) -> None:
    fitted = Recording(recordings(), "walk", 1.0, 3.0)
    agree = []
    for side in SIDES:
        for i in range(180):
            truth, foot = walk[60 + i].feet[side], fitted.pose(i / 60).feet[side]
            # A heel that lands first is no contact to who sees ankle and toe alone.
            if truth.pitch >= 0:
                agree.append((truth.lift < 1e-6) == (foot.lift == 0))
    assert np.mean(agree) > 0.9


def test_a_dance_can_be_turned_and_put_elsewhere(walk: list[Pose]) -> None:
    here, there = (
        Recording(recordings(), "walk", 1.0, 2.0),
        Recording(recordings(), "walk", 1.0, 2.0, 90, (0.5, -0.3)),
    )
    for t in (0.0, 1.0):
        one, two = solve(REST, here.pose(t)), solve(REST, there.pose(t))
        for bone, place in one.positions.items():
            moved = np.array([-place[1] + 0.5, place[0] - 0.3, place[2]])
            np.testing.assert_allclose(two.positions[bone], moved, atol=1e-6)


def test_a_missing_recording_is_named(walk: list[Pose]) -> None:
    with pytest.raises(MissingRecording, match=r"'tango', which is not in .*cmu_joints_60hz"):
        Recording(recordings(), "tango", 0.0, 1.0)


def test_a_clip_without_its_recording_is_skipped_and_the_others_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(dance.FOLDER_VARIABLE, str(tmp_path / "none"))
    main(["tune", str(tmp_path / "out"), "--truth-only"])
    said = capsys.readouterr().out
    assert "salsa_steps: skipped: needs recorded motion" in said
    assert f"in {tmp_path / 'none'}; --data or $MOCAP_SHARED_DATA can name the folder" in said
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert "salsa_steps.truth.npz" not in made
    assert {"jog.truth.npz", "crunch.truth.npz"} <= made


@pytest.mark.parametrize("name", RECORDED)
def test_real_dances_respect_floor_contacts_and_bones(
    name: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(dance.FOLDER_VARIABLE, str(shared_data))
    clip = shown(name)
    check_clip(clip)
    truth = clip.truth
    assert ((truth.pixels > 0) & (truth.pixels < truth.size)).all()
    assert 0.3 < truth.contacts.mean() < 0.8
