"""Work in a process of its own, which is asked things through a pipe; and what a process uses."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mocap.closing import Closing

PATIENCE = 180.0  # [s] for an answer
END = 20.0  # [s] for a process to end by itself
PAGE = 4096 / 2**20  # [MB]


class Beside(Closing):
    """A function that runs in a fresh process until this is closed.

    Args:
        work: is called there with its end of a pipe and the arguments. First of all it says what
            others need to know; then it answers whatever comes, until there is None.
    """

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, *arguments), daemon=False)
        self._process.start()
        theirs.close()
        try:
            self.said: Any = self.hear()
        except BaseException:
            self._process.kill()
            raise

    def ask(self, question: str) -> Any:
        """Its answer."""
        self._pipe.send(question)
        return self.hear()

    def hear(self, patience: float = PATIENCE) -> Any:
        """What it says next. Raises RuntimeError if that takes too long, or it has ended."""
        try:
            if self._pipe.poll(patience):
                return self._pipe.recv()
        except EOFError:
            self._process.join(END)
            raise RuntimeError(f"a process ended with {self._process.exitcode}") from None
        raise RuntimeError(f"a process said nothing for {patience:g} s")

    def tell(self, word: str) -> None:
        """Say something that needs no answer."""
        self._pipe.send(word)

    def close(self) -> None:
        with suppress(OSError):  # it has ended already
            self._pipe.send(None)
        self._process.join(END)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._pipe.close()


@dataclass(frozen=True)
class Used:
    """What a process has used so far.

    Attributes:
        wall: [s] on a clock that all processes of this machine share.
        cpu: [s] of all its threads.
        memory: [MB] it holds now.
        frames: that it made.
        solve: [ms] that the solve of a frame took lately; None if nothing is solved.
    """

    wall: float
    cpu: float
    memory: float
    frames: int
    solve: float | None = None


def used(frames: int = 0, solve: float | None = None) -> Used:
    """What this process has used so far."""
    return Used(time.perf_counter(), time.process_time(), memory(), frames, solve)


def memory() -> float:
    """[MB] of memory that this process holds. From Linux."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def wanted(pipe: Connection, timeout: float | None = 0.0) -> str | None:
    """The question that was asked, "" if there is none yet, None at the end."""
    try:
        return pipe.recv() if pipe.poll(timeout) else ""
    except EOFError:
        return None
