"""Points of another detector in, a take out: no footage is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocap.capture import (
    ASSUMED,
    Captured,
    CaptureSettings,
    camera_for,
    made_of,
    note_on_people,
    notes_on_speed,
    solved,
)
from mocap.errors import InvalidValue
from mocap.keypoints import Keypoints, read_keypoints
from mocap.keypoints.openpose import SKIP
from mocap.landmarks import LandmarkTrack, Observation
from mocap.lifting import lift, never_seen, people_of
from mocap.smoothing import smoothed_take
from mocap.take import Take

if TYPE_CHECKING:
    from mocap.models.lifter import Lifter

UNKNOWN = "not known: of whoever made the points"


@dataclass(frozen=True)
class KeypointSettings:
    """What a file of points leaves open.

    Attributes:
        size: width and height of the pictures [px]; None where the file tells, or pictures lie
            beside it.
        broken: "skip" or "stop", for files of a folder that cannot be read.
        clip: which video, of an archive of several.
    """

    size: tuple[int, int] | None = None
    broken: str = SKIP
    clip: str | None = None


def capture_keypoints(
    path: str | Path,
    lifter: Lifter,
    settings: CaptureSettings | None = None,
    points: KeypointSettings | None = None,
) -> Captured:
    """Capture everyone wanted from the points of another detector.

    Args:
        path: as `read_keypoints` takes it.
        lifter: gives the points depth.
        settings: choices of the user, as for footage; `fps` is the rate of the frames.
        points: what the files leave open.

    Raises:
        FormatError: the points cannot be read.
        NoPerson: nobody is in them.
        InvalidValue: there is no such person, or nothing tells how large the pictures were.
    """
    settings, points = settings or CaptureSettings(), points or KeypointSettings()
    if settings.model is not None:
        raise InvalidValue("a pose model works on footage; these are points already")
    found = read_keypoints(
        path, size=points.size, fps=settings.fps, broken=points.broken, clip=points.clip
    )
    found = _within(found, settings)
    camera, camera_from = camera_for(found.size, settings.camera, settings.fov)
    wanted = settings.people or 1
    tracks, seen = people_of(found, wanted, settings.person)
    notes = [*found.notes]
    if settings.person is None:
        notes.extend(note_on_people(wanted, seen))
    lifted = [lift(track, lifter, camera) for track in tracks]
    notes.extend(notes_on_points(tracks, lifter))
    solving = replace(settings.solve, refine_focal=camera_from == ASSUMED)
    made = made_of(str(path), None, solving, camera, camera_from) | made_by(found, lifter)
    take: Take = smoothed_take(solved(lifted, camera, solving, made), settings.filter)
    return Captured(take, (*notes, *notes_on_speed(take)))


def notes_on_points(tracks: Sequence[LandmarkTrack], lifter: Lifter) -> list[str]:
    """Sentences about what a lifter lacks: depth to correct, or points that it needs of people."""
    blind = (
        f"all depth is from {lifter.name}, which was made to correct what a detector says of it; "
        "arms towards the camera may reach too far or too little"
    )
    return [blind] * lifter.corrects + [
        f"person {track.person}: {', '.join(missing)} never seen, which {lifter.name} needs; the "
        "depth of the rest may be far off"
        for track in tracks
        if (missing := never_seen(track, lifter))
    ]


def made_by(found: Keypoints, lifter: Lifter) -> dict[str, Any]:
    """Who found the points and who lifted them, for the files that carry it."""
    return {
        "estimator": {"name": found.detector, "model": found.layout.name, "licence": UNKNOWN},
        "lifter": {"name": lifter.name, "licence": lifter.licence, "alone": True},
    }


def _within(found: Keypoints, settings: CaptureSettings) -> Keypoints:
    """The frames from start to stop. Raises InvalidValue if there are none."""
    start, stop = settings.start or 0.0, settings.stop
    frames: tuple[Observation, ...] = tuple(
        f for f in found.frames if start <= f.t and (stop is None or f.t < stop)
    )
    if not frames:
        first, last = found.frames[0].t, found.frames[-1].t
        until = "the end" if stop is None else f"{stop:g} s"
        raise InvalidValue(
            f"no frames from {start:g} s to {until}; the points last from {first:g} to {last:g} s"
        )
    return replace(found, frames=frames)
