"""Residuals of the floor: feet that stand do so on it and do not slip, and nothing sinks in.

They also tell where the floor is and which way is up.
"""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array, BoolArray
from mocap.solve.body import INDEX, SOLES
from mocap.solve.estimate import FLOOR, LENGTH, UP, Estimate, Linearised, Measured
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import PointTerms, add_to_bones, cauchy
from mocap.solve.weights import Weights

FLOOR_OUTLIER = 3.0  # [sigmas] from which a planted foot stands on something else
SLIP_OUTLIER = 6.0  # [sigmas] from which a planted foot really moves
LEANING = 2.0  # [sigmas] from which someone really leans
STANDS = 0.6  # cosine between spine and up of someone on their feet
ALIKE = 15  # frames
SPINE = INDEX["spine"]


def add_floor(points: PointTerms, lin: Linearised, seen: Measured, w: Weights) -> None:
    """Planted soles are at the height of the floor, no sole is below it."""
    planted = seen.planted.reshape(len(seen), -1)
    if not planted.any():
        return
    e, soles = lin.estimate, list(SOLES)
    p = lin.points[:, soles]
    height = p @ e.up + e.floor
    stand = planted * cauchy((height / w.floor) ** 2, FLOOR_OUTLIER) / w.floor**2
    sunk = (height < 0) * (1 - planted) * seen.seen[:, soles] / w.sink**2
    tipped = p @ lin.up_basis
    shared = {UP.start: tipped[..., 0], UP.start + 1: tipped[..., 1], FLOOR: np.ones_like(height)}
    points.add(soles, height, np.broadcast_to(e.up, p.shape), stand + sunk, shared)


def add_slip(equations: NormalEquations, lin: Linearised, seen: Measured, w: Weights) -> None:
    """Soles planted in two frames do not move between them."""
    planted = seen.planted.reshape(len(seen), -1)
    both = planted[1:] * planted[:-1]
    if not both.any():
        return
    soles = list(SOLES)
    frames = len(both)
    step = np.diff(lin.points[:, soles], axis=0)
    sigma = w.slip * np.diff(seen.times)[:, None]
    squares = np.sum(step**2, axis=-1) / sigma**2
    weight = np.repeat(both * cauchy(squares, SLIP_OUTLIER) / sigma**2, 3, axis=1)[..., None]
    jacobian = lin.jacobian[:, soles].reshape(frames + 1, 3 * len(soles), -1)
    by_length = np.diff(lin.by_length[:, soles].reshape(frames + 1, 3 * len(soles), -1), axis=0)
    off = step.reshape(frames, -1, 1)
    here, there = jacobian[:-1], jacobian[1:]
    left = -np.swapaxes(weight * here, 1, 2)
    right = np.swapaxes(weight * there, 1, 2)
    equations.block(0)[:-1] -= left @ here
    equations.block(0)[1:] += right @ there
    equations.block(1)[:-1] += left @ there
    equations.gradient[:-1] += (left @ off)[..., 0]
    equations.gradient[1:] += (right @ off)[..., 0]
    equations.border[:-1, :, LENGTH] += left @ by_length
    equations.border[1:, :, LENGTH] += right @ by_length
    stretched = np.swapaxes(weight * by_length, 1, 2)
    equations.corner[:-1, LENGTH, LENGTH] += stretched @ by_length
    equations.shared[:-1, LENGTH] += (stretched @ off)[..., 0]


def add_upright(equations: NormalEquations, lin: Linearised, seen: Measured, w: Weights) -> None:
    """People hold their backs upright on the whole."""
    if not np.isfinite(w.upright):
        return
    e = lin.estimate
    off = e.directions[:, SPINE] - e.up
    lean = cauchy(np.sum(off**2, axis=1) / w.upright**2, LEANING) * seen.known[:, SPINE]
    lean = lean * on_their_feet(e)
    weight = np.repeat(lean[:, None] / w.upright**2, 3, axis=1)
    same = np.broadcast_to(np.eye(3), (len(off), 3, 3))
    by_up = np.broadcast_to(-lin.up_basis, (len(off), 3, 2))
    add_to_bones(lin, equations, off, weight, {SPINE: same}, UP, by_up)


def on_their_feet(e: Estimate) -> BoolArray:
    """(T,) whether a person does not lie, crawl or hang head down."""
    return np.asarray(e.directions[:, SPINE] @ e.up > STANDS)


def add_tilt(
    corner: Array, shared: Array, e: Estimate, up_basis: Array, frames: int, w: Weights
) -> None:
    """Cameras are held about level; added to the shared unknowns' block and gradient.

    Frames that follow each other err alike, so this counts once for every ALIKE of them.
    """
    for axis, degrees in ((0, w.roll), (2, w.pitch)):
        weight = max(frames / ALIKE, 1.0) * np.sin(np.radians(degrees)) ** -2
        corner[UP, UP] += weight * np.outer(up_basis[axis], up_basis[axis])
        shared[UP] += weight * up_basis[axis] * e.up[axis]
