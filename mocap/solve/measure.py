"""From landmarks to what the fit works on, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.filters import one_euro_both_ways, without_spikes
from mocap.solve.body import (
    BONES,
    HIPS_BELOW,
    HIPS_OUTSIDE,
    POINTS,
    REST,
    SHOULDERS_ABOVE,
    SIDES,
)
from mocap.solve.estimate import Estimate, Measured
from mocap.solve.points import Points, indices, together
from mocap.solve.settings import SolveSettings

MIDDLES = {
    "hips": ("left_hip", "right_hip"),
    "shoulders": ("left_shoulder", "right_shoulder"),
    "head": ("left_ear", "right_ear"),
}


def _ends() -> dict[str, tuple[str, str]]:
    """The points between which the estimator's 3D shows each bone."""
    ends = {
        "hip": ("right_hip", "left_hip"),
        "spine": ("hips", "shoulders"),
        "head": ("shoulders", "head"),
    }
    for side in SIDES:
        for bone, start, end in (
            ("clavicle", "shoulders", "shoulder"), ("upper_arm", "shoulder", "elbow"),
            ("forearm", "elbow", "wrist"), ("thigh", "hip", "knee"), ("shin", "knee", "ankle"),
            ("toe", "ankle", "foot_index"), ("heel", "ankle", "heel"),
        ):  # fmt: skip
            first = start if start in MIDDLES else f"{side}_{start}"
            ends[f"{side}_{bone}"] = (first, f"{side}_{end}")
    return ends


ENDS = _ends()
TOO_SHORT = 1e-3  # [m] a bone has no direction
CARRIED = {
    "head": ("nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner",
             "right_eye", "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right"),
    **{f"{side}_wrist": tuple(f"{side}_{p}" for p in ("wrist", "pinky", "index", "thumb"))
       for side in SIDES},
}  # fmt: skip
LIMBS = tuple(point for point in POINTS if point != "head")
SPIKE = 0.12  # [s] what a hand or face does for less is a mistake


def _names(point: str) -> tuple[str, ...]:
    return MIDDLES.get(point, (point,))


# the estimator's points that a bone's direction and a point of the fit come from
OF_BONES = tuple(_names(ENDS[bone][0]) + _names(ENDS[bone][1]) for bone, _ in BONES)
OF_POINTS = tuple(_names(point) for point in POINTS)


def vectors(points: Points) -> tuple[Array, Array]:
    """(T, B, 3) [m] the bones as the estimator sees them and (T, B) how well they were seen."""
    seen = np.minimum.reduce(points.confidence[:, together(points.names, OF_BONES)], axis=2)
    return _to_bones(points.names) @ points.positions, seen


@cache
def _to_bones(points: tuple[str, ...]) -> Array:
    """(B, K) how the bones follow from the points, whose hips and shoulders are not in the
    joints."""
    places = dict(zip(points, np.eye(len(points)), strict=True))
    hips, shoulders = (np.array([places[f"{s}_{p}"] for s in SIDES]) for p in ("hip", "shoulder"))
    middle, top = hips.mean(axis=0), shoulders.mean(axis=0)
    # along the spine the marks are HIPS_BELOW and 1 + SHOULDERS_ABOVE of it from the hip joints
    spine = (top - middle) / (1 + SHOULDERS_ABOVE + HIPS_BELOW)
    inner = (hips - middle) / (1 + HIPS_OUTSIDE) + middle + HIPS_BELOW * spine
    lower = shoulders - SHOULDERS_ABOVE * spine
    for i, side in enumerate(SIDES):
        places[f"{side}_hip"], places[f"{side}_shoulder"] = inner[i], lower[i]

    def at(name: str) -> Array:
        return np.mean([places[n] for n in _names(name)], axis=0)

    return np.array([at(end) - at(start) for start, end in (ENDS[bone] for bone, _ in BONES)])


def measured(points: Points) -> Measured:
    """What was seen, in view axes, without contacts."""
    found, known = vectors(points)
    lengths = np.linalg.norm(found, axis=-1, keepdims=True)
    directions = np.where(lengths > TOO_SHORT, found / np.maximum(lengths, TOO_SHORT), REST)
    frames, ends = len(points.times), together(points.names, OF_POINTS)
    return Measured(
        times=points.times,
        rays=np.add.reduce(points.rays[:, ends, :2], axis=2) / ends.shape[1],
        seen=np.minimum.reduce(points.confidence[:, ends], axis=2),
        vectors=rotation.unit(directions),
        known=known * (lengths[..., 0] > TOO_SHORT),
        lifted=np.zeros((frames, len(BONES), 3)),
        lifted_sigma=np.full((frames, len(BONES)), np.inf),
        sight=points.sight,
        planted=np.zeros((frames, 2, 2)),
        flight=np.zeros(frames),
    )


Calm = Callable[[str, Array, Array], Array]


def solved_points(points: Points, estimate: Estimate, calm: Calm) -> Points:
    """The points with those of the body where the fit has them. Hands and faces, which are no
    part of it, are carried along; `calm` smooths their offsets (T, K, 3) from what carries them,
    given its name and the times."""
    positions, joints = points.positions.copy(), estimate.joints
    for carrier, names in CARRIED.items():
        index, place = indices(points.names, names), joints[:, POINTS.index(carrier)]
        offset = points.positions[:, index] - points.at(*_names(carrier))[:, None]
        positions[:, index] = place[:, None] + calm(carrier, points.times, offset)
    positions[:, indices(points.names, LIMBS)] = joints[:, indices(POINTS, LIMBS)]
    return replace(points, positions=positions)


def calmly(settings: SolveSettings) -> Calm:
    """What takes spikes out of offsets and smooths them, if the user wants it."""

    def calm(_: str, times: Array, offsets: Array) -> Array:
        if not settings.smoothing or len(times) < 2:
            return offsets
        steady = without_spikes(times, offsets, SPIKE)
        return one_euro_both_ways(times, steady, settings.min_cutoff, settings.beta)

    return calm


def stretches(times: Array, present: BoolArray, longest: float) -> list[slice]:
    """The parts of a take without a gap longer than `longest` [s], from a frame with the person
    in it to another."""
    there = np.flatnonzero(present)
    if len(there) == 0:
        return []
    parts = np.split(there, np.flatnonzero(np.diff(times[there]) > longest) + 1)
    return [slice(int(part[0]), int(part[-1]) + 1) for part in parts]
