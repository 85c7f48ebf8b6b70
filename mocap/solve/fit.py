"""The fit: of all motions of a body with constant bones, the one that explains best what was seen.

Gauss-Newton with robust weights, over all frames of a clip at once. Long clips are assembled and
factorised block by block, with overlaps beyond which frames no longer feel each other, while what
all frames share is solved for from all of them: memory stays bounded and the result the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.solve.anatomy import add_anatomy, add_lengths
from mocap.solve.body import BONES, TEMPLATE
from mocap.solve.contact import contacts, lowest_floor
from mocap.solve.dynamics import add_acceleration, add_balance
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
from mocap.solve.floor import add_floor, add_slip, add_tilt, add_upright
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import PointTerms
from mocap.solve.weights import Weights

ITERATIONS = 10
FIRST = 1  # iterations in which the estimator's depth counts most
CONTACTS_AT = (2, 4, 6, 8)  # iterations before which contacts are judged anew
BLOCK = 600  # frames factorised at once
OVERLAP = 60  # frames on either side of a block that are solved with it and then dropped
DAMPING = 1e-3
# most a step may change
MOST_TRAVEL, MOST_TURN, MOST_LENGTH, MOST_TILT, MOST_FOCAL = 0.5, 0.5, 0.2, 0.2, 0.1
LOOSE_FLOOR = 1e-2  # [1/m^2] hold on the floor's height while no foot stands


@dataclass(frozen=True)
class Fitted:
    """A result of the fit: the motion, and what was seen with the contacts found in it."""

    estimate: Estimate
    measured: Measured


def size_of(lengths: Array) -> float:
    """How large a body is, as a multiple of 1.75 m."""
    return float(np.sum(lengths) / sum(TEMPLATE.values()))


def fit(
    measured: Measured,
    start: Estimate,
    expected: Array,
    stretches: Sequence[slice],
    weights: Weights,
) -> Fitted:
    """The motion that fits best.

    Args:
        measured: what was seen.
        start: where to begin; its frames outside the stretches stay as they are.
        expected: (L,) [m] lengths that the bones probably have.
        stretches: of frames without long gaps; nothing couples one with another.
        weights: of the residuals.
    """
    estimate = start
    for iteration in range(ITERATIONS):
        if iteration in CONTACTS_AT:
            estimate, measured = _with_contacts(estimate, measured, stretches, iteration)
        estimate = _step(estimate, measured, expected, stretches, weights, iteration < FIRST)
    return Fitted(estimate, measured)


def _with_contacts(
    estimate: Estimate, measured: Measured, stretches: Sequence[slice], iteration: int
) -> tuple[Estimate, Measured]:
    if iteration == CONTACTS_AT[0]:
        floor = lowest_floor(estimate, measured)
        if floor is None:
            return estimate, measured
        estimate = replace(estimate, floor=floor)
    settled = CONTACTS_AT.index(iteration) / (len(CONTACTS_AT) - 1)
    planted, flight = measured.planted.copy(), measured.flight.copy()
    for frames in stretches:
        part, size = estimate.part(frames), size_of(estimate.lengths)
        found = contacts(part, measured.part(frames), size, settled)
        planted[frames], flight[frames] = found.planted, found.flight
    return estimate, replace(measured, planted=planted, flight=flight)


def assemble(
    equations: NormalEquations, estimate: Estimate, measured: Measured, w: Weights, first: bool
) -> None:
    """Fill the equations of some frames with all residuals but those of the shared unknowns."""
    equations.clear()
    lin = Linearised(estimate)
    size = size_of(estimate.lengths)
    points = PointTerms(len(measured))
    add_image(points, lin, measured, w, size)
    add_floor(points, lin, measured, w)
    points.carry(lin, equations)
    add_vectors(equations, lin, measured, w, size, first)
    add_lifted(equations, lin, measured, w, size)
    add_anatomy(equations, lin, w)
    add_acceleration(equations, lin, measured, w)
    add_slip(equations, lin, measured, w)
    add_balance(equations, lin, measured, w)
    add_upright(equations, lin, measured, w)
    equations.diagonal(0)[...] += DAMPING


def _step(
    estimate: Estimate,
    measured: Measured,
    expected: Array,
    stretches: Sequence[slice],
    w: Weights,
    first: bool,
) -> Estimate:
    frames = len(measured)
    own, by_shared = np.zeros((frames, UNKNOWNS)), np.zeros((frames, UNKNOWNS, SHARED))
    corner, shared = shared_terms(estimate, measured, expected, w)
    for stretch in stretches:
        for begin in range(stretch.start, stretch.stop, BLOCK):
            core = slice(begin, min(begin + BLOCK, stretch.stop))
            if stretch.stop - core.stop < OVERLAP:
                core = slice(begin, stretch.stop)
            wide = slice(
                max(core.start - OVERLAP, stretch.start), min(core.stop + OVERLAP, stretch.stop)
            )
            inside = slice(core.start - wide.start, core.stop - wide.start)
            equations = NormalEquations(wide.stop - wide.start, UNKNOWNS, SHARED)
            assemble(equations, estimate.part(wide), measured.part(wide), w, first)
            gradient, border = equations.reduced()
            own[core], by_shared[core] = gradient[inside], border[inside]
            through = equations.border[inside].reshape(-1, SHARED).T
            corner += equations.corner[inside].sum(axis=0) - through @ border[inside].reshape(
                -1, SHARED
            )
            shared += equations.shared[inside].sum(axis=0) - through @ gradient[inside].ravel()
            if core.stop == stretch.stop:
                break
    step = -np.linalg.solve(corner, shared)
    return moved(estimate, -own - by_shared @ step, step)


def shared_terms(
    estimate: Estimate, measured: Measured, expected: Array, w: Weights
) -> tuple[Array, Array]:
    """Block (G, G) and gradient (G,) of what is expected of the shared unknowns."""
    corner, shared = np.zeros((SHARED, SHARED)), np.zeros(SHARED)
    up_basis = tangents(estimate.up)
    add_lengths(corner, shared, estimate.lengths, expected, w)
    add_tilt(corner, shared, estimate, up_basis, len(measured), w)
    corner[FLOOR, FLOOR] += LOOSE_FLOOR
    known = np.isfinite(w.focal)
    corner[FOCAL, FOCAL] += w.focal**-2 if known else 1.0
    shared[FOCAL] += np.log(estimate.focal) * w.focal**-2 if known else 0.0
    return corner, shared


def moved(estimate: Estimate, own: Array, shared: Array) -> Estimate:
    """The estimate after a step of the frames' unknowns (T, N) and of the shared ones (G,),
    held within what a step may change."""
    basis = tangents(estimate.directions)
    turn = own[:, 3:].reshape(len(own), len(BONES), 2)
    angle = np.linalg.norm(turn, axis=-1, keepdims=True)
    turn = turn * np.minimum(1.0, MOST_TURN / np.maximum(angle, 1e-9))
    up_basis = tangents(estimate.up)
    return Estimate(
        root=estimate.root + np.clip(own[:, :3], -MOST_TRAVEL, MOST_TRAVEL),
        directions=rotation.unit(estimate.directions + (basis @ turn[..., None])[..., 0]),
        lengths=estimate.lengths * np.exp(np.clip(shared[LENGTH], -MOST_LENGTH, MOST_LENGTH)),
        up=rotation.unit(estimate.up + up_basis @ np.clip(shared[UP], -MOST_TILT, MOST_TILT)),
        floor=estimate.floor + float(shared[FLOOR]),
        focal=estimate.focal * float(np.exp(np.clip(shared[FOCAL], -MOST_FOCAL, MOST_FOCAL))),
    )
