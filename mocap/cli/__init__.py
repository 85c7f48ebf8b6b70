"""The `mocap` command. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import argparse
import sys
import traceback
import warnings
from collections.abc import Sequence

import mocap
from mocap.cli import capture, convert, demo, doctor, report
from mocap.errors import MocapError

COMMANDS = {c.NAME: c for c in (demo, capture, convert, report, doctor)}


def parser() -> argparse.ArgumentParser:
    """The parser of all commands and their options."""
    top = argparse.ArgumentParser(
        prog="mocap",
        description="Move a character with nothing but a webcam or a video.",
        epilog="mocap COMMAND --help tells more. New here? Try: mocap demo",
    )
    top.add_argument("--version", action="version", version=f"mocap {mocap.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=command.HELP,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--verbose", action="store_true", help="show where an error came from")
        command.add_arguments(sub)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 2 for an error told in one line, 130 if interrupted."""
    arguments = parser().parse_args(argv)
    warnings.showwarning = _one_line  # type: ignore[assignment]
    try:
        status: int = COMMANDS[arguments.command].run(arguments)
        return status
    except KeyboardInterrupt:
        print("mocap: interrupted", file=sys.stderr)
        return 130
    except (MocapError, OSError) as error:
        if arguments.verbose:
            traceback.print_exc()
        print(f"mocap: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _one_line(message: Warning | str, category: type[Warning], *_: object) -> None:
    """Show a warning of ours as a user wants to read it; others' are for developers."""
    if category.__module__.split(".")[0] in ("mocap", "exporters"):
        print(f"mocap: note: {message}", file=sys.stderr)
