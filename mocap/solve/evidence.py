"""Residuals of what was seen: points in the picture, and bones in the estimator's own 3D."""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array
from mocap.solve.body import BONES, POINTS, SOLES
from mocap.solve.estimate import FOCAL, Linearised, Measured
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import PointTerms, cauchy, geman_mcclure
from mocap.solve.weights import Weights

NEAREST = 0.3  # [m] nobody is closer to the camera
FIRST_OUTLIER = 4.0  # [sigmas] from which a bone is doubted while its depth decides
FAINT = 0.02  # weight of a bone nobody saw: it stays about where it was last seen
IS_SOLE = np.isin(np.arange(len(POINTS)), SOLES)
# the estimator's hip line is measured from hip to hip, the bone is half of it
HALVES = np.where([name == "hip" for name, _ in BONES], 2.0, 1.0)


def add_image(points: PointTerms, lin: Linearised, seen: Measured, w: Weights, size: float) -> None:
    """Points lie on their lines of sight.

    A point p is seen along the ray (a, b, -1) if `p.x + a p.z = 0` and `p.y + b p.z = 0`: metres
    off at the depth of p, which the weight brings to the depth of the person.
    """
    p, rays = lin.points, seen.rays / lin.estimate.focal
    depth = np.maximum(-p[..., 2], NEAREST)
    share = np.maximum(-lin.estimate.root[:, None, 2], NEAREST) / depth
    off = p[..., :2] + rays * p[..., 2:]
    squares = np.sum(off**2, axis=-1) * (share / (w.image * size)) ** 2
    weight = (
        seen.seen**2
        * np.where(IS_SOLE, w.feet, 1.0)
        * geman_mcclure(squares, w.image_outlier)
        * (share / (w.image * size)) ** 2
    )
    normal = np.zeros((*p.shape[:2], 3))
    for axis in (0, 1):
        normal[...] = np.eye(3)[axis]
        normal[..., 2] = rays[..., axis]
        by_focal = {FOCAL: -rays[..., axis] * p[..., 2]} if np.isfinite(w.focal) else {}
        points.add(slice(None), off[..., axis], normal, weight, by_focal)


def add_vectors(
    equations: NormalEquations,
    lin: Linearised,
    seen: Measured,
    w: Weights,
    size: float,
    first: bool,
) -> None:
    """Bones point where the estimator sees them point, less surely along the line of sight."""
    across, along = w.vector * size, (w.first_depth if first else w.vector_depth) * size
    long = lin.long * HALVES
    sight = seen.sight[:, None]
    off = lin.estimate.directions - seen.vectors
    deep = np.sum(off * sight, axis=-1)
    flat2 = np.maximum(np.sum(off * off, axis=-1) - deep**2, 0.0)
    squares = (flat2 / across**2 + deep**2 / along**2) * long**2
    trust = cauchy(squares, FIRST_OUTLIER if first else w.vector_outlier) * seen.known**2
    trust = (trust + FAINT**2 * (seen.known == 0)) * long**2
    # the information matrix is trust * (I / across^2 + (1 / along^2 - 1 / across^2) sight sight')
    pull = off / across**2 + (1 / along**2 - 1 / across**2) * deep[..., None] * sight
    turned = np.squeeze(sight[..., None, :] @ lin.basis, -2)  # T, B, 2
    block = trust[..., None, None] * (
        np.eye(2) / across**2
        + (1 / along**2 - 1 / across**2) * turned[..., :, None] * turned[..., None, :]
    )
    equations.pairs(0, 3)[...] += block
    gradient: Array = (np.swapaxes(lin.basis, 2, 3) @ (trust[..., None] * pull)[..., None])[..., 0]
    equations.gradient[:, 3:] += gradient.reshape(len(gradient), -1)


def add_lifted(
    equations: NormalEquations, lin: Linearised, seen: Measured, w: Weights, size: float
) -> None:
    """Bones point where a lifter sees them point, alike in all directions."""
    if not np.isfinite(seen.lifted_sigma).any():
        return
    information = (lin.long * HALVES / (seen.lifted_sigma * size)) ** 2
    off = lin.estimate.directions - seen.lifted
    weight = information * cauchy(np.sum(off * off, axis=-1) * information, w.vector_outlier)
    equations.pairs(0, 3)[...] += weight[..., None, None] * np.eye(2)
    gradient = (np.swapaxes(lin.basis, 2, 3) @ (weight[..., None] * off)[..., None])[..., 0]
    equations.gradient[:, 3:] += gradient.reshape(len(gradient), -1)
