"""The main job: footage in, a take out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

import mocap
from mocap.camera import DEFAULT_FOV, Camera
from mocap.detect import Detected, Progress, detect, detect_in_parallel
from mocap.errors import InvalidValue
from mocap.estimators import open_estimator
from mocap.landmarks import LandmarkTrack
from mocap.people import follow
from mocap.solve import SolveSettings, solve
from mocap.sources import Source, open_source
from mocap.sources.video import VideoSource, timestamps
from mocap.take import Person, Take

SEARCHED = 4  # people to look for when one of several is to be chosen
MOST_WORKERS = 8  # each holds a model and a decoder in memory
WORTHWHILE = 240  # frames below which starting more processes costs more than it saves


@dataclass(frozen=True)
class CaptureSettings:
    """Choices about a capture.

    Attributes:
        people: how many people to keep.
        person: "largest", or the id of one person among several; None keeps those seen longest.
        model: a pose model file in place of the embedded one.
        workers: processes for a video file; None takes one for each core, 1 for short clips.
        fov: [degrees] across the long side of the picture.
        camera: a calibration file, which knows better than fov.
        start, stop: [s] range of the footage; for a live source, stop alone.
        fps: rate of a folder of images, or to ask a camera for.
        solve: how to solve.
    """

    people: int = 1
    person: str | None = None
    model: Path | None = None
    workers: int | None = None
    fov: float | None = None
    camera: Path | None = None
    start: float | None = None
    stop: float | None = None
    fps: float | None = None
    solve: SolveSettings = field(default_factory=SolveSettings)

    def __post_init__(self) -> None:
        if self.people < 1:
            raise InvalidValue(f"people: expected 1 or more, got {self.people}")
        if self.workers is not None and self.workers < 1:
            raise InvalidValue(f"workers: expected 1 or more, got {self.workers}")

    @property
    def searched(self) -> int:
        """How many people the estimator looks for."""
        return self.people if self.person is None else max(self.people, SEARCHED)


@dataclass(frozen=True)
class Captured:
    """A take and what its user should hear of.

    Attributes:
        take: everyone wanted, solved.
        notes: sentences about what was cut short, left out or assumed.
    """

    take: Take
    notes: tuple[str, ...]


def capture(
    source: str | Path,
    settings: CaptureSettings | None = None,
    start_progress: Callable[[str, int | None], Progress] = lambda *_: lambda _: None,
) -> Captured:
    """Capture everyone wanted from a video, camera, stream or folder of images.

    Args:
        source: as `open_source` takes it.
        settings: choices of the user.
        start_progress: called with what begins and how many frames it has (None if unknown);
            returns what is told of frames done.

    Raises:
        SourceError, EstimatorError: nothing could be read or estimated.
        NoPerson: nobody was found.
    """
    settings = settings or CaptureSettings()
    with open_source(source, start=settings.start, fps=settings.fps) as opened:
        detected = _detect(opened, settings, start_progress)
    tracks, found = follow(detected.sightings, detected.size, settings.people, settings.person)
    camera = camera_for(settings, detected.size)
    notes = []
    if detected.cut_short:
        notes.append(f"ended early: {detected.cut_short}; what came before is kept")
    if found > len(tracks) and settings.person is None:
        notes.append(
            f"{found} people were seen, the {len(tracks)} seen longest kept; "
            f"--people {found} keeps all, --person chooses one"
        )
    made = made_of(str(source), settings, camera)
    return Captured(solved(tracks, camera, settings.solve, made), tuple(notes))


def capture_landmarks(take: Take, settings: CaptureSettings | None = None) -> Captured:
    """Solve the landmarks of a recorded take again, through its own camera if none is given.

    Raises:
        InvalidValue: the take has no landmarks, or not the person asked for.
    """
    settings = settings or CaptureSettings()
    tracks = [p.landmarks for p in take.people if p.landmarks is not None]
    if not tracks:
        raise InvalidValue("the take holds no landmarks to solve from, only solved motion")
    if settings.person is not None and settings.person.isdigit():
        tracks = [t for t in tracks if str(t.person) == settings.person]
        if not tracks:
            ids = [p.id for p in take.people]
            raise InvalidValue(f"no person {settings.person} in the take; there are {ids}")
    recorded = take.made.get("camera")
    if settings.fov is None and settings.camera is None and recorded is not None:
        camera = Camera.from_dict(recorded)
    else:
        camera = camera_for(settings, tracks[0].size)
    made = {**take.made, "camera": camera.to_dict(), "solve": asdict(settings.solve)}
    return Captured(solved(tracks, camera, settings.solve, made), ())


def camera_for(settings: CaptureSettings, size: tuple[int, int]) -> Camera:
    """The camera the user describes, or the usual guess."""
    if settings.camera is not None:
        return Camera.load(settings.camera, size)
    return Camera.from_fov(size, DEFAULT_FOV if settings.fov is None else settings.fov)


def solved(
    tracks: Sequence[LandmarkTrack], camera: Camera, settings: SolveSettings, made: dict[str, Any]
) -> Take:
    """The take of these tracks, solved."""
    motions = solve(tracks, camera, settings)
    people = tuple(
        Person(track.person, motion, track) for track, motion in zip(tracks, motions, strict=True)
    )
    return Take(people, made)


def made_of(source: str, settings: CaptureSettings, camera: Camera) -> dict[str, Any]:
    """How a take came about, for the files that carry it."""
    return {
        "software": f"mocap {mocap.__version__}",
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "source": Path(source).name or source,
        "estimator": {
            "name": "blazepose",
            "model": "full, embedded" if settings.model is None else settings.model.name,
            "licence": "Apache-2.0",
        },
        "camera": camera.to_dict(),
        "solve": asdict(settings.solve),
    }


def _detect(
    source: Source,
    settings: CaptureSettings,
    start_progress: Callable[[str, int | None], Progress],
) -> Detected:
    if isinstance(source, VideoSource) and _workers(settings, source.frame_count) > 1:
        times = timestamps(source.name)
        first, last = settings.start or 0.0, np.inf if settings.stop is None else settings.stop
        times = times[(times >= first) & (times < last)]
        workers = _workers(settings, len(times))
        if workers > 1:
            progress = start_progress(f"{workers} workers", len(times))
            return detect_in_parallel(
                Path(source.name),
                times,
                source.size,
                workers,
                settings.searched,
                settings.model,
                progress,
            )
    with open_estimator(people=settings.searched, model=settings.model) as estimator:
        progress = start_progress(estimator.name, source.frame_count)
        return detect(source, estimator, progress, settings.stop)


def _workers(settings: CaptureSettings, frames: int | None) -> int:
    """How many processes are worth starting for a clip."""
    if settings.workers is not None:
        return min(settings.workers, max(1, (frames or 1) // 2))
    # a model started in the middle may need long to find everyone, so several people are
    # followed from the beginning unless the user says otherwise
    if frames is None or frames < WORTHWHILE or settings.searched > 1:
        return 1
    return min(os.cpu_count() or 1, MOST_WORKERS, frames // (WORTHWHILE // 2))
