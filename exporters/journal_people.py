"""The people of a take, gathered from a journal line by line; as arrays, hours of them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np

from mocap.arrays import Array, IntArray
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack, Layout, Observation
from mocap.motion import Motion, Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.take import Person

HOLD = 0.5  # [s] for which someone who is not in the frames any more counts as held
PIECE = 1024  # rows of a table that are packed together
ROOM = 1 << 32  # bytes up to which everyone gets the whole time line
MOST_ROOM = 1 << 35  # bytes that no take is made of


class Table:
    """Rows of numbers that grow in number without being copied.

    Args:
        width: numbers of a row.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._pieces: list[Array] = []
        self._rows: list[Array] = []

    def append(self, row: Array) -> None:
        """Add a row (width,)."""
        self._rows.append(row)
        if len(self._rows) >= PIECE:
            self._pack()

    def _pack(self) -> None:
        if self._rows:
            self._pieces.append(np.array(self._rows))
            self._rows = []

    def pour(self, into: Array, at: IntArray) -> None:
        """Put row i into `into[at[i]]` and forget it."""
        self._pack()
        done = 0
        while self._pieces:
            piece = self._pieces.pop(0)
            into[at[done : done + len(piece)]] = piece
            done += len(piece)


class _Posed:
    """The poses of one person: a row holds root, rotations, confidence and translations."""

    def __init__(self, bones: int) -> None:
        self.bones = bones
        self.frames = array("q")  # numbers of the frames
        self.hips = array("d")  # [m] rest height of the hips in the skeleton of each frame
        self.table = Table(3 + 4 * bones + bones)
        self.moved: Table | None = None
        self.state = bytearray()
        self.contacts: dict[str, bytearray] = {}

    def append(self, frame: int, pose: Pose, skeleton: Skeleton) -> None:
        self.table.append(np.concatenate([pose.root, pose.rotations.ravel(), pose.confidence]))
        if pose.translations is not None and self.moved is None:
            self.moved = Table(3 * self.bones)
            for _ in self.frames:
                self.moved.append(skeleton.offsets.ravel())
        if self.moved is not None:
            places = skeleton.offsets if pose.translations is None else pose.translations
            self.moved.append(places.ravel())
        for foot in pose.contacts:
            self.contacts.setdefault(foot, bytearray(len(self.frames)))
        for foot, on in self.contacts.items():
            on.append(pose.contacts.get(foot, False))
        self.state.append(pose.state)
        self.hips.append(float(skeleton.offsets[0, 1]))
        self.frames.append(frame)


class _Seen:
    """The landmarks of one person: a row holds image, world and confidence of all points."""

    def __init__(self, points: int) -> None:
        self.frames = array("q")
        self.table = Table(6 * points)
        self.depth = self.anything = False


class People:
    """Everyone of a journal.

    Args:
        layout: of the landmarks.
        size: width and height of the picture [px].
    """

    def __init__(self, layout: Layout, size: tuple[int, int]) -> None:
        self._layout, self._size = layout, size
        self._skeletons: dict[int, Skeleton] = {}
        self._frame_times, self._seen_times = array("d"), array("d")
        self._posed: dict[int, _Posed] = {}
        self._seen: dict[int, _Seen] = {}

    def cast(self, skeletons: Mapping[int, Skeleton]) -> None:
        """Who is in the frames that follow."""
        self._skeletons.update(skeletons)

    def pose(self, t: float, poses: Mapping[int, Pose]) -> None:
        """A frame; times grow from frame to frame."""
        for person, pose in poses.items():
            known = self._posed.setdefault(person, _Posed(len(pose.rotations)))
            known.append(len(self._frame_times), pose, self._skeletons[person])
        self._frame_times.append(t)

    def see(self, observation: Observation) -> None:
        """What was seen in a frame; times grow from frame to frame."""
        for p in observation.people:
            known = self._seen.setdefault(p.person, _Seen(len(p.layout)))
            known.anything |= bool(np.isfinite(p.image).all(axis=-1).any())
            known.depth |= p.world is not None
            world = np.full((len(p.layout), 3), np.nan) if p.world is None else p.world
            known.table.append(np.concatenate([p.image.ravel(), world.ravel(), p.confidence]))
            known.frames.append(len(self._seen_times))
        self._seen_times.append(observation.t)

    @property
    def first(self) -> float | None:
        """[s] the first time of all on the clock of the journal; None if there is none."""
        return min((t[0] for t in (self._frame_times, self._seen_times) if t), default=None)

    def people(self) -> tuple[Person, ...]:
        """Everyone, on a time line from 0 on; what was gathered is gone afterwards.

        Raises:
            InvalidValue: there is more than any memory holds.
        """
        posed, seen = (np.array(t) for t in (self._frame_times, self._seen_times))
        every = np.union1d(posed, seen)
        times = every - every[0] if len(every) else every
        at_frame, at_seen = np.searchsorted(every, posed), np.searchsorted(every, seen)
        spans = self._spans(len(every), at_frame, at_seen)
        return tuple(
            Person(
                i,
                self._motion(i, times, at_frame, span) if i in self._posed else None,
                self._track(i, times, at_seen, span) if i in self._seen else None,
            )
            for i, span in spans.items()
        )

    def _spans(self, frames: int, at_frame: IntArray, at_seen: IntArray) -> dict[int, slice]:
        """Which frames each person gets: all, or if that is too much those they are in."""
        for i in [i for i, seen in self._seen.items() if not seen.anything]:
            del self._seen[i]
        ids = sorted(self._posed.keys() | self._seen.keys())
        whole = {i: slice(0, frames) for i in ids}
        if self._room(whole) <= ROOM:
            return whole
        own = {}
        for i in ids:
            at = [
                where[np.array(owner[i].frames)[[0, -1]]]
                for owner, where in ((self._posed, at_frame), (self._seen, at_seen))
                if i in owner
            ]
            own[i] = slice(int(np.min(at)), int(np.max(at)) + 1)
        if self._room(own) > MOST_ROOM:
            raise InvalidValue(
                f"the take of {len(ids)} people would need {self._room(own) / 2**30:.0f} GiB"
            )
        return own

    def _room(self, spans: Mapping[int, slice]) -> int:
        """Bytes of the arrays of everyone."""
        return sum(
            8 * (span.stop - span.start) * owner[i].table.width
            for i, span in spans.items()
            for owner in (self._posed, self._seen)
            if i in owner
        )

    def _motion(self, person: int, times: Array, at_frame: IntArray, span: slice) -> Motion:
        known, skeleton = self._posed.pop(person), self._skeletons[person]
        bones = known.bones
        at = at_frame[np.array(known.frames)] - span.start
        times = times[span]
        frames = len(times)
        there = np.zeros(frames, dtype=np.bool_)
        there[at] = True
        # frames without the person repeat the last one with them, or the first one
        last = np.maximum.accumulate(np.where(there, np.arange(frames), at[0]))
        away = np.flatnonzero(~there)
        since = times[away] - times[last[away]]
        state = np.empty(frames, dtype=np.int64)
        state[at] = np.frombuffer(known.state, dtype=np.uint8)
        state[away] = np.where((since > 0) & (since <= HOLD), TrackState.HELD, TrackState.LOST)
        contacts = {}
        for foot, on in known.contacts.items():
            contacts[foot] = np.zeros(frames, dtype=np.bool_)
            contacts[foot][at] = np.frombuffer(on, dtype=np.bool_)

        def poured(table: Table) -> Array:
            rows = np.empty((frames, table.width))
            table.pour(rows, at)
            rows[away] = rows[last[away]]
            return rows

        rows = poured(known.table)
        # who got longer legs when the skeleton settled stands higher, on the same floor
        rows[at, 1] += float(skeleton.offsets[0, 1]) - np.array(known.hips)
        rows[away, 1] = rows[last[away], 1]
        moved = None
        if known.moved is not None:
            moved = poured(known.moved).reshape(frames, bones, 3)
        confidence = rows[:, 3 + 4 * bones :]
        confidence[away] = 0.0
        return Motion(
            skeleton,
            times=times,
            root=rows[:, :3],
            rotations=rows[:, 3 : 3 + 4 * bones].reshape(frames, bones, 4),
            translations=moved,
            state=state,
            confidence=confidence,
            contacts=contacts,
        )

    def _track(self, person: int, times: Array, at_seen: IntArray, span: slice) -> LandmarkTrack:
        known, count = self._seen.pop(person), len(self._layout)
        times = times[span]
        rows = np.full((len(times), 6 * count), np.nan)
        rows[:, 5 * count :] = 0.0
        known.table.pour(rows, at_seen[np.array(known.frames)] - span.start)
        world = rows[:, 2 * count : 5 * count].reshape(-1, count, 3)
        return LandmarkTrack(
            self._layout,
            times=times,
            image=rows[:, : 2 * count].reshape(-1, count, 2),
            world=world if known.depth else None,
            confidence=rows[:, 5 * count :],
            size=self._size,
            person=person,
        )
