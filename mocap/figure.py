"""People as limbs with colours, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.motion import Motion
from mocap.skeleton import Skeleton

Colour = tuple[int, int, int]

# RGB. Left is warm and right is cold, so that a swap is seen at once.
LEFT: Colour = (255, 158, 61)
RIGHT: Colour = (72, 166, 255)
MIDDLE: Colour = (226, 229, 235)
TRAIL: Colour = (120, 200, 140)
# of several people: told apart by those who see colours differently, too (Okabe and Ito, 2008)
PEOPLE: tuple[Colour, ...] = (
    (236, 140, 60), (80, 160, 240), (40, 180, 130), (222, 110, 170), (226, 200, 60), (140, 125, 250)
)  # fmt: skip

SHORTEST = 1e-3  # [m] of a limb
# [m] of limbs with these in their names, as "hest" is in chest and upperChest
THICK = {"UpperLeg": 0.09, "LowerLeg": 0.07, "UpperArm": 0.065, "spine": 0.1, "hest": 0.1}
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")


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
