"""Residuals of motion: bodies accelerate little, fall freely in the air and keep their balance."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mocap.arrays import Array
from mocap.solve.body import BONES, MASS, SOLES, centre_of_mass
from mocap.solve.estimate import ROOT, UNKNOWNS, UP, Linearised, Measured
from mocap.solve.floor import on_their_feet
from mocap.solve.normal import NormalEquations
from mocap.solve.rates import interval, rate
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
    # a bone's turns are across each other and as long as the bone: of one frame with itself, and
    # of the root, there is nothing but a diagonal
    diagonal = np.empty((count, UNKNOWNS))
    diagonal[:, ROOT] = root_weight[:, None]
    diagonal[:, 3:] = np.repeat(swing_weight * lin.long**2, 2, axis=1)
    for i in range(3):
        at = slice(i, count + i)
        gradient = (transposed[at] @ swing[..., None])[..., 0] * swing_weight[..., None]
        equations.gradient[at, ROOT] += (factors[:, i] * root_weight)[:, None] * fall
        equations.gradient[at, 3:] += factors[:, i, None] * gradient.reshape(count, -1)
        equations.diagonal(0)[at] += factors[:, i, None] ** 2 * diagonal
        for j in range(i + 1, 3):
            both = (factors[:, i] * factors[:, j])[:, None]
            turned = transposed[at] @ basis[j : count + j]
            equations.pairs(j - i, 3)[at] += (both * swing_weight)[..., None, None] * turned
            equations.diagonal(j - i)[at, ROOT] += both * diagonal[:, ROOT]


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
    velocity, acceleration = calm_motion(seen.times, mass)
    off = (lever - height / GRAVITY * acceleration) @ lin.up_basis  # T, 2

    by_mass = np.zeros((frames, 3, UNKNOWNS))
    by_mass[:, :, ROOT] = np.eye(3)
    by_bone = lin.basis * (MASS * lin.long)[:, None, None]
    by_mass[:, :, 3:] = np.swapaxes(by_bone, 1, 2).reshape(frames, 3, -1)
    of_soles = lin.jacobian[:, soles].reshape(frames, len(soles), -1)
    by_feet = (share[:, None] @ of_soles).reshape(frames, 3, -1)
    jacobian = lin.up_basis.T @ (by_mass - by_feet)
    weight = np.minimum(standing, 1.0) * w.balance**-2
    weight = weight * cauchy(np.sum(off**2, axis=1) / w.balance**2, OFF_BALANCE)
    weight = weight * on_their_feet(e)
    weight = weight * cauchy(np.sum(velocity**2, axis=1) ** 2, WALKING**2)
    weighted = np.swapaxes(weight[:, None, None] * jacobian, 1, 2)
    equations.block(0)[...] += weighted @ jacobian
    equations.gradient += (weighted @ off[..., None])[..., 0]
    # tipping up by one of its turns tips that turn's direction down
    tipped = -(lever @ e.up)[:, None] * weight[:, None]
    equations.border[:, :, UP] += weighted * -(lever @ e.up)[:, None, None]
    corner = -tipped[:, :, None] * (lever @ e.up)[:, None, None] * np.eye(2)
    equations.corner[:, UP, UP] += corner
    equations.shared[:, UP] += tipped * off


def calm_motion(times: Array, positions: Array) -> tuple[Array, Array]:
    """(T, 3) [m/s] velocity and (T, 3) [m/s^2] acceleration of positions (T, 3), smoothed."""
    if len(times) < 3:
        return np.zeros_like(positions), np.zeros_like(positions)
    calm = gaussian_filter1d(positions, CALM / interval(times), axis=0, mode="nearest")
    velocity = rate(times, calm)
    return velocity, rate(times, velocity)
