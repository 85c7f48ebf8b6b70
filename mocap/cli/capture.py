"""Capture people from a video, webcam, stream or folder of images.

mocap capture dance.mp4 -o dance.bvh -o dance.json
mocap capture dance.mp4 --people 2 --skeleton mixamo -o dance.bvh
mocap capture 0 --stop 20 -o me.bvh              (webcam 0 for 20 seconds, or until Ctrl-C)
mocap capture dance.json --height 1.82 -o dance.bvh   (solve a recorded take again)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exporters import Options
    from mocap.capture import Captured, CaptureSettings
    from mocap.take import Take

NAME = "capture"
HELP = "video, webcam, stream or images to animation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input", help="video file, folder of images, URL, camera number or name, or a take (.json)"
    )
    parser.add_argument(
        "-o", "--output", action="append", type=Path, metavar="FILE",
        help="where to write, .bvh or .json; may be repeated (default: INPUT's name .bvh)",
    )  # fmt: skip
    parser.add_argument(
        "--preview", type=Path, metavar="FILE",
        help="also write footage and skeleton side by side, .mp4 or .png (files only)",
    )  # fmt: skip
    add_capture_options(parser)
    add_output_options(parser)
    parser.add_argument("--json", action="store_true", help="print files and figures as JSON")


def add_capture_options(parser: argparse.ArgumentParser) -> None:
    who = parser.add_argument_group("who")
    who.add_argument("--people", type=int, default=1, metavar="N", help="how many to keep")
    who.add_argument(
        "--person", metavar="largest|ID", help="one of several: the largest, or by order of entry"
    )
    who.add_argument("--height", type=float, metavar="M", help="how tall they are, in metres")
    what = parser.add_argument_group("what")
    what.add_argument("--start", type=float, metavar="S", help="skip the first seconds")
    what.add_argument("--stop", type=float, metavar="S", help="end at this second")
    what.add_argument(
        "--source-fps", type=float, metavar="N", help="rate of an image folder, or of a camera"
    )
    how = parser.add_argument_group("how")
    how.add_argument(
        "--fov", type=float, metavar="DEG", help="field of view across the long side (default 60)"
    )
    how.add_argument("--camera", type=Path, metavar="FILE", help="calibration of the camera, JSON")
    how.add_argument("--model", type=Path, metavar="FILE", help="another pose model, .task")
    how.add_argument("--workers", type=int, metavar="N", help="processes for a video file")
    how.add_argument("--no-smoothing", action="store_true", help="leave the joints as found")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    out = parser.add_argument_group("output")
    out.add_argument(
        "--skeleton", metavar="NAME|FILE",
        help="retarget to a skeleton: humanoid, mixamo, ue5, ... or the BVH or JSON of a rig",
    )  # fmt: skip
    out.add_argument(
        "--map", metavar="NAME|FILE",
        help="bone map of that skeleton, if its bones are not recognised",
    )  # fmt: skip
    out.add_argument("--fps", type=float, help="frame rate to write (default: the footage's)")
    out.add_argument("--unit", choices=("cm", "m"), default="cm", help="unit of BVH (default cm)")
    out.add_argument(
        "--names", choices=("safe", "exact"), default="safe",
        help="bone names of BVH: safe for every program (default), or exactly the skeleton's",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from exporters.files import check_writable
    from exporters.registry import Options, writable_format_of
    from mocap.errors import OutputError
    from mocap.rigs import rig

    outputs = arguments.output or [Path(f"{_stem(arguments.input)}.bvh")]
    for path in outputs:
        writable_format_of(path)
        check_writable(path)
    if arguments.preview is not None:
        if arguments.preview.suffix.lower() not in (".mp4", ".png", ".jpg"):
            raise OutputError(f"--preview {arguments.preview}: expected .mp4, .png or .jpg")
        check_writable(arguments.preview)
    target = None if arguments.skeleton is None else rig(arguments.skeleton, arguments.map)
    options = Options(fps=arguments.fps, unit=arguments.unit, names=arguments.names)

    captured = _capture(arguments.input, settings_of(arguments))
    for note in captured.notes:
        print(f"mocap: note: {note}", file=sys.stderr)
    moved = captured.take if target is None else target.take(captured.take)
    written = write_all(moved, outputs, options)
    if arguments.preview is not None:
        written.append(write_preview(captured.take, arguments.input, arguments.preview))
    show(captured, written, as_json=arguments.json)
    return 0


def settings_of(arguments: argparse.Namespace) -> CaptureSettings:
    """The settings that the options say."""
    from mocap.capture import CaptureSettings
    from mocap.solve import SolveSettings

    return CaptureSettings(
        people=arguments.people,
        person=arguments.person,
        model=arguments.model,
        workers=arguments.workers,
        fov=arguments.fov,
        camera=arguments.camera,
        start=arguments.start,
        stop=arguments.stop,
        fps=arguments.source_fps,
        solve=SolveSettings(height=arguments.height, smoothing=not arguments.no_smoothing),
    )


def _capture(source: str, settings: CaptureSettings) -> Captured:
    from exporters import read
    from mocap.capture import capture, capture_landmarks
    from mocap.cli.progress import bar

    path = Path(source)
    if path.suffix.lower() in (".json", ".bvh") and path.is_file():
        return capture_landmarks(read(path), settings)
    return capture(source, settings, bar)


def write_all(take: Take, outputs: list[Path], options: Options) -> list[Path]:
    """Write the take to every output; returns the files made."""
    from exporters import write

    return [file for path in outputs for file in write(take, path, options)]


def write_preview(take: Take, source: str, path: Path) -> Path:
    """Write footage and skeleton side by side as a movie or a picture."""
    from exporters.files import replacing
    from mocap.movie import save_movie
    from mocap.preview import contact_sheet, preview, save_picture

    fps = next(p.motion.fps for p in take.people if p.motion is not None)
    with replacing(path) as part:
        if path.suffix.lower() == ".mp4":
            save_movie(part, preview(take, source), fps)
        else:
            save_picture(part, contact_sheet(take, source))
    return path


def show(captured: Captured, written: list[Path], *, as_json: bool) -> None:
    """Print what came out, for a person or a program."""
    from mocap.report import report, text

    figures = report(captured.take)
    if as_json:
        import json

        files = [str(path) for path in written]
        print(json.dumps({"files": files, "notes": list(captured.notes), **figures}, indent=1))
        return
    print(text(figures))
    for path in written:
        print(f"wrote {path}")


def _stem(source: str) -> str:
    """A file name for what was captured from a source, without suffix."""
    stem = "camera" + source if source.isdigit() else Path(source).stem
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in stem) or "take"
