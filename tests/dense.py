"""Banded normal equations written out, which is slow and hard to get wrong."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array
from mocap.solve.normal import NormalEquations


def dense(equations: NormalEquations) -> tuple[Array, Array]:
    """The whole matrix and gradient, the shared unknowns last."""
    frames, n = equations.gradient.shape
    shared = equations.border.shape[2]
    matrix = np.zeros((frames * n + shared,) * 2)
    for t in range(frames):
        here = slice(t * n, t * n + n)
        upper = np.triu(equations.block(0)[t])
        matrix[here, here] = upper + np.triu(upper, 1).T
        for ahead in (1, 2):
            if t + ahead < frames:
                there = slice((t + ahead) * n, (t + ahead + 1) * n)
                matrix[here, there] = equations.block(ahead)[t]
                matrix[there, here] = equations.block(ahead)[t].T
        matrix[here, frames * n :] = equations.border[t]
        matrix[frames * n :, here] = equations.border[t].T
    matrix[frames * n :, frames * n :] = equations.corner.sum(axis=0)
    return matrix, np.concatenate([equations.gradient.ravel(), equations.shared.sum(axis=0)])
