"""What ticks a live session in Maya: a timer of Qt on Maya's own thread; there is no other."""

from __future__ import annotations

from typing import Callable

from .live import Session
from .qt import Qt, QtCore

INTERVAL = 16  # [ms] between two ticks
IDLE = 100  # [ms] the same while there is no connection


class Ticker(QtCore.QObject):
    """Ticks a session from `start` on until it has no client any more.

    Args:
        session: what is ticked.
        moved: called after a tick that moved something.
    """

    def __init__(self, session: Session, moved: Callable[[], None] = lambda: None) -> None:
        super().__init__(QtCore.QCoreApplication.instance())
        self._session, self._moved = session, moved
        self._timer = QtCore.QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def is_running(self) -> bool:
        """Whether it ticks."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start(INTERVAL)

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def _tick(self) -> None:
        if self._session.tick():
            self._moved()
        if self._session.client is None:
            self.stop()
            return
        interval = INTERVAL if self._session.is_connected else IDLE
        if self._timer.interval() != interval:
            self._timer.setInterval(interval)
