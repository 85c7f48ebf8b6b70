"""Residuals of what bodies can do: lengths, knees, and how hips, shoulders and feet are built."""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.solve.body import HEEL_TO_TOE, INDEX, SIDES
from mocap.solve.estimate import LENGTH, UNKNOWNS, Linearised
from mocap.solve.normal import NormalEquations
from mocap.solve.terms import add_rows
from mocap.solve.weights import Weights

HIP, SPINE = INDEX["hip"], INDEX["spine"]
SIDEWAYS = 3.0  # times the knee's sigma
# pairs of bones, the cosines between them, and where the turns of both are among the unknowns
ANGLES = np.array([
    [INDEX[a], INDEX[b]]
    for a, b in (("hip", "spine"), *((f"{s}_clavicle", "spine") for s in SIDES),
                 *((f"{s}_heel", f"{s}_toe") for s in SIDES))
])  # fmt: skip
COSINES = np.array([0.0, 0.0, 0.0, HEEL_TO_TOE, HEEL_TO_TOE])
ANGLE_TURNS = (3 + 2 * ANGLES[:, :, None] + np.arange(2)).reshape(len(ANGLES), 4)
CLAVICLES, THIGHS, SHINS = (
    [INDEX[f"{side}_{bone}"] for side in SIDES] for bone in ("clavicle", "thigh", "shin")
)


def turns_of(bone: int) -> slice:
    """Where the turns of a bone are among the unknowns of a frame."""
    return slice(3 + 2 * bone, 5 + 2 * bone)


def add_anatomy(equations: NormalEquations, lin: Linearised, w: Weights) -> None:
    """All residuals of anatomy but the lengths."""
    add_build(equations, lin, w)
    add_knees(equations, lin, w)


def add_build(equations: NormalEquations, lin: Linearised, w: Weights) -> None:
    """The cosines between two bones that are about the same in everyone, and the two halves of
    the shoulder line, which are about one line."""
    directions, frames, count = lin.estimate.directions, len(lin.points), len(ANGLES)
    bones = directions[:, ANGLES]  # T, A, 2, 3
    cosines = np.sum(bones[:, :, 0] * bones[:, :, 1], axis=-1)
    bent = directions[:, CLAVICLES].sum(axis=1)
    jacobian = np.zeros((frames, count + 3, UNKNOWNS))
    # the derivative of a cosine by one bone is the other
    turns = (bones[:, :, ::-1, None] @ lin.basis[:, ANGLES])[:, :, :, 0]  # T, A, 2, 2
    jacobian[:, np.arange(count)[:, None], ANGLE_TURNS] = turns.reshape(frames, count, 4)
    for bone in CLAVICLES:
        jacobian[:, count:, turns_of(bone)] = lin.basis[:, bone]
    sigma = np.array([w.pelvis, w.shoulders, w.shoulders, w.foot, w.foot, *[w.clavicle] * 3])
    off = np.concatenate([cosines - COSINES, bent], axis=1)
    add_rows(equations, off, sigma**-2.0, jacobian)


def add_knees(equations: NormalEquations, lin: Linearised, w: Weights) -> None:
    """Knees bend backwards only and hardly sideways.

    Forwards is where the hips face, carried along as the thigh swings out of the trunk the short
    way. That frame is taken from the current estimate: a thigh may turn about itself.
    """
    directions, frames = lin.estimate.directions, len(lin.points)
    thighs, shins = directions[:, THIGHS], directions[:, SHINS]
    swing = rotation.between(-directions[:, SPINE, None], thighs)
    across = rotation.rotate(swing, directions[:, HIP, None])
    across = rotation.unit(across - rotation.dot(across, thighs) * thighs)
    axes = np.stack([rotation.cross(across, -thighs), across], axis=2)  # T, 2, 2, 3
    bend = (axes @ shins[..., None])[..., 0]
    weight = np.array([1.0, SIDEWAYS**-2]) / w.knee**2 * np.ones_like(bend)
    weight[..., 0] *= bend[..., 0] > 0
    jacobian = np.zeros((frames, 2, 2, UNKNOWNS))
    for side, shin in enumerate(SHINS):
        jacobian[:, side, :, turns_of(shin)] = axes[:, side] @ lin.basis[:, shin]
    rows = (frames, 4)
    add_rows(equations, bend.reshape(rows), weight.reshape(rows), jacobian.reshape(*rows, -1))


def add_lengths(corner: Array, shared: Array, lengths: Array, expected: Array, w: Weights) -> None:
    """Bones are about as long as expected; added to the shared unknowns' block and gradient."""
    rows = np.arange(LENGTH.stop)
    corner[rows, rows] += w.length**-2
    shared[LENGTH] += np.log(lengths / expected) * w.length**-2
