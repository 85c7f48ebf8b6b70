"""Signed distance field -> quad mesh, by naive surface nets.

One vertex per grid cell that the surface crosses, at the mean of its edge crossings, and one quad
per crossed grid edge. The vertices are then pulled onto the surface, which removes the stair steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from .sdf import Field, f32, gradient

COARSE = 4  # fine cells per coarse cell: the field is first sampled coarsely to find the surface
CHUNK = 400_000  # points evaluated at once, to bound the memory


def mesh(
    field: Field, low: Sequence[float], high: Sequence[float], cell: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mesh the zero level inside the box low..high.

    Returns vertices (V, 3) float32 and quads (F, 4) int64, wound with outward normals.
    """
    low = np.asarray(low, float)
    grid = _sample(field, low, np.asarray(high, float), cell)
    vertices, quads = _nets(grid)
    vertices = (low + vertices * cell).astype(f32)
    return _snap(field, vertices, cell), quads


def keep_faces(
    vertices: np.ndarray, quads: np.ndarray, keep: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Drop the quads where `keep` (F,) is false, and the vertices that nothing uses any more."""
    quads = quads[keep]
    used, quads_new = np.unique(quads, return_inverse=True)
    return vertices[used], quads_new.reshape(quads.shape)


def _refine(coarse: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    for axis in range(3):
        coarse = np.repeat(coarse, COARSE, axis)
    return coarse[: shape[0], : shape[1], : shape[2]].copy()


def _sample(field: Field, low: np.ndarray, high: np.ndarray, cell: float) -> np.ndarray:
    """The field on a fine grid, evaluated only near the surface (elsewhere the sign is enough)."""
    count = np.ceil((high - low) / (cell * COARSE)).astype(int) + 1
    axes = [low[i] + np.arange(count[i]) * cell * COARSE for i in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).astype(f32)
    coarse = field(points.reshape(-1, 3)).reshape(count)
    near = np.abs(coarse) < cell * COARSE * 2.2
    for axis in range(3):
        lower = [slice(None)] * 3
        upper = [slice(None)] * 3
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        before = near.copy()
        near[tuple(upper)] |= before[tuple(lower)]
        near[tuple(lower)] |= before[tuple(upper)]
    shape = (count - 1) * COARSE + 1
    grid = _refine(coarse, shape)
    mask = _refine(near, shape)
    fine = (low + np.argwhere(mask) * cell).astype(f32)
    grid[mask] = np.concatenate(
        [field(fine[k : k + CHUNK]) for k in range(0, len(fine), CHUNK)] or [np.empty(0, f32)]
    )
    return grid


def _nets(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) in grid units and quads (F, 4) of the sign changes of a grid."""
    inside = grid < 0
    shape = np.array(grid.shape) - 1
    corners = np.zeros(shape, np.int8)
    for a, b, c in product((0, 1), repeat=3):
        corners += inside[a : a + shape[0], b : b + shape[1], c : c + shape[2]]
    cells = np.argwhere((corners > 0) & (corners < 8))
    vertex_of = np.full(shape, -1, np.int64)
    vertex_of[tuple(cells.T)] = np.arange(len(cells))

    total, crossings = np.zeros((len(cells), 3)), np.zeros(len(cells))
    for axis in range(3):
        first, second = (i for i in range(3) if i != axis)
        for a, b in product((0, 1), repeat=2):
            start = np.zeros(3, int)
            start[first], start[second] = a, b
            end = start.copy()
            end[axis] = 1
            at_start, at_end = grid[tuple((cells + start).T)], grid[tuple((cells + end).T)]
            crossed = (at_start < 0) != (at_end < 0)
            t = np.where(crossed, at_start / np.where(crossed, at_start - at_end, 1), 0)
            total += crossed[:, None] * (start + t[:, None] * (end - start))
            crossings += crossed
    vertices = cells + total / crossings[:, None]

    quads = []
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        lower, upper = [slice(None)] * 3, [slice(None)] * 3
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        starts_inside = inside[tuple(lower)]
        edges = np.argwhere(starts_inside != inside[tuple(upper)])
        within = np.ones(len(edges), bool)
        for other in (first, second):
            within &= (edges[:, other] > 0) & (edges[:, other] < grid.shape[other] - 1)
        edges = edges[within]
        around = []
        for step_first, step_second in ((-1, -1), (0, -1), (0, 0), (-1, 0)):
            cell = edges.copy()
            cell[:, first] += step_first
            cell[:, second] += step_second
            around.append(vertex_of[tuple(cell.T)])
        quad = np.stack(around, 1)
        backward = ~starts_inside[tuple(edges.T)]
        quad[backward] = quad[backward][:, ::-1]
        quads.append(quad)
    return vertices, np.concatenate(quads)


def _snap(field: Field, vertices: np.ndarray, cell: float) -> np.ndarray:
    """Two damped Newton steps toward the zero level, each shorter than a cell."""
    for _ in range(2):
        slope = gradient(field, vertices, cell * 0.5)
        step = field(vertices)[:, None] * slope / ((slope**2).sum(1, keepdims=True) + 0.05)
        length = np.linalg.norm(step, axis=1, keepdims=True) + 1e-9
        vertices = vertices - step * np.minimum(1, cell * 0.7 / length)
    return vertices.astype(f32)
