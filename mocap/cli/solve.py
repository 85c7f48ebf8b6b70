"""Solve a recorded take again from its raw landmarks, with other settings, without the footage.

mocap solve dance.json --height 1.82
mocap solve dance.json --filter butterworth:cutoff=6 -o smooth.bvh -o smooth.json
mocap solve dance.json --person 1 --start 3 --stop 8 --skeleton mixamo -o part.bvh

What is not given is as it was recorded: the camera, the people and how tall they are. Depth is
corrected by our own lifter, whatever was used before; --lifter takes another, or none.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocap.cli.capture import PREVIEWS, write_all, write_preview
from mocap.cli.messages import complain, note
from mocap.cli.options import (
    add_camera_options,
    add_output_options,
    add_people_options,
    add_range_options,
    add_solve_options,
    options_of,
    settings_of,
    target_of,
)

if TYPE_CHECKING:
    from mocap.take import Take

NAME = "solve"
HELP = "a recorded take again, with other settings, without the footage"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, metavar="TAKE", help="with landmarks, .jsonl or .json")
    parser.add_argument(
        "-o", "--output", action="append", type=Path, metavar="FILE",
        help="where to write, .bvh or .json; may be repeated (default: TAKE's name .solved.bvh)",
    )  # fmt: skip
    parser.add_argument(
        "--preview", type=Path, metavar="FILE",
        help="also write landmarks and skeleton side by side, .mp4, .png or .jpg",
    )  # fmt: skip
    add_people_options(parser.add_argument_group("who"))
    add_range_options(parser.add_argument_group("what"))
    how = parser.add_argument_group("how")
    add_camera_options(how)
    add_solve_options(how)
    add_output_options(parser)
    parser.add_argument("--json", action="store_true", help="print files and figures as JSON")
    # what only footage needs
    parser.set_defaults(model=None, workers=None, source_fps=None)


def run(arguments: argparse.Namespace) -> int:
    from exporters import read, writable_format_of
    from exporters.files import check_writable
    from mocap.capture import capture_landmarks

    outputs = arguments.output or [Path(f"{arguments.take.stem}.solved.bvh")]
    for path in outputs:
        writable_format_of(path)
        check_whole(path, arguments)
        check_writable(path)
    if arguments.preview is not None:
        check_preview(arguments.preview)
    target = target_of(arguments)
    options = options_of(arguments)
    settings = settings_of(arguments)

    take = read(arguments.take)
    check_lifter(take, arguments)
    captured = capture_landmarks(take, settings)
    for message in captured.notes:
        note(message)
    moved = captured.take if target is None else target.take(captured.take)
    written, failed = write_all(moved, outputs, options)
    if arguments.preview is not None:
        made, problems = write_preview(captured.take, None, arguments.preview)
        written, failed = written + made, failed + problems
    show(take, captured.take, written, captured.notes, as_json=arguments.json)
    for problem in failed:
        complain(problem)
    return 2 if failed else 0


def check_whole(path: Path, arguments: argparse.Namespace) -> None:
    """Raise OutputError if an output would take the place of the take without all that is in it."""
    from mocap.errors import OutputError

    left_out = [
        f"--{option}"
        for option in ("people", "person", "start", "stop")
        if getattr(arguments, option) is not None
    ]
    if left_out and path.exists() and path.samefile(arguments.take):
        raise OutputError(
            f"{path} is the take itself, of which {' and '.join(left_out)} would keep a part "
            "alone; write to another file"
        )


def check_lifter(take: Take, arguments: argparse.Namespace) -> None:
    """Raise InvalidValue if a lifter is asked of landmarks that have their depth from one."""
    from mocap.capture import depth_of_lifter
    from mocap.errors import InvalidValue

    if arguments.lifter is not None and depth_of_lifter(take):
        raise InvalidValue(
            f"--lifter {arguments.lifter}: {arguments.take} has its depth from "
            f"{take.made['lifter']['name']}; capture the points again to have it from another"
        )


def check_preview(path: Path) -> None:
    """Raise OutputError unless a preview without footage can be written to a path."""
    from exporters.files import check_writable
    from mocap.errors import OutputError

    if path.suffix.lower() not in PREVIEWS:
        raise OutputError(f"--preview {path}: expected {', '.join(PREVIEWS)}")
    check_writable(path)


def show(
    before: Take, after: Take, written: list[Path], notes: tuple[str, ...], *, as_json: bool
) -> None:
    """Print what came out, beside what was there before, for a person or a program."""
    from mocap.report import report

    figures = report(after)
    earlier = {p["id"]: p for p in figures_before(before, after)}
    if as_json:
        import json

        files = [str(path) for path in written]
        told = {"files": files, "notes": list(notes), **figures, "before": list(earlier.values())}
        print(json.dumps(told, indent=1))
        return
    for person in figures["people"]:
        print(line(earlier.get(person["id"], {}), person))
    for path in written:
        print(f"wrote {path}")


def figures_before(before: Take, after: Take) -> list[dict[str, Any]]:
    """Figures of the motion that a take had, of those people and times that were solved again.

    Someone who had none, or on a skeleton that nobody knows, is left out.
    """
    import numpy as np

    from mocap.errors import InvalidValue
    from mocap.report import report
    from mocap.take import Person, Take

    figures: list[dict[str, Any]] = []
    for person in after.people:
        old, new = before.person(person.id).motion, person.motion
        if old is None or new is None:
            continue
        first = int(np.searchsorted(old.times, new.times[0] - 1e-6))
        last = int(np.searchsorted(old.times, new.times[-1] + 1e-6))
        try:
            part = Person(person.id, old[first:last])
            figures.extend(report(Take((part,)))["people"])
        except InvalidValue:
            continue
    return figures


def line(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The change of one person in a line."""

    def change(key: str) -> str:
        values = [f"{figures[key]:g}" for figures in (before, after) if key in figures]
        return " -> ".join(dict.fromkeys(values))  # once if it did not change

    feet = f", feet slide {change('foot_slide_cm_s')} cm/s" if "foot_slide_cm_s" in after else ""
    return (
        f"person {after['id']}: {after['frames']} frames, {change('height_m')} m tall, "
        f"jitter {change('jitter')} x 10 m/s^3{feet}"
    )
