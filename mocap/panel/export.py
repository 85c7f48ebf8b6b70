"""Takes written as files for other programs, beside their journals."""

from __future__ import annotations

from pathlib import Path

import exporters
from mocap import rigs
from mocap.errors import OutputError
from mocap.take import Take

AS_CAPTURED = "as captured"


def writable_formats() -> list[str]:
    """Names of the formats that can be written, the usual one first."""
    return [name for name, f in exporters.formats().items() if f.write is not None]


def export(take: Take, name: str, folder: Path, format: str, skeleton: str) -> list[Path]:
    """Write a take in a format, on a skeleton.

    Args:
        take: as recorded.
        name: of the take.
        folder: where the files go.
        format: one of `writable_formats()`.
        skeleton: one of `skeletons.names()`, or AS_CAPTURED.

    Returns:
        The files written.

    Raises:
        MocapError: it cannot be written; the message says why.
    """
    if format not in writable_formats():
        raise OutputError(
            f"format: expected one of {', '.join(writable_formats())}, got {format!r}"
        )
    suffix = exporters.formats()[format].suffixes[0]
    if skeleton != AS_CAPTURED:
        take = rigs.rig(skeleton).take(take)
        name = f"{name}_{skeleton}"
    whole = suffix if suffix.startswith(".") else f".{suffix}"
    return exporters.write(take, folder / f"{name}{whole}")
