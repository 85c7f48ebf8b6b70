"""From the files of a detector to a take and an animation, without any footage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from detectors import openpose_document, points_of, write_alphapose, write_openpose
from synthetic import CAMERA, SIZE, seen
from test_lifting import TIMES, WAVING, Knows, flat

import exporters
from mocap import cli, rotation
from mocap.body_filters import parse
from mocap.capture import CaptureSettings, capture_landmarks
from mocap.cli import lifters
from mocap.errors import FormatError, InvalidValue, NoPerson
from mocap.keypoint_capture import KeypointSettings, capture_keypoints
from mocap.solve import SolveSettings, solve

SIZED = KeypointSettings(size=SIZE)
TALL = SolveSettings(height=1.75)
FRAMES = len(TIMES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    track = flat(WAVING, "openpose_body25")
    parts = [openpose_document([points_of(track, "openpose_body25", i)]) for i in range(FRAMES)]
    return write_openpose(tmp_path / "openpose", parts)


def settings(**options: Any) -> CaptureSettings:
    return CaptureSettings(**{"fov": 60.0, "solve": TALL, **options})


def test_a_folder_of_openpose_becomes_a_take(folder: Path) -> None:
    captured = capture_keypoints(folder, Knows(WAVING), settings(), SIZED)
    (person,) = captured.take.people
    assert person.motion is not None
    (expected,) = solve([seen(WAVING)], CAMERA, TALL)
    index = [person.motion.skeleton.index(bone) for bone in ("leftHand", "rightFoot", "head")]
    got, wanted = person.motion.fk()[0][:, index], expected.fk()[0][:, index]
    assert np.abs(got - wanted).max() < 0.06
    assert np.allclose(person.motion.times, TIMES)
    made = captured.take.made
    assert made["source"] == "openpose"
    assert made["estimator"]["name"] == "OpenPose"
    assert made["lifter"] == {"name": "knows", "licence": "none", "alone": True}
    assert made["camera_from"] == "option"


def test_the_take_can_be_written_read_and_solved_again(folder: Path, tmp_path: Path) -> None:
    take = capture_keypoints(folder, Knows(WAVING), settings(), SIZED).take
    exporters.write(take, tmp_path / "take.json")
    back = exporters.read(tmp_path / "take.json")
    again = capture_landmarks(back).take  # whose depth no other lifter touches
    assert again.made["lifter"] == take.made["lifter"]
    a, b = (t.people[0].motion for t in (take, again))
    assert a is not None
    assert b is not None
    assert np.abs(a.fk()[0] - b.fk()[0]).max() < 0.02


def test_settings_of_footage_hold(folder: Path) -> None:
    captured = capture_keypoints(
        folder,
        Part(10, 20),
        settings(fps=15.0, start=10 / 15, stop=20 / 15, filter=parse("gaussian")),
        SIZED,
    )
    motion = captured.take.people[0].motion
    assert motion is not None
    assert motion.times == pytest.approx(np.arange(10, 20) / 15)
    with pytest.raises(InvalidValue, match=r"the points last from 0 to 2\.9"):
        capture_keypoints(folder, Knows(WAVING), settings(fps=15.0, start=9.0), SIZED)
    with pytest.raises(InvalidValue, match="no person 3"):
        capture_keypoints(folder, Knows(WAVING), settings(person="3"), SIZED)
    with pytest.raises(InvalidValue, match="pose model"):
        capture_keypoints(folder, Knows(WAVING), settings(model=Path("x.task")), SIZED)


class Part(Knows):
    """Knows some of the frames."""

    def __init__(self, first: int, after: int) -> None:
        super().__init__(WAVING)
        self._joints = self._joints[first:after]


def test_broken_files_are_told_of(folder: Path) -> None:
    files = sorted(folder.iterdir())
    files[7].write_text("{")
    captured = capture_keypoints(folder, Knows(WAVING), settings(), SIZED)
    assert any(files[7].name in note for note in captured.notes)
    with pytest.raises(FormatError, match=files[7].name):
        capture_keypoints(folder, Knows(WAVING), settings(), replace(SIZED, broken="stop"))


def test_what_a_lifter_needs_and_never_sees_is_told_of(folder: Path) -> None:
    captured = capture_keypoints(folder, Knows(WAVING), settings(), SIZED)
    assert not captured.notes
    for file in folder.iterdir():
        document = json.loads(file.read_text())
        points = np.reshape(document["people"][0]["pose_keypoints_2d"], (25, 3))
        points[[10, 11, 22, 23, 24]] = 0.0  # from the right knee down
        document["people"][0]["pose_keypoints_2d"] = points.ravel().tolist()
        file.write_text(json.dumps(document))
    captured = capture_keypoints(folder, Knows(WAVING), settings(), SIZED)
    assert captured.notes == (
        "person 0: right_knee, right_ankle never seen, which knows needs; the depth of the rest "
        "may be far off",
    )


def test_nobody_is_an_error(tmp_path: Path) -> None:
    folder = write_openpose(tmp_path / "empty", [openpose_document([])] * 4)
    with pytest.raises(NoPerson, match="4 frames of OpenPose"):
        capture_keypoints(folder, Knows(WAVING), settings(), SIZED)


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def known_lifter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifters, "opened", lambda name: Knows(WAVING))


@pytest.mark.usefixtures("known_lifter")
def test_points_become_bvh(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "dance.bvh"
    arguments = ["capture", str(folder), "--lifter", "knows", "--image-size", "640x720",
                 "-o", str(out), "--json"]  # fmt: skip
    assert cli.main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(out)]
    motion = exporters.read(out).people[0].motion
    assert motion is not None
    assert len(motion) == FRAMES


def test_our_own_lifter_gives_points_of_others_depth_and_keeps_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take = tmp_path / "dance.json"
    arguments = ["capture", str(folder), "--image-size", "640x720", "--fov", "60", "-o", str(take)]
    assert cli.main(arguments) == 0
    assert "all depth is from body, which was made to correct" in capsys.readouterr().err
    again = tmp_path / "again.json"
    assert cli.main(["solve", str(take), "-o", str(again)]) == 0
    first, second = (exporters.read(path) for path in (take, again))
    told = {"name": "body", "licence": "MIT", "alone": True}
    assert first.made["lifter"] == second.made["lifter"] == told
    (person,) = first.people
    assert person.motion is not None
    (expected,) = solve([seen(WAVING)], CAMERA, TALL)
    index = [person.motion.skeleton.index(bone) for bone in ("leftHand", "rightFoot", "head")]
    got = rotation.unit(person.motion.fk()[0][:, index] - person.motion.root[:, None])
    wanted = rotation.unit(expected.fk()[0][:, index] - expected.root[:, None])
    assert np.degrees(np.arccos(np.sum(got * wanted, axis=-1))).mean() < 15
    capsys.readouterr()
    assert cli.main(["solve", str(take), "--lifter", "body", "-o", str(again)]) == 2
    assert "has its depth from body; capture the points again" in capsys.readouterr().err


@pytest.mark.usefixtures("known_lifter")
def test_the_size_may_come_from_a_picture_and_a_preview_needs_no_footage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    Image.new("RGB", SIZE).save(tmp_path / "frame.png")
    track = flat(WAVING)
    path = write_alphapose(
        tmp_path / "alphapose-results.json",
        [[points_of(track, "coco17", i)] for i in range(FRAMES)],
    )
    arguments = ["capture", str(path), "--lifter", "knows", "--image-size",
                 str(tmp_path / "frame.png"), "-o", str(tmp_path / "a.json"),
                 "--preview", str(tmp_path / "a.png")]  # fmt: skip
    assert cli.main(arguments) == 0
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert exporters.read(tmp_path / "a.json").people[0].landmarks is not None


@pytest.mark.usefixtures("known_lifter")
def test_what_is_missing_is_told_in_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["-o", str(tmp_path / "a.bvh")]

    def says(*arguments: str) -> str:
        assert cli.main(["capture", *arguments, *out]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        return told

    assert "--lifter none does not give" in says(str(folder), "--lifter", "none")
    assert "1920x1080" in says(str(folder), "--lifter", "x", "--image-size", "big")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"")
    assert "--image-size is for points" in says(str(film), "--image-size", "64x48")
    assert "none.json: no such file" in says("none.json", "--image-size", "64x48")
