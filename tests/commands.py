"""What comes of `mocap` with arguments: types of the fixture `command`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]
