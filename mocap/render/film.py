"""A take as pictures: footage, if there is any, and beside it the stage from several sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mocap.arrays import Array
from mocap.errors import InvalidValue, SourceError
from mocap.figure import SIDES, Colour, palettes
from mocap.filters import gaussian
from mocap.frame import Frame
from mocap.preview import draw_landmarks
from mocap.render.figures import OTHER, actors, company, figures
from mocap.sources import open_source
from mocap.stage import BACKGROUND, Image, Stage, View, bounds
from mocap.take import Take
from mocap.truth import Truth

SIZES = (96, 4320)  # [px] heights that make sense
SHAPES = (0.62, 1.5)  # width over height of a view
CALM = 0.6  # [s] over which a camera that goes along makes its way
LATE = 0.1  # [s] by which footage may begin after the take
WORDS: Colour = (150, 157, 170)
DIVIDER: Colour = (46, 51, 61)


@dataclass(frozen=True)
class Look:
    """What a user may choose about the pictures.

    Attributes:
        views: from where the stage is seen, in order.
        height: [px] of the whole picture.
        start, stop: [s] the part of the take; None for all of it.
        fps: pictures per second; None takes those of the take.
        follow: whether the camera goes along with people.
        apart: [m] to the left of the take by which what it is compared with stands.
        interpolation: "linear" or "cubic", between the frames of the take.
    """

    views: tuple[View, ...] = tuple(View.parse(name) for name in ("front", "side", "top"))
    height: int = 480
    start: float | None = None
    stop: float | None = None
    fps: float | None = None
    follow: bool = False
    apart: float = 0.0
    interpolation: str = "linear"

    def __post_init__(self) -> None:
        if not self.views:
            raise InvalidValue("views: expected one or more, such as front,side")
        if not SIZES[0] <= self.height <= SIZES[1]:
            raise InvalidValue(
                f"size: expected a height of {SIZES[0]} to {SIZES[1]} pixels, got {self.height}"
            )
        if self.fps is not None and not 0 < self.fps <= 240:
            raise InvalidValue(f"fps: expected a rate from 0 to 240, got {self.fps}")


@dataclass(frozen=True)
class Names:
    """What is written into the pictures about takes that are compared."""

    take: str = "take"
    other: str = "compared"


class Film:
    """The pictures of a take.

    Attributes:
        times: (T,) [s] of its pictures.
        fps: how many are in a second.
        size: width and height of a picture [px].
    """

    def __init__(
        self,
        take: Take,
        look: Look | None = None,
        footage: str | None = None,
        other: Take | Truth | None = None,
        names: Names | None = None,
    ) -> None:
        """
        Args:
            take: with motion; its landmarks, if any, are drawn into the footage.
            look: choices of the user.
            footage: that it was captured from.
            other: another take, or the truth, to compare with.
            names: of both.

        Raises:
            InvalidValue: nobody in the take moves, or nothing of it is in the range.
            SourceError: the footage cannot be read.
        """
        look = look or Look()
        shown = actors(take)
        self.fps = look.fps or shown[0].motion.fps
        self.times = _times([a.motion.times for a in shown], look, self.fps)
        shown = [actor.at(self.times, look.interpolation) for actor in shown]
        bodies = figures(shown)
        self._legend: list[tuple[Colour, str]] = []
        if len(shown) > 1:
            colours = [palette.middle for palette in palettes(len(shown))]
            self._legend = [(c, f"person {a.id}") for c, a in zip(colours, shown, strict=True)]
        if other is not None:
            names = names or Names()
            bodies += company(shown, other, self.times, look.apart)
            first = [(SIDES.middle, names.take)] if len(shown) == 1 else []
            self._legend = [*first, *self._legend, (OTHER, names.other)]
        centre = None
        if look.follow:
            way = np.mean([figure.way for figure in bodies[: len(shown)]], axis=0)
            centre = gaussian(self.times, way, CALM) if len(way) > 1 else way
        self._take, self._footage, self._height = take, footage, look.height // 2 * 2
        self._views = look.views
        shape = _shape([figure.points for figure in bodies], centre)
        rows, columns = _grid(len(look.views))
        tile = (_even(look.height / rows * shape), self._height // rows)
        self._rows, self._columns, self._tile = rows, columns, tile
        self._stages = [Stage(bodies, tile, view, centre) for view in look.views]
        self.size = (self._footage_width() + columns * tile[0], rows * tile[1])

    def _footage_width(self) -> int:
        if self._footage is None:
            return 0
        with open_source(self._footage) as source:
            width, height = source.size
        return _even(width * (self._tile[1] * self._rows) / height)

    def moments(self, count: int) -> Array:
        """(N,) [s] up to `count` of its times, spread evenly."""
        chosen = {(2 * i + 1) * len(self.times) // (2 * count) for i in range(count)}
        return self.times[sorted(chosen)]

    def pictures(self, times: Array | None = None) -> Iterator[tuple[float, Image]]:
        """Times from the first picture on, and pictures.

        Args:
            times: some of its own; None shows all.

        Raises:
            SourceError: the footage has nothing at these times.
        """
        frames = np.arange(len(self.times))
        if times is not None:
            frames = np.searchsorted(self.times, times - 1e-9)
        if self._footage is None:
            for i in frames.tolist():
                yield self._time(i), self._beside(None, i)
            return
        with open_source(self._footage) as source:
            found = 0
            for i, frame in _nearest(iter(source), self.times, frames.tolist()):
                found += 1
                yield self._time(i), self._beside(frame, i)
        if not found:
            raise SourceError(f"{self._footage}: has no pictures at the times of the take")

    def _time(self, i: int) -> float:
        return float(self.times[i] - self.times[0])

    def _beside(self, frame: Frame | None, i: int) -> Image:
        """One whole picture."""
        tiles = [stage.draw(i) for stage in self._stages]
        tall = max(self._height / self._rows, 240)
        for tile, view in zip(tiles, self._views, strict=True):
            _write(tile, view.name, (0.03, 0.06), WORDS, tall)
        blank = np.full((self._tile[1], self._tile[0], 3), BACKGROUND, dtype=np.uint8)
        tiles += [blank] * (self._rows * self._columns - len(tiles))
        n = self._columns
        rows = [_joined(tiles[k : k + n], upright=False) for k in range(0, len(tiles), n)]
        picture = _joined(rows, upright=True)
        for k, (colour, text) in enumerate(reversed(self._legend)):
            up = (0.035 + 0.05 * k) * tall / picture.shape[0]
            _write(picture, text, (0.03, 1 - up), WORDS, tall, dot=colour)
        below = 1 - 0.035 * tall / picture.shape[0]
        _write(picture, f"{self.times[i]:.2f} s", (-0.03, below), WORDS, tall)
        if frame is None:
            return picture
        image = frame.image.copy()
        for person in self._take.people:
            track = person.landmarks
            if track is not None and len(track) and track.size == frame.size:
                draw_landmarks(image, track, int(np.argmin(np.abs(track.times - frame.t))))
        size = (self.size[0] - picture.shape[1], picture.shape[0])
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return np.hstack([small, picture]).astype(np.uint8)


def _times(of: Sequence[Array], look: Look, fps: float) -> Array:
    """(T,) [s] of the pictures. Raises InvalidValue if there are none."""
    first, last = min(float(t[0]) for t in of), max(float(t[-1]) for t in of)
    start = first if look.start is None else max(look.start, first)
    stop = last if look.stop is None else min(look.stop, last)
    if not start <= stop:
        raise InvalidValue(
            f"range: nothing of the take is from {start:g} s to {stop:g} s; it goes from "
            f"{first:.2f} to {last:.2f} s"
        )
    return np.asarray(start + np.arange(int((stop - start) * fps + 1e-3) + 1) / fps)


def _nearest(
    source: Iterator[Frame], times: Array, wanted: Sequence[int]
) -> Iterator[tuple[int, Frame]]:
    """Each wanted picture with the frame of the footage that is nearest to its time; those after
    the end of the footage are left out."""
    last: Frame | None = None
    waiting = list(wanted)
    gap = 0.0
    for frame in source:
        while waiting and times[waiting[0]] < frame.t:
            i = waiting.pop(0)
            t = float(times[i])
            if last is not None:
                yield i, frame if frame.t - t < t - last.t else last
            elif frame.t - t < LATE:
                yield i, frame
        if last is not None:
            gap = frame.t - last.t
        last = frame
        if not waiting:
            return
    while last is not None and waiting and times[waiting[0]] <= last.t + 1.5 * gap + 1e-3:
        yield waiting.pop(0), last


def _shape(points: Sequence[Array], centre: Array | None) -> float:
    """Width over height in which people fit well from every side."""
    moved = [p if centre is None else p - (centre * [1.0, 0.0, 1.0])[:, None] for p in points]
    low, high = bounds(np.concatenate([p.reshape(-1, 3) for p in moved]))
    x, y, z = high - low
    return float(np.clip(max(x, z) / y, *SHAPES))


def _grid(count: int) -> tuple[int, int]:
    """Rows and columns for so many views."""
    rows = 1 if count <= 3 else 2
    return rows, -(-count // rows)


def _even(length: float) -> int:
    return max(round(length / 2) * 2, 2)


def _joined(pictures: Sequence[Image], *, upright: bool) -> Image:
    """Pictures beside or, upright, below one another, with thin lines between them."""
    together = np.concatenate(pictures, axis=0 if upright else 1)
    step = pictures[0].shape[0 if upright else 1]
    for k in range(1, len(pictures)):
        if upright:
            together[k * step - 1] = DIVIDER
        else:
            together[:, k * step - 1] = DIVIDER
    return np.asarray(together, dtype=np.uint8)


def _write(
    image: Image,
    text: str,
    at: tuple[float, float],
    colour: Colour,
    tall: float,
    *,
    dot: Colour | None = None,
) -> None:
    """Write into a picture.

    Args:
        at: where the writing begins: x in shares of `tall`, below zero for its end from the right
            edge; y in shares of the picture's height.
        tall: [px] height of a view, by which the letters have their size.
        dot: colour of a mark before it, if any.
    """
    size = 0.5 * tall / 480 + 0.08
    shown = text.encode("ascii", "replace").decode()  # which is all that the letters have
    (width, height), _ = cv2.getTextSize(shown, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    x = round(at[0] * tall)
    x = x if x >= 0 else image.shape[1] + x - width
    y = round(at[1] * image.shape[0])
    if dot is not None:
        radius = max(height // 2, 3)
        cv2.circle(image, (x + radius, y - radius), radius, dot, -1, cv2.LINE_AA)
        x += round(1.9 * height)
    thick = max(1, round(tall / 480))
    cv2.putText(image, shown, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)


def sheet(film: Film, count: int) -> Image:
    """Some moments of a film, one below the other, in two columns if there are many."""
    pictures = [picture for _, picture in film.pictures(film.moments(count))]
    columns = 2 if len(pictures) > 3 and film.size[0] < 2 * film.size[1] else 1
    blank = np.full_like(pictures[0], BACKGROUND)
    pictures += [blank] * (-len(pictures) % columns)
    rows = [
        _joined(pictures[k : k + columns], upright=False) for k in range(0, len(pictures), columns)
    ]
    return _joined(rows, upright=True)
