"""One thread reads a source, another may close it at any time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from mocap.closing import Closing
from mocap.frame import Frame

T = TypeVar("T")

# How long [s] to wait for a reader that is stuck in a driver or a connection.
PATIENCE = 2.0


class Reading:
    """Holds what is being read, and closes it when that is safe: never under the reader's hands.

    Attributes:
        closed: set as soon as nobody wants to read on; waiting for it is a sleep that ends then.
    """

    def __init__(self, held: Closing) -> None:
        self.held = held
        self.closed = threading.Event()
        self._busy = threading.Lock()

    def next(self, frames: Iterator[Frame]) -> Frame | None:
        """The next frame; None at the end, or if this is closed."""
        return self.do(lambda: next(frames, None))

    def do(self, work: Callable[[], T]) -> T | None:
        """What comes of some work with the thing held; None if this is closed."""
        with self._busy:
            if self.closed.is_set():
                return None
            try:
                return work()
            finally:
                if self.closed.is_set():
                    self.held.close()

    def close(self) -> None:
        """End the reading and close the thing; a stuck reader does it when it comes loose."""
        self.closed.set()
        if self._busy.acquire(timeout=PATIENCE):
            try:
                self.held.close()
            finally:
                self._busy.release()
