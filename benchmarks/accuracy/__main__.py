"""Measure how accurate the solve is, beside simpler methods, on clips whose truth is known.

python -m benchmarks.accuracy --split test [--render] [--motion FOLDER] [--json out.json]
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.accuracy import document, motion, rendered, tables
from benchmarks.accuracy.detections import CACHE
from benchmarks.accuracy.methods import METHODS, can_run
from benchmarks.accuracy.run import Choice, Results, run
from benchmarks.accuracy.scores import TARGETS
from benchmarks.accuracy.trial import Trial
from mocap.training.noise import fitted


def trials(options: argparse.Namespace) -> Iterator[Trial]:
    """The clips asked for that are there, one after the other."""
    wanted = None if options.clips is None else options.clips.split(",")
    for name in rendered.clips_of(options.split):
        if wanted is not None and name not in wanted:
            continue
        if rendered.is_there(name, options.rendered) or (
            options.render and rendered.render(name, options.rendered)
        ):
            yield rendered.rendered(name, options.rendered, options.cache)
        else:
            print(f"{name}: not rendered into {options.rendered} yet, left out", file=sys.stderr)
    if options.prototype is not None:
        for video in sorted(options.prototype.glob("*.mp4")):
            if wanted is None or video.stem in wanted:
                yield rendered.prototype(video, options.cache)
    if options.motion is not None:
        for trial in motion.trials(
            options.motion, options.split, fitted(motion.NOISE), options.seed
        ):
            if wanted is None or trial.name in wanted:
                yield trial


def parsed() -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--split", choices=("tune", "test"), default="tune")
    parser.add_argument("--clips", help="only these, as in squat,turn")
    parser.add_argument("--methods", help=f"only these, of {', '.join(METHODS)}")
    parser.add_argument("--cache", type=Path, default=CACHE, help="kept between runs (%(default)s)")
    parser.add_argument("--rendered", type=Path, help="clips of benchmarks.render (CACHE/rendered)")
    parser.add_argument("--render", action="store_true", help="render what is missing: slow")
    parser.add_argument("--motion", type=Path, help="a folder with cmu_joints_60hz.npz and .json")
    parser.add_argument("--seed", type=int, default=0, help="of clips, cameras, errors of --motion")
    parser.add_argument("--prototype", type=Path, help="a folder of clips, truth beside them")
    parser.add_argument(
        "--assumed-camera", action="store_true", help="give methods the default camera"
    )
    parser.add_argument("--known-height", action="store_true", help="tell how tall people are")
    parser.add_argument("--ablate", action="store_true", help="also turn off parts of the solve")
    parser.add_argument("--per-clip", action="store_true", help="print every figure of every clip")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--write-docs", action="store_true", help="write docs/accuracy.md")
    parser.add_argument("--draw", default="walk_circle,jump", help="clips for it (%(default)s)")
    options = parser.parse_args()
    options.rendered = options.rendered or options.cache / "rendered"
    chosen = list(METHODS) if options.methods is None else options.methods.split(",")
    for name in chosen:
        if name not in METHODS:
            parser.error(f"no method {name!r}; there are: {', '.join(METHODS)}")
        if not can_run(name):
            print(f"{name}: mocap.solve has no LiveSolver yet, left out", file=sys.stderr)
    options.methods = [name for name in chosen if can_run(name)]
    return options


def show(results: Results, per_clip: bool) -> None:
    """Print tables."""
    for family, scores in results.scores.items():
        means = tables.means_of(scores)
        print(f"\n{family}: {len(scores)} clips")
        print(tables.plain(tables.summary(means)))
        print(tables.plain(tables.aims(means)))
        for target in TARGETS:
            print(f"\n{family}, {target.title}")
            print(tables.plain(tables.by_clip(scores, target.figure)))
        if per_clip:
            for clip, of in scores.items():
                print(f"\n{clip}\n{tables.plain(tables.everything(of))}")
    for family, scores in results.ablated.items():
        print(f"\n{family}: whole clip with one part turned off, and the change")
        print(tables.plain(tables.differences(tables.means_of(scores))))


def told(trial: Trial) -> None:
    """Say which clip is begun."""
    print(f"{trial.family} {trial.name} ...", file=sys.stderr, flush=True)


def main() -> int:
    options = parsed()
    choice = Choice(options.methods, options.assumed_camera, options.known_height)
    drawn = options.draw.split(",") if options.write_docs else []
    every = list(trials(options))
    if not every:
        print("no clips to measure on; see --rendered, --render, --motion", file=sys.stderr)
        return 2
    results = run(every, choice, options.ablate, drawn, told)
    show(results, options.per_clip)
    if options.json is not None:
        figures = {"split": options.split, "assumed_camera": options.assumed_camera,
                   "scores": results.scores, "ablated": results.ablated}  # fmt: skip
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    if options.write_docs:
        guessed = run(every, replace(choice, assumed_camera=True), begin=told)
        command = f"python -m benchmarks.accuracy {shlex.join(_again(options))}"
        print(f"\nwrote {document.write(results, guessed, options.split, command)}")
    return 0


def _again(options: argparse.Namespace) -> list[str]:
    """The command line for others: folders by name alone, since theirs are elsewhere."""
    words = ["--split", options.split]
    words += ["--ablate"] if options.ablate else []
    words += ["--motion", options.motion.name] if options.motion else []
    words += ["--prototype", options.prototype.name] if options.prototype else []
    return [*words, "--write-docs"]


if __name__ == "__main__":
    sys.exit(main())
