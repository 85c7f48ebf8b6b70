"""The colours of the room, computed per grid point, and the person's soft shadow on the floor.

NumPy only. Room frame: the renderer's world turned with the camera, so that the back wall is always
behind the person. Colours are sRGB in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

WALL_COLOURS = {
    "plank": (0.82, 0.80, 0.75),
    "concrete": (0.70, 0.76, 0.80),
    "brick": (0.80, 0.70, 0.60),
}
_FLOOR_COLOURS = {
    "plank": (0.68, 0.55, 0.42),
    "concrete": (0.60, 0.60, 0.61),
    "brick": (0.52, 0.42, 0.34),
}
_MORTAR = (0.78, 0.75, 0.72)
_DARK = (0.33, 0.28, 0.25)

# Furniture: centre and half size in m, colour. It gives the eye a scale and the video some edges.
FURNITURE = (
    ((0, 2.25, 0.06), (6, 0.02, 0.06), (0.90, 0.89, 0.87)),  # skirting board
    ((-0.95, 2.25, 1.75), (0.36, 0.02, 0.27), _DARK),  # picture frame
    ((-0.95, 2.225, 1.75), (0.31, 0.01, 0.22), (0.60, 0.69, 0.65)),  # picture
    ((1.35, 2.0, 0.42), (0.45, 0.22, 0.42), (0.58, 0.47, 0.37)),  # cabinet
    ((1.1, 2.0, 0.93), (0.08, 0.08, 0.09), (0.73, 0.48, 0.35)),  # pot
    ((1.6, 2.0, 1.0), (0.03, 0.03, 0.16), _DARK),  # lamp
    ((1.6, 2.0, 1.25), (0.12, 0.12, 0.10), (0.92, 0.89, 0.81)),  # lampshade
)
SEAT = ((0, 0.55, 0.22), (0.20, 0.20, 0.22), (0.45, 0.36, 0.30))


@dataclass(frozen=True)
class Surface:
    """A plane spanned from `origin` along two unit axes: (nu, nv) points `step` m apart."""

    origin: np.ndarray  # (3,) m
    along: np.ndarray  # (3,)
    across: np.ndarray  # (3,)
    step: float
    colours: np.ndarray  # (nu, nv, 3) sRGB

    def points(self) -> np.ndarray:
        """(nu, nv, 3) m."""
        u, v = (np.arange(n) * self.step for n in self.colours.shape[:2])
        return self.origin + u[:, None, None] * self.along + v[:, None] * self.across


def floor(room: str) -> Surface:
    """The floor, from in front of the camera to the back wall."""
    u, v = _grid(6.4, 5.5, 0.02)
    base = np.asarray(_FLOOR_COLOURS[room])
    if room == "concrete":
        grain = np.random.default_rng(2).normal(size=u.shape)
        colours = base * (1 + 0.05 * _clouds(u, v, 9, 1) + 0.03 * grain)[..., None]
    else:
        row = np.floor(v / 0.14)
        shifted = u + (row * 0.77) % 1.5
        tone = _hash(row, np.floor(shifted / 1.5))
        gap = (v % 0.14 < 0.02) | (shifted % 1.5 < 0.02)
        grain = 0.05 * _clouds(u * 0.4, v * 6, 7, 3)
        colours = base * ((0.82 + 0.3 * tone + grain) * np.where(gap, 0.6, 1))[..., None]
    return Surface(np.array([-3.2, -3.2, 0]), np.eye(3)[0], np.eye(3)[1], 0.02, _unit(colours))


def back_wall(room: str) -> Surface:
    """The wall behind the person."""
    u, v = _grid(6.4, 4.2, 0.025)
    light = 1 + 0.025 * _clouds(u, v, 2.5, 4) - 0.10 * np.abs(u - 3.2) / 3.2 + 0.01 * v
    colours = np.asarray(WALL_COLOURS[room]) * light[..., None]
    if room == "brick":
        row = np.floor(v / 0.16)
        shifted = u + (row % 2) * 0.2
        joint = (v % 0.16 < 0.025) | (shifted % 0.4 < 0.025)
        tone = _hash(row, np.floor(shifted / 0.4))
        bricks = colours * (0.86 + 0.2 * tone)[..., None]
        colours = np.where(joint[..., None], _MORTAR, bricks)
    return Surface(np.array([-3.2, 2.28, 0]), np.eye(3)[0], np.eye(3)[2], 0.025, _unit(colours))


def shadow(surface: Surface, points: np.ndarray, azimuth: float) -> np.ndarray:
    """(nu, nv) brightness of the floor under `points` (N, 3), lit from `azimuth` degrees left.

    The points of the person are splatted onto the floor along the light, blurred, and turned into
    shade: cheap, soft, and good enough to set the person on the floor.
    """
    away = np.array([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
    density = np.zeros(surface.colours.shape[:2])
    for slope, weight, below, radius in ((0.52, 1.0, np.inf, 3), (0.03, 1.6, 0.35, 2)):
        low = points[points[:, 2] < below]
        at = low[:, :2] + low[:, 2:] * away * slope - surface.origin[:2]
        cell = np.floor(at / surface.step).astype(int)
        cell = cell[((cell >= 0) & (cell < density.shape)).all(1)]
        flat = np.ravel_multi_index(tuple(cell.T), density.shape)
        count = np.bincount(flat, minlength=density.size).reshape(density.shape).astype(float)
        for _ in range(3):
            count = uniform_filter(count, 2 * radius + 1, mode="constant")
        density += weight * count
    return 1 - 0.5 * (1 - np.exp(-density))


def _grid(length: float, width: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    u, v = (np.arange(int(size / step) + 1) * step for size in (length, width))
    return np.meshgrid(u, v, indexing="ij")


def _unit(colours: np.ndarray) -> np.ndarray:
    return np.clip(colours, 0, 1)


def _clouds(x: np.ndarray, y: np.ndarray, frequency: float, seed: int) -> np.ndarray:
    """Smooth noise of roughly unit size: five octaves of warped sines."""
    random = np.random.default_rng(seed)
    total = np.zeros_like(x)
    for octave in range(5):
        phase = random.uniform(0, 2 * np.pi, 2)
        a, b = random.normal(size=2) * frequency * 1.7**octave
        warp = 1.5 * np.sin(x * b - y * a + phase[1])
        total += np.sin(x * a + y * b + phase[0] + warp) / 1.5**octave
    return total / 2.5


def _hash(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A value in 0..1 per pair of whole numbers that looks random."""
    return (np.sin(a * 12.9898 + b * 78.233) * 43758.5) % 1
