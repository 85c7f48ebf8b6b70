"""A pinhole camera: where it stands, how it looks, and what it sees of a point.

World as in the renderer: x = the person's left, -y = forward, z = up, metres. View axes: x right,
y up, z toward the viewer. Pixels: x right, y down, (0, 0) is the outer corner of the first pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rotation import rot_x, rot_z


@dataclass(frozen=True)
class Camera:
    """A camera `distance` m in front of the origin, moved around it by `yaw`."""

    width: int = 480
    height: int = 640
    distance: float = 3.5  # along the floor, m
    elevation: float = 1.4  # of the lens above the floor, m
    yaw: float = 0.0  # degrees around the origin, positive toward the person's left
    tilt: float = 5.2  # degrees, positive looks down
    roll: float = 0.0  # degrees, positive turns the camera clockwise
    focal: float = 1.346  # focal length as a part of the picture's height

    def scaled(self, factor: float) -> tuple[int, int]:
        """Picture size (width, height) at `factor`, rounded to even numbers as video needs."""
        return 2 * round(self.width * factor / 2), 2 * round(self.height * factor / 2)

    def position(self) -> np.ndarray:
        """(3,) m."""
        return rot_z(self.yaw) @ [0.0, -self.distance, self.elevation]

    def rotation(self) -> np.ndarray:
        """(3, 3) from world axes to view axes: X_view = R (X_world - position)."""
        # An untilted camera has its view axes at world x, z and -y; it looks along +y.
        level = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
        tilted = rot_x(self.tilt) @ level  # about the view's x: a downward look lifts the scene
        return rot_z(self.roll) @ tilted @ rot_z(-self.yaw)

    def intrinsics(self, size: tuple[int, int]) -> np.ndarray:
        """(3, 3) K for a picture of this size, for axes x right, y down, z forward."""
        focal = self.focal * size[1]
        return np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1]])


def project(
    points: np.ndarray, rotation: np.ndarray, position: np.ndarray, intrinsics: np.ndarray
) -> np.ndarray:
    """(..., 2) pixels of world points (..., 3); `rotation` leads to view axes (OpenGL)."""
    view = (points - position) @ rotation.T
    homogeneous = view * [1, -1, -1] @ intrinsics.T
    return homogeneous[..., :2] / homogeneous[..., 2:]
