"""Where the body is: the translation that puts it over its picture."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array
from mocap.filters import one_euro_both_ways
from mocap.skeleton import Skeleton
from mocap.solve.points import Points
from mocap.solve.settings import SolveSettings

# body points that are both a bone's position and a landmark
ANCHORS = {
    f"{side}{bone}": f"{side}_{point}"
    for side in ("left", "right")
    for bone, point in (
        ("UpperArm", "shoulder"),
        ("LowerArm", "elbow"),
        ("Hand", "wrist"),
        ("UpperLeg", "hip"),
        ("LowerLeg", "knee"),
        ("Foot", "ankle"),
    )
}
HELD_UP = ("leftUpperArm", "rightUpperArm", "leftUpperLeg", "rightUpperLeg")
ITERATIONS = 6
SOFT = 0.03  # misfit, as a share of the distance, at which a point loses half its say
NEAREST = 0.3  # [m] nobody is closer to the camera


def place(points: Points, body: Array, confidence: Array, skeleton: Skeleton) -> Array:
    """Least squares of image points against the body through the camera.

    A body point B at translation t is seen along the ray (a, b, -1) when
    `B.x + t.x = -a (B.z + t.z)` and the same for y with b: two linear equations in t for each
    point. Solved for all frames at once, reweighted against outliers.

    Args:
        points: rays of the landmarks, in upright axes.
        body: (T, J, 3) [m] bone positions with the root at the origin, in upright axes.
        confidence: (T, J) of the bones; those at rest say nothing about the place.
        skeleton: their names.

    Returns:
        (T, 3) [m] positions of the root from the camera, in upright axes; NaN where too little
        is seen.
    """
    joints = [skeleton.index(bone) for bone in ANCHORS]
    marks = [points.names.index(mark) for mark in ANCHORS.values()]
    target_body = body[:, joints]
    ray = points.rays[:, marks, :2]
    weight = points.confidence[:, marks] * (confidence[:, joints] > 0)
    for bone in HELD_UP:  # these stay even when the limb that hangs on them is out of sight
        i = list(ANCHORS).index(bone)
        weight[:, i] = points.confidence[:, marks[i]]
    target = -target_body[..., :2] - ray * target_body[..., 2:]
    found = np.zeros((len(body), 3))
    robust = np.ones_like(weight)
    for _ in range(ITERATIONS):
        found = _weighted(ray, target, weight * robust)
        found[:, 2] = np.minimum(found[:, 2], -NEAREST)
        miss = found[:, None, :2] + ray * found[:, None, 2:] - target
        off = np.linalg.norm(miss, axis=-1) / np.abs(found[:, None, 2])
        robust = 1.0 / (1.0 + (off / SOFT) ** 2)
    return np.where(((weight > 0).sum(axis=1) >= 2)[:, None], found, np.nan)


def _weighted(ray: Array, target: Array, weight: Array) -> Array:
    """(T, 3) the t that best fulfils `t.xy + ray t.z = target` (T, N, 2) by weight (T, N)."""
    normal = np.zeros((len(ray), 3, 3))
    right = np.empty((len(ray), 3))
    normal[:, 0, 0] = normal[:, 1, 1] = weight.sum(axis=1)
    across = (weight[..., None] * ray).sum(axis=1)
    normal[:, :2, 2] = normal[:, 2, :2] = across
    normal[:, 2, 2] = (weight[..., None] * ray * ray).sum(axis=(1, 2))
    right[:, :2] = (weight[..., None] * target).sum(axis=1)
    right[:, 2] = (weight[..., None] * ray * target).sum(axis=(1, 2))
    normal += 1e-9 * np.eye(3)
    return np.linalg.solve(normal, right[..., None])[..., 0]


def travel(times: Array, root: Array, settings: SolveSettings) -> Array:
    """Root positions (T, 3) bridged where they are NaN (held after the hold time) and smoothed.

    Raises nothing for a person never placed: they stay at the origin.
    """
    known = np.isfinite(root).all(axis=1)
    if not known.any():
        return np.zeros_like(root)
    seen_times = times[known]
    after = np.clip(np.searchsorted(seen_times, times), 0, len(seen_times) - 1)
    before = np.clip(np.searchsorted(seen_times, times, side="right") - 1, 0, len(seen_times) - 1)
    gap = seen_times[after] - seen_times[before]
    u = np.where(gap > 0, (times - seen_times[before]) / np.where(gap > 0, gap, 1.0), 0.0)
    u = np.where(gap > settings.hold, 0.0, np.clip(u, 0.0, 1.0))[:, None]
    whole = root[known][before] * (1 - u) + root[known][after] * u
    if settings.smoothing and len(times) > 1:
        whole = _smooth_stretches(times, whole, settings)
    return whole


def _smooth_stretches(times: Array, root: Array, settings: SolveSettings) -> Array:
    """Smooth, but not across a jump that no body makes: it is a return after a loss."""
    speed = np.linalg.norm(np.diff(root, axis=0), axis=1) / np.diff(times)
    jumps = np.flatnonzero(speed > 30.0) + 1
    smooth = [
        one_euro_both_ways(t, r, settings.root_min_cutoff, settings.root_beta)
        for t, r in zip(np.split(times, jumps), np.split(root, jumps), strict=True)
    ]
    return np.concatenate(smooth)
