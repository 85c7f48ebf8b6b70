"""Recording: nothing is lost that was written, whatever becomes of the disk or the process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import CLOCK, PAIR, STARTED, STICK, random_pose, same_pose, sighting

from exporters.journal import Journal, recovered, summary
from exporters.journal_lines import CastLine, FrameLine, Line, NoteLine
from mocap.errors import InvalidValue, OutputError
from mocap.landmarks import Observation
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.takes import recorder
from mocap.takes.recorder import Recorder

FPS = 100.0


def recording(path: Path, on_failure: Callable[[str], object] = lambda _: None) -> Recorder:
    return Recorder(
        path,
        name="dance",
        note="second try",
        made={"source": "webcam"},
        layout=PAIR,
        size=(640, 480),
        started=STARTED,
        clock=CLOCK,
        on_failure=on_failure,
    )


def frame(i: int) -> LiveFrame:
    t = CLOCK + i / FPS
    return LiveFrame(i, t, (LivePerson(0, random_pose(i, 2, t)),))


def feed(recorder: Recorder, frames: int) -> None:
    recorder.open(Cast({0: STICK}))
    for i in range(frames):
        recorder.saw(Observation(CLOCK + i / FPS, (sighting(i),)))
        recorder.write(frame(i))


def lines_of(path: Path) -> list[Line]:
    with path.open("rb") as file:
        return list(Journal(file, path))


def frames_of(path: Path) -> list[FrameLine]:
    return [line for line in lines_of(path) if isinstance(line, FrameLine)]


def test_what_was_written_is_there_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "dance.jsonl"
    with recording(path) as writer:
        feed(writer, 20)
        writer.tell({"type": "note", "message": "the camera is back"})
        writer.tell({"type": "status", "fps": 30})
    assert (writer.frames, writer.failed) == (20, None)
    assert writer.seconds == pytest.approx(19 / FPS)
    lines = lines_of(path)
    assert isinstance(lines[0], CastLine)
    assert lines[0].people[0].offsets.tobytes() == STICK.offsets.tobytes()
    got = frames_of(path)
    for i, line in enumerate(got):
        assert (line.seq, line.t) == (i, CLOCK + i / FPS)
        same_pose(line.people[0], random_pose(i, 2))
    assert len(got) == 20
    assert lines[-2] == NoteLine("the camera is back")
    take, loss = recovered(path)
    assert loss is None
    assert take.made["source"] == "webcam"
    assert take.made["recording"]["note"] == "second try"
    assert take.person(0).landmarks is not None
    assert summary(path).complete


def test_closed_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writer = recording(path)
    feed(writer, 2)
    writer.close()
    size = path.stat().st_size
    feed(writer, 2)
    writer.close()
    assert (path.stat().st_size, writer.frames, writer.failed) == (size, 2, None)


def test_nothing_is_recorded_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("precious")
    with pytest.raises(OutputError, match="there already"):
        recording(path)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    with pytest.raises(OutputError, match="there already"):
        recording(tmp_path / "link.jsonl")
    with pytest.raises(OutputError, match="cannot write"):
        recording(path / "b.jsonl")
    assert path.read_text() == "precious"
    assert not (tmp_path / "elsewhere.jsonl").exists()


def test_what_json_cannot_hold_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="made"):
        Recorder(
            tmp_path / "a.jsonl", name="", note="", made={"a": object()}, layout=PAIR,
            size=(1, 1), started=STARTED, clock=0.0,
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


class Disk:
    """A disk with room for so many bytes, that may be slow."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: float = float("inf")) -> None:
        self.room = room
        self.ready = threading.Event()
        self.ready.set()
        made = recorder._made
        disk = self

        class File:
            def __init__(self, path: Path) -> None:
                self._file = made(path)

            def write(self, data: memoryview) -> int:
                disk.ready.wait()
                part = min(len(data), int(min(disk.room, 1e9)))
                if part == 0:
                    raise OSError(28, "No space left on device")
                disk.room -= part
                return self._file.write(data[:part])

            def __getattr__(self, name: str) -> Any:
                return getattr(self._file, name)

        monkeypatch.setattr(recorder, "_made", File)


@pytest.mark.parametrize("room", [900, 2000, 5000, 5013])
def test_a_full_disk_ends_the_recording_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    Disk(monkeypatch, room)
    told: list[str] = []
    path = tmp_path / "a.jsonl"
    writer = recording(path, told.append)
    feed(writer, 50)
    writer.close()
    feed(writer, 50)  # what streams on is of no concern
    (message,) = told
    assert message == writer.failed
    assert message.endswith("what came before is kept: No space left on device")
    assert path.read_bytes().endswith(b"\n")
    got = frames_of(path)
    assert len(got) == writer.frames < 50
    _, loss = recovered(path)
    assert loss == "the recording was cut off; what is whole was read"


def test_a_disk_without_room_for_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Disk(monkeypatch, 100)
    with pytest.raises(OutputError, match="No space left"):
        recording(tmp_path / "a.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_cannot_keep_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    told: list[str] = []
    writer = recording(tmp_path / "a.jsonl", told.append)
    disk.ready.clear()
    feed(writer, recorder.MOST_WAITING)  # twice what may wait, and nobody waits here
    assert len(told) == 1
    assert "cannot keep up" in told[0]
    disk.ready.set()
    writer.close()
    assert len(told) == 1
    lines_of(tmp_path / "a.jsonl")


def test_a_disk_that_hangs_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    told: list[str] = []
    writer = recording(tmp_path / "a.jsonl", told.append)
    disk.ready.clear()
    feed(writer, 5)
    monkeypatch.setattr(recorder, "PATIENCE", 0.01)
    writer.close()
    assert len(told) == 1
    assert "to write the end" in told[0]
    disk.ready.set()
    monkeypatch.setattr(recorder, "PATIENCE", 10.0)
    writer.close()


def test_a_failure_may_close_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch, 2000)
    closed = threading.Event()

    def close(_: str) -> None:
        writer.close()
        closed.set()

    writer = recording(tmp_path / "a.jsonl", close)
    feed(writer, 50)
    assert closed.wait(30)
    writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_a_deleted_file_ends_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LOOK", 0.0)
    ended = threading.Event()
    writer = recording(tmp_path / "a.jsonl", lambda _: ended.set())
    feed(writer, 2)
    (tmp_path / "a.jsonl").unlink()
    assert ended.wait(30)
    assert "deleted" in str(writer.failed)
    writer.close()


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_takes_recorder import *

def say(what):
    print(f"{what}\\n", end="", flush=True)  # in one piece: two threads speak

writer = recording(Path(sys.argv[1]), lambda why: say(why))
writer.open(Cast({0: STICK}))
for i in range(100_000):
    writer.saw(Observation(CLOCK + i / FPS, (sighting(i),)))
    writer.write(frame(i))
    say(i)
    time.sleep(1 / FPS)
"""


def child(path: Path, before: str = "") -> subprocess.Popen[str]:
    """A process that records at FPS, and prints the number of each frame or why it ended."""
    return subprocess.Popen(
        [sys.executable, "-c", before + CHILD, str(path), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_process_loses_a_second_at_most(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with child(path) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 150:
                process.kill()
        last = int(line)
    got = frames_of(path)
    assert [f.seq for f in got] == list(range(len(got)))
    assert len(got) > last - FPS
    same_pose(got[-1].people[0], random_pose(len(got) - 1, 2))
    _, loss = recovered(path)
    assert loss is not None
    assert "cut off" in loss


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits on files")
def test_the_system_refuses_a_larger_file(tmp_path: Path) -> None:
    limit = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    )
    path = tmp_path / "a.jsonl"
    why, after = "", 0
    with child(path, limit) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.strip().isdecimal():
                why = line
            elif why:
                after += 1
                if after == 20:  # frames go on
                    process.send_signal(signal.SIGTERM)
    assert "File too large" in why
    assert path.stat().st_size <= 20_000
    assert path.read_bytes().endswith(b"\n")
    assert len(frames_of(path)) > 10
