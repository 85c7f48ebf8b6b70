"""`mocap recover`: whole files out of recordings that were cut off."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import Command
from recordings import golden, small

import exporters


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A recording that was cut off in its last frame."""
    data = b"".join(golden())
    path = tmp_path / "dance.jsonl"
    path.write_bytes(data[: data.rindex(b'{"frame"') + 300])
    return path


def test_a_recording_becomes_a_take_beside_it(cut: Path, command: Command) -> None:
    before = cut.read_bytes()
    done = command("recover", cut)
    assert done.status == 0
    assert done.err == ""
    first, second = done.out.splitlines()
    assert first.startswith(f"{cut}: 2 people, 5 frames, 0.25 s; 1 damaged line was left out")
    assert first.endswith("the recording was cut off; what is whole was read")
    assert second == f"wrote {cut.with_suffix('.json')}"
    assert cut.read_bytes() == before
    take = exporters.read(cut.with_suffix(".json"))
    motion = take.person(0).motion
    assert motion is not None
    np.testing.assert_array_equal(motion.times, 0.0625 * np.arange(5))


def test_several_files_of_several_formats(cut: Path, command: Command, tmp_path: Path) -> None:
    done = command("recover", cut, "-o", tmp_path / "a.bvh", "-o", tmp_path / "b.json", "--json")
    assert done.status == 0
    (told,) = json.loads(done.out)["recordings"]
    assert told["recording"] == str(cut)
    assert told["started"] == "2026-11-21T14:03:02.123Z"
    assert (told["people"], told["frames"], told["seconds"]) == (2, 5, 0.25)
    assert "cut off" in told["lost"]
    assert len(told["files"]) == 3  # a BVH holds one person
    for file in told["files"]:
        assert exporters.read(file).people


def test_what_is_whole_lost_nothing(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(small()))
    done = command("recover", path)
    assert done.status == 0
    assert "nothing is lost" in done.out


def test_a_file_that_is_there_is_not_replaced_unasked(cut: Path, command: Command) -> None:
    cut.with_suffix(".json").write_text("precious")
    done = command("recover", cut)
    assert done.status == 2
    assert "is there already; -o names another file" in done.err
    assert cut.with_suffix(".json").read_text() == "precious"
    assert command("recover", cut, "-o", cut.with_suffix(".json")).status == 0
    assert cut.with_suffix(".json").read_text() != "precious"


def test_a_folder_means_all_that_were_cut_off(cut: Path, command: Command, tmp_path: Path) -> None:
    (tmp_path / "whole.jsonl").write_bytes(b"".join(small()))
    (tmp_path / "also.jsonl").write_bytes(b"".join(small()[:-1]))
    (tmp_path / "broken.jsonl").write_bytes(b"hello\n")
    done = command("recover", tmp_path)
    assert done.status == 0
    assert "broken.jsonl" in done.err
    made = sorted(path.name for path in tmp_path.glob("*.json"))
    assert made == ["also.json", "dance.json"]
    done = command("recover", tmp_path)
    assert (done.status, done.out) == (0, "")
    assert "is there already" in done.err
    assert "no recording" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.jsonl",), "cannot read"),
        (("a.bvh",), "expected a recording, .jsonl"),
        ((".", "-o", "b.json"), "is a folder"),
        (("dance.jsonl", "-o", "b.jsonl"), "can be read, not written"),
        (("dance.jsonl", "-o", "b.txt"), "unknown file suffix"),
    ],
)
def test_mistakes(
    cut: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(cut.parent)
    done = command("recover", *arguments)
    assert done.status == 2
    assert message in done.err
    assert sorted(path.name for path in cut.parent.iterdir()) == ["dance.jsonl"]
