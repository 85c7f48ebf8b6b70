"""`mocap live` as a user meets it: with the real model on the sample clip, and all that listens."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vmc_receiver import Receiver, Wrong

import exporters
from mocap.cli import parser
from mocap.cli.live import Lines, settings_of, size, text
from mocap.client import connect
from mocap.errors import InvalidValue, MocapError
from mocap.live import open_session
from mocap.sample import CLIP
from mocap.sources.video import timestamps
from mocap.takes.folder import TakeFolder

STATUS = {
    "state": "running",
    "source": "camera 0",
    "estimator": "seer",
    "device": "CPU",
    "fps": 29.7,
    "source_fps": 30.0,
    "latency": {"read": 0.4, "estimate": 22.4, "solve": 7.6, "total": 131.0},
    "people": [0, 2],
    "clients": 1,
    "dropped": 3,
    "recording": None,
    "options": {},
    "notes": [],
}


@contextmanager
def live(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, running in a folder."""
    command = [sys.executable, "-m", "mocap", "live", "--no-browser", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def recording(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, recording the clip over and over."""
    with live(
        "--source", str(CLIP), "--loop", "--no-panel", "--people", "1", "--record", "rec",
        "--json", folder=folder,
    ) as process:  # fmt: skip
        yield process


def statuses(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What the command says on its output, as it comes."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def fact(process: subprocess.Popen[str], what: str) -> str:
    """What the command says that it uses."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(what):
            return line.removeprefix(what).strip()
    raise AssertionError(f"it said nothing of {what}")


def test_a_session_from_beginning_to_end(tmp_path: Path) -> None:
    """Every frame of the sample: recorded, sent over VMC and WebSocket, near the truth."""
    heard, wrong = Receiver(), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.bind(("127.0.0.1", 0))
        plug.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    heard.take(plug.recv(65536))
                except TimeoutError:
                    continue
                except Wrong as error:
                    wrong.append(error)

        ear = threading.Thread(target=listen)
        ear.start()
        port = plug.getsockname()[1]
        with live(
            "--source", str(CLIP), "--every-frame", "--no-panel", "--people", "1", "--fov", "39.3",
            "--record", "rec", "--vmc", f"127.0.0.1:{port}", folder=tmp_path,
        ) as process:  # fmt: skip
            url = fact(process, "stream")
            with connect(url) as stream:
                got = []
                while (frame := stream.frame(timeout=20)) is not None:
                    got.append(frame)
                    if frame.t > 5.0:
                        break
                assert stream.status["device"] == "CPU"
            assert process.wait(timeout=120) == 0
        over.set()
        ear.join()
    assert got
    assert (np.diff([frame.t for frame in got]) > 0).all()
    (path,) = (tmp_path / "rec").glob("*.jsonl")
    (person,) = exporters.read(path).people
    assert person.motion is not None
    assert person.landmarks is not None
    assert not wrong
    frames = len(timestamps(CLIP))
    assert len(person.motion) > 0.9 * frames
    assert len(heard.frames) > 0.9 * frames


def test_asked_to_end_it_finishes_the_recording(tmp_path: Path) -> None:
    with recording(tmp_path) as process:
        for status in statuses(process):
            if status["people"]:
                break
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0
    assert "leaked" not in said
    (take,) = TakeFolder(tmp_path / "rec").list()
    assert take.complete


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_killed_it_loses_a_second_at_most_and_recovers(tmp_path: Path) -> None:
    with recording(tmp_path) as process:
        for status in statuses(process):
            if status["recording"] and status["recording"]["seconds"] > 2:
                break
        process.kill()
        process.wait()
    (path,) = (tmp_path / "rec").glob("*.jsonl")
    command = [sys.executable, "-m", "mocap", "recover", str(path), "-o", "whole.json"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    (person,) = exporters.read(tmp_path / "whole.json").people
    assert person.motion is not None
    assert person.motion.times[-1] > status["recording"]["seconds"] - 1.0


def test_a_port_that_is_taken_is_told_and_the_next_one_used(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        said = subprocess.run(
            [sys.executable, "-m", "mocap", "live", "--source", str(CLIP), "--no-panel",
             "--port", str(taken)],
            capture_output=True, text=True, cwd=tmp_path,
        )  # fmt: skip
    assert said.returncode == 2
    assert re.search(rf"port {taken} of 127.0.0.1 is taken.*port \d+ is free", said.stderr)
    assert len([line for line in said.stderr.splitlines() if line.startswith("mocap:")]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "nothing.mp4"], "no such file"),
        (["--look-ahead", "9"], "look_ahead: expected 0 to 5"),
        (["--people", "-1"], "people: expected"),
        (["--filter", "gaussian"], "gaussian"),
        (["--source", str(CLIP), "--vmc", "127.0.0.1:39539,profile=nobody"], "nobody"),
        (["--source", str(CLIP), "--host", "0.0.0.0", "--token", "short"], "token"),
        (["--source", str(CLIP), "--allow-origin", "not an origin"], "origin"),
        (["--source", str(CLIP), "--loop", "--every-frame"], "loop"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "mocap", "live", "--no-panel", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 2
    problems = [line for line in done.stderr.splitlines() if line.startswith("mocap:")]
    assert len(problems) == 1, done.stderr
    assert said in problems[0]
    assert "Traceback" not in done.stderr


def test_another_host_gets_a_token_that_is_shown(tmp_path: Path) -> None:
    with live(
        "--source", str(CLIP), "--loop", "--no-panel", "--host", "0.0.0.0", folder=tmp_path
    ) as process:
        port = int(fact(process, "stream").rpartition(":")[2])
        token = fact(process, "token")
        assert len(token) >= 16
        with pytest.raises(MocapError, match="token"):
            connect(f"ws://127.0.0.1:{port}").close()
        connect(f"ws://127.0.0.1:{port}", token=token).close()


def test_a_take_plays_from_the_command_line(tmp_path: Path) -> None:
    golden = Path(__file__).parent / "golden" / "journal" / "dance.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "mocap", "live", "--source", str(golden), "--no-panel"],
        capture_output=True, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "dance.jsonl, a recorded take" in done.stderr


def test_the_status_is_a_line_that_fits_a_terminal() -> None:
    line = text(STATUS)
    assert line == (
        "30 fps · estimate 22 + solve 8 ms · 131 ms old · 2 people · 1 client · 3 dropped"
    )
    worst = {
        **STATUS,
        "clients": 10**6,
        "dropped": 10**9,
        "recording": {"name": "x" * 99, "seconds": 1e5, "frames": 1},
    }
    assert len(text(worst)) < 100
    assert text({**STATUS, "state": "waiting"}).startswith("waiting")
    assert "1 person" in text({**STATUS, "people": [0], "latency": {"total": None}})


def test_in_a_pipe_there_is_no_status_line(capsys: pytest.CaptureFixture[str]) -> None:
    Lines(as_json=False).status(STATUS)
    assert capsys.readouterr() == ("", "")
    Lines(as_json=True).status(STATUS)
    assert json.loads(capsys.readouterr().out) == STATUS


def test_options_become_settings() -> None:
    words = (
        "live --people 2 --height 1.8 --look-ahead 1 --no-smoothing --filter one_euro --fov 70 "
        "--size 1280x720 --source-fps 25 --loop"
    )
    settings = settings_of(parser().parse_args(words.split()))
    assert (settings.stage.people, settings.stage.look_ahead) == (2, 1)
    assert (settings.stage.solve.height, settings.stage.solve.smoothing) == (1.8, False)
    assert (settings.size, settings.fps, settings.fov, settings.loop) == ((1280, 720), 25, 70, True)


def test_a_size_is_width_and_height() -> None:
    assert size("1920x1080") == (1920, 1080)
    for wrong in ("1920", "x", "0.5x1", "wide"):
        with pytest.raises(Exception, match="1280x720"):
            size(wrong)


def test_every_frame_of_a_loop_is_refused(tmp_path: Path) -> None:
    from mocap.live import LiveSettings

    with pytest.raises(InvalidValue, match="loop"):
        open_session(str(CLIP), LiveSettings(loop=True, every_frame=True), TakeFolder(tmp_path))


def test_nothing_of_it_writes_to_the_working_folder(tmp_path: Path) -> None:
    """The folder of takes is made when something is recorded."""
    golden = Path(__file__).parent / "golden" / "journal" / "dance.jsonl"
    subprocess.run(
        [sys.executable, "-m", "mocap", "live", "--source", str(golden), "--no-panel"],
        capture_output=True, cwd=tmp_path, timeout=120, check=True,
    )  # fmt: skip
    assert os.listdir(tmp_path) == []
