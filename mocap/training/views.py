"""Cameras that never were."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera

SIZES = ((1280, 720), (720, 1280), (640, 480), (1920, 1080))
MARGIN = 0.03  # of the picture stays free around everything that happens
NEAREST = 0.5  # [m] to the lens
UP = np.array([0.0, 1.0, 0.0])


def camera_for(
    points: Array, rng: np.random.Generator, shown: Sequence[int] | None = None
) -> tuple[Camera, Array, Array]:
    """A camera that sees all that happens, its turn (3, 3) to view axes and its position (3,).

    Drawn are its side, height, tilt, roll, focal length and picture; it stands as near as it may.

    Args:
        points: (T, K, 3) [m] all that is in front of it.
        rng: where chance comes from.
        shown: those of the K that must be in the picture, None if all.
    """
    size = SIZES[rng.integers(len(SIZES))]
    camera = Camera.from_fov(size, float(rng.uniform(42, 75)))
    side, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 2.2)
    roll, tilt = np.radians(rng.normal(0, [2.5, 2.5]))
    flat = (points if shown is None else points[:, shown]).reshape(-1, 3)
    middle = (flat.min(axis=0) + flat.max(axis=0)) / 2
    low, high = MARGIN * np.array(size), (1 - MARGIN) * np.array(size)
    for distance in np.arange(1.5 if shown is None else 0.7, 30.0, 0.1):
        away = distance * np.array([np.sin(side), 0.0, np.cos(side)])
        position = np.array([middle[0], height, middle[2]]) + away
        turn = looking(middle - position, tilt, roll)
        if ((points - position) @ turn[2]).max() > -NEAREST:
            continue
        image = camera.project((flat - position) @ turn.T)
        if ((image > low) & (image < high)).all():
            break
    return camera, turn, position


def looking(towards: Array, tilt: float, roll: float) -> Array:
    """(3, 3) from world axes to the view axes of a camera that looks that way.

    Args:
        towards: (3,).
        tilt, roll: [rad] by which it then looks past its aim and leans to the side.
    """
    back = rotation.unit(-towards)
    right = rotation.unit(np.cross(UP, back))
    level = np.stack([right, np.cross(back, right), back])
    turned = rotation.mul(
        rotation.axis_angle([0.0, 0.0, 1.0], roll), rotation.axis_angle([1.0, 0.0, 0.0], tilt)
    )
    found: Array = rotation.to_matrix(turned) @ level
    return found
