"""Every residual of the fit against finite differences of itself.

The share of a residual in gradient and matrix must be `J' W r` and `J' W J` with one and the same
diagonal W of weights that are not negative, J being the derivative of the residual as it is
written down here, by finite differences, by all unknowns: those of the frames and those that all
frames share. What W is remains free, so that robust weights may be as they like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from dense import dense

from mocap import rotation
from mocap.arrays import Array
from mocap.solve import Weights
from mocap.solve.anatomy import add_anatomy, add_knees
from mocap.solve.body import (
    BONES,
    HEEL_TO_TOE,
    INDEX,
    LENGTHS,
    POINTS,
    REST,
    SIDES,
    SOLES,
    TEMPLATE,
    TO_MARK,
    centre_of_mass,
    reached,
)
from mocap.solve.dynamics import GRAVITY, add_acceleration, add_balance, calm_motion
from mocap.solve.estimate import (
    FLOOR,
    FOCAL,
    LENGTH,
    SHARED,
    UNKNOWNS,
    UP,
    Estimate,
    Linearised,
    Measured,
    tangents,
)
from mocap.solve.evidence import add_image, add_lifted, add_vectors
from mocap.solve.fit import moved, shared_terms
from mocap.solve.floor import add_floor, add_slip, add_upright
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import PointTerms

STEP = 1e-5
W = Weights(focal=0.2)
SPINE, HIP = INDEX["spine"], INDEX["hip"]
SEEDS = range(3)

Residual = Callable[[Estimate], Array]


@dataclass(frozen=True)
class Case:
    """A state to linearise about, and what was seen."""

    estimate: Estimate
    measured: Measured


def case(seed: int, frames: int = 4) -> Case:
    """Someone about upright and about 3 m away, everything else at random, at uneven times."""
    random = np.random.default_rng(seed)
    root = np.array([0.2, -0.3, -3.0]) + random.normal(0, 0.05, (frames, 3))
    directions = rotation.unit(REST + random.normal(0, 0.25, (frames, len(BONES), 3)))
    lengths = np.array(list(TEMPLATE.values())) * np.exp(random.normal(0, 0.1, len(LENGTHS)))
    up = rotation.unit(np.array([0.05, 1.0, 0.1]) + random.normal(0, 0.05, 3))
    joints = reached(root, directions, lengths)
    floor = -float(np.median(joints[:, list(SOLES)] @ up))
    estimate = Estimate(root, directions, lengths, up, floor, 1.1)
    marks = reached(root, directions, lengths, TO_MARK)
    rays = -marks[..., :2] / marks[..., 2:] * 1.1 + random.normal(0, 0.02, (*marks.shape[:2], 2))
    seen = Measured(
        times=np.cumsum(random.uniform(0.02, 0.06, frames)),
        rays=rays,
        seen=random.uniform(0.1, 1.0, (frames, len(POINTS))),
        vectors=rotation.unit(directions + random.normal(0, 0.1, directions.shape)),
        known=random.uniform(0, 1, directions.shape[:2])
        * (random.random(directions.shape[:2]) > 0.2),
        lifted=rotation.unit(directions + random.normal(0, 0.2, directions.shape)),
        lifted_sigma=np.where(random.random(directions.shape[:2]) < 0.5, 0.1, np.inf),
        sight=rotation.unit(root),
        planted=random.uniform(0, 1, (frames, 2, 2)),
        flight=np.array([0.0, 1.0, 0.5, 0.0])[:frames],
    )
    return Case(estimate, seen)


def derivative(residual: Residual, estimate: Estimate) -> Array:
    """(R, T * N + G) of a residual by the unknowns of all frames and the shared ones."""
    frames = len(estimate.root)
    columns = []
    for i in range(frames * UNKNOWNS + SHARED):
        step = np.zeros(frames * UNKNOWNS + SHARED)
        step[i] = STEP
        there, back = (
            residual(moved(estimate, (s * step[:-SHARED]).reshape(frames, -1), s * step[-SHARED:]))
            for s in (1.0, -1.0)
        )
        columns.append((there - back).ravel() / (2 * STEP))
    return np.stack(columns, axis=1)


def weights_of(matrix: Array, gradient: Array, jacobian: Array, off: Array) -> Array:
    """(R,) the weights of residuals (R,) that explain matrix and gradient best."""
    scale = 1.0 / max(float(np.abs(off).max()), 1e-9)  # matrix and gradient weigh about the same
    inner = jacobian @ jacobian.T
    left = inner**2 + scale**2 * inner * np.outer(off, off)
    right = np.einsum("ri,ij,rj->r", jacobian, matrix, jacobian)
    right += scale**2 * off * (jacobian @ gradient)
    return np.asarray(np.linalg.lstsq(left, right, rcond=1e-12)[0])


def check(
    matrix: Array, gradient: Array, residual: Residual, estimate: Estimate, busy: bool = True
) -> Array:
    """The law of this file; returns the weights."""
    jacobian, off = derivative(residual, estimate), residual(estimate).ravel()
    weight = weights_of(matrix, gradient, jacobian, off)
    top = max(float(np.abs(matrix).max()), 1e-9)
    assert weight.min() > -1e-4 * np.abs(weight).max()
    # block by block, so that a large one does not hide what is wrong with a small one
    shared = np.arange(len(matrix)) >= len(matrix) - SHARED
    expected = jacobian.T @ (weight[:, None] * jacobian)
    for rows in (~shared, shared):
        for columns in (~shared, shared):
            part = np.ix_(rows, columns)
            size = max(float(np.abs(expected[part]).max()), 1e-6 * top)
            assert np.abs(matrix[part] - expected[part]).max() < 1e-4 * size
        pull = jacobian[:, rows].T @ (weight * off)
        size = max(float(np.abs(pull).max()), 1e-6 * float(np.abs(gradient).max()), 1e-9)
        assert np.abs(gradient[rows] - pull).max() < 1e-4 * size
    if busy:
        assert weight.max() > 0
    return weight


def equations_of(c: Case, add: Callable[[NormalEquations, Linearised], None]) -> NormalEquations:
    equations = NormalEquations(len(c.measured), UNKNOWNS, SHARED)
    add(equations, Linearised(c.estimate))
    return equations


def points_of(c: Case, add: Callable[[PointTerms, Linearised], None]) -> NormalEquations:
    points, lin = PointTerms(len(c.measured)), Linearised(c.estimate)
    equations = NormalEquations(len(c.measured), UNKNOWNS, SHARED)
    add(points, lin)
    points.carry(lin, equations)
    return equations


def marks(e: Estimate) -> Array:
    return reached(e.root, e.directions, e.lengths, TO_MARK)


@pytest.mark.parametrize("seed", SEEDS)
def test_points_move_with_the_unknowns(seed: int) -> None:
    e = case(seed).estimate
    lin = Linearised(e)
    found = derivative(lambda e: marks(e) - lin.points, e).reshape(*lin.points.shape, -1)
    for t in range(len(e.root)):
        own = slice(t * UNKNOWNS, (t + 1) * UNKNOWNS)
        assert np.abs(found[t][..., own] - lin.jacobian[t]).max() < 1e-8
        found[t][..., own] = 0.0
    shared = found[..., -SHARED:]
    assert np.abs(shared[..., LENGTH] - lin.by_length).max() < 1e-8
    shared[..., LENGTH] = 0.0
    assert not found.any(), "nothing else moves a point"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("focal", [0.2, np.inf])
def test_image(seed: int, focal: float) -> None:
    c = case(seed)
    w = replace(W, focal=focal)
    equations = points_of(c, lambda p, lin: add_image(p, lin, c.measured, w, 1.0))

    def off(e: Estimate) -> Array:
        p, f = marks(e), e.focal if np.isfinite(focal) else c.estimate.focal
        return p[..., :2] + c.measured.rays / f * p[..., 2:]

    weight = check(*dense(equations), off, c.estimate).reshape(*c.measured.seen.shape, 2)
    assert weight[..., 0] == pytest.approx(weight[..., 1], rel=1e-3), "the same to all sides"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("first", [True, False])
def test_vectors(seed: int, first: bool) -> None:
    """How long a bone is weighs its residual but is not moved by it."""
    c = case(seed)
    equations = equations_of(c, lambda n, lin: add_vectors(n, lin, c.measured, W, 1.0, first))
    sight = c.measured.sight[:, None]
    axes = np.concatenate([sight, np.swapaxes(tangents(sight), -1, -2)[:, 0]], axis=1)

    def off(e: Estimate) -> Array:
        return (e.directions - c.measured.vectors) @ np.swapaxes(axes, 1, 2)

    weight = check(*dense(equations), off, c.estimate).reshape(*c.measured.known.shape, 3)
    assert weight[..., 1] == pytest.approx(weight[..., 2], rel=1e-2), "the same across the sight"
    assert ((weight[..., 0] < weight[..., 1]) != first).all(), "depth counts less, but at first"


@pytest.mark.parametrize("seed", SEEDS)
def test_lifted(seed: int) -> None:
    c = case(seed)
    equations = equations_of(c, lambda n, lin: add_lifted(n, lin, c.measured, W, 1.0))
    weight = check(*dense(equations), lambda e: e.directions - c.measured.lifted, c.estimate)
    unknown = np.isinf(c.measured.lifted_sigma)
    assert (np.abs(weight.reshape(*unknown.shape, 3)[unknown]) < 1e-6 * weight.max()).all()


def frame_of_knee(e: Estimate, side: str) -> Array:
    """(T, 2, 3) ahead of a knee and across it, the hips carried along by the thigh."""
    thigh = e.directions[:, INDEX[f"{side}_thigh"]]
    across = rotation.rotate(rotation.between(-e.directions[:, SPINE], thigh), e.directions[:, HIP])
    across = rotation.unit(across - np.sum(across * thigh, axis=1, keepdims=True) * thigh)
    return np.stack([np.cross(across, -thigh), across], axis=1)


@pytest.mark.parametrize("seed", range(6))
def test_knee(seed: int) -> None:
    """The frame in which a knee bends is held fixed."""
    c = case(seed)
    equations = equations_of(c, lambda n, lin: add_knees(n, lin, W))
    axes = np.stack([frame_of_knee(c.estimate, side) for side in SIDES], axis=1)
    shins = [INDEX[f"{side}_shin"] for side in SIDES]

    def off(e: Estimate) -> Array:
        return (axes @ e.directions[:, shins, :, None])[..., 0]

    weight = check(*dense(equations), off, c.estimate).reshape(-1, 2)
    forwards = off(c.estimate)[..., 0].ravel()
    assert (weight[forwards < 0, 0] < 1e-6 * weight.max()).all(), "knees may bend backwards"
    assert (weight[forwards > 0, 0] > weight[forwards > 0, 1]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_anatomy(seed: int) -> None:
    c = case(seed)
    equations = equations_of(c, lambda n, lin: add_anatomy(n, lin, W))
    knees = equations_of(c, lambda n, lin: add_knees(n, lin, W))
    equations.rows -= knees.rows
    equations.gradient -= knees.gradient

    def off(e: Estimate) -> Array:
        def angle(a: str, b: str) -> Array:
            return np.sum(e.directions[:, INDEX[a]] * e.directions[:, INDEX[b]], axis=1)

        halves = e.directions[:, INDEX["left_clavicle"]] + e.directions[:, INDEX["right_clavicle"]]
        return np.concatenate(
            [
                angle("hip", "spine"),
                *(angle(f"{side}_clavicle", "spine") for side in SIDES),
                *(angle(f"{side}_heel", f"{side}_toe") - HEEL_TO_TOE for side in SIDES),
                halves.ravel(),
            ]
        )

    weight = check(*dense(equations), off, c.estimate)
    count = len(c.measured)
    expected = np.repeat(
        [W.pelvis, W.shoulders, W.shoulders, W.foot, W.foot, *[W.clavicle] * 3], count
    )
    assert weight == pytest.approx(expected**-2.0, rel=1e-3)


def acceleration(times: Array, values: Array) -> Array:
    """(T - 2, ...) of a parabola through each three values."""
    found = []
    for i in range(1, len(times) - 1):
        at = times[i - 1 : i + 2] - times[i]
        flat = values[i - 1 : i + 2].reshape(3, -1)
        found.append(2 * np.linalg.solve(np.vander(at, 3), flat)[0].reshape(values.shape[1:]))
    return np.stack(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_acceleration(seed: int) -> None:
    """What is up in the air, and how long bones are, is held fixed."""
    c = case(seed, frames=4)
    e0, seen = c.estimate, c.measured
    equations = equations_of(c, lambda n, lin: add_acceleration(n, lin, seen, W))

    def off(e: Estimate) -> Array:
        fall = acceleration(seen.times, e.root) + GRAVITY * np.outer(seen.flight[1:-1], e0.up)
        long = e0.lengths[[LENGTHS.index(length) for _, length in BONES]]
        swing = acceleration(seen.times, e.directions * long[:, None])
        return np.concatenate([fall[:, None], swing], axis=1)

    weight = check(*dense(equations), off, e0).reshape(2, 1 + len(BONES), 3)
    assert np.ptp(weight, axis=2).max() < 1e-3 * weight.max(), "the same to all sides"


def test_a_thrown_body_and_a_turning_limb_at_rest_pull_at_nothing() -> None:
    c = case(0, frames=5)
    t = c.measured.times[:, None]
    start = c.estimate.root[:1]
    falling = start + [0.4, 1.0, 0.2] * t - 0.5 * GRAVITY * t**2 * c.estimate.up
    same = np.repeat(c.estimate.directions[:1], 5, axis=0)
    thrown = replace(c.estimate, root=falling, directions=same)
    seen = replace(c.measured, flight=np.ones(5))
    equations = equations_of(Case(thrown, seen), lambda n, lin: add_acceleration(n, lin, seen, W))
    usual = equations_of(c, lambda n, lin: add_acceleration(n, lin, seen, W))
    assert np.abs(equations.gradient).max() < 1e-9 * np.abs(usual.gradient).max()


@pytest.mark.parametrize("seed", SEEDS)
def test_balance(seed: int) -> None:
    """The acceleration of the centre of mass and the lengths are held fixed."""
    c = case(seed)
    e0, seen = c.estimate, c.measured
    equations = equations_of(c, lambda n, lin: add_balance(n, lin, seen, W))
    planted = seen.planted.reshape(len(seen), -1)
    share = planted / planted.sum(axis=1, keepdims=True)

    def lever(e: Estimate) -> Array:
        feet = np.sum(
            share[..., None] * reached(e.root, e.directions, e0.lengths)[:, list(SOLES)], 1
        )
        return centre_of_mass(e.root, e.directions, e0.lengths) - feet

    level = tangents(e0.up)
    mass = centre_of_mass(e0.root, e0.directions, e0.lengths)
    height = np.clip(lever(e0) @ e0.up, 0.3, 1.5)[:, None]
    swaying = height / GRAVITY * calm_motion(seen.times, mass)[1] @ level

    def off(e: Estimate) -> Array:
        carried = rotation.rotate(rotation.between(e0.up, e.up), level.T).T
        return lever(e) @ carried - swaying

    weight = check(*dense(equations), off, e0)
    assert weight.max() <= W.balance**-2 * 1.001


@pytest.mark.parametrize("seed", SEEDS)
def test_floor(seed: int) -> None:
    c = case(seed)
    equations = points_of(c, lambda p, lin: add_floor(p, lin, c.measured, W))

    def off(e: Estimate) -> Array:
        return marks(e)[:, list(SOLES)] @ e.up + e.floor

    check(*dense(equations), off, c.estimate)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_foot_sinks_but_any_may_rise(seed: int) -> None:
    c = case(seed)
    # one frame stands, so that the residual is there at all
    planted = np.zeros_like(c.measured.planted)
    planted[0] = 1e-9
    seen = replace(c.measured, planted=planted)
    equations = points_of(c, lambda p, lin: add_floor(p, lin, seen, W))

    def off(e: Estimate) -> Array:
        return marks(e)[:, list(SOLES)] @ e.up + e.floor

    weight = check(*dense(equations), off, c.estimate)
    height = off(c.estimate).ravel()
    assert (weight[height > 0] < 1e-6 * weight.max()).all()
    assert (weight[height < 0] > 1e-3 * weight.max()).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_slip(seed: int) -> None:
    c = case(seed)
    equations = equations_of(c, lambda n, lin: add_slip(n, lin, c.measured, W))

    def off(e: Estimate) -> Array:
        return np.diff(marks(e)[:, list(SOLES)], axis=0)

    check(*dense(equations), off, c.estimate)


@pytest.mark.parametrize("seed", SEEDS)
def test_upright(seed: int) -> None:
    c = case(seed)
    equations = equations_of(c, lambda n, lin: add_upright(n, lin, c.measured, W))
    check(*dense(equations), lambda e: e.directions[:, SPINE] - e.up, c.estimate)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("focal", [0.2, np.inf])
def test_shared(seed: int, focal: float) -> None:
    """Lengths, tilt and focal length; the floor, and a focal length that is known, are held
    where they are."""
    c = case(seed)
    w = replace(W, focal=focal)
    expected = np.array(list(TEMPLATE.values()))
    corner, shared = shared_terms(c.estimate, c.measured, expected, w)
    zoom = 1.0 if np.isfinite(focal) else c.estimate.focal

    def off(e: Estimate) -> Array:
        others = [e.up[0], e.up[2], np.log(e.focal / zoom), e.floor - c.estimate.floor]
        return np.concatenate([np.log(e.lengths / expected), others])

    jacobian = derivative(off, c.estimate)[:, -SHARED:]
    weight = weights_of(corner, shared, jacobian, off(c.estimate))
    assert corner == pytest.approx(jacobian.T @ (weight[:, None] * jacobian), rel=1e-4, abs=1e-6)
    assert shared == pytest.approx(jacobian.T @ (weight * off(c.estimate)), rel=1e-4, abs=1e-6)
    assert (weight > 0).all(), "nothing is undetermined"
    assert weight[: len(LENGTHS)] == pytest.approx(w.length**-2.0, rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_moves_by_what_it_says(seed: int) -> None:
    """Small steps move along the unknowns, large ones are held, and nothing loses its norm."""
    random = np.random.default_rng(seed)
    e = case(seed).estimate
    own, shared = random.normal(size=(len(e.root), UNKNOWNS)), random.normal(size=SHARED)
    same = moved(e, 0 * own, 0 * shared)
    assert all(np.allclose(getattr(same, n), getattr(e, n)) for n in e.__dataclass_fields__)
    small = moved(e, 1e-6 * own, 1e-6 * shared)
    assert (small.root - e.root) / 1e-6 == pytest.approx(own[:, :3], abs=1e-6)
    assert np.log(small.lengths / e.lengths) / 1e-6 == pytest.approx(shared[LENGTH], abs=1e-6)
    assert (small.up - e.up) / 1e-6 == pytest.approx(tangents(e.up) @ shared[UP], abs=1e-5)
    assert (small.floor - e.floor) / 1e-6 == pytest.approx(shared[FLOOR], abs=1e-6)
    assert np.log(small.focal / e.focal) / 1e-6 == pytest.approx(shared[FOCAL], abs=1e-6)
    large = moved(e, 100 * own, 100 * shared)
    for result in (small, large):
        assert np.linalg.norm(result.directions, axis=-1) == pytest.approx(1.0)
        assert np.linalg.norm(result.up) == pytest.approx(1.0)
    assert np.abs(large.root - e.root).max() <= 0.5
    turned = np.sum(large.directions * e.directions, axis=-1)
    assert np.degrees(np.arccos(turned)).max() < 30


@pytest.mark.parametrize("seed", SEEDS)
def test_tangents_are_across_and_of_length_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    directions = rotation.unit(np.concatenate([random.normal(size=(50, 3)), np.eye(3), -np.eye(3)]))
    whole = np.concatenate([tangents(directions), directions[..., None]], axis=-1)
    assert np.swapaxes(whole, 1, 2) @ whole == pytest.approx(np.broadcast_to(np.eye(3), (56, 3, 3)))
