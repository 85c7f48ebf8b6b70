"""Options that several commands have, and what their values mean. Nothing heavy is imported."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mocap.cli.lifters import add_lifter_option, chosen

if TYPE_CHECKING:
    from exporters import Options
    from mocap.capture import CaptureSettings
    from mocap.rigs import Rig


def add_capture_options(parser: argparse.ArgumentParser) -> None:
    add_people_options(parser.add_argument_group("who"))
    what = parser.add_argument_group("what")
    add_range_options(what)
    add_source_rate(what)
    how = parser.add_argument_group("how")
    add_camera_options(how)
    add_model_option(how)
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


def add_source_rate(what: argparse._ArgumentGroup) -> None:
    what.add_argument(
        "--source-fps", type=float, metavar="N", help="rate of an image folder, or of a camera"
    )


def add_camera_options(how: argparse._ArgumentGroup) -> None:
    how.add_argument(
        "--fov",
        type=float,
        metavar="DEG",
        help="field of view across the long side (default: what the footage tells, or 60)",
    )
    how.add_argument("--camera", type=Path, metavar="FILE", help="calibration of the camera, JSON")


def add_model_option(how: argparse._ArgumentGroup) -> None:
    how.add_argument("--model", type=Path, metavar="FILE", help="another pose model, .task")


def add_solve_options(how: argparse._ArgumentGroup) -> None:
    add_lifter_option(how, "body")
    how.add_argument("--no-smoothing", action="store_true", help="leave the joints as found")
    add_filter_option(how)


def add_filter_option(how: argparse._ActionsContainer) -> None:
    how.add_argument(
        "--filter", metavar="SPEC", default="none",
        help="smooth the motion further: butterworth, savgol, gaussian or one_euro, perhaps with "
        "parameters in Hz and seconds, as in butterworth:cutoff=6 or savgol:window=0.25,order=3",
    )  # fmt: skip


def add_interpolation_option(how: argparse._ActionsContainer) -> None:
    how.add_argument(
        "--interpolate", choices=("linear", "cubic"),
        help="how to fill in between frames, and where frames are missing: straight (default) or "
        "along a smooth curve; without --fps, missing frames alone",
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
    add_interpolation_option(out)
    out.add_argument("--unit", choices=("cm", "m"), default="cm", help="unit of BVH (default cm)")
    out.add_argument(
        "--names", choices=("safe", "exact"),
        help="bone names of BVH: exactly those of the --skeleton (default if one is given), or "
        "safe for every program",
    )  # fmt: skip


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
    return Options(
        fps=arguments.fps,
        unit=arguments.unit,
        names=names,
        interpolation=arguments.interpolate,
    )


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
        lifter=chosen(arguments.lifter),
    )
