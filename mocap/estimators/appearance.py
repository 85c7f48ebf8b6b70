"""What a person looks like: the colours of clothes, for telling people apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mocap.arrays import Array
from mocap.landmarks import MEDIAPIPE_POSE

_CORNERS = [
    [MEDIAPIPE_POSE.index(p) for p in part]
    for part in (
        ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),  # upper clothes
        ("left_hip", "right_hip", "left_knee", "right_knee"),  # lower clothes
    )
]
_BINS = 4  # per colour channel: coarse, so that light and shade matter little
_GRID = np.linspace(0.15, 0.85, 8)
MIN_CONFIDENCE = 0.5


def describe(image: NDArray[np.uint8], points: Array, confidence: Array) -> Array:
    """Colour histograms of upper and lower clothes.

    Args:
        image: (H, W, 3) RGB.
        points: (33, 2) px BlazePose points.
        confidence: (33,).

    Returns:
        (2 * 64,) square roots of bin shares, so that a dot product compares two people; a part
        that is not seen is zero.
    """
    height, width = image.shape[:2]
    across, down = np.meshgrid(_GRID, _GRID)
    parts = []
    for a, b, c, d in _CORNERS:
        if confidence[[a, b, c, d]].min() < MIN_CONFIDENCE:
            parts.append(np.zeros(_BINS**3))
            continue
        top = points[a] + across[..., None] * (points[b] - points[a])
        bottom = points[c] + across[..., None] * (points[d] - points[c])
        x, y = np.moveaxis(top + down[..., None] * (bottom - top), -1, 0).astype(int)
        colours = image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)].reshape(-1, 3)
        bins = colours.astype(int) * _BINS // 256 @ np.array([_BINS * _BINS, _BINS, 1])
        parts.append(np.sqrt(np.bincount(bins, minlength=_BINS**3) / len(bins)))
    return np.concatenate(parts)


def likeness(a: Array, b: Array) -> float | None:
    """Bhattacharyya likeness in [0, 1] over the parts seen in both; None if there is none."""
    shares = [
        float(x @ y)
        for x, y in zip(np.split(a, 2), np.split(b, 2), strict=True)
        if x.any() and y.any()
    ]
    return sum(shares) / len(shares) if shares else None
