"""Reading beside thinking: a source read by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

from mocap.errors import InvalidValue, SourceError
from mocap.frame import Frame
from mocap.sources.base import Source

# How long [s] to wait for a reader that is stuck in a driver or a connection.
PATIENCE = 2.0


class Prefetched(Source):
    """A source whose pictures are read and converted while others are being worked on.

    Of a file every frame comes, in order, through a short queue. Of a live source the newest
    comes, once. What the reader raises is raised here after the frames that came before it.

    Attributes:
        dropped: frames of a live source that were overtaken by newer ones, over all loops.
    """

    def __init__(self, source: Source, depth: int = 4) -> None:
        """
        Args:
            source: closed together with this.
            depth: frames of a file to read ahead; a live source is always one.

        Raises:
            InvalidValue: the depth is not positive.
        """
        if depth < 1:
            raise InvalidValue(f"depth of prefetching: expected 1 or more, got {depth}")
        self.name = source.name
        self.size = source.size
        self.fps = source.fps
        self.frame_count = source.frame_count
        self.live = source.live
        self.focal_35mm = source.focal_35mm
        self.dropped = 0
        self._source = source
        self._depth = 1 if source.live else depth
        self._reader: _Reader | None = None
        self._beginning = threading.Lock()  # a close during it would miss the new reader

    def __iter__(self) -> Iterator[Frame]:
        if self._reader is not None and not self._reader.stop():
            raise SourceError(f"{self.name}: the loop before is still waiting for a picture")
        with self._beginning:
            reader = self._reader = _Reader(self._source, self._depth)
        try:
            for frame in reader.frames():
                self.dropped += reader.take_dropped()
                yield frame
        finally:
            reader.stop()
            self.dropped += reader.take_dropped()

    def close(self) -> None:
        """End the reading and close the source; never waits for a reader that is stuck."""
        with self._beginning:
            reader = self._reader
        if reader is None or reader.stop(close_after=True):
            self._source.close()


class _Reader:
    """One pass over a source in a thread: a bounded queue, or one slot where the newest wins."""

    def __init__(self, source: Source, depth: int) -> None:
        self._source = source
        self._depth = depth
        self._changed = threading.Condition()
        self._queue: deque[Frame] = deque()
        self._dropped = 0
        self._stopped = self._finished = self._close_after = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"read {source.name}", daemon=True)
        self._thread.start()

    def frames(self) -> Iterator[Frame]:
        while True:
            with self._changed:
                # An endless wait could not be interrupted from the keyboard on Windows.
                while not (self._queue or self._finished or self._stopped):
                    self._changed.wait(0.5)
                if self._stopped:
                    return
                if not self._queue:
                    if self._error is not None:
                        raise self._error
                    return
                frame = self._queue.popleft()
                self._changed.notify_all()
            yield frame

    def take_dropped(self) -> int:
        with self._changed:
            dropped, self._dropped = self._dropped, 0
            return dropped

    def stop(self, close_after: bool = False) -> bool:
        """End the pass; False if the thread is stuck, which then may close the source itself."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(PATIENCE)
        with self._changed:
            self._close_after |= close_after
            return self._finished

    def _run(self) -> None:
        try:
            for frame in self._source:
                if not self._put(frame):
                    break
        except BaseException as error:  # whatever it is belongs to the consumer
            self._error = error
        with self._changed:
            self._finished = True
            self._changed.notify_all()
            abandoned = self._close_after
        if abandoned:
            self._source.close()

    def _put(self, frame: Frame) -> bool:
        with self._changed:
            if self._source.live and self._queue and not self._stopped:
                self._queue.clear()
                self._dropped += 1
            while len(self._queue) >= self._depth and not self._stopped:
                self._changed.wait()
            if self._stopped:
                return False
            self._queue.append(frame)
            self._changed.notify_all()
            return True
