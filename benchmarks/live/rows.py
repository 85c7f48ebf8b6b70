"""Figures beside what they should be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A figure and its target.

    Attributes:
        name: of what.
        value: the figure.
        unit: of value and target.
        target: None where the figure only informs.
        at_least: whether the target is the least rather than the most.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """None without a target."""
        if self.target is None:
            return None
        # a NaN, where nothing arrived, meets nothing
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def line(self) -> str:
        """For people to read."""
        text = f"{self.name:62} {self.value:10.4g} {self.unit:10}"
        if self.target is None:
            return text.rstrip()
        bound = "at least" if self.at_least else "at most"
        return f"{text} {bound:8} {self.target:6g}  {'met' if self.met else 'MISSED'}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "met": self.met}


@dataclass(frozen=True)
class Section:
    """What one measurement came to.

    Attributes:
        title: what was measured, and how.
        rows: the figures.
        load: how many processes wanted to run when it began and when it ended, over a minute.
        seconds: it took.
    """

    title: str
    rows: Sequence[Row]
    load: tuple[float, float]
    seconds: float

    @property
    def lines(self) -> list[str]:
        """For people to read."""
        began, ended = self.load
        head = f"{self.title}  [{self.seconds:.0f} s, load {began:.1f} to {ended:.1f}]"
        return ["", head, *(row.line for row in self.rows)]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "title": self.title,
            "load": self.load,
            "seconds": round(self.seconds, 1),
            "rows": [row.to_dict() for row in self.rows],
        }


def load() -> float:
    """How many processes wanted to run in the last minute; NaN where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
