"""Rotation matrices in degrees. World axes here: x = the person's left, -y = forward, +z = up."""

from __future__ import annotations

import numpy as np


def rot_x(degrees: float) -> np.ndarray:
    """(3, 3) turn about x: a positive angle bends the upright body forward."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rot_y(degrees: float) -> np.ndarray:
    """(3, 3) turn about y: a positive angle leans the upright body to its left."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rot_z(degrees: float) -> np.ndarray:
    """(3, 3) turn about the vertical: a positive angle turns the body to its left."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def euler(angles: np.ndarray) -> np.ndarray:
    """(3, 3) from (bend forward, lean left, turn left), applied in that order."""
    bend, lean, turn = angles
    return rot_z(turn) @ rot_y(lean) @ rot_x(bend)


def hinge_frame(axis: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """(3, 3) whose third column is `axis` and first is `hinge` made square to it."""
    axis = axis / np.linalg.norm(axis)
    hinge = hinge - axis * (hinge @ axis)
    hinge = hinge / np.linalg.norm(hinge)
    return np.stack([hinge, np.cross(axis, hinge), axis], axis=1)
