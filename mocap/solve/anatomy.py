"""Residuals of what bodies can do: lengths, knees, and how hips, shoulders and feet are built."""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.solve.body import HEEL_TO_TOE, INDEX, SIDES
from mocap.solve.estimate import LENGTH, UNKNOWNS, Linearised
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import add_to_bones
from mocap.solve.weights import Weights

HIP, SPINE = INDEX["hip"], INDEX["spine"]
SIDEWAYS = 3.0  # times the knee's sigma
# pairs of bones, the cosines between them, and where their turns are among the unknowns
ANGLES = np.array([
    [INDEX[a], INDEX[b]]
    for a, b in (("hip", "spine"), *((f"{s}_clavicle", "spine") for s in SIDES),
                 *((f"{s}_heel", f"{s}_toe") for s in SIDES))
])  # fmt: skip
COSINES = np.array([0.0, 0.0, 0.0, HEEL_TO_TOE, HEEL_TO_TOE])
ROWS = np.arange(len(ANGLES))[:, None]
COLUMNS = (3 + 2 * ANGLES[:, :, None] + np.arange(2)).reshape(len(ANGLES), 4)


def add_anatomy(equations: NormalEquations, lin: Linearised, w: Weights) -> None:
    """All residuals of anatomy but the lengths."""
    add_angles(equations, lin, w)
    for side in SIDES:
        add_knee(equations, lin, side, w)
    left, right = INDEX["left_clavicle"], INDEX["right_clavicle"]
    bent = lin.estimate.directions[:, left] + lin.estimate.directions[:, right]
    same = np.broadcast_to(np.eye(3), (len(bent), 3, 3))
    add_to_bones(
        lin, equations, bent, np.full(bent.shape, w.clavicle**-2), {left: same, right: same}
    )


def add_angles(equations: NormalEquations, lin: Linearised, w: Weights) -> None:
    """The cosines between two bones that are about the same in everyone."""
    bones, frames = lin.estimate.directions[:, ANGLES], len(lin.points)  # T, A, 2, 3
    off = np.sum(bones[:, :, 0] * bones[:, :, 1], axis=-1) - COSINES
    # the derivative by one bone is the other
    turns = (bones[:, :, ::-1, None] @ lin.basis[:, ANGLES])[:, :, :, 0]  # T, A, 2, 2
    jacobian = np.zeros((frames, len(ANGLES), UNKNOWNS))
    jacobian[:, ROWS, COLUMNS] = turns.reshape(frames, len(ANGLES), 4)
    sigma = np.array([w.pelvis, w.shoulders, w.shoulders, w.foot, w.foot])
    weighted = np.swapaxes(sigma[:, None] ** -2 * jacobian, 1, 2)
    equations.block(0)[...] += weighted @ jacobian
    equations.gradient += (weighted @ off[..., None])[..., 0]


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
