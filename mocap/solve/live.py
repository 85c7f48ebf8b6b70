"""The live solve: the same residuals as the whole clip's, over the last frames only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.filters import OneEuro
from mocap.landmarks import Landmarks, LandmarkTrack
from mocap.lifted import Lifted
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.solve import presence, swaps
from mocap.solve.estimate import Estimate, Measured
from mocap.solve.feet import soles
from mocap.solve.foot_lock import FootLock
from mocap.solve.lengths import USUAL_HEIGHT, skeleton_of
from mocap.solve.lifted import heard
from mocap.solve.measure import measured, solved_points
from mocap.solve.one_thread import one_thread
from mocap.solve.orient import orient
from mocap.solve.points import Points, ready
from mocap.solve.settings import SolveSettings
from mocap.solve.window import Window

MOST_AHEAD = 5  # frames
AWAY = 0.5  # [s] out of sight after which the window begins anew
SETTLED = 2.0  # [s] seen after which the skeleton no longer changes
Y = np.array([0.0, 1.0, 0.0])


class Lifting(Protocol):
    """Says where joints are in depth, frame by frame; see `mocap.models.lifter.LiveLifting`."""

    def reset(self) -> None:
        """Forget the frames."""

    def __call__(self, track: LandmarkTrack) -> Lifted:
        """The joints of the next frame, of which the track (T = 1) is."""


@dataclass(frozen=True)
class _Frame:
    """A frame that waits to be given out: its points, None if the person was not in it, and what
    the window made of it, None as long as the window holds it."""

    t: float
    points: Points | None
    fitted: tuple[Estimate, Array] | None = None


class LiveSolver:
    """One person's motion, frame by frame.

    Args:
        camera: what the landmarks were seen through.
        settings: choices of the user.
        look_ahead: frames, 0 to 5, by which poses come later and steadier.
        origin: (3,) [m] the place that counts as x = z = 0, that of somebody who shares the
            stage; None takes where this person is first.
        lifter: says more of the depth of each frame; None leaves it to the estimator.

    Raises:
        InvalidValue: look_ahead is out of range.
    """

    def __init__(
        self,
        camera: Camera,
        settings: SolveSettings | None = None,
        look_ahead: int = 3,
        origin: Array | None = None,
        lifter: Lifting | None = None,
    ) -> None:
        self.camera = camera
        self.settings = settings or SolveSettings()
        self.look_ahead = _in_reach(look_ahead)
        self._given_origin = origin
        self._lifter = lifter
        self.reset()

    def reset(self) -> None:
        """Forget the person; afterwards equal to a new solver."""
        self._waiting: deque[_Frame] = deque()
        self._swaps: swaps.SwapFilter | None = None
        if self._lifter is not None:
            self._lifter.reset()
        self._window = Window(self.settings)
        self._feet = FootLock()
        self._calm: dict[str, OneEuro] = {}
        self._t = -np.inf
        self._seen_for = 0.0
        self._settled = False
        self._last_seen = self._last_shown = -np.inf
        self._bone_seen: Array | None = None
        self._kept: Array | None = None  # (J, 4) rotations of the bones when last seen
        self._origin = self._given_origin
        self._raised: float | None = None
        self._pose: Pose | None = None
        self._skeleton = self._found_skeleton()

    def _found_skeleton(self) -> Skeleton:
        """The skeleton with the lengths found so far."""
        found = skeleton_of(self._window.lengths)
        return found.scaled((self.settings.height or USUAL_HEIGHT) / found.height)

    def settle(self) -> None:
        """Take the lengths found so far for the skeleton's, for good; who stands goes on
        standing."""
        found = self._found_skeleton()
        if self._raised is not None:
            self._raised += float(found.offsets[0, 1] - self._skeleton.offsets[0, 1])
        self._skeleton = found
        self._settled = True

    @property
    def skeleton(self) -> Skeleton:
        """The person's skeleton. It changes once by itself, when they have been seen for two
        seconds."""
        return self._skeleton

    def retune(self, settings: SolveSettings | None = None, look_ahead: int | None = None) -> None:
        """Go on with other choices; what is None stays.

        Someone who is suddenly known to be taller has the same pose, and is farther from the
        camera: the origin moves with them.

        Raises:
            InvalidValue: look_ahead is out of range.
        """
        if look_ahead is not None:
            self.look_ahead = _in_reach(look_ahead)
        if settings is None:
            return
        taller = (settings.height or USUAL_HEIGHT) / (self.settings.height or USUAL_HEIGHT)
        self.settings = settings
        self._window.retune(settings)
        self._calm.clear()
        if taller != 1.0:
            self.settle()
            self._origin = None if self._origin is None else self._origin * taller
            self._raised = None if self._raised is None else self._raised * taller
            self._feet.reset()

    def push(self, t: float, landmarks: Landmarks | None) -> Pose | None:
        """Take a frame in; the pose of the frame `look_ahead` frames earlier.

        Args:
            t: [s] later than the frame before.
            landmarks: None if the person is not in the picture.

        Returns:
            None until there is a pose to give: at first, and as long as the person was never seen.

        Raises:
            InvalidValue: times do not grow, or the landmarks have no depth.
        """
        if not t > self._t:
            raise InvalidValue(f"times: expected one later than {self._t:g} s, got {t:g} s")
        track = None if landmarks is None else self._track(t, landmarks)
        points = None if track is None else ready(track, self.camera)
        self._t = t
        if points is not None and not points.confidence.any():
            points = None
        if points is not None:
            if t - self._last_seen > AWAY:
                self._restart()
            else:
                self._seen_for += t - self._last_seen
            self._last_seen = t
            with one_thread():
                self._window.push(self._measured(points, track))
        self._waiting.append(_Frame(t, points))
        pose = None
        while len(self._waiting) > self.look_ahead:  # several, once it has become less
            pose = self._next()
        return pose

    def flush(self) -> list[Pose]:
        """The poses still waiting, at the end of a take."""
        poses = [self._next() for _ in range(len(self._waiting))]
        return [pose for pose in poses if pose is not None]

    def _restart(self) -> None:
        """Begin a new window; frames that wait keep what the old one made of them."""
        for i, frame in enumerate(self._waiting):
            if frame.points is not None and frame.fitted is None:
                ahead = self._ahead(i + 1)
                fitted = self._window.estimate_of(ahead), self._window.planted_of(ahead)
                self._waiting[i] = replace(frame, fitted=fitted)
        self._window.restart()
        if self._lifter is not None:
            self._lifter.reset()

    def _measured(self, points: Points, track: LandmarkTrack | None) -> Measured:
        """What was seen, and what the lifter says of it."""
        seen = measured(points)
        if self._lifter is None or track is None:
            return seen
        return heard(seen, self._lifter(track))

    def _ahead(self, first: int) -> int:
        """How many of the waiting frames from `first` on have the person in them."""
        return sum(frame.points is not None for frame in islice(self._waiting, first, None))

    def _track(self, t: float, landmarks: Landmarks) -> LandmarkTrack:
        """A frame's landmarks, left and right put right."""
        if landmarks.world is None:
            raise InvalidValue("the landmarks have no depth; they need a lifter to 3D first")
        track = LandmarkTrack(
            landmarks.layout,
            times=np.array([t]),
            image=landmarks.image[None],
            world=landmarks.world[None],
            confidence=landmarks.confidence[None],
            size=self.camera.size,
            person=landmarks.person,
        )
        if self._swaps is None:
            self._swaps = swaps.SwapFilter(landmarks.layout.points)
        if track.present[0] and np.isfinite(landmarks.world).any():
            self._swaps.step(t, landmarks.world, landmarks.confidence)
            track = swaps.undone(track, np.array([int(np.argmin(self._swaps.cost))]))
        return track

    def _next(self) -> Pose | None:
        frame = self._waiting.popleft()
        if frame.points is None:
            self._pose = self._unseen(frame.t)
            return self._pose
        if self._pose is None or (self._seen_for >= SETTLED and not self._settled):
            settled = self._seen_for >= SETTLED
            self.settle()
            self._settled = settled
        ahead = self._ahead(0)
        fitted = frame.fitted or (self._window.estimate_of(ahead), self._window.planted_of(ahead))
        self._pose = self._solved(frame.t, frame.points, *fitted)
        self._last_shown = frame.t
        return self._pose

    def _solved(self, t: float, points: Points, seen: Estimate, planted: Array) -> Pose:
        """The pose of a frame with the person in it, of its estimate (T = 1) and the probability
        (2, 2) that heel and toes stand."""
        skeleton, settings = self._skeleton, self.settings
        scale = skeleton.height / skeleton_of(seen.lengths).height
        upright = rotation.between(seen.up, Y)
        turned = solved_points(points, seen, self._offsets).turned(upright)
        confidence = presence.bone_confidence(points, skeleton)[0]
        local = skeleton.to_local(orient(turned, skeleton, settings))
        local = self._resting(t, local, confidence)
        root = rotation.rotate(upright, seen.root) * scale
        root[0, 1] += seen.floor * scale if self._window.grounded else self._lift(root, local)
        if self._origin is None:
            self._origin = root[0] * [1.0, 0.0, 1.0]
        root = root - self._origin
        legs = confidence[[skeleton.index(f"{side}Foot") for side in ("left", "right")]] > 0
        root, local, stands = self._feet(t, root, local, planted * legs[:, None], legs, skeleton)
        known = confidence[:, None] > 0
        self._kept = local[0] if self._kept is None else np.where(known, local[0], self._kept)
        return Pose(
            t=t,
            root=root[0],
            rotations=local[0],
            state=TrackState.TRACKED,
            confidence=confidence,
            contacts={"leftFoot": bool(stands[0]), "rightFoot": bool(stands[1])},
        )

    def _lift(self, root: Array, local: Array) -> float:
        """[m] by how much to raise someone of whom no foot was seen yet: at first they stand."""
        if self._raised is None:
            found = soles(*self._skeleton.fk(root, local), self._skeleton)
            self._raised = -float(found.lowest[..., 1].min())
        return self._raised

    def _offsets(self, carrier: str, times: Array, offsets: Array) -> Array:
        """Hands and faces, smoothed as they come."""
        if not self.settings.smoothing:
            return offsets
        known = self._calm.setdefault(
            carrier, OneEuro(self.settings.min_cutoff, self.settings.beta)
        )
        return known(float(times[0]), offsets[0])[None]

    def _resting(self, t: float, local: Array, confidence: Array) -> Array:
        """Local rotations (1, J, 4) with bones long unseen at rest."""
        if self._bone_seen is None:
            self._bone_seen = np.full(len(confidence), -np.inf)
        self._bone_seen = np.where(confidence > 0, t, self._bone_seen)
        away = (t - self._bone_seen - self.settings.hold) / max(self.settings.relax, 1e-9)
        held = 1 - np.clip(away, 0.0, 1.0)
        if self._kept is not None:
            # a bone out of sight keeps its last pose until it goes to rest
            local = np.where((confidence == 0)[:, None], self._kept, local)
        return rotation.slerp(presence.rest_pose(local, self._skeleton), local, held[None])

    def _unseen(self, t: float) -> Pose | None:
        """The last pose, kept and then brought to rest, standing on the floor."""
        if self._pose is None:
            return None
        none = np.zeros(len(self._skeleton))
        local = self._resting(t, self._pose.rotations[None], none)
        away = t - self._last_shown - self.settings.hold
        held = away <= 0
        resting = float(np.clip(away / max(self.settings.relax, 1e-9), 0.0, 1.0))
        root = self._pose.root[None]
        lowest = soles(*self._skeleton.fk(root, local), self._skeleton).lowest[..., 1].min()
        return replace(
            self._pose,
            t=t,
            root=root[0] - resting * lowest * Y,
            rotations=local[0],
            state=TrackState.HELD if held else TrackState.LOST,
            confidence=none,
            contacts=dict.fromkeys(self._pose.contacts, False),
        )


def _in_reach(look_ahead: int) -> int:
    if not 0 <= look_ahead <= MOST_AHEAD:
        raise InvalidValue(f"look_ahead: expected 0 to {MOST_AHEAD} frames, got {look_ahead}")
    return look_ahead
