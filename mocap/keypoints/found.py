"""What a detector found in every frame, and how numbers of a file become landmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue
from mocap.landmarks import Landmarks, Layout, Observation

FARTHEST = 1e6  # [px] no point of a picture is farther from its corner
EMPTIEST = 100  # frames without a file to one with a file, beyond which numbers are no frames
OUTSIDE = 0.5  # share of points outside the picture, from which its size must be wrong
MOST_LARGE = 32768  # [px] of a picture's side


@dataclass(frozen=True, eq=False)
class Keypoints:
    """Points of everyone whom a detector saw, without depth.

    Attributes:
        detector: whose file it is, for messages and takes.
        layout: of the points.
        frames: every frame in order of time, empty ones too; people have image points, NaN with
            confidence 0 where there is none, and no world points.
        size: width and height of the pictures [px].
        tracked: whether the ids of people are the detector's own; else they mean nothing.
        notes: sentences about what was left out or assumed.
    """

    detector: str
    layout: Layout
    frames: tuple[Observation, ...]
    size: tuple[int, int]
    tracked: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_size(self.size)
        if not self.frames:
            raise InvalidValue("keypoints: expected one frame or more, got none")


def require_size(size: tuple[int, int]) -> None:
    """Raise InvalidValue unless a picture can have this width and height [px]."""
    if not all(0 < side <= MOST_LARGE for side in size):
        raise InvalidValue(
            f"size of the pictures: expected 1 to {MOST_LARGE} pixels each way, got "
            f"{size[0]}x{size[1]}"
        )


def triples(values: object, layout: Layout, path: object) -> Array:
    """(K, 3) x, y and confidence from a flat list of a file, K times two or three numbers.

    Raises:
        FormatError: other than numbers, or another number of them.
    """
    try:
        array = np.asarray(values)
    except ValueError:  # lists of unequal lengths
        array = np.zeros(0, dtype=object)
    if array.dtype.kind not in "iuf":
        raise FormatError("points: expected a list of numbers", path=path)
    count = len(layout)
    if array.size == 3 * count:
        return array.reshape(count, 3).astype(np.float64)
    if array.size == 2 * count:
        return with_confidence(array.reshape(count, 2).astype(np.float64))
    raise FormatError(
        f"expected {3 * count} or {2 * count} numbers for {layout.name}, got {array.size}",
        path=path,
    )


def with_confidence(points: Array) -> Array:
    """(..., K, 3) of points (..., K, 2) that a detector says nothing of: sure, where there are."""
    return np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1)


def person(values: Array, layout: Layout, id: int = 0, path: object = None) -> Landmarks | None:
    """One person of one frame.

    Args:
        values: (K, 3) x, y [px] and confidence; detectors say (0, 0), or confidence 0, for a
            point that they did not see.

    Returns:
        None if no point was seen.

    Raises:
        FormatError: a point is where no picture is.
    """
    image, confidence = values[:, :2], np.nan_to_num(values[:, 2], nan=0.0)
    seen = np.isfinite(image).all(axis=1) & image.any(axis=1) & (confidence > 0)
    if not seen.any():
        return None
    if np.abs(image[seen]).max() > FARTHEST:
        raise FormatError(
            f"a point at {np.abs(image[seen]).max():g} pixels; no picture is so large", path=path
        )
    return Landmarks(
        layout,
        image=np.where(seen[:, None], image, np.nan),
        world=None,
        confidence=np.where(seen, np.clip(confidence, 0.0, 1.0), 0.0),
        person=id,
    )


def frames_of(
    found: Mapping[int, Iterable[Landmarks]], fps: float, path: object = None
) -> tuple[Observation, ...]:
    """Everyone in every frame from the first number to the last, those without a file empty.

    Frame n is at n / fps [s].

    Raises:
        FormatError: there is none, or the numbers are too far apart to be those of frames.
    """
    if not found:
        raise FormatError("no frames in it", path=path)
    if not (np.isfinite(fps) and fps > 0):
        raise InvalidValue(f"rate of the frames: expected more than 0 per second, got {fps}")
    first, last = min(found), max(found)
    if last - first + 1 > EMPTIEST * len(found) or last > 2**40:
        raise FormatError(
            f"numbers from {first} to {last} for {len(found)} frames; the last number in each "
            "name must be that of the frame",
            path=path,
        )
    return tuple(
        Observation(number / fps, _once_each(found.get(number, ())))
        for number in range(first, last + 1)
    )


def _once_each(people: Iterable[Landmarks]) -> tuple[Landmarks, ...]:
    """Each id once, the surest; ids in order."""
    best: dict[int, Landmarks] = {}
    for somebody in people:
        other = best.get(somebody.person)
        if other is None or somebody.confidence.sum() > other.confidence.sum():
            best[somebody.person] = somebody
    return tuple(best[id] for id in sorted(best))


def numbered(people: Sequence[Landmarks]) -> list[Landmarks]:
    """People of one frame under ids that only tell them apart."""
    return [somebody.with_person(i) for i, somebody in enumerate(people)]


def shares_to_pixels(
    frames: Sequence[Observation], size: tuple[int, int]
) -> tuple[tuple[Observation, ...], str | None]:
    """Points that were told as shares of the picture, from 0 to 1 or from -1 to 1, in pixels.

    Nobody fits into one pixel, so nothing else can be meant by numbers up to 1.

    Returns:
        The frames, and a sentence about it; None if they are pixels already.
    """
    people = [p for frame in frames for p in frame.people]
    if not people:
        return tuple(frames), None
    points = np.concatenate([p.image[p.confidence > 0] for p in people])
    if np.abs(points).max() > 1.0:
        return tuple(frames), None
    low = -1.0 if points.min() < 0 else 0.0
    scale = np.array(size) / (1.0 - low)

    def moved(p: Landmarks) -> Landmarks:
        return Landmarks(p.layout, (p.image - low) * scale, None, p.confidence, p.person)

    shown = tuple(Observation(f.t, tuple(map(moved, f.people))) for f in frames)
    return shown, f"the points are shares of the picture from {low:g} to 1; taken as such"


def require_inside(frames: Sequence[Observation], size: tuple[int, int]) -> str | None:
    """A sentence if many points are outside the picture.

    Raises:
        InvalidValue: most are; then the size is wrong.
    """
    seen = [p.image[p.confidence > 0] for frame in frames for p in frame.people]
    if not seen:
        return None
    points = np.concatenate(seen)
    outside = ((points < -1) | (points > np.array(size) + 1)).any(axis=1)
    share, reach = float(outside.mean()), points.max(axis=0)
    told = (
        f"{share:.0%} of the points are outside of {size[0]}x{size[1]} pixels, they reach to "
        f"({reach[0]:.0f}, {reach[1]:.0f})"
    )
    if share > OUTSIDE:
        raise InvalidValue(f"{told}; give the true size of the pictures")
    return f"{told}; is that the true size of the pictures?" if share > OUTSIDE / 5 else None


def number(value: Any) -> int | None:
    """A whole number of 0 or more, of a number, text or list of one; None for what is none."""
    if isinstance(value, (list, tuple)):
        return number(value[0]) if len(value) == 1 and not isinstance(value[0], list) else None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        whole = int(value)
        return whole if whole == float(value) and 0 <= whole < 2**31 else None
    except (ValueError, OverflowError):
        return None


def parsed_size(text: str) -> tuple[int, int]:
    """Width and height of "1920x1080". Raises InvalidValue."""
    found = re.fullmatch(r"\s*(\d{1,6})\s*[xX]\s*(\d{1,6})\s*", text, re.ASCII)
    if found is None:
        raise InvalidValue(
            f"size of the pictures: expected WIDTHxHEIGHT such as 1920x1080, got {text!r}"
        )
    return int(found[1]), int(found[2])
