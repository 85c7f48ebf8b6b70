"""The file formats: each is one module with a `FORMAT`, found here by name or suffix.

Other packages add formats through the entry point group `mocap.formats`, whose entries name a
`Format`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from mocap.errors import FormatError, InvalidValue, OutputError, UnknownName
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
    """

    fps: float | None = None
    unit: str = "cm"
    names: str = "safe"
    landmarks: bool = True

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UnknownName("unit", self.unit, UNITS)
        if self.names not in ("safe", "exact"):
            raise UnknownName("way with names", self.names, ("safe", "exact"))
        if self.fps is not None and not 0 < self.fps <= 1000:
            raise InvalidValue(f"fps: expected a rate from 0 to 1000, got {self.fps}")


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes:
        name: short name.
        suffixes: lower-case, with the dot; the first is the usual one.
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


@cache
def formats() -> dict[str, Format]:
    """All formats by name: ours and those of installed packages."""
    from exporters import bvh, json_take

    found = {f.name: f for f in (bvh.FORMAT, json_take.FORMAT)}
    for entry in entry_points(group="mocap.formats"):
        plugin = entry.load()
        found.setdefault(plugin.name, plugin)
    return found


def format_of(path: str | Path) -> Format:
    """The format that a file's suffix names. Raises UnknownName, listing the known ones."""
    suffix = Path(path).suffix.lower()
    for candidate in formats().values():
        if suffix in candidate.suffixes:
            return candidate
    raise UnknownName(
        f"file suffix of {Path(path).name!r}",
        suffix,
        [s for f in formats().values() for s in f.suffixes],
    )


def writable_format_of(path: str | Path) -> Format:
    """The format of a file to be written, so that a mistake shows before the work is done.

    Raises:
        OutputError: it is a folder.
        UnknownName: no format has this suffix.
        FormatError: it can only be read.
    """
    if Path(path).is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; give a file name")
    chosen = format_of(path)
    if chosen.write is None:
        raise FormatError(f"{chosen.name} files can be read, not written", path=path)
    return chosen


def read(path: str | Path, options: Options | None = None) -> Take:
    """Read a take from a file of any format that can be read.

    Raises:
        UnknownName: no format has this suffix.
        FormatError: the file is missing or malformed.
    """
    chosen = format_of(path)
    if chosen.read is None:
        raise FormatError(f"{chosen.name} files can be written, not read", path=path)
    return chosen.read(Path(path), options or Options())


def write(take: Take, path: str | Path, options: Options | None = None) -> list[Path]:
    """Write a take; returns the files made.

    Raises:
        UnknownName: no format has this suffix.
        OutputError: the file cannot be written; what was there before is kept.
    """
    chosen = format_of(path)
    if chosen.write is None:
        raise FormatError(f"{chosen.name} files can be read, not written", path=path)
    return chosen.write(take, Path(path), options or Options())
