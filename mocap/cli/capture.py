"""Capture people from a video, webcam, stream or folder of images.

mocap capture dance.mp4 -o dance.bvh -o dance.json
mocap capture dance.mp4 --people 2 --skeleton mixamo -o dance.bvh
mocap capture 0 --stop 20 -o me.bvh              (webcam 0 for 20 seconds, or until Ctrl-C)
mocap capture dance.json --height 1.82 -o dance.bvh   (solve a recorded take again)
mocap capture openpose_dir/ --lifter videopose3d --image-size 1920x1080 -o dance.bvh

Ctrl-C ends the footage there: what was seen is solved and written, and the exit status is 130. A
second Ctrl-C ends at once, without writing. Where a video breaks off or a camera is unplugged,
too, what was seen before is written; a note says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mocap.cli.messages import complain, note
from mocap.cli.options import (
    add_capture_options,
    add_output_options,
    options_of,
    settings_of,
    target_of,
)
from mocap.cli.points import add_point_options, captured_of_points, require_points

if TYPE_CHECKING:
    from exporters import Options
    from mocap.capture import Captured, CaptureSettings
    from mocap.take import Take

NAME = "capture"
HELP = "video, webcam, stream or images to animation"
PREVIEWS = (".mp4", ".png", ".jpg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input",
        help="video, folder of images, URL, camera number or name, a take (.json, .jsonl), or "
        "points of another detector (folder of OpenPose JSON, AlphaPose JSON, .npz)",
    )
    parser.add_argument(
        "-o", "--output", action="append", type=Path, metavar="FILE",
        help="where to write, .bvh or .json; may be repeated (default: INPUT's name .bvh)",
    )  # fmt: skip
    parser.add_argument(
        "--preview", type=Path, metavar="FILE",
        help="also write footage and skeleton side by side, .mp4, .png or .jpg (files only)",
    )  # fmt: skip
    add_capture_options(parser)
    add_point_options(parser)
    add_output_options(parser)
    parser.add_argument("--json", action="store_true", help="print files and figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import writable_format_of
    from exporters.files import check_writable

    outputs = arguments.output or [Path(f"{_stem(arguments.input)}.bvh")]
    for path in outputs:
        writable_format_of(path)
        check_writable(path)
    if arguments.preview is not None:
        check_preview(arguments.preview, arguments.input)
    target = target_of(arguments)
    options = options_of(arguments)
    settings = settings_of(arguments)

    captured = _capture(arguments, settings)
    for message in captured.notes:
        note(message)
    moved = captured.take if target is None else target.take(captured.take)
    written, failed = write_all(moved, outputs, options)
    if arguments.preview is not None:
        footage = None if _is_points(arguments.input) else arguments.input
        made, problems = write_preview(
            captured.take, footage, arguments.preview, arguments.source_fps
        )
        written, failed = written + made, failed + problems
    show(captured, written, as_json=arguments.json)
    for problem in failed:
        complain(problem)
    return 2 if failed else 130 if captured.interrupted else 0


def check_preview(path: Path, source: str) -> None:
    """Raise OutputError unless a preview of a source can be written to a path."""
    from exporters.files import check_writable
    from mocap.errors import OutputError

    footage = Path(source)
    if path.suffix.lower() not in PREVIEWS:
        raise OutputError(f"--preview {path}: expected {', '.join(PREVIEWS)}")
    if _is_points(source):  # shown without footage
        check_writable(path)
        return
    if not footage.is_dir() and not (footage.is_file() and not _is_take(footage)):
        raise OutputError(
            f"--preview {path}: needs footage that can be read again, a video file or a folder of "
            f"images; got {source}"
        )
    if path.exists() and path.samefile(footage):
        raise OutputError(f"--preview {path}: would take the place of the footage itself")
    check_writable(path)


def _capture(arguments: argparse.Namespace, settings: CaptureSettings) -> Captured:
    from exporters import read
    from mocap.capture import capture, capture_landmarks
    from mocap.cli.progress import bar

    source = arguments.input
    if _is_points(source):
        return captured_of_points(arguments, settings)
    require_points(arguments)
    if _is_take(Path(source)):
        return capture_landmarks(read(source), settings)
    return capture(source, settings, bar)


def _is_points(source: str) -> bool:
    """Whether an input holds points of another detector."""
    from mocap.keypoints import is_keypoints

    return is_keypoints(source)


def _is_take(path: Path) -> bool:
    """Whether an input is the file of a take rather than footage."""
    from exporters import formats

    return path.is_file() and any(path.suffix.lower() in f.suffixes for f in formats().values())


def write_all(
    take: Take, outputs: list[Path], options: Options
) -> tuple[list[Path], list[Exception]]:
    """Write the take to every output, whatever becomes of the others.

    Returns:
        The files made, and what went wrong with the rest.
    """
    from exporters import write
    from mocap.errors import MocapError

    made: list[Path] = []
    problems: list[Exception] = []
    for path in outputs:
        try:
            made.extend(write(take, path, options))
        except (MocapError, OSError) as problem:
            problems.append(problem)
    return made, problems


def write_preview(
    take: Take, source: str | None, path: Path, fps: float | None = None
) -> tuple[list[Path], list[Exception]]:
    """Write footage and skeleton side by side as a movie or a picture; returns as `write_all`.

    Args:
        take: captured from the source.
        source: can be read again; None shows the landmarks alone.
        path: one of PREVIEWS.
        fps: rate of a folder of images, if it was given for the capture.
    """
    from exporters.files import replacing
    from mocap.errors import MocapError
    from mocap.movie import save_movie
    from mocap.preview import contact_sheet, preview, save_picture

    rate = next(p.motion.fps for p in take.people if p.motion is not None)
    try:
        with replacing(path) as part:
            if path.suffix.lower() == ".mp4":
                save_movie(part, preview(take, source, fps), rate)
            else:
                save_picture(part, contact_sheet(take, source, fps))
    except (MocapError, OSError) as problem:
        return [], [problem]
    return [path], []


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
    stem = "camera" + source if source.isdigit() else Path(source.partition("?")[0]).stem
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in stem) or "take"
