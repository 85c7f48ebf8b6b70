"""Landmarks: named points of one person in one picture, and the track they form over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mocap.arrays import Array, BoolArray, frozen, require_finite, require_increasing, require_share
from mocap.errors import InvalidValue, UnknownName


@dataclass(frozen=True)
class Layout:
    """The names and order of K points, and the lines that draw them."""

    name: str
    points: tuple[str, ...]
    lines: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.points)

    def index(self, point: str) -> int:
        """Position of a point by name. Raises UnknownName."""
        try:
            return self._indices[point]
        except KeyError:
            raise UnknownName(f"point of {self.name}", point, self.points) from None

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.points)}


def _both(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{s}_{a}", f"{s}_{b}") for s in ("left", "right") for a, b in pairs)


MEDIAPIPE_POSE = Layout(
    "mediapipe_pose",
    points=tuple(
        "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer "
        "left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow "
        "right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index "
        "left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle "
        "left_heel right_heel left_foot_index right_foot_index".split()
    ),
    lines=(
        ("left_shoulder", "right_shoulder"),
        ("left_hip", "right_hip"),
        ("mouth_left", "mouth_right"),
        *_both(
            ("shoulder", "elbow"),
            ("elbow", "wrist"),
            ("wrist", "pinky"),
            ("wrist", "index"),
            ("pinky", "index"),
            ("wrist", "thumb"),
            ("shoulder", "hip"),
            ("hip", "knee"),
            ("knee", "ankle"),
            ("ankle", "heel"),
            ("heel", "foot_index"),
            ("ankle", "foot_index"),
        ),
    ),
)

LAYOUTS = {layout.name: layout for layout in (MEDIAPIPE_POSE,)}


def layout_by_name(name: str) -> Layout:
    """A known layout. Raises UnknownName."""
    try:
        return LAYOUTS[name]
    except KeyError:
        raise UnknownName("landmark layout", name, LAYOUTS) from None


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The points of one person in one frame.

    Attributes:
        layout: the names of the K points.
        image: (K, 2) px, x right and y down from the corner of the upright picture.
        world: (K, 3) [m] about the middle of the hips, in view axes: x right in the picture,
            y up, z towards the camera. None if the estimator gives no depth.
        confidence: (K,) in [0, 1]; 0 for points that were not seen, those outside the picture
            among them, where an estimator only guesses.
        person: stable id, once a tracker has given one.
        appearance: (D,) what the person looks like, for telling people apart; None if nobody
            asked for it.
    """

    layout: Layout
    image: Array
    world: Array | None
    confidence: Array
    person: int = 0
    appearance: Array | None = None

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        count = len(self.layout)
        set_(self, "image", frozen(self.image, (count, 2), "image points"))
        if self.world is not None:
            set_(self, "world", frozen(self.world, (count, 3), "world points"))
        set_(self, "confidence", frozen(self.confidence, (count,), "confidence"))
        require_share(self.confidence, "confidence")
        if self.appearance is not None:
            set_(self, "appearance", frozen(self.appearance, (None,), "appearance"))
        if self.person < 0:
            raise InvalidValue(f"person id: expected 0 or more, got {self.person}")

    def with_person(self, person: int) -> Landmarks:
        """The same points under another id."""
        return replace(self, person=person)


@dataclass(frozen=True, eq=False)
class Observation:
    """Everyone found in one frame of a source.

    Attributes:
        t: capture time [s].
        people: landmarks, each person id at most once.
    """

    t: float
    people: tuple[Landmarks, ...]


@dataclass(frozen=True, eq=False)
class LandmarkTrack:
    """The points of one person over the T frames of a take; NaN, confidence 0 where unseen.

    Attributes:
        layout: the names of the K points.
        times: (T,) [s].
        image: (T, K, 2) px.
        world: (T, K, 3) [m] as in Landmarks, or None.
        confidence: (T, K) in [0, 1].
        size: width and height of the picture [px].
        person: stable id.
    """

    layout: Layout
    times: Array
    image: Array
    world: Array | None
    confidence: Array
    size: tuple[int, int]
    person: int = 0

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        frames, count = len(self.times), len(self.layout)
        set_(self, "times", frozen(self.times, (frames,), "times"))
        require_finite(self.times, "times")
        require_increasing(self.times)
        set_(self, "image", frozen(self.image, (frames, count, 2), "image points"))
        if self.world is not None:
            set_(self, "world", frozen(self.world, (frames, count, 3), "world points"))
        set_(self, "confidence", frozen(self.confidence, (frames, count), "confidence"))
        require_share(self.confidence, "confidence")

    @classmethod
    def from_observations(
        cls, observations: Sequence[Observation], person: int, size: tuple[int, int]
    ) -> LandmarkTrack:
        """One person's points collected from what was seen in each frame.

        Raises:
            InvalidValue: the person is in none of the observations.
        """
        seen: list[Landmarks | None] = [
            next((p for p in o.people if p.person == person), None) for o in observations
        ]
        first = next((p for p in seen if p is not None), None)
        if first is None:
            raise InvalidValue(f"person {person} is in none of {len(observations)} observations")
        count = len(first.layout)
        no_image, no_world = np.full((count, 2), np.nan), np.full((count, 3), np.nan)
        image = np.array([no_image if p is None else p.image for p in seen])
        world = [no_world if p is None or p.world is None else p.world for p in seen]
        confidence = np.array([np.zeros(count) if p is None else p.confidence for p in seen])
        return cls(
            first.layout,
            times=np.array([o.t for o in observations]),
            image=image,
            world=None if first.world is None else np.array(world),
            confidence=confidence,
            size=size,
            person=person,
        )

    def __len__(self) -> int:
        return len(self.times)

    @property
    def present(self) -> BoolArray:
        """(T,) whether the person was found in each frame."""
        found: BoolArray = np.isfinite(self.image).all(axis=-1).any(axis=-1)
        return found
