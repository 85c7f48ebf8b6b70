"""Make whole files out of recordings that were cut off: a power failure, a crash, a full disk.

mocap recover takes/dance.jsonl
mocap recover takes/dance.jsonl -o dance.json -o dance.bvh
mocap recover takes              (every recording in the folder that was cut off)

Whatever is whole in a recording is kept, and what was lost is said. The recording itself stays as
it is. Without -o, NAME.json is made beside it, unless it is there already.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocap.cli.capture import write_all
from mocap.cli.messages import complain, note

if TYPE_CHECKING:
    from mocap.take import Take

NAME = "recover"
HELP = "recordings that were cut off"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="FILE|FOLDER", help="a recording, or several")
    parser.add_argument(
        "-o", "--output", action="append", type=Path, metavar="FILE",
        help="where to write, .bvh or .json; may be repeated (default: NAME.json beside it)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was recovered as JSON")


def run(arguments: argparse.Namespace) -> int:
    from exporters import Options, writable_format_of
    from exporters.files import check_writable
    from exporters.journal import FORMAT, recovered
    from mocap.errors import FormatError, OutputError

    given: list[Path] | None = arguments.output
    if arguments.input.is_dir():
        if given is not None:
            raise OutputError(f"-o {given[0]}: for one recording; {arguments.input} is a folder")
        recordings = cut_off(arguments.input)
    else:
        if arguments.input.suffix.lower() not in FORMAT.suffixes:
            raise FormatError(f"expected a recording, {FORMAT.suffixes[0]}", path=arguments.input)
        recordings = [arguments.input]
    for path in given or ():
        writable_format_of(path)
        check_writable(path)
    told, failed = [], []
    for recording in recordings:
        outputs = given or [recording.with_suffix(".json")]
        if given is None and outputs[0].exists():
            failed.append(f"cannot write {outputs[0]}: it is there already; -o names another file")
            continue
        try:
            take, loss = recovered(recording)
        except FormatError as error:
            failed.append(str(error))
            continue
        written, problems = write_all(take, outputs, Options())
        failed.extend(map(str, problems))
        told.append(figures(recording, take, loss, written))
    show(told, as_json=arguments.json)
    for problem in failed:
        complain(problem)
    return 2 if failed else 0


def cut_off(folder: Path) -> list[Path]:
    """The recordings in a folder that have no end, and no file made of them yet."""
    from exporters.journal import FORMAT, summary
    from mocap.errors import FormatError

    found = []
    for path in sorted(folder.glob(f"*{FORMAT.suffixes[0]}")):
        try:
            complete = summary(path).complete
        except FormatError as error:
            note(error)
            continue
        if not complete and path.with_suffix(".json").exists():
            note(f"{path} was cut off; {path.with_suffix('.json').name} is there already")
        elif not complete:
            found.append(path)
    if not found:
        note(f"no recording in {folder} is left to recover")
    return found


def figures(recording: Path, take: Take, loss: str | None, written: list[Path]) -> dict[str, Any]:
    """What became of a recording, plain JSON values."""
    tracks = [t for p in take.people for t in (p.motion or p.landmarks,) if t is not None]
    return {
        "recording": str(recording),
        "started": take.made["recording"]["started"],
        "people": len(take.people),
        "frames": max((len(t) for t in tracks), default=0),
        "seconds": round(max((float(t.times[-1]) for t in tracks), default=0.0), 3),
        "lost": loss,
        "files": [str(path) for path in written],
    }


def show(told: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print what was recovered, for a person or a program."""
    if as_json:
        import json

        print(json.dumps({"recordings": told}, indent=1))
        return
    for one in told:
        people = "1 person" if one["people"] == 1 else f"{one['people']} people"
        print(
            f"{one['recording']}: {people}, {one['frames']} frames, {one['seconds']:g} s; "
            f"{one['lost'] or 'nothing is lost'}"
        )
        for path in one["files"]:
            print(f"wrote {path}")
