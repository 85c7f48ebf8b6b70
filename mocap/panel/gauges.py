"""How good the last seconds of a live motion are, by the same measures as a report."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from mocap import metrics
from mocap.arrays import Array
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton

SECONDS = 3.0
FEWEST = 8  # frames below which nothing is said
SIDES = ("left", "right")


@dataclass(frozen=True)
class Quality:
    """Figures of the last seconds of one person.

    Attributes:
        jitter: [10 m/s^3].
        foot_slide: [cm/s], None if no foot stood.
        confidence: 0 to 1, mean over bones and time.
        seen: 0 to 1, share of the time in which they were tracked.
    """

    jitter: float
    foot_slide: float | None
    confidence: float
    seen: float


class Gauges:
    """Remembers the last seconds of one person.

    Args:
        skeleton: theirs.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self._moments: deque[tuple[float, Array, bool, list[bool], float]] = deque()

    def reset(self) -> None:
        """Forget everything."""
        self._moments.clear()

    def push(self, pose: Pose, positions: Array) -> None:
        """Remember a pose; `positions` (J, 3) [m] are those of its bones."""
        moments = self._moments
        if moments and pose.t <= moments[-1][0]:
            moments.clear()  # a new clock
        stands = [bool(pose.contacts.get(f"{side}Foot", False)) for side in SIDES]
        tracked = pose.state is TrackState.TRACKED
        moments.append((pose.t, positions, tracked, stands, float(pose.confidence.mean())))
        while moments[-1][0] - moments[0][0] > SECONDS:
            moments.popleft()

    def quality(self) -> Quality | None:
        """The figures; None while there is too little to tell."""
        skeleton = self.skeleton
        if len(self._moments) < FEWEST:
            return None
        times, places, tracked, stands, confidence = zip(*self._moments, strict=True)
        positions, seen = np.array(places), np.array(tracked)
        fps = 1 / float(np.median(np.diff(times)))
        slide = None
        if {f"{side}Foot" for side in SIDES} <= set(skeleton.names):
            feet = [
                [skeleton.index(f"{side}{p}") for p in ("Foot", "Toes") if f"{side}{p}" in skeleton]
                for side in SIDES
            ]
            speeds = metrics.slides(positions[:, feet], np.array(stands) & seen[:, None], fps)
            slide = float(speeds.mean()) if len(speeds) else None
        return Quality(
            metrics.jitter(positions, fps, seen), slide, float(np.mean(confidence)), seen.mean()
        )
