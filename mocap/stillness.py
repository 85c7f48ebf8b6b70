"""Whether the camera stood still while people moved before it.

The solve takes the camera for fixed: a pan would become travel of the body. Small grey pictures,
a few each second, are enough to see one. Corners of the background are followed from one of them
to the next (Lucas-Kanade); people are left out. The camera stands still as long as many of the
corners do, whatever the others do: leaves, shadows, people whom nobody found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap.arrays import Array, BoolArray, frozen
from mocap.frame import Frame
from mocap.landmarks import Landmarks

INTERVAL = 0.25  # [s] between two glimpses
LONG_SIDE = 160  # [px] of a glimpse
SAMPLED = 3  # pixels of the picture for each pixel of a glimpse: more would not be seen
SMALLEST = 60  # [px] short side below which there is nothing to follow
MARGIN = 0.15  # around somebody's points, as a share of their long side: hair, clothes, hands

# All in pixels of a glimpse: what is measured there is good to 0.1.
STEADY = 0.5  # a corner this near to its old place is still there
NOTICED = 0.01  # of the long side: a camera that moves by less harms nobody
REPROJECTION = 1.0  # how far a corner may be from where the others say it is
BACK_AND_FORTH = 0.5  # a corner that does not lead back to itself is lost
STILL_SHARE = 0.4  # of the corners, to say that the camera stands still
MOVED_SHARE = 0.5  # of the corners, to say how it moved
FEWEST = 12  # corners that are needed to say anything
MOST = 200  # corners that are followed
WEAKEST = 0.002  # corner that is followed, as a share of the strongest
APART = 3  # of corners from one another
SPREAD = 4  # ninths of the picture they must lie in, to be the background
LOST = 8  # glimpses that fit nothing, as after a cut, before there is a new beginning
TOGETHER = 3.0  # [s] movements with less between them are one: a slow pan is noticed in steps


@dataclass(frozen=True, eq=False)
class Glimpse:
    """A picture reduced to what is needed to see the camera move.

    Attributes:
        t: capture time [s].
        grey: (h, w) uint8.
        scale: pixels of the picture for each pixel of it.
        boxes: (P, 4) left, top, right and bottom of people in it, in its pixels.
    """

    t: float
    grey: NDArray[np.uint8]
    scale: float
    boxes: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "grey", frozen(self.grey, (None, None), "glimpse", np.uint8))
        object.__setattr__(self, "boxes", frozen(self.boxes, (None, 4), "boxes"))


@dataclass(frozen=True)
class CameraMotion:
    """How the camera moved.

    Attributes:
        spans: begin and end [s] of each movement.
        largest: [px] how far the background was from its first place, on average over the
            picture.
        judged: share of the glimpses in which enough of the background was seen.
    """

    spans: tuple[tuple[float, float], ...]
    largest: float
    judged: float

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "spans": [[round(a, 2), round(b, 2)] for a, b in self.spans],
            "largest_px": round(self.largest, 1),
            "judged_percent": round(self.judged * 100, 1),
        }


def is_due(t: float, before: float | None) -> bool:
    """Whether a glimpse is taken at time t [s], the frame before it being that of another.

    It depends on these two alone, so that footage done in parts gives the glimpses of the whole.
    """
    return before is None or int(t / INTERVAL) > int(before / INTERVAL)


def glimpse(frame: Frame, people: Sequence[Landmarks]) -> Glimpse | None:
    """A frame reduced, None if it is too small; people whose landmarks are known are marked."""
    import cv2

    longest, shortest = max(frame.size), min(frame.size)
    scale = max(longest / LONG_SIDE, 1.0)
    if shortest / scale < SMALLEST:
        return None
    step = max(1, int(scale / SAMPLED))
    # green is nearly what grey would be
    thin = np.ascontiguousarray(frame.image[::step, ::step, 1])
    size = (round(frame.size[0] / scale), round(frame.size[1] / scale))
    grey: Any = cv2.resize(thin, size, interpolation=cv2.INTER_AREA)
    boxes = [_box(np.clip(person.image, 0, frame.size)) / scale for person in people]
    return Glimpse(frame.t, grey, scale, np.array(boxes).reshape(-1, 4))


def _box(points: Array) -> Array:
    low, high = points.min(axis=0), points.max(axis=0)
    around = MARGIN * (high - low).max()
    return np.concatenate([low - around, high + around])


def camera_motion(glimpses: Sequence[Glimpse]) -> CameraMotion | None:
    """How the camera moved over glimpses in order of time; None if nothing can be told.

    Each is compared with an anchor: the first, and then, whenever two in a row show that the
    camera has moved, the second of these. So neither does noise add up nor does a long pan end
    out of sight.
    """
    seen = 0
    spans: list[tuple[float, float]] = []
    largest, lost = 0.0, 0
    anchor: _Anchor | None = None
    suspected: float | None = None  # [s] when the camera was first seen away from the anchor
    for now in glimpses:
        if anchor is None or anchor.even.shape != now.grey.shape:
            anchor = _Anchor(now, np.eye(3))
            continue
        even = evened(now.grey)
        change = anchor.change(even, now.boxes)
        if change is None:
            lost += 1
            if lost >= LOST:
                anchor, lost, suspected = _Anchor(now, anchor.place), 0, None
            continue
        seen, lost = seen + 1, 0
        size = (now.grey.shape[1], now.grey.shape[0])
        if _displacement(change, size) <= NOTICED * max(size):
            suspected = None
            continue
        if suspected is None:
            suspected = now.t
            continue
        place = change @ anchor.place
        largest = max(largest, _displacement(place, size) * now.scale)
        spans = _with_span(spans, (suspected, now.t))
        anchor, suspected = _Anchor(now, place), None
    if seen == 0:
        return None
    return CameraMotion(tuple(spans), largest, seen / max(len(glimpses) - 1, 1))


def _with_span(
    spans: list[tuple[float, float]], span: tuple[float, float]
) -> list[tuple[float, float]]:
    if spans and span[0] - spans[-1][1] <= TOGETHER:
        return [*spans[:-1], (spans[-1][0], span[1])]
    return [*spans, span]


def _displacement(change: Array, size: tuple[int, int]) -> float:
    """[px] by how much a change (3, 3) of the picture moves it, on average over the picture."""
    places = np.array([(x, y, 1.0) for x in (1 / 6, 1 / 2, 5 / 6) for y in (1 / 6, 1 / 2, 5 / 6)])
    places[:, :2] *= size
    return float(np.linalg.norm((places @ change.T - places)[:, :2], axis=1).mean())


def evened(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A grey picture with the same light and contrast everywhere.

    So neither exposure nor the glare of the sun looks like movement.
    """
    import cv2

    light = grey.astype(np.float32)
    rest = light - cv2.GaussianBlur(light, (0, 0), 6)
    contrast = np.sqrt(cv2.GaussianBlur(rest * rest, (0, 0), 6))
    # what has hardly any contrast is noise, and is left weak
    even: NDArray[np.uint8] = np.clip(128 + 40 * rest / (contrast + 6), 0, 255).astype(np.uint8)
    return even


class _Anchor:
    """A glimpse that others are compared with, and its corners outside of people.

    Attributes:
        place: (3, 3) takes points of the first picture to where they are in this one.
    """

    def __init__(self, glimpse: Glimpse, place: Array) -> None:
        import cv2

        self.place = place
        self.even = evened(glimpse.grey)
        background = np.full(self.even.shape, 255, np.uint8)
        for left, top, right, bottom in np.maximum(glimpse.boxes, 0).astype(int):
            background[top : bottom + 1, left : right + 1] = 0
        found: Any = cv2.goodFeaturesToTrack(
            self.even, MOST, WEAKEST, APART, mask=background, blockSize=5
        )
        self.corners: NDArray[np.float32] = (
            np.zeros((0, 2), np.float32) if found is None else found[:, 0]
        )

    def change(self, even: NDArray[np.uint8], boxes: Array) -> Array | None:
        """(3, 3) the turn, zoom and shift that make this picture another; None if unknown."""
        import cv2

        if len(self.corners) < FEWEST:
            return None
        there, found = _follow(self.even, even, self.corners)
        back, again = _follow(even, self.even, there)
        away = np.linalg.norm(back - self.corners, axis=1)
        keep = found & again & (away < BACK_AND_FORTH) & ~_within(there, boxes)
        here, there = self.corners[keep], there[keep]
        if len(here) < FEWEST:
            return None
        if np.mean(np.linalg.norm(there - here, axis=1) < STEADY) >= STILL_SHARE:
            return np.eye(3)
        matrix, inliers = cv2.estimateAffinePartial2D(
            here, there, method=cv2.RANSAC, ransacReprojThreshold=REPROJECTION
        )
        if matrix is None:
            return None
        agree = inliers[:, 0].astype(bool)
        size = np.array(even.shape[::-1])
        ninths = {tuple(ninth) for ninth in (here[agree] * 3 // size).astype(int)}
        if agree.sum() < FEWEST or agree.mean() < MOVED_SHARE or len(ninths) < SPREAD:
            return None
        return np.vstack([matrix, [0.0, 0.0, 1.0]])


def _follow(
    a: NDArray[np.uint8], b: NDArray[np.uint8], points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], BoolArray]:
    """Points (N, 2) of a picture in another one, and whether (N,) they were found in it."""
    import cv2

    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 0.01)
    found: Any = cv2.calcOpticalFlowPyrLK(
        a, b, points[:, None], np.empty(0), winSize=(11, 11), maxLevel=3, criteria=ends
    )
    there, status = found[0][:, 0], found[1][:, 0]
    inside = (there >= 0).all(axis=1) & (there < b.shape[::-1]).all(axis=1)
    return there, (status > 0) & inside


def _within(points: NDArray[np.float32], boxes: Array) -> BoolArray:
    """(N,) whether points (N, 2) lie in any of some boxes (P, 4)."""
    above = (points[:, None] >= boxes[:, :2]).all(axis=-1)
    below = (points[:, None] <= boxes[:, 2:]).all(axis=-1)
    within: BoolArray = (above & below).any(axis=1)
    return within
