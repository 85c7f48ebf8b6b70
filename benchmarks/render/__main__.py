"""Render a clip: python -m benchmarks.render CLIP OUTDIR"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from . import variety
from .clips import CLIPS, SPLITS, Clip
from .dance import FOLDER_VARIABLE, MissingRecording
from .person import Person
from .truth import make_truth, solve_clip


def main(arguments: list[str] | None = None) -> None:
    """Command line: see README.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.render", description=__doc__)
    parser.add_argument(
        "clip", metavar="CLIP",
        help=f"one of {', '.join([*CLIPS, *SPLITS])} (a split: all of it), or "
        f"{variety.PREFIX}7-20: clips drawn by chance, by number",
    )  # fmt: skip
    parser.add_argument("outdir", metavar="OUTDIR", type=Path)
    parser.add_argument("--engine", default="workbench", help="workbench (default) or cycles")
    parser.add_argument(
        "--samples", type=int, default=12, help="of Cycles, per pixel; 1 is fast in Workbench too"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="of the picture's size")
    parser.add_argument("--quality", type=int, default=20, help="CRF of the video, lower is better")
    parser.add_argument("--frames", help="only these, as in 0,10,25; makes no video")
    parser.add_argument("--truth-only", action="store_true", help="no pictures; needs no bpy")
    parser.add_argument(
        "--data", help=f"folder of recorded motion for the dances (default: ${FOLDER_VARIABLE})"
    )
    options = parser.parse_args(arguments)
    if options.data:
        os.environ[FOLDER_VARIABLE] = options.data
    if options.clip.startswith(variety.PREFIX):
        made(options)
        return
    names = [n for n, clip in CLIPS.items() if options.clip in (n, clip.split)]
    if options.clip in CLIPS:
        names = [options.clip]  # a clip that is called like a split
    if not names:
        parser.error(
            f"no clip or split {options.clip!r}; there are: {', '.join([*CLIPS, *SPLITS])}"
        )
    options.outdir.mkdir(parents=True, exist_ok=True)
    for name in names:
        try:
            render(name, CLIPS[name], options)
        except MissingRecording as missing:
            print(f"{name}: skipped: {missing}", flush=True)


def made(options: argparse.Namespace) -> None:
    """Render clips drawn by chance, but for those that are there already."""
    options.outdir.mkdir(parents=True, exist_ok=True)
    options.scale, options.samples = options.scale * variety.SCALE, variety.SAMPLES
    first, _, last = options.clip.removeprefix(variety.PREFIX).partition("-")
    for number in range(int(first), int(last or first) + 1):
        name = f"{variety.PREFIX}{number:04d}"
        if (options.outdir / f"{name}.mp4").is_file():
            continue
        try:
            render(name, variety.clip(number), options)
        except ValueError as nobody:
            print(f"{name}: skipped: {nobody}", flush=True)


def render(name: str, clip: Clip, options: argparse.Namespace) -> None:
    """Write NAME.truth.npz, the frames in NAME/, and NAME.mp4 if no frame is left out."""
    started = time.monotonic()
    person = Person(clip.body)
    size = clip.camera.scaled(options.scale)
    solved, contacts = solve_clip(clip, person)
    make_truth(clip, person, solved, contacts, size).save(options.outdir / f"{name}.truth.npz")
    if options.truth_only:
        return

    from .scene import Scene  # here, because it needs bpy

    scene = Scene(clip, person, size, options.engine, options.samples)
    folder = options.outdir / name
    folder.mkdir(exist_ok=True)
    chosen = range(clip.frames)
    if options.frames:
        chosen = [int(number) for number in options.frames.split(",")]
    paths = [folder / f"{frame:04d}.png" for frame in chosen]
    for frame, path in zip(chosen, paths, strict=True):
        scene.pose(solved[frame])
        scene.render(path)
    if not options.frames:
        from .encode import encode  # here, because it needs PyAV

        encode(paths, options.outdir / f"{name}.mp4", clip.fps, options.quality)
    print(f"{name}: {len(paths)} frames, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
