"""A source and an estimator that only pretend, to test what is around them quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from footage import write_film
from synthetic import SIZE, seen, standing

from mocap.estimators import Estimator
from mocap.frame import Frame
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, LandmarkTrack
from mocap.sources import Source

BLANK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


def somebody(
    frames: int = 20, *, first: int = 0, x: float = 0.0, step: float = 0.02
) -> LandmarkTrack:
    """A perfect track of somebody who glides to the side.

    Args:
        frames: at 30 per second.
        first: number of the first.
        x: where they are first [m].
        step: how far they go in a frame [m].
    """
    motion = standing((first + np.arange(frames)) / 30)
    across = np.array([[x + step * i, 0.0, 0.0] for i in range(frames)])
    return seen(type(motion)(motion.skeleton, motion.times, motion.root + across, motion.rotations))


def landmarks_of(track: LandmarkTrack, t: float) -> list[Landmarks]:
    """What a track has at a time; nothing, if it has none."""
    i = int(np.argmin(np.abs(track.times - t)))
    if abs(track.times[i] - t) > 1e-3:
        return []
    assert track.world is not None
    return [Landmarks(MEDIAPIPE_POSE, track.image[i], track.world[i], track.confidence[i])]


class Pictures(Source):
    """Blank pictures, and perhaps an error after them."""

    def __init__(
        self, frames: int, *, error: BaseException | None = None, live: bool = False
    ) -> None:
        self.name, self.size, self.fps, self.live = "pictures", SIZE, 30.0, live
        self.frame_count = None if live else frames
        self._frames, self._error = frames, error

    def __iter__(self) -> Iterator[Frame]:
        for i in range(self._frames):
            yield Frame(i / 30, BLANK)
        if self._error is not None:
            raise self._error


Pretending = Callable[..., "list[Seer]"]


class Seer(Estimator):
    """Sees everyone of some tracks, at most so many, and remembers when it was asked."""

    name, licence, layout = "seer", "none", MEDIAPIPE_POSE

    def __init__(self, tracks: Sequence[LandmarkTrack], people: int = 9) -> None:
        self._tracks, self._people = tracks, people
        self.asked: list[float] = []
        self.closed = self.resets = 0

    def __call__(self, frame: Frame) -> list[Landmarks]:
        self.asked.append(frame.t)
        return [p for track in self._tracks for p in landmarks_of(track, frame.t)][: self._people]

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None:
        self.closed += 1


def blank_film(path: Path, frames: int = 20) -> Path:
    """A film in which a seer may see somebody."""
    return write_film(path, [BLANK] * frames)
