"""Quality figures of a take: what was seen, jitter, feet, and accuracy where the truth is known.

mocap report take.json
mocap report take.json --html report.html
mocap report take.json --truth sample.truth.npz
mocap report dance.bvh --json
mocap report take.json --fail-on "foot_slide>2" --fail-on "tracked<95"

Ends with status 1 if a gate (--fail-on) fails, one line for each on stderr; a gate on a figure
that the take does not have is an error, status 2.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mocap.cli.messages import complain

NAME = "report"
HELP = "quality figures of a take"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, help=".jsonl, .json or .bvh")
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="true joint positions, .npz, of the first person"
    )
    parser.add_argument("--unit", choices=("cm", "m"), default="cm", help="unit of a BVH")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page with plots, readable offline"
    )
    parser.add_argument(
        "--fail-on", action="append", default=[], metavar="GATE",
        help='fail if this holds for anyone, as "foot_slide>2"; may be given again',
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import Options, read
    from exporters.files import check_writable, replacing
    from mocap.report import report, text
    from mocap.report.gates import Gate, told
    from mocap.truth import Truth

    gates = [Gate.parse(gate) for gate in arguments.fail_on]
    if arguments.html is not None:
        check_writable(arguments.html)
    truth = None if arguments.truth is None else Truth.load(arguments.truth)
    take = read(arguments.take, Options(unit=arguments.unit))
    figures = report(take, truth)
    verdicts = [verdict for gate in gates for verdict in gate.check(figures)]
    if arguments.html is not None:
        from mocap.report.page import page

        with replacing(arguments.html) as part:
            shown = page(take, figures, truth, verdicts, arguments.take.name)
            part.write_text(shown, encoding="utf-8", newline="\n")
    if arguments.json:
        import json

        files = {"files": [str(arguments.html)]} if arguments.html is not None else {}
        told_gates = {"gates": verdicts} if gates else {}
        print(json.dumps({**files, **figures, **told_gates}, indent=1))
    else:
        print(text(figures))
        if arguments.html is not None:
            print(f"wrote {arguments.html}")
    failed = [verdict for verdict in verdicts if verdict["failed"]]
    for verdict in failed:
        complain(told(verdict))
    return 1 if failed else 0
