"""On the floor: push-ups and crunches.

Units and frame as in `pose`. The head points to -y in push-ups, to +y in crunches.
"""

from __future__ import annotations

import numpy as np

from .pose import BALL_AHEAD, Foot, Pose
from .reach import Reach
from .skeleton import SIDES
from .timing import Motion, key, wave

# Reference lengths of the straight body, m; see `skeleton.rest_joints`.
_HIPS, _HIP, _LEG, _HIP_TO_SHOULDER = 0.93, 0.925, 0.84, 0.50
_FOOT_PITCH = 76.0  # of a foot that stands on its toes in a push-up
_HAND_HEIGHT = 0.044  # of the wrist's joint over the floor, palm flat
_BACK = 0.154  # m from the hips' joint to the floor when lying on the back


def push_up(t: float, seconds: float) -> Pose:
    """Push-ups, one in about 2 s: the straight body turns about the balls of the feet."""
    count = max(1, round(seconds / 2.1))
    (down,) = key(count * t / seconds % 1, (0, 0), (0.1, 0), (0.48, 1), (0.56, 1), (0.94, 0),
                  (1, 0))  # fmt: skip
    pitch = np.radians(_FOOT_PITCH)
    ball = np.array([0.66, 0.02])  # y, z of the joint
    # The ankle from the ball of the foot: rest offset (0.13, 0.058), turned about the ball.
    ankle = ball + [0.13 * np.cos(pitch) - 0.058 * np.sin(pitch),
                    0.13 * np.sin(pitch) + 0.058 * np.cos(pitch)]  # fmt: skip
    shoulder_height = 0.555 - 0.335 * down
    body = _LEG + _HIP_TO_SHOULDER
    slope = np.arcsin((shoulder_height - ankle[1]) / body)
    hips = ankle + (_LEG + _HIPS - _HIP) * np.array([-np.cos(slope), np.sin(slope)])
    pose = Pose(at=np.array([0.0, hips[0]]), rise=hips[1] - _HIPS, tilt=90 - np.degrees(slope))
    # A little sag at the bottom, the gaze ahead of the hands.
    pose.spine = np.array([3 - 5 * down, 0, 0])
    pose.neck = np.array([-12.0, 0, 2 * wave(t, 3.3)])
    pose.head = np.array([-10 - 6 * down, 0, 3 * wave(t, 3.3)])
    for side, x in SIDES.items():
        pose.feet[side] = Foot(np.array([x * 0.075, ball[0]]), x * 2.0, pitch=_FOOT_PITCH)
        pose.knees[side] = np.array([x * 0.05, 0.0, -1.0])
        pose.reaches[side] = Reach(
            wrist=np.array([x * 0.245, ankle[0] - body + 0.06, _HAND_HEIGHT]),
            elbow=np.array([x * 0.62, 0.75, 0.25]),
            anchor="world",
            fingers=np.array([x * 0.08, -1.0, 0.02]),
            palm=np.array([0.0, 0.0, -1.0]),
        )
    return pose


def crunch(t: float, seconds: float) -> Pose:
    """On the back, knees up, hands at the ears; curls up, once in about 1.7 s."""
    count = max(1, round(seconds / 1.7))
    (up,) = key(count * t / seconds % 1, (0, 0), (0.12, 0), (0.48, 1), (0.6, 1), (0.95, 0),
                (1, 0))  # fmt: skip
    at = np.array([0.0, -0.12])
    pose = Pose(at=at, rise=_BACK - _HIPS, tilt=-90 - 3 * up)
    pose.spine = np.array([2 + 22 * up, 1.5 * wave(t, 3.7), 0])
    pose.chest = np.array([24 * up, 0, 2 * wave(t, 4.9)])
    pose.neck = np.array([4 + 10 * up, 0, 0])
    pose.head = np.array([6 + 8 * up, 0, 2 * wave(t, 4.9)])
    for side, x in SIDES.items():
        pose.feet[side] = Foot(at + [x * 0.12, -0.40 - BALL_AHEAD], x * 6.0)
        pose.knees[side] = np.array([x * 0.12, -0.1, 1.0])
        pose.reaches[side] = Reach(
            wrist=np.array([x * 0.115, -0.03 - 0.03 * up, 1.60 - 0.01 * up]),
            elbow=np.array([x * 1.0, -0.30 - 0.25 * up, 0.12]),
            palm=np.array([-x * 1.0, 0.0, 0.15]),
        )
    return pose


MOTIONS: dict[str, Motion] = {"push_up": push_up, "crunch": crunch}
