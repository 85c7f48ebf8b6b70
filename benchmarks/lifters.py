"""What lifters are worth: alone, and beside the estimator's depth inside the solve.

    python -m benchmarks.lifters --rendered FOLDER --motion FOLDER --lifter body

On rendered people (the split `test` of benchmarks/render, made by `benchmarks.accuracy --render`)
and on measured motion of people who were held out, seen through the noise model. Twelve joints
count: shoulders, elbows, wrists, hips, knees, ankles.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.accuracy import motion, rendered, tables
from benchmarks.accuracy.detections import CACHE
from benchmarks.accuracy.methods import from_motion, live
from benchmarks.accuracy.trial import HIPS, JOINT_POINTS, Trial
from mocap import metrics
from mocap.arrays import Array
from mocap.landmarks import Layout
from mocap.layouts import mapped
from mocap.lifting import say
from mocap.models import Lifter, open_lifter
from mocap.solve import SolveSettings, solve
from mocap.training.noise import fitted

JOINT_LAYOUT = Layout("joints", tuple(JOINT_POINTS))
ESTIMATOR, SOLVE, LIVE = "mediapipe", "solve", "live 3"
Figures = dict[str, float]


def estimator(trial: Trial) -> Array:
    """(T, 12, 3) [m] the estimator's own joints."""
    assert trial.track.world is not None
    return trial.track.world[:, [trial.track.layout.index(point) for point in JOINT_POINTS]]


def lifted(trial: Trial, lifter: Lifter) -> Array:
    """(T, 12, 3) [m] a lifter's joints."""
    said = say(trial.track, lifter, trial.camera)
    sure = np.ones(said.positions.shape[:2])
    joints, _ = mapped(said.positions, sure, Layout("said", said.names), JOINT_LAYOUT)
    return joints


def solved(trial: Trial, lifter: Lifter | None = None) -> Array:
    """(T, 12, 3) [m] the joints of the whole-clip solve, with a lifter or without."""
    said = None if lifter is None else [say(trial.track, lifter, trial.camera)]
    (found,) = solve([trial.track], trial.camera, SolveSettings(), said)
    return from_motion(found).joints


def lived(trial: Trial, lifter: Lifter | None = None) -> Array:
    """(T, 12, 3) [m] the joints of the live solve, told three frames late."""
    return live(3, lifter)(trial.track, trial.camera, SolveSettings()).joints


def scored(joints: Array, trial: Trial) -> Figures:
    """Errors of joints (T, 12, 3) of any size, from any origin, as of a 1.75 m body."""
    known = np.isfinite(joints).all(axis=(1, 2)) & trial.track.present
    found, truth = joints[known], trial.joints[known] * 1.75 / trial.height
    about = [j - j[:, HIPS].mean(axis=1, keepdims=True) for j in (found, truth)]
    size = np.sqrt(np.sum(about[1] ** 2) / np.sum(about[0] ** 2))
    turned = _turned(about[0] * size, about[1])
    return {
        "PA mm": float(metrics.pa_errors(found, truth).mean()),
        "MPJPE mm": float(1000 * np.linalg.norm(turned - about[1], axis=-1).mean()),
        "jitter": float(metrics.jitter(turned, trial.fps)),
    }


def _turned(points: Array, truth: Array) -> Array:
    """Points (T, J, 3) after the one turn of the clip that brings them nearest to the truth."""
    u, _, vt = np.linalg.svd(points.reshape(-1, 3).T @ truth.reshape(-1, 3))
    u[:, 2] *= np.sign(np.linalg.det(u @ vt))
    found: Array = points @ (u @ vt)
    return found


def speed(lifter: Lifter, trial: Trial, rounds: int = 5) -> float:
    """[ms] a frame, at best, on one core."""
    with threadpool_limits(1):
        times = []
        for _ in range(rounds):
            begin = time.perf_counter()
            say(trial.track, lifter, trial.camera)
            times.append(time.perf_counter() - begin)
    return 1000 * min(times) / len(trial.track)


def run(trials: Sequence[Trial], lifters: Sequence[Lifter]) -> dict[str, Figures]:
    """Mean figures of every method."""
    methods: dict[str, Callable[[Trial], Array]] = {ESTIMATOR: estimator}
    for lifter in lifters:
        methods[lifter.name] = partial(lifted, lifter=lifter)
    methods[SOLVE] = solved
    for lifter in lifters:
        methods[f"{SOLVE} + {lifter.name}"] = partial(solved, lifter=lifter)
    methods[LIVE] = lived
    for lifter in (one for one in lifters if one.causal):
        methods[f"{LIVE} + {lifter.name}"] = partial(lived, lifter=lifter)
    found = {}
    for name, method in methods.items():
        each = [scored(method(trial), trial) for trial in trials]
        found[name] = {key: float(np.mean([one[key] for one in each])) for key in each[0]}
    for lifter in lifters:
        found[lifter.name]["ms a frame"] = speed(lifter, trials[0])
    return found


def families(options: argparse.Namespace) -> Iterator[tuple[str, list[Trial]]]:
    """The clips to measure with, by where they come from."""
    folder = options.rendered or options.cache / "rendered"
    names = [n for n in rendered.clips_of(options.split) if rendered.is_there(n, folder)]
    if names:
        yield "rendered", [rendered.rendered(n, folder, options.cache) for n in names]
    if options.motion is not None:
        yield "motion", motion.trials(options.motion, options.split, fitted())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lifter", action="append", default=[], metavar="NAME|FILE")
    parser.add_argument("--rendered", type=Path, help="clips of benchmarks.render (CACHE/rendered)")
    parser.add_argument("--motion", type=Path, help="folder of recorded motion")
    parser.add_argument("--split", choices=("tune", "test"), default="test")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    lifters = [open_lifter(name) for name in options.lifter]
    results: dict[str, Any] = {}
    for family, trials in families(options):
        results[family] = run(trials, lifters)
        print(f"{family}, {len(trials)} clips")
        print(tables.plain(tables.everything(results[family])))
    if not results:
        parser.error("no clips: --rendered and --motion say where they are")
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
