"""Every kind of lifter with few weights, and clips for them. Imports PyTorch."""

from __future__ import annotations

from typing import Any

import networks
import numpy as np
from networks import Numbers

from mocap import layouts
from mocap.models.base import PointLifter
from mocap.models.opening import output_layout
from mocap.models.registry import ARCHITECTURES, Runner
from mocap.models.running import TorchRunner

SIZE = (1280, 720)
SMALL: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "martinez": ("martinez", "h36m16", "h36m17", {"width": 16}),
    "semgcn": ("semgcn", "h36m16", "h36m16", {"width": 8}),
    "semgcn-nonlocal": ("semgcn-nonlocal", "h36m16", "h36m16", {"width": 8}),
    "semgcn-linear": ("semgcn-linear", "h36m16", "h36m16", {"width": 16, "outputs": 45}),
    "videopose3d": ("videopose3d", "coco17", "h36m17", {"widths": (3, 3), "channels": 12}),
    "humaneva": (
        "videopose3d", "coco17", "humaneva15", {"widths": (3, 3), "channels": 12, "joints": 15},
    ),
    "causal": (
        "videopose3d", "coco17", "h36m17", {"widths": (3, 3), "channels": 12, "causal": True},
    ),
    "trajectory": (
        "videopose3d-trajectory", "h36m17", "root", {"widths": (3,), "channels": 8, "joints": 1},
    ),
    "pstmo": ("pstmo", "coco17", "h36m17", {"frames": 9, "channels": 16, "hidden": 16}),
    "3dhp": (
        "pstmo", "mpi_inf_3dhp17", "mpi_inf_3dhp17", {"frames": 9, "channels": 16, "hidden": 16},
    ),
}  # fmt: skip


def small(name: str, runner: Runner | None = None, **more: Any) -> PointLifter:
    """A lifter of a network with few weights, run by PyTorch or another runner, with more settings
    than those of its name."""
    architecture, inputs, outputs, options = SMALL[name]
    kind = ARCHITECTURES[architecture]
    assert kind.lifter is not None
    lifter = kind.lifter(
        networks.filled(kind.build({**options, **more})),
        runner or TorchRunner(),
        name=name,
        licence="MIT",
        inputs=layouts.by_name(inputs),
        outputs=output_layout(outputs),
    )
    assert isinstance(lifter, PointLifter)
    return lifter


def clip(lifter: PointLifter, frames: int, seed: int = 0) -> tuple[Numbers, Numbers]:
    """Points that wander about the picture, and their confidence."""
    random = np.random.default_rng(seed)
    points = random.uniform(100, 600, (1, len(lifter.inputs), 2))
    points = points + random.normal(0, 5, (frames, len(lifter.inputs), 2)).cumsum(axis=0)
    return points, random.uniform(0.5, 1, points.shape[:2])
