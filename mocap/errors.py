"""One tree of errors. Every message says what was asked, what was found and what would work."""

from __future__ import annotations

from collections.abc import Iterable


class MocapError(Exception):
    """Base of everything this package raises on purpose; the commands print it as one line."""


class InvalidValue(MocapError, ValueError):
    """A value (array, skeleton, motion, option) that breaks its own rules at birth."""


class UnknownName(MocapError, LookupError):
    """A name that is not in a registry; the message lists the known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; known: {', '.join(sorted(known))}")


class FormatError(MocapError):
    """A file that cannot be read as its format says; names the file and, if it can, the line."""

    def __init__(self, message: str, *, path: object = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: "
        if line is not None:
            where += f"line {line}: "
        super().__init__(where + message)
        self.line = line


class SourceError(MocapError):
    """A camera, video or folder that cannot be opened or read."""


class OutputError(MocapError):
    """An output that cannot be written; raised before the work starts wherever possible."""


class NoPerson(MocapError):
    """Nobody was found in the whole footage."""


class EstimatorError(MocapError):
    """A pose model that cannot be loaded or run."""


class StreamError(MocapError):
    """A server that cannot listen, or a peer that cannot be reached or does not understand."""


class Refused(MocapError):
    """Something asked of a live session that it cannot do now; says why."""


class MissingExtra(MocapError, ImportError):
    """An optional dependency is not installed; names the extra that brings it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed; "
            f"pip install 'mocap-bridge[{extra}]' brings it"
        )
