"""Convert animation from one file or skeleton to another.

mocap convert walk.bvh walk.json
mocap convert walk.bvh walk_mixamo.bvh --skeleton mixamo
mocap convert walk.bvh mine.bvh --skeleton my_rig.bvh     (any BVH of your rig is a template)
mocap convert walk.bvh smooth.bvh --filter butterworth:cutoff=6
mocap convert walk.json walk.bvh --fps 60 --interpolate cubic
mocap convert 3d_data.json walk.bvh --input-fps 25     (joints of 3d-pose-baseline for Maya)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mocap.cli.options import add_filter_option, add_output_options, options_of, target_of

NAME = "convert"
HELP = "animation from one file or skeleton to another"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN", help=".bvh, .json or .jsonl")
    parser.add_argument("output", type=Path, metavar="OUT", help=".bvh or .json")
    parser.add_argument(
        "--format", metavar="NAME",
        help="of OUT, if its name does not tell: bvh, json, 3d_data, 2d_data",
    )  # fmt: skip
    parser.add_argument("--input-format", metavar="NAME", help="of IN, likewise")
    parser.add_argument(
        "--input-fps", type=float, metavar="N",
        help="rate of an input that tells none, such as 3d_data.json (default 30)",
    )  # fmt: skip
    parser.add_argument(
        "--input-unit", choices=("cm", "m"), default="cm", help="unit of a BVH read (default cm)"
    )
    parser.add_argument(
        "--input-map", metavar="NAME|FILE",
        help="bone map of the input's skeleton, if its bones are not recognised",
    )  # fmt: skip
    add_output_options(parser)
    add_filter_option(parser)
    parser.add_argument("--json", action="store_true", help="print the files written as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import Options, read, writable_format_of, write
    from exporters.files import check_writable
    from mocap.body_filters import parse
    from mocap.errors import InvalidValue, OutputError
    from mocap.rigs import bone_map
    from mocap.smoothing import smoothed_take

    writable_format_of(arguments.output, arguments.format)
    check_writable(arguments.output)
    target = target_of(arguments)
    filter = parse(arguments.filter)
    if target is None and arguments.input_map is not None:
        raise InvalidValue(
            f"--input-map {arguments.input_map}: tells how to get to a --skeleton; give that too"
        )
    if arguments.output.resolve() == arguments.input.resolve():
        raise OutputError(f"{arguments.output} is the input itself; write to another file")
    options = options_of(arguments)
    reading = Options(unit=arguments.input_unit, source_fps=arguments.input_fps)
    take = smoothed_take(read(arguments.input, reading, arguments.input_format), filter)
    if target is not None:
        source_map = None if arguments.input_map is None else bone_map(arguments.input_map)
        take = target.take(take, source_map)
    written = write(take, arguments.output, options, arguments.format)
    if arguments.json:
        import json

        print(json.dumps({"files": [str(path) for path in written]}))
        return 0
    for path in written:
        print(f"wrote {path}")
    return 0
