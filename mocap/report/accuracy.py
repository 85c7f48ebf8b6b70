"""The errors of a motion where the truth is known."""

from __future__ import annotations

import numpy as np

from mocap import metrics
from mocap.arrays import Array, BoolArray
from mocap.errors import InvalidValue
from mocap.motion import Motion, TrackState
from mocap.report.body import HIPS, JOINTS, Body, Feet
from mocap.skeleton import mirrored_name
from mocap.truth import Truth

EDGE = 1e-6  # [s] by which rounding may put a time past the end of the truth


def against_truth(motion: Motion, body: Body, truth: Truth) -> dict[str, float]:
    """Errors of a motion, in the frames in which the person was tracked.

    Raises:
        InvalidValue: too few joints or frames in common.
    """
    _, points, exact = in_common(motion, body, truth)
    figures = metrics.accuracy(points, exact, motion.fps, HIPS)
    mirror = [JOINTS.index(mirrored_name(n)) for n in JOINTS]
    figures["flipped_percent"] = metrics.flip_rate(points, exact, mirror)
    figures["true_jitter"] = metrics.jitter(exact, motion.fps)
    figures.update(_feet(body, truth))
    return {name: round(value, 2) for name, value in figures.items()}


def in_common(motion: Motion, body: Body, truth: Truth) -> tuple[BoolArray, Array, Array]:
    """Frames (T,) of the motion that can be measured, and in these N the JOINTS (N, 12, 3) of
    the motion and of the truth [m].

    Raises:
        InvalidValue: too few joints or frames in common.
    """
    common = (motion.state == TrackState.TRACKED) & _within(motion.times, truth)
    if not set(JOINTS) <= set(truth.names) or not common.any():
        raise InvalidValue(
            f"the truth has {sorted(set(JOINTS) & set(truth.names))} from {truth.times[0]:.2f} to "
            f"{truth.times[-1]:.2f} s; needed are {JOINTS} within the motion's "
            f"{motion.times[0]:.2f} to {motion.times[-1]:.2f} s"
        )
    positions, _ = motion.fk()
    index = [motion.skeleton.index(body.bones[n]) for n in JOINTS]
    return common, positions[common][:, index], truth.at(motion.times[common], JOINTS)


def _feet(body: Body, truth: Truth) -> dict[str, float]:
    """What the feet do while the truth has them on the floor, and off it."""
    times = body.motion.times
    contacts = truth.contacts_at(times)
    if contacts is None or body.feet is None:
        return {}
    counted = body.tracked & _within(times, truth)
    planted = contacts & counted[:, None]
    figures = {}
    if planted.any():
        height = body.feet.heights[planted] * 100
        figures["planted_penetration_cm"] = float(np.maximum(-height, 0).mean())
        figures["planted_float_cm"] = float(np.maximum(height, 0).mean())
    speeds = metrics.slides(body.feet.parts, planted, body.motion.fps)
    if len(speeds):
        figures["planted_slide_cm_s"] = float(speeds.mean())
    scores = metrics.scores(body.feet.stands[counted], contacts[counted])
    for name, share in scores._asdict().items():
        figures[f"contact_{name}_percent"] = share * 100
    return {**figures, **_jumps(body, body.feet, truth, ~contacts.any(axis=1) & counted)}


def _jumps(body: Body, feet: Feet, truth: Truth, airborne: BoolArray) -> dict[str, float]:
    """Jumps of the truth, told by when it is `airborne` (T,), and what became of them."""
    hips = ["leftUpperLeg", "rightUpperLeg"]
    true_height = truth.at(body.motion.times, hips).mean(axis=1)[:, 1]
    height = np.mean([body.at(bone) for bone in hips], axis=0)[:, 1]
    flights = metrics.flights(airborne, true_height, body.motion.fps)
    jumps = [f for f in flights if f.rise > metrics.LOWEST_JUMP]
    if not jumps:
        return {}
    rises = [height[f.first - 1 : f.last + 2].max() - height[f.first - 1] for f in jumps]
    off = [abs(rise - f.rise) for rise, f in zip(rises, jumps, strict=True)]
    missed = [bool(feet.stands[f.first : f.last + 1].any(axis=1).all()) for f in jumps]
    return {
        "true_jumps": float(len(jumps)),
        "missed_jumps": float(sum(missed)),
        "jump_height_error_cm": float(np.mean(off)) * 100,
    }


def _within(times: Array, truth: Truth) -> BoolArray:
    """(T,) whether the truth speaks of these times."""
    inside: BoolArray = (times >= truth.times[0] - EDGE) & (times <= truth.times[-1] + EDGE)
    return inside
