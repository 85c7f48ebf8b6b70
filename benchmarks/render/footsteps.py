"""Walking, turning and shuffling from a list of footsteps.

A foot is exactly still between its steps, so the truth has no sliding by construction. Where the
hips go follows from the feet: they are carried by the feet that stand, and smoothed.
Units and frame as in `pose`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .pose import BALL_AHEAD, STAND_WIDTH, Foot, Pose, stand_foot
from .rotation import rot_z
from .skeleton import SIDES

_RATE = 120.0  # samples per second of the hips' path
_SMOOTHING = 0.13  # s, standard deviation of the smoothing of the hips' path
_SHIFT = 0.035  # m toward the foot that stands alone
_HEEL_OFF = 0.22  # s before the lift in which the heel rises
_HEEL_DOWN = 0.12  # s after the landing in which the sole comes down
_FULL_STRIDE = 0.85  # m of one foot's travel in a brisk walk


@dataclass(frozen=True)
class Step:
    """One foot leaves the floor at `lift` s and lands at `land` s, to stand under hips at `at`."""

    side: str
    lift: float
    land: float
    at: tuple[float, float]
    yaw: float = 0.0
    width: float = STAND_WIDTH


@dataclass(frozen=True)
class _Placed:
    lift: float
    land: float
    foot: Foot  # flat, where it lands
    stride: float  # 0 = on the spot, 1 = a full stride ahead


def ease(x: float) -> float:
    """Minimum-jerk ease from 0 (x <= 0) to 1 (x >= 1)."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * x * (x * (6 * x - 15) + 10)


class Footsteps:
    """The feet and hips of someone who starts at `start` (x, y), `yaw`, and takes these steps."""

    def __init__(
        self,
        steps: Sequence[Step],
        start: tuple[float, float] = (0.0, 0.0),
        yaw: float = 0.0,
        width: float = STAND_WIDTH,
    ):
        self._placed: dict[str, list[_Placed]] = {}
        for side in SIDES:
            here = stand_foot(side, start, yaw, width)
            placed = [_Placed(-np.inf, -np.inf, here, 0.0)]
            for step in (step for step in steps if step.side == side):
                there = stand_foot(side, step.at, step.yaw, step.width)
                ahead = rot_z(step.yaw)[:2, :2] @ [0.0, -1.0]
                stride = np.clip((there.ball - here.ball) @ ahead / _FULL_STRIDE, 0, 1)
                placed.append(_Placed(step.lift, step.land, there, float(stride)))
                here = there
            self._placed[side] = placed
        first = min((step.lift for step in steps), default=0.0) - 1.0
        last = max((step.land for step in steps), default=0.0) + 1.0
        self._times = np.arange(first, last, 1 / _RATE)
        track = np.array([self._carried(t) for t in self._times])
        self._track = gaussian_filter1d(track, _SMOOTHING * _RATE, axis=0, mode="nearest")

    def foot(self, side: str, t: float) -> Foot:
        """The foot at time t, planted or in the air."""
        placed = self._placed[side]
        index = max(i for i, p in enumerate(placed) if p.lift <= t)
        now = placed[index]
        following = placed[index + 1] if index + 1 < len(placed) else None
        if t < now.land:
            return self._swing(placed[index - 1].foot, now, t)
        foot = Foot(ball=now.foot.ball, heading=now.foot.heading)
        foot.pitch = -_heel_strike(now.stride) * (1 - ease((t - now.land) / _HEEL_DOWN))
        if following is not None and t > following.lift - _HEEL_OFF:
            foot.pitch = _toe_off(following.stride) * ease((t - following.lift) / _HEEL_OFF + 1)
        return foot

    @staticmethod
    def _swing(start: Foot, step: _Placed, t: float) -> Foot:
        u = (t - step.lift) / (step.land - step.lift)
        along = ease(u)
        pitch = _toe_off(step.stride) * (1 - ease(u / 0.6))
        pitch -= _heel_strike(step.stride) * ease((u - 0.55) / 0.45)
        return Foot(
            ball=start.ball + (step.foot.ball - start.ball) * along,
            heading=start.heading + (step.foot.heading - start.heading) * along,
            pitch=pitch,
            # The toes straighten against the foot as it leaves the floor.
            toes=0.8 * max(pitch, 0.0) * ease(u / 0.3),
            lift=(0.045 + 0.015 * step.stride) * np.sin(np.pi * u) ** 2,
        )

    def _carried(self, t: float) -> tuple[float, float, float]:
        """Unsmoothed x, y, yaw of the hips."""
        feet = {side: self.foot(side, t) for side in SIDES}
        yaw = np.mean([foot.heading for foot in feet.values()])  # the toes' turning out cancels
        axes = rot_z(yaw)[:2, :2]
        middle = np.mean([foot.ball for foot in feet.values()], axis=0) + axes @ [0.0, BALL_AHEAD]
        to_left = sum(x for side, x in SIDES.items() if feet[side].lift == 0)
        return *(middle + axes @ [_SHIFT * to_left, 0.0]), yaw

    def hips(self, t: float) -> tuple[np.ndarray, float]:
        """Position (2,) m and yaw of the hips at time t."""
        x, y, yaw = (np.interp(t, self._times, column) for column in self._track.T)
        return np.array([x, y]), float(yaw)

    def apply(self, pose: Pose, t: float) -> None:
        """Put the feet and hips into the pose, with the arms and trunk that go with them."""
        pose.at, pose.yaw = self.hips(t)
        pose.feet = {side: self.foot(side, t) for side in SIDES}
        to_body = rot_z(-pose.yaw)[:2, :2]
        # Positive: the left foot is ahead of the right one.
        ahead = (to_body @ (pose.feet["right"].ball - pose.feet["left"].ball))[1]
        pose.hip_twist = -12.0 * ahead
        pose.chest = pose.chest + [0.0, 0.0, 24.0 * ahead]
        for side, x in SIDES.items():
            pose.arms[side].flexion -= x * 42.0 * ahead
            pose.arms[side].elbow += 12.0 * abs(ahead) - x * 14.0 * ahead
        # The head looks where the body is about to turn.
        coming = self.hips(t + 0.25)[1] - pose.yaw
        pose.neck = pose.neck + [0.0, 0.0, 0.35 * coming - 12.0 * ahead * 0.5]
        pose.head = pose.head + [0.0, 0.0, 0.35 * coming - 12.0 * ahead * 0.5]


def along_path(
    path: Callable[[float], tuple[float, float, float]], seconds: float, stride_time: float
) -> Footsteps:
    """Footsteps of someone who walks all the time: path(t) is where the hips are (x, y, yaw)."""
    duty = 0.62  # part of the stride for which a foot stands
    steps = []
    first = None
    for half in range(-4, int(np.ceil(2 * seconds / stride_time)) + 4):
        middle = half * stride_time / 2  # of the stance
        x, y, yaw = path(middle)
        land = middle - duty * stride_time / 2
        lift = land - (1 - duty) * stride_time
        first = first or (x, y, yaw)
        steps.append(Step(("left", "right")[half % 2], lift, land, (x, y), yaw))
    return Footsteps(steps, start=first[:2], yaw=first[2])


def _toe_off(stride: float) -> float:
    return 8.0 + 34.0 * stride


def _heel_strike(stride: float) -> float:
    return 16.0 * stride
