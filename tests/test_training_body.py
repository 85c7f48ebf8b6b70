"""Our own lifter learns, goes on where it was ended, and lifts with what it learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from moving import corpus
from synthetic import CAMERA, seen, standing

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from mocap.errors import InvalidValue  # noqa: E402
from mocap.models import open_lifter  # noqa: E402
from mocap.models.body_view import CHANNELS, JOINTS, WIDTH  # noqa: E402
from mocap.training import body, result  # noqa: E402
from mocap.training import config as schedules  # noqa: E402
from mocap.training.loop import Watching, train  # noqa: E402
from mocap.training.registry import source, trainer  # noqa: E402

QUICK: dict[str, Any] = {
    "held_out": ["*8", "*9"], "batch": 8, "epochs": 2, "learning_rate": 0.003,
    "network": {"channels": 24},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("motion"), frames=120)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SESSIONS", 12)
    monkeypatch.setattr(body, "HELD_OUT", 6)


def taught(folder: Path, name: str = "body", steps: int = 8, **options: Any) -> Any:
    config = schedules.by_name(name).changed(**QUICK, steps=steps)
    teacher = trainer(config)
    lessons = source(folder, None, None, config, teacher.form)
    return config, lessons, train(teacher, lessons, **options)


@pytest.mark.parametrize("name", ["body", "body-live"])
def test_it_learns_and_lifts(name: str, folder: Path, tmp_path: Path) -> None:
    config, lessons, trained = taught(folder, name, steps=100)
    figures = [row["pa_mpjpe_mm"] for row in trained.rows]
    assert min(figures[1:]) < 0.9 * figures[0]
    (written,) = result.write(tmp_path / "ours.safetensors", trained, config, lessons.about, "MIT")
    lifter = open_lifter(str(written))
    assert lifter.causal == (name == "body-live")
    said = lifter(seen(standing(np.arange(40) / 30)), CAMERA)
    assert np.isfinite(said.positions).all()
    assert said.positions.shape == (40, 12, 3)


def test_who_was_interrupted_ends_as_who_was_not(folder: Path, tmp_path: Path) -> None:
    _, _, whole = taught(folder)
    kept = tmp_path / "kept.training"
    steps = iter(range(100))
    taught(folder, keep=kept, watching=Watching(stop=lambda: next(steps) == 13))
    _, _, again = taught(folder, keep=kept, resume=True)
    for name, tensor in whole.best["body"].items():
        np.testing.assert_array_equal(tensor, again.best["body"][name])


def test_what_comes_out_is_the_mean_of_many_steps(folder: Path) -> None:
    config = schedules.by_name("body").changed(**QUICK, steps=8)
    teacher = trainer(config)
    lessons = source(folder, None, None, config, teacher.form)
    data = lessons.epoch(0)
    plan = teacher.plan(data, np.random.default_rng(0), 0)
    assert len(plan) == 8
    before = {k: v.clone() for k, v in teacher.weights()["body"].items()}
    teacher.train(True)
    teacher.loss(data, plan[0]).backward()
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter += 1.0
    teacher.loss(data, plan[1])  # which takes the step in
    moved = teacher.weights()["body"]["last.bias"] - before["last.bias"]
    assert 0.5 < float(moved.mean()) < 1.0


def test_it_learns_from_motion_alone(folder: Path, tmp_path: Path) -> None:
    config = schedules.by_name("body").changed(**QUICK)
    form = trainer(config).form
    with pytest.raises(InvalidValue, match="learns from motion"):
        source(folder, "motion", "gt", config, form)
    with pytest.raises(InvalidValue, match="--held-out"):
        source(folder, None, None, config.changed(held_out=["none"]), form)


def test_what_is_out_of_the_picture_counts_little() -> None:
    features = np.ones((3, WIDTH), np.float32)
    legs = [JOINTS.index(f"{side}_ankle") for side in ("left", "right")]
    for joint in legs:
        features[1, joint * CHANNELS + CHANNELS - 1] = 0.0
    features[2] = 0.0  # nobody was found, though in the picture
    weights = body.weights_of(features)
    assert (weights[[0, 2]] == 1).all()
    assert set(np.flatnonzero(weights[1] < 1)) == set(legs)
