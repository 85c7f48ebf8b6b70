"""The quaternions that hosts carry, one at a time, are those of the package."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge.shared import turns  # type: ignore[import-not-found]
from motions import degrees_apart, seeds

from mocap import rotation


@given(seeds)
def test_turns_are_those_of_the_package(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = rotation.normalize(random.normal(size=(2, 4)))
    v, w = random.normal(size=(2, 3))
    np.testing.assert_allclose(turns.mul(a, b), rotation.mul(a, b), atol=1e-12)
    np.testing.assert_allclose(turns.rotate(a, v), rotation.rotate(a, v), atol=1e-12)
    np.testing.assert_allclose(turns.rotate(turns.inv(a), turns.rotate(a, v)), v, atol=1e-12)
    np.testing.assert_allclose(turns.unit(3 * a), a, atol=1e-12)
    share = random.random()
    assert degrees_apart(np.array(turns.slerp(a, b, share)), rotation.slerp(a, b, share)) < 1e-5
    assert degrees_apart(np.array(turns.between(v, w)), rotation.between(v, w)) < 1e-6
    axes = rotation.to_matrix(a).T.tolist()
    assert degrees_apart(np.array(turns.from_axes(*axes)), a) < 1e-5


@given(seeds)
def test_opposite_directions_have_an_arc(seed: int) -> None:
    v = np.random.default_rng(seed).normal(size=3)
    np.testing.assert_allclose(turns.rotate(turns.between(v, -v), v), -v, atol=1e-9)


@given(seeds)
def test_vectors_are_those_of_numpy(seed: int) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, 3))
    np.testing.assert_allclose(turns.cross(a, b), np.cross(a, b), atol=1e-12)
    assert turns.dot(a, b) == pytest.approx(a @ b)
    assert turns.length(a) == pytest.approx(np.linalg.norm(a))
    np.testing.assert_allclose(turns.direction(a), a / np.linalg.norm(a), atol=1e-12)
    assert turns.direction((0.0, 0.0, 0.0)) == (0.0, 0.0, 0.0)


@given(seeds, st.floats(0, 1))
def test_between_close_rotations_nothing_jumps(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    a = rotation.normalize(random.normal(size=4))
    b = rotation.mul(a, rotation.exp(random.normal(0, 1e-4, 3)))
    found = np.array(turns.slerp(a, -b, share))
    assert degrees_apart(found, rotation.slerp(a, b, np.array(share))) < 1e-5
