"""`mocap solve`, and `--filter` of every command that has it, as a user meets them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import Command
from motions import degrees_apart, millimetres_apart
from pretend import Pretending, blank_film, somebody
from synthetic import SIZE, seen, standing, turn

import exporters
from mocap import rotation
from mocap.body_filters import parse
from mocap.camera import Camera
from mocap.capture import CaptureSettings, capture_landmarks
from mocap.motion import Motion
from mocap.smoothing import smoothed
from mocap.solve import SolveSettings
from mocap.sources.video import probe
from mocap.take import Person, Take


def motion_of(path: Path, person: int = 0) -> Motion:
    motion = exporters.read(path).people[person].motion
    assert motion is not None
    return motion


def dancing(frames: int = 30) -> Motion:
    """Somebody who walks to the side, swings their arms and bends a knee."""
    times = np.arange(frames) / 30
    swing = np.sin(4 * np.pi * times)
    motion = standing(
        times,
        leftUpperArm=rotation.mul(turn("x", 40 * swing), turn("z", -70)),
        rightLowerArm=turn("y", 45 + 30 * swing),
        leftUpperLeg=turn("x", -15 * (1 + swing)),
        leftLowerLeg=turn("x", 20 * (1 + swing)),
    )
    return replace(motion, root=motion.root + np.outer(0.4 * times, [1.0, 0.0, 0.0]))


@pytest.fixture(scope="module")
def first() -> Take:
    """Two people captured by a camera that nobody would guess, one of whom dances."""
    camera = Camera.from_fov(SIZE, 75)
    tracks = [seen(dancing(), camera), replace(somebody(30, x=-0.7, step=0.01), person=1)]
    landmarks = Take(
        tuple(Person(t.person, landmarks=t) for t in tracks),
        {"source": "film.mp4", "camera": camera.to_dict()},
    )
    settings = CaptureSettings(solve=SolveSettings(height=1.6))
    return capture_landmarks(landmarks, settings).take


@pytest.fixture
def take(first: Take, tmp_path: Path) -> Path:
    (path,) = exporters.write(first, tmp_path / "take.json")
    return path


# --- solved again ----------------------------------------------------------------------------


def test_the_same_settings_give_the_same_motion(
    command: Command, first: Take, take: Path, tmp_path: Path
) -> None:
    """Up to how a file rounds landmarks: 0.01 px and 0.1 mm."""
    again = tmp_path / "again.json"
    shown = command("solve", take, "-o", again)
    assert (shown.status, shown.err) == (0, "")
    for person in first.people:
        before, after = person.motion, motion_of(again, person.id)
        assert before is not None
        np.testing.assert_allclose(after.times, before.times, atol=1e-6)
        np.testing.assert_array_equal(after.state, before.state)
        assert after.skeleton.height == pytest.approx(before.skeleton.height, abs=1e-4)
        assert millimetres_apart(after.fk()[0], before.fk()[0]) < 20
        moved = np.linalg.norm(after.fk()[0] - before.fk()[0], axis=-1)
        assert np.median(moved) < 0.003
        assert np.median(np.degrees(rotation.angle(after.rotations, before.rotations))) < 0.2
    made = exporters.read(again).made
    assert made["camera"] == first.made["camera"]
    assert made["solve"]["height"] == 1.6
    assert made["source"] == "film.mp4"


def test_once_rounded_it_is_exactly_the_same(command: Command, take: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.json", tmp_path / "twice.json"
    assert command("solve", take, "-o", once).status == 0
    assert command("solve", once, "-o", twice).status == 0
    for person in (0, 1):
        for values in ("times", "root", "rotations", "state", "confidence"):
            first, second = (getattr(motion_of(path, person), values) for path in (once, twice))
            np.testing.assert_array_equal(first, second)


def test_the_default_output_is_beside_the_user(
    command: Command, take: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(take.parent)
    before = take.read_bytes()
    shown = command("solve", take, "--person", 0)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.endswith("wrote take.solved.bvh\n")
    assert len(motion_of(take.parent / "take.solved.bvh")) == 30
    assert take.read_bytes() == before


def test_what_changed_is_told_in_a_line_for_everyone(command: Command, take: Path) -> None:
    shown = command("solve", take, "--height", 1.9, "-o", take.parent / "out.json")
    number = r"[\d.e-]+( -> [\d.e-]+)?"
    for person in (0, 1):
        assert re.search(
            rf"^person {person}: 30 frames, 1\.6 -> 1\.9 m tall, jitter {number} x 10 m/s\^3"
            rf"(, feet slide {number} cm/s)?$",
            shown.out,
            re.MULTILINE,
        )


def test_json_has_the_figures_of_before(command: Command, take: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.bvh"
    shown = command("solve", take, "--person", 1, "--stop", 0.5, "-o", out, "--json")
    told = json.loads(shown.out)
    assert told["files"] == [str(out)]
    assert told["notes"] == []
    for when in ("people", "before"):
        (person,) = told[when]
        assert (person["id"], person["frames"]) == (1, 15)


def test_a_take_that_was_never_solved(command: Command, first: Take, tmp_path: Path) -> None:
    people = tuple(replace(person, motion=None) for person in first.people)
    (path,) = exporters.write(replace(first, people=people), tmp_path / "raw.json")
    shown = command("solve", path, "-o", tmp_path / "out.json")
    assert (shown.status, shown.err) == (0, "")
    assert "->" not in shown.out
    assert "jitter" in shown.out


def test_options(command: Command, take: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "a.bvh", tmp_path / "new" / "b.json"]
    shown = command(
        *("solve", take, "-o", outputs[0], "-o", outputs[1], "--person", 0, "--start", 0.2),
        *("--stop", 0.7, "--fov", 50, "--skeleton", "mixamo", "--fps", 60),
    )
    assert (shown.status, shown.err) == (0, "")
    assert [f"wrote {path}" for path in outputs] == shown.out.splitlines()[-2:]
    assert "ROOT mixamorig:Hips" in outputs[0].read_text()
    written = exporters.read(outputs[1])
    assert Camera.from_dict(written.made["camera"]).fov == pytest.approx(50)
    (person,) = written.people
    assert person.motion is not None
    assert person.motion.fps == pytest.approx(60)
    assert 0.2 <= person.motion.times[0] < person.motion.times[-1] < 0.7


@pytest.mark.parametrize("suffix", [".png", ".mp4"])
def test_a_preview_needs_no_footage(command: Command, take: Path, suffix: str) -> None:
    preview = take.with_name(f"preview{suffix}")
    shown = command("solve", take, "-o", take.with_name("out.json"), "--preview", preview)
    assert (shown.status, shown.err) == (0, "")
    assert f"wrote {preview}" in shown.out
    assert preview.stat().st_size > 1000
    if suffix == ".mp4":
        assert probe(preview).frames == 30


# --- what is kept safe -------------------------------------------------------------------------


def test_the_take_itself_is_replaced_only_by_name_and_whole(command: Command, take: Path) -> None:
    before = take.read_bytes()
    for part in (("--stop", 0.5), ("--start", 0.2), ("--person", 1), ("--people", 1)):
        shown = command("solve", take, "-o", take, *part)
        assert shown.status == 2
        assert f"is the take itself, of which {part[0]} would keep a part alone" in shown.err
        assert take.read_bytes() == before
    assert command("solve", take, "-o", take, "--height", 1.9).status == 0
    solved = exporters.read(take)
    assert [p.landmarks is not None for p in solved.people] == [True, True]
    assert motion_of(take).skeleton.height == pytest.approx(1.9, abs=0.01)


def test_one_line_errors(command: Command, take: Path, tmp_path: Path) -> None:
    motion_only = tmp_path / "walk.bvh"
    assert command("convert", take, motion_only).status == 0
    (walk,) = [path for path in tmp_path.glob("walk*0.bvh")]
    out = ("-o", tmp_path / "out.bvh")
    for arguments, told in (
        ((walk, *out), "holds no landmarks to solve from"),
        ((tmp_path / "none.json", *out), "none.json: cannot read"),
        ((take, "-o", tmp_path / "out.xyz"), "unknown file suffix"),
        ((take, *out, "--person", 7), "no person 7; found: 0, 1"),
        ((take, *out, "--start", 9), "it goes from 0.00 to 0.97 s"),
        ((take, *out, "--height", 18), "height: expected 0.3 to 3.0 metres"),
        ((take, *out, "--filter", "kalman"), "unknown filter 'kalman'; known: butterworth"),
        ((take, *out, "--preview", tmp_path / "p.gif"), "expected .mp4, .png, .jpg"),
        ((take, *out, "--map", "mixamo"), "give that too"),
    ):
        shown = command("solve", *arguments)
        assert shown.status == 2, arguments
        assert told in shown.err
        assert shown.err.count("\n") == 1
    assert not list(tmp_path.glob("out*"))


# --- --filter ----------------------------------------------------------------------------------


def test_a_filter_after_the_solve_is_recorded(command: Command, take: Path, tmp_path: Path) -> None:
    plain, calm, again = (tmp_path / f"{name}.json" for name in ("plain", "calm", "again"))
    assert command("solve", take, "-o", plain).status == 0
    assert command("solve", take, "-o", calm, "--filter", "gaussian:sigma=0.05").status == 0
    filtered = exporters.read(calm)
    assert filtered.made["filter"] == "gaussian:sigma=0.05"
    expected = smoothed(motion_of(plain), parse("gaussian:sigma=0.05"))
    assert millimetres_apart(motion_of(calm).root, expected.root) < 0.01
    assert degrees_apart(motion_of(calm).rotations, expected.rotations) < 0.01
    # what is solved again begins anew
    assert command("solve", calm, "-o", again).status == 0
    assert "filter" not in exporters.read(again).made
    assert millimetres_apart(motion_of(again).root, motion_of(plain).root) < 0.01


def test_a_capture_has_filters_too(
    command: Command, tmp_path: Path, pretending: Pretending
) -> None:
    pretending(somebody())
    out = tmp_path / "out.json"
    film = blank_film(tmp_path / "film.mp4")
    assert command("capture", film, "-o", out, "--filter", "butterworth").status == 0
    assert exporters.read(out).made["filter"] == "butterworth:cutoff=6"
    shown = command("capture", film, "-o", out, "--filter", "butterworth:cutoff=x")
    assert (shown.status, shown.out) == (2, "")
    assert "expected cutoff=NUMBER" in shown.err


def test_convert_has_filters_too(command: Command, take: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert command("convert", take, one, "--filter", "savgol:window=0.3").status == 0
    expected = smoothed(motion_of(take), parse("savgol:window=0.3"))
    assert millimetres_apart(motion_of(one).root, expected.root) < 0.01
    assert command("convert", one, two, "--filter", "one_euro").status == 0
    assert exporters.read(two).made["filter"] == (
        "savgol:window=0.3,order=3 then one_euro:min_cutoff=2,beta=8,d_cutoff=1"
    )
    shown = command("convert", take, one, "--filter", "gaussian:sigma=0")
    assert (shown.status, shown.err) == (
        2,
        "mocap: gaussian: expected a sigma above 0 s, got 0.0\n",
    )
