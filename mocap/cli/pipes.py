"""What the program prints, and whether anybody still reads it, as before a pipe to `head`."""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress
from typing import TextIO

GONE = 128 + 13  # status of a Unix program that SIGPIPE ended, as shells tell it


def flush() -> None:
    """Print what waits to be printed; what fails later fails beyond our reach. Raises OSError."""
    for stream in _streams():
        stream.flush()


def reader_left() -> bool:
    """Whether somebody who read what the program prints has left."""
    if not hasattr(select, "poll"):  # Windows, which has no such error either
        return False
    watch = select.poll()
    for stream in _streams():
        with suppress(OSError, ValueError):  # not a file, as where a program runs us
            watch.register(stream.fileno(), 0)
    return bool(watch.poll(0))


def drop_unprinted() -> None:
    """Forget what waits and cannot be printed, so that Python does not try again at its end."""
    for stream in _streams():
        try:
            stream.flush()
        except OSError:
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _streams() -> list[TextIO]:
    """Those that there are; a program without a console may have none."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]
