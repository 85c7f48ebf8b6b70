"""The solve of a whole take: landmarks of everyone in, rooted motion out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion, TrackState
from mocap.skeleton import Skeleton
from mocap.solve import ground, plant, presence, root
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
    lean = ground.common_lean(people) if people else rotation.identity()
    motions = [_solve_person(points, lean, settings) for points in people]
    if not motions:
        return ()
    seen = np.flatnonzero(motions[0].state == TrackState.TRACKED)
    origin = motions[0].root[seen[0] if len(seen) else 0] * [1.0, 0.0, 1.0]
    return tuple(replace(motion, root=motion.root - origin) for motion in motions)


def _solve_person(points: Points, lean: Array, settings: SolveSettings) -> Motion:
    skeleton = fit_skeleton(points, settings)
    confidence = presence.bone_confidence(points, skeleton)
    world = orient(points.turned(lean), skeleton, settings)
    local = presence.rest_unseen(
        skeleton.to_local(world), confidence, points.times, skeleton, settings
    )
    upright = points.turned(ground.camera_tilt(lean))
    body, world = skeleton.fk(np.zeros((len(local), 3)), local)
    placed = root.place(upright, body, confidence, skeleton)
    lowest, middles = ground.soles(body, world, skeleton)
    floor = ground.floor_height(placed[:, 1] + lowest[..., 1].min(axis=1))
    if floor is not None and floor < 0:
        placed = plant.anchored(upright, placed, middles, floor)
    position = root.travel(points.times, placed, settings)
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
    feet, _ = ground.soles(positions, world, skeleton)
    floor = ground.floor_height(np.where(points.present, feet[..., 1].min(axis=1), np.nan)) or 0.0
    # who rests because nobody sees them stands on the floor
    resting = 1 - presence.hold_weight(points.times, points.present, settings)
    rise = resting * (floor - feet[..., 1].min(axis=1))
    position = position + np.outer(rise, [0.0, 1.0, 0.0])
    down = np.array([0.0, floor, 0.0])
    seen = confidence[:, [skeleton.index(foot) for foot in FEET]] > 0
    stands = ground.stance(points.times, feet - down) & seen
    return Motion(
        skeleton,
        times=points.times,
        root=position - down,
        rotations=rotation.continuous(local),
        state=presence.track_states(points, settings),
        confidence=confidence,
        contacts={foot: stands[:, i] for i, foot in enumerate(FEET)},
    )
