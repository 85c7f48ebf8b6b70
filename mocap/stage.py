"""A floor with people on it, seen by a still camera, or by one that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.errors import InvalidValue
from mocap.motion import Motion
from mocap.skeleton import Skeleton

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

# RGB. Left is warm and right is cold, so that a swap is seen at once.
LEFT: Colour = (255, 158, 61)
RIGHT: Colour = (72, 166, 255)
MIDDLE: Colour = (226, 229, 235)
FADED: Colour = (96, 102, 114)  # not seen: held or resting
GROUND: Colour = (58, 64, 75)
TRAIL: Colour = (120, 200, 140)
BACKGROUND: Colour = (27, 30, 37)
# of several people: told apart by those who see colours differently, too (Okabe and Ito, 2008)
PEOPLE: tuple[Colour, ...] = (
    (236, 140, 60), (80, 160, 240), (40, 180, 130), (222, 110, 170), (226, 200, 60), (140, 125, 250)
)  # fmt: skip

SUPERSAMPLING = 2
LENS = np.radians(35.0)  # the camera's vertical field of view
AIR = 0.2  # [m] of floor around everybody
FILLED = 0.86  # share of the picture that people and floor fill
FITTINGS = 6  # steps in which a camera finds its place
MOST_POINTS = 20_000  # by which it does
TILE = 0.5  # [m] of the floor
SPOT = 0.11  # [m] radius of the mark under a foot that stands
ROUND = np.linspace(0.0, 2 * np.pi, 25)[:-1]
SHORTEST = 1e-3  # [m] of a limb
LEVEL = 6.0  # [degrees] from above, so that the floor is no line
THICK = {"UpperLeg": 0.09, "LowerLeg": 0.07, "UpperArm": 0.065, "spine": 0.1, "hest": 0.1}  # [m]
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")


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


@dataclass(frozen=True)
class Palette:
    """Colours of the limbs of one figure."""

    left: Colour = LEFT
    right: Colour = RIGHT
    middle: Colour = MIDDLE

    def of(self, name: str) -> Colour:
        """Colour of a bone or point by the side in its name."""
        lower = name.lower()
        return self.left if "left" in lower else self.right if "right" in lower else self.middle

    @classmethod
    def shades(cls, colour: Colour) -> Palette:
        """Of one colour: the left lighter, the right darker."""
        return cls(_mixed(colour, 255, 0.45), _mixed(colour, 0, 0.3), colour)


SIDES = Palette()


def _mixed(colour: Colour, grey: int, share: float) -> Colour:
    r, g, b = (round(c * (1 - share) + grey * share) for c in colour)
    return r, g, b


def palettes(people: int) -> list[Palette]:
    """Of everyone: one by sides, several by person."""
    if people == 1:
        return [SIDES]
    return [Palette.shades(PEOPLE[i % len(PEOPLE)]) for i in range(people)]


@dataclass(frozen=True, eq=False)
class Figure:
    """A body of N limbs over T frames, ready to be drawn.

    Attributes:
        limbs: (T, N, 2, 3) [m] where each begins and ends, +Y up, the floor at 0; NaN where a
            limb is not known.
        widths: (N,) [m]
        colours: of each.
        seen: (T, N) whether each was seen; else it is drawn faded.
        stands: (T, N) whether it is part of a foot that stands.
        way: (T, 3) [m] of the hips.
        spots: (T, F, 3) [m] under the feet.
        pressed: (T, F) whether each foot stands.
        trail, mark: colours of its way and of the rings under feet that stand.
    """

    limbs: Array
    widths: Array
    colours: tuple[Colour, ...]
    seen: BoolArray
    stands: BoolArray
    way: Array
    spots: Array
    pressed: BoolArray
    trail: Colour = TRAIL
    mark: Colour = TRAIL

    @classmethod
    def of(
        cls,
        motion: Motion,
        palette: Palette = SIDES,
        names: Sequence[str] | None = None,
        place: tuple[Array, Array] | None = None,
        slim: float = 1.0,
    ) -> Figure:
        """The figure of a motion.

        Args:
            motion: on any skeleton.
            palette: its colours.
            names: (J,) human names of the bones, those of the skeleton if None.
            place: turn (4,) and then shift (3,) [m] from the motion's world to the stage, none if
                None.
            slim: times the usual width of limbs.
        """
        skeleton = motion.skeleton
        names = skeleton.names if names is None else names
        positions, world = motion.fk()
        if place is not None:
            turn, shift = place
            positions, world = rotation.rotate(turn, positions) + shift, rotation.mul(turn, world)
        hips = names.index("hips") if "hips" in names else 0
        bones, ends = limbs_of(skeleton, positions, world)
        above = _above(skeleton, hips)
        kept = [k for k, bone in enumerate(bones) if bone not in above]
        bones, ends = [bones[k] for k in kept], ends[:, kept]
        size = body_size(skeleton)
        feet = [skeleton.index(foot) for foot in motion.contacts if foot in skeleton]
        pressed = [motion.contacts[skeleton.names[foot]] for foot in feet]
        stands = np.zeros((len(motion), len(bones)), dtype=bool)
        for foot, on in zip(feet, pressed, strict=True):
            stands[:, [i for i, bone in enumerate(bones) if bone == foot]] = on[:, None]
        return cls(
            limbs=ends,
            widths=np.array([thickness(names[bone]) for bone in bones]) * size * slim,
            colours=tuple(palette.of(names[bone]) for bone in bones),
            seen=motion.confidence[:, bones] > 0,
            stands=stands,
            way=positions[:, hips],
            spots=_under(skeleton, positions, feet),
            pressed=np.array(pressed, dtype=bool).reshape(len(feet), len(motion)).T,
        )

    @property
    def points(self) -> Array:
        """(T, M, 3) [m] all that must be in the picture."""
        return np.concatenate([self.limbs.reshape(len(self.limbs), -1, 3), self.way[:, None]], 1)


def _above(skeleton: Skeleton, bone: int) -> set[int]:
    """The bones that carry a bone: of hips, marks of a place on the floor and no part of a body."""
    found: set[int] = set()
    while (bone := int(skeleton.parents[bone])) >= 0:
        found.add(bone)
    return found


def body_size(skeleton: Skeleton) -> float:
    """How large a body is, 1 at 1.75 m, whatever its axes are."""
    extent = float(np.ptp(skeleton.rest_positions, axis=0).max())
    return float(np.clip(extent / 1.55, 0.2, 5.0)) if extent > 0 else 1.0


def _under(skeleton: Skeleton, positions: Array, feet: Sequence[int]) -> Array:
    """(T, F, 3) [m] on the floor under the middle of each foot."""
    spots = []
    for foot in feet:
        ball = skeleton.children[foot][:1] or (foot,)
        spots.append((positions[:, foot] + positions[:, ball[0]]) / 2 * [1.0, 0.0, 1.0])
    return np.array(spots).reshape(len(feet), len(positions), 3).transpose(1, 0, 2)


def limbs_of(skeleton: Skeleton, positions: Array, world: Array) -> tuple[list[int], Array]:
    """The bone of each of N limbs, and (T, N, 2, 3) [m] where it begins and ends: at the bone's
    children or at its tip."""
    tips = skeleton.tip_positions(positions, world)
    bones, ends = [], []
    for i, children in enumerate(skeleton.children):
        own = [positions[:, child] for child in children if _long(skeleton.offsets[child])]
        if _long(skeleton.tips[i]):
            own.append(tips[:, i])
        bones += [i] * len(own)
        ends += [np.stack([positions[:, i], end], axis=1) for end in own]
    if not ends:
        return [], np.zeros((len(positions), 0, 2, 3))
    return bones, np.stack(ends, axis=1)


def _long(offset: Array) -> bool:
    return bool(np.linalg.norm(offset) > SHORTEST)  # no number is not


def thickness(name: str) -> float:
    """[m] how thick a bone is drawn."""
    if name == "head":
        return 0.13
    if any(finger in name for finger in FINGERS):
        return 0.02
    for part, width in THICK.items():
        if part in name:
            return width
    return 0.05


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
