"""The two ends of an estimator's process: what the session holds, and what runs there."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.arrays import Array
from mocap.errors import EstimatorError, MocapError
from mocap.estimators import Estimator
from mocap.frame import Frame
from mocap.landmarks import Landmarks, Layout
from mocap.threads import Worker

GRACE = 2.0  # [s] for a process to end by itself

Opened = tuple[str, str, str, Layout]  # name, licence, device and layout of an estimator
Found = tuple[Array, "Array | None", Array, "Array | None"]  # the arrays of a person's landmarks


class Died(Exception):
    """The process did not answer; says what it did instead, to follow its name."""


class Refused(Died):
    """The estimator cannot be opened, as it says itself."""


class Canvas:
    """A picture in memory that another process sees too; it grows with the pictures."""

    def __init__(self) -> None:
        self._memory: SharedMemory | None = None

    def show(self, image: NDArray[np.uint8]) -> tuple[str, tuple[int, ...]]:
        """Put a picture (H, W, 3) there; returns the name of the memory, and the shape.

        Raises:
            EstimatorError: there is no memory for it.
        """
        if self._memory is None or self._memory.size < image.nbytes:
            self.close()
            try:
                self._memory = SharedMemory(create=True, size=image.nbytes)
            except OSError as error:
                raise EstimatorError(
                    f"no shared memory for a picture of {image.nbytes} bytes: {error}"
                ) from None
        np.copyto(np.ndarray(image.shape, np.uint8, self._memory.buf), image)
        return self._memory.name, image.shape

    def close(self) -> None:
        """Give the memory back; who still looks at it may go on."""
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.unlink()
            with suppress(BufferError):  # somebody is just painting: it ends with them
                memory.close()


class Child:
    """A process with an estimator.

    Attributes:
        began: when it was started [s].
        is_open: whether its estimator is.
        answered: whether it has answered a question.
    """

    def __init__(self, factory: Callable[[], Estimator], began: float) -> None:
        context = multiprocessing.get_context("spawn")  # threads and models do not survive a fork
        self.began = began
        self.is_open = self.answered = False
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_run, args=(theirs, factory), name="estimator", daemon=True
        )
        with _without_interrupts():
            self._process.start()
        theirs.close()

    def opened(self, patience: float) -> Opened | None:
        """What estimator it is; None if it is still being opened after so long [s].

        Raises:
            Died: instead.
        """
        if not self._speaks(patience):
            return None
        opened: Opened = self._answer()
        self.is_open = True
        return opened

    def ask(self, question: tuple[Any, ...], patience: float) -> Any:
        """The answer to a question. Raises Died if there is none within `patience` [s]."""
        try:
            self._pipe.send(question)
        except OSError:
            raise self._ended() from None
        if not self._speaks(patience):
            raise Died(f"gave no answer for {patience:g} s")
        answer = self._answer()
        self.answered = True
        return answer

    def kill(self) -> None:
        """End it whatever it does; from any thread. Whoever waits for an answer sees it die."""
        with suppress(ValueError):  # closed already
            self._process.kill()

    def end(self) -> None:
        """Have it end, and wait until it has; it is killed if it does not listen."""
        self._pipe.close()
        self._process.join(GRACE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._process.close()

    def _speaks(self, patience: float) -> bool:
        try:
            return self._pipe.poll(patience)
        except OSError:
            raise self._ended() from None

    def _answer(self) -> Any:
        try:
            kind, content = self._pipe.recv()
        except (EOFError, OSError):
            raise self._ended() from None
        if kind == "answer":
            return content
        raise (Refused if kind == "refused" else Died)(content)

    def _ended(self) -> Died:
        self._process.join(GRACE)
        code = self._process.exitcode
        if code is not None and code < 0:
            return Died(f"was ended by {_signal(-code)}")
        return Died(f"ended with status {code}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """What this thread starts meanwhile is not ended by Ctrl-C, of which terminals tell all."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # starting it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(pipe: Connection, factory: Callable[[], Estimator]) -> None:
    """Answer until the other end is closed: what the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a blocked one is not inherited on Windows
    Worker("end with the session", _end_with_parent)
    try:
        estimator = factory()
    except MocapError as error:
        _say(pipe, "refused", str(error))
        return
    except Exception as error:
        _say(pipe, "failed", f"raised {type(error).__name__}: {error}")
        return
    with estimator:
        e = estimator
        _say(pipe, "answer", (e.name, e.licence, e.device, e.layout))
        try:
            _answer(pipe, estimator)
        except Exception as error:
            _say(pipe, "failed", f"raised {type(error).__name__}: {error}")


def _say(pipe: Connection, kind: str, content: object) -> None:
    with suppress(OSError):  # nobody listens any more
        pipe.send((kind, content))


def _answer(pipe: Connection, estimator: Estimator) -> None:
    memory: SharedMemory | None = None
    while True:
        try:
            question, *about = pipe.recv()
        except (EOFError, OSError):
            return
        if question == "reset":
            estimator.reset()
            _say(pipe, "answer", None)
            continue
        t, name, shape = about
        if memory is None or memory.name != name:
            if memory is not None:
                memory.close()
            memory = SharedMemory(name)
        _say(pipe, "answer", _see(estimator, t, memory, shape))


def _see(
    estimator: Estimator, t: float, memory: SharedMemory, shape: tuple[int, ...]
) -> list[Found]:
    people: list[Landmarks] = estimator(Frame(t, np.ndarray(shape, np.uint8, memory.buf)))
    return [(p.image, p.world, p.confidence, p.appearance) for p in people]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # whatever the model is doing: nobody will ask for it
