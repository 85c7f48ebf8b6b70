"""What was seen and what was not: tracked, held, resting.

Nothing is invented: a limb out of the picture keeps its last pose for the hold time (or moves on
to where it is next seen, if that is sooner), then goes to a relaxed stance, with confidence 0.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray, IntArray
from mocap.motion import TrackState
from mocap.skeleton import Skeleton
from mocap.solve.points import Points, together
from mocap.solve.settings import SolveSettings

# the points without which a bone's rotation is unknown
_ARM = {
    "UpperArm": ("shoulder", "elbow"),
    "LowerArm": ("shoulder", "elbow", "wrist"),
    "Hand": ("elbow", "wrist", "index", "pinky"),
}
_LEG = {
    "UpperLeg": ("hip", "knee"),
    "LowerLeg": ("hip", "knee", "ankle"),
    "Foot": ("knee", "ankle", "heel", "foot_index"),
    "Toes": ("knee", "ankle", "heel", "foot_index"),
}
_SHOULDERS = ("left_shoulder", "right_shoulder")
NEEDED: dict[str, tuple[str, ...]] = {
    "hips": (*_SHOULDERS, "left_hip", "right_hip"),
    **{b: _SHOULDERS for b in ("spine", "chest", "upperChest", "leftShoulder", "rightShoulder")},
    **{b: ("nose", "left_ear", "right_ear", "left_eye", "right_eye") for b in ("neck", "head")},
    **{
        f"{side}{bone}": tuple(f"{side}_{p}" for p in points)
        for side in ("left", "right")
        for bone, points in (_ARM | _LEG).items()
    },
}
ARM_DROP = np.radians(75)  # of a relaxed arm below the T-pose
RETURN = 0.2  # [s] before a limb is seen again in which it leaves the rest pose


def bone_confidence(points: Points, skeleton: Skeleton) -> Array:
    """(T, J) least confidence of the points each bone needs."""
    needed = together(points.names, _needed(skeleton.names))
    return np.minimum.reduce(points.confidence[:, needed], axis=2)


@cache
def _needed(bones: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(NEEDED[bone] for bone in bones)


def relaxed(skeleton: Skeleton) -> Array:
    """(J, 4) local rotations of someone standing at ease: the T-pose with the arms down."""
    pose = rotation.identity(len(skeleton))
    for side, sign in (("left", -1.0), ("right", 1.0)):
        pose[skeleton.index(f"{side}UpperArm")] = rotation.axis_angle(
            np.array([0.0, 0.0, sign]), ARM_DROP
        )
    return pose


def unseen_for(times: Array, seen: BoolArray) -> tuple[Array, Array]:
    """For each frame (T,), seconds since last seen and until next seen; infinite if never."""
    where = np.where(seen, times, np.nan)
    last = _carry(where)
    following = _carry(where[::-1])[::-1]
    since = np.where(np.isnan(last), np.inf, times - last)
    until = np.where(np.isnan(following), np.inf, following - times)
    return since, until


def _carry(values: Array) -> Array:
    """Each NaN of (T,) replaced by the last number before it."""
    index = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    return np.where(index >= 0, values[index], np.nan)


def hold_weight(times: Array, seen: BoolArray, settings: SolveSettings) -> Array:
    """(T,) how far a bone shows its seen or held pose (1) or the rest pose (0)."""
    since, until = unseen_for(times, seen)
    leaving = 1 - (since - settings.hold) / max(settings.relax, 1e-9)
    bridged = since + until <= settings.hold
    returning = 1 - until / RETURN
    weight = np.clip(np.maximum(leaving, returning), 0.0, 1.0)
    return np.where(bridged, 1.0, weight * weight * (3 - 2 * weight))


def rest_pose(local: Array, skeleton: Skeleton) -> Array:
    """Local rotations (T, J, 4) of people at ease who face where those of `local` do."""
    rest = np.broadcast_to(relaxed(skeleton), local.shape).copy()
    rest[:, 0] = rotation.twist(local[:, 0], np.array([0.0, 1.0, 0.0]))
    return rest


def rest_unseen(local: Array, confidence: Array, times: Array, skeleton: Skeleton,
                settings: SolveSettings) -> Array:  # fmt: skip
    """Local rotations (T, J, 4) with the bones that were not seen brought to rest.

    The hips keep their heading but stand upright.
    """
    rest = rest_pose(local, skeleton)
    weights = np.stack([hold_weight(times, c > 0, settings) for c in confidence.T], axis=1)
    return rotation.slerp(rest, local, weights)


def track_states(points: Points, settings: SolveSettings) -> IntArray:
    """(T,) TrackState of the person."""
    since, _ = unseen_for(points.times, points.present)
    absent = np.where(since <= settings.hold, TrackState.HELD, TrackState.LOST)
    return np.where(points.present, TrackState.TRACKED, absent).astype(np.int64)
