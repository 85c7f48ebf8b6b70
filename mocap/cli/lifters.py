"""Lifters that a command is asked to use."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mocap.cli.messages import note

if TYPE_CHECKING:
    from mocap.models.lifter import Lifter


NONE = "none"  # leaves depth to the estimator


def add_lifter_option(how: argparse._ArgumentGroup, own: str) -> None:
    """Let the user choose a lifter in place of our own, whose name is given."""
    how.add_argument(
        "--lifter", metavar="NAME|FILE",
        help=f"the network that says more of depth (default {own}); {NONE} leaves that to the "
        "estimator, and mocap weights list tells what there is",
    )  # fmt: skip


def chosen(name: str | None, *, live: bool = False) -> Lifter | None:
    """What `--lifter` names: our own if nothing, or none at all. Raises MocapError."""
    from mocap.models import own_lifter

    if name is None:
        return own_lifter(live=live)
    return None if name == NONE else opened(name)


def opened(name: str) -> Lifter:
    """A lifter ready to run, after a note on stderr if its licence is not free.

    Args:
        name: of `--lifter`, as `open_lifter` takes it.

    Raises:
        MocapError: as `open_lifter`.
    """
    from mocap.models import open_lifter
    from mocap.models.opening import find

    lifter = open_lifter(name)
    restriction = find(name).entry.restriction
    if restriction:
        note(restriction)
    return lifter
