"""A floor with people on it, seen by a still camera, or by one that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.figure import TRAIL, Colour, Figure

Image = NDArray[np.uint8]

# RGB
FADED: Colour = (96, 102, 114)  # not seen: held or resting
GROUND: Colour = (58, 64, 75)
BACKGROUND: Colour = (27, 30, 37)

SUPERSAMPLING = 2
LENS = np.radians(35.0)  # the camera's vertical field of view
AIR = 0.2  # [m] of floor around everybody
FILLED = 0.86  # share of the picture that people and floor fill
FITTINGS = 6  # steps in which a camera finds its place
MOST_POINTS = 20_000  # by which it does
TILE = 0.5  # [m] of the floor
SPOT = 0.11  # [m] radius of the mark under a foot that stands
ROUND = np.linspace(0.0, 2 * np.pi, 25)[:-1]
LEVEL = 6.0  # [degrees] from above, so that the floor is no line


@dataclass(frozen=True)
class View:
    """From where a stage is seen.

    Attributes:
        name: what it is called.
        turn: [rad] round to the left of who faces +Z; 0 sees their face.
        lift: [rad] from above.
    """

    name: str
    turn: float
    lift: float

    @classmethod
    def parse(cls, text: str) -> View:
        """A view by name, or by degrees round to the left. Raises InvalidValue."""
        name = text.strip().lower()
        if name in VIEWS:
            turn, lift = VIEWS[name]
            return cls(name, float(np.radians(turn)), float(np.radians(lift)))
        try:
            turn = float(name)
        except ValueError:
            turn = np.nan
        if not abs(turn) <= 360.0:
            raise InvalidValue(
                f"view {text!r}: expected {', '.join(VIEWS)}, or degrees round to the left of the "
                "person such as 45"
            )
        return cls(f"{turn:g} deg", float(np.radians(turn)), float(np.radians(VIEWS["stage"][1])))


VIEWS = {  # [degrees] round to the left, and from above; "side" shows who walks ahead go right
    "front": (0.0, LEVEL),
    "side": (-90.0, LEVEL),
    "left": (90.0, LEVEL),
    "right": (-90.0, LEVEL),
    "back": (180.0, LEVEL),
    "top": (0.0, 90.0),
    "stage": (28.0, 12.0),
}
STAGE = View.parse("stage")


class Stage:
    """A floor seen by a camera that has all the motion in view."""

    def __init__(
        self,
        figures: Sequence[Figure],
        size: tuple[int, int],
        view: View = STAGE,
        centre: Array | None = None,
    ) -> None:
        """
        Args:
            figures: of everyone, on one time line.
            size: width and height of its pictures [px].
            view: from where it is seen.
            centre: (T, 3) [m] what the camera goes with; None keeps it still.
        """
        self._figures = figures
        self._size = np.array(size) * SUPERSAMPLING
        self._turn = rotation.mul(
            rotation.axis_angle(np.array([1.0, 0.0, 0.0]), view.lift),
            rotation.axis_angle(np.array([0.0, 1.0, 0.0]), -view.turn),
        )
        every = [f.points if centre is None else f.points - _level(centre) for f in figures]
        points = np.concatenate([p.reshape(-1, 3) for p in every])
        points = points[np.isfinite(points).all(axis=1)]
        low, high = bounds(points)
        self._floor = bounds(np.concatenate([f.points.reshape(-1, 3) for f in figures]))
        self._centre = None if centre is None else _level(centre)[:, 0]
        self._focal = 0.5 * self._size[1] / np.tan(LENS / 2)
        floor = np.array([[x, 0.0, z] for x in (low[0], high[0]) for z in (low[2], high[2])])
        points = np.concatenate([points[:: max(len(points) // MOST_POINTS, 1)], floor])
        self._middle = (low + high) / 2
        self._distance = 1.0
        for _ in range(FITTINGS):
            self._fit(points)
        self._start = self._middle
        self._blank = np.full((self._size[1], self._size[0], 3), BACKGROUND, dtype=np.uint8)
        if self._centre is None:
            self._draw_floor(self._blank)

    def _fit(self, points: Array) -> None:
        """Go to where points (M, 3) fill the picture, and look at their middle."""
        around = rotation.rotate(self._turn, points - self._middle)
        half = FILLED / 2 * self._size / self._focal  # tangents
        needed = np.abs(around[:, :2]) / half + around[:, 2:]
        self._distance = float(np.max(needed))
        pixels, _ = self._project(points)
        off = (pixels.min(axis=0) + pixels.max(axis=0) - self._size) / 2
        aside = np.array([off[0], -off[1], 0.0]) * self._distance / self._focal
        self._middle = self._middle + rotation.rotate(rotation.inv(self._turn), aside)

    def _project(self, points: Array) -> tuple[Array, Array]:
        """World points (..., 3) to pixels (..., 2) and distances (...)."""
        view = rotation.rotate(self._turn, points - self._middle)
        depth = self._distance - view[..., 2]
        plane = view[..., :2] * [1.0, -1.0] / np.maximum(depth, 0.05)[..., None]
        return plane * self._focal + self._size / 2, depth

    def draw(self, frame: int) -> Image:
        """The people on the floor at one frame, RGB."""
        image = self._blank.copy()
        if self._centre is not None:
            self._middle = self._start + self._centre[frame]
            self._draw_floor(image)
        strokes: list[tuple[float, Array, Array, float, Colour]] = []
        for figure in self._figures:
            self._draw_trail(image, figure.way[: frame + 1], figure.trail)
            for spot in figure.spots[frame][figure.pressed[frame]]:
                self._draw_spot(image, spot, figure.mark)
            strokes += self._strokes(figure, frame)
        for _, a, b, width, colour in sorted(strokes, key=lambda s: -s[0]):
            self._line(image, a, b, colour, max(2, round(width)))
        small = cv2.resize(image, tuple(self._size // SUPERSAMPLING), interpolation=cv2.INTER_AREA)
        return np.asarray(small, dtype=np.uint8)

    def _draw_floor(self, image: Image) -> None:
        (x0, _, z0), (x1, _, z1) = self._floor
        for x in (x0, *np.arange(np.ceil(x0 / TILE), x1 / TILE) * TILE, x1):
            self._floor_line(image, np.array([[x, 0, z0], [x, 0, z1]]))
        for z in (z0, *np.arange(np.ceil(z0 / TILE), z1 / TILE) * TILE, z1):
            self._floor_line(image, np.array([[x0, 0, z], [x1, 0, z]]))

    def _floor_line(self, image: Image, ends: Array) -> None:
        pixels, _ = self._project(ends)
        self._line(image, pixels[0], pixels[1], GROUND, 2)

    def _draw_trail(self, image: Image, root: Array, colour: Colour) -> None:
        pixels, _ = self._project(root * [1.0, 0.0, 1.0])
        cv2.polylines(image, [np.round(pixels).astype(np.int32)], False, colour, 3, cv2.LINE_AA)

    def _draw_spot(self, image: Image, spot: Array, colour: Colour) -> None:
        """A ring on the floor around a foot that stands."""
        ring = np.stack([np.cos(ROUND), np.zeros(len(ROUND)), np.sin(ROUND)], axis=1)
        pixels, _ = self._project(spot + SPOT * ring)
        outline = np.round(pixels * 16).astype(np.int32)
        cv2.polylines(image, [outline], True, colour, 3, cv2.LINE_AA, 4)

    def _strokes(
        self, figure: Figure, frame: int
    ) -> list[tuple[float, Array, Array, float, Colour]]:
        pixels, depth = self._project(figure.limbs[frame])
        strokes = []
        for i in np.flatnonzero(np.isfinite(pixels).all(axis=(1, 2))):
            colour = figure.colours[i] if figure.seen[frame, i] else FADED
            if figure.stands[frame, i]:
                colour = TRAIL
            away = float(np.mean(depth[i]))
            width = float(figure.widths[i]) * self._focal / max(away, 0.05)
            strokes.append((away, pixels[i, 0], pixels[i, 1], width, colour))
        return strokes

    @staticmethod
    def _line(image: Image, a: Array, b: Array, colour: Colour, width: int) -> None:
        start, end = (np.clip(np.round(p * 16), -1e6, 1e6).astype(int).tolist() for p in (a, b))
        cv2.line(image, start, end, colour, width, cv2.LINE_AA, 4)


def _level(centre: Array) -> Array:
    """(T, 1, 3) a way (T, 3) along the floor, to move points with."""
    return np.asarray(centre * [1.0, 0.0, 1.0])[:, None]


def bounds(points: Array) -> tuple[Array, Array]:
    """Lowest and highest corner (3,) [m] of what is in view: points (M, 3), the floor under them
    and air around."""
    known = points[np.isfinite(points).all(axis=1)]
    low, high = known.min(axis=0) - AIR, known.max(axis=0) + AIR
    for edge, toward in ((low, np.floor), (high, np.ceil)):  # tiles are whole, or cut in the middle
        edge[[0, 2]] = toward(edge[[0, 2]] / TILE * 2) * TILE / 2
    low[1] = 0.0
    return low, np.maximum(high, low + AIR)
