"""From points without depth to landmarks that can be solved: the seam between detectors, lifters
and the solve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.completion import completed
from mocap.errors import InvalidValue, NoPerson
from mocap.estimators import Tracker
from mocap.keypoints import Keypoints
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, LandmarkTrack, Layout, Observation
from mocap.layouts import available, mapped, track_in
from mocap.lifted import Lifted
from mocap.people import kept, tracks_of

if TYPE_CHECKING:
    from mocap.models.lifter import Lifter

AHEAD = np.array([0.0, 0.0, -1.0])
EARS = Layout("ears", ("head",))  # the middle between them
POSE = Layout(
    "pose",
    tuple(
        f"{side}_{joint}"
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)
LEAST = 0.1  # confidence of a point that tells where somebody is


def people_of(
    keypoints: Keypoints, people: int = 1, person: str | None = None
) -> tuple[list[LandmarkTrack], int]:
    """Tracks of the people to capture, numbered in order of appearance, and how many there were.

    Whom the detector did not follow itself is followed here.

    Args:
        keypoints: of everyone.
        people, person: whom to keep, as `people.follow`.

    Raises:
        NoPerson: nobody was seen.
        InvalidValue: there is no person of this id; the message lists those there are.
    """
    frames = keypoints.frames if keypoints.tracked else followed(keypoints.frames)
    tracks = tracks_of(frames, keypoints.size)
    if not tracks:
        raise NoPerson(f"nobody is in any of the {len(frames)} frames of {keypoints.detector}")
    return kept(tracks, people, person), len(tracks)


def followed(frames: Sequence[Observation]) -> tuple[Observation, ...]:
    """The same people under ids that last from frame to frame."""
    tracker = Tracker()
    found = []
    for frame in frames:
        # the tracker wants every point; those not seen have no weight in the middle of the rest
        whole = [replace(p, image=_without_holes(p)) for p in frame.people]
        seen = tracker.update(frame.t, whole)
        found.append(Observation(frame.t, tuple(map(_with_holes, seen.people))))
    return tuple(found)


def _without_holes(person: Landmarks) -> Array:
    seen = person.confidence > 0
    return np.where(seen[:, None], person.image, person.image[seen].mean(axis=0))


def _with_holes(person: Landmarks) -> Landmarks:
    seen = person.confidence > 0
    return replace(person, image=np.where(seen[:, None], person.image, np.nan))


def without_gaps(track: LandmarkTrack) -> LandmarkTrack:
    """A track without NaN, as networks want it; confidence stays 0 where nothing was seen.

    A point without a place is between where it was before and after, constant at the ends; one
    that never had any is in the middle of those that had. Guesses, which have a place and no
    confidence, as of legs out of the picture, are left to the network. The corner of the picture
    without confidence is no guess but a detector's way to say that it has none.

    Raises:
        InvalidValue: no point was ever seen.
    """
    known = np.isfinite(track.image).all(axis=-1)
    known &= (track.confidence > 0) | track.image.any(axis=-1)
    if not (known & (track.confidence > 0)).any():
        raise InvalidValue(f"person {track.person}: no point was ever seen")
    image = np.where(known[..., None], track.image, np.nan)
    ever = known.any(axis=0)
    for k in np.flatnonzero(ever & ~known.all(axis=0)):
        at = known[:, k]
        for axis in range(2):
            image[:, k, axis] = np.interp(track.times, track.times[at], image[at, k, axis])
    image[:, ~ever] = image[:, ever].mean(axis=1, keepdims=True)
    return replace(track, image=image, confidence=np.where(known, track.confidence, 0.0))


def say(track: LandmarkTrack, lifter: Lifter, camera: Camera | None = None) -> Lifted:
    """What a lifter says of a track of any layout, in the view axes of the camera.

    Args:
        track: the points.
        lifter: of any input layout.
        camera: what the points were seen through, for lifters that see people straight ahead.

    Raises:
        InvalidValue: the points lack some that the lifter needs, or were never seen; or it gives
            no pose.
    """
    require_fit(track.layout, lifter)
    said = lifter(without_gaps(track_in(track, lifter.inputs)), camera)
    if not np.array_equal(said.times, track.times):
        raise InvalidValue(f"{lifter.name}: gave joints at other times than those of the points")
    if lifter.straight and camera is not None:
        turn = rotation.between(AHEAD, sight(track, camera))
        said = replace(said, positions=rotation.rotate(turn[:, None], said.positions))
    return said


def require_fit(layout: Layout, lifter: Lifter) -> None:
    """Raise InvalidValue unless points of a layout tell all that a lifter needs, and it gives the
    joints that make a pose."""
    told = available(layout, lifter.inputs)
    missing = [point for point in lifter.needed if point not in told]
    if missing:
        raise InvalidValue(
            f"{lifter.name}: takes points of {lifter.inputs.name} and needs {', '.join(missing)}, "
            f"which points of {layout.name} do not tell; take a lifter for such points, as mocap "
            "weights list tells"
        )
    if len(available(lifter.outputs, POSE)) < len(POSE):
        raise InvalidValue(
            f"{lifter.name}: gives {', '.join(lifter.outputs.points)}, which is no pose; take "
            "another lifter, as mocap weights list tells"
        )


def never_seen(track: LandmarkTrack, lifter: Lifter) -> tuple[str, ...]:
    """The points that a lifter needs and that are in no frame of a track."""
    _, sure = mapped(track.image, track.confidence, track.layout, lifter.inputs)
    seen = (sure > 0).any(axis=0)
    return tuple(point for point in lifter.needed if not seen[lifter.inputs.index(point)])


def lift(track: LandmarkTrack, lifter: Lifter, camera: Camera) -> LandmarkTrack:
    """A track with the depth that a lifter gives it, in the layout that the solve knows.

    Args:
        track: of any layout.
        lifter: of any layouts.
        camera: what the points were seen through.

    Returns:
        Image points are those of the track. World points are the lifter's, as if the camera
        looked straight at the person, as Landmarks has them. A point is as sure as the points
        in the picture that it comes from; confidence 0 where the lifter or the picture lacks it.
    """
    return landmarks_of(track, say(track, lifter, camera), camera)


def landmarks_of(track: LandmarkTrack, said: Lifted, camera: Camera) -> LandmarkTrack:
    """A track in the layout that the solve knows, its world points those of a lifter; see
    `lift`."""
    flat = track_in(replace(track, world=None), MEDIAPIPE_POSE)
    joints = Layout("lifted", said.names)
    _, seen = mapped(track.image, track.confidence, track.layout, joints)
    places = said.positions
    if {"left_hip", "right_hip"} <= set(said.names):
        hips = [said.names.index("left_hip"), said.names.index("right_hip")]
        places = places - places[:, hips].mean(axis=1, keepdims=True)
    away = rotation.inv(rotation.between(AHEAD, sight(flat, camera)))
    places = rotation.rotate(away[:, None], places)
    world, sure = mapped(places, seen, joints, MEDIAPIPE_POSE)
    both = np.minimum(sure, flat.confidence)
    ears, known = mapped(places, seen, joints, EARS)
    head = np.where(known > 0, ears[:, 0], np.nan)
    return completed(replace(flat, world=world, confidence=both), flat.confidence, head)


def sight(track: LandmarkTrack, camera: Camera) -> Array:
    """(T, 3) unit directions from the camera to the person, straight ahead where not seen."""
    known = np.isfinite(track.image).all(axis=-1) & (track.confidence >= LEAST)
    rays = camera.rays(np.where(known[..., None], track.image, 0.0))
    weights = np.where(known, track.confidence, 0.0)[..., None]
    total = np.sum(rays * weights, axis=1)
    return rotation.unit(np.where(known.any(axis=1)[:, None], total, AHEAD))
