"""Raw landmarks made ready: exchanges of left and right undone, turned to the line of sight,
gaps bridged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray, IntArray
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.solve import swaps

SEEN = 0.1  # least confidence of a point that is used; below, or outside the picture, it is unseen


@cache
def indices(points: tuple[str, ...], names: tuple[str, ...]) -> IntArray:
    """Where some names are among those of the points."""
    return np.array([points.index(name) for name in names])


@cache
def together(points: tuple[str, ...], groups: tuple[tuple[str, ...], ...]) -> IntArray:
    """(G, N) where groups of names are among the points, the first again where they are fewer."""
    most = max(len(group) for group in groups)
    return np.array([indices(points, group + group[:1] * (most - len(group))) for group in groups])


@cache
def of_both_sides(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each name with left and right before it, in this order."""
    return tuple(f"{side}_{name}" for name in names for side in ("left", "right"))


@dataclass(frozen=True)
class Points:
    """The points of one person over T frames, without holes.

    Attributes:
        names: the K points.
        times: (T,) [s].
        positions: (T, K, 3) [m] about the hips, in view axes; where a point was not seen,
            between its neighbours in time, and zero if it never was.
        rays: (T, K, 3) directions from the camera with z = -1, bridged likewise.
        confidence: (T, K), 0 where not seen.
        present: (T,) whether the person was found.
        sight: (T, 3) unit direction from the camera to the person.
    """

    names: tuple[str, ...]
    times: Array
    positions: Array
    rays: Array
    confidence: Array
    present: BoolArray
    sight: Array

    def turned(self, q: Array) -> Points:
        """The same points with positions in axes turned by q (4,)."""
        return replace(self, positions=rotation.rotate(q, self.positions))

    def at(self, *names: str) -> Array:
        """(T, 3) [m] the mean of the named points."""
        found = self.positions.take(indices(self.names, names), axis=1)
        return np.add.reduce(found, axis=1) / len(names)

    def both(self, *names: str) -> Array:
        """(T, P, 2, 3) [m] each of the named points ("knee") on the left and on the right."""
        found = self.positions.take(indices(self.names, of_both_sides(names)), axis=1)
        return found.reshape(len(found), -1, 2, 3)

    def seen(self, *names: str) -> Array:
        """(T,) the least confidence of the named points."""
        return np.minimum.reduce(self.confidence.take(indices(self.names, names), 1), axis=1)

    def both_seen(self, *names: str) -> Array:
        """(T, 2) the same of the points ("knee") on the left and on the right."""
        found = self.confidence.take(indices(self.names, of_both_sides(names)), axis=1)
        return np.minimum.reduce(found.reshape(len(found), -1, 2), axis=1)


def prepare(track: LandmarkTrack, camera: Camera) -> Points:
    """The points of a track as the solve wants them.

    The estimator sees a person through a crop, as if the camera looked straight at them; its
    metres are turned back to the true line of sight.

    Raises:
        InvalidValue: the track has no 3D points.
    """
    if track.world is None:
        raise InvalidValue(
            f"person {track.person}: the landmarks have no depth; they need a lifter to 3D first"
        )
    return ready(swaps.undone(track, swaps.find(track)), camera)


def ready(track: LandmarkTrack, camera: Camera) -> Points:
    """The same of a track whose left and right are right."""
    assert track.world is not None
    finite = np.isfinite(track.image).all(-1) & np.isfinite(track.world).all(-1)
    confidence = np.where(finite & (track.confidence >= SEEN), track.confidence, 0.0)
    seen = confidence > 0
    rays = camera.rays(np.where(finite[..., None], track.image, 0.0))
    sight = _line_of_sight(rays, confidence)
    world = np.where(finite[..., None], track.world, 0.0)
    turn = rotation.between(np.array([0.0, 0.0, -1.0]), sight)
    return Points(
        track.layout.points,
        track.times,
        bridge(track.times, rotation.rotate(turn[:, None], world), seen),
        bridge(track.times, rays, seen),
        confidence,
        track.present,
        sight,
    )


def _line_of_sight(rays: Array, confidence: Array) -> Array:
    """(T, 3) direction to the middle of the points seen; straight ahead if none is."""
    weights = confidence[..., None] + 1e-9
    return rotation.unit(np.sum(rays * weights, axis=1) / np.sum(weights, axis=1))


def bridge(times: Array, values: Array, seen: BoolArray) -> Array:
    """Values (T, K, n) with those not seen (T, K) replaced: linearly in time between the ones
    seen, constant before the first and after the last, zero if there is none."""
    filled = values.copy()
    for k in np.flatnonzero(~seen.all(axis=0)):
        good = seen[:, k]
        if not good.any():
            filled[:, k] = 0.0
            continue
        for axis in range(values.shape[2]):
            filled[:, k, axis] = np.interp(times, times[good], values[good, k, axis])
    return filled
