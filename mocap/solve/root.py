"""Where the body is: the translation that puts it over its picture."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array
from mocap.filters import one_euro_both_ways, without_spikes
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
SPIKE = 0.3  # [s] a change of distance that is over sooner is a mistake
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
    """Root positions (T, 3) from the camera, bridged where they are NaN and smoothed.

    Over a gap longer than the hold time a person stays where they were and then is where they
    are seen again. Someone never placed stays at the origin.
    """
    known = np.flatnonzero(np.isfinite(root).all(axis=1))
    if len(known) == 0:
        return np.zeros_like(root)
    lost = np.flatnonzero(np.diff(times[known]) > settings.hold) + 1
    whole = np.empty_like(root)
    for stretch in np.split(known, lost):
        # until the next stretch begins; the first begins with the take
        first = 0 if stretch[0] == known[0] else stretch[0]
        later = known[known > stretch[-1]]
        last = later[0] if len(later) else len(root)
        t, r = times[stretch], root[stretch]
        if settings.smoothing and len(stretch) > 1:
            r = _smooth(t, r, settings)
        for axis in range(3):
            whole[first:last, axis] = np.interp(times[first:last], t, r[:, axis])
    return whole


def _smooth(times: Array, root: Array, settings: SolveSettings) -> Array:
    """Smooth across the line of sight a little, along it, where errors are tenfold, more.

    Positions are from the camera, so the line of sight is their own direction.
    """
    away = np.maximum(-root[:, 2:], NEAREST)
    distance = without_spikes(times, away, SPIKE)
    typical = float(np.median(distance))
    across = one_euro_both_ways(
        times, root[:, :2] / away * typical, settings.root_min_cutoff, settings.root_beta
    )
    along = one_euro_both_ways(times, distance, settings.depth_min_cutoff, settings.depth_beta)
    return np.concatenate([across / typical * along, -along], axis=1)
