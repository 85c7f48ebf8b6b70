"""Shirt, trousers and shoes as signed distance, worn by a `Body` in its rest pose."""

from __future__ import annotations

import numpy as np

from .body import Body
from .rotation import rot_z
from .sdf import cone, ellipsoid, f32, smooth_max, smooth_min, smooth_step
from .skeleton import SIDES

_COLLAR = ((0, -0.012, 1.535), (0.074, 0.082, 0.070))  # centre and radii of the neck opening


def collar(points: np.ndarray) -> np.ndarray:
    """Distance to the neck opening of the shirt."""
    return ellipsoid(points, *_COLLAR)


def _folds(points: np.ndarray, depth: float, frequency: float = 1.0) -> np.ndarray:
    """Cloth undulation in metres: a few sines that do not repeat visibly."""
    x, y, z = np.moveaxis(points * f32(frequency), -1, 0)
    return depth * (
        np.sin(31 * x + 17 * z + 2 * np.sin(23 * y + 5 * z))
        + np.sin(27 * y - 22 * z + 2 * np.sin(19 * x))
        + 0.7 * np.sin(48 * z + 13 * x * np.sign(y + 1e-6) + 9 * y)
    )


def shirt(body: Body, points: np.ndarray) -> np.ndarray:
    """T-shirt: the torso blown up, wider toward the hem, with sleeves and a collar."""
    loose = body.shape.looseness
    shape = body.torso(points, 0.012 * loose)
    shape = shape - (0.004 * loose + 0.019 * smooth_step((1.10 - points[..., 2]) / 0.12))
    for side in SIDES:
        sleeve = body.sleeve(points, side, 0.008 * loose, body.shape.sleeve, 0.014 * loose)
        shape = smooth_min(shape, sleeve, 0.035)
    hem = 0.875 if body.shape.shorts else 0.865
    shape = smooth_max(shape, hem - points[..., 2], 0.006)
    shape = smooth_max(shape, -collar(points), 0.008)
    return shape + _folds(points, 0.0018 * loose)


def trousers(body: Body, points: np.ndarray) -> np.ndarray:
    """Trousers or, cut above the knee, shorts."""
    loose = body.shape.looseness
    shape = body.torso(points, 0.0084)
    shape = smooth_min(shape, body.legs(points, 0.012 * loose, 0.012 * loose), 0.035)
    shape = smooth_max(shape, points[..., 2] - 1.0, 0.006)
    shape = smooth_max(shape, (0.54 if body.shape.shorts else 0.055) - points[..., 2], 0.006)
    return shape + _folds(points, 0.0018, 0.9)


def shoe(body: Body, points: np.ndarray, side: str) -> np.ndarray:
    """A trainer, toes turned out a little, its sole on z = 0."""
    ankle_x = body.joints[side + "Foot"][0]
    q = (points - np.array([ankle_x, 0, 0], f32)) @ rot_z(-5 * SIDES[side]).astype(f32)
    shape = cone(q, (0, 0.040, 0.036), (0, -0.105, 0.028), 0.036, 0.031, 1.18)
    toe_cap = cone(q, (0, -0.105, 0.028), (0, -0.160, 0.022), 0.031, 0.024, 1.45)
    instep = cone(q, (0, 0.018, 0.085), (0, -0.085, 0.040), 0.043, 0.028)
    shaft = cone(q, (0, 0.020, 0.06), (0, 0.018, 0.105), 0.044, 0.043)
    sole = cone(q, (0, 0.038, 0.012), (0, -0.14, 0.012), 0.044, 0.046)
    sole = smooth_max(sole, np.abs(q[..., 2] - 0.012) - 0.014, 0.006)
    for part, fillet in ((toe_cap, 0.02), (instep, 0.03), (shaft, 0.02), (sole, 0.006)):
        shape = smooth_min(shape, part, fillet)
    shape = smooth_max(shape, q[..., 2] - 0.115, 0.006)
    return smooth_max(shape, 0.001 - q[..., 2], 0.006)
