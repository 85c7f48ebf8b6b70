"""How long something takes: a bar on a terminal, nothing in a pipe, unless it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mocap.cli.messages import shown_by

ASKED_FOR = "MOCAP_PROGRESS"  # variable of the environment; by it other programs follow us


@contextmanager
def bar(what: str, total: int | None, unit: str = " frames") -> Iterator[Callable[[int], object]]:
    """A progress bar for a while, messages above it; gives what is told of frames done, or of
    bytes, "B"."""
    from tqdm import tqdm

    if sys.stderr is None or not (sys.stderr.isatty() or ASKED_FOR in os.environ):
        yield lambda _: None
        return
    with (
        tqdm(total=total, desc=what, unit=unit, unit_scale=unit == "B") as shown,
        shown_by(lambda line: tqdm.write(line, file=sys.stderr)),
    ):
        yield shown.update
