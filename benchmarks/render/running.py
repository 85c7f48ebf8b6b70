"""Running: steps with a flight between them, along a path or on the spot.

Units and frame as in `pose`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .footsteps import ease
from .pose import Foot, Pose, stand_foot, straight_toes
from .rotation import rot_z
from .skeleton import SIDES
from .timing import Motion, breathe

_GRAVITY = 9.81
_RATE = 240.0  # samples per second of a path

# Where the runner's track is at a time: x, y m, yaw degrees, lean to the left degrees.
Path = Callable[[float], tuple[float, float, float, float]]


@dataclass(frozen=True)
class Gait:
    """How someone runs. Times in s, lengths in m, angles in degrees."""

    stride_time: float  # of two steps
    duty: float  # part of the stride for which one foot is on the floor; below 0.5 there is flight
    kick: float  # height of the ball of the foot in mid-swing
    strike: float  # pitch of the landing foot: negative lands on the heel
    toe_off: float  # pitch of the leaving foot
    heel_kick: float  # pitch of the swinging foot at its highest
    behind: float  # how far the foot's stance is shifted back, against standing upright over it
    tilt: float  # of the trunk
    arm_swing: float  # to either side of hanging
    elbow: float
    twist: float  # of the chest against the hips
    crouch: float  # of the hips at landing and leaving
    width: float = 0.045  # half the distance between the feet's tracks

    @property
    def stance(self) -> float:
        """Time of one foot on the floor."""
        return self.duty * self.stride_time

    @property
    def flight(self) -> float:
        """Time of no foot on the floor, once in each step."""
        return self.stride_time / 2 - self.stance


def run_along(path: Path, gait: Gait) -> Callable[[float], Pose]:
    """The pose at each time of someone who runs all the time."""

    def stance_foot(side: str, middle: float) -> Foot:
        x, y, yaw, _ = path(middle)
        back = rot_z(yaw)[:2, :2] @ np.array([0.0, gait.behind])
        return stand_foot(side, np.array([x, y]) + back, yaw, gait.width, toe_out=5)

    def foot(side: str, t: float) -> Foot:
        # The left foot is in the middle of a stance at 0, the right one half a stride later.
        offset = 0.0 if side == "left" else gait.stride_time / 2
        count = np.floor((t - offset + gait.stance / 2) / gait.stride_time)
        middle = offset + count * gait.stride_time
        here = stance_foot(side, middle)
        since = t - (middle - gait.stance / 2)  # its landing
        if since < gait.stance:
            u = since / gait.stance
            here.pitch = gait.strike * (1 - ease(u / 0.3)) + gait.toe_off * ease((u - 0.45) / 0.85)
            return here
        there = stance_foot(side, middle + gait.stride_time)
        return _swing(here, there, (since - gait.stance) / (gait.stride_time - gait.stance), gait)

    def pose(t: float) -> Pose:
        x, y, yaw, lean = path(t)
        # Who leans into a bend has the hips on the inner side of the feet.
        inward = rot_z(yaw)[:2, :2] @ np.array([0.9 * np.tan(np.radians(lean)), 0.0])
        result = Pose(at=np.array([x, y]) + inward, yaw=yaw, tilt=gait.tilt, roll=lean)
        result.rise = _bounce(t, gait) - gait.crouch - 0.9 * (1 - np.cos(np.radians(lean)))
        result.feet = {side: foot(side, t) for side in SIDES}
        ahead = -float(np.sin(2 * np.pi * t / gait.stride_time))  # 1: left leg ahead, -1: right
        result.hip_twist = -0.5 * gait.twist * ahead
        result.chest = np.array([2.0, 0.0, gait.twist * ahead])
        result.neck = np.array([-0.4 * gait.tilt, -0.35 * lean, -0.25 * gait.twist * ahead])
        result.head = np.array([-0.4 * gait.tilt, -0.35 * lean, -0.25 * gait.twist * ahead])
        for side, sign in SIDES.items():
            forward = -sign * ahead  # an arm swings with the other side's leg
            arm = result.arms[side]
            arm.flexion = -4 + gait.arm_swing * forward
            arm.elbow = gait.elbow + 14 * forward
            arm.abduction, arm.twist = 14.0, 14 + 14 * max(forward, 0.0)
        return breathe(result, t)

    return pose


def _swing(here: Foot, there: Foot, u: float, gait: Gait) -> Foot:
    """A foot in the air, 0 = it leaves, 1 = it lands."""
    along = ease(u)
    up = np.sin(np.pi * u**0.8) ** 2  # highest before the middle: the heel is kicked up first
    leaving = gait.toe_off * ease(0.55 / 0.85)  # pitch with which the stance ended
    pitch = leaving + (gait.heel_kick - leaving) * ease(u / 0.38)
    pitch += (gait.strike - gait.heel_kick) * ease((u - 0.38) / 0.62)
    foot = Foot(
        ball=here.ball + (there.ball - here.ball) * along,
        heading=here.heading + (there.heading - here.heading) * along,
        pitch=pitch,
        lift=float(gait.kick * up + 0.02 * np.sin(np.pi * u)),
    )
    foot.toes = straight_toes(pitch, foot.lift)
    return foot


def _bounce(t: float, gait: Gait) -> float:
    """Height of the hips over that at landing and leaving: free fall in flight, springs on foot."""
    step = gait.stride_time / 2
    since = (t + gait.stance / 2) % step  # the last landing
    speed = _GRAVITY * gait.flight / 2  # at which one lands and leaves
    if since < gait.stance:
        depth = speed * gait.stance / np.pi
        return float(-depth * np.sin(np.pi * since / gait.stance))
    air = since - gait.stance
    return float(speed * air - _GRAVITY * air**2 / 2)


def bent_path(
    start: tuple[float, float], yaw: float, speed: float, *parts: tuple[float, float]
) -> Path:
    """A path at a steady speed, m/s, of `parts` (length m, turn to the left degrees)."""
    ends = np.cumsum([length for length, _ in parts])
    times = np.arange(-1.5, ends[-1] / speed + 1.5, 1 / _RATE)
    curvature = np.zeros(len(times))  # degrees per m
    for (length, turn), end in zip(parts, ends, strict=True):
        within = (times * speed >= end - length) & (times * speed < end)
        curvature[within] = turn / length
    curvature = gaussian_filter1d(curvature, 0.25 * _RATE)
    turned = np.cumsum(curvature) * speed / _RATE
    yaws = yaw + turned - np.interp(0, times, turned)
    ahead = np.stack([np.sin(np.radians(yaws)), -np.cos(np.radians(yaws))], axis=1)
    track = np.cumsum(ahead, axis=0) * speed / _RATE
    track += start - np.array([np.interp(0, times, column) for column in track.T])
    lean = np.degrees(np.arctan(speed**2 * np.radians(curvature) / _GRAVITY))
    table = np.column_stack([track, yaws, gaussian_filter1d(lean, 0.35 * _RATE)])

    def path(t: float) -> tuple[float, float, float, float]:
        x, y, yaw, lean = (float(np.interp(t, times, column)) for column in table.T)
        return x, y, yaw, lean

    return path


_RUN = Gait(
    stride_time=0.70,
    duty=0.33,
    kick=0.25,
    strike=-7,
    toe_off=62,
    heel_kick=88,
    behind=0.075,
    tilt=9,
    arm_swing=38,
    elbow=92,
    twist=14,
    crouch=0.053,
)
_JOG = Gait(
    stride_time=0.76,
    duty=0.36,
    kick=0.17,
    strike=16,
    toe_off=34,
    heel_kick=62,
    behind=0.02,
    tilt=4,
    arm_swing=24,
    elbow=100,
    twist=8,
    crouch=0.035,
    width=0.075,
)


@lru_cache(maxsize=1)
def _bent_run() -> Callable[[float], Pose]:
    path = bent_path((-1.75, 1.35), 52, 1.95, (2.7, 0), (3.9, 235), (2.0, 0))
    return run_along(path, _RUN)


def run(t: float, seconds: float) -> Pose:
    """Runs toward the camera and across, around a bend, and back; 1.95 m/s."""
    return _bent_run()(t)


def jog_on_the_spot(t: float, seconds: float) -> Pose:
    """Runs on the spot, landing on the balls of the feet."""
    return run_along(lambda t: (0.0, 0.0, 0.0, 0.0), _JOG)(t)


MOTIONS: dict[str, Motion] = {"run": run, "jog_on_the_spot": jog_on_the_spot}
