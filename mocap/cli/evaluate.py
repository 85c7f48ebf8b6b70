"""Measure a lifter, or predictions of another program, on a data set of the literature.

mocap evaluate --dataset h36m --data data/ --lifter videopose3d
mocap evaluate --dataset h36m --data data/ --points cpn_ft_h36m_dbb --lifter videopose3d
mocap evaluate --dataset 3dhp --data data_test_3dhp.npz --predictions inference_data.mat
mocap evaluate --dataset motion --data corpus/ --lifter NAME --json

MPJPE, PA-MPJPE and N-MPJPE (protocols 1 to 3) in mm, MPJVE in mm per frame, PCK at 150 mm and AUC
in per cent, for each action; the mean is that of the actions, as papers have it. The data sets
have terms of their own and are not part of this program.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mocap.cli.messages import note

NAME = "evaluate"
HELP = "a lifter on a data set: the tables of papers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dataset", required=True, metavar="NAME", help="h36m, 3dhp, 3dpw or motion"
    )
    parser.add_argument(
        "--data", required=True, type=Path, metavar="PATH", help="the files of the data set"
    )
    parser.add_argument(
        "--points", metavar="NAME",
        help="of h36m: gt (default) projects the true joints; else a detector, as in "
        "data_2d_h36m_NAME.npz",
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--lifter", metavar="NAME|FILE", help="the network to measure")
    what.add_argument(
        "--predictions", type=Path, metavar="FILE",
        help="joints of another program: .npz with (T, J, 3) m in camera axes for each clip, or "
        ".mat as for MPI-INF-3DHP",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    from mocap.cli.progress import bar
    from mocap.datasets import dataset
    from mocap.evaluation import by_file, by_lifter, evaluate
    from mocap.protocols import text

    chosen = dataset(arguments.dataset)
    if arguments.lifter is not None:
        from mocap.cli.lifters import opened

        predict, who = by_lifter(opened(arguments.lifter)), arguments.lifter
    else:
        predict, who = by_file(arguments.predictions), arguments.predictions.name
    with bar(chosen.title, None, " clips") as progress:
        found = evaluate(chosen, arguments.data, predict, arguments.points, progress)
    for message in found.notes:
        note(message)
    if arguments.json:
        import json

        told = {
            "dataset": chosen.name,
            "predictions": who,
            "points": arguments.points,
            "clips": found.clips,
            "joints": list(found.joints),
            "notes": list(found.notes),
            "actions": found.table.rows,
            "mean": found.table.mean,
            "overall": found.table.overall,
        }
        print(json.dumps(told, indent=1))
        return 0
    print(f"{chosen.title}, {who}: {found.clips} clips, {len(found.joints)} joints")
    print(text(found.table, chosen.group))
    return 0
