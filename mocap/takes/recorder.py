"""Recording while it happens: everything live, written to a journal line by line."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from io import FileIO
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from exporters.journal_lines import (
    EndLine,
    Header,
    cast_line,
    end_line,
    frame_line,
    header_line,
    note_line,
    seen_line,
)
from mocap.errors import OutputError
from mocap.landmarks import Layout, Observation
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.sink import Sink
from mocap.threads import Worker

MOST_WAITING = 600  # things not yet written: with 60 frames a second, 5 s
LOOK = 0.5  # [s] between two looks whether the file is still there
PATIENCE = 10.0  # [s] for a disk to take what waits at the end


class Recorder(Sink):
    """Writes a journal in a thread of its own; the capture never waits for the disk.

    Every line goes to the operating system by itself, as soon as it is there, so a killed process
    loses what a moment holds. A disk that refuses (full, gone) or cannot keep up for seconds ends
    the recording: what is whole is kept, `on_failure` is told once, and what comes later is
    ignored.

    Args:
        path: of the journal; nothing may be there.
        name: of the take.
        note: what its user wants to remember.
        made: how the recording is made, as in a take: source, estimator, camera, settings.
        layout: of the landmarks.
        size: width and height of the pictures [px].
        started: now, with a time zone.
        clock: [s] what the session's clock shows now.
        on_failure: told once, from any thread, why the recording has ended.

    Attributes:
        path: of the journal.
        take: name of the take.
        frames: how many are written.
        seconds: from the first thing written to the last.
        failed: why it has ended; None as long as all is well.

    Raises:
        OutputError: the file cannot be made.
        InvalidValue: `made` holds what JSON cannot.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        note: str,
        made: Mapping[str, Any],
        layout: Layout,
        size: tuple[int, int],
        started: datetime,
        clock: float,
        on_failure: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.name = f"recording {path.name}"
        self.path, self.take = path, name
        self.frames, self.seconds = 0, 0.0
        self.failed: str | None = None
        self._on_failure = on_failure
        self._ended = threading.Event()  # by close or by a failure: nothing more is taken in
        self._failing = threading.Lock()
        self._waiting: SimpleQueue[Cast | Observation | LiveFrame | str | None] = SimpleQueue()
        self._writer: int | None = None
        self._first: float | None = None
        self._people: set[int] = set()
        self._whole = 0  # bytes written up to the end of the last whole line
        header = header_line(Header(started, clock, layout, size, made, name, note))
        self._file = _made(path)
        try:
            self._put(header)
        except OSError as error:
            self._file.close()
            with suppress(OSError):
                path.unlink()
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
        self._worker = Worker("recorder", self._write_all)

    def open(self, cast: Cast) -> None:
        """The frames that follow are of these people."""
        self._take_in(cast)

    def saw(self, observation: Observation) -> None:
        """Keep what the estimator saw in a frame, under stable ids."""
        self._take_in(observation)

    def write(self, frame: LiveFrame) -> None:
        """Keep the poses of a frame."""
        self._take_in(frame)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Keep what people are told of: notes and errors."""
        if message.get("type") in ("note", "error"):
            self._take_in(str(message.get("message", "")))

    def close(self) -> None:
        """Write what waits and the end; afterwards `frames`, `seconds` and `failed` stay."""
        if not self._ended.is_set():
            self._ended.set()
            self._waiting.put(None)
        # whoever is told of a failure may well close, in the very thread that would be waited for
        if threading.get_ident() != self._writer and not self._worker.join(PATIENCE):
            self._fail(f"the disk took longer than {PATIENCE:g} s to write the end")

    def _take_in(self, thing: Cast | Observation | LiveFrame | str) -> None:
        if self._ended.is_set():
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self._fail("the disk cannot keep up")
            return
        self._waiting.put(thing)

    def _fail(self, why: str) -> None:
        with self._failing:
            if self.failed is not None:
                return
            self.failed = f"recording {self.path.name} has ended, what came before is kept: {why}"
        self._ended.set()
        self._waiting.put(None)
        self._on_failure(self.failed)

    def _write_all(self) -> None:
        """What the thread does."""
        self._writer = threading.get_ident()
        looked = time.monotonic()
        try:
            while self.failed is None:
                with suppress(Empty):
                    thing = self._waiting.get(timeout=LOOK)
                    if thing is None:
                        break
                    self._write_one(thing)
                if time.monotonic() - looked >= LOOK:
                    self._look()
                    looked = time.monotonic()
            if self.failed is None:
                self._look()
                end = EndLine(self.frames, self.seconds, tuple(sorted(self._people)))
                self._put(end_line(end))
                os.fsync(self._file.fileno())
        except OSError as error:
            self._fail(error.strerror or str(error))
        except Exception as error:  # a thread has nobody above it who would tell
            self._fail(f"{type(error).__name__}: {error}")
        finally:
            with suppress(OSError):
                self._file.truncate(self._whole)  # no line is left half
            with suppress(OSError):
                self._file.close()

    def _write_one(self, thing: Cast | Observation | LiveFrame | str) -> None:
        if isinstance(thing, LiveFrame):
            self._put(frame_line(thing.seq, thing.t, ((p.id, p.pose) for p in thing.people)))
            self.frames += 1
            self._count(thing.t, (p.id for p in thing.people))
        elif isinstance(thing, Observation):
            self._put(seen_line(thing))
            self._count(thing.t, (p.person for p in thing.people))
        elif isinstance(thing, Cast):
            self._put(cast_line(thing.skeletons, thing.fps))
        else:
            self._put(note_line(thing))

    def _count(self, t: float, people: Iterable[int]) -> None:
        self._first = t if self._first is None else min(self._first, t)
        self.seconds = max(self.seconds, t - self._first)
        self._people.update(people)

    def _put(self, line: bytes) -> None:
        """Write a whole line, or raise OSError."""
        rest = memoryview(line)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._whole += len(line)

    def _look(self) -> None:
        """Raise OSError if the file was deleted: then a disk takes lines that nobody can read."""
        if os.fstat(self._file.fileno()).st_nlink == 0:
            raise FileNotFoundError(2, "the file was deleted")


def _made(path: Path) -> FileIO:
    """A new file, without a buffer of ours. Raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb", buffering=0)
    except FileExistsError:
        raise OutputError(
            f"cannot write {path}: it is there already; choose another name"
        ) from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
