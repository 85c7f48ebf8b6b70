"""What our own lifter sees of a person: points about the hips, in axes that look straight at them.

The picture says where points are across the line of sight, the estimator's own 3D how far along it.
Both are told in the same metres: those of the estimator's 3D where there is one, otherwise of a
body whose points spread as those of a standing person do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import LandmarkTrack
from mocap.skeleton import mirrored_name

SIDES = ("left", "right")
JOINTS = tuple(
    f"{side}_{part}"
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in SIDES
)
EXTRA = ("nose", *(f"{side}_{p}" for p in ("ear", "index", "heel", "foot_index") for side in SIDES))
POINTS = (*JOINTS, *EXTRA)
HIPS = [POINTS.index(f"{side}_hip") for side in SIDES]
MIRRORED_POINTS = [POINTS.index(mirrored_name(point)) for point in POINTS]
MIRRORED_JOINTS = MIRRORED_POINTS[: len(JOINTS)]
CHANNELS = 6  # of a point: 2 of the picture, 3 of the estimator's 3D, confidence
WIDTH = CHANNELS * len(POINTS) + 1
AHEAD = np.array([0.0, 0.0, -1.0])
SPREAD = 0.45  # [m] root mean square distance of the joints of a standing person from the hips
TINY = 1e-6


@dataclass(frozen=True, eq=False)
class BodyView:
    """A person over T frames.

    Attributes:
        features: (T, WIDTH) for each of POINTS x, y of the picture, x, y, z of the estimator's 3D
            and the confidence, then 1 if there is such 3D. What was not seen is 0.
        world: (T, 12, 3) [m] the estimator's JOINTS about the hips, 0 without any.
        turn: (T, 4) from view axes to those that look straight at the hips.
    """

    features: Array
    world: Array
    turn: Array


def body_view(track: LandmarkTrack, camera: Camera) -> BodyView:
    """What is seen of a person.

    Args:
        track: of any layout that has the hips; frames in which nobody was seen are filled in
            from those around, with confidence 0.
        camera: what it was seen through.
    """
    layout = track.layout.points
    index = np.array([layout.index(p) if p in layout else -1 for p in POINTS])
    has = index >= 0
    confidence = np.where(has, track.confidence[:, index], 0.0)
    rays = np.where(has[:, None], camera.rays(filled(track.image, track.times)[:, index]), 0.0)
    turn = rotation.between(rays[:, HIPS].mean(axis=1), AHEAD)
    rays = rotation.rotate(turn[:, None], rays)
    plane = rays[..., :2] / np.minimum(rays[..., 2:], -TINY) * -1.0
    seen = has & (confidence > 0)
    world = np.zeros((*plane.shape[:2], 3))
    if track.world is not None:
        found = filled(track.world, track.times)
        found = found - found[:, [layout.index(f"{s}_hip") for s in SIDES]].mean(axis=1)[:, None]
        world = np.where(has[:, None], found[:, index], 0.0)
    plane = plane - plane[:, HIPS].mean(axis=1, keepdims=True)
    plane = plane * _size(plane, world if track.world is not None else None, confidence)
    known = np.where(seen | (track.world is not None) & has, 1.0, 0.0)[..., None]
    parts = [plane * known, world, confidence[..., None]]
    flat = np.concatenate(parts, axis=-1).reshape(len(plane), -1)
    flag = np.full((len(flat), 1), float(track.world is not None))
    return BodyView(np.concatenate([flat, flag], axis=1), world[:, : len(JOINTS)], turn)


def _size(plane: Array, world: Array | None, confidence: Array) -> Array:
    """(T, 1, 1) [m] at the distance of the hips, of one unit of the picture."""
    joints = slice(len(JOINTS))
    weight = confidence[:, joints, None]
    weight = np.where(weight.any(axis=1, keepdims=True), weight, 1.0)  # frames without anybody
    plane = plane[:, joints]
    if world is not None:
        flat = world[:, joints, :2]
        across = np.sum(weight * plane * flat, axis=(1, 2))
        alike = np.sum(weight * plane**2, axis=(1, 2))
        size = np.maximum(across, TINY) / np.maximum(alike, TINY)
    else:
        spread = np.sum(weight * plane**2, axis=(1, 2)) / np.sum(weight, axis=(1, 2))
        size = SPREAD / np.sqrt(np.maximum(spread, TINY))
    return size[:, None, None]


def filled(values: Array, times: Array) -> Array:
    """Values (T, ...) with NaN taken from the times around it, 0 where there are none at all."""
    flat = values.reshape(len(values), -1).copy()
    for column in np.flatnonzero(~np.isfinite(flat).all(axis=0)):
        known = np.isfinite(flat[:, column])
        flat[:, column] = (
            np.interp(times, times[known], flat[known, column]) if known.any() else 0.0
        )
    return flat.reshape(values.shape)


def mirrored(features: Array) -> Array:
    """Features (..., WIDTH) of the mirror image."""
    points = features[..., :-1].reshape(*features.shape[:-1], len(POINTS), CHANNELS)
    points = points[..., MIRRORED_POINTS, :] * np.array([-1.0, 1.0, -1.0, 1.0, 1.0, 1.0])
    return np.concatenate([points.reshape(*features.shape[:-1], -1), features[..., -1:]], axis=-1)


def mirrored_joints(joints: Array) -> Array:
    """Joints (..., 12, 3) of the mirror image."""
    found: Array = joints[..., MIRRORED_JOINTS, :] * np.array([-1.0, 1.0, 1.0])
    return found
