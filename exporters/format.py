"""What a file format is, and what a user may choose about a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mocap.errors import InvalidValue, UnknownName
from mocap.interpolation import INTERPOLATIONS
from mocap.motion import Motion
from mocap.take import Take

UNITS = {"m": 1.0, "cm": 100.0}  # how many of each make a metre


class FormatWarning(UserWarning):
    """A file that is odd or damaged, and was read all the same; says what was made of it."""


@dataclass(frozen=True)
class Options:
    """What a user may choose about a file.

    Attributes:
        fps: constant frame rate to write; None takes the motion's own.
        unit: "cm" or "m", for formats that do not fix it.
        names: "safe" replaces what other programs refuse in bone names, "exact" keeps it.
        landmarks: whether the raw landmarks go into the file too, where the format can.
        interpolation: "linear" or "cubic", between frames and where some are missing; None keeps
            frames as they are unless another rate is asked for, and is then linear.
        source_fps: of a file to read whose frames have numbers and no times; None takes 30.
    """

    fps: float | None = None
    unit: str = "cm"
    names: str = "safe"
    landmarks: bool = True
    interpolation: str | None = None
    source_fps: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UnknownName("unit", self.unit, UNITS)
        if self.names not in ("safe", "exact"):
            raise UnknownName("way with names", self.names, ("safe", "exact"))
        if self.interpolation not in (None, *INTERPOLATIONS):
            raise UnknownName("interpolation", str(self.interpolation), INTERPOLATIONS)
        for rate in (self.fps, self.source_fps):
            if rate is not None and not 0 < rate <= 1000:
                raise InvalidValue(f"fps: expected a rate from 0 to 1000, got {rate}")

    def paced(self, motion: Motion) -> Motion:
        """A motion at the rate to write; as it is if none was asked for."""
        if self.fps is None and self.interpolation is None:
            return motion
        rate = self.fps or motion.fps
        return motion.resampled(fps=rate, interpolation=self.interpolation or "linear")


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes:
        name: short name.
        suffixes: lower-case, with the dot; the first is the usual one. One without a dot is a
            whole name, or the end of one, and goes before suffixes.
        description: a few words for help texts.
        read: path and options to take; None if the format is only written.
        write: take, path and options to the files written (a format that holds one person
            makes one file each); None if the format is only read.
    """

    name: str
    suffixes: tuple[str, ...]
    description: str
    read: Callable[[Path, Options], Take] | None
    write: Callable[[Take, Path, Options], list[Path]] | None
