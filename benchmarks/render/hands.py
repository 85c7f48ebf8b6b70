"""A relaxed hand as signed distance."""

from __future__ import annotations

import numpy as np

from .body import Body
from .sdf import cone, f32, rounded_box, smooth_min
from .skeleton import SIDES, rest_hand

# Knuckle offset across the palm, length, radius (metres), curl (degrees): index to little finger.
_FINGERS = (
    (-0.031, 0.074, 0.0092, 12),
    (-0.0105, 0.082, 0.0095, 14),
    (0.0105, 0.077, 0.0092, 16),
    (0.030, 0.060, 0.0082, 18),
)


def hand_scale(body: Body) -> float:
    """Size of the hand relative to the male one."""
    return 1 - 0.08 * body.shape.feminine


def _finger_direction(curl: float, spread: float) -> np.ndarray:
    return np.array([-np.sin(np.radians(curl)), spread, -np.cos(np.radians(curl))])


def hand(body: Body, points: np.ndarray, side: str) -> np.ndarray:
    """One hand at the end of its rest forearm."""
    scale = hand_scale(body)
    # Hanging axes of a left hand: fingers toward -z, thumb toward -y, palm toward -x.
    q = (points - body.joints[side + "Hand"].astype(f32)) @ rest_hand(side).astype(f32)
    q = q * np.array([SIDES[side], 1, 1], f32) / f32(scale)
    shape = rounded_box(q, (0, 0, -0.052), (0.0145, 0.041, 0.046), 0.013)
    shape = smooth_min(shape, cone(q, (0, 0, 0.02), (0, 0, -0.02), 0.026, 0.024), 0.02)
    for across, length, radius, curl in _FINGERS:
        knuckle = np.array([0, across, -0.090])
        middle = knuckle + _finger_direction(curl, across * 1.2) * length * 0.5
        tip = middle + _finger_direction(2.6 * curl, across * 0.6) * length * 0.5
        shape = smooth_min(shape, cone(q, knuckle, middle, radius, radius * 0.92), 0.007)
        shape = smooth_min(shape, cone(q, middle, tip, radius * 0.92, radius * 0.78), 0.003)
    thumb_root, thumb_joint = (-0.006, -0.022, -0.022), (-0.020, -0.050, -0.055)
    shape = smooth_min(shape, cone(q, thumb_root, thumb_joint, 0.016, 0.0125), 0.012)
    shape = smooth_min(shape, cone(q, thumb_joint, (-0.026, -0.062, -0.088), 0.0115, 0.009), 0.006)
    return shape * scale
