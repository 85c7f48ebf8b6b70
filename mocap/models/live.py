"""Causal lifters fed frame by frame."""

from __future__ import annotations

from collections import deque

import numpy as np

from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.layouts import track_in
from mocap.lifted import Lifted
from mocap.models.base import SIGMA, PointLifter
from mocap.models.lifter import LiveLifting


class LiveLifter:
    """Lifts one person as the frames come; what it gives equals the clip lifted at once.

    Args:
        lifter: a causal one.
        flip: as of a lifter.

    Raises:
        InvalidValue: the lifter is not causal.
    """

    def __init__(self, lifter: PointLifter, *, flip: bool = True) -> None:
        if not lifter.causal:
            raise InvalidValue(
                f"{lifter.name} needs {lifter.receptive_field // 2} frames from the future; live "
                "lifting needs a causal lifter"
            )
        self.lifter = lifter
        self.flip = flip
        self.reset()

    def reset(self) -> None:
        """Forget the frames seen; afterwards as good as new."""
        self._last = np.full((len(self.lifter.inputs), 2), np.nan)
        self._frames: deque[tuple[Array, Array]] = deque(maxlen=self.lifter.receptive_field)

    def __call__(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        """The joints (J, 3) of the next frame's points (K, 2); as `PointLifter.lift`,
        which see. NaN until each point was seen once.

        Raises:
            InvalidValue: as a lifter.
        """
        (image,), (seen,) = self.lifter.checked(image[None], confidence[None], size)
        self._last = np.where(seen[:, None], image, self._last)
        if not np.isfinite(self._last).all():
            return np.full((len(self.lifter.outputs), 3), np.nan)
        now = self._last, np.where(seen, confidence, 0.0)
        missing = self.lifter.receptive_field - len(self._frames)
        # the first frame is held before the beginning
        self._frames.extend([now] * (1 if self._frames else missing))
        points, sure = (np.stack(part) for part in zip(*self._frames, strict=True))
        return self.lifter.newest(points, sure, size, self.flip)


class LivePointLifter(LiveLifting):
    """A lifter of points in the picture, of tracks as they come.

    Args:
        lifter: a causal one.

    Raises:
        InvalidValue: the lifter is not causal.
    """

    def __init__(self, lifter: PointLifter) -> None:
        self._live = LiveLifter(lifter)

    def reset(self) -> None:
        self._live.reset()

    def __call__(self, track: LandmarkTrack) -> Lifted:
        lifter = self._live.lifter
        flat = track_in(track, lifter.inputs)
        joints = self._live(flat.image[0], flat.confidence[0], flat.size)
        sigma = np.full(len(lifter.outputs), SIGMA)
        return Lifted(track.times, lifter.outputs.points, joints[None], sigma)
