"""What tests of training share: small networks, quick schedules, and data to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moving import corpus

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from mocap.training import config as schedules  # noqa: E402
from mocap.training.config import Config  # noqa: E402
from mocap.training.loop import Trained, train  # noqa: E402
from mocap.training.registry import source, trainer  # noqa: E402
from mocap.training.sources import Source  # noqa: E402
from mocap.training.trainers import Trainer, built  # noqa: E402

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
