"""How long something takes: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable


def bar(what: str, total: int | None) -> Callable[[int], None]:
    """Start a progress bar; returns what is told of frames done."""
    from tqdm import tqdm

    shown = tqdm(total=total, desc=what, unit=" frames", disable=not sys.stderr.isatty())

    def advance(frames: int) -> None:
        shown.update(frames)
        if shown.total is not None and shown.n >= shown.total:
            shown.close()

    return advance
