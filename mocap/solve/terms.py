"""Sums of squares, carried from points and bones to the unknowns of the normal equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mocap.arrays import Array
from mocap.solve.body import POINTS
from mocap.solve.estimate import LENGTH, SHARED, UNKNOWNS, Linearised
from mocap.solve.normal import NormalEquations

BEYOND = LENGTH.stop  # the shared unknowns after the lengths


def cauchy(squares: Array, scale: float) -> Array:
    """Weight of residuals whose squares in units of sigma are given; half at `scale` sigmas."""
    return 1.0 / (1.0 + squares / scale**2)


def geman_mcclure(squares: Array, scale: float) -> Array:
    """The same, forgetting outliers altogether."""
    weight = cauchy(squares, scale)
    return weight * weight


class PointTerms:
    """Weighted squares of residuals of single points, added up as a 3x3 block and a gradient
    for each point before all are carried to the unknowns at once."""

    def __init__(self, frames: int) -> None:
        extra = SHARED - BEYOND
        self.information: Array = np.zeros((frames, len(POINTS), 3, 3))
        self.gradient: Array = np.zeros((frames, len(POINTS), 3))
        self.border: Array = np.zeros((frames, len(POINTS), 3, extra))
        self.corner: Array = np.zeros((frames, extra, extra))
        self.shared: Array = np.zeros((frames, extra))

    def add(
        self,
        which: Sequence[int] | slice,
        residual: Array,
        normal: Array,
        weight: Array,
        shared: Mapping[int, Array] = {},
    ) -> None:
        """Add residuals (T, P) of the points `which`.

        Args:
            normal: (T, P, 3) derivatives by the points.
            weight: (T, P).
            shared: derivatives (T, P) by shared unknowns other than the lengths.
        """
        weighted = weight[..., None] * normal
        self.information[:, which] += weighted[..., :, None] * normal[..., None, :]
        self.gradient[:, which] += weighted * residual[..., None]
        if not shared:
            return
        extra = np.array(list(shared)) - BEYOND
        by_shared = np.stack(list(shared.values()), axis=2)
        scaled = weight[..., None] * by_shared
        for k, i in enumerate(extra):
            self.border[..., i][:, which] += weighted * by_shared[..., k, None]
        self.shared[:, extra] += (residual[:, None] @ scaled)[:, 0]
        self.corner[:, extra[:, None], extra] += np.swapaxes(scaled, 1, 2) @ by_shared

    def carry(self, lin: Linearised, equations: NormalEquations) -> None:
        """Add everything to the equations."""
        frames = len(self.gradient)
        jacobian = lin.jacobian.reshape(frames, -1, UNKNOWNS)
        transposed = np.swapaxes(jacobian, 1, 2)
        by_length = lin.by_length.reshape(frames, -1, LENGTH.stop)
        border = self.border.reshape(frames, -1, SHARED - BEYOND)
        gradient = self.gradient.reshape(frames, -1, 1)
        through = (self.information @ lin.jacobian).reshape(frames, -1, UNKNOWNS)
        through_length = (self.information @ lin.by_length).reshape(frames, -1, LENGTH.stop)
        length_transposed = np.swapaxes(by_length, 1, 2)
        equations.block(0)[...] += transposed @ through
        equations.gradient += (transposed @ gradient)[..., 0]
        equations.border[..., LENGTH] += transposed @ through_length
        equations.border[..., BEYOND:] += transposed @ border
        mixed = length_transposed @ border
        equations.corner[:, LENGTH, LENGTH] += length_transposed @ through_length
        equations.corner[:, LENGTH, BEYOND:] += mixed
        equations.corner[:, BEYOND:, LENGTH] += np.swapaxes(mixed, 1, 2)
        equations.corner[:, BEYOND:, BEYOND:] += self.corner
        equations.shared[:, LENGTH] += (length_transposed @ gradient)[..., 0]
        equations.shared[:, BEYOND:] += self.shared


def add_rows(equations: NormalEquations, residual: Array, weight: Array, jacobian: Array) -> None:
    """Add the weighted squares of residuals (T, R) of each frame by itself.

    Args:
        weight: (T, R) or (R,).
        jacobian: (T, R, N) derivatives by the unknowns of the frame.
    """
    weighted = np.swapaxes(weight[..., None] * jacobian, 1, 2)
    equations.block(0)[...] += weighted @ jacobian
    equations.gradient += (weighted @ residual[..., None])[..., 0]


def add_to_bones(
    lin: Linearised,
    equations: NormalEquations,
    residual: Array,
    weight: Array,
    by_bone: Mapping[int, Array],
    shared: slice | None = None,
    by_shared: Array | None = None,
) -> None:
    """Add the weighted squares of residuals (T, R) that depend on the directions of some bones.

    Args:
        weight: (T, R).
        by_bone: for each bone, the derivative (T, R, 3) by its direction.
        shared, by_shared: some shared unknowns and the derivative (T, R, G') by them.
    """
    spans = {b: slice(3 + 2 * b, 5 + 2 * b) for b in by_bone}
    rows = {b: d @ lin.basis[:, b] for b, d in by_bone.items()}  # T, R, 2
    weighted = {b: np.swapaxes(weight[..., None] * r, 1, 2) for b, r in rows.items()}
    block, column = equations.block(0), residual[..., None]
    for a, left in weighted.items():
        equations.gradient[:, spans[a]] += (left @ column)[..., 0]
        for b, right in rows.items():
            block[:, spans[a], spans[b]] += left @ right
        if shared is not None:
            equations.border[:, spans[a], shared] += left @ by_shared
    if shared is not None and by_shared is not None:
        across = np.swapaxes(weight[..., None] * by_shared, 1, 2)
        equations.corner[:, shared, shared] += across @ by_shared
        equations.shared[:, shared] += (across @ column)[..., 0]
