"""What a command says beside its results: one line each, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def note(message: object) -> None:
    """Tell something worth knowing that keeps nothing from working."""
    _show(_line(f"note: {message}"))


def complain(message: object) -> None:
    """Tell what did not work."""
    _show(_line(str(message)))


@contextmanager
def shown_by(show: Callable[[str], object]) -> Iterator[None]:
    """Have messages shown in another way for a while, as around a progress bar."""
    global _show
    before, _show = _show, show
    try:
        yield
    finally:
        _show = before


def _line(message: str) -> str:
    return f"mocap: {' '.join(message.split())}"


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr)


_show: Callable[[str], object] = _to_stderr
