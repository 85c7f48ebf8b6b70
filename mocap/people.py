"""Who of those seen is wanted: sightings of everyone to the tracks of the people to capture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mocap.detect import Sighting
from mocap.errors import InvalidValue, NoPerson
from mocap.estimators import Tracker
from mocap.landmarks import LandmarkTrack, Observation
from mocap.nobody import without_things

LARGEST = "largest"
GHOST = 0.25  # [s] whoever is seen for less, beside others, is taken for a mistake


def follow(
    sightings: Sequence[Sighting],
    size: tuple[int, int],
    people: int = 1,
    person: str | None = None,
) -> tuple[list[LandmarkTrack], int]:
    """Tracks of the people to capture, numbered in order of appearance, and how many there were.

    Args:
        sightings: in order of time.
        size: of the pictures [px].
        people: how many to keep: those seen for longest.
        person: LARGEST keeps only the one who fills most of the picture, a number only the
            one with this id.

    Raises:
        NoPerson: nobody was seen.
        InvalidValue: there is no person of this id; the message lists those there are.
    """
    tracker = Tracker()
    observations = [tracker.update(s.t, s.people) for s in without_things(sightings)]
    tracks = tracks_of(observations, size)
    if not tracks:
        raise NoPerson(
            f"nobody was found in {len(sightings)} frames of {size[0]}x{size[1]} pixels; people "
            "must be mostly in the picture and at least a fifth of its height"
        )
    return kept(tracks, people, person), len(tracks)


def kept(
    tracks: Sequence[LandmarkTrack], people: int = 1, person: str | None = None
) -> list[LandmarkTrack]:
    """The tracks of the people to capture, as `follow`. Raises InvalidValue."""
    if person is not None:
        return [choose(tracks, person)]
    longest = sorted(tracks, key=seconds_seen, reverse=True)[:people]
    return sorted(longest, key=lambda track: track.person)


def tracks_of(observations: Sequence[Observation], size: tuple[int, int]) -> list[LandmarkTrack]:
    """A track for everyone who was there, mistakes apart, numbered in order of appearance."""
    ids = sorted({p.person for o in observations for p in o.people})
    every = [LandmarkTrack.from_observations(observations, i, size) for i in ids]
    real = [t for t in every if seconds_seen(t) >= GHOST] or every[:1]
    return [replace(track, person=i) for i, track in enumerate(real)]


def seconds_seen(track: LandmarkTrack) -> float:
    """[s] for how long the person was in the picture; a lone frame counts for 1/30 s."""
    if len(track) < 2:
        return 1 / 30
    return float(np.sum(track.present) * np.median(np.diff(track.times)))


def choose(tracks: Sequence[LandmarkTrack], person: str) -> LandmarkTrack:
    """One of several people: the largest, or the one with this id.

    Raises:
        InvalidValue: there is no person of this id; the message lists those there are.
    """
    if person == LARGEST:
        return max(tracks, key=_filled)
    for track in tracks:
        if person == str(track.person):
            return track
    raise InvalidValue(
        f"no person {person}; found: {', '.join(str(t.person) for t in tracks)}, numbered in order "
        f"of appearance, or {LARGEST!r}"
    )


def _filled(track: LandmarkTrack) -> float:
    """[px s] how large and for how long a person was seen."""
    points = track.image[track.present]
    box = np.nanmax(points, axis=1) - np.nanmin(points, axis=1)
    return float(np.sum(np.linalg.norm(box, axis=-1)))
