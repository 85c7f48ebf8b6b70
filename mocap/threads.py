"""Threads that outlive a call: a named one that can be waited for, and what is handed between two.

Live, nothing may queue up: whoever is slow gets the newest, not the oldest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot between two threads.

    Attributes:
        dropped: things that were overtaken before anybody took them.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._changed = threading.Condition()
        self._content: list[T] = []
        self._closed = False

    def put(self, thing: T) -> None:
        """Leave a thing in the place of one that nobody took; never waits."""
        with self._changed:
            if self._closed:
                return
            self.dropped += len(self._content)
            self._content = [thing]
            self._changed.notify_all()

    def hand(self, thing: T) -> None:
        """Leave a thing once the one before was taken: for when nothing may be dropped."""
        with self._changed:
            self._changed.wait_for(lambda: not self._content or self._closed)
            if not self._closed:
                self._content = [thing]
                self._changed.notify_all()

    def take(self, timeout: float | None = None) -> T | None:
        """The thing, as soon as there is one; None after `timeout` seconds, or once closed and
        empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._content or self._closed, timeout)
            if not self._content:
                return None
            thing = self._content.pop()
            self._changed.notify_all()
            return thing

    @property
    def closed(self) -> bool:
        """Whether nothing more will come: closed and empty."""
        with self._changed:
            return self._closed and not self._content

    def close(self) -> None:
        """Nothing more is put; what is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Worker:
    """A thread that does one thing until that ends; it never keeps the program from ending.

    Attributes:
        error: what it ended with, None while it runs and if nothing went wrong.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # whatever it is belongs to whoever waits
            self.error = error

    def join(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; False if it has not after `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()
