"""Signed distance functions, the clay the person is made of.

Points are (N, 3) float32 in metres, distances (N,) float32 in metres, negative inside. Most are
bounds rather than exact distances, which is all that meshing and smooth blending need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator

f32 = np.float32
Field = Callable[[np.ndarray], np.ndarray]


def smooth_min(a: np.ndarray, b: np.ndarray, radius: float) -> np.ndarray:
    """Union of two shapes whose seam is filleted over `radius` metres."""
    overlap = np.maximum(radius - np.abs(a - b), 0) / radius
    return np.minimum(a, b) - overlap * overlap * radius * 0.25


def smooth_max(a: np.ndarray, b: np.ndarray, radius: float) -> np.ndarray:
    """Intersection of two shapes whose edge is rounded over `radius` metres."""
    return -smooth_min(-a, -b, radius)


def smooth_step(x: np.ndarray) -> np.ndarray:
    """Cubic ease from 0 (x <= 0) to 1 (x >= 1)."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def ellipsoid(
    points: np.ndarray,
    centre: Sequence[float],
    radii: Sequence[float],
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Ellipsoid with the given radii along the columns of `axes` (world axes if None)."""
    q = points - np.asarray(centre, f32)
    if axes is not None:
        q = q @ np.asarray(axes, f32)
    radii = np.asarray(radii, f32)
    k0 = np.sqrt(((q / radii) ** 2).sum(-1))
    k1 = np.sqrt(((q / (radii * radii)) ** 2).sum(-1)) + 1e-9
    return k0 * (k0 - 1) / k1


def cone(
    points: np.ndarray,
    start: Sequence[float],
    end: Sequence[float],
    start_radius: float,
    end_radius: float,
    widen: float = 1.0,
) -> np.ndarray:
    """Capsule with a radius that changes linearly along it, stretched `widen` times in x."""
    start, end = np.asarray(start, f32), np.asarray(end, f32)
    q = points
    if widen != 1.0:
        q = points.copy()
        q[..., 0] = start[0] + (q[..., 0] - start[0]) / widen
    along, offset = end - start, q - start
    t = np.clip((offset @ along) / (along @ along), 0, 1)
    distance = np.sqrt(((offset - t[..., None] * along) ** 2).sum(-1))
    return distance - (start_radius + (end_radius - start_radius) * t)


def segment_distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance to a line segment."""
    return cone(points, start, end, 0.0, 0.0)


def rounded_box(
    points: np.ndarray, centre: Sequence[float], half: Sequence[float], rounding: float
) -> np.ndarray:
    """Axis-aligned box of the given half sizes with rounded edges."""
    q = np.abs(points - np.asarray(centre, f32)) - (np.asarray(half, f32) - rounding)
    outside = np.sqrt((np.maximum(q, 0) ** 2).sum(-1))
    return outside + np.minimum(q.max(-1), 0) - rounding


class Loft:
    """A limb: superellipse sections along an axis, smoothly interpolated between given rows.

    `rows` is (K, 4): distance along the axis, half width, depth in front, depth behind, in metres.
    In front is where the person's front is. `inflate` grows every section, `round_ends` pulls the
    sections in over that length at both ends, so that a limb ends in a dome and not in a disc.
    """

    def __init__(
        self,
        origin: Sequence[float],
        axis: Sequence[float],
        rows: np.ndarray,
        power: float = 2.2,
        inflate: float = 0.0,
        round_ends: float = 0.0,
    ):
        self.origin = np.asarray(origin, f32)
        along = np.asarray(axis, float) / np.linalg.norm(axis)
        ahead = np.array([0.0, -1.0, 0.0]) + along * along[1]  # forward, square to the axis
        ahead /= np.linalg.norm(ahead)
        self.axes = np.stack([along, np.cross(along, ahead), ahead], axis=1).astype(f32)
        self.power = power
        rows = np.asarray(rows, float)
        self.stations = np.linspace(rows[0, 0], rows[-1, 0], 240)
        sections = PchipInterpolator(rows[:, 0], rows[:, 1:])(self.stations) + inflate
        if round_ends:
            to_end = np.minimum(self.stations - self.stations[0], self.stations[-1] - self.stations)
            inward = 1 - np.clip(to_end / round_ends, 0, 1)
            sections *= np.sqrt(np.maximum(1 - inward**2, 1e-4))[:, None]
        self.sections = sections

    def __call__(self, points: np.ndarray) -> np.ndarray:
        t, x, y = np.moveaxis((points - self.origin) @ self.axes, -1, 0)
        width, front, back = (
            np.interp(t, self.stations, column).astype(f32) for column in self.sections.T
        )
        depth = np.where(y > 0, front, back)
        radius = np.sqrt(x * x + y * y) + 1e-6
        power = self.power
        rho = ((np.abs(x) / width) ** power + (np.abs(y) / depth) ** power) ** (1 / power) + 1e-6
        # Near the axis the radial estimate loses meaning; any safely negative value will do.
        side = np.where(rho > 0.3, radius * (1 - 1 / rho), -np.minimum(width, depth) * 0.8)
        ends = np.maximum(self.stations[0] - t, t - self.stations[-1]).astype(f32)
        return smooth_max(side, ends, 0.01)


def gradient(field: Field, points: np.ndarray, step: float) -> np.ndarray:
    """(N, 3) central differences of a field."""
    offsets = np.eye(3, dtype=f32) * f32(step)
    return np.stack([field(points + o) - field(points - o) for o in offsets], 1) / f32(2 * step)
