"""Files that hold motion: takes (.json), recordings (.jsonl) and BVH (.bvh).

What these files are is told in docs/ and in the exporters of the project, whose reading this
equals.
"""

from __future__ import annotations

from pathlib import Path

from . import bvh, journal, json_take
from .bvh import Bvh
from .clip import Take
from .errors import TakeError

SUFFIXES = (".json", ".jsonl", ".bvh")


def read(path: str | Path, unit_name: str = "AUTO") -> Take | Bvh:
    """What a file holds, by its suffix: clips, or of a BVH the numbers themselves.

    Args:
        path: of the file.
        unit_name: "CM", "M" or "AUTO", for BVH, which does not tell its unit.

    Raises:
        TakeError: one line that begins with the file's name.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise TakeError(f"{path.name}: expected a file of {', '.join(SUFFIXES)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TakeError(f"{path.name}: cannot read: {error.strerror or error}") from None
    try:
        if suffix == ".bvh":
            return bvh.loads(data, unit_name)
        return journal.loads(data) if suffix == ".jsonl" else json_take.loads(data)
    except TakeError as error:
        raise TakeError(f"{path.name}: {error}") from None
    except MemoryError:
        raise TakeError(f"{path.name}: too large for the memory of this computer") from None
