"""What networks are shown: cameras, noise, mirrors, and the data sets that it is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dataset_files as made
import numpy as np
import pytest
from synthetic import standing, turn

import exporters

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")

from teaching import motion as motion  # noqa: E402
from teaching import quick  # noqa: E402

from mocap.errors import FormatError, InvalidValue  # noqa: E402
from mocap.layouts import by_name as layout  # noqa: E402
from mocap.models.pstmo_refine import behind  # noqa: E402
from mocap.take import Person, Take  # noqa: E402
from mocap.training import losses  # noqa: E402
from mocap.training.config import Config  # noqa: E402
from mocap.training.examples import batch  # noqa: E402
from mocap.training.forms import Form  # noqa: E402
from mocap.training.loop import train  # noqa: E402
from mocap.training.projected import moves, views  # noqa: E402
from mocap.training.registry import source, trainer  # noqa: E402
from mocap.training.sources import Source  # noqa: E402
from mocap.training.trainers import Trainer, built  # noqa: E402


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
    config = quick("pstmo", **wanted, steps=4, epochs=1)
    teacher = trainer(config)
    with pytest.raises(InvalidValue, match="nothing is left to learn from"):
        source(tmp_path, None, None, config, teacher.form)  # its only subject is held out
    made.write_3dhp_training(tmp_path, ("S1", "S2"))
    clips = source(tmp_path, None, None, config, teacher.form)
    assert clips.about == f"MPI-INF-3DHP: S1, {2 * made.FRAMES} frames; S2 held out"
    trained = train(teacher, clips)
    assert trained.rows[-1]["mpjpe_mm"] < trained.rows[0]["mpjpe_mm"]


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
