"""The quality of a take in figures, with or without the truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from mocap import metrics
from mocap.arrays import Array, BoolArray
from mocap.bone_map import BoneMap, detect
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion, TrackState
from mocap.skeleton import mirrored_name
from mocap.stance import Stance, reading
from mocap.take import Person, Take
from mocap.truth import Truth

JOINTS = [
    f"{side}{bone}"
    for bone in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
    for side in ("left", "right")
]
HIPS = (JOINTS.index("leftUpperLeg"), JOINTS.index("rightUpperLeg"))
LIMBS = {
    "left arm": ("leftUpperArm", "leftLowerArm", "leftHand"),
    "right arm": ("rightUpperArm", "rightLowerArm", "rightHand"),
    "left leg": ("leftUpperLeg", "leftLowerLeg", "leftFoot"),
    "right leg": ("rightUpperLeg", "rightLowerLeg", "rightFoot"),
    "head": ("head",),
}
LOW = 0.05  # [m] a foot of a motion without contacts may be above its lowest place and stand
SLOW = 0.35  # [m/s] and move
# landmark lines whose length should not change, had the estimator no noise
RIGID = [
    (f"{side}_{a}", f"{side}_{b}")
    for side in ("left", "right")
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


def report(take: Take, truth: Truth | None = None) -> dict[str, Any]:
    """Figures for everyone in a take, plain JSON values.

    Args:
        take: solved, or motion from a file whose skeleton can be told.
        truth: of the first person.

    Raises:
        InvalidValue: nobody in the take has a motion.
    """
    people = [p for p in take.people if p.motion is not None]
    if not people:
        raise InvalidValue("the take holds landmarks only; capture it to get motion to report on")
    figures = [_person(person) for person in people]
    if truth is not None and people[0].motion is not None:
        figures[0]["accuracy"] = against_truth(people[0].motion, truth)
    return {"people": figures}


def _person(person: Person) -> dict[str, Any]:
    motion = person.motion
    assert motion is not None
    bone_map = detect(motion.skeleton)
    bones = bone_map.pairs
    even = motion.resampled(fps=motion.fps)
    positions, _ = even.fk()
    figures: dict[str, Any] = {
        "id": person.id,
        "frames": len(motion),
        "seconds": round(motion.duration, 3),
        "fps": round(motion.fps, 3),
        "height_m": round(motion.skeleton.height, 3),
        "travel_m": round(_travel(positions[:, motion.skeleton.index(bones["hips"])]), 2),
        "tracked_percent": _percent(motion.state == TrackState.TRACKED),
        "held_percent": _percent(motion.state == TrackState.HELD),
        "lost_percent": _percent(motion.state == TrackState.LOST),
        "unseen_percent": {
            limb: _percent(_unseen(motion, [bones[n] for n in names if n in bones]))
            for limb, names in LIMBS.items()
        },
        "jitter": round(metrics.jitter(positions, even.fps, even.state == TrackState.TRACKED), 2),
    }
    feet = _soles(even, positions, bone_map)
    if feet is not None:
        soles, stands = feet
        figures["standing_percent"] = _percent(stands.any(axis=1))
        figures["foot_slide_cm_s"] = round(metrics.foot_slide(soles, stands, even.fps), 2)
        figures["penetration_cm"] = round(metrics.penetration(soles), 2)
    if person.landmarks is not None and person.landmarks.world is not None:
        figures["raw"] = _raw(person.landmarks)
    return figures


def _raw(track: LandmarkTrack) -> dict[str, float]:
    """The same figures for the landmarks as they came, for comparison."""
    assert track.world is not None
    pairs = np.array([[track.layout.index(p) for p in line] for line in RIGID])
    ends = track.world[track.present][:, pairs]
    lengths = np.linalg.norm(ends[:, :, 0] - ends[:, :, 1], axis=-1)
    fps = 1 / float(np.median(np.diff(track.times))) if len(track) > 1 else 30.0
    joints = track.world[:, np.unique(pairs)]
    return {
        "jitter": round(metrics.jitter(joints, fps, track.present), 2),
        "bone_length_variation_percent": round(metrics.length_variation(lengths), 2),
    }


def against_truth(motion: Motion, truth: Truth) -> dict[str, float]:
    """Errors of a motion, in the frames in which the person was tracked.

    Raises:
        InvalidValue: too few joints or frames in common.
    """
    bones = dict(detect(motion.skeleton).pairs)
    names = [n for n in JOINTS if n in bones and n in truth.names]
    common = (
        (motion.state == TrackState.TRACKED)
        & (motion.times >= truth.times[0] - 1e-6)
        & (motion.times <= truth.times[-1] + 1e-6)
    )
    if len(names) < len(JOINTS) or not common.any():
        raise InvalidValue(
            f"the truth has {sorted(set(JOINTS) & set(truth.names))} from {truth.times[0]:.2f} to "
            f"{truth.times[-1]:.2f} s; needed are {JOINTS} within the motion's "
            f"{motion.times[0]:.2f} to {motion.times[-1]:.2f} s"
        )
    positions, _ = motion.fk()
    index = [motion.skeleton.index(bones[n]) for n in names]
    points, exact = positions[common][:, index], truth.at(motion.times[common], names)
    figures = metrics.accuracy(points, exact, motion.fps, HIPS)
    mirror = [names.index(mirrored_name(n)) for n in names]
    figures["flipped_percent"] = metrics.flip_rate(points, exact, mirror)
    figures["true_jitter"] = metrics.jitter(exact, motion.fps)
    return {name: round(value, 2) for name, value in figures.items()}


def _soles(motion: Motion, positions: Array, bone_map: BoneMap) -> tuple[Array, BoolArray] | None:
    """Lowest points of the feet (T, 2, 3) over the floor, and whether they stand (T, 2); None
    for a skeleton whose feet are not known."""
    try:
        stance = Stance.of(motion.skeleton, bone_map, reading(motion, bone_map).rest)
    except InvalidValue:
        return None
    soles, contacts = [], []
    for side in ("left", "right"):
        parts = [b for b in (f"{side}Foot", f"{side}Toes") if b in stance.heights]
        over = positions[:, [stance.index[b] for b in parts]].copy()
        over[..., 1] -= [stance.heights[b] for b in parts]
        soles.append(over[np.arange(len(over)), over[..., 1].argmin(axis=1)])
        contacts.append(motion.contacts.get(bone_map.pairs[f"{side}Foot"]))
    points = np.stack(soles, axis=1)
    if contacts[0] is not None and contacts[1] is not None:
        return points, np.stack([contacts[0], contacts[1]], axis=1)
    low = points[..., 1] < points[..., 1].min() + LOW
    if len(points) < 2:
        return points, low
    speed = np.linalg.norm(np.gradient(points, axis=0), axis=-1) * motion.fps
    return points, low & (speed < SLOW)


def _unseen(motion: Motion, bones: list[str]) -> BoolArray:
    seen = motion.confidence[:, [motion.skeleton.index(b) for b in bones]] > 0
    return ~seen.any(axis=1) if bones else np.ones(len(motion), dtype=bool)


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


def text(figures: dict[str, Any]) -> str:
    """The report as lines for a person to read."""
    return "\n".join(line for person in figures["people"] for line in _lines(person))


def _lines(p: dict[str, Any]) -> list[str]:
    raw = p.get("raw", {})
    before = f"  (raw landmarks: {raw['jitter']:g})" if raw else ""
    lines = [
        f"person {p['id']}: {p['frames']} frames, {p['seconds']:.1f} s at {p['fps']:g} fps, "
        f"{p['height_m']:.2f} m tall, travels {p['travel_m']:.1f} m",
        f"  seen        {p['tracked_percent']:g} % tracked, {p['held_percent']:g} % held, "
        f"{p['lost_percent']:g} % lost",
        f"  jitter      {p['jitter']:g} x 10 m/s^3{before}",
    ]
    unseen = [f"{limb} {share:g} %" for limb, share in p["unseen_percent"].items() if share >= 1]
    if unseen:
        lines.insert(2, f"  not seen    {', '.join(unseen)} (at rest)")
    if "foot_slide_cm_s" in p:
        lines.append(
            f"  feet        slide {p['foot_slide_cm_s']:g} cm/s while standing "
            f"({p['standing_percent']:g} % of the time), sink {p['penetration_cm']:g} cm"
        )
    if raw:
        lines.append(
            f"  bones       constant  (raw landmarks: vary by "
            f"{raw['bone_length_variation_percent']:g} %)"
        )
    if "accuracy" in p:
        a = p["accuracy"]
        lines.append(
            f"  truth       PA-MPJPE {a['pa_mpjpe_mm']:g} mm, MPJPE {a['mpjpe_mm']:g} mm, "
            f"whole clip {a['clip_mm']:g} mm"
        )
        share = f", {a['root_error_percent']:g} % of travel" if "root_error_percent" in a else ""
        lines.append(
            f"              root {a['root_error_mm']:g} mm{share}, tilt {a['tilt_degrees']:g} "
            f"degrees, left/right flipped {a['flipped_percent']:g} %, "
            f"true jitter {a['true_jitter']:g}"
        )
    return lines
