"""What is streamed: the landmarks of the sample clip as if a camera and a model gave them, and
frames made of them beforehand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mocap.arrays import Array
from mocap.camera import Camera
from mocap.estimators import Estimator
from mocap.frame import Frame
from mocap.landmarks import Landmarks, LandmarkTrack
from mocap.motion import Pose
from mocap.skeleton import Skeleton
from mocap.solve import solve
from mocap.sources import Source
from mocap.stream.frames import Cast, LivePerson

APART = 1.0  # [m] between people who do the same side by side


@dataclass(frozen=True)
class Played:
    """Poses that are streamed over and over.

    Attributes:
        skeleton: of everyone.
        poses: of one person.
    """

    skeleton: Skeleton
    poses: Sequence[Pose]

    def cast(self, people: int, fps: float) -> Cast:
        return Cast({i: self.skeleton for i in range(people)}, fps)

    def people(self, people: int) -> list[tuple[LivePerson, ...]]:
        """Everyone at each moment."""
        beside = np.array([APART, 0.0, 0.0])
        return [
            tuple(LivePerson(i, replace(pose, root=pose.root + i * beside)) for i in range(people))
            for pose in self.poses
        ]


def played(track: LandmarkTrack, frames: int = 120) -> Played:
    """The poses of the first frames of a track."""
    assert track.world is not None
    part = replace(
        track, times=track.times[:frames], image=track.image[:frames],
        world=track.world[:frames], confidence=track.confidence[:frames],
    )  # fmt: skip
    (motion,) = solve([part], Camera.from_fov(track.size))
    return Played(motion.skeleton, [motion.pose(i) for i in range(len(motion))])


def at_rate(track: LandmarkTrack, fps: float) -> LandmarkTrack:
    """The same movement at another rate: what lies between two frames goes over linearly."""
    assert track.world is not None
    times = np.arange(track.times[0], track.times[-1], 1 / fps)
    after = np.clip(np.searchsorted(track.times, times, side="right"), 1, len(track) - 1)
    before = after - 1
    share = (times - track.times[before]) / (track.times[after] - track.times[before])

    def between(values: Array) -> Array:
        along = share.reshape(-1, *[1] * (values.ndim - 1))
        return (1 - along) * values[before] + along * values[after]

    return replace(
        track, times=times, image=between(track.image), world=between(track.world),
        confidence=np.clip(between(track.confidence), 0, 1),
    )  # fmt: skip


class Ticking(Source):
    """A camera that gives a blank picture so many times a second.

    Args:
        size: width and height [px] that it says; the pictures are smaller, as nobody looks.
        fps: [1/s].
    """

    name, frame_count, live = "recorded landmarks", None, True

    def __init__(self, size: tuple[int, int], fps: float) -> None:
        self.size, self.fps, self._rate = size, fps, fps
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        blank = np.zeros((2, 2, 3), np.uint8)
        for due in ticks(self._rate):
            if self._closed:
                return
            yield Frame(due, blank)

    def close(self) -> None:
        self._closed = True


class Remembering(Estimator):
    """Finds in each picture what a model once found, over and over, and takes no time for it."""

    name, licence = "recorded landmarks", "none"

    def __init__(self, track: LandmarkTrack) -> None:
        assert track.world is not None
        self.layout = track.layout
        # to and fro, so that nobody leaps where it begins again
        order = [*range(len(track)), *range(len(track) - 2, 0, -1)]
        self._found = [
            Landmarks(track.layout, track.image[i], track.world[i], track.confidence[i])
            for i in order
        ]
        self._asked = 0

    def __call__(self, frame: Frame) -> list[Landmarks]:
        found = self._found[self._asked % len(self._found)]
        self._asked += 1
        return [found]

    def reset(self) -> None:
        self._asked = 0


def ticks(fps: float) -> Iterator[float]:
    """[s] since the first, so many times a second; those that were slept through are left out."""
    began = time.perf_counter()
    number = 0
    while True:
        late = time.perf_counter() - began - number / fps
        if late < 0:
            time.sleep(-late)
        elif late > 1 / fps:
            number += int(late * fps)
        yield time.perf_counter() - began
        number += 1
