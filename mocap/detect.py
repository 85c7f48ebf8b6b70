"""Estimating a whole source: every frame in order, or in chunks by several processes.

What comes back is what the estimator said of each frame, before anybody is given an id.
"""

from __future__ import annotations

import itertools
import multiprocessing
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array
from mocap.errors import EstimatorError, MocapError
from mocap.estimators import Estimator
from mocap.landmarks import Landmarks
from mocap.lookout import open_for
from mocap.sources import Source, SourceWarning
from mocap.sources.prefetch import Prefetched
from mocap.stillness import Glimpse, glimpse, is_due

CHUNK = 900  # frames of a chunk: long, so that starting a model and warming it up costs little
WARM_UP = 12  # frames run before a chunk so that its smoothing has settled where it begins
WARM_UP_SEVERAL = 60  # for several people, whom the detector may find only after a while

INTERRUPTED = "interrupted from the keyboard"

Progress = Callable[[int], object]  # told how many more frames are done


@dataclass(frozen=True)
class Sighting:
    """Everyone the estimator found in one frame.

    Attributes:
        t: capture time [s].
        people: landmarks in no particular order, ids without meaning.
        glimpse: the picture itself, reduced; of a few frames each second, None of the others.
    """

    t: float
    people: tuple[Landmarks, ...]
    glimpse: Glimpse | None = None


@dataclass(frozen=True)
class Detected:
    """What was found until the end of a source, or until something ended it early.

    Attributes:
        sightings: in order of time.
        size: width and height of the pictures [px].
        cut_short: why not everything was seen; None if it was.
        interrupted: from the keyboard.
    """

    sightings: tuple[Sighting, ...]
    size: tuple[int, int]
    cut_short: str | None = None
    interrupted: bool = False


def detect(
    source: Source,
    estimator: Estimator,
    progress: Progress = lambda _: None,
    until: float | None = None,
) -> Detected:
    """Run an estimator over a source, reading ahead in a thread.

    A source that fails after its first frames, or an interrupt from the keyboard, ends the
    detection without losing what came before.

    Args:
        source: not closed here.
        estimator: fresh or reset.
        progress: told of every frame.
        until: stop at this time [s].

    Raises:
        MocapError: the source or the estimator failed before anything was seen.
    """
    sightings: list[Sighting] = []
    cut_short, interrupted = None, False
    ahead = Prefetched(source)
    try:
        for frame in ahead:
            if until is not None and frame.t >= until:
                break
            people = tuple(estimator(frame))
            due = is_due(frame.t, sightings[-1].t if sightings else None)
            seen = glimpse(frame, people) if due else None
            sightings.append(Sighting(frame.t, people, seen))
            progress(1)
    except KeyboardInterrupt:
        cut_short, interrupted = INTERRUPTED, True
    except MocapError as error:
        if not sightings:
            raise
        cut_short = str(error)
    return Detected(tuple(sightings), source.size, cut_short, interrupted)


def chunks(times: Array, workers: int, warm_up: int = WARM_UP) -> list[tuple[float, float, float]]:
    """Ranges of time (warm-up from, start, stop) that together cover every frame once.

    Args:
        times: (T,) [s] of the frames.
        workers: processes that will share them.
        warm_up: frames to run before a chunk.
    """
    count = workers * max(1, round(len(times) / (workers * CHUNK)))
    edges = np.linspace(0, len(times), count + 1).astype(int)
    # a boundary lies in the middle between two frames, out of reach of rounding
    middles = (times[1:] + times[:-1]) / 2
    between = np.concatenate([[max(times[0] - 1e-6, 0.0)], middles, [times[-1] + 1e-6]])
    return [
        (float(between[max(a - warm_up, 0)]), float(between[a]), float(between[b]))
        for a, b in itertools.pairwise(edges)
        if b > a
    ]


def detect_in_parallel(
    path: Path,
    times: Array,
    size: tuple[int, int],
    workers: int,
    people: int,
    model: Path | None,
    progress: Progress = lambda _: None,
) -> Detected:
    """Run an estimator over a video file in several processes.

    Args:
        path: a file that can be read from any time on.
        times: (T,) [s] of its frames.
        size: of its pictures [px].
        workers: number of processes.
        people, model: as `open_for` takes them.
        progress: told of frames done.

    What comes before the first chunk that failed or was interrupted is kept, as by `detect`.

    Raises:
        MocapError: the source or the estimator failed before anything was seen.
    """
    context = multiprocessing.get_context("spawn")  # threads and models do not survive a fork
    jobs = chunks(times, workers, WARM_UP if people == 1 else WARM_UP_SEVERAL)
    work = _Work(
        path, people, model, jobs, context.Value("l", 0), context.Value("l", 0),
        context.RawValue("b", 0),
    )  # fmt: skip
    pipes = [context.Pipe(duplex=False) for _ in range(workers)]
    processes = [context.Process(target=_run, args=(end, work), daemon=True) for _, end in pipes]
    try:
        with _interrupts(signal.SIG_IGN):  # which the workers inherit: they look at `stop`
            for process, (_, end) in zip(processes, pipes, strict=True):
                process.start()
                end.close()
        with _interrupts(work.interrupt):
            outcomes = _collect([pipe for pipe, _ in pipes], work, len(times), progress)
    finally:
        for process in processes:
            if process.pid is not None:
                process.terminate()
                process.join()
    return _joined(outcomes, work, workers, size)


Part = tuple[Detected, list[str]]  # what is seen in a chunk, and the warnings that came up


@dataclass(frozen=True)
class _Work:
    """What worker processes share.

    Attributes:
        path, people, model: as `detect_in_parallel` takes them.
        jobs: the chunks.
        taken: how many of them are begun.
        done: frames.
        stop: whether to end early. It has no lock: a signal handler may set it at any time.
    """

    path: Path
    people: int
    model: Path | None
    jobs: list[tuple[float, float, float]]
    taken: Any
    done: Any
    stop: Any

    def take(self) -> int | None:
        """The number of the next chunk to do, None if there is none left."""
        with self.taken.get_lock():
            job: int = self.taken.value
            self.taken.value += 1
        return None if self.stop.value or job >= len(self.jobs) else job

    def interrupt(self, *_: object) -> None:
        """End early at the first interrupt from the keyboard; the next has its usual effect."""
        self.stop.value = 1
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _interrupts(handler: Any) -> Iterator[None]:
    """Handle interrupts from the keyboard in another way for a while."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may, and only it is interrupted
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _collect(
    pipes: list[Connection], work: _Work, frames: int, progress: Progress
) -> dict[int, Part | MocapError]:
    """What came of each chunk, by its number, until all are known or all workers gone."""
    outcomes: dict[int, Part | MocapError] = {}
    told = 0
    while pipes and len(outcomes) < len(work.jobs):
        # no endless wait: it could not be interrupted from the keyboard on Windows
        ready: list[Any] = wait(pipes, timeout=0.2)
        for pipe in ready:
            try:
                job, outcome = pipe.recv()
                outcomes[job] = outcome
            except (EOFError, OSError):
                pipes.remove(pipe)
        done = min(work.done.value, frames)
        progress(done - told)
        told = done
    return outcomes


def _joined(
    outcomes: Mapping[int, Part | MocapError], work: _Work, workers: int, size: tuple[int, int]
) -> Detected:
    """The chunks one after another, up to the first that is not complete."""
    sightings: list[Sighting] = []
    for job in range(len(work.jobs)):
        outcome = outcomes.get(job)
        if outcome is None and work.stop.value:
            return Detected(tuple(sightings), size, INTERRUPTED, interrupted=True)
        if outcome is None:
            outcome = EstimatorError(
                f"one of {workers} worker processes died (out of memory?); try --workers 1"
            )
        if isinstance(outcome, MocapError):
            if not sightings:
                raise outcome
            return Detected(tuple(sightings), size, str(outcome))
        part, messages = outcome
        for message in messages:
            warnings.warn(message, SourceWarning, stacklevel=3)
        sightings.extend(part.sightings)
        if part.cut_short is not None:
            return replace(part, sightings=tuple(sightings))
    return Detected(tuple(sightings), size)


def _run(pipe: Connection, work: _Work) -> None:
    """Do chunks until none is left: what a worker process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # is not inherited on Windows
    job = work.take()
    try:
        with open_for(work.people, work.model) as estimator:
            while job is not None:
                pipe.send((job, _see(work, job, estimator)))
                job = work.take()
                if job is not None:
                    estimator.reset()
    except MocapError as error:
        pipe.send((job, EstimatorError(str(error))))
        work.taken.value = len(work.jobs)  # what comes after it is of no use


def _see(work: _Work, job: int, estimator: Estimator) -> Part:
    from mocap.sources.video import VideoSource

    def progress(frames: int) -> None:
        with work.done.get_lock():
            work.done.value += frames
        if work.stop.value:
            raise KeyboardInterrupt

    warm_up, start, end = work.jobs[job]
    with (
        warnings.catch_warnings(record=True) as caught,
        VideoSource(work.path, start=warm_up, stop=end) as source,
    ):
        warnings.simplefilter("always", SourceWarning)
        found = detect(source, estimator, progress)
    inside = tuple(s for s in found.sightings if s.t >= start)
    messages = [str(w.message) for w in caught if w.category is SourceWarning]
    return replace(found, sightings=inside), messages
