"""Normal equations of a least-squares problem over the frames of a clip, and their solution.

Frames are coupled to the two that follow them, and all frames to a few unknowns they share. The
matrix is banded with a dense border: LAPACK factorises it in time linear in the number of frames,
and the border's Schur complement gives the shared unknowns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import as_strided
from scipy.linalg import lapack

from mocap.arrays import Array
from mocap.errors import InvalidValue


class NormalEquations:
    """H x = -g for T frames of N unknowns each and G shared ones.

    Attributes:
        rows: (T, N, 3N + 2) the blocks of H of each frame with itself and with the two that
            follow. Of the first only what is on and above the diagonal counts; the last may
            couple an unknown only with itself and its neighbours.
        gradient: (T, N) of the frames' unknowns.
        border: (T, N, G) blocks of H between the frames and what they share.
        corner: (T, G, G) what each frame adds to the block of the shared unknowns.
        shared: (T, G) what each frame adds to their gradient.
    """

    def __init__(self, frames: int, unknowns: int, shared: int) -> None:
        self.unknowns = unknowns
        self.rows: Array = np.zeros((frames, unknowns, 3 * unknowns + 2))
        self.gradient: Array = np.zeros((frames, unknowns))
        self.border: Array = np.zeros((frames, unknowns, shared))
        self.corner: Array = np.zeros((frames, shared, shared))
        self.shared: Array = np.zeros((frames, shared))
        self._pairs: dict[tuple[int, int], Array] = {}

    def clear(self) -> None:
        """Set everything to zero, to be filled anew."""
        for values in (self.rows, self.gradient, self.border, self.corner, self.shared):
            values.fill(0.0)

    def block(self, ahead: int) -> Array:
        """(T, N, N) view of the coupling of each frame with the one `ahead` of it, 0 to 2."""
        return self.rows[:, :, ahead * self.unknowns : (ahead + 1) * self.unknowns]

    def pairs(self, ahead: int, first: int) -> Array:
        """(T, M, 2, 2) view of the coupling of unknowns two by two from `first` on, each pair
        with the same pair of the frame `ahead`."""
        if (ahead, first) not in self._pairs:  # making a view takes longer than adding to it
            block = self.block(ahead)[:, first:, first:]
            s0, s1, s2 = block.strides
            shape = (len(block), (self.unknowns - first) // 2, 2, 2)
            self._pairs[ahead, first] = as_strided(block, shape, (s0, 2 * (s1 + s2), s1, s2))
        return self._pairs[ahead, first]

    def diagonal(self, ahead: int) -> Array:
        """(T, N) view of the coupling of each unknown with the same of the frame `ahead`."""
        return np.einsum("tii->ti", self.block(ahead))

    def reduced(self) -> tuple[Array, Array]:
        """The frames' part solved for: (T, N) for the gradient, (T, N, G) for the border.

        Raises:
            InvalidValue: the matrix is not positive definite.
        """
        frames, n = self.gradient.shape
        solution, _ = lapack.dpbtrs(self._factor(), self._right().reshape(frames * n, -1), lower=1)
        solution = solution.reshape(frames, n, -1)
        return solution[..., 0], solution[..., 1:]

    def eliminated(self) -> tuple[Array, Array, Callable[[Array], Array]]:
        """What is left of the equations without the frames' unknowns: block (G, G) and gradient
        (G,) of the shared ones, and what gives the frames' step (T, N) for a step of those.

        As `reduced`, with less than half of the work: of the two triangles of the factorisation
        the second is solved for once, not for every column of the border.

        Raises:
            InvalidValue: the matrix is not positive definite.
        """
        shape = self.gradient.shape
        factor, right = self._factor(), self._right().reshape(self.gradient.size, -1)
        half, _ = lapack.dtbtrs(factor, right, uplo="L")
        product = half.T @ half
        corner = self.corner.sum(axis=0) - product[1:, 1:]
        gradient = self.shared.sum(axis=0) - product[1:, 0]

        def step(shared: Array) -> Array:
            own, _ = lapack.dtbtrs(factor, half[:, :1] + half[:, 1:] @ shared[:, None], "L", "T")
            return -own.reshape(shape)

        return corner, gradient, step

    def _right(self) -> Array:
        """(T, N, 1 + G) gradient and border."""
        return np.concatenate([self.gradient[..., None], self.border], axis=2)

    def _factor(self) -> Array:
        """The lower triangle of the frames' block, factorised, as LAPACK keeps bands."""
        frames, n = self.gradient.shape
        below = min(2 * n + 1, frames * n - 1)
        s0, s1, s2 = self.rows.strides
        # column j of LAPACK's lower band is row j from the diagonal on
        band = as_strided(self.rows, (frames, n, below + 1), (s0, s1 + s2, s2)).copy()
        factor, fault = lapack.dpbtrf(band.reshape(frames * n, -1).T, lower=1, overwrite_ab=1)
        if not fault and not np.isfinite(factor[0]).all():  # which LAPACK does not look at
            fault = 1 + int(np.argmin(np.isfinite(factor[0])))
        if fault:
            raise InvalidValue(f"normal equations: row {fault} is undetermined or not finite")
        return np.asarray(factor)
