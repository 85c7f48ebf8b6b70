"""Writing files so that nothing is lost: checked before the work, replaced only when whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mocap.errors import OutputError


def check_writable(path: Path) -> None:
    """Raise OutputError unless a file can be made at `path`; makes its folder if need be."""
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; give a file name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            if not os.access(path, os.W_OK):
                raise PermissionError(13, "the file is write-protected")
            with path.open("r+b"):  # on Windows, another program may keep it from us
                pass
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except (FileExistsError, NotADirectoryError):
        raise OutputError(
            f"cannot write {path}: {_file_above(path)} is a file, no folder"
        ) from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None


def _file_above(path: Path) -> Path:
    """The part of a path that is a file where a folder ought to be."""
    return next((above for above in path.parents if above.is_file()), path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends without error.

    Raises:
        OutputError: the disk refused (full, gone, read-only); `path` is as it was before.
    """
    # the suffix is kept last: writers that look at it must see the true one
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # most often it is gone already; never hide the first error
            part.unlink()
