"""mocap evaluate: the tables of papers."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import dataset_files as made
import numpy as np
import pytest

from mocap import cli
from mocap.datasets import dataset
from mocap.datasets.clip import to_view


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = made.write_h36m(tmp_path)
    every = list(dataset("h36m").clips(path))
    off = np.array([0.03, 0.0, 0.04])
    places = {}
    for clip in every:
        wrong = np.tile(off, (17, 1))
        wrong[0] = 0
        places[clip.name] = to_view(clip.positions + wrong)
    np.savez(tmp_path / "predictions.npz", **places)
    return tmp_path / "predictions.npz"


def test_a_table_is_printed(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--dataset", "h36m", "--data", str(predictions.parent)]
    assert cli.main(["evaluate", *arguments, "--predictions", str(predictions)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Human3.6M, predictions.npz: 24 clips, 17 joints"
    assert lines[1].split() == ["action", "MPJPE", "PA-MPJPE", "N-MPJPE", "MPJVE", "PCK", "AUC"]
    assert [line.split()[0] for line in lines[2:5]] == ["Directions", "WalkDog", "mean"]
    assert lines[4].split()[1] == f"{50 * 16 / 17:.2f}"


def test_figures_are_printed_as_json(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--dataset", "h36m", "--data", str(predictions.parent), "--json"]
    assert cli.main(["evaluate", *arguments, "--predictions", str(predictions)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mean"]["mpjpe_mm"] == pytest.approx(50 * 16 / 17)
    assert told["actions"]["Directions"]["frames"] == 2 * 2 * 4 * made.FRAMES
    assert len(told["joints"]) == 17


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--dataset", "coco", "--data", ".", "--lifter", "x"], "unknown data set 'coco'"),
        (["--dataset", "h36m", "--data", "none", "--predictions", "x.npz"], "x.npz"),
    ],
)
def test_mistakes_are_told_in_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_our_own_lifter_is_measured_where_the_points_are_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write_3dpw(tmp_path / "seq.pkl")
    arguments = ["--dataset", "3dpw", "--data", str(tmp_path), "--lifter", "body"]
    assert cli.main(["evaluate", *arguments]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("3DPW, body: 2 clips, 12 joints\n")
    assert "only one side has them: head, hips, left_collar" in shown.err


@pytest.mark.parametrize("name", ["h36m", "3dhp"])
def test_points_without_a_face_are_enough_for_our_own(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made.write_h36m(tmp_path) if name == "h36m" else made.write_3dhp(tmp_path)
    assert cli.main(["evaluate", "--dataset", name, "--data", str(path), "--lifter", "body"]) == 0
    assert " 12 joints\n" in capsys.readouterr().out


def test_clips_without_a_frame_that_counts_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write_3dpw(tmp_path / "seq.pkl")
    told = pickle.loads((tmp_path / "seq.pkl").read_bytes())
    told["poses2d"] = [told["poses2d"][0], told["poses2d"][1] * 0]  # nobody found the second
    (tmp_path / "seq.pkl").write_bytes(pickle.dumps(told, 2))
    arguments = ["--dataset", "3dpw", "--data", str(tmp_path), "--lifter", "body"]
    assert cli.main(["evaluate", *arguments]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("3DPW, body: 1 clips, 12 joints\n")
    assert "1 clips have no frame that counts, and were left out" in shown.err
