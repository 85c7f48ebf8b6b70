"""What a client may ask a live session to do. Values alone: each is checked where it is born."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from mocap.errors import InvalidValue

LONGEST_NAME = 100  # characters
LONGEST_NOTE = 2000
OPTIONS = ("smoothing", "look_ahead", "people", "height", "filter")


@dataclass(frozen=True)
class Record:
    """Begin a recording.

    Attributes:
        name: of the take; None makes one of date and time.
        note: anything worth remembering about it.
    """

    name: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.name is not None and not 0 < len(self.name) <= LONGEST_NAME:
            raise InvalidValue(f"name: expected 1 to {LONGEST_NAME} characters")
        if len(self.note) > LONGEST_NOTE:
            raise InvalidValue(f"note: expected at most {LONGEST_NOTE} characters")


@dataclass(frozen=True)
class Stop:
    """End the recording."""


@dataclass(frozen=True)
class Calibrate:
    """Learn height, floor, facing and bone lengths from people who stand in a T-pose.

    Attributes:
        height: [m] how tall they are, if they know.
        delay: [s] until they are looked at.
    """

    height: float | None = None
    delay: float = 3.0

    def __post_init__(self) -> None:
        if self.height is not None and not 0.3 <= self.height <= 3.0:
            raise InvalidValue(f"height: expected 0.3 to 3.0 metres, got {self.height}")
        if not 0.0 <= self.delay <= 30.0:
            raise InvalidValue(f"delay: expected 0 to 30 seconds, got {self.delay}")


@dataclass(frozen=True)
class Set:
    """Change an option.

    Attributes:
        option: one of OPTIONS.
        value: smoothing true or false; look_ahead 0 to 5 frames; people how many at most, 0 for
            everyone; height in metres or null; filter as on the command line.
    """

    option: str
    value: Any

    def __post_init__(self) -> None:
        if self.option not in OPTIONS:
            raise InvalidValue(
                f"option: expected one of {', '.join(OPTIONS)}, got {self.option[:40]!r}"
            )


@dataclass(frozen=True)
class ListTakes:
    """Tell which takes there are."""


Command = Record | Stop | Calibrate | Set | ListTakes


class Control(Protocol):
    """What obeys commands: a live session."""

    def clock(self) -> float:
        """[s] now, on the clock that the times of frames are of."""

    def obey(self, command: Command) -> dict[str, Any]:
        """Do what is asked, soon; from any thread, perhaps after waiting for a moment.

        Returns:
            What the client is told, plain JSON values.

        Raises:
            MocapError: refused; the message says why.
        """

    def status(self) -> dict[str, Any]:
        """How the session is doing, plain JSON values."""
