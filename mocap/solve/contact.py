"""Which soles stand on the floor, and when a person is in the air."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter
from scipy.special import expit

from mocap.arrays import Array, BoolArray
from mocap.solve.body import INDEX, SIDES, SOLES
from mocap.solve.estimate import Estimate, Measured
from mocap.solve.rates import interval, rate

# Below what a sole stands, and how softly: at first, before standing feet have brought the body's
# depth in order, and in the end.
STILL, STILL_SOFT = 0.4, 0.08  # [m/s] in the picture, where depth has no say
SLOW, SLOW_SOFT = (1.5, 0.6), (0.3, 0.12)  # [m/s] in space
LOW, LOW_SOFT = (0.4, 0.05), (0.1, 0.025)  # [m] over the floor
# [m] that the hips are above a foot that bears them, or cosine between its shin and straight down:
# those who lie or stand on their hands have their feet on something by chance
ABOVE, DOWN, BEARS_SOFT = 0.3, 0.5, 0.1
CALM = 0.04  # [s] over which lines of sight are smoothed
SEEN = 0.3  # confidence from which a foot is judged
BLIP = 0.045  # [s] half of what lasts no longer is no contact, and no lift either
LOWEST = 20  # [%] of the frames in which the lower foot is on the floor at least
CLEAR = 0.05  # [m] the lower sole is over the floor in the air
FLIGHT = (0.1, 1.2)  # [s] a jump lasts
SHINS = [INDEX[f"{side}_shin"] for side in SIDES for _ in ("heel", "toes")]


@dataclass(frozen=True)
class Contacts:
    """Attributes:
    planted: (T, 2, 2) probability that heel and toes of each foot stand.
    flight: (T,) probability that the person is in the air.
    """

    planted: Array
    flight: Array


def lowest_floor(estimate: Estimate, seen: Measured) -> float | None:
    """[m] height of the camera over the lower sole's usual low; None if no foot was seen."""
    known = seen.seen[:, list(SOLES)] > SEEN
    height = estimate.joints[:, list(SOLES)] @ estimate.up
    lower = np.where(known, height, np.inf).min(axis=1)
    lower = lower[np.isfinite(lower)]
    return -float(np.percentile(lower, LOWEST)) if len(lower) else None


def contacts(estimate: Estimate, seen: Measured, size: float, settled: float = 1.0) -> Contacts:
    """Contacts of a stretch of frames, from the speed and height of the soles.

    Args:
        size: of the body, as a multiple of 1.75 m.
        settled: how far the estimate's heights can be relied upon, from 0 to 1.
    """
    slow, slow_soft, low, low_soft = (
        before + settled * (after - before) for before, after in (SLOW, SLOW_SOFT, LOW, LOW_SOFT)
    )
    soles = list(SOLES)
    positions = estimate.joints[:, soles]
    height = positions @ estimate.up + estimate.floor
    likely = expit((low - height / size) / low_soft)
    apparent = np.zeros_like(height)
    if len(seen) > 1:
        distance = -estimate.root[:, None, 2:]
        frames = CALM / interval(seen.times)
        rays = gaussian_filter1d(seen.rays[:, soles], frames, axis=0, mode="nearest")
        across = rate(seen.times, rays) * distance
        moving = rate(seen.times, positions)
        apparent = np.linalg.norm(across, axis=-1) / size
        speed = np.linalg.norm(moving, axis=-1) / size
        likely *= expit((STILL - apparent) / STILL_SOFT)
        likely *= expit((slow - speed) / slow_soft)
    likely *= seen.seen[:, soles] > SEEN
    above = (estimate.root @ estimate.up)[:, None] - positions @ estimate.up
    down = -estimate.directions[:, SHINS] @ estimate.up
    likely *= expit((np.maximum(above / (ABOVE * size), down / DOWN) - 1) / BEARS_SOFT)
    if len(seen) > 2:
        frames = 1 + 2 * round(BLIP / interval(seen.times))
        likely = median_filter(likely, size=(frames, 1), mode="nearest")
    known = (seen.seen[:, soles] > SEEN).all(axis=1)
    in_air = known & (likely.max(axis=1) < 0.5) & (height.min(axis=1) > CLEAR * size)
    in_air &= apparent.min(axis=1) > STILL
    flight = np.zeros(len(seen))
    for run in runs(in_air):
        span = seen.times[run.stop - 1] - seen.times[run.start]
        if FLIGHT[0] <= span <= FLIGHT[1]:
            flight[run] = 1.0
    return Contacts(likely.reshape(-1, 2, 2), flight)


def runs(on: BoolArray) -> list[slice]:
    """The runs of frames that are on (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
