"""The file formats: each is one module with a `FORMAT`, found here by name or suffix.

Other packages add formats through the entry point group `mocap.formats`, whose entries name a
`Format`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from exporters import bvh, journal, json_take
from exporters.format import Format, Options
from mocap.errors import FormatError, OutputError, UnknownName
from mocap.take import Take


@cache
def formats() -> dict[str, Format]:
    """All formats by name: ours and those of installed packages."""
    found = {f.name: f for f in (bvh.FORMAT, json_take.FORMAT, journal.FORMAT)}
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
