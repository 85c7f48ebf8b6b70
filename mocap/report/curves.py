"""What the plots of a person show, over time, and curves thinned to what a picture can hold."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from mocap import metrics
from mocap.arrays import Array, BoolArray, IntArray
from mocap.motion import Motion, TrackState
from mocap.report.accuracy import in_common
from mocap.report.body import HIPS, JOINTS, LIMBS, Body, lengths, unseen
from mocap.report.figures import exchanges, jumps, raw_exchanges, raw_joints
from mocap.take import Person
from mocap.truth import Truth


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors over the N times [s] that can be measured: of the pose and of the hips [mm]."""

    times: Array
    pose: Array
    root: Array


@dataclass(frozen=True, eq=False)
class Curves:
    """One person over T times.

    Attributes:
        times: (T,) [s] at an even rate.
        state: (T,) TrackState.
        limbs: confidence (T,) by limb; none for a motion that was never estimated.
        hips: (T, 3) [m] the middle between the hip joints, +Y up, the floor at 0.
        facing: (T, 2) unit x and z of where the hips face.
        stands, true_stands: (T, 2) left and right foot, None if unknown.
        places: (T, 2, 2) [m] x and z of the feet, None if unknown.
        heights: (T, 2) [m] of the feet over the floor, None if unknown.
        speeds: (T, 2) [cm/s] of the feet along the floor, None if unknown.
        jumps: as in the report.
        true_height: (T,) [m] of the hips, NaN where the truth says nothing; None without it.
        raw_lengths: (N, 8) [m] of the limbs in the raw landmarks, None without them.
        lengths: (8,) [m] of the limbs of the result, medians.
        events: (N,) [s] by what happened: exchanges of left and right, leaps.
        errors: None without the truth.
    """

    times: Array
    state: IntArray
    limbs: dict[str, Array]
    hips: Array
    facing: Array
    stands: BoolArray | None
    true_stands: BoolArray | None
    places: Array | None
    heights: Array | None
    speeds: Array | None
    jumps: list[dict[str, float]]
    true_height: Array | None
    raw_lengths: Array | None
    lengths: Array
    events: dict[str, Array]
    errors: Errors | None

    @property
    def tracked(self) -> BoolArray:
        """(T,)"""
        return self.state == TrackState.TRACKED


def curves(person: Person, motion: Motion, truth: Truth | None = None) -> Curves:
    """The curves of a person who has a motion of two frames or more.

    Raises:
        InvalidValue: the skeleton cannot be told; the truth does not fit.
    """
    body = Body.of(motion)
    times, feet = body.motion.times, body.feet
    across = body.at("leftUpperLeg") - body.at("rightUpperLeg")
    facing = np.stack([-across[:, 2], across[:, 0]], axis=1)
    speeds = None
    if feet is not None:
        steps = np.linalg.norm(np.diff(feet.parts[..., [0, 2]], axis=0), axis=-1).min(axis=-1)
        speeds = np.concatenate([steps[:1], steps]) * body.motion.fps * 100
    raw = None if person.landmarks is None else raw_joints(person.landmarks)
    raw_lengths = None if raw is None else lengths(raw)
    if raw_lengths is not None:
        raw_lengths = raw_lengths[np.isfinite(raw_lengths).all(axis=1)]
    return Curves(
        times=times,
        state=body.motion.state,
        limbs=_limbs(body),
        hips=(body.at("leftUpperLeg") + body.at("rightUpperLeg")) / 2,
        facing=facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9),
        stands=None if feet is None else feet.stands,
        true_stands=None if truth is None else truth.contacts_at(times),
        places=None if feet is None else feet.parts[..., [0, 2]].mean(axis=2),
        heights=None if feet is None else feet.heights,
        speeds=speeds,
        jumps=jumps(body),
        true_height=None if truth is None else _true_height(truth, times),
        raw_lengths=raw_lengths if raw_lengths is not None and len(raw_lengths) else None,
        lengths=np.median(lengths(body.joints), axis=0),
        events=_events(person, motion, body),
        errors=None if truth is None else _errors(motion, body, truth),
    )


def _limbs(body: Body) -> dict[str, Array]:
    if (body.motion.confidence == 1).all():
        return {}
    return {limb: _confidence(body, limb) for limb in LIMBS}


def _confidence(body: Body, limb: str) -> Array:
    bones = [body.bones[name] for name in LIMBS[limb] if name in body.bones]
    index = [body.motion.skeleton.index(bone) for bone in bones]
    seen = body.motion.confidence[:, index].mean(axis=1) if index else np.zeros(len(body.motion))
    return np.where(unseen(body.motion, body.bones, limb), 0.0, seen)


def _true_height(truth: Truth, times: Array) -> Array:
    """(T,) [m] of the middle between the hip joints."""
    known = (times >= truth.times[0] - 1e-6) & (times <= truth.times[-1] + 1e-6)
    height = truth.at(times, ["leftUpperLeg", "rightUpperLeg"]).mean(axis=1)[:, 1]
    return np.where(known, height, np.nan)


def _events(person: Person, motion: Motion, body: Body) -> dict[str, Array]:
    leaping = metrics.leaps(motion.root, motion.times, motion.state == TrackState.TRACKED)
    events = {
        "leaps": motion.times[leaping],
        "left/right swaps": body.motion.times[exchanges(body)],
    }
    if person.landmarks is not None and raw_joints(person.landmarks) is not None:
        track = person.landmarks
        events["left/right swaps before"] = track.times[raw_exchanges(track)]
    return {name: times for name, times in events.items() if len(times)}


def _errors(motion: Motion, body: Body, truth: Truth) -> Errors:
    common, points, exact = in_common(motion, body, truth)
    assert points.shape[1] == len(JOINTS)
    found = metrics.errors(points, exact, HIPS)
    return Errors(motion.times[common], found.pa, found.root)


def thinned(times: Array, values: Array, count: int) -> tuple[Array, Array]:
    """At most about `count` points of a curve (T,) that looks the same.

    Of each stretch of time the lowest and the highest value stay, so that no peak is lost. A
    stretch without a value, NaN, stays a gap.
    """
    if len(times) <= count:
        return times, values
    edges = np.linspace(0, len(times), max(count // 2, 1) + 1).astype(int)
    kept: list[int] = []
    for a, b in itertools.pairwise(edges.tolist()):
        part = values[a:b]
        if not np.isfinite(part).any():
            kept.append(int(a))
            continue
        kept += sorted({int(a + np.nanargmin(part)), int(a + np.nanargmax(part))})
    return times[kept], values[kept]


def thinned_spans(times: Array, on: BoolArray, count: int) -> list[tuple[float, float]]:
    """Start and length [s] of the spans that are on (T,), told apart at `count` places at most."""
    if len(times) == 0:
        return []
    step = float(times[-1] - times[0]) / max(len(times) - 1, 1) or 1 / 30
    if len(times) > count:
        edges = np.linspace(0, len(times), count + 1).astype(int)
        on = np.add.reduceat(on.astype(int), edges[:-1]) * 2 > np.diff(edges)
        starts, step = times[edges[:-1]], step * len(times) / count
    else:
        starts = times
    return [(float(starts[a]), (b - a) * step) for a, b in metrics.spans(on)]
