"""The solve of a whole take: landmarks of everyone in, rooted motion out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.lifted import Lifted
from mocap.motion import Motion, TrackState
from mocap.skeleton import Skeleton
from mocap.solve import feet, ground, presence, root
from mocap.solve.estimate import Estimate, Measured
from mocap.solve.fit import fit
from mocap.solve.lengths import USUAL_HEIGHT, expected_lengths, skeleton_of
from mocap.solve.lifted import heard
from mocap.solve.measure import calmly, measured, solved_points, stretches
from mocap.solve.one_thread import one_thread
from mocap.solve.orient import orient
from mocap.solve.points import Points, prepare
from mocap.solve.settings import SolveSettings

BRIDGED = 0.5  # [s] out of sight over which a motion goes on, however long a pose is held
Y = np.array([0.0, 1.0, 0.0])


def solve(
    tracks: Sequence[LandmarkTrack],
    camera: Camera,
    settings: SolveSettings | None = None,
    lifted: Sequence[Lifted | None] | None = None,
) -> tuple[Motion, ...]:
    """Humanoid motion of everyone in a take.

    Args:
        tracks: one for each person, with 3D points.
        camera: what the points were seen through.
        settings: choices of the user.
        lifted: what a lifter says of each, or None.

    Returns:
        One motion for each track, at the track's times, in metres: +Y up, each person's floor
        at y = 0, the first person's first place at x = z = 0, a person who faces the camera
        facing +Z. Bone lengths are constant.

    Raises:
        InvalidValue: a track without 3D points, or a lifter's joints at other times.
    """
    settings = settings or SolveSettings()
    lifted = lifted or [None] * len(tracks)
    with one_thread():
        people = [
            _fitted(prepare(track, camera), settings, more)
            for track, more in zip(tracks, lifted, strict=True)
        ]
    if not people:
        return ()
    up = _common_up(people)
    motions = [_motion(person, up, settings) for person in people]
    seen = np.flatnonzero(motions[0].state == TrackState.TRACKED)
    origin = motions[0].root[seen[0] if len(seen) else 0] * [1.0, 0.0, 1.0]
    return tuple(replace(motion, root=motion.root - origin) for motion in motions)


@dataclass(frozen=True)
class _Person:
    """A person between fit and motion; `fitted` frames are those of the fit."""

    points: Points
    estimate: Estimate
    measured: Measured


def _fitted(points: Points, settings: SolveSettings, lifted: Lifted | None = None) -> _Person:
    seen = measured(points)
    if lifted is not None:
        if not np.array_equal(lifted.times, points.times):
            raise InvalidValue("lifted joints: expected the times of the landmarks, got others")
        seen = heard(seen, lifted)
    expected = expected_lengths(settings)
    start = root.start(seen, expected)
    parts = stretches(points.times, points.present, max(settings.hold, BRIDGED))
    result = fit(seen, start, expected, parts, settings.effective_weights) if parts else None
    if result is None:
        return _Person(points, start, seen)
    # who is out of sight stays as last seen, or as seen first
    inside = np.concatenate([np.arange(part.start, part.stop) for part in parts])
    nearest = inside[np.maximum(np.searchsorted(inside, np.arange(len(seen)), "right") - 1, 0)]
    return _Person(points, result.estimate.part(nearest), result.measured)


def _common_up(people: Sequence[_Person]) -> Array:
    """(3,) the direction away from the floor: people who stand in view tell it, the longer the
    better."""
    ups = np.array([p.estimate.up for p in people])
    weight = np.array([p.measured.planted.max(axis=(1, 2)).sum() + 1e-3 for p in people])
    return rotation.unit(weight @ ups)


def _motion(person: _Person, up: Array, settings: SolveSettings) -> Motion:
    points, estimate = person.points, person.estimate
    times, present = points.times, points.present
    skeleton = skeleton_of(estimate.lengths)
    scale = (settings.height or USUAL_HEIGHT) / skeleton.height
    skeleton = skeleton.scaled(scale)
    upright = rotation.between(up, Y)
    turned = solved_points(points, estimate, calmly(settings)).turned(upright)
    confidence = presence.bone_confidence(points, skeleton)
    local = skeleton.to_local(orient(turned, skeleton, settings))
    local = presence.rest_unseen(local, confidence, times, skeleton, settings)
    place = rotation.rotate(upright, estimate.root) * scale
    legs = confidence[:, [skeleton.index(f"{side}Foot") for side in ("left", "right")]] > 0
    stands = feet.standing(times, person.measured.planted) & legs[..., None]
    stands = feet.steadied(stands, feet.soles(*skeleton.fk(place, local), skeleton))
    place, local = _on_the_floor(times, place, local, stands, legs, present, skeleton, settings)
    return Motion(
        skeleton,
        times=times,
        root=place,
        rotations=rotation.continuous(local),
        state=presence.track_states(points, settings),
        confidence=confidence,
        contacts={
            f"{side}Foot": stands[:, i].any(axis=1) for i, side in enumerate(("left", "right"))
        },
    )


def _on_the_floor(
    times: Array,
    place: Array,
    local: Array,
    stands: BoolArray,
    legs: BoolArray,
    present: BoolArray,
    skeleton: Skeleton,
    settings: SolveSettings,
) -> tuple[Array, Array]:
    """Root (T, 3) and local rotations with the floor at y = 0 and standing feet held on it."""
    positions, world = skeleton.fk(place, local)
    lowest = feet.soles(positions, world, skeleton).lowest[..., 1]
    on = stands.any(axis=2)
    if on.any():
        floor = float(np.median(lowest[on]))
    else:
        # whoever lies or stands on their hands
        lower = np.minimum(positions[..., 1].min(axis=1), lowest.min(axis=1))
        floor = ground.floor_height(np.where(present, lower, np.nan)) or 0.0
    place = place - [0.0, floor, 0.0]
    place, local = feet.locked(times, place, local, stands, legs, skeleton)
    # who rests because nobody sees them stands on the floor
    resting = 1 - presence.hold_weight(times, present, settings)
    lowest = feet.soles(*skeleton.fk(place, local), skeleton).lowest[..., 1].min(axis=1)
    return place - np.outer(resting * lowest, Y), local
