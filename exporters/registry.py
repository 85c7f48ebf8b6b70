"""The file formats: each is one module with a `FORMAT`, found here by name or suffix.

Other packages add formats through the entry point group `mocap.formats`, whose entries name a
`Format`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from exporters import baseline, bvh, journal, json_take
from exporters.format import Format, Options
from mocap.errors import FormatError, OutputError, UnknownName
from mocap.take import Take


@cache
def formats() -> dict[str, Format]:
    """All formats by name: ours and those of installed packages."""
    ours = (bvh.FORMAT, json_take.FORMAT, journal.FORMAT, baseline.SOLID, baseline.FLAT_FORMAT)
    found = {f.name: f for f in ours}
    for entry in entry_points(group="mocap.formats"):
        plugin = entry.load()
        found.setdefault(plugin.name, plugin)
    return found


def format_of(path: str | Path, name: str | None = None) -> Format:
    """The format of this name, or the one that a file's own name tells.

    Raises:
        UnknownName: there is none; lists the known ones.
    """
    if name is not None:
        if name not in formats():
            raise UnknownName("file format", name, formats())
        return formats()[name]
    whole, suffix = Path(path).name.lower(), Path(path).suffix.lower()
    for ending in (True, False):  # the end of a name says more than its suffix
        for candidate in formats().values():
            if any(_ends(whole, s) if ending else s == suffix for s in candidate.suffixes):
                return candidate
    raise UnknownName(
        f"file suffix of {Path(path).name!r}",
        suffix,
        [s for f in formats().values() for s in f.suffixes],
    )


def _ends(name: str, ending: str) -> bool:
    """Whether a file's name is an ending without a dot, or ends in it as a word."""
    return not ending.startswith(".") and (
        name == ending or any(name.endswith(mark + ending) for mark in "._- ")
    )


def writable_format_of(path: str | Path, name: str | None = None) -> Format:
    """The format of a file to be written, so that a mistake shows before the work is done.

    Args:
        path: of the file.
        name: of the format; None tells it from the path.

    Raises:
        OutputError: it is a folder.
        UnknownName: no format has this name or suffix.
        FormatError: it can only be read.
    """
    if Path(path).is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; give a file name")
    chosen = format_of(path, name)
    if chosen.write is None:
        raise FormatError(f"{chosen.name} files can be read, not written", path=path)
    return chosen


def read(path: str | Path, options: Options | None = None, name: str | None = None) -> Take:
    """Read a take from a file of any format that can be read.

    Args:
        path: of the file.
        options: choices of the user.
        name: of the format; None tells it from the path.

    Raises:
        UnknownName: no format has this name or suffix.
        FormatError: the file is missing or malformed.
    """
    chosen = format_of(path, name)
    if chosen.read is None:
        raise FormatError(f"{chosen.name} files can be written, not read", path=path)
    return chosen.read(Path(path), options or Options())


def write(
    take: Take, path: str | Path, options: Options | None = None, name: str | None = None
) -> list[Path]:
    """Write a take; returns the files made.

    Args:
        take: what to write.
        path: of the file.
        options: choices of the user.
        name: of the format; None tells it from the path.

    Raises:
        UnknownName: no format has this name or suffix.
        OutputError: the file cannot be written; what was there before is kept.
    """
    chosen = format_of(path, name)
    if chosen.write is None:
        raise FormatError(f"{chosen.name} files can be read, not written", path=path)
    return chosen.write(take, Path(path), options or Options())
