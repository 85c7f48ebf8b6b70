"""One person on the live stage: from landmarks to the pose that is streamed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from mocap.body_filters import Filter, Unfiltered
from mocap.camera import Camera
from mocap.landmarks import Landmarks
from mocap.live.calibration import SECONDS, Placement, placement
from mocap.models.lifter import LiveLifting
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.smoothing import LiveFilter
from mocap.solve import LiveSolver, SolveSettings

FEET = ("leftFoot", "rightFoot")
UNDER_THE_CAMERA = np.zeros(3)  # the one place that everyone agrees on


class Performer:
    """Solves one person and smooths the result.

    Args:
        camera: what they are seen through.
        settings: of the solve.
        look_ahead: frames by which poses come later and steadier.
        filter: what poses go through afterwards.
        fps: [1/s] at which frames come, about.
        lifter: says more of their depth; None leaves it to the estimator.

    Attributes:
        lost_since: [s] None as long as they are not lost.
    """

    def __init__(
        self,
        camera: Camera,
        settings: SolveSettings,
        look_ahead: int,
        filter: Filter,
        fps: float,
        lifter: LiveLifting | None = None,
    ) -> None:
        self.lost_since: float | None = None
        self._fps = fps
        self._settings = settings
        self._solver = LiveSolver(camera, settings, look_ahead, UNDER_THE_CAMERA, lifter)
        self._recent: deque[Pose] = deque()  # as solved, of the last SECONDS
        self._filter: LiveFilter | None = None
        self.smooth_by(filter)

    @property
    def skeleton(self) -> Skeleton:
        return self._solver.skeleton

    def smooth_by(self, filter: Filter) -> None:
        """Put poses through another filter from now on."""
        self._filter_by = filter
        self._filter = (
            None
            if isinstance(filter, Unfiltered)
            else LiveFilter(filter, self.skeleton, FEET, self._fps)
        )

    def retune(self, settings: SolveSettings, look_ahead: int) -> None:
        """Go on with other choices about the solve. A height that the calibration found stays as
        long as none is chosen."""
        settings = replace(settings, height=settings.height or self._settings.height)
        self._settings = settings
        self._solver.retune(settings, look_ahead)

    def push(self, t: float, landmarks: Landmarks | None) -> Pose | None:
        """The pose of the frame `look_ahead` frames earlier, if there is one."""
        pose = self._solver.push(t, landmarks)
        return None if pose is None else self._shown(pose)

    def flush(self) -> list[Pose]:
        """The poses still to come, at the end of a source."""
        return [self._shown(pose) for pose in self._solver.flush()]

    def _shown(self, pose: Pose) -> Pose:
        self._recent.append(pose)
        while pose.t - self._recent[0].t > SECONDS:
            self._recent.popleft()
        if pose.state == TrackState.LOST:
            self.lost_since = pose.t if self.lost_since is None else self.lost_since
        else:
            self.lost_since = None
        return pose if self._filter is None else self._filter.push(pose)

    def calibrate(self, height: float | None = None) -> Placement:
        """Take the bone lengths seen so far for good, and the height [m] if it is known.

        Returns:
            The stage on which this person stands at the origin and faces +Z.

        Raises:
            Refused: they do not stand in a T-pose.
        """
        placement(list(self._recent), self.skeleton)  # refuses before anything is changed
        before = self.skeleton.height
        if height is not None:
            self.retune(replace(self._settings, height=height), self._solver.look_ahead)
        self._solver.settle()
        larger = self.skeleton.height / before
        poses = [replace(pose, root=pose.root * larger) for pose in self._recent]
        return placement(poses, self.skeleton)
