"""A recorded take as it once came: who is on stage, what was seen, the poses, in order of time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import exporters
from exporters import FormatWarning, Options
from exporters.journal import FORMAT, Journal
from exporters.journal_lines import CastLine, FrameLine
from mocap import skeletons
from mocap.arrays import Array
from mocap.errors import FormatError
from mocap.landmarks import Landmarks, LandmarkTrack, Observation
from mocap.rigs import rig
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.take import Take

Event = Cast | Observation | LiveFrame


def replay(path: str | Path, options: Options | None = None) -> Iterator[Event]:
    """What a take of any readable format holds, event after event.

    A cast comes before the first frame of its people; an observation, what the estimator saw at
    one time, before the frame of that time. Of a journal everything is bit for bit as it was
    recorded: numbers of frames, times on the clock of the session that recorded it, poses and the
    changes of the cast; landmarks are as the journal rounds them. Other takes begin at their first
    time with everyone on stage; motion on other skeletons than the humanoid is retargeted to it.

    Args:
        path: of the take; a journal is read as the events are asked for, hours of it in little
            memory.
        options: as for `exporters.read`.

    Raises:
        UnknownName: no format has this suffix.
        FormatError: the file is missing, malformed, or holds no motion.
        InvalidValue: a skeleton in which no human can be found.
    """
    path = Path(path)
    if exporters.format_of(path) is FORMAT:
        yield from _of_journal(path)
        return
    take = exporters.read(path, options)
    if not any(person.motion is not None and len(person.motion) for person in take.people):
        raise FormatError("holds no motion to play; mocap solve makes it", path=path)
    yield from _of_take(take)


def _of_journal(path: Path) -> Iterator[Event]:
    moved = False
    try:
        with path.open("rb") as file:
            journal = Journal(file, path)
            for line in journal:
                if isinstance(line, CastLine):
                    yield Cast(line.people, line.fps)
                elif isinstance(line, FrameLine):
                    moved = True
                    people = sorted(line.people.items())
                    yield LiveFrame(line.seq, line.t, tuple(LivePerson(*p) for p in people))
                elif isinstance(line, Observation):
                    yield line
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    if not moved:
        raise FormatError("holds no motion to play; mocap solve makes it", path=path)
    if journal.loss is not None:
        warnings.warn(f"{path}: {journal.loss}", FormatWarning, stacklevel=2)


def _of_take(take: Take) -> Iterator[Event]:
    ours = skeletons.humanoid().names
    if any(p.motion is not None and p.motion.skeleton.names != ours for p in take.people):
        take = rig("humanoid").take(take)
    motions = {p.id: p.motion for p in take.people if p.motion is not None}
    tracks = [p.landmarks for p in take.people if p.landmarks is not None]
    fps = min(1000.0, max(motion.fps for motion in motions.values()))
    yield Cast({i: motion.skeleton for i, motion in motions.items()}, fps)
    times = [motion.times for motion in motions.values()] + [track.times for track in tracks]
    every = np.unique(np.concatenate(times))

    def frames(times: Array) -> list[int]:
        """The number of the frame at every time of all, -1 where there is none."""
        numbers = np.full(len(every), -1)
        numbers[np.searchsorted(every, times)] = np.arange(len(times))
        return numbers.tolist()

    posed = [(i, motion, frames(motion.times)) for i, motion in sorted(motions.items())]
    seen = [(track, frames(track.times)) for track in tracks]
    for seq, t in enumerate(every.tolist()):
        if seen:
            found = [_landmarks(track, at[seq]) for track, at in seen if _there(track, at[seq])]
            yield Observation(t, tuple(found))
        people = [LivePerson(i, motion.pose(at[seq])) for i, motion, at in posed if at[seq] >= 0]
        if people:
            yield LiveFrame(seq, t, tuple(people))


def _there(track: LandmarkTrack, frame: int) -> bool:
    """Whether somebody is seen in a frame, -1 being none."""
    return frame >= 0 and bool(np.isfinite(track.image[frame]).all(axis=-1).any())


def _landmarks(track: LandmarkTrack, frame: int) -> Landmarks:
    world = None if track.world is None else track.world[frame]
    return Landmarks(track.layout, track.image[frame], world, track.confidence[frame], track.person)
