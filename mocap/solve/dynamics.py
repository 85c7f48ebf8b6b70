"""Residuals of motion: bodies accelerate little, fall freely in the air and keep their balance."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mocap.arrays import Array
from mocap.solve.body import BONES, MASS, SOLES, centre_of_mass
from mocap.solve.estimate import ROOT, UNKNOWNS, UP, Linearised, Measured
from mocap.solve.floor import on_their_feet
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import cauchy
from mocap.solve.weights import Weights

GRAVITY = 9.81  # [m/s^2]
CALM = 0.07  # [s] over which the acceleration of the centre of mass is smoothed
HEIGHTS = (0.3, 1.5)  # [m] plausible ones of a centre of mass over the feet
WALKING = 0.5  # [m/s] from which steps, not the feet's places, keep a body in balance
OFF_BALANCE = 2.0  # [sigmas] from which someone is taken to be falling or leaning on something


def second_difference(times: Array) -> Array:
    """(T - 2, 3) factors that make of three frames' values their acceleration [1/s^2]."""
    before, after = np.diff(times)[:-1], np.diff(times)[1:]
    return 2 * np.stack(
        [
            1 / (before * (before + after)),
            -1 / (before * after),
            1 / (after * (before + after)),
        ],
        axis=1,
    )


def add_acceleration(
    equations: NormalEquations, lin: Linearised, seen: Measured, w: Weights
) -> None:
    """The root and the end of each bone about its other end hardly accelerate; a root in the
    air falls."""
    count = len(seen) - 2
    if count < 1:
        return
    factors = second_difference(seen.times)
    e = lin.estimate

    def of(values: Array) -> Array:
        shaped = factors.reshape(count, 3, *[1] * (values.ndim - 1))
        return sum(shaped[:, i] * values[i : count + i] for i in range(3))  # type: ignore[return-value]

    fall = of(e.root) + GRAVITY * seen.flight[1:-1, None] * e.up
    root_weight = cauchy(np.sum(fall**2, -1) / w.root**2, w.jerk_outlier) / w.root**2
    swing = of(e.directions * lin.long[:, None])
    sigma = np.array([w.lively[length] for _, length in BONES])
    swing_weight = cauchy(np.sum(swing**2, -1) / sigma**2, w.jerk_outlier) / sigma**2

    basis = lin.basis * lin.long[:, None, None]
    transposed = np.swapaxes(basis, 2, 3)
    diagonal = np.arange(3)
    for i in range(3):
        at = slice(i, count + i)
        gradient = (transposed[at] @ swing[..., None])[..., 0] * swing_weight[..., None]
        equations.gradient[at, ROOT] += (factors[:, i] * root_weight)[:, None] * fall
        equations.gradient[at, 3:] += factors[:, i, None] * gradient.reshape(count, -1)
        for j in range(i, 3):
            both = factors[:, i] * factors[:, j]
            weighted = (both[:, None] * swing_weight)[..., None, None]
            equations.pairs(j - i, 3)[at] += weighted * (transposed[at] @ basis[j : count + j])
            equations.block(j - i)[at, diagonal, diagonal] += (both * root_weight)[:, None]


def add_balance(equations: NormalEquations, lin: Linearised, seen: Measured, w: Weights) -> None:
    """The centre of pressure lies between the feet that stand.

    It is the centre of mass less its height times its acceleration over gravity: the zero-moment
    point (Vukobratovic and Borovac, "Zero-moment point: thirty five years of its life", 2004). The
    acceleration is that of the current estimate.
    """
    frames = len(seen)
    planted = seen.planted.reshape(frames, -1)
    standing = planted.sum(axis=1)
    if not np.isfinite(w.balance) or not standing.any():
        return
    e, soles = lin.estimate, list(SOLES)
    share = planted / np.maximum(standing, 1e-6)[:, None]
    mass = centre_of_mass(e.root, e.directions, e.lengths)
    lever = mass - np.sum(share[..., None] * lin.points[:, soles], axis=1)
    height = np.clip(lever @ e.up, *HEIGHTS)[:, None]
    off = (lever - height / GRAVITY * calm_acceleration(seen.times, mass)) @ lin.up_basis  # T, 2

    by_mass = np.zeros((frames, 3, UNKNOWNS))
    by_mass[:, :, ROOT] = np.eye(3)
    by_bone = lin.basis * (MASS * lin.long)[:, None, None]
    by_mass[:, :, 3:] = np.swapaxes(by_bone, 1, 2).reshape(frames, 3, -1)
    by_feet = np.einsum("tp,tpin->tin", share, lin.jacobian[:, soles])
    jacobian = lin.up_basis.T @ (by_mass - by_feet)
    weight = np.minimum(standing, 1.0) * w.balance**-2
    weight = weight * cauchy(np.sum(off**2, axis=1) / w.balance**2, OFF_BALANCE)
    weight = weight * on_their_feet(e)
    weight = weight * cauchy(calm_speed(seen.times, mass) ** 4, WALKING**2)
    weighted = np.swapaxes(weight[:, None, None] * jacobian, 1, 2)
    equations.block(0)[...] += weighted @ jacobian
    equations.gradient += (weighted @ off[..., None])[..., 0]
    # tipping up by one of its turns tips that turn's direction down
    tipped = -(lever @ e.up)[:, None] * weight[:, None]
    equations.border[:, :, UP] += weighted * -(lever @ e.up)[:, None, None]
    corner = -tipped[:, :, None] * (lever @ e.up)[:, None, None] * np.eye(2)
    equations.corner[:, UP, UP] += corner
    equations.shared[:, UP] += tipped * off


def calm_acceleration(times: Array, positions: Array) -> Array:
    """(T, 3) [m/s^2] acceleration of positions (T, 3), smoothed."""
    if len(times) < 3:
        return np.zeros_like(positions)
    velocity = np.gradient(_calm(times, positions), times, axis=0)
    return np.asarray(np.gradient(velocity, times, axis=0))


def calm_speed(times: Array, positions: Array) -> Array:
    """(T,) [m/s] speed of positions (T, 3), smoothed."""
    if len(times) < 3:
        return np.zeros(len(times))
    return np.linalg.norm(np.gradient(_calm(times, positions), times, axis=0), axis=1)


def _calm(times: Array, positions: Array) -> Array:
    frames = CALM / float(np.median(np.diff(times)))
    return np.asarray(gaussian_filter1d(positions, frames, axis=0, mode="nearest"))
