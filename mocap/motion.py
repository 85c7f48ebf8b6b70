"""Pose and Motion: a skeleton moving through time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from mocap.arrays import (
    Array,
    BoolArray,
    IntArray,
    frozen,
    require_finite,
    require_increasing,
    require_share,
)
from mocap.errors import InvalidValue, UnknownName
from mocap.interpolation import INTERPOLATIONS, Between
from mocap.skeleton import Skeleton


class TrackState(IntEnum):
    """How a person's pose came about at one moment."""

    LOST = 0  # not seen for longer than the hold time: resting
    HELD = 1  # not seen for a moment: the last pose is kept
    TRACKED = 2  # seen


def require_unit(rotations: Array) -> None:
    """Raise InvalidValue unless all quaternions (..., 4) have norm 1."""
    squares = np.einsum("...i,...i", rotations, rotations)
    off = np.abs(squares - 1.0)
    if off.size and not np.max(off) <= 2e-6:
        worst = float(np.sqrt(squares.flat[np.argmax(off)]))
        raise InvalidValue(f"rotations: expected unit quaternions, got one of norm {worst:.6g}")


@dataclass(frozen=True, eq=False)
class Pose:
    """One person at one moment.

    Attributes:
        t: capture time [s].
        root: (3,) [m] world position of the root bone.
        rotations: (J, 4) local rotations from the rest pose.
        translations: (J, 3) [m] local bone positions, None where each is at its offset.
        state: tracked, held or lost.
        confidence: (J,) in [0, 1] how far each bone was seen; 0 means resting or held.
        contacts: which feet stand on the ground, by bone name.
    """

    t: float
    root: Array
    rotations: Array
    translations: Array | None = None
    state: TrackState = TrackState.TRACKED
    confidence: Array = None  # type: ignore[assignment]
    contacts: Mapping[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "root", frozen(self.root, (3,), "root"))
        set_(self, "rotations", frozen(self.rotations, (None, 4), "rotations"))
        require_finite(self.root, "root")
        require_unit(self.rotations)
        count = len(self.rotations)
        if self.translations is not None:
            set_(self, "translations", frozen(self.translations, (count, 3), "translations"))
        seen = np.ones(count) if self.confidence is None else self.confidence
        set_(self, "confidence", frozen(seen, (count,), "confidence"))
        require_share(self.confidence, "confidence")
        set_(self, "contacts", dict(self.contacts))


@dataclass(frozen=True, eq=False)
class Motion:
    """One person over time.

    Attributes:
        skeleton: J bones.
        times: (T,) [s] capture times, increasing.
        root: (T, 3) [m] world positions of the root bone.
        rotations: (T, J, 4) local rotations from the rest pose.
        translations: (T, J, 3) [m] local bone positions where bones move in their parents
            (some BVH files); None, the usual case, keeps each at its offset.
        state: (T,) TrackState.
        confidence: (T, J) in [0, 1] how far each bone was seen.
        contacts: (T,) booleans by foot bone name.
    """

    skeleton: Skeleton
    times: Array
    root: Array
    rotations: Array
    translations: Array | None = None
    state: IntArray = None  # type: ignore[assignment]
    confidence: Array = None  # type: ignore[assignment]
    contacts: Mapping[str, BoolArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        frames, bones = len(self.times), len(self.skeleton)
        set_(self, "times", frozen(self.times, (frames,), "times"))
        set_(self, "root", frozen(self.root, (frames, 3), "root"))
        set_(self, "rotations", frozen(self.rotations, (frames, bones, 4), "rotations"))
        for name in ("times", "root", "rotations"):
            require_finite(getattr(self, name), name)
        require_increasing(self.times)
        require_unit(self.rotations)
        if self.translations is not None:
            moved = frozen(self.translations, (frames, bones, 3), "translations")
            require_finite(moved, "translations")
            set_(self, "translations", moved)
        state = np.full(frames, TrackState.TRACKED) if self.state is None else self.state
        set_(self, "state", frozen(state, (frames,), "state", np.int64))
        if frames and not TrackState.LOST <= self.state.min() <= self.state.max() <= max(
            TrackState
        ):
            raise InvalidValue(
                f"state: expected TrackState 0 to 2, got {self.state.min()} to {self.state.max()}"
            )
        seen = np.ones((frames, bones)) if self.confidence is None else self.confidence
        set_(self, "confidence", frozen(seen, (frames, bones), "confidence"))
        require_share(self.confidence, "confidence")
        contacts = {
            name: frozen(on, (frames,), f"contacts[{name}]", np.bool_)
            for name, on in self.contacts.items()
        }
        set_(self, "contacts", contacts)

    @classmethod
    def from_poses(cls, skeleton: Skeleton, poses: Sequence[Pose]) -> Motion:
        """The motion made of poses in order of time."""
        feet = poses[0].contacts if poses else {}
        moving = bool(poses) and all(p.translations is not None for p in poses)
        return cls(
            skeleton,
            times=np.array([p.t for p in poses]),
            root=np.array([p.root for p in poses]).reshape(-1, 3),
            rotations=np.array([p.rotations for p in poses]).reshape(-1, len(skeleton), 4),
            translations=np.array([p.translations for p in poses]) if moving else None,
            state=np.array([p.state for p in poses], dtype=np.int64),
            confidence=np.array([p.confidence for p in poses]).reshape(-1, len(skeleton)),
            contacts={f: np.array([p.contacts[f] for p in poses]) for f in feet},
        )

    def __len__(self) -> int:
        return len(self.times)

    @property
    def fps(self) -> float:
        """Frames per second, from the median frame time; 30 for a single frame."""
        return float(1.0 / np.median(np.diff(self.times))) if len(self) > 1 else 30.0

    @property
    def duration(self) -> float:
        """[s] from the first frame to the last."""
        return float(self.times[-1] - self.times[0]) if len(self) else 0.0

    def pose(self, i: int) -> Pose:
        """The pose of frame i."""
        return Pose(
            t=float(self.times[i]),
            root=self.root[i],
            rotations=self.rotations[i],
            translations=None if self.translations is None else self.translations[i],
            state=TrackState(int(self.state[i])),
            confidence=self.confidence[i],
            contacts={name: bool(on[i]) for name, on in self.contacts.items()},
        )

    def __iter__(self) -> Iterator[Pose]:
        return (self.pose(i) for i in range(len(self)))

    def __getitem__(self, frames: slice) -> Motion:
        """Some of the frames, as a motion."""
        return Motion(
            self.skeleton,
            times=self.times[frames],
            root=self.root[frames],
            rotations=self.rotations[frames],
            translations=None if self.translations is None else self.translations[frames],
            state=self.state[frames],
            confidence=self.confidence[frames],
            contacts={name: on[frames] for name, on in self.contacts.items()},
        )

    def fk(self) -> tuple[Array, Array]:
        """Global positions (T, J, 3) [m] and rotations (T, J, 4)."""
        return self.skeleton.fk(self.root, self.rotations, self.translations)

    def resampled(
        self,
        *,
        fps: float | None = None,
        times: ArrayLike | None = None,
        interpolation: str = "linear",
    ) -> Motion:
        """The motion at other times.

        Args:
            fps: a constant rate from the first frame to the last; or
            times: (N,) [s] wanted times; before the first and after the last frame the motion
                stands still.
            interpolation: "linear", positions straight and rotations by slerp; or "cubic", both
                along curves that go through every frame and whose speed does not jump.

        States, confidences and contacts are those of the nearest frame.

        Raises:
            InvalidValue: neither or both of fps and times, or a rate that is none.
            UnknownName: another interpolation.
        """
        if (fps is None) == (times is None):
            raise InvalidValue("resampled: give either fps or times")
        if interpolation not in INTERPOLATIONS:
            raise UnknownName("interpolation", interpolation, INTERPOLATIONS)
        if len(self) == 0:
            return self
        if fps is not None:
            if not fps > 0:
                raise InvalidValue(f"fps: expected a positive rate, got {fps}")
            # the small allowance keeps a last frame that rounding put just past the end
            at = self.times[0] + np.arange(int(self.duration * fps + 1e-3) + 1) / fps
        else:
            at = np.asarray(times, dtype=np.float64)
        curves = INTERPOLATIONS[interpolation]
        # after the last frame the motion stands still
        between = Between.of(self.times, np.clip(at, self.times[0], self.times[-1]))
        nearest = between.nearest
        return Motion(
            self.skeleton,
            times=at,
            root=curves.places(self.root, between),
            rotations=curves.turns(self.rotations, between),
            translations=(
                None if self.translations is None else curves.places(self.translations, between)
            ),
            state=self.state[nearest],
            confidence=self.confidence[nearest],
            contacts={name: on[nearest] for name, on in self.contacts.items()},
        )

    def mirrored(self) -> Motion:
        """The mirror image (x to -x): what the left side did, the right side does."""
        pairs = self.skeleton.mirror_indices
        names = self.skeleton.names
        flip = np.array([-1.0, 1.0, 1.0])
        moved = self.translations
        swapped = {names[pairs[self.skeleton.index(n)]]: on for n, on in self.contacts.items()}
        return Motion(
            self.skeleton.mirrored(),
            times=self.times,
            root=self.root * flip,
            rotations=self.rotations[:, pairs] * np.array([1.0, -1.0, -1.0, 1.0]),
            translations=None if moved is None else moved[:, pairs] * flip,
            state=self.state,
            confidence=self.confidence[:, pairs],
            contacts=swapped,
        )
