"""Networks that learn: each of them, the same each time, ended early, without harm."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")

from teaching import NETWORKS, quick, same, taught  # noqa: E402
from teaching import motion as motion  # noqa: E402

from mocap.errors import EstimatorError, InvalidValue, MissingExtra  # noqa: E402
from mocap.training import config as schedules  # noqa: E402
from mocap.training import curves  # noqa: E402
from mocap.training.loop import Watching, train  # noqa: E402
from mocap.training.registry import source, trainer  # noqa: E402
from mocap.training.trainers import PoseTrainer, built  # noqa: E402


def test_every_schedule_is_tried() -> None:
    own = {"body", "body-live"}  # test_training_body.py
    assert set(NETWORKS) | own == set(schedules.known())


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_get_better_on_people_they_never_saw(name: str, motion: Path) -> None:
    trained, teacher, _ = taught(motion, quick(name))
    first, *others = (row[teacher.figure] for row in trained.rows)
    assert len(others) == 2
    assert others[-1] < 0.97 * first
    assert trained.why == "epochs"


def test_distances_teach_networks_of_numbers_in_a_row_too(motion: Path) -> None:
    config = quick("semgcn-linear", loss="mpjpe", flip=True)
    teacher = trainer(config)
    data = source(motion, None, None, config, teacher.form).epoch(0)
    shown = teacher.plan(data, np.random.default_rng(0), 0)[0]
    for parameter in teacher.parameters():
        torch.nn.init.zeros_(parameter)  # it says the root for every joint
    given = teacher.cut(data.known, shown)
    expected = np.linalg.norm(given.joints[:, 0, 1:], axis=-1).mean()
    assert teacher.loss(data, shown).item() == pytest.approx(expected, rel=1e-5)


def test_the_unlabelled_count_after_the_warm_up(motion: Path) -> None:
    config = quick("videopose3d-semi", flip=False)
    teacher = trainer(config)
    clips = source(motion, None, None, config, teacher.form)
    data = clips.epoch(0)
    rng = np.random.default_rng(0)
    assert {blind is None for _, blind in teacher.plan(data, rng, 0)} == {True}
    later = teacher.plan(data, rng, 1)
    assert {blind is None for _, blind in later} == {False}
    torch.manual_seed(0)
    alone = teacher.loss(data, (later[0][0], None))
    torch.manual_seed(0)
    assert teacher.loss(data, later[0]) > alone
    with pytest.raises(InvalidValue, match="unlabelled: name the subjects"):
        taught(motion, config.changed(unlabelled=[]))


def test_the_same_seed_gives_the_same_weights_and_another_does_not(motion: Path) -> None:
    config = quick("videopose3d", steps=2, epochs=1)
    first, _, _ = taught(motion, config)
    assert same(first, taught(motion, config)[0])
    assert not same(first, taught(motion, config.changed(seed=1))[0])


class Scripted(PoseTrainer):
    """Whose errors are known beforehand."""

    figures = (9.0, 5.0, 4.0, 4.5, 4.2, 4.1, 1.0, 1.0)

    def measure(self, held_out: Any) -> dict[str, float]:
        self.told = getattr(self, "told", -1) + 1
        return {"mpjpe_mm": self.figures[self.told]}


def test_who_gets_no_better_is_ended_and_the_best_weights_are_kept(motion: Path) -> None:
    config = quick("semgcn", steps=1, epochs=9, patience=3)
    teacher = Scripted(config, built(config))
    clips = source(motion, None, None, config, teacher.form)
    seen: list[dict[str, Any]] = []

    def keep(_: object) -> None:
        state = teacher.network.state_dict()
        seen.append({k: v.clone() for k, v in state.items()})

    trained = train(teacher, clips, watching=Watching(rows=keep))
    assert trained.why == "patience"
    assert len(trained.rows) == 6  # 4.0 was followed by three that are worse
    assert all(torch.equal(v, seen[2][k]) for k, v in trained.best["semgcn"].items())


def test_norms_remember_longer_as_training_goes_on(motion: Path) -> None:
    config = quick("videopose3d", steps=1, epochs=3)
    teacher = trainer(config)
    clips = source(motion, None, None, config, teacher.form)
    found = []
    watching = Watching(step=lambda *_: found.append(teacher.network.expand_bn.momentum))
    train(teacher, clips, watching=watching)
    assert found == pytest.approx([0.1 * 0.01 ** (e / 3) for e in range(3)])


def test_weights_are_limited_where_they_are_used_and_kept(motion: Path) -> None:
    trained, teacher, _ = taught(motion, quick("martinez", steps=2, epochs=1, max_norm=0.5))
    kept = [v.norm().item() for v in trained.best["martinez"].values() if v.dim() == 2]
    assert kept == pytest.approx([0.5] * 6)
    learning = [p.norm().item() for p in teacher.network.parameters() if p.dim() == 2]
    assert min(learning) > 1
    wide, _, _ = taught(motion, quick("martinez", steps=2, epochs=1, max_norm=1e6))
    free, _, _ = taught(motion, quick("martinez", steps=2, epochs=1, max_norm=0))
    assert same(wide, free)


def test_a_loss_that_explodes_is_told(motion: Path) -> None:
    with pytest.raises(EstimatorError, match="learn more slowly, with learning_rate below 1e"):
        taught(motion, quick("semgcn", learning_rate=1e30, clip=0, steps=6))


@pytest.mark.parametrize("name", NETWORKS)
def test_half_precision_teaches_alike(name: str, motion: Path) -> None:
    config = quick(name)
    teacher = trainer(config, built(quick("pstmo")) if config.trainer == "refine" else None)
    clips = source(motion, None, None, config, teacher.form)
    data = clips.epoch(0)
    shown = teacher.plan(data, np.random.default_rng(0), 5)[0]
    teacher.train(False)  # what dropout does differs
    found = []
    for half in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss = teacher.loss(data, shown)
        loss.backward()
        found.append(loss.item())
    assert all(torch.isfinite(p.grad).all() for p in teacher.parameters() if p.grad is not None)
    assert found[1] == pytest.approx(found[0], rel=0.05)


def test_curves_want_their_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(MissingExtra, match=r"mocap-bridge\[train\]"):
        curves.Curves(tmp_path)
