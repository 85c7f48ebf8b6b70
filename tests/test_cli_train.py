"""`mocap train`: what it writes, goes on with, and refuses."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from commands import Command
from moving import corpus

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

SMALL = (
    "--set", "network.width=16", "--set", "batch=16", "--set", "steps=2", "--set", "validate=40",
    "--set", "rate=30", "--held-out", "*9", "--device", "cpu",
)  # fmt: skip


@pytest.fixture(scope="module")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("motion"), frames=40)


def test_weights_a_log_and_what_to_go_on_with_are_written(
    command: Command, motion: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine.safetensors"
    options = ("train", "--lifter", "martinez", "--data", motion, "-o", out, *SMALL)
    done = command(*options, "--epochs", 1, "--licence", "MIT")
    assert done.status == 0, done.err
    assert f"wrote {out}" in done.out
    assert "9 clips" in done.err
    rows = [json.loads(line) for line in (tmp_path / "mine.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [0, 1]
    assert {"seconds", "mpjpe_mm", "pa_mpjpe_mm"} <= set(rows[0])

    refused = command(*options, "--epochs", 2)
    assert refused.status == 2
    assert "--resume goes on with it" in refused.err
    longer = command(*options, "--epochs", 2, "--resume", "--json")
    assert longer.status == 0, longer.err
    told = json.loads(longer.out)
    assert [row["epoch"] for row in told["rows"]] == [0, 1, 2]
    assert told["config"]["network"]["width"] == 16

    imported = command("weights", "import", out, "--arch", "martinez", "--json")
    assert imported.status == 0, imported.err
    file = motion / "walks.npz"
    evaluated = command("evaluate", "--dataset", "motion", "--data", file, "--lifter", out)
    assert evaluated.status == 0, evaluated.err
    assert "MPJPE" in evaluated.out


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCAP_WEIGHTS", str(tmp_path / "weights"))


def test_time_may_be_up(command: Command, motion: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.safetensors"
    done = command(
        "train", "--lifter", "martinez", "--data", motion, "-o", out, *SMALL, "--minutes", 0
    )
    assert done.status == 0, done.err
    assert "--resume goes on" in done.out
    assert out.exists()


def test_ctrl_c_ends_it_in_good_order(
    command: Command, motion: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rate(_: object, epoch: int, step: int) -> float:
        if step == 2:
            signal.raise_signal(signal.SIGINT)
        return 1e-3

    monkeypatch.setattr("mocap.training.loop.learning_rate", rate)
    out = tmp_path / "mine.safetensors"
    before = signal.getsignal(signal.SIGINT)
    done = command("train", "--lifter", "martinez", "--data", motion, "-o", out, *SMALL)
    assert done.status == 0, done.err
    assert "--resume goes on" in done.out
    assert json.loads((tmp_path / "mine.jsonl").read_text().splitlines()[-1])["steps"] == 3
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-o", "mine.bin"), "NAME.safetensors"),
        (("-o", "none/mine.safetensors"), "no folder"),
        (("--lifter", "martines"), "known: body, body-live, martinez"),
        (("--set", "bach=3"), "no setting 'bach'"),
        (("--begin", "none.safetensors"), "cannot be read"),
        (("--data", "none"), "no such file"),
        (("--device", "cuda:99"), "cannot run networks on 'cuda:99'"),
        (("--points", "gt"), "motion has points of its own"),
        (("--resume",), "leave out --resume"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    options: tuple[str, ...], told: str, command: Command, motion: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    usual = ("--lifter", "martinez", "--data", motion, "-o", "mine.safetensors", *SMALL)
    failed = command("train", *usual, *options)
    assert failed.status == 2
    assert told in failed.err
    assert not (tmp_path / "mine.safetensors").exists()
