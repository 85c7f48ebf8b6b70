"""Who is who: stable person ids over the frames of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mocap.arrays import Array
from mocap.estimators.appearance import likeness
from mocap.landmarks import Landmarks, Observation

# Keypoint similarity exp(-d^2 / 2 (s k)^2): k as a share of the person's size s. Wider than the
# COCO sigmas, since a prediction is compared with the next frame, not a label with a label.
KEYPOINT_SIGMA = 0.12
SIGMA_GROWTH = 1.0  # per second unseen: how fast a prediction becomes vague
DUPLICATE = 0.4  # two detections more similar than this are one person seen twice
MATCH = 0.25  # least score (similarity and looks) that continues a track
RETURN_LIKENESS = 0.75  # least likeness of clothes for someone who comes back elsewhere
SOLE_LIKENESS = 0.45  # the same near where they were lost, or when nobody else was ever seen
KNOWN = 5  # sightings after which someone may be known again when they come back
MOST_KNOWN = 32  # people remembered while they are away, and
LONG_KNOWN = 300  # sightings from which it counts only how lately they were here
SHORT_LOSS = 1.0  # [s] up to which position counts; later only looks do
NEAR = 0.5  # sizes a person may be off the prediction at once, and
SPEED = 4.0  # sizes per second: nobody who moved faster than that is the same person
VELOCITY_SHARE = 0.3  # of each new velocity in the running one
LOOKS_SHARE = 0.1  # of each new look in the running one


@dataclass
class _Track:
    id: int
    t: float
    image: Array
    confidence: Array
    velocity: Array = field(default_factory=lambda: np.zeros(2))
    looks: Array | None = None
    sightings: int = 0


def size_of(points: Array, confidence: Array) -> float:
    """[px] diagonal of the box around the points that were seen, or all if none was."""
    seen = points[confidence > 0.3] if (confidence > 0.3).any() else points
    return float(np.hypot(*np.ptp(seen, axis=0))) + 1.0


def similarity(a: Array, b: Array, weights: Array, size: float, sigma: float) -> float:
    """Keypoint similarity in [0, 1] of points (K, 2) with weights (K,)."""
    distance2 = np.sum((a - b) ** 2, axis=-1)
    close = np.exp(-distance2 / (2.0 * (size * sigma) ** 2))
    return float(np.sum(weights * close) / max(np.sum(weights), 1e-9))


class Tracker:
    """Gives detections the ids of the people they belong to.

    Predictions at constant velocity are matched to detections by keypoint similarity and by
    the colours of clothes, best total first (Hungarian algorithm). Whoever was away and comes
    back elsewhere is known again by looks alone. What was seen a few times only is soon
    forgotten, and so are the least known of very many, but no id is given twice.
    """

    def __init__(self) -> None:
        self._tracks: dict[int, _Track] = {}
        self._next_id = 0

    def reset(self) -> None:
        """Forget everyone; ids start at 0 again."""
        self._tracks, self._next_id = {}, 0

    def update(self, t: float, detections: Sequence[Landmarks]) -> Observation:
        """The detections of the frame at time t [s], duplicates dropped, each with its id."""
        found = without_duplicates(detections)
        ids: list[int | None] = [None] * len(found)
        free = self._match(t, found, ids)
        self._recognise(t, found, ids, free)
        people = []
        for person, id in zip(found, ids, strict=True):
            track = self._begin(t, person) if id is None else self._tracks[id]
            self._continue(track, t, person)
            people.append(person.with_person(track.id))
        self._forget(t)
        return Observation(t, tuple(sorted(people, key=lambda p: p.person)))

    def _begin(self, t: float, person: Landmarks) -> _Track:
        track = _Track(self._next_id, t, person.image, person.confidence)
        self._tracks[track.id] = track
        self._next_id += 1
        return track

    def _forget(self, t: float) -> None:
        """Keep those who may still be continued or known again."""
        away = [k for k in self._tracks.values() if t - k.t > SHORT_LOSS]
        away.sort(key=lambda k: (min(k.sightings, LONG_KNOWN), k.t), reverse=True)
        for place, track in enumerate(away):
            if track.sightings < KNOWN or place >= MOST_KNOWN:
                del self._tracks[track.id]

    def _match(self, t: float, found: list[Landmarks], ids: list[int | None]) -> list[_Track]:
        """Continue the tracks lately seen; returns the tracks that found no detection."""
        # imported late: worker processes estimate only, and loading it takes them a while
        from scipy.optimize import linear_sum_assignment

        recent = [k for k in self._tracks.values() if t - k.t <= SHORT_LOSS]
        scores = np.array([[score(k, t, p) for p in found] for k in recent])
        taken = set()
        if scores.size:
            for row, column in zip(*linear_sum_assignment(scores, maximize=True), strict=True):
                if scores[row, column] >= MATCH:
                    ids[column] = recent[row].id
                    taken.add(recent[row].id)
        return [k for k in self._tracks.values() if k.id not in taken]

    def _recognise(
        self, t: float, found: list[Landmarks], ids: list[int | None], free: list[_Track]
    ) -> None:
        """Give detections without a track the id of someone away, by place and looks."""
        alone = self._next_id == 1  # nobody else was ever seen
        pairs = []
        for i, person in enumerate(found):
            for track in free if ids[i] is None else []:
                reached = reach(track, t, person)
                if reached > 1:
                    continue
                just_lost = t - track.t <= SHORT_LOSS
                if not just_lost and track.sightings < KNOWN:
                    continue
                least = SOLE_LIKENESS if just_lost or alone else RETURN_LIKENESS
                alike = _likeness(track, person)
                if alike is None:  # nothing to see: believe it if there is no other choice
                    alike = least if just_lost or alone else 0.0
                if alike >= least:
                    pairs.append((alike - reached if just_lost else alike, i, track.id))
        for _, i, id in sorted(pairs, reverse=True):
            if ids[i] is None and id not in ids:
                ids[i] = id

    @staticmethod
    def _continue(track: _Track, t: float, person: Landmarks) -> None:
        dt = t - track.t
        if 0 < dt <= SHORT_LOSS:
            both = np.minimum(track.confidence, person.confidence)[:, None] + 1e-3
            moved = np.sum((person.image - track.image) * both, axis=0) / np.sum(both) / dt
            track.velocity = track.velocity + VELOCITY_SHARE * (moved - track.velocity)
        elif dt > 0:
            track.velocity = np.zeros(2)
        if person.appearance is not None and person.appearance.any():
            old = person.appearance if track.looks is None else track.looks
            # the running mean is of bin shares, whose square roots are stored
            share = (1 - LOOKS_SHARE) * old**2 + LOOKS_SHARE * person.appearance**2
            track.looks = np.sqrt(share)
        track.sightings += 1
        track.t, track.image, track.confidence = t, person.image, person.confidence


def _likeness(track: _Track, person: Landmarks) -> float | None:
    if track.looks is None or person.appearance is None:
        return None
    return likeness(track.looks, person.appearance)


def score(track: _Track, t: float, person: Landmarks) -> float:
    """How well a detection continues a track, in [0, 1]: similarity, weighed by looks.

    Looks only decide between people who are in the right place, as where two cross.
    """
    dt = t - track.t
    predicted = track.image + track.velocity * min(dt, 0.3)
    weights = np.minimum(track.confidence, person.confidence) + 0.05
    size = size_of(track.image, track.confidence)
    sigma = KEYPOINT_SIGMA * (1 + SIGMA_GROWTH * dt)
    close = similarity(predicted, person.image, weights, size, sigma)
    alike = _likeness(track, person)
    return close if alike is None else close * (0.3 + 0.7 * alike)


def reach(track: _Track, t: float, person: Landmarks) -> float:
    """How far a detection is from where a track must be by now: above 1 is out of reach."""
    dt = t - track.t
    size = size_of(track.image, track.confidence)
    predicted = np.mean(track.image, axis=0) + track.velocity * min(dt, 0.3)
    distance = float(np.linalg.norm(np.mean(person.image, axis=0) - predicted))
    return distance / size / (NEAR + SPEED * dt)


def without_duplicates(detections: Sequence[Landmarks]) -> list[Landmarks]:
    """The detections, most confident first, less those that repeat an earlier one."""
    kept: list[Landmarks] = []
    for person in sorted(detections, key=lambda p: -float(np.mean(p.confidence))):
        size = size_of(person.image, person.confidence)
        weights = person.confidence + 0.05
        if all(
            similarity(person.image, k.image, weights, size, KEYPOINT_SIGMA) < DUPLICATE
            for k in kept
        ):
            kept.append(person)
    return kept
