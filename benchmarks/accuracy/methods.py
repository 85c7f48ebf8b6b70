"""Ways from landmarks to moving joints, to be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import mocap.solve
from benchmarks.accuracy.trial import JOINTS, SIDES, joints_of, soles_of
from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.camera import Camera
from mocap.filters import one_euro
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, LandmarkTrack
from mocap.lifting import say
from mocap.models import Lifter, own_lifter
from mocap.motion import Motion, Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.solve import SolveSettings, solve

POINT_FILTER = (2.0, 3.0)  # min_cutoff [Hz] and beta of the One Euro filter on points
ROOT_FILTER = (1.0, 0.5)  # and on the root, which is noisier
LIFTED = True  # whether the whole clip's solve asks our own lifter
HEEL_BEHIND = 0.06 / 1.75  # of the body's height: from the ankle back to the heel
LENGTHS = [
    (f"{side}{a}", f"{side}{b}")
    for side in SIDES
    for a, b in (
        ("UpperArm", "LowerArm"),
        ("LowerArm", "Hand"),
        ("UpperLeg", "LowerLeg"),
        ("LowerLeg", "Foot"),
    )
]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where a method says everything was, in axes of its own.

    Attributes:
        joints: (T, 12, 3) [m] JOINTS; NaN in frames for which it says nothing.
        soles: (T, 2, 2, 3) [m] heel and toe of the left and the right foot.
        grounded: whether its axes are upright and its floor is y = 0; otherwise they are those
            of the camera.
    """

    joints: Array
    soles: Array
    grounded: bool

    @property
    def known(self) -> BoolArray:
        """(T,) the frames for which it says something."""
        told: BoolArray = np.isfinite(self.joints).all(axis=(1, 2))
        return told

    @property
    def lengths(self) -> Array:
        """(T, B) [m] of the limbs."""
        a, b = np.array([[JOINTS.index(n) for n in pair] for pair in LENGTHS]).T
        return np.linalg.norm(self.joints[:, a] - self.joints[:, b], axis=-1)


Method = Callable[[LandmarkTrack, Camera, SolveSettings], Outcome]


def raw(track: LandmarkTrack, camera: Camera, settings: SolveSettings) -> Outcome:
    """The estimator's metres as they come, put where they best cover the picture."""
    points = placed(track, camera)
    return Outcome(joints_of(points), soles_of(points), grounded=False)


def smoothed(track: LandmarkTrack, camera: Camera, settings: SolveSettings) -> Outcome:
    """The same through a One Euro filter, frame after frame: what many tools do."""
    points = placed(track, camera)
    there = track.present
    root = points[:, [MEDIAPIPE_POSE.index(f"{side}_hip") for side in SIDES]].mean(axis=1)
    local = one_euro(track.times[there], (points - root[:, None])[there], *POINT_FILTER)
    calm = np.full_like(points, np.nan)
    calm[there] = local + one_euro(track.times[there], root[there], *ROOT_FILTER)[:, None]
    return Outcome(joints_of(calm), soles_of(calm), grounded=False)


def placed(track: LandmarkTrack, camera: Camera) -> Array:
    """(T, 33, 3) [m] world points in view axes, moved over their picture by least squares.

    A point B moved by t is seen along the ray (a, b, -1) when `B.x + t.x = -a (B.z + t.z)`, and
    the same for y with b: two linear equations in t for each point, weighed by confidence.
    """
    assert track.world is not None
    rays = camera.rays(track.image)
    points = np.full_like(track.world, np.nan)
    for i in np.flatnonzero(track.present):
        body, weight = track.world[i], np.sqrt(track.confidence[i] + 1e-3)
        rows, right = [], []
        for axis in range(2):
            row = np.zeros((len(body), 3))
            row[:, axis], row[:, 2] = 1.0, rays[i, :, axis]
            rows.append(row * weight[:, None])
            right.append((-body[:, axis] - rays[i, :, axis] * body[:, 2]) * weight)
        points[i] = body + np.linalg.lstsq(np.concatenate(rows), np.concatenate(right), None)[0]
    return points


def whole_clip(track: LandmarkTrack, camera: Camera, settings: SolveSettings) -> Outcome:
    """mocap.solve on the whole clip, with what our own lifter says."""
    said = [say(track, own_lifter(), camera)] if LIFTED else None
    (motion,) = solve([track], camera, settings, said)
    return from_motion(motion)


def from_motion(motion: Motion) -> Outcome:
    """Joints and soles of a motion where the person was tracked."""
    joints, soles = on_skeleton(motion.skeleton, *motion.fk())
    lost = motion.state != TrackState.TRACKED
    joints[lost], soles[lost] = np.nan, np.nan
    return Outcome(joints, soles, grounded=True)


def on_skeleton(skeleton: Skeleton, positions: Array, world: Array) -> tuple[Array, Array]:
    """Joints (T, 12, 3) and soles (T, 2, 2, 3) of bones (T, J, 3) [m] turned by (T, J, 4)."""
    rest = skeleton.rest_positions
    floor = float(np.nanmin(rest[:, 1] + np.fmin(skeleton.tips[:, 1], 0)))
    soles = np.empty((len(positions), 2, 2, 3))
    for i, side in enumerate(SIDES):
        foot, toes = skeleton.index(f"{side}Foot"), skeleton.index(f"{side}Toes")
        heel = np.array([[0.0, floor - rest[foot, 1], -HEEL_BEHIND * skeleton.height]])
        soles[:, i, 0] = positions[:, foot] + rotation.rotate(world[:, foot], heel)
        tip = skeleton.tips[toes][None]
        soles[:, i, 1] = positions[:, toes] + rotation.rotate(world[:, toes], tip)
    return positions[:, [skeleton.index(joint) for joint in JOINTS]], soles


def live_as_usual(look_ahead: int) -> Method:
    """`live` with our own lifter."""

    def method(track: LandmarkTrack, camera: Camera, settings: SolveSettings) -> Outcome:
        return live(look_ahead, own_lifter(live=True))(track, camera, settings)

    return method


def live(look_ahead: int, lifter: Lifter | None = None) -> Method:
    """mocap.solve frame after frame, each pose told `look_ahead` frames late."""

    def method(track: LandmarkTrack, camera: Camera, settings: SolveSettings) -> Outcome:
        """mocap.solve frame after frame."""
        solver: Any = mocap.solve.LiveSolver(  # type: ignore[attr-defined]
            camera,
            settings,
            look_ahead=look_ahead,
            lifter=None if lifter is None else lifter.live(camera),
        )
        joints = np.full((len(track), len(JOINTS), 3), np.nan)
        soles = np.full((len(track), 2, 2, 3), np.nan)

        def keep(pose: Pose | None) -> None:
            if pose is None or pose.state != TrackState.TRACKED:
                return
            frame = int(np.argmin(np.abs(track.times - pose.t)))
            bones = solver.skeleton.fk(pose.root[None], pose.rotations[None])
            joints[frame : frame + 1], soles[frame : frame + 1] = on_skeleton(
                solver.skeleton, *bones
            )

        for i, t in enumerate(track.times):
            keep(solver.push(float(t), seen_at(track, i)))
        for pose in solver.flush():
            keep(pose)
        return Outcome(joints, soles, grounded=True)

    return method


def seen_at(track: LandmarkTrack, i: int) -> Landmarks | None:
    """What was seen in frame i; None if nobody."""
    if not track.present[i]:
        return None
    world = None if track.world is None else track.world[i]
    return Landmarks(track.layout, track.image[i], world, track.confidence[i], track.person)


METHODS: dict[str, Method] = {
    "raw": raw,
    "one euro": smoothed,
    "live 0": live_as_usual(0),
    "live 3": live_as_usual(3),
    "whole clip": whole_clip,
}


def can_run(name: str) -> bool:
    """Whether this release of mocap has what a method needs."""
    return not name.startswith("live") or hasattr(mocap.solve, "LiveSolver")
