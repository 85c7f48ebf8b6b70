"""Estimating a whole source: every frame in order, or in chunks by several processes.

What comes back is what the estimator said of each frame, before anybody is given an id.
"""

from __future__ import annotations

import itertools
import multiprocessing
import signal
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array
from mocap.errors import EstimatorError, MocapError
from mocap.estimators import Estimator, open_estimator
from mocap.landmarks import Landmarks
from mocap.sources import Source, SourceWarning
from mocap.sources.prefetch import Prefetched

CHUNK = 300  # frames of a chunk: long, so that warming up costs little
WARM_UP = 12  # frames run before a chunk so that its smoothing has settled where it begins
WARM_UP_SEVERAL = 60  # for several people, whom the detector may find only after a while

Progress = Callable[[int], None]  # told how many more frames are done


@dataclass(frozen=True)
class Sighting:
    """Everyone the estimator found in one frame.

    Attributes:
        t: capture time [s].
        people: landmarks in no particular order, ids without meaning.
    """

    t: float
    people: tuple[Landmarks, ...]


@dataclass(frozen=True)
class Detected:
    """What was found until the end of a source, or until something ended it early.

    Attributes:
        sightings: in order of time.
        size: width and height of the pictures [px].
        cut_short: why not everything was seen; None if it was.
    """

    sightings: tuple[Sighting, ...]
    size: tuple[int, int]
    cut_short: str | None = None


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
    cut_short = None
    ahead = Prefetched(source)
    try:
        for frame in ahead:
            if until is not None and frame.t >= until:
                break
            sightings.append(Sighting(frame.t, tuple(estimator(frame))))
            progress(1)
    except KeyboardInterrupt:
        cut_short = "interrupted from the keyboard"
    except MocapError as error:
        if not sightings:
            raise
        cut_short = str(error)
    return Detected(tuple(sightings), source.size, cut_short)


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
        people, model: as `open_estimator` takes them.
        progress: told of frames done.

    Raises:
        MocapError: the source or the estimator failed.
    """
    context = multiprocessing.get_context("spawn")  # threads and models do not survive a fork
    counter = context.Value("l", 0)
    sightings: list[Sighting] = []
    cut_short = None
    told = 0
    pool = ProcessPoolExecutor(workers, context, _start_worker, (path, people, model, counter))
    try:
        warm_up = WARM_UP if people == 1 else WARM_UP_SEVERAL
        running = [pool.submit(_run_chunk, *chunk) for chunk in chunks(times, workers, warm_up)]
        for chunk in running:
            while not wait([chunk], timeout=0.2).done:
                progress(counter.value - told)
                told = counter.value
            found, messages = chunk.result()
            sightings.extend(found)
            for message in messages:
                warnings.warn(message, SourceWarning, stacklevel=2)
        progress(len(sightings) - told)
    except KeyboardInterrupt:
        cut_short = "interrupted from the keyboard"
    except BrokenProcessPool:
        raise EstimatorError(
            f"one of {workers} worker processes died (out of memory?); try --workers 1"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
    return Detected(tuple(sightings), size, cut_short)


_worker: tuple[Path, Estimator, Any]  # of a worker process: what every chunk needs


def _start_worker(path: Path, people: int, model: Path | None, counter: Any) -> None:
    global _worker
    signal.signal(signal.SIGINT, _stop)
    _worker = (path, open_estimator(people=people, model=model), counter)


def _stop(*_: object) -> None:
    """End a chunk at once on an interrupt: the parent keeps the chunks before it."""
    raise SystemExit


def _run_chunk(warm_up: float, start: float, stop: float) -> tuple[list[Sighting], list[str]]:
    """The sightings of one chunk, and the warnings that came up."""
    from mocap.sources.video import VideoSource

    path, estimator, counter = _worker
    estimator.reset()
    sightings = []
    with (
        warnings.catch_warnings(record=True) as caught,
        VideoSource(path, start=warm_up, stop=stop) as source,
    ):
        warnings.simplefilter("always", SourceWarning)
        for frame in Prefetched(source):
            people = tuple(estimator(frame))
            if frame.t >= start:
                sightings.append(Sighting(frame.t, people))
                with counter.get_lock():
                    counter.value += 1
    return sightings, [str(w.message) for w in caught if w.category is SourceWarning]
