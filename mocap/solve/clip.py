"""The solve of a whole take: landmarks of everyone in, rooted motion out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion, TrackState
from mocap.skeleton import Skeleton
from mocap.solve import ground, presence, root
from mocap.solve.lengths import fit_skeleton
from mocap.solve.orient import orient
from mocap.solve.points import Points, prepare
from mocap.solve.settings import SolveSettings

FEET = ("leftFoot", "rightFoot")


def solve(
    tracks: Sequence[LandmarkTrack], camera: Camera, settings: SolveSettings | None = None
) -> tuple[Motion, ...]:
    """Humanoid motion of everyone in a take.

    Args:
        tracks: one for each person, with 3D points.
        camera: what the points were seen through.
        settings: choices of the user.

    Returns:
        One motion for each track, at the track's times, in metres: +Y up, each person's floor
        at y = 0, the first person's first place at x = z = 0, a person who faces the camera
        facing +Z. Bone lengths are constant.

    Raises:
        InvalidValue: a track without 3D points.
    """
    settings = settings or SolveSettings()
    people = [prepare(track, camera, settings) for track in tracks]
    tilt = ground.camera_tilt(people) if people else rotation.identity()
    motions: list[Motion] = []
    origin: Array | None = None
    for points in people:
        motion = _solve_person(points, tilt, settings)
        if origin is None:
            seen = np.flatnonzero(motion.state == TrackState.TRACKED)
            origin = motion.root[seen[0] if len(seen) else 0] * [1.0, 0.0, 1.0]
        motions.append(_moved(motion, -origin))
    return tuple(motions)


def _solve_person(points: Points, tilt: Array, settings: SolveSettings) -> Motion:
    skeleton = fit_skeleton(points, settings)
    confidence = presence.bone_confidence(points, skeleton)
    world = rotation.mul(tilt, orient(points, skeleton))
    local = presence.rest_unseen(
        skeleton.to_local(world), confidence, points.times, skeleton, settings
    )
    # back in view axes, where the camera sees the body
    local[:, 0] = rotation.mul(rotation.inv(tilt), local[:, 0])
    body, _ = skeleton.fk(np.zeros((len(local), 3)), local)
    placed = root.place(points, body, confidence, skeleton)
    position = rotation.rotate(tilt, root.travel(points.times, placed, settings))
    local[:, 0] = rotation.mul(tilt, local[:, 0])
    return _grounded(points, skeleton, position, local, confidence, settings)


def _grounded(
    points: Points,
    skeleton: Skeleton,
    position: Array,
    local: Array,
    confidence: Array,
    settings: SolveSettings,
) -> Motion:
    """The motion with its floor at y = 0 and the feet that stand on it marked."""
    positions, world = skeleton.fk(position, local)
    feet = ground.soles(positions, world, skeleton)
    floor = ground.floor_height(feet[..., 1], points.present)
    down = np.array([0.0, floor, 0.0])
    stands = ground.stance(points.times, feet - down)
    return Motion(
        skeleton,
        times=points.times,
        root=position - down,
        rotations=rotation.continuous(local),
        state=presence.track_states(points, settings),
        confidence=confidence,
        contacts={foot: stands[:, i] for i, foot in enumerate(FEET)},
    )


def _moved(motion: Motion, by: Array) -> Motion:
    return Motion(
        motion.skeleton,
        times=motion.times,
        root=motion.root + by,
        rotations=motion.rotations,
        state=motion.state,
        confidence=motion.confidence,
        contacts=motion.contacts,
    )
