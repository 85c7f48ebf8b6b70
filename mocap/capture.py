"""The main job: footage in, a take out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

import mocap
from mocap.body_filters import Filter, Unfiltered
from mocap.camera import DEFAULT_FOV, Camera
from mocap.detect import Detected, Progress, detect, detect_in_parallel
from mocap.errors import InvalidValue, SourceError
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.lifting import require_fit, say
from mocap.lookout import open_for
from mocap.models import Lifter, own_lifter
from mocap.motion import TrackState
from mocap.people import LARGEST, choose, follow
from mocap.smoothing import smoothed_take
from mocap.solve import SolveSettings, solve
from mocap.sources import Source, open_source
from mocap.sources.base import require_range
from mocap.sources.video import VideoSource, timestamps
from mocap.stillness import CameraMotion, camera_motion
from mocap.take import Person, Take

MOST_WORKERS = 8  # each holds a model and a decoder in memory
FASTEST = 13.0  # [m/s] nobody runs faster
WORTHWHILE = 240  # frames below which starting more processes costs more than it saves

# who told of the camera
FILE, OPTION, METADATA, ASSUMED = "file", "option", "metadata", "assumed"

ShowProgress = Callable[[str, int | None], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class CaptureSettings:
    """Choices about a capture.

    Attributes:
        people: how many people to keep: of footage those seen longest, 1 if None; of a take the
            first, all if None.
        person: "largest", or the id of one person among several; None keeps `people`.
        model: a pose model file in place of the embedded one.
        workers: processes for a video file; None takes one for each core, 1 for short clips.
        fov: [degrees] across the long side of the picture.
        camera: a calibration file, which knows better than fov.
        start, stop: [s] range of the footage; for a live source, stop alone.
        fps: rate of a folder of images, or to ask a camera for.
        solve: how to solve.
        filter: what the motion goes through after the solve.
        lifter: adds what it says of depth to what the estimator says, our own unless another is
            given; None leaves it at that.
    """

    people: int | None = None
    person: str | None = None
    model: Path | None = None
    workers: int | None = None
    fov: float | None = None
    camera: Path | None = None
    start: float | None = None
    stop: float | None = None
    fps: float | None = None
    solve: SolveSettings = field(default_factory=SolveSettings)
    filter: Filter = field(default_factory=Unfiltered)
    lifter: Lifter | None = field(default_factory=own_lifter)

    def __post_init__(self) -> None:
        if self.people is not None and self.people < 1:
            raise InvalidValue(f"people: expected 1 or more, got {self.people}")
        if self.people is not None and self.person is not None:
            raise InvalidValue("people and person: expected one of them, got both")
        if self.person is not None and self.person != LARGEST and not self.person.isdecimal():
            raise InvalidValue(
                f"person: expected {LARGEST!r} or a number (0 is the first to appear), "
                f"got {self.person!r}"
            )
        if self.workers is not None and self.workers < 1:
            raise InvalidValue(f"workers: expected 1 or more, got {self.workers}")
        require_range(self.start or 0.0, self.stop)

    @property
    def alone(self) -> bool:
        """Whether one person is wanted, whoever it is."""
        return self.person is None and (self.people or 1) == 1


@dataclass(frozen=True)
class Captured:
    """A take and what its user should hear of.

    Attributes:
        take: everyone wanted, solved.
        notes: sentences about what was cut short, left out or assumed.
        interrupted: from the keyboard; the take holds what came before.
    """

    take: Take
    notes: tuple[str, ...] = ()
    interrupted: bool = False


def capture(
    source: str | Path,
    settings: CaptureSettings | None = None,
    show_progress: ShowProgress = lambda *_: nullcontext(lambda _: None),
) -> Captured:
    """Capture everyone wanted from a video, camera, stream or folder of images.

    Args:
        source: as `open_source` takes it.
        settings: choices of the user.
        show_progress: called with what begins and how many frames it has (None if unknown);
            gives, while it lasts, what is told of frames done.

    Raises:
        SourceError, EstimatorError: nothing could be read or estimated.
        NoPerson: nobody was found.
        InvalidValue: there is no such person, or the lifter makes no pose of such points.
        KeyboardInterrupt: interrupted before anything was seen.
    """
    settings = settings or CaptureSettings()
    if settings.lifter is not None:
        require_fit(MEDIAPIPE_POSE, settings.lifter)  # before minutes of estimating
    with open_source(source, start=settings.start, fps=settings.fps) as opened:
        camera, camera_from = camera_for(
            opened.size, settings.camera, settings.fov, opened.focal_35mm
        )
        detected = _detect(opened, settings, show_progress)
    if not detected.sightings:
        if detected.interrupted:
            raise KeyboardInterrupt
        until = "the end" if settings.stop is None else f"{settings.stop:g} s"
        raise SourceError(f"{source}: no pictures from {settings.start or 0:g} s to {until}")
    wanted = settings.people or 1
    tracks, found = follow(detected.sightings, detected.size, wanted, settings.person)
    notes = []
    if detected.cut_short:
        last = detected.sightings[-1].t
        notes.append(
            f"ended early, at {last:.2f} s: {detected.cut_short}; what came before is kept"
        )
    if settings.person is None:
        notes.extend(note_on_people(wanted, found))
    if camera_from == METADATA:
        notes.append(
            f"the footage says that its lens sees {camera.fov:.0f} degrees across the long side "
            f"({opened.focal_35mm:g} mm on 35 mm film), which is taken for true; "
            "if you know better, give --fov or --camera"
        )
    solving = replace(settings.solve, refine_focal=camera_from == ASSUMED)
    made = made_of(str(source), settings.model, solving, camera, camera_from)
    motion = camera_motion([s.glimpse for s in detected.sightings if s.glimpse is not None])
    if motion is not None:
        made["camera_motion"] = motion.to_dict()
        notes.extend(_note_on_camera(motion))
    take = smoothed_take(solved(tracks, camera, solving, made, settings.lifter), settings.filter)
    notes.extend(notes_on_speed(take))
    return Captured(take, tuple(notes), detected.interrupted)


def note_on_people(wanted: int, found: int) -> list[str]:
    """A sentence if more or fewer people were seen than are wanted."""
    if found > wanted:
        kept = "the one" if wanted == 1 else f"the {wanted}"
        return [
            f"{found} people were seen and {kept} seen longest kept; "
            f"--people {found} keeps all, --person chooses one"
        ]
    if found < wanted:
        seen = "only one person was" if found == 1 else f"only {found} people were"
        return [f"{seen} seen, {wanted} were asked for"]
    return []


def _note_on_camera(motion: CameraMotion) -> list[str]:
    if not motion.spans:
        return []
    when = " and ".join(
        f"at {begin:.1f} s" if end - begin < 0.5 else f"from {begin:.1f} to {end:.1f} s"
        for begin, end in motion.spans[:3]
    )
    more = f" and {len(motion.spans) - 3} more times" if len(motion.spans) > 3 else ""
    return [
        f"the camera seems to move {when}{more} (by about {motion.largest:.0f} pixels); people "
        "seem to travel the other way then; put the camera on a tripod"
    ]


def capture_landmarks(take: Take, settings: CaptureSettings | None = None) -> Captured:
    """Solve the landmarks of a recorded take again, with its own camera and height if none are
    given.

    Landmarks that have their depth from a lifter keep it, whatever lifter is given.

    Raises:
        InvalidValue: the take has no landmarks, none in this range, or not the person asked for.
    """
    settings = settings or CaptureSettings()
    if settings.model is not None:
        raise InvalidValue("a pose model works on footage; a take has its landmarks already")
    tracks = [p.landmarks for p in take.people if p.landmarks is not None]
    if not tracks:
        raise InvalidValue(
            "the take holds no landmarks to solve from, only solved motion; "
            "mocap convert brings that to other files and skeletons"
        )
    tracks = [_within(track, settings) for track in tracks]
    if settings.person is not None:
        tracks = [choose(tracks, settings.person)]
    tracks = tracks[: settings.people]
    recorded = take.made.get("camera")
    solving = settings.solve
    if solving.height is None:
        solving = replace(solving, height=_recorded_height(take))
    made = dict(take.made)
    made.pop("filter", None)  # it was of the earlier motion
    if settings.fov is None and settings.camera is None and recorded is not None:
        camera = Camera.from_dict(recorded)
    else:
        camera, made["camera_from"] = camera_for(tracks[0].size, settings.camera, settings.fov)
    made["camera"] = camera.to_dict()
    solving = replace(solving, refine_focal=made.get("camera_from") == ASSUMED)
    made["solve"] = solving.to_dict()
    lifter = settings.lifter
    if depth_of_lifter(take):
        lifter = None
    else:
        made.pop("lifter", None)  # it was of the earlier motion
    take = solved(tracks, camera, solving, made, lifter)
    return Captured(smoothed_take(take, settings.filter))


def depth_of_lifter(take: Take) -> bool:
    """Whether the landmarks of a take have their depth from a lifter, which need not say it
    again."""
    lifter = take.made.get("lifter")
    return isinstance(lifter, Mapping) and bool(lifter.get("alone"))


def _recorded_height(take: Take) -> float | None:
    """[m] how tall a user said that everyone in a take is, None if nobody did."""
    solve = take.made.get("solve")
    height = solve.get("height") if isinstance(solve, Mapping) else None
    return float(height) if isinstance(height, (int, float)) else None


def _within(track: LandmarkTrack, settings: CaptureSettings) -> LandmarkTrack:
    """The part of a track from start to stop. Raises InvalidValue if there is none."""
    first, last = settings.start or 0.0, np.inf if settings.stop is None else settings.stop
    inside = (track.times >= first) & (track.times < last)
    if not inside.any():
        raise InvalidValue(
            f"range: nothing of the take is from {first:g} s on and before {last:g} s; "
            f"it goes from {track.times[0]:.2f} to {track.times[-1]:.2f} s"
            if len(track)
            else "the take is empty"
        )
    return replace(
        track,
        times=track.times[inside],
        image=track.image[inside],
        world=None if track.world is None else track.world[inside],
        confidence=track.confidence[inside],
    )


def camera_for(
    size: tuple[int, int],
    file: Path | None = None,
    fov: float | None = None,
    focal_35mm: float | None = None,
) -> tuple[Camera, str]:
    """The camera, and who told of it: FILE, OPTION, METADATA or ASSUMED, in this order.

    Args:
        size: of the pictures [px].
        file: calibration of a user.
        fov: [degrees] across the long side, of a user.
        focal_35mm: [mm] 35 mm equivalent that the footage tells of; None if it tells nothing.
    """
    if file is not None:
        return Camera.load(file, size), FILE
    if fov is not None:
        return Camera.from_fov(size, fov), OPTION
    if focal_35mm is not None:
        return Camera.from_focal_35mm(size, focal_35mm), METADATA
    return Camera.from_fov(size, DEFAULT_FOV), ASSUMED


def solved(
    tracks: Sequence[LandmarkTrack],
    camera: Camera,
    settings: SolveSettings,
    made: dict[str, Any],
    lifter: Lifter | None = None,
) -> Take:
    """The take of these tracks, solved, also by what a lifter says of them."""
    said = None
    if lifter is not None:
        said = [say(track, lifter, camera) for track in tracks]
        made = {**made, "lifter": {"name": lifter.name, "licence": lifter.licence}}
    motions = solve(tracks, camera, settings, said)
    people = tuple(
        Person(track.person, motion, track) for track, motion in zip(tracks, motions, strict=True)
    )
    return Take(people, made)


def made_of(
    source: str,
    model: Path | None,
    solving: SolveSettings,
    camera: Camera,
    camera_from: str,
) -> dict[str, Any]:
    """How a take came about, for the files that carry it."""
    return {
        "software": f"mocap {mocap.__version__}",
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "source": public_name(source),
        "estimator": {
            "name": "blazepose",
            "model": "full, embedded" if model is None else model.name,
            "licence": "Apache-2.0",
        },
        "camera": camera.to_dict(),
        "camera_from": camera_from,
        "solve": solving.to_dict(),
    }


def notes_on_speed(take: Take) -> list[str]:
    """A sentence for everyone who moves as nobody can: then it is not one person all the time."""
    notes = []
    for person in take.people:
        if person.motion is None or len(person.motion) < 2:
            continue
        motion = person.motion
        speed = np.linalg.norm(np.diff(motion.root, axis=0), axis=1) / np.diff(motion.times)
        tracked = motion.state == TrackState.TRACKED
        leaps = np.flatnonzero((speed > FASTEST) & tracked[1:])
        if len(leaps):
            notes.append(
                f"person {person.id} leaps at {motion.times[leaps[0]]:.1f} s"
                f"{f' and {len(leaps) - 1} more times' if len(leaps) > 1 else ''}, as nobody can: "
                "somebody or something else was probably taken for them; look at a --preview"
            )
    return notes


def public_name(source: str) -> str:
    """What a take may say of its source: no folders, passwords or tokens."""
    if "://" in source:
        url = urlsplit(source)
        return f"{url.scheme}://{url.hostname or ''}{url.path}"
    return Path(source).name or source


def _detect(source: Source, settings: CaptureSettings, show_progress: ShowProgress) -> Detected:
    people = 1 if settings.alone else max(settings.people or 1, 2)
    if isinstance(source, VideoSource) and _workers(settings, source.frame_count) > 1:
        times = timestamps(source.name)
        first, last = settings.start or 0.0, np.inf if settings.stop is None else settings.stop
        times = times[(times >= first) & (times < last)]
        workers = _workers(settings, len(times))
        if workers > 1:
            with show_progress(f"{workers} workers", len(times)) as progress:
                return detect_in_parallel(
                    Path(source.name), times, source.size, workers, people, settings.model, progress
                )
    with (
        open_for(people, settings.model) as estimator,
        show_progress(estimator.name, _frames(source, settings)) as progress,
    ):
        return detect(source, estimator, progress, settings.stop)


def _frames(source: Source, settings: CaptureSettings) -> int | None:
    """About how many frames there are to do."""
    if settings.stop is None or source.fps is None:
        return source.frame_count
    wanted = round((settings.stop - (settings.start or 0.0)) * source.fps)
    return wanted if source.frame_count is None else min(wanted, source.frame_count)


def _workers(settings: CaptureSettings, frames: int | None) -> int:
    """How many processes are worth starting for a clip."""
    if settings.workers is not None:
        return min(settings.workers, max(1, (frames or 1) // 2))
    # a model started in the middle may need long to find everyone, so several people are
    # followed from the beginning unless the user says otherwise
    if frames is None or frames < WORTHWHILE or not settings.alone:
        return 1
    return min(os.cpu_count() or 1, MOST_WORKERS, frames // (WORTHWHILE // 2))
