"""Things that hold a device, a file or a model, and let go of it at the end of a `with` block."""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

ClosingT = TypeVar("ClosingT", bound="Closing")


class Closing:
    """Has `close()`, and calls it at the end of a `with` block, whatever happened in it."""

    def close(self) -> None:
        """Let go of what is held; may be called more than once."""

    def __enter__(self: ClosingT) -> ClosingT:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
