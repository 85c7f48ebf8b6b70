"""Where joints were over time: as found, as solved, filtered, interpolated and compared."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mocap import metrics, rotation
from mocap.arrays import Array
from mocap.body_filters import Filter, Unfiltered
from mocap.errors import InvalidValue, UnknownName
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion
from mocap.render.figures import Actor, actors, placing
from mocap.report.body import JOINTS
from mocap.report.figures import raw_joints
from mocap.smoothing import smoothed
from mocap.take import Take
from mocap.truth import Truth

HIPS = ("leftUpperLeg", "rightUpperLeg")


@dataclass(frozen=True)
class Wanted:
    """What to plot.

    Attributes:
        joints: human names, as leftHand.
        start, stop: [s] the part of the take; None for all of it.
        fps: rate of an interpolated track; None for that of the take.
        interpolation: "linear" or "cubic"; None interpolates linearly if a rate is given, and
            else not at all.
        filter: what a filtered track goes through.
    """

    joints: tuple[str, ...]
    start: float | None = None
    stop: float | None = None
    fps: float | None = None
    interpolation: str | None = None
    filter: Filter = field(default_factory=Unfiltered)

    def __post_init__(self) -> None:
        if not self.joints:
            raise InvalidValue("plot: expected one joint or more, such as leftHand,rightFoot")
        if self.fps is not None and not 0 < self.fps <= 1000:
            raise InvalidValue(f"fps: expected a rate from 0 to 1000, got {self.fps}")
        if None not in (self.start, self.stop) and not self.start < self.stop:  # type: ignore[operator]
            raise InvalidValue(f"range: expected start before stop, got {self.start}, {self.stop}")


@dataclass(frozen=True, eq=False)
class Track:
    """One joint over time, in one way.

    Attributes:
        label: what it is.
        kind: "raw", "take", "filtered", "interpolated" or "other".
        times: (T,) [s].
        places: (T, 3) [m] +Y up, the floor at 0; NaN where nothing is known.
    """

    label: str
    kind: str
    times: Array
    places: Array


def tracks(
    take: Take, wanted: Wanted, other: Take | Truth | None = None, compared: str = "compared"
) -> dict[str, list[Track]]:
    """The tracks of each joint, of the first person of a take.

    Points as they were found have no place of their own: they are turned as one to fit the take,
    and their hips are put where the take has them.

    Raises:
        InvalidValue: nobody in the take moves, or nothing of it is in the range.
        UnknownName: there is no such joint.
    """
    actor = actors(take)[0]
    for name in wanted.joints:
        if name not in actor.names:
            raise UnknownName("joint", name, actor.names)
    found: dict[str, list[Track]] = {name: [] for name in wanted.joints}

    def add(label: str, kind: str, times: Array, names: tuple[str, ...], places: Array) -> None:
        first = -np.inf if wanted.start is None else wanted.start
        last = np.inf if wanted.stop is None else wanted.stop
        inside = (times >= first - 1e-6) & (times <= last + 1e-6)
        for name in wanted.joints:
            if name in names and inside.any():
                at = places[inside, names.index(name)]
                found[name].append(Track(label, kind, times[inside], at))

    landmarks = take.person(actor.id).landmarks
    raw = None if landmarks is None else raw_places(landmarks, actor)
    if landmarks is not None and raw is not None:
        add("as found", "raw", landmarks.times, tuple(JOINTS), raw)
    add("take", "take", actor.motion.times, actor.names, places_of(actor, actor.motion))
    motion = actor.motion
    if not isinstance(wanted.filter, Unfiltered):
        motion = smoothed(motion, wanted.filter)
        add(
            f"filtered, {wanted.filter}",
            "filtered",
            motion.times,
            actor.names,
            places_of(actor, motion),
        )
    if wanted.fps is not None or wanted.interpolation is not None:
        how = wanted.interpolation or "linear"
        even = motion.resampled(fps=wanted.fps or motion.fps, interpolation=how)
        label = f"{even.fps:.4g} per second, {how}"
        add(label, "interpolated", even.times, actor.names, places_of(actor, even))
    if other is not None:
        times, names, places = _compared(actor, other)
        add(compared, "other", times, names, places)
    if not any(found.values()):
        raise InvalidValue(
            f"range: nothing of the take is in it; it goes from {actor.motion.times[0]:.2f} to "
            f"{actor.motion.times[-1]:.2f} s"
        )
    return found


def places_of(actor: Actor, motion: Motion) -> Array:
    """(T, J, 3) [m] the bones of a motion of somebody, where they stand."""
    turn, shift = actor.place
    return rotation.rotate(turn, motion.fk()[0]) + shift


def raw_places(track: LandmarkTrack, actor: Actor) -> Array | None:
    """(T, 12, 3) [m] the JOINTS as they were found, where the take is; None if the landmarks have
    none of them."""
    raw = raw_joints(track)
    if raw is None or not set(JOINTS) <= set(actor.names):
        return None
    solved = places_of(actor, actor.motion.resampled(times=track.times))
    solved = solved[:, [actor.names.index(name) for name in JOINTS]]
    hips = [JOINTS.index(name) for name in HIPS]
    root = solved[:, hips].mean(axis=1, keepdims=True)
    raw = raw - raw[:, hips].mean(axis=1, keepdims=True)
    known = np.isfinite(raw).all(axis=(1, 2))
    if not known.any():
        return None
    target = solved - root
    _, turn = metrics.align(raw[known].reshape(-1, 3), target[known].reshape(-1, 3), scale=False)
    return np.asarray(raw @ turn.T + root)


def _compared(actor: Actor, other: Take | Truth) -> tuple[Array, tuple[str, ...], Array]:
    """Times, names and places of the joints of another take, or the truth, moved to the first."""
    if isinstance(other, Truth):
        times, names, places = other.times, other.names, other.positions
    else:
        them = actors(other)[0]
        times, names, places = them.motion.times, them.names, places_of(them, them.motion)
    common = [name for name in names if name in actor.names and name in JOINTS]
    mine = places_of(actor, actor.motion.resampled(times=times))
    place = placing(
        places[:, [names.index(name) for name in common]].reshape(-1, 3),
        mine[:, [actor.names.index(name) for name in common]].reshape(-1, 3),
    )
    return times, tuple(names), rotation.rotate(place[0], places) + place[1]
