"""Everywhere that live frames go, each guarded from the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from mocap.closing import Closing
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.sink import Sink


class Outlets(Closing):
    """Sinks that come and go while frames flow.

    A sink that raises, against its rules, is let go with a word about it: nothing keeps the
    others from their frames.

    Args:
        complain: hears of such a sink.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._sinks: list[Sink] = []
        self._cast = Cast()
        self._lock = threading.RLock()  # a sink's failure may lead to the removal of another

    def add(self, sink: Sink) -> None:
        """Send to one more from now on; it is closed together with this."""
        with self._lock:
            self._sinks.append(sink)
            self._guarded(sink, lambda s: s.open(self._cast))

    def remove(self, sink: Sink) -> None:
        """Send no more to a sink, which is not closed."""
        with self._lock:
            if sink in self._sinks:
                self._sinks.remove(sink)

    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people."""
        with self._lock:
            self._cast = cast
            self._each(lambda sink: sink.open(cast))

    def write(self, frame: LiveFrame) -> None:
        """Send a frame everywhere."""
        with self._lock:
            self._each(lambda sink: sink.write(frame))

    def tell(self, message: Mapping[str, Any]) -> None:
        """Let everyone know who can be told."""
        with self._lock:
            self._each(lambda sink: sink.tell(message))

    @property
    def receivers(self) -> int:
        """How many are connected to all sinks together."""
        return sum(sink.receivers for sink in list(self._sinks))

    def close(self) -> None:
        with self._lock:
            sinks, self._sinks = self._sinks, []
        for sink in sinks:
            sink.close()

    def _each(self, do: Callable[[Sink], None]) -> None:
        for sink in list(self._sinks):
            self._guarded(sink, do)

    def _guarded(self, sink: Sink, do: Callable[[Sink], None]) -> None:
        try:
            do(sink)
        except Exception as error:
            self._sinks.remove(sink)
            self._complain(f"{sink.name} failed and gets no more: {error}")
