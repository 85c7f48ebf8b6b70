"""A body's points as vectors along it, in axes that do not depend on where the camera is.

In these the errors of an estimator are told, measured and made up; everything is brought to a body
of 1.75 m.
"""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.landmarks import MEDIAPIPE_POSE
from mocap.skeleton import mirrored_name

NAMES = MEDIAPIPE_POSE.points
COUNT = len(NAMES)
AHEAD = np.array([0.0, 0.0, -1.0])
HEIGHT = 1.75  # [m] of the body that errors are told for
HIPS = [NAMES.index("left_hip"), NAMES.index("right_hip")]
SHOULDERS = [NAMES.index("left_shoulder"), NAMES.index("right_shoulder")]
MIRROR = [NAMES.index(mirrored_name(n)) for n in NAMES]
FLIP = np.array([-1.0, 1.0, 1.0])


def _starts() -> list[int]:
    """Where the vector to each point begins: another point, -1 the hips, -2 the shoulders."""
    before = {"shoulder": "hips", "elbow": "shoulder", "wrist": "elbow", "hip": "hips",
              "knee": "hip", "ankle": "knee", "heel": "ankle", "foot_index": "ankle"}  # fmt: skip
    starts = []
    for name in NAMES:
        side, _, part = name.partition("_")
        if name == "nose":
            starts.append(-2)
        elif part in ("pinky", "index", "thumb"):
            starts.append(NAMES.index(f"{side}_wrist"))
        elif part in before:
            start = before[part]
            starts.append(-1 if start == "hips" else NAMES.index(f"{side}_{start}"))
        else:
            starts.append(NAMES.index("nose"))
    return starts


STARTS = _starts()
ORDER = [i for i in range(COUNT) if i not in range(11)] + list(range(11))  # shoulders, then face


def vectors(points: Array) -> Array:
    """Points (T, 33, 3) about anything to the vectors along the body (T, 33, 3)."""
    found = np.empty_like(points)
    for i, start in enumerate(STARTS):
        found[:, i] = points[:, i] - _start(points, start)
    return found


def chained(along: Array) -> Array:
    """Inverse of `vectors`: points (T, 33, 3) with the middle of the hips at the origin."""
    points = np.zeros_like(along)
    points[:, HIPS] = along[:, HIPS]
    for i in ORDER:
        if i not in HIPS:
            points[:, i] = (0 if STARTS[i] == -1 else _start(points, STARTS[i])) + along[:, i]
    return points - points[:, HIPS].mean(axis=1, keepdims=True)


def _start(points: Array, start: int) -> Array:
    if start >= 0:
        return points[:, start]
    return points[:, HIPS if start == -1 else SHOULDERS].mean(axis=1)


def torso(points: Array) -> Array:
    """(T, 3, 3) the body's own axes as columns: its left, up and forward, by hips and shoulders."""
    across = points[:, HIPS[0]] - points[:, HIPS[1]]
    up = _start(points, -2) - _start(points, -1)
    return rotation.to_matrix(rotation.from_frame(up, across, "YX"))


def scale(view: Array, height: float) -> Array:
    """(T, 1, 1) [px per m of a 1.75 m body, for a focal length of 1 px] of points (T, 33, 3)."""
    distance = -view[:, HIPS, 2].mean(axis=1)
    found: Array = (height / HEIGHT / distance)[:, None, None]
    return found


def straight(view: Array) -> Array:
    """(T, 4) rotation to axes that look straight at the hips, of points (T, 33, 3) in view."""
    return rotation.between(view[:, HIPS].mean(axis=1), AHEAD)
