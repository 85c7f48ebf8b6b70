"""Residuals of what bodies can do: lengths, knees, and how hips, shoulders and feet are built."""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.solve.body import HEEL_TO_TOE, INDEX, SIDES
from mocap.solve.estimate import LENGTH, Linearised
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import add_to_bones
from mocap.solve.weights import Weights

HIP, SPINE = INDEX["hip"], INDEX["spine"]
SIDEWAYS = 3.0  # times the knee's sigma


def add_anatomy(equations: NormalEquations, lin: Linearised, w: Weights) -> None:
    """All residuals of anatomy but the lengths."""
    directions = lin.estimate.directions
    spine = directions[:, SPINE]
    _add_angle(equations, lin, HIP, SPINE, 0.0, w.pelvis)
    for side in SIDES:
        add_knee(equations, lin, side, w)
        _add_angle(equations, lin, INDEX[f"{side}_heel"], INDEX[f"{side}_toe"], HEEL_TO_TOE, w.foot)
        clavicle = INDEX[f"{side}_clavicle"]
        _add_angle(equations, lin, clavicle, SPINE, 0.0, w.shoulders)
    left, right = INDEX["left_clavicle"], INDEX["right_clavicle"]
    same = np.broadcast_to(np.eye(3), (len(spine), 3, 3))
    bent = directions[:, left] + directions[:, right]
    add_to_bones(
        lin, equations, bent, np.full(bent.shape, w.clavicle**-2), {left: same, right: same}
    )


def _add_angle(
    equations: NormalEquations, lin: Linearised, a: int, b: int, cosine: float, sigma: float
) -> None:
    """The cosine between two bones."""
    first, second = lin.estimate.directions[:, a], lin.estimate.directions[:, b]
    off = rotation.dot(first, second) - cosine
    by_bone = {a: second[:, None], b: first[:, None]}
    add_to_bones(lin, equations, off, np.full(off.shape, sigma**-2), by_bone)


def add_knee(equations: NormalEquations, lin: Linearised, side: str, w: Weights) -> None:
    """Knees bend backwards only and hardly sideways.

    Forwards is where the hips face, carried along as the thigh swings out of the trunk the short
    way. That frame is taken from the current estimate: a thigh may turn about itself.
    """
    directions = lin.estimate.directions
    thigh, shin = directions[:, INDEX[f"{side}_thigh"]], INDEX[f"{side}_shin"]
    swing = rotation.between(-directions[:, SPINE], thigh)
    across = rotation.rotate(swing, directions[:, HIP])
    across = rotation.unit(across - rotation.dot(across, thigh) * thigh)
    ahead = rotation.cross(across, -thigh)
    axes = np.stack([ahead, across], axis=1)
    bend = (axes @ directions[:, shin, :, None])[..., 0]
    weight = np.array([1.0, SIDEWAYS**-2]) / w.knee**2 * np.ones_like(bend)
    weight[:, 0] *= bend[:, 0] > 0
    add_to_bones(lin, equations, bend, weight, {shin: axes})


def add_lengths(corner: Array, shared: Array, lengths: Array, expected: Array, w: Weights) -> None:
    """Bones are about as long as expected; added to the shared unknowns' block and gradient."""
    rows = np.arange(LENGTH.stop)
    corner[rows, rows] += w.length**-2
    shared[LENGTH] += np.log(lengths / expected) * w.length**-2
