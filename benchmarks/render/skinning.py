"""Dual quaternion skinning: limbs bend and twist without losing their volume."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from .pose import Solved
from .sdf import f32
from .skeleton import BONES, PARENTS


def bone_dual_quaternions(
    joints: dict[str, np.ndarray], solved: Solved
) -> tuple[np.ndarray, np.ndarray]:
    """Real and dual parts, (B, 4) each, w first, of the rest-to-posed motion of every bone."""
    rotations = np.stack([solved.rotations[bone] for bone in BONES])
    shifts = np.stack([solved.positions[b] - solved.rotations[b] @ joints[b] for b in BONES])
    real = Rotation.from_matrix(rotations).as_quat()[:, [3, 0, 1, 2]]
    for i, bone in enumerate(BONES):
        # q and -q are the same rotation, but blends must not pass between the two.
        reference = real[BONES.index(PARENTS[bone])] if PARENTS[bone] else np.array([1.0, 0, 0, 0])
        if real[i] @ reference < 0:
            real[i] *= -1
    w, v = real[:, :1], real[:, 1:]
    dual_w = -(shifts * v).sum(1, keepdims=True)
    dual = 0.5 * np.concatenate([dual_w, w * shifts + np.cross(shifts, v)], axis=1)
    return real, dual


def skin(
    vertices: np.ndarray, weights: np.ndarray, joints: dict[str, np.ndarray], solved: Solved
) -> np.ndarray:
    """Posed vertices (V, 3) float32, m at the reference height, from rest vertices and weights."""
    real, dual = (part.astype(f32) for part in bone_dual_quaternions(joints, solved))
    real, dual = weights @ real, weights @ dual
    norm = np.linalg.norm(real, axis=1, keepdims=True)
    real, dual = real / norm, dual / norm
    w, v = real[:, :1], real[:, 1:]
    rotated = vertices + 2 * np.cross(v, np.cross(v, vertices) + w * vertices)
    return rotated + 2 * (w * dual[:, 1:] - dual[:, :1] * v + np.cross(v, dual[:, 1:]))
