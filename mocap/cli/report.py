"""Quality figures of a take: what was seen, jitter, feet, and accuracy where the truth is known.

mocap report take.json
mocap report take.json --truth sample.truth.npz
mocap report dance.bvh --json
"""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "report"
HELP = "quality figures of a take"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, help=".json or .bvh")
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="true joint positions, .npz, of the first person"
    )
    parser.add_argument("--unit", choices=("cm", "m"), default="cm", help="unit of a BVH")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import Options, read
    from mocap.report import report, text
    from mocap.truth import Truth

    truth = None if arguments.truth is None else Truth.load(arguments.truth)
    figures = report(read(arguments.take, Options(unit=arguments.unit)), truth)
    if arguments.json:
        import json

        print(json.dumps(figures, indent=1))
    else:
        print(text(figures))
    return 0
