"""Teach a network that lifts points from the picture into space.

mocap train --lifter videopose3d --data h36m/ -o mine.safetensors
mocap train --lifter martinez --data motion/ --held-out 'cmu_005_*' --minutes 60 -o m.safetensors
mocap train --lifter pstmo-s --begin mae.safetensors --data h36m/ -o s.safetensors
mocap train --lifter semgcn --data motion/ --set batch=256 --set network.width=64 -o g.safetensors

The schedules are those that the authors published; --config FILE and --set change them. Data is a
data set of the literature, or motion (BVH files, or NAME.npz with NAME.json), which is then seen by
other random cameras in every epoch.

Beside the weights lie a log of the figures, mine.jsonl, and what --resume needs, mine.training.
The weights are used by their path: mocap capture openpose_json/ --lifter mine.safetensors
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mocap.cli.messages import note

if TYPE_CHECKING:
    from mocap.training.config import Config
    from mocap.training.keeping import Row
    from mocap.training.loop import Trained, Watching
    from mocap.training.trainers import Trainer

NAME = "train"
HELP = "teach a network that lifts points into space"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lifter", required=True, metavar="NAME",
        help="what to train: martinez, semgcn, semgcn-nonlocal, semgcn-linear, videopose3d, "
        "videopose3d-causal, -trajectory, -semi, pstmo, pstmo-s, pstmo-mae, pstmo-s-mae, "
        "pstmo-refine, body, body-live",
    )  # fmt: skip
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data", required=True, type=Path, metavar="PATH", help="a data set, or motion"
    )
    data.add_argument(
        "--dataset", metavar="NAME", help="h36m, 3dhp, 3dpw or motion, if its files do not tell"
    )
    data.add_argument(
        "--points", metavar="NAME",
        help="of h36m: gt (default) projects the true joints; else a detector, as in "
        "data_2d_h36m_NAME.npz",
    )  # fmt: skip
    data.add_argument(
        "--held-out", nargs="+", metavar="PATTERN",
        help="subjects, or clips of motion, to validate with (default: S9 and S11 of h36m, else "
        "each tenth)",
    )  # fmt: skip
    how = parser.add_argument_group("how")
    how.add_argument("--config", type=Path, metavar="FILE", help="JSON that changes the schedule")
    how.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="words",
        help="change one setting of the schedule, as in batch=256 or network.channels=512",
    )  # fmt: skip
    how.add_argument("--epochs", type=int, metavar="N", help="end after so many epochs")
    how.add_argument("--minutes", type=float, metavar="M", help="end after so many minutes")
    how.add_argument("--seed", type=int, metavar="N", help="of all that is random (default 0)")
    how.add_argument(
        "--begin", type=Path, metavar="FILE", help="weights to begin with, or to be refined"
    )
    how.add_argument("--resume", action="store_true", help="go on with a training that was ended")
    how.add_argument("--device", default="auto", help="cpu, cuda or auto (default)")
    out = parser.add_argument_group("output")
    out.add_argument("-o", "--output", required=True, type=Path, metavar="FILE.safetensors")
    out.add_argument("--licence", default="unknown", help="of the weights, as SPDX names it")
    out.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="draw curves there")
    out.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace) -> int:
    from mocap.training import result
    from mocap.training.loop import train
    from mocap.training.registry import source

    config = config_of(arguments)
    output: Path = arguments.output
    kept = output.with_suffix(".training")
    _require_place(output, kept, arguments.resume)
    trainer = _trainer(arguments, config)
    clips = source(arguments.data, arguments.dataset, arguments.points, config, trainer.form)
    note(f"{config.architecture}, {clips.about}")
    with _watching(arguments, config) as watching:
        trained = train(trainer, clips, kept, resume=arguments.resume, watching=watching)
    written = result.write(output, trained, config, clips.about, arguments.licence)
    _tell(arguments, config, trained, written, trainer)
    return 0


def config_of(arguments: argparse.Namespace) -> Config:
    """The schedule, as the options change it. Raises InvalidValue, UnknownName, FormatError."""
    from mocap.training import config as schedules

    config = schedules.by_name(arguments.lifter)
    if arguments.config is not None:
        config = schedules.changed_by_file(config, arguments.config)
    config = schedules.changed_by_words(config, arguments.words)
    said = {"epochs": arguments.epochs, "seed": arguments.seed, "held_out": arguments.held_out}
    return config.changed(**{k: v for k, v in said.items() if v is not None})


def _require_place(output: Path, kept: Path, resume: bool) -> None:
    from mocap.errors import InvalidValue, OutputError

    if output.suffix != ".safetensors":
        raise InvalidValue(f"-o {output}: weights are written as NAME.safetensors")
    if not output.parent.is_dir():
        raise OutputError(f"cannot write {output}: there is no folder {output.parent}")
    if kept.exists() and not resume:
        raise OutputError(
            f"{kept} holds a training: --resume goes on with it; else remove it, or write elsewhere"
        )


def _trainer(arguments: argparse.Namespace, config: Config) -> Trainer:
    from mocap.training.loop import device
    from mocap.training.registry import trainer
    from mocap.training.result import begun

    begin = None if arguments.begin is None else begun(arguments.begin)
    made = trainer(config, begin)
    made.to(device(arguments.device))
    return made


@contextmanager
def _watching(arguments: argparse.Namespace, config: Config) -> Iterator[Watching]:
    """What is told, logged and drawn while training."""
    import json
    import time

    from mocap.cli.progress import bar
    from mocap.training.curves import Curves
    from mocap.training.loop import Watching
    from mocap.weights import write_whole

    log = arguments.output.with_suffix(".jsonl")
    curves = None if arguments.tensorboard is None else Curves(arguments.tensorboard)
    end = None if arguments.minutes is None else time.monotonic() + arguments.minutes * 60

    def rows(every: Sequence[Row]) -> None:
        write_whole(log, "".join(json.dumps(row) + "\n" for row in every).encode())
        if curves is not None:
            curves.add(every[-1])
        note(_line(every[-1], config.epochs))

    with bar("training", None, " steps") as advance, _interruptions() as interrupted:
        try:
            yield Watching(
                stop=lambda: interrupted() or (end is not None and time.monotonic() >= end),
                rows=rows,
                step=lambda _, __: advance(1),
            )
        finally:
            if curves is not None:
                curves.close()


@contextmanager
def _interruptions() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, which ends the training in good order; a second one at once."""
    import signal

    pressed = False

    def press(*_: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _line(row: Row, epochs: int) -> str:
    shown = ("loss", *(k for k in row if k.endswith(("_mm", "_permille"))))
    figures = ", ".join(f"{k} {row[k]:.4g}" for k in shown if k in row)
    return f"epoch {row['epoch']:g} of {epochs}, {row['seconds']:.0f} s: {figures}"


def _tell(
    arguments: argparse.Namespace,
    config: Config,
    trained: Trained,
    written: Sequence[Path],
    trainer: Trainer,
) -> None:
    best = min(trained.rows, key=lambda row: row[trainer.figure])
    if arguments.json:
        import json

        told = {
            "weights": [str(path) for path in written],
            "config": config.to_dict(),
            "ended_by": trained.why,
            "seconds": trained.seconds,
            "best": best,
            "rows": trained.rows,
        }
        print(json.dumps(told, indent=1))
        return
    print(f"best: {_line(best, config.epochs)}")
    for path in written:
        print(f"wrote {path}")
    if trained.why == "time":
        print("ended early; --resume goes on")
