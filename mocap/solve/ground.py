"""Which way is up, where the floor is, and which feet stand on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.skeleton import Skeleton
from mocap.solve.points import Points

Y = np.array([0.0, 1.0, 0.0])
MAX_LEAN = np.radians(40)  # of someone upright; beyond, the body is taken as it is
ESTIMATOR_LEAN = np.radians(12)  # by which estimators themselves make people lean
STRAIGHT = np.radians(25)  # knees and hips bent less than this belong to someone who stands
HEEL = np.array([0.0, -0.05, -0.06])  # [m] of a 1.75 m body, from the ankle, sole included
STANCE_HEIGHT = 0.05  # [m] a foot may be above the floor and still stand
STANCE_SPEED = 0.35  # [m/s] it may move


def common_lean(people: Sequence[Points]) -> Array:
    """(4,) rotation that stands people upright, from view axes.

    People who stand straight are upright on the whole: the median of their directions from
    ankles to shoulders is up. If nobody stands in full view, people hold their trunks upright
    on the whole, as behind a desk. The identity if no trunk is seen either, or if people lean
    so much that they must be lying.
    """
    ups = [standing_direction(points) for points in people]
    if sum(map(len, ups)) == 0:
        ups = [trunk_direction(points) for points in people]
    every = np.concatenate(ups)
    if len(every) == 0:
        return rotation.identity()
    up = rotation.unit(np.median(every, axis=0))
    return rotation.between(up, Y) if up @ Y > np.cos(MAX_LEAN) else rotation.identity()


def standing_direction(points: Points) -> Array:
    """(N, 3) unit directions from ankles to shoulders in the N frames of standing straight."""
    ankle, knee, hip, shoulder = (
        points.at(f"left_{joint}", f"right_{joint}")
        for joint in ("ankle", "knee", "hip", "shoulder")
    )
    shin, thigh, trunk = (rotation.unit(v) for v in (knee - ankle, hip - knee, shoulder - hip))
    seen = points.seen(
        *(f"{side}_{joint}" for side in ("left", "right") for joint in ("ankle", "hip", "shoulder"))
    )
    limit = np.cos(STRAIGHT)
    straight = (np.sum(thigh * shin, -1) > limit) & (np.sum(thigh * trunk, -1) > limit)
    return rotation.unit(shoulder - ankle)[straight & (seen > 0.5)]


def trunk_direction(points: Points) -> Array:
    """(N, 3) unit directions from hips to shoulders in the N frames that show both."""
    names = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
    trunk = points.at(*names[2:]) - points.at(*names[:2])
    return rotation.unit(trunk)[points.seen(*names) > 0.5]


def camera_tilt(lean: Array) -> Array:
    """(4,) rotation from view axes to upright ones, from the lean that people show.

    Estimators make people lean by themselves, so only what goes beyond that is the camera's.
    """
    turn = rotation.log(lean)
    size = float(np.linalg.norm(turn))
    return rotation.exp(turn * max(0.0, size - ESTIMATOR_LEAN) / max(size, 1e-9))


def soles(positions: Array, world: Array, skeleton: Skeleton) -> tuple[Array, Array]:
    """Of the left and the right foot, the lowest point of the sole and its middle, (T, 2, 3) [m].

    The sole is known at the heel, under the ball and at the tip of the toes; the middle lies
    between heel and tip.
    """
    heel_offset = HEEL * skeleton.height / 1.75
    tips = skeleton.tip_positions(positions, world)
    lowest, middles = [], []
    for side in ("left", "right"):
        foot, toes = skeleton.index(f"{side}Foot"), skeleton.index(f"{side}Toes")
        heel = positions[:, foot] + rotation.rotate(world[:, foot], heel_offset[None])
        ball = positions[:, toes] + [0.0, skeleton.tips[toes, 1], 0.0]
        known = np.stack([tips[:, toes], ball, heel], axis=1)
        lowest.append(known[np.arange(len(known)), known[..., 1].argmin(axis=1)])
        middles.append((heel + tips[:, toes]) / 2)
    return np.stack(lowest, axis=1), np.stack(middles, axis=1)


def floor_height(lower: Array) -> float | None:
    """[m] the height that the lower foot comes down to again and again.

    Args:
        lower: (T,) heights of the lower foot, NaN where unknown.

    Returns:
        The floor, where most of the heights lie close together; None if none is known.
    """
    known = np.sort(lower[np.isfinite(lower)])
    if len(known) == 0:
        return None
    # the shortest interval that holds half of the heights (the half-sample mode's first step):
    # feet are on the floor most of the time, above it by jumps and below it by mistakes
    half = (len(known) + 1) // 2
    widths = known[half - 1 :] - known[: len(known) - half + 1]
    first = int(np.argmin(widths))
    return float(np.median(known[first : first + half]))


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
