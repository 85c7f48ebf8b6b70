"""Where the body is at first: the translation that puts it over its picture."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array
from mocap.filters import without_spikes
from mocap.solve.body import TO_MARK, reached
from mocap.solve.estimate import Estimate, Measured
from mocap.solve.evidence import NEAREST

ITERATIONS = 6
SOFT = 0.03  # misfit, as a share of the distance, at which a point loses half its say
SPIKE = 0.3  # [s] a change of distance that is over sooner is a mistake
USUAL = 3.0  # [m] from the camera, of someone of whom too little is seen


def start(seen: Measured, lengths: Array) -> Estimate:
    """The estimate to begin with: bones as the estimator sees them, of lengths (L,) [m], over
    their picture, in front of a level camera."""
    body = reached(np.zeros((len(seen), 3)), seen.vectors, lengths, TO_MARK)
    place = over_picture(seen.rays, seen.seen, body)
    known = np.flatnonzero(np.isfinite(place).all(axis=1))
    if len(known) == 0:
        place = np.full((len(seen), 3), [0.0, 0.0, -USUAL])
    else:
        every = np.arange(len(seen))
        place = np.stack([np.interp(every, known, place[known, i]) for i in range(3)], axis=1)
        away = without_spikes(seen.times, -place[:, 2:], SPIKE)
        place = place / -place[:, 2:] * away
    return Estimate(place, seen.vectors, lengths, np.array([0.0, 1.0, 0.0]), 0.0, 1.0)


def over_picture(rays: Array, weight: Array, body: Array) -> Array:
    """Least squares of image points against the body through the camera.

    A body point B at translation t is seen along the ray (a, b, -1) when
    `B.x + t.x = -a (B.z + t.z)` and the same for y with b: two linear equations in t for each
    point. Solved for all frames at once, reweighted against outliers.

    Args:
        rays: (T, K, 2) the rays (a, b).
        weight: (T, K).
        body: (T, K, 3) [m] the points with the root at the origin.

    Returns:
        (T, 3) [m] positions of the root from the camera; NaN where too little is seen.
    """
    target = -body[..., :2] - rays * body[..., 2:]
    # both equations of each point, as rows
    rows = np.zeros((*rays.shape, 3))
    rows[..., 0, 0] = rows[..., 1, 1] = 1.0
    rows[..., 2] = rays
    found = np.zeros((len(body), 3))
    robust = np.ones_like(weight)
    for _ in range(ITERATIONS):
        found = _weighted(rows, target, weight * robust)
        found[:, 2] = np.minimum(found[:, 2], -NEAREST)
        miss = found[:, None, :2] + rays * found[:, None, 2:] - target
        off = np.linalg.norm(miss, axis=-1) / np.abs(found[:, None, 2])
        robust = 1.0 / (1.0 + (off / SOFT) ** 2)
    return np.where(((weight > 0).sum(axis=1) >= 2)[:, None], found, np.nan)


def _weighted(rows: Array, target: Array, weight: Array) -> Array:
    """(T, 3) the t that best fulfils `rows @ t = target`, (T, K, 2, 3) and (T, K, 2), by weight
    (T, K)."""
    frames = len(rows)
    weighted = np.swapaxes((weight[..., None, None] * rows).reshape(frames, -1, 3), 1, 2)
    normal = weighted @ rows.reshape(frames, -1, 3) + 1e-9 * np.eye(3)
    return np.asarray(np.linalg.solve(normal, weighted @ target.reshape(frames, -1, 1))[..., 0])
