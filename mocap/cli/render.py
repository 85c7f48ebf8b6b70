"""Pictures, films and plots of a take, from several sides, with or without the footage.

mocap render dance.json -o dance.mp4
mocap render dance.json --footage dance.mp4 -o dance.gif --views front,side,top --start 2 --stop 5
mocap render dance.json --compare other.bvh -o both.mp4 --views front,45
mocap render dance.json --compare sample.truth.npz -o true.png --moments 3
mocap render dance.json --plot leftHand,head --filter butterworth:cutoff=6 -o hand.png

The suffix says what is made: .mp4 and .gif move, .png and .jpg show some moments. Feet that stand
are green, with a ring on the floor; what was not seen is grey. With --plot, the tracks of joints
are drawn over time: points as they were found, the take, and the take filtered (--filter),
interpolated (--fps, --interpolate) or compared (--compare).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mocap.cli.options import add_filter_option, add_interpolation_option, add_range_options

if TYPE_CHECKING:
    from mocap.body_filters import Filter
    from mocap.render.film import Look
    from mocap.take import Take
    from mocap.truth import Truth

NAME = "render"
HELP = "pictures, films and plots of a take"
MOVING, STILL, DRAWN = (".mp4", ".gif"), (".png", ".jpg"), (".png", ".svg", ".pdf")
GIF = (320, 12.5)  # height [px] and rate that keep an animated picture small


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, metavar="TAKE", help=".json, .jsonl or .bvh")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="where to write, .mp4, .gif, .png or .jpg; a plot: .png, .svg or .pdf (default: "
        "TAKE's name .mp4, of a plot .png)",
    )  # fmt: skip
    what = parser.add_argument_group("what")
    what.add_argument("--footage", metavar="SOURCE", help="video or folder that it was made from")
    what.add_argument(
        "--compare", type=Path, metavar="FILE",
        help="another take of the same, or true joints (.npz), on the same floor",
    )  # fmt: skip
    what.add_argument(
        "--apart", type=float, default=0.0, metavar="M",
        help="put what is compared so many metres aside (default 0, in the same place)",
    )  # fmt: skip
    what.add_argument(
        "--plot", metavar="JOINTS",
        help="draw the tracks of these joints instead: leftHand,rightFoot,...",
    )  # fmt: skip
    add_range_options(what)
    what.add_argument("--unit", choices=("cm", "m"), default="cm", help="unit of a BVH")
    how = parser.add_argument_group("how")
    how.add_argument(
        "--views", default="front,side,top", metavar="LIST",
        help="front, side, left, right, back, top, stage, or degrees round to the person's left "
        "(default front,side,top)",
    )  # fmt: skip
    how.add_argument("--follow", action="store_true", help="the camera goes along with people")
    how.add_argument(
        "--size", type=int, metavar="PX", help="height of the picture (default 480, of a GIF 320)"
    )
    how.add_argument(
        "--fps", type=float, metavar="N",
        help="pictures per second (default: the take's, of a GIF 12.5)",
    )  # fmt: skip
    how.add_argument(
        "--moments", type=int, default=4, metavar="N", help="in a still picture (default 4)"
    )
    add_filter_option(how)
    add_interpolation_option(how)
    parser.add_argument("--json", action="store_true", help="print the file written as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import Options, read
    from exporters.files import check_writable
    from mocap.body_filters import parse
    from mocap.smoothing import smoothed_take

    output = output_of(arguments)
    filter = parse(arguments.filter)
    check_writable(output)
    look = None if arguments.plot is not None else look_of(arguments, output)
    options = Options(unit=arguments.unit)
    take = read(arguments.take, options)
    other: Take | Truth | None = None
    if arguments.compare is not None:
        from mocap.truth import Truth

        truth = arguments.compare.suffix.lower() == ".npz"
        other = Truth.load(arguments.compare) if truth else read(arguments.compare, options)
    if look is None:
        draw_plot(arguments, take, other, filter, output)
    else:
        show(arguments, smoothed_take(take, filter), other, look, output)
    if arguments.json:
        import json

        print(json.dumps({"files": [str(output)]}))
    else:
        print(f"wrote {output}")
    return 0


def output_of(arguments: argparse.Namespace) -> Path:
    """Where to write. Raises OutputError for what cannot be made, or would destroy an input."""
    from mocap.errors import OutputError

    plot = arguments.plot is not None
    output: Path = arguments.output or Path(f"{arguments.take.stem}{'.png' if plot else '.mp4'}")
    known = DRAWN if plot else (*MOVING, *STILL)
    if output.suffix.lower() not in known:
        raise OutputError(f"cannot write {output}: expected {', '.join(known)}")
    inputs = [arguments.take, arguments.compare, arguments.footage]
    for given in (Path(path) for path in inputs if path is not None):
        if output.exists() and given.exists() and output.samefile(given):
            raise OutputError(f"{output} is an input itself; write to another file")
    return output


def look_of(arguments: argparse.Namespace, output: Path) -> Look:
    """What the options say of the pictures. Raises InvalidValue."""
    from mocap.errors import InvalidValue
    from mocap.movie import gif_rate
    from mocap.render.film import Look
    from mocap.stage import View

    if arguments.moments < 1:
        raise InvalidValue(f"moments: expected 1 or more, got {arguments.moments}")
    gif = output.suffix.lower() == ".gif"
    size, fps = arguments.size, arguments.fps
    if gif:
        size = GIF[0] if size is None else size
        fps = GIF[1] if fps is None else fps
    look = Look(
        views=tuple(View.parse(name) for name in arguments.views.split(",") if name.strip()),
        height=480 if size is None else size,
        start=arguments.start,
        stop=arguments.stop,
        fps=fps,
        follow=arguments.follow,
        apart=arguments.apart,
        interpolation=arguments.interpolate or "linear",
    )
    if gif and look.fps is not None:
        from dataclasses import replace

        look = replace(look, fps=gif_rate(look.fps))
    return look


def show(
    arguments: argparse.Namespace,
    take: Take,
    other: Take | Truth | None,
    look: Look,
    output: Path,
) -> None:
    """Write pictures of a take. Raises MocapError."""
    from exporters.files import replacing
    from mocap.cli.progress import bar
    from mocap.movie import save_gif, save_movie
    from mocap.preview import save_picture
    from mocap.render.film import Film, Names, sheet

    compared = "" if arguments.compare is None else arguments.compare.name
    film = Film(take, look, arguments.footage, other, Names(arguments.take.name, compared))
    suffix = output.suffix.lower()
    with replacing(output) as part:
        if suffix in STILL:
            save_picture(part, sheet(film, arguments.moments))
            return
        with bar("pictures", len(film.times)) as progress:
            pictures = ((progress(1), shown)[1] for shown in film.pictures())
            if suffix == ".gif":
                samples = [picture for _, picture in film.pictures(film.moments(4))]
                save_gif(part, pictures, film.fps, samples)
            else:
                save_movie(part, pictures, film.fps)


def draw_plot(
    arguments: argparse.Namespace,
    take: Take,
    other: Take | Truth | None,
    filter: Filter,
    output: Path,
) -> None:
    """Write a plot of joints. Raises MocapError."""
    from exporters.files import replacing
    from mocap.render.plot import save_plot
    from mocap.render.tracks import Wanted, tracks

    wanted = Wanted(
        joints=tuple(name.strip() for name in arguments.plot.split(",") if name.strip()),
        start=arguments.start,
        stop=arguments.stop,
        fps=arguments.fps,
        interpolation=arguments.interpolate,
        filter=filter,
    )
    compared = "" if arguments.compare is None else arguments.compare.name
    found = tracks(take, wanted, other, compared)
    with replacing(output) as part:
        save_plot(part, found, arguments.take.name)
