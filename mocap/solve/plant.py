"""Feet that stand still hold the body in place.

How far away someone is follows only weakly from how large they look: an estimator that bends a
knee too little moves the whole body. A foot that does not move in the picture says more. It is
on the floor, where its line of sight meets the floor, and stays there as long as it stands.
"""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array, BoolArray
from mocap.solve.points import Points

STILL = 0.25  # [m/s] a foot may seem to move in the picture and still stand
SHORTEST = 0.1  # [s] a foot stands at least
RAISED = 0.15  # [m] over the floor and above the other foot: too high to stand
FADE = 0.12  # [s] over which a foot that comes down or lifts off takes or loses its hold
SIGHT = 0.006  # [rad] error of a line of sight
SIZE_ERROR = 0.15  # [m] error of a place that follows from the size of the body
SIDES = ("left", "right")


def foot_rays(points: Points) -> tuple[Array, Array]:
    """Lines of sight of the soles (T, 2, 3), between heel and toe, and how well seen (T, 2)."""
    rays, seen = [], []
    for side in SIDES:
        names = (f"{side}_heel", f"{side}_foot_index")
        rays.append(np.mean([points.rays[:, points.names.index(n)] for n in names], axis=0))
        seen.append(points.seen(*names, f"{side}_ankle"))
    return np.stack(rays, axis=1), np.stack(seen, axis=1)


def stretches(on: BoolArray, times: Array) -> list[slice]:
    """The runs of frames that are on (T,) and last at least SHORTEST."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    runs = [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [run for run in runs if times[run.stop - 1] - times[run.start] >= SHORTEST]


def standing(times: Array, rays: Array, seen: Array, soles: Array, floor: float) -> BoolArray:
    """(T, 2) whether each foot stands, judged by its stillness in the picture.

    Args:
        times: (T,) [s].
        rays: (T, 2, 3) lines of sight of the soles.
        seen: (T, 2) confidence.
        soles: (T, 2, 3) [m] where the soles are by the size of the body, NaN where unknown.
        floor: [m] height.
    """
    if len(times) < 2:
        return np.zeros(seen.shape, dtype=bool)
    distance = np.nanmedian(np.abs(soles[..., 2]))
    speed = np.linalg.norm(np.gradient(rays[..., :2], times, axis=0), axis=-1) * distance
    height = soles[..., 1]  # comparisons with NaN are false: an unknown foot does not stand
    low = (height - floor < RAISED) & (height - height.min(axis=1, keepdims=True) < RAISED)
    return (speed < STILL) & low & (seen > 0.3)


def anchored(points: Points, root: Array, soles: Array, floor: float) -> Array:
    """Root positions corrected so that feet that stand still do so, on the floor.

    Args:
        points: lines of sight, in upright axes.
        root: (T, 3) [m] from the size of the body, from the camera; NaN where unknown.
        soles: (T, 2, 3) [m] middle of each sole from the root.
        floor: [m] height, from the camera, so below zero.

    Returns:
        (T, 3) [m]. Between times of standing the correction goes over linearly, so a jump
        keeps its shape.
    """
    rays, seen = foot_rays(points)
    free = root[:, None] + soles
    stand = standing(points.times, rays, seen, free, floor)
    pull = np.zeros((len(root), 2, 3))
    hold = np.zeros((len(root), 2))
    for foot in range(2):
        for run in stretches(stand[:, foot], points.times):
            spot = _spot(rays[run, foot], free[run, foot], floor)
            pull[run, foot] = spot - free[run, foot]
            t = points.times[run]
            inside = np.minimum(t - t[0], t[-1] - t)
            hold[run, foot] = np.clip((inside + 0.02) / FADE, 0.05, 1.0)
    held = hold.sum(axis=1) > 0
    if not held.any():
        return root
    correction = (pull * hold[..., None]).sum(axis=1)[held] / hold.sum(axis=1)[held, None]
    times = points.times
    over = np.stack([np.interp(times, times[held], c) for c in correction.T], axis=1)
    return root + over


def _spot(rays: Array, free: Array, floor: float) -> Array:
    """(3,) [m] where a foot stands, from N frames of its line of sight and of its free place.

    The line of sight meets the floor the less sharply the flatter it runs, so the two are
    weighed by their errors.
    """
    down = np.minimum(np.median(rays[:, 1]), -1e-3)
    depth = floor / down
    error = SIGHT * depth * depth / abs(floor)
    by_size = -float(np.median(free[:, 2]))
    trust = SIZE_ERROR**2 / (SIZE_ERROR**2 + error**2) if 0 < depth < 3 * by_size else 0.0
    depth = trust * depth + (1 - trust) * by_size
    return np.array([np.median(rays[:, 0]) * depth, floor, -depth])
