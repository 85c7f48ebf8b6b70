"""Capture people from a video, webcam, stream or folder of images.

mocap capture dance.mp4 -o dance.bvh -o dance.json
mocap capture dance.mp4 --people 2 --skeleton mixamo -o dance.bvh
mocap capture 0 --stop 20 -o me.bvh              (webcam 0 for 20 seconds, or until Ctrl-C)
mocap capture dance.json --height 1.82 -o dance.bvh   (solve a recorded take again)

Ctrl-C ends the footage there: what was seen is solved and written, and the exit status is 130. A
second Ctrl-C ends at once, without writing. Where a video breaks off or a camera is unplugged,
too, what was seen before is written; a note says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mocap.cli.messages import complain, note

if TYPE_CHECKING:
    from exporters import Options
    from mocap.capture import Captured, CaptureSettings
    from mocap.rigs import Rig
    from mocap.take import Take

NAME = "capture"
HELP = "video, webcam, stream or images to animation"
PREVIEWS = (".mp4", ".png", ".jpg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input",
        help="video, folder of images, URL, camera number or name, or a take (.json, .jsonl)",
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
    add_output_options(parser)
    parser.add_argument("--json", action="store_true", help="print files and figures as JSON")


def add_capture_options(parser: argparse.ArgumentParser) -> None:
    add_people_options(parser.add_argument_group("who"))
    what = parser.add_argument_group("what")
    add_range_options(what)
    what.add_argument(
        "--source-fps", type=float, metavar="N", help="rate of an image folder, or of a camera"
    )
    how = parser.add_argument_group("how")
    add_camera_options(how)
    how.add_argument("--model", type=Path, metavar="FILE", help="another pose model, .task")
    how.add_argument("--workers", type=int, metavar="N", help="processes for a video file")
    add_solve_options(how)


def add_people_options(who: argparse._ArgumentGroup) -> None:
    chosen = who.add_mutually_exclusive_group()
    chosen.add_argument(
        "--people", type=int, metavar="N",
        help="how many to keep, those seen longest (default 1; of a take: all)",
    )  # fmt: skip
    chosen.add_argument(
        "--person", metavar="largest|ID",
        help="one of several: the largest, or by order of appearance from 0",
    )  # fmt: skip
    who.add_argument(
        "--height", type=float, metavar="M",
        help="how tall they are, in metres (default 1.70; of a take: as it was given)",
    )  # fmt: skip


def add_range_options(what: argparse._ArgumentGroup) -> None:
    what.add_argument("--start", type=float, metavar="S", help="skip the first seconds")
    what.add_argument("--stop", type=float, metavar="S", help="end at this second")


def add_camera_options(how: argparse._ArgumentGroup) -> None:
    how.add_argument(
        "--fov",
        type=float,
        metavar="DEG",
        help="field of view across the long side (default: what the footage tells, or 60)",
    )
    how.add_argument("--camera", type=Path, metavar="FILE", help="calibration of the camera, JSON")


def add_solve_options(how: argparse._ArgumentGroup) -> None:
    how.add_argument("--no-smoothing", action="store_true", help="leave the joints as found")
    add_filter_option(how)


def add_filter_option(how: argparse._ActionsContainer) -> None:
    how.add_argument(
        "--filter", metavar="SPEC", default="none",
        help="smooth the motion further: butterworth, savgol, gaussian or one_euro, perhaps with "
        "parameters in Hz and seconds, as in butterworth:cutoff=6 or savgol:window=0.25,order=3",
    )  # fmt: skip


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
        "--names", choices=("safe", "exact"),
        help="bone names of BVH: exactly those of the --skeleton (default if one is given), or "
        "safe for every program",
    )  # fmt: skip


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

    captured = _capture(arguments.input, settings)
    for message in captured.notes:
        note(message)
    moved = captured.take if target is None else target.take(captured.take)
    written, failed = write_all(moved, outputs, options)
    if arguments.preview is not None:
        made, problems = write_preview(
            captured.take, arguments.input, arguments.preview, arguments.source_fps
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
    if not footage.is_dir() and not (footage.is_file() and not _is_take(footage)):
        raise OutputError(
            f"--preview {path}: needs footage that can be read again, a video file or a folder of "
            f"images; got {source}"
        )
    if path.exists() and path.samefile(footage):
        raise OutputError(f"--preview {path}: would take the place of the footage itself")
    check_writable(path)


def target_of(arguments: argparse.Namespace) -> Rig | None:
    """The rig that the options name, None for the skeleton as it is."""
    from mocap.errors import InvalidValue
    from mocap.rigs import rig

    if arguments.skeleton is not None:
        return rig(arguments.skeleton, arguments.map)
    if arguments.map is not None:
        raise InvalidValue(f"--map {arguments.map}: maps the bones of a --skeleton; give that too")
    return None


def options_of(arguments: argparse.Namespace) -> Options:
    """What the user chose about the files. A rig's own names are kept, so that the animation
    fits it by name; others are made safe."""
    from exporters import Options

    names = arguments.names or ("safe" if arguments.skeleton is None else "exact")
    return Options(fps=arguments.fps, unit=arguments.unit, names=names)


def settings_of(arguments: argparse.Namespace) -> CaptureSettings:
    """The settings that the options say."""
    from mocap.body_filters import parse
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
        filter=parse(arguments.filter),
    )


def _capture(source: str, settings: CaptureSettings) -> Captured:
    from exporters import read
    from mocap.capture import capture, capture_landmarks
    from mocap.cli.progress import bar

    if _is_take(Path(source)):
        return capture_landmarks(read(source), settings)
    return capture(source, settings, bar)


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
