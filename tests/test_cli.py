"""The commands as a user meets them: what they print, write and return."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import clips
import numpy as np
import pytest
from commands import Command
from footage import write_film
from pretend import Pictures, Pretending, blank_film, somebody

import exporters
import mocap.capture
from mocap import cli, skeletons
from mocap.errors import SourceError
from mocap.motion import Motion
from mocap.sample import TRUTH
from mocap.sources import SourceWarning
from mocap.sources.video import probe

COMMANDS = ("demo", "capture", "solve", "convert", "report", "recover", "listen", "doctor")


def motion_of(path: Path, **options: str) -> Motion:
    motion = exporters.read(path, exporters.Options(**options)).people[0].motion
    assert motion is not None
    return motion


@pytest.fixture
def film(tmp_path: Path, pretending: Pretending) -> Path:
    """A film in which somebody is seen."""
    pretending(somebody())
    return blank_film(tmp_path / "film.mp4")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captured take with landmarks."""
    from mocap.take import Person, Take

    landmarks = Take((Person(0, landmarks=somebody()),))
    captured = mocap.capture.capture_landmarks(landmarks)
    (path,) = exporters.write(captured.take, tmp_path_factory.mktemp("take") / "take.json")
    return path


def test_nothing_heavy_is_imported_before_a_command_runs() -> None:
    code = "import sys, mocap.cli; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "scipy", "cv2", "av", "mediapipe", "tqdm"} & set(loaded.stdout.split())


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_help_lists_the_commands(command: Command, arguments: tuple[str, ...]) -> None:
    shown = command(*arguments)
    assert shown.status == 0
    assert shown.err == ""
    for name in COMMANDS:
        assert re.search(rf"^ +{name} ", shown.out, re.MULTILINE)


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "mocap", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout == f"mocap {mocap.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(command: Command, name: str) -> None:
    shown = command(name, "--help")
    assert shown.status == 0
    assert "mocap" in shown.out


def test_the_demo_leaves_its_files_and_tells_how_accurate_it_is(
    command: Command, tmp_path: Path
) -> None:
    shown = command("demo", "-o", tmp_path / "new" / "demo")
    assert (shown.status, shown.err) == (0, "")
    files = {path.name: path for path in (tmp_path / "new" / "demo").iterdir()}
    assert set(files) == {f"sample.{kind}" for kind in ("bvh", "json", "png", "mp4", "html")}
    assert "truth       PA-MPJPE" in shown.out
    assert "Next:" in shown.out
    assert len(motion_of(files["sample.bvh"])) == 210
    assert exporters.read(files["sample.json"]).people[0].landmarks is not None
    assert probe(files["sample.mp4"]).frames == 210
    page = files["sample.html"].read_text(encoding="utf-8")
    assert "Against the truth" in page
    assert "<svg" in page


def test_a_capture_writes_beside_the_user_by_default(
    command: Command, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(film.parent)
    shown = command("capture", film)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.endswith("wrote film.bvh\n")
    assert len(motion_of(film.parent / "film.bvh")) == 20


def test_json_on_stdout_and_notes_on_stderr(
    command: Command, tmp_path: Path, pretending: Pretending
) -> None:
    pretending(somebody(), somebody(15, x=-0.7))
    out = tmp_path / "out.bvh"
    shown = command("capture", blank_film(tmp_path / "film.mp4"), "-o", out, "--json")
    told = json.loads(shown.out)
    assert told["files"] == [str(out)]
    assert told["people"][0]["frames"] == 20
    (note,) = told["notes"]
    assert shown.err == f"mocap: note: {note}\n"
    assert "2 people were seen and the one seen longest kept" in note


def test_several_outputs(command: Command, film: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "a.bvh", tmp_path / "new" / "b.json"]
    shown = command("capture", film, "-o", outputs[0], "-o", outputs[1])
    assert shown.status == 0
    assert all(path.is_file() for path in outputs)


def test_several_people_are_several_bvh_files(
    command: Command, tmp_path: Path, pretending: Pretending
) -> None:
    pretending(somebody(), somebody(x=-0.7))
    film = blank_film(tmp_path / "film.mp4")
    shown = command("capture", film, "--people", 2, "-o", tmp_path / "out.bvh")
    assert shown.status == 0
    for person in (0, 1):
        assert len(motion_of(tmp_path / f"out.person{person}.bvh")) == 20


def test_options_of_the_output(command: Command, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.bvh"
    options = ("--fps", 60, "--unit", "m", "--names", "exact", "--skeleton", "mixamo")
    assert command("capture", film, "-o", out, "--height", 1.9, *options).status == 0
    text = out.read_text()
    assert "ROOT mixamorig:Hips" in text
    assert "Frame Time: 0.01666" in text
    motion = motion_of(out, unit="m")
    assert len(motion) == 39
    assert 1.5 < motion.skeleton.height < 2.2


def test_height(command: Command, take: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.bvh"
    assert command("capture", take, "-o", out, "--height", 1.9).status == 0
    assert motion_of(out).skeleton.height == pytest.approx(1.9, abs=0.01)


def test_a_part_of_the_footage(command: Command, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.bvh"
    assert command("capture", film, "-o", out, "--start", 0.2, "--stop", 0.5).status == 0
    assert len(motion_of(out)) == 9


def test_a_camera_for_some_seconds(
    command: Command, tmp_path: Path, pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretending(somebody())
    monkeypatch.setattr(mocap.capture, "open_source", lambda *_, **__: Pictures(20))
    assert command("capture", 0, "--stop", 0.5, "-o", tmp_path / "out.bvh").status == 0
    assert len(motion_of(tmp_path / "out.bvh")) == 15


def test_an_unplugged_camera_leaves_what_came_before_and_a_note(
    command: Command, tmp_path: Path, pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretending(somebody())
    camera = Pictures(12, error=SourceError("webcam: it was unplugged"))
    monkeypatch.setattr(mocap.capture, "open_source", lambda *_, **__: camera)
    shown = command("capture", 0, "-o", tmp_path / "out.bvh")
    assert shown.status == 0
    assert shown.err == (
        "mocap: note: ended early, at 0.37 s: webcam: it was unplugged; what came before is kept\n"
    )
    assert len(motion_of(tmp_path / "out.bvh")) == 12


def test_warnings_of_ours_are_notes_of_one_line(
    command: Command, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import warnings

    def follow(*arguments: object) -> object:
        warnings.warn("something\nwas lost", SourceWarning, stacklevel=1)
        warnings.warn("this is for developers", FutureWarning, stacklevel=1)
        return people(*arguments)

    people = mocap.capture.follow
    monkeypatch.setattr(mocap.capture, "follow", follow)
    shown = command("capture", film, "-o", tmp_path / "out.bvh")
    assert (shown.status, shown.err) == (0, "mocap: note: something was lost\n")


def test_a_preview(command: Command, film: Path, tmp_path: Path) -> None:
    for suffix in (".png", ".mp4"):
        preview = tmp_path / f"preview{suffix}"
        shown = command("capture", film, "-o", tmp_path / "out.bvh", "--preview", preview)
        assert shown.status == 0
        assert f"wrote {preview}" in shown.out
        assert preview.stat().st_size > 1000
    assert probe(tmp_path / "preview.mp4").frames == 20


def test_images_at_another_rate_have_a_preview_too(
    command: Command, tmp_path: Path, pretending: Pretending
) -> None:
    import cv2
    from pretend import BLANK

    pretending(somebody(60))
    images = tmp_path / "images"
    images.mkdir()
    for i in range(6):
        cv2.imwrite(str(images / f"{i}.png"), BLANK)
    out, preview = tmp_path / "out.bvh", tmp_path / "preview.mp4"
    shown = command("capture", images, "--source-fps", 10, "-o", out, "--preview", preview)
    assert (shown.status, shown.err) == (0, "")
    assert motion_of(out).fps == pytest.approx(10)
    assert probe(preview).frames == 6


@pytest.mark.parametrize("name", skeletons.names())
def test_convert_to_every_skeleton_and_back(
    command: Command, take: Path, tmp_path: Path, name: str
) -> None:
    there, back = tmp_path / "there.bvh", tmp_path / "back.json"
    assert command("convert", take, there, "--skeleton", name).out == f"wrote {there}\n"
    motion = motion_of(there)
    assert len(motion) == 20
    assert len(motion.skeleton) == len(skeletons.by_name(name))
    assert command("convert", there, back, "--skeleton", "humanoid").status == 0
    assert set(motion_of(back).skeleton.names) == set(skeletons.humanoid().names)


def test_names_are_a_rigs_own_where_one_is_asked_for(
    command: Command, take: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.bvh"
    command("convert", take, out, "--skeleton", "mixamo")
    assert "ROOT mixamorig:Hips" in out.read_text()
    command("convert", take, out, "--skeleton", "mixamo", "--names", "safe")
    assert "ROOT mixamorig_Hips" in out.read_text()


def test_convert_does_not_replace_its_input(command: Command, take: Path) -> None:
    before = take.read_bytes()
    shown = command("convert", take, take)
    assert shown.status == 2
    assert "is the input itself" in shown.err
    assert take.read_bytes() == before


def test_convert_tells_programs_what_it_wrote(command: Command, take: Path, tmp_path: Path) -> None:
    shown = command("convert", take, tmp_path / "out.bvh", "--json")
    assert json.loads(shown.out) == {"files": [str(tmp_path / "out.bvh")]}


def test_convert_to_the_rig_of_a_bvh(command: Command, take: Path, tmp_path: Path) -> None:
    rig, out = tmp_path / "rig.bvh", tmp_path / "out.bvh"
    assert command("convert", take, rig, "--skeleton", "cmu").status == 0
    assert command("convert", take, out, "--skeleton", rig).status == 0
    assert motion_of(out).skeleton.names == motion_of(rig).skeleton.names


def test_report_on_json_and_bvh(command: Command, take: Path, tmp_path: Path) -> None:
    bvh = tmp_path / "take.bvh"
    assert command("convert", take, bvh).status == 0
    for path in (take, bvh):
        assert command("report", path).out.startswith("person 0: 20 frames, 0.6 s at 30 fps")
        shown = command("report", path, "--truth", TRUTH, "--json")
        assert shown.err == ""
        assert json.loads(shown.out)["people"][0]["accuracy"]["pa_mpjpe_mm"] > 0


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals, nor SIGINT to others")
@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_seen_before_ctrl_c_is_written(tmp_path: Path, workers: int) -> None:
    import fcntl
    import pty
    import struct
    import termios

    film = write_film(tmp_path / "film.mp4", clips.person()[90:120] * 20)
    out = tmp_path / "out.bvh"
    ours, theirs = pty.openpty()  # on a terminal, a bar shows when the work has begun
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "mocap", "capture", film, "-o", out, "--workers", str(workers)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        while not re.search(rb" [1-9]\d+/600 ", shown):
            shown += os.read(ours, 1000)
        os.killpg(process.pid, signal.SIGINT)
        while piece := _read(ours):
            shown += piece
        os.close(ours)
        assert process.stdout is not None
        printed = process.stdout.read().decode()
    assert process.returncode == 130
    assert b"\nmocap: note: ended early, at " in shown
    assert b"interrupted from the keyboard; what came before is kept" in shown
    assert b"Traceback" not in shown
    frames = re.match(r"person 0: (\d+) frames", printed)
    assert frames is not None
    assert len(motion_of(out)) == int(frames[1]) < 600


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1000)
    except OSError:  # Linux says so that the other side is closed
        return b""


def test_a_second_ctrl_c_ends_without_writing(
    command: Command, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mocap.capture, "solve", press)
    out = tmp_path / "out.bvh"
    out.write_text("good")
    shown = command("capture", film, "-o", out)
    assert (shown.status, shown.err) == (130, "mocap: interrupted\n")
    assert out.read_text() == "good"


def test_verbose_shows_where_an_error_came_from(command: Command, tmp_path: Path) -> None:
    shown = command("report", tmp_path / "none.bvh", "--verbose")
    assert shown.status == 2
    assert "Traceback" in shown.err
    assert shown.err.splitlines()[-1].startswith("mocap: ")


def test_a_package_that_is_missing_leads_to_the_doctor(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> int:
        raise ModuleNotFoundError("No module named 'numpy'")

    monkeypatch.setattr(cli.report, "run", broken)
    shown = command("report", "take.json")
    assert shown.status == 2
    assert shown.err == "mocap: No module named 'numpy'; mocap doctor tells what is missing\n"


def test_names_that_the_console_cannot_show(take: Path, tmp_path: Path) -> None:
    out = tmp_path / "größe.bvh"
    shown = subprocess.run(
        [sys.executable, "-m", "mocap", "convert", take, out],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert shown.stdout.startswith(b"wrote ")
    assert out.is_file()


def test_what_a_part_of_a_take_holds(command: Command, take: Path, tmp_path: Path) -> None:
    out = tmp_path / "part.json"
    assert command("capture", take, "-o", out, "--stop", 0.3, "--people", 1).status == 0
    np.testing.assert_allclose(motion_of(out).times, np.arange(9) / 30, atol=1e-9)
