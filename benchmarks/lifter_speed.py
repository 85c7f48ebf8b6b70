"""How fast networks lift on one core, by PyTorch and by ONNX Runtime in turn.

    python -m benchmarks.lifter_speed [--rounds 5] [--json lifters.json]

The networks of others have their true sizes and random weights, which take as long as any. What
`mocap.models` gives to which of the two is what wins here.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.accuracy import tables
from mocap import layouts
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.models import Lifter, open_lifter
from mocap.models.backend import torch
from mocap.models.onnx_running import OnnxRunner, converted
from mocap.models.opening import output_layout
from mocap.models.registry import ARCHITECTURES, Architecture, Runner
from mocap.models.running import TorchRunner

SIZE = (1280, 720)
FPS = 30.0
FRAMES = 60  # lifted live in each round
CLIP = 300  # frames
FIELD = 243
Figures = dict[str, float]


@dataclass(frozen=True)
class Pass:
    """A way through a network.

    Attributes:
        title: of its row.
        architecture: of the network.
        shape: of what goes in, the batch first.
        per: what the time is divided by: frames that come out, or 1.
        settings: of the network.
        strided: run it with strides.
        target: at most so long [ms]; infinite if nobody asked.
    """

    title: str
    architecture: str
    shape: tuple[int, ...]
    per: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)
    strided: bool = False
    target: float = math.inf


PASSES = (
    Pass("VideoPose3D, a clip of 300", "videopose3d", (1, CLIP + FIELD - 1, 17, 2), CLIP,
         target=1.5),
    Pass("VideoPose3D, one window", "videopose3d", (1, FIELD, 17, 2), strided=True),
    Pass("VideoPose3D of 27 frames, one window", "videopose3d", (1, 27, 17, 2),
         settings={"widths": (3, 3, 3)}, strided=True),
    Pass("linear baseline, 64 frames", "martinez", (64, 32), target=8.0),
    Pass("linear baseline, one frame", "martinez", (1, 32)),
    Pass("SemGCN, 64 frames", "semgcn", (64, 16, 2)),
    Pass("SemGCN, one frame", "semgcn", (1, 16, 2)),
    Pass("non-local SemGCN, 64 frames", "semgcn-nonlocal", (64, 16, 2)),
    Pass("non-local SemGCN, one frame", "semgcn-nonlocal", (1, 16, 2)),
    Pass("P-STMO-S, 32 windows", "pstmo", (32, FIELD, 17, 2), 32),
)  # fmt: skip


def through(of: Pass, rounds: int) -> Figures:
    """[ms] by both, how often the one is as fast as the other, the largest difference, and what
    the conversion takes [s]."""
    torch.manual_seed(0)
    network = ARCHITECTURES[of.architecture].build(dict(of.settings))
    if of.strided:
        network = network.one_frame()
    features = np.random.default_rng(0).uniform(-1, 1, of.shape).astype(np.float32)
    run = TorchRunner()(network)
    begin = time.perf_counter()
    faster = converted(network, of.shape[1:])
    took = time.perf_counter() - begin
    one, other = in_turn(lambda: run(features), lambda: faster(features), rounds)
    figures = {
        "PyTorch": one / of.per,
        "ONNX Runtime": other / of.per,
        "ratio": one / other,
        "difference": float(np.abs(run(features) - faster(features)).max()),
        "convert s": took,
    }
    return figures if of.target == math.inf else {**figures, "at most": of.target}


def in_turn(one: Callable[[], object], other: Callable[[], object], rounds: int) -> list[float]:
    """[ms] what each takes at best, on a machine that may slow down for both."""
    best = [math.inf, math.inf]
    for _ in range(rounds + 1):  # the first is to warm up, and never the best
        for i, work in enumerate((one, other)):
            begin = time.perf_counter()
            work()
            best[i] = min(best[i], 1000 * (time.perf_counter() - begin))
    return best


def live(lifters: Sequence[Lifter], rounds: int) -> list[float]:
    """[ms] what a frame takes each lifter at best, frame by frame and mirrored too, as in `mocap
    live`."""
    best = [math.inf] * len(lifters)
    for _ in range(rounds):
        for i, lifter in enumerate(lifters):
            feed = lifter.live(Camera.from_fov(SIZE))
            track = wandering(lifter)
            feed(track[0])
            begin = time.perf_counter()
            for frame in track[1:]:
                feed(frame)
            took = 1000 * (time.perf_counter() - begin) / FRAMES
            best[i] = min(best[i], took)
    return best


def wandering(lifter: Lifter) -> list[LandmarkTrack]:
    """Points that move about the picture, frame by frame."""
    random = np.random.default_rng(0)
    shape = (FRAMES + 1, len(lifter.inputs))
    image = random.uniform(200, 500, (1, shape[1], 2)) + random.normal(0, 2, (*shape, 2)).cumsum(0)
    world = random.normal(0, 0.3, (*shape, 3)) if lifter.inputs == MEDIAPIPE_POSE else None
    return [
        LandmarkTrack(
            lifter.inputs,
            np.array([i / FPS]),
            image[i : i + 1],
            None if world is None else world[i : i + 1],
            np.ones((1, shape[1])),
            SIZE,
        )
        for i in range(shape[0])
    ]


def causal(runner: Runner) -> Lifter:
    """A VideoPose3D of 243 frames that sees no future."""
    torch.manual_seed(0)
    kind: Architecture = ARCHITECTURES["videopose3d"]
    assert kind.lifter is not None
    lifter = kind.lifter(
        kind.build({"causal": True}),
        runner,
        name="videopose3d",
        licence="MIT",
        inputs=layouts.by_name("coco17"),
        outputs=output_layout("h36m17"),
    )
    lifter.runtime = runner.runtime
    return lifter


def measure(rounds: int) -> dict[str, dict[str, Figures]]:
    """All figures, of live frames and of passes."""
    torch.set_num_threads(1)
    lifters = [open_lifter("body-live"), causal(TorchRunner()), causal(OnnxRunner(TorchRunner()))]
    with threadpool_limits(1):
        times = live(lifters, rounds)
        passes = {of.title: through(of, rounds) for of in PASSES}
    rows = {
        f"{lifter.name} by {lifter.runtime}": {"ms": took}
        for lifter, took in zip(lifters, times, strict=True)
    }
    return {"live": rows, "passes": passes}


def table(of: Mapping[str, Figures]) -> str:
    """A row for each name."""
    columns = list(dict.fromkeys(column for figures in of.values() for column in figures))
    rows = [["", *columns]]
    for name, figures in of.items():
        cells = [
            f"{figures[c]:.0e}" if c == "difference" else tables.number(figures.get(c))
            for c in columns
        ]
        rows.append([name, *cells])
    return tables.plain(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often, of which the best counts")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    figures = measure(options.rounds)
    print("ms a frame, live")
    print(table(figures["live"]))
    print("ms a pass; of clips and windows, a frame")
    print(table(figures["passes"]))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
