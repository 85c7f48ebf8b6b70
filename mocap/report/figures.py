"""The figures of everyone in a take."""

from __future__ import annotations

from typing import Any

import numpy as np

from mocap import metrics
from mocap.arrays import Array, BoolArray
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion, TrackState
from mocap.report.accuracy import against_truth
from mocap.report.body import LIMBS, Body, lengths, unseen
from mocap.take import Person, Take
from mocap.truth import Truth

# the landmarks at JOINTS
POINTS = [
    f"{side}_{joint}"
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
]
ARMS, LEGS = tuple(range(6)), tuple(range(6, 12))
TORSO = 0.5  # [m] about, from the middle of the shoulders to that of the hips


def report(take: Take, truth: Truth | None = None) -> dict[str, Any]:
    """Figures for everyone in a take, plain JSON values; `meaning` says what each is.

    A figure that the take does not give, such as the slide of feet that never stand, is absent.

    Args:
        take: solved, or motion from a file whose skeleton can be told.
        truth: of the first person.

    Raises:
        InvalidValue: nobody in the take has a motion.
    """
    solved = moving(take)
    return {
        "people": [
            _person(person, motion, truth if i == 0 else None)
            for i, (person, motion) in enumerate(solved)
        ]
    }


def moving(take: Take) -> list[tuple[Person, Motion]]:
    """Those of a take who have a motion. Raises InvalidValue if nobody has."""
    people = [(p, p.motion) for p in take.people if p.motion is not None]
    if not people:
        raise InvalidValue(
            "the take holds landmarks only; mocap solve makes motion of them to report on"
            if take.people
            else "the take is empty: nobody is in it"
        )
    return people


def _person(person: Person, motion: Motion, truth: Truth | None) -> dict[str, Any]:
    body = Body.of(motion)
    figures: dict[str, Any] = {
        "id": person.id,
        "frames": len(motion),
        "seconds": round(motion.duration, 3),
        "fps": round(motion.fps, 3),
        "height_m": round(motion.skeleton.height, 3),
        "travel_m": round(_travel(body.at("hips")), 2),
        "tracked_percent": _percent(motion.state == TrackState.TRACKED),
        "held_percent": _percent(motion.state == TrackState.HELD),
        "lost_percent": _percent(motion.state == TrackState.LOST),
        "unseen_percent": {limb: _percent(unseen(motion, body.bones, limb)) for limb in LIMBS},
        "leaps": int(_leaps(motion).sum()),
    }
    if _four_in_a_row(body.tracked):
        value = metrics.jitter(body.positions, body.motion.fps, body.tracked)
        figures["jitter"] = round(value, 2)
    if body.tracked.sum() > 1:
        joints = body.joints[body.tracked]
        value = metrics.length_variation(lengths(joints))
        figures["bone_length_variation_percent"] = round(value, 2)
        figures["exchanges"] = int(exchanges(body).sum())
    figures.update(_feet(body))
    if person.landmarks is not None and (raw := _raw(person.landmarks)):
        figures["raw"] = raw
    if truth is not None:
        figures["accuracy"] = against_truth(motion, body, truth)
    return figures


def _feet(body: Body) -> dict[str, Any]:
    """What the feet did, as far as they are known."""
    if body.feet is None or len(body.motion) == 0:
        return {}
    feet, fps = body.feet, body.motion.fps
    depths = np.maximum(-feet.heights.min(axis=1), 0) * 100
    figures: dict[str, Any] = {
        "standing_percent": _percent(feet.stands.any(axis=1)),
        "penetration_cm": round(float(depths.mean()), 2),
        "penetration_worst_cm": round(float(depths.max()), 2),
    }
    speeds = metrics.slides(feet.parts, feet.stands & body.tracked[:, None], fps)
    if len(speeds):
        figures["foot_slide_cm_s"] = round(float(speeds.mean()), 2)
        figures["foot_slide_p95_cm_s"] = round(float(np.percentile(speeds, 95)), 2)
    if body.tracked.any():
        figures["airborne_percent"] = _percent(body.airborne[body.tracked])
        found = jumps(body)
        figures["jumps"] = found
        figures["jump_count"] = len(found)
        if found:
            figures["jump_height_cm"] = max(jump["height_cm"] for jump in found)
    return figures


def jumps(body: Body) -> list[dict[str, float]]:
    """Each flight that is no running step: when, and how far the root rises."""
    times = body.motion.times
    return [
        {
            "from_s": round(float(times[flight.first]), 3),
            "to_s": round(float(times[flight.last]), 3),
            "height_cm": round(flight.rise * 100, 1),
        }
        for flight in metrics.flights(body.airborne, body.at("hips")[:, 1], body.motion.fps)
        if flight.rise > metrics.LOWEST_JUMP
    ]


def exchanges(body: Body) -> BoolArray:
    """(T,) where left and right changed places in the result."""
    points = np.where(body.tracked[:, None, None], body.joints, np.nan)
    return metrics.exchanges(points, [ARMS, LEGS])


def raw_joints(track: LandmarkTrack) -> Array | None:
    """(T, 12, 3) [m] the landmarks at JOINTS as they came; None if the layout lacks them."""
    if track.world is None or not set(POINTS) <= set(track.layout.points):
        return None
    return track.world[:, [track.layout.index(p) for p in POINTS]]


def raw_exchanges(track: LandmarkTrack) -> BoolArray:
    """(T,) where left and right changed places in the picture."""
    image = track.image[:, [track.layout.index(p) for p in POINTS]]
    ends = image[:, :2].mean(axis=1), image[:, 6:8].mean(axis=1)
    sizes = np.linalg.norm(ends[0] - ends[1], axis=-1)
    known = np.isfinite(sizes)
    if not known.any():
        return np.zeros(len(track), dtype=bool)
    return metrics.exchanges(image * TORSO / max(np.median(sizes[known]), 1e-9), [ARMS, LEGS])


def _raw(track: LandmarkTrack) -> dict[str, float]:
    """The same figures for the landmarks as they came, for comparison."""
    joints = raw_joints(track)
    if joints is None or not track.present.any():
        return {}
    fps = 1 / float(np.median(np.diff(track.times))) if len(track) > 1 else 30.0
    figures: dict[str, float] = {}
    if _four_in_a_row(track.present):
        figures["jitter"] = round(metrics.jitter(joints, fps, track.present), 2)
    value = metrics.length_variation(lengths(joints[track.present]))
    figures["bone_length_variation_percent"] = round(value, 2)
    figures["exchanges"] = int(raw_exchanges(track).sum())
    return figures


def _four_in_a_row(counted: BoolArray) -> bool:
    """Whether jitter can be told at all."""
    return bool((counted[3:] & counted[2:-1] & counted[1:-2] & counted[:-3]).any())


def _leaps(motion: Motion) -> BoolArray:
    return metrics.leaps(motion.root, motion.times, motion.state == TrackState.TRACKED)


def _percent(which: BoolArray) -> float:
    return round(float(np.mean(which) * 100), 1) if len(which) else 0.0


def _travel(hips: Array) -> float:
    """[m] way of the hips over the floor, in steps of at least 5 cm so that noise is no way."""
    total, last = 0.0, hips[0] if len(hips) else np.zeros(3)
    for point in hips:
        step = float(np.hypot(*(point - last)[[0, 2]]))
        if step > 0.05:
            total, last = total + step, point
    return total
