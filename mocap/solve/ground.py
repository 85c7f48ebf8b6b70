"""Which way is up, where the floor is, and which feet stand on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.skeleton import Skeleton
from mocap.solve.points import Points

Y = np.array([0.0, 1.0, 0.0])
MAX_TILT = np.radians(35)  # of a camera that is still believed; beyond, people are not standing
STRAIGHT = np.radians(25)  # knees and hips bent less than this belong to someone who stands
HEEL = np.array([0.0, -0.05, -0.06])  # [m] of a 1.75 m body, from the ankle, sole included
STANCE_HEIGHT = 0.05  # [m] a foot may be above the floor and still stand
STANCE_SPEED = 0.35  # [m/s] it may move


def camera_tilt(people: Sequence[Points]) -> Array:
    """(4,) rotation from view axes to upright ones.

    People who stand straight are upright on the whole: the median of their directions from
    ankles to shoulders is up. Without anyone standing in full view the camera counts as level.
    """
    ups = []
    for points in people:
        hip, shoulder = (
            points.at("left_hip", "right_hip"),
            points.at("left_shoulder", "right_shoulder"),
        )
        ankle = points.at("left_ankle", "right_ankle")
        knee = points.at("left_knee", "right_knee")
        names = ("left_ankle", "right_ankle", "left_hip", "right_hip", "left_shoulder",
                 "right_shoulder")  # fmt: skip
        upper, lower = rotation.unit(hip - knee), rotation.unit(knee - ankle)
        trunk = rotation.unit(shoulder - hip)
        limit = np.cos(STRAIGHT)
        standing = (
            (points.seen(*names) > 0.5)
            & (np.sum(upper * lower, -1) > limit)
            & (np.sum(upper * trunk, -1) > limit)
        )
        ups.append(rotation.unit(shoulder - ankle)[standing])
    all_ups = np.concatenate(ups)
    if len(all_ups) == 0:
        return rotation.identity()
    up = rotation.unit(np.median(all_ups, axis=0))
    if up @ Y < np.cos(MAX_TILT):
        return rotation.identity()
    return rotation.between(up, Y)


def soles(positions: Array, world: Array, skeleton: Skeleton) -> Array:
    """(T, 2, 3) [m] the lowest point of the left and of the right foot: toe tip, ball or heel."""
    tips = skeleton.tip_positions(positions, world)
    lowest = []
    heel = HEEL * skeleton.height / 1.75
    for side in ("left", "right"):
        foot, toes = skeleton.index(f"{side}Foot"), skeleton.index(f"{side}Toes")
        candidates = np.stack(
            [
                tips[:, toes],
                positions[:, toes] - [0.0, skeleton_ball(skeleton), 0.0],
                positions[:, foot] + rotation.rotate(world[:, foot], np.broadcast_to(heel, (1, 3))),
            ],
            axis=1,
        )
        pick = np.argmin(candidates[..., 1], axis=1)
        lowest.append(candidates[np.arange(len(pick)), pick])
    return np.stack(lowest, axis=1)


def skeleton_ball(skeleton: Skeleton) -> float:
    """[m] thickness of the foot under the ball: how far the toe bone is above its tip."""
    return float(-skeleton.tips[skeleton.index("leftToes"), 1])


def floor_height(heights: Array, counts: BoolArray) -> float:
    """[m] the height that the lower foot comes down to again and again.

    Args:
        heights: (T, 2) of the soles.
        counts: (T,) frames in which the person was seen.
    """
    lower = heights.min(axis=1)
    return float(np.percentile(lower[counts] if counts.any() else lower, 10))


def stance(times: Array, feet: Array) -> BoolArray:
    """(T, 2) whether each foot stands: low and slow.

    Args:
        feet: (T, 2, 3) [m] soles, the floor at y = 0.
    """
    low = feet[..., 1] < STANCE_HEIGHT
    if len(times) < 2:
        return low
    velocity = np.gradient(feet, times, axis=0)
    return low & (np.linalg.norm(velocity, axis=-1) < STANCE_SPEED)
