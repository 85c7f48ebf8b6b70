"""Training that is gone on with, and the weights that it writes."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from moving import corpus

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")

from teaching import motion as motion  # noqa: E402
from teaching import quick, same, taught  # noqa: E402

from mocap import protocols  # noqa: E402
from mocap.errors import FormatError, InvalidValue  # noqa: E402
from mocap.models import open_lifter  # noqa: E402
from mocap.models.base import PointLifter  # noqa: E402
from mocap.models.opening import entry_of_file  # noqa: E402
from mocap.models.safetensors import read_safetensors  # noqa: E402
from mocap.training import result  # noqa: E402
from mocap.training.config import Config  # noqa: E402
from mocap.training.loop import Watching  # noqa: E402
from mocap.training.projected import views  # noqa: E402
from mocap.training.registry import trainer  # noqa: E402
from mocap.training.sources import MovingSource  # noqa: E402
from mocap.training.trainers import Trainer, built  # noqa: E402


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
