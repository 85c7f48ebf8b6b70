"""The `mocap` command. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import argparse
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

import mocap
from mocap.cli import (
    addon,
    capture,
    convert,
    demo,
    doctor,
    evaluate,
    listen,
    live,
    pipes,
    recover,
    render,
    report,
    solve,
    train,
    weights,
)
from mocap.cli.messages import complain, note
from mocap.errors import MocapError

COMMANDS = {
    c.NAME: c
    for c in (
        demo,
        capture,
        live,
        solve,
        convert,
        report,
        render,
        recover,
        listen,
        addon,
        weights,
        train,
        evaluate,
        doctor,
    )
}


class Parser(argparse.ArgumentParser):
    """A parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help tells more\n")


def parser() -> Parser:
    """The parser of all commands and their options."""
    top = Parser(
        prog="mocap",
        description="Move a character with nothing but a webcam or a video.",
        epilog="mocap COMMAND --help tells more. New here? Try: mocap demo",
    )
    top.add_argument("--version", action="version", version=f"mocap {mocap.__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=command.HELP,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--verbose", action="store_true", help="show where an error came from")
        sub.set_defaults(parser=sub)
        command.add_arguments(sub)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 2 for an error told in one line, 130 if interrupted,
    141 if whoever read what it prints has left."""
    try:
        try:
            return _status(argv)
        finally:
            pipes.flush()
    except OSError as error:  # of what the program prints alone
        pipes.drop_unprinted()
        if isinstance(error, BrokenPipeError):
            return pipes.GONE
        complain(error)
        return 2


def _status(argv: Sequence[str] | None) -> int:
    """The exit status of a command, its errors told. Raises OSError if nothing can be printed."""
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names no console can show
    top = parser()
    arguments, unknown = top.parse_known_args(argv)
    if arguments.command is None and not unknown:
        top.print_help()
        return 0
    if unknown:
        asked = top if arguments.command is None else arguments.parser
        asked.error(f"unrecognized arguments: {' '.join(unknown)}")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = _one_line  # type: ignore[assignment]
        try:
            status: int = COMMANDS[arguments.command].run(arguments)
            return status
        except KeyboardInterrupt:
            complain("interrupted")
            return 130
        except (MocapError, OSError, ImportError) as error:
            if isinstance(error, BrokenPipeError) and pipes.reader_left():
                raise
            if arguments.verbose:
                traceback.print_exc()
            broken = isinstance(error, ImportError) and not isinstance(error, MocapError)
            complain(f"{error}; mocap doctor tells what is missing" if broken else error)
            return 2


def _one_line(message: Warning | str, category: type[Warning], *_: object) -> None:
    """Show a warning of ours as a user wants to read it; others' are for developers."""
    if category.__module__.split(".")[0] in ("mocap", "exporters"):
        note(message)
