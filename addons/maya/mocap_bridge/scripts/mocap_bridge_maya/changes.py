"""Changes that Maya's own commands cannot undo, handed to the plug-in's command, which can.

Keys written in bulk are no command of Maya. Whoever writes them wraps them in a `Change` and calls
`run`: the command `mocapBridgeChange` of the plug-in does it and stays in the undo queue. Without
the plug-in the change is done all the same, and cannot be undone.

A command takes no Python object as an argument, so the change waits here until the command, which
runs at once, takes it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Callable

COMMAND = "mocapBridgeChange"


class Change(ABC):
    """Something that can be done and undone, again and again; subclasses do it."""

    @abstractmethod
    def do(self) -> None:
        """Do it, the first time."""

    @abstractmethod
    def undo(self) -> None:
        """Undo it."""

    def redo(self) -> None:
        """Do it again after `undo`."""
        self.do()


_waiting: list[Change] = []
_command: list[Callable[[], object]] = []


def register(command: Callable[[], object] | None) -> None:
    """Name what runs the plug-in's command; None when the plug-in goes."""
    _command[:] = [] if command is None else [command]


def run(change: Change) -> None:
    """Do a change, so that it can be undone where the plug-in is loaded."""
    if not _command:
        change.do()
        return
    _waiting.append(change)
    try:
        _command[0]()
    finally:
        if change in _waiting:  # the command never came to run
            _waiting.remove(change)


def take() -> Change | None:
    """The change that the command, which calls this, has to do; None where nothing waits."""
    return _waiting.pop() if _waiting else None
