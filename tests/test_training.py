"""Networks that learn: each of them, the same each time, gone on with, ended early, written."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dataset_files as made
import numpy as np
import pytest
from moving import corpus
from synthetic import standing, turn

import exporters

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from mocap import protocols  # noqa: E402
from mocap.errors import EstimatorError, FormatError, InvalidValue, MissingExtra  # noqa: E402
from mocap.layouts import by_name as layout  # noqa: E402
from mocap.models import open_lifter  # noqa: E402
from mocap.models.base import PointLifter  # noqa: E402
from mocap.models.opening import entry_of_file  # noqa: E402
from mocap.models.pstmo_refine import behind  # noqa: E402
from mocap.models.safetensors import read_safetensors  # noqa: E402
from mocap.take import Person, Take  # noqa: E402
from mocap.training import config as schedules  # noqa: E402
from mocap.training import curves, losses, result  # noqa: E402
from mocap.training.config import Config  # noqa: E402
from mocap.training.examples import batch  # noqa: E402
from mocap.training.forms import Form  # noqa: E402
from mocap.training.loop import Trained, Watching, train  # noqa: E402
from mocap.training.projected import moves, views  # noqa: E402
from mocap.training.registry import source, trainer  # noqa: E402
from mocap.training.sources import MovingSource, Source  # noqa: E402
from mocap.training.trainers import PoseTrainer, Trainer, built  # noqa: E402

QUICK: dict[str, Any] = {
    "held_out": ["*8", "*9"], "rate": 30, "validate": 100, "batch": 32, "epochs": 2, "steps": 10,
    "learning_rate": 0.005,
}  # fmt: skip
CONVOLUTIONS = {"widths": [3, 3], "channels": 24, "dropout": 0.1}
SMALL = {"frames": 9, "channels": 32, "hidden": 32, "layers": 2}
NETWORKS: dict[str, dict[str, Any]] = {
    "martinez": {"network": {"width": 64, "dropout": 0.1}, "learning_rate": 0.01},
    "semgcn": {"network": {"width": 16, "blocks": 1}, "steps": 20},
    "semgcn-nonlocal": {"network": {"width": 16, "blocks": 1}, "steps": 20, "batch": 16},
    "semgcn-linear": {"network": {"width": 64, "dropout": 0.1}, "learning_rate": 0.01},
    "videopose3d": {"network": CONVOLUTIONS},
    "videopose3d-causal": {"network": CONVOLUTIONS},
    "videopose3d-trajectory": {"network": CONVOLUTIONS},
    "videopose3d-semi": {"network": CONVOLUTIONS, "unlabelled": ["*0", "*1", "*2"]},
    "pstmo": {"network": SMALL, "batch": 16, "steps": 6},
    "pstmo-s": {"network": SMALL, "velocity": 0.1, "batch": 16, "steps": 6},
    "pstmo-mae": {"network": SMALL, "learning_rate": 1e-3, "steps": 6},
    "pstmo-s-mae": {"network": SMALL, "learning_rate": 1e-3, "steps": 6},
    "pstmo-refine": {"network": {"width": 64}, "learning_rate": 1e-3, "steps": 6},
}


@pytest.fixture(scope="module")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("motion"), frames=40)


def quick(name: str, **more: Any) -> Config:
    return schedules.by_name(name).changed(**QUICK).changed(**NETWORKS[name]).changed(**more)


def taught(
    motion: Path, config: Config, keep: Path | None = None, **options: Any
) -> tuple[Trained, Trainer, Source]:
    begin = built(quick("pstmo")) if config.trainer == "refine" else None
    teacher = trainer(config, begin)
    clips = source(motion, None, None, config, teacher.form)
    return train(teacher, clips, keep, **options), teacher, clips


def same(a: Trained, b: Trained) -> bool:
    """Whether weights and figures are equal to the last bit."""
    rows = [[{**row, "seconds": 0.0} for row in t.rows] for t in (a, b)]
    weights = [
        {(n, k): v.numpy().tobytes() for n, s in t.best.items() for k, v in s.items()}
        for t in (a, b)
    ]
    return rows[0] == rows[1] and weights[0] == weights[1]


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


@pytest.mark.parametrize(
    ("name", "steps"),  # amid an epoch, at its end, with all that learns and is random
    [("videopose3d", 3), ("videopose3d", 2), ("videopose3d-semi", 5), ("pstmo-mae", 1)],
)
def test_going_on_ends_as_if_nothing_had_happened(
    name: str, steps: int, motion: Path, tmp_path: Path
) -> None:
    config = quick(name, steps=2, epochs=3, batch=16, validate=50)
    whole, _, _ = taught(motion, config)
    left = iter(range(steps))
    ended, _, _ = taught(
        motion, config, tmp_path / "kept", watching=Watching(stop=lambda: next(left, None) is None)
    )
    assert ended.why == "time"
    again, _, _ = taught(motion, config, tmp_path / "kept", resume=True)
    assert same(whole, again)


def test_a_training_may_be_prolonged(motion: Path, tmp_path: Path) -> None:
    config = quick("semgcn", steps=2, epochs=1)
    taught(motion, config, tmp_path / "kept")
    longer, _, _ = taught(motion, config.changed(epochs=2), tmp_path / "kept", resume=True)
    assert [row["epoch"] for row in longer.rows] == [0, 1, 2]
    done, _, _ = taught(motion, config.changed(epochs=2), tmp_path / "kept", resume=True)
    assert same(longer, done)  # there is nothing left to do


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


# what lies on the disk


def kept(motion: Path, path: Path, **more: Any) -> Config:
    config = quick("semgcn", steps=1, epochs=1, **more)
    taught(motion, config, path)
    return config


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("ran",))


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "text": lambda _: b"hello",
    "cut off": lambda data: data[: len(data) // 2],
    "a pickle": lambda _: pickle.dumps({"format": "mocap-training"}),
    "an evil pickle": lambda _: pickle.dumps(Evil()),
    "an evil checkpoint": lambda _: saved({"format": "mocap-training", "tensors": Evil()}),
    "a foreign checkpoint": lambda _: saved({"state_dict": {}, "epoch": 3}),
    "a newer one": lambda _: saved({"format": "mocap-training", "version": 99}),
    "one that lacks parts": lambda _: saved({"format": "mocap-training", "version": 1}),
}


def saved(what: object) -> bytes:
    file = io.BytesIO()
    torch.save(what, file)
    return file.getvalue()


@pytest.mark.parametrize("how", BROKEN)
def test_what_cannot_be_gone_on_with_is_told(
    how: str, motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kept"
    config = kept(motion, path)
    path.write_bytes(BROKEN[how](path.read_bytes()))
    with pytest.raises(FormatError, match="kept"):
        taught(motion, config, path, resume=True)
    assert "ran" not in capsys.readouterr().out


def test_another_training_is_not_gone_on_with(motion: Path, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    with pytest.raises(FormatError, match="leave out --resume"):
        taught(motion, quick("semgcn"), path, resume=True)
    config = kept(motion, path)
    with pytest.raises(InvalidValue, match="seed was 0 and is 1"):
        taught(motion, config.changed(seed=1), path, resume=True)
    other = corpus(tmp_path / "other", clips=11, frames=40)
    with pytest.raises(InvalidValue, match="the data was 'motion: 8 clips"):
        taught(other, config, path, resume=True)


@pytest.mark.parametrize("name", ["martinez", "semgcn", "semgcn-linear", "videopose3d-causal"])
def test_the_weights_lift_as_well_as_was_measured(name: str, motion: Path, tmp_path: Path) -> None:
    config = quick(name, steps=4, validate=10**6)
    trained, teacher, clips = taught(motion, config)
    path = tmp_path / "mine.safetensors"
    assert result.write(path, trained, config, clips.about, "MIT") == [path]
    lifter = open_lifter(str(path))
    assert isinstance(lifter, PointLifter)
    entry = entry_of_file(path)
    assert (entry.architecture, entry.licence) == (config.architecture, "MIT")
    assert "walk" not in entry.name
    facts = json.loads(read_safetensors(path.read_bytes())[1]["training"])
    assert facts["config"] == json.loads(json.dumps(config.to_dict()))
    assert len(facts["rows"]) == 3
    assert isinstance(clips, MovingSource)
    errors = []
    for seen in (view for move in clips._held for view in held_out_views(move, config, teacher)):
        said = lifter.lift(seen.image, seen.confidence, seen.size, flip=False)
        errors.append(protocols.mpjpe(said * [1, -1, -1], seen.joints))
    best = min(row["mpjpe_mm"] for row in trained.rows)
    assert np.concatenate(errors).mean() == pytest.approx(best, rel=1e-4)


def held_out_views(move: Any, config: Config, teacher: Trainer) -> Any:
    import zlib

    rng = np.random.default_rng([config.seed, 0, zlib.crc32(move.name.encode())])
    return views(
        move,
        teacher.form.inputs,
        teacher.form.outputs,
        rng,
        rate=config.rate,
        noise=config.noise,
        dropout=config.dropout,
        room=config.room,
    )


def test_semi_writes_where_people_are_too(motion: Path, tmp_path: Path) -> None:
    config = quick("videopose3d-semi", steps=1, epochs=1)
    trained, _, clips = taught(motion, config)
    paths = result.write(tmp_path / "semi.safetensors", trained, config, clips.about, "MIT")
    assert [p.name for p in paths] == [
        "semi.safetensors", "semi-videopose3d-trajectory.safetensors",
    ]  # fmt: skip
    assert open_lifter(str(paths[1])).outputs.points == ("hips",)


def test_p_stmo_begins_with_what_was_learned_masked(motion: Path, tmp_path: Path) -> None:
    config = quick("pstmo-mae", steps=1, epochs=1)
    trained, _, clips = taught(motion, config)
    path = tmp_path / "mae.safetensors"
    result.write(path, trained, config, clips.about, "MIT")
    begun = trainer(quick("pstmo"), result.begun(path)).network.state_dict()
    fresh = built(quick("pstmo")).state_dict()
    for key, value in trained.best["pstmo-mae"].items():
        if key.startswith(("encoder.", "Transformer.")):
            assert torch.equal(begun[key], value)
    assert torch.equal(begun["fcn.1.weight"], fresh["fcn.1.weight"])
    with pytest.raises(InvalidValue, match="other layers"):
        trainer(quick("semgcn"), result.begun(path))
    with pytest.raises(InvalidValue, match="wants the P-STMO"):
        trainer(quick("pstmo-refine"))


# what is shown


def exact(motion: Path, inputs: str = "h36m17") -> tuple[Source, Form, Config]:
    config = quick("videopose3d", noise=0, dropout=0, inputs=inputs)
    form = Form(config, built(config))
    return source(motion, None, None, config, form), form, config


def test_points_are_where_the_joints_are_seen_and_so_they_are_in_the_mirror(motion: Path) -> None:
    clips, _, _ = exact(motion)
    known = clips.epoch(0).known
    frames = np.arange(0, len(known), 7)
    mirrored = frames % 2 == 0
    given = batch(known, frames, mirrored, np.arange(1))
    joints = torch.from_numpy(given.joints[:, 0] + given.root)
    lens = torch.from_numpy(given.lens)[:, None]
    seen = torch.from_numpy(given.features[:, 0])
    assert losses.mpjpe(losses.projected(joints, lens), seen) < 1e-4
    found = behind(seen, joints[..., 2], lens[..., :2], lens[..., 2:4])
    assert losses.mpjpe(found, joints) < 1e-4
    lefts = [i for i, p in enumerate(layout("h36m17").points) if p.startswith("left")]
    assert len(lefts) == 6
    plain = batch(known, frames, mirrored & False, np.arange(1))
    np.testing.assert_array_equal(plain.joints[~mirrored], given.joints[~mirrored])
    np.testing.assert_allclose(
        plain.joints[mirrored][..., 0, 0], -given.joints[mirrored][..., 0, 0]
    )


def test_windows_end_where_their_clip_does(motion: Path) -> None:
    clips, _, _ = exact(motion)
    known = clips.epoch(0).known
    at = known.begin[0] + np.array([0, 1, known.end[0] - 1])
    given = batch(known, at, np.zeros(3, bool), np.arange(-2, 3) * 2, whole=True)
    index = [[0, 0, 0, 2, 4], [0, 0, 1, 3, 5], [*(known.end[0] - [5, 3, 1, 1, 1])]]
    np.testing.assert_array_equal(given.joints, known.joints[index])
    np.testing.assert_array_equal(given.features, known.features[0][index])


def test_every_epoch_has_cameras_of_its_own(motion: Path) -> None:
    clips, _, _ = exact(motion)
    first, again, second = (clips.epoch(e).known.features for e in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert first.shape != second.shape or not np.allclose(first, second)


def test_cameras_stand_up_to_as_far_away_as_asked(motion: Path) -> None:
    h36m = layout("h36m17")

    def farness(room: float) -> Any:
        found = []
        for move, seed in ((m, s) for m in moves(motion) for s in range(3)):
            rng = np.random.default_rng(seed)
            clip = next(views(move, h36m, h36m, rng, rate=30, noise=0, dropout=0, room=room))
            assert clip.camera is not None
            found.append(clip.camera.focal[0] / clip.camera.size[1] / clip.root[0, 2])
        return np.array(found)

    near, far = farness(1.0), farness(3.0)
    assert far.max() < 1.05 * near.max()
    assert 0.25 * near.min() < far.min() < 0.6 * near.min()


def test_noise_and_dropouts_are_as_asked(motion: Path) -> None:
    move = moves(motion)[0]
    h36m = layout("h36m17")

    def seen(noise: float, dropout: float) -> Any:
        rng = np.random.default_rng(5)
        return next(views(move, h36m, h36m, rng, rate=30, noise=noise, dropout=dropout))

    clean, noisy, holed = seen(0, 0), seen(0.01, 0), seen(0, 0.2)
    tall = np.ptp(clean.image[..., 1], axis=1).mean()
    off = noisy.image - clean.image
    names = [i for i, p in enumerate(h36m.points) if p not in ("neck_nose",)]
    assert off[:, names].std() == pytest.approx(0.01 * tall, rel=0.1)
    assert (holed.confidence == 0).mean() == pytest.approx(0.2, abs=0.03)
    assert np.isfinite(holed.image).all()
    rough = np.abs(holed.image - clean.image)[holed.confidence == 0]
    assert 0 < rough.mean() < 0.02 * tall  # filled in from the frames around


def teacher_of_coco() -> Trainer:
    return trainer(quick("videopose3d", inputs="coco17"))


def test_human36m_is_learned_from_by_subject_through_its_lenses(tmp_path: Path) -> None:
    made.write_h36m(tmp_path, ("S1", "S5", "S7", "S9"))
    config = quick("videopose3d-semi", held_out=[], unlabelled=["S5"], train=["S[15]"], rate=50)
    teacher = trainer(config)
    clips = source(tmp_path, None, None, config, teacher.form)
    frames = 3 * 4 * made.FRAMES
    assert clips.about == (
        f"Human3.6M: S1, {frames} frames, and S5 without their joints; S9 held out"
    )
    data = clips.epoch(0)
    assert data.unknown is not None
    for of in (data.known, data.unknown, clips.held_out()):
        assert len(of) == frames
        given = batch(of, np.arange(frames), np.arange(frames) % 2 == 1, np.arange(1))
        joints = torch.from_numpy(given.joints[:, 0] + given.root)
        seen = losses.projected(joints, torch.from_numpy(given.lens)[:, None])
        assert losses.mpjpe(seen, torch.from_numpy(given.features[:, 0])) < 1e-4
    with pytest.raises(InvalidValue, match=r"can make left_ear, left_eye.*inputs may be h36m17"):
        source(tmp_path, None, None, quick("videopose3d", inputs="coco17"), teacher_of_coco().form)
    trained = train(teacher, clips)
    assert trained.rows[-1]["mpjpe_mm"] < trained.rows[0]["mpjpe_mm"]


def test_3dhp_is_learned_from(tmp_path: Path) -> None:
    made.write_3dhp_training(tmp_path)
    wanted = {"inputs": "mpi_inf_3dhp17", "outputs": "mpi_inf_3dhp17", "held_out": []}
    config = quick("pstmo", **wanted, steps=1, epochs=1)
    teacher = trainer(config)
    with pytest.raises(InvalidValue, match="nothing is left to learn from"):
        source(tmp_path, None, None, config, teacher.form)  # its only subject is held out


def test_motion_may_be_bvh_of_any_skeleton(tmp_path: Path) -> None:
    times = np.arange(40) / 30
    for i in range(3):
        swing = turn("y", -40.0 - 20 * np.sin(3 * times + i))
        motion = standing(times, leftUpperArm=swing)
        exporters.write(Take((Person(0, motion),)), tmp_path / f"wave_{i}.bvh")
    config = quick("semgcn", held_out=["wave_2"])
    clips = source(tmp_path, None, None, config, Form(config, built(config)))
    assert clips.about.startswith("motion: 2 clips, 80 frames; 1 clips held out")
    known = clips.epoch(0).known
    bone = known.joints[:, 11] - known.joints[:, 10]  # shoulder to elbow
    np.testing.assert_allclose(np.linalg.norm(bone, axis=1).std(), 0.0, atol=1e-4)


def test_one_file_of_motion_may_be_named(motion: Path) -> None:
    assert len(moves(motion / "walks.npz")) == 10


def test_joints_that_a_skeleton_lacks_are_named(motion: Path) -> None:
    move = moves(motion)[0]
    h36m = layout("h36m17")
    lost = replace(move, positions=np.where(np.arange(22)[:, None] == 1, np.nan, move.positions))
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidValue, match="its skeleton has no right_hip"):
        next(views(lost, h36m, h36m, rng, rate=30, noise=0, dropout=0))


def test_coco_points_have_a_face(motion: Path) -> None:
    clips, _, _ = exact(motion, "coco17")
    assert clips.epoch(0).known.features.shape[2:] == (17, 2)


def test_what_there_is_to_learn_from_is_said_and_checked(motion: Path, tmp_path: Path) -> None:
    config = quick("semgcn")
    form = Form(config, built(config))
    assert source(motion, None, None, config, form).about.startswith("motion: 8 clips, ")
    with pytest.raises(InvalidValue, match="fits none of walk_00"):
        source(motion, None, None, config.changed(held_out=["S9"]), form)
    with pytest.raises(InvalidValue, match="nothing is left to learn from"):
        source(motion, None, None, config.changed(train=["S1"]), form)
    with pytest.raises(FormatError, match="say which it is with --dataset"):
        source(tmp_path, None, None, config, form)
    with pytest.raises(FormatError, match="no such file"):
        source(tmp_path / "none", None, None, config, form)
    with pytest.raises(InvalidValue, match="wants h36m16, got coco17"):
        trainer(config.changed(inputs="coco17"))
    with pytest.raises(InvalidValue, match="no such setting"):
        trainer(config.changed(network={"depth": 3}))
    with pytest.raises(InvalidValue, match="max_norm: only martinez"):
        trainer(quick("pstmo", max_norm=1))
    with pytest.raises(InvalidValue, match="velocity"):
        trainer(config.changed(velocity=1))


def test_curves_want_their_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tensorboard.summary", None)
    with pytest.raises(MissingExtra, match=r"mocap-bridge\[train\]"):
        curves.Curves(tmp_path)
