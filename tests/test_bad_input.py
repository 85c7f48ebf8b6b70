"""What goes wrong is told in one line, before the work where that can be, and loses nothing."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import clips
import numpy as np
import pytest
from commands import Command, Outcome
from footage import numbered, write_film
from pretend import Pictures, Pretending, blank_film, somebody

import exporters
import mocap.capture
from mocap import skeletons
from mocap.cli import main
from mocap.sources import camera
from mocap.take import Person, Take


def complaint(outcome: Outcome) -> str:
    """The one line of a command that failed."""
    assert outcome.status == 2
    assert outcome.out == ""
    (line,) = outcome.err.splitlines()
    assert line.startswith("mocap")
    return line


@pytest.fixture
def film(tmp_path: Path, pretending: Pretending) -> Path:
    """A film in which somebody is seen."""
    pretending(somebody())
    return blank_film(tmp_path / "film.mp4")


def no_video(folder: Path) -> dict[str, Path]:
    files = {name: folder / f"{name}.mp4" for name in ("missing", "empty", "text", "cut")}
    files["empty"].touch()
    files["text"].write_text("this is no video\n" * 100)
    whole = write_film(folder / "whole.mp4", [numbered(i) for i in range(20)]).read_bytes()
    files["cut"].write_bytes(whole[: len(whole) // 2])
    return files


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "no such file"),
        ("empty", "the file is empty"),
        ("text", "it is no video, or was cut off before its index was written"),
        ("cut", "it is no video, or was cut off before its index was written"),
    ],
)
def test_no_video(command: Command, tmp_path: Path, kind: str, says: str) -> None:
    file = no_video(tmp_path)[kind]
    line = complaint(command("capture", file, "-o", tmp_path / "out.bvh"))
    assert line.startswith(f"mocap: {file}: ")
    assert says in line


@pytest.mark.parametrize("workers", [1, 2])
def test_nobody_is_seen(command: Command, tmp_path: Path, workers: int) -> None:
    film = write_film(tmp_path / "room.mp4", clips.empty(6))
    outcome = command("capture", film, "-o", tmp_path / "out.bvh", "--workers", workers)
    assert complaint(outcome).startswith("mocap: nobody was found in 6 frames of 270x360 pixels")
    assert not (tmp_path / "out.bvh").exists()


def test_a_narrow_video(command: Command, tmp_path: Path) -> None:
    film = write_film(tmp_path / "narrow.avi", [numbered(i, (8, 48)) for i in range(3)])
    outcome = command("capture", film, "-o", tmp_path / "out.bvh")
    assert "nobody was found in 3 frames of 8x48 pixels" in complaint(outcome)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "out.xyz"], r"unknown file suffix .*'\.xyz'; known: \.bvh, .*\.json"),
        (["-o", "folder"], r"cannot write folder: it is a folder; give a file name"),
        (["-o", "text.txt/out.bvh"], r"cannot write .*: text\.txt is a file, no folder"),
        (["--skeleton", "none"], r"unknown skeleton or file 'none'; known: .*humanoid, mixamo"),
        (["--skeleton", "mixamo", "--map", "none"], r"unknown bone map 'none'; known: .*mixamo"),
        (["--map", "mixamo"], r"give that too"),
        (["--skeleton", "bad.bvh"], r"bad\.bvh: line 4: expected a number, got 'x'"),
        (["--skeleton", "bad.json"], r"bad\.json: line 3: not JSON"),
        (["--preview", "out.gif"], r"--preview out\.gif: expected \.mp4, \.png, \.jpg"),
        (["--preview", "film.mp4"], r"would take the place of the footage itself"),
        (["--preview", "text.txt/out.mp4"], r"text\.txt is a file, no folder"),
        (["--people", "0"], r"people: expected 1 or more, got 0"),
        (["--people", "two"], r"argument --people: invalid int value: 'two'"),
        (["--people", "2", "--person", "1"], r"not allowed with"),
        (["--person", "bob"], r"expected 'largest' or a number .* got 'bob'"),
        (["--height", "190"], r"height: expected 0\.3 to 3\.0 metres, got 190"),
        (["--start", "0.8", "--stop", "0.3"], r"0 <= start < stop seconds, got 0\.8 to 0\.3"),
        (["--start", "5"], r"no pictures from 5 s to the end"),
        (["--fps", "0"], r"fps: expected a rate from 0 to 1000, got 0"),
        (["--unit", "inch"], r"argument --unit: invalid choice: 'inch' \(choose from .*cm"),
        (["--fov", "300"], r"field of view: expected 5 to 170 degrees, got 300"),
        (["--camera", "none.json"], r"none\.json: cannot read the camera file"),
        (["--camera", "text.txt"], r"text\.txt: "),
        (["--camera", "camera.json"], r"camera\.json: .*\"fx\""),
        (["--camera", "wide.json"], r"calibrated at 1920x1080, the picture is 640x720"),
        (["--workers", "0"], r"workers: expected 1 or more, got 0"),
        (["--source-fps", "10"], r"the video film\.mp4 takes no fps"),
    ],
)
def test_a_wrong_option_shows_before_the_model_runs(
    command: Command,
    film: Path,
    pretending: Pretending,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(film.parent)
    opened = pretending(somebody())
    Path("folder").mkdir()
    Path("text.txt").write_text("text")
    Path("bad.bvh").write_text("HIERARCHY\nROOT hips\n{\nOFFSET 0 x 0\n")
    Path("bad.json").write_text('{"format": "mocap-take",\n"version": 1,\noops}\n')
    Path("camera.json").write_text('{"width": 640, "height": 720}')
    focal = {"fx": 1000, "fy": 1000, "cx": 960, "cy": 540}
    Path("wide.json").write_text(json.dumps({"width": 1920, "height": 1080, **focal}))
    before = film.read_bytes()
    line = complaint(command("capture", "film.mp4", *arguments))
    assert re.search(says, line), line
    assert all(seer.asked == [] for seer in opened)
    assert film.read_bytes() == before


def test_a_place_where_nothing_can_be_written_shows_before_the_model_runs(
    command: Command, film: Path, pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = pretending(somebody())
    out = film.parent / "out.bvh"
    out.write_text("good")
    # simulated: for the superuser, as in many containers, nothing is write-protected
    monkeypatch.setattr(os, "access", lambda *_: False)
    line = complaint(command("capture", film, "-o", out))
    assert line == f"mocap: cannot write {out}: the file is write-protected"
    assert opened == []
    assert out.read_text() == "good"


def test_a_person_who_is_not_there(
    command: Command, tmp_path: Path, pretending: Pretending
) -> None:
    pretending(somebody(), somebody(x=-0.7))
    film = blank_film(tmp_path / "film.mp4")
    line = complaint(command("capture", film, "--person", 7, "-o", tmp_path / "out.bvh"))
    assert "no person 7; found: 0, 1, numbered in order of appearance" in line


def test_a_model_that_is_none(command: Command, tmp_path: Path) -> None:
    film, text = blank_film(tmp_path / "film.mp4", 2), tmp_path / "text.task"
    text.write_text("no model")
    out = tmp_path / "out.bvh"
    assert "refused the model" in complaint(command("capture", film, "-o", out, "--model", text))
    missing = tmp_path / "none.task"
    assert "no model file" in complaint(command("capture", film, "-o", out, "--model", missing))


@pytest.fixture
def no_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def isOpened(self) -> bool:
            return False

        def release(self) -> None: ...

    for function in (camera.CameraSource.__init__, camera.list_cameras):
        monkeypatch.setitem(function.__kwdefaults__, "capture", lambda _: Closed())
        monkeypatch.setitem(function.__kwdefaults__, "names", dict)


@pytest.mark.usefixtures("no_cameras")
@pytest.mark.parametrize("source", ["0", "webcam"])
def test_no_camera(command: Command, tmp_path: Path, source: str) -> None:
    line = complaint(command("capture", source, "-o", tmp_path / "out.bvh"))
    assert "cameras found: none" in line


@pytest.mark.usefixtures("no_cameras")
def test_a_camera_has_no_beginning_to_skip(command: Command, tmp_path: Path) -> None:
    line = complaint(command("capture", 0, "--start", 3, "-o", tmp_path / "out.bvh"))
    assert "camera 0 takes no start" in line


def test_a_preview_needs_footage_that_can_be_read_again(
    command: Command, tmp_path: Path, pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = pretending(somebody())
    monkeypatch.setattr(mocap.capture, "open_source", lambda *_, **__: Pictures(5))
    (take,) = exporters.write(Take((Person(0, landmarks=somebody()),)), tmp_path / "take.json")
    for source in ("0", "rtsp://10.0.0.1/live", take):
        preview = tmp_path / "preview.mp4"
        outcome = command("capture", source, "-o", tmp_path / "out.bvh", "--preview", preview)
        assert "needs footage that can be read again" in complaint(outcome)
    assert opened == []


@pytest.mark.parametrize("suffix", [".mp4", ".png"])
def test_a_preview_that_fails_loses_nothing_else(
    command: Command, film: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    def full(path: Path, *_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("mocap.movie.save_movie", full)
    monkeypatch.setattr("mocap.preview.save_picture", full)
    out, preview = film.parent / "out.bvh", film.parent / f"preview{suffix}"
    preview.write_bytes(b"good")
    shown = command("capture", film, "-o", out, "--preview", preview)
    assert shown.status == 2
    assert shown.err == f"mocap: cannot write {preview}: No space left on device\n"
    assert f"wrote {out}" in shown.out
    assert exporters.read(out).people
    assert preview.read_bytes() == b"good"
    assert {path.name for path in film.parent.iterdir()} == {film.name, out.name, preview.name}


def test_an_output_that_fails_does_not_keep_the_others_from_being_written(
    command: Command, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def full(part: Path, target: Path) -> Path:
        if target.suffix == ".bvh":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", full)
    bvh, take = film.parent / "out.bvh", film.parent / "out.json"
    bvh.write_text("good")
    shown = command("capture", film, "-o", bvh, "-o", take)
    assert shown.status == 2
    assert shown.err == f"mocap: cannot write {bvh}: No space left on device\n"
    assert f"wrote {take}" in shown.out
    assert exporters.read(take).people
    assert bvh.read_text() == "good"
    assert {path.name for path in film.parent.iterdir()} == {film.name, bvh.name, take.name}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with good and malformed takes."""
    body = skeletons.humanoid()
    still = mocap.capture.capture_landmarks(Take((Person(0, landmarks=somebody()),))).take
    motion = still.people[0].motion
    assert motion is not None
    assert motion.skeleton.names == body.names
    solved = Take((Person(0, motion=motion),))
    exporters.write(solved, tmp_path / "solved.json")
    exporters.write(solved, tmp_path / "solved.bvh")
    exporters.write(Take((Person(0, landmarks=somebody()),)), tmp_path / "seen.json")
    (tmp_path / "bad.bvh").write_text("HIERARCHY\nROOT hips\n{\nOFFSET 0 x 0\n")
    (tmp_path / "bad.json").write_text('{"format": "mocap-take",\n"version": 1,\noops}\n')
    (tmp_path / "other.json").write_text('{"hello": "world"}')
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "other.npz", hello=np.zeros(3))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("capture bad.bvh -o out.json", "bad.bvh: line 4: expected a number, got 'x'"),
        ("capture bad.json -o out.bvh", "bad.json: line 3: not JSON"),
        ("capture other.json -o out.bvh", 'not a take: expected a JSON object with "format"'),
        ("capture solved.bvh -o out.json", "the take holds no landmarks to solve from"),
        ("capture solved.json -o out.bvh", "the take holds no landmarks to solve from"),
        ("capture seen.json --start 9 -o out.bvh", "it goes from 0.00 to 0.63 s"),
        ("convert bad.bvh out.json", "bad.bvh: line 4: expected a number, got 'x'"),
        ("convert bad.json out.bvh", "bad.json: line 3: not JSON"),
        ("convert none.bvh out.bvh", "none.bvh: cannot read: No such file or directory"),
        ("convert seen.json out.bvh", "nobody in the take has a solved motion"),
        ("convert solved.bvh out.fbx", "unknown file suffix of 'out.fbx' '.fbx'; known: "),
        ("convert solved.bvh out.bvh --skeleton none", "unknown skeleton or file 'none'; known: "),
        ("convert solved.bvh out.bvh --skeleton text.npz", "unknown file suffix of 'text.npz'"),
        ("convert solved.bvh out.bvh --skeleton bad.bvh", "bad.bvh: line 4: "),
        ("convert solved.bvh out.bvh --input-map cmu", "give that too"),
        ("report bad.bvh", "bad.bvh: line 4: expected a number, got 'x'"),
        ("report seen.json", "the take holds landmarks only"),
        ("report solved.json --truth none.npz", "none.npz: cannot read the truth: No such file"),
        ("report solved.json --truth text.npz", "text.npz: expected an .npz archive with names"),
        ("report solved.json --truth other.npz", "other.npz: expected an .npz archive with names"),
        ("report", "the following arguments are required: take; mocap report --help tells more"),
        ("rename", "invalid choice: 'rename' (choose from "),
    ],
)
def test_files_and_commands_that_do_not_fit(
    command: Command, files: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, says: str
) -> None:
    monkeypatch.chdir(files)
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    assert says in complaint(command(*arguments.split()))
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


def test_errors_come_as_a_status_and_not_as_an_exit(tmp_path: Path) -> None:
    assert main(["report", str(tmp_path / "none.bvh")]) == 2
