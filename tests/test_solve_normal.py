"""The banded solution of the normal equations against a dense one."""

from __future__ import annotations

import numpy as np
import pytest
from dense import dense
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds

from mocap.errors import InvalidValue
from mocap.solve.normal import NormalEquations

SIZES = st.tuples(st.integers(1, 7), st.integers(2, 6), st.integers(1, 4))


def filled(random: np.random.Generator, frames: int, unknowns: int, shared: int) -> NormalEquations:
    """A positive definite problem, made of rows that look at up to three frames at once."""
    equations = NormalEquations(frames, unknowns, shared)
    for t in range(frames):
        near = random.normal(size=(3 * unknowns, unknowns))
        own = random.normal(size=(3 * unknowns, shared))
        off = random.normal(size=3 * unknowns)
        equations.block(0)[t] += near.T @ near + np.eye(unknowns)
        equations.border[t] += near.T @ own
        equations.corner[t] += own.T @ own + np.eye(shared)
        equations.gradient[t] += near.T @ off
        equations.shared[t] += own.T @ off
        for ahead in (1, 2):
            if t + ahead < frames:
                _couple(equations, random, t, ahead)
    return equations


def _couple(equations: NormalEquations, random: np.random.Generator, t: int, ahead: int) -> None:
    """A residual of two frames: of any two unknowns of neighbours, of the same unknown or pair
    of unknowns of those two apart, as the matrix has room for."""
    n = equations.unknowns
    if ahead == 1:
        here, there = random.normal(size=(2, n, n))
        equations.block(0)[t] += here.T @ here
        equations.block(0)[t + 1] += there.T @ there
        equations.block(1)[t] += here.T @ there
        return
    a, b = random.normal(size=(2, n))
    each = np.arange(n)
    equations.block(0)[t, each, each] += a * a
    equations.block(0)[t + 2, each, each] += b * b
    equations.block(2)[t, each, each] += a * b
    first = n % 2  # the pairs begin after what is single
    here, there = random.normal(size=(2, (n - first) // 2, 2, 2))
    for ahead_, frame, left, right in ((0, t, here, here), (0, t + 2, there, there),
                                       (2, t, here, there)):  # fmt: skip
        equations.pairs(ahead_, first)[frame] += np.swapaxes(left, 1, 2) @ right


@given(SIZES, seeds)
def test_the_banded_solution_is_the_dense_one(sizes: tuple[int, int, int], seed: int) -> None:
    frames, n, shared = sizes
    equations = filled(np.random.default_rng(seed), frames, n, shared)
    matrix, gradient = dense(equations)
    own, by_shared = equations.reduced()
    through = equations.border.reshape(-1, shared).T
    step = -np.linalg.solve(
        equations.corner.sum(axis=0) - through @ by_shared.reshape(-1, shared),
        equations.shared.sum(axis=0) - through @ own.ravel(),
    )
    found = np.concatenate([(-own - by_shared @ step).ravel(), step])
    assert matrix @ found == pytest.approx(-gradient, abs=1e-8 * np.abs(matrix).max())
    assert found == pytest.approx(np.linalg.solve(matrix, -gradient), abs=1e-7)


@given(SIZES, seeds)
def test_solving_changes_nothing_and_clear_makes_new(
    sizes: tuple[int, int, int], seed: int
) -> None:
    equations = filled(np.random.default_rng(seed), *sizes)
    before = equations.rows.copy()
    first = equations.reduced()
    assert (equations.rows == before).all()
    again = equations.reduced()
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    equations.clear()
    matrix, gradient = dense(equations)
    assert not matrix.any()
    assert not gradient.any()


def test_what_lies_below_the_diagonal_does_not_count() -> None:
    equations = filled(np.random.default_rng(0), 4, 5, 2)
    first = equations.reduced()
    equations.block(0)[:] = np.triu(equations.block(0))
    again = equations.reduced()
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_an_undetermined_matrix_is_refused(value: float) -> None:
    equations = filled(np.random.default_rng(0), 4, 5, 2)
    equations.rows[2, 3] = 0.0
    equations.block(0)[2, :, 3] = 0.0
    equations.block(0)[2, 3, 3] = value
    equations.block(1)[1, :, 3] = 0.0
    equations.block(2)[0, :, 3] = 0.0
    with pytest.raises(InvalidValue, match="row"):
        equations.reduced()
