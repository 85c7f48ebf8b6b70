"""Everyone of a take as figures on one stage, and another take, or the truth, with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.bone_map import detect
from mocap.errors import InvalidValue
from mocap.figure import Colour, Figure, Palette, palettes, thickness
from mocap.motion import Motion
from mocap.report.body import JOINTS, Body
from mocap.stance import Stance, reading, to_canonical
from mocap.take import Take
from mocap.truth import Truth

OTHER: Colour = (214, 120, 196)  # what is compared with
SLIM = 0.55  # of the usual width, so that both can be seen where they are the same
STILL = (np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3))

Place = tuple[Array, Array]


@dataclass(frozen=True, eq=False)
class Actor:
    """A motion and how it stands on a stage.

    Attributes:
        motion: on any skeleton, with contacts where they can be told.
        names: (J,) human names of its bones; its own where nobody knows.
        place: turn (4,) and shift (3,) [m] to +Y up with the floor at 0.
        id: of the person.
    """

    motion: Motion
    names: tuple[str, ...]
    place: Place
    id: int = 0

    @classmethod
    def of(cls, motion: Motion, id: int = 0) -> Actor:
        """Of a motion in any axes; as it is, if no human can be found in its skeleton."""
        skeleton = motion.skeleton
        if skeleton.names == skeletons.humanoid().names and motion.contacts:
            return cls(motion, skeleton.names, STILL, id)
        try:
            bones = detect(skeleton)
            read = reading(motion, bones)
            turn = to_canonical(Stance.of(skeleton, bones, read.rest).frame, read.up)
        except InvalidValue:
            return cls(motion, skeleton.names, STILL, id)
        human = {bone: name for name, bone in bones.pairs.items()}
        names = tuple(human.get(bone, bone) for bone in skeleton.names)
        place = (turn, np.array([0.0, -read.floor, 0.0]))
        return cls(_with_contacts(motion), names, place, id)

    def at(self, times: Array, interpolation: str = "linear") -> Actor:
        """The same at other times (T,) [s]."""
        motion = self.motion.resampled(times=times, interpolation=interpolation)
        return replace(self, motion=motion)

    def joints(self) -> tuple[list[str], Array]:
        """The JOINTS that it has, and (T, N, 3) [m] where they are on the stage."""
        found = [name for name in JOINTS if name in self.names]
        positions, _ = self.motion.fk()
        turn, shift = self.place
        index = [self.names.index(name) for name in found]
        return found, rotation.rotate(turn, positions[:, index]) + shift

    def moved(self, place: Place) -> Actor:
        """The same, moved on the stage."""
        (turn, shift), (more, further) = self.place, place
        moved = (rotation.mul(more, turn), rotation.rotate(more, shift) + further)
        return replace(self, place=moved)

    def figure(self, palette: Palette, slim: float = 1.0) -> Figure:
        """What is drawn."""
        return Figure.of(self.motion, palette, self.names, self.place, slim)


def actors(take: Take) -> list[Actor]:
    """Everyone of a take who moves. Raises InvalidValue if nobody does."""
    found = [Actor.of(p.motion, p.id) for p in take.people if p.motion is not None]
    found = [actor for actor in found if len(actor.motion)]
    if not found:
        raise InvalidValue(
            "the take holds no solved motion to show; mocap solve makes it from landmarks"
        )
    return found


def _with_contacts(motion: Motion) -> Motion:
    """A motion that tells which feet stand, as far as it can be seen."""
    if motion.contacts or len(motion) < 2:
        return motion
    body = Body.of(motion)
    if body.feet is None:
        return motion
    even = body.motion.times
    nearest = np.searchsorted((even[1:] + even[:-1]) / 2, motion.times)
    contacts = {
        body.bones[f"{side}Foot"]: body.feet.stands[nearest, i]
        for i, side in enumerate(("left", "right"))
    }
    return replace(motion, contacts=contacts)


def placing(points: Array, onto: Array) -> Place:
    """The turn about +Y and the shift along the floor that bring points (N, 3) nearest to others,
    by least squares; heights stay as they are."""
    known = np.isfinite(points).all(axis=1) & np.isfinite(onto).all(axis=1)
    if not known.any():
        return STILL
    a, b = points[known], onto[known]
    middle, target = a.mean(axis=0), b.mean(axis=0)
    # turning about +Y takes +Z to +X: as complex numbers z + ix are multiplied
    from_, to = ((p - m) @ [1j, 0.0, 1.0] for p, m in ((a, middle), (b, target)))
    turn = rotation.axis_angle(np.array([0.0, 1.0, 0.0]), np.angle(np.vdot(from_, to)))
    shift = (target - rotation.rotate(turn, middle)) * [1.0, 0.0, 1.0]
    return turn, shift


def company(
    shown: Sequence[Actor], other: Take | Truth, times: Array, apart: float
) -> list[Figure]:
    """The figures of another take, or of the truth, moved to where the first person is.

    Args:
        shown: those already on the stage, at `times`.
        other: compared with them.
        times: (T,) [s].
        apart: [m] by which they stand to the left.

    Raises:
        InvalidValue: nobody in it moves, or it has no joint in common.
    """
    aside = np.array([apart, 0.0, 0.0])
    names, mine = shown[0].joints()
    palette = Palette(OTHER, OTHER, OTHER)
    if isinstance(other, Truth):
        common = [name for name in names if name in other.names]
        if not common:
            raise InvalidValue("the truth has no joint in common with the take")
        theirs = other.at(times, common)
        index = [names.index(name) for name in common]
        place = placing(theirs.reshape(-1, 3), mine[:, index].reshape(-1, 3))
        return [_true(other, times, (place[0], place[1] + aside), palette)]
    others = [actor.at(times) for actor in actors(other)]
    also, theirs = others[0].joints()
    common = [name for name in names if name in also]
    pairs = [(theirs[:, also.index(n)], mine[:, names.index(n)]) for n in common]
    turn, shift = STILL
    if pairs:
        turn, shift = placing(*(np.concatenate(points) for points in zip(*pairs, strict=True)))
    moved = [actor.moved((turn, shift + aside)).figure(palette, SLIM) for actor in others]
    return [replace(figure, trail=OTHER, mark=OTHER) for figure in moved]


def _true(truth: Truth, times: Array, place: Place, palette: Palette) -> Figure:
    """The figure of true joints."""
    turn, shift = place
    at = rotation.rotate(turn, truth.at(times, list(truth.names))) + shift
    body = skeletons.humanoid()
    ends = []
    for name in truth.names:
        parent = body.parent(name) if name in body else None
        while parent is not None and parent not in truth.names:
            parent = body.parent(parent)
        if parent is not None:
            ends.append((parent, name))
    limbs = [
        np.stack([at[:, truth.names.index(a)], at[:, truth.names.index(b)]], axis=1)
        for a, b in ends
    ]
    feet = [truth.names.index(f"{s}Foot") for s in ("left", "right") if f"{s}Foot" in truth.names]
    contacts = truth.contacts_at(times)
    if contacts is None or len(feet) < 2:
        contacts, feet = np.zeros((len(times), 0), dtype=bool), []
    root = truth.names.index("hips") if "hips" in truth.names else 0
    return Figure(
        limbs=np.stack(limbs, axis=1) if limbs else np.zeros((len(times), 0, 2, 3)),
        widths=np.array([thickness(a) * SLIM for a, _ in ends]),
        colours=tuple(palette.of(a) for a, _ in ends),
        seen=np.ones((len(times), len(ends)), dtype=bool),
        stands=np.zeros((len(times), len(ends)), dtype=bool),
        way=at[:, root],
        spots=at[:, feet] * [1.0, 0.0, 1.0],
        pressed=contacts,
        trail=OTHER,
        mark=OTHER,
    )


def figures(shown: Sequence[Actor]) -> list[Figure]:
    """Everyone in colours of their own, several with ways of these colours."""
    colours = palettes(len(shown))
    found = [actor.figure(palette) for actor, palette in zip(shown, colours, strict=True)]
    if len(found) == 1:
        return found
    return [replace(f, trail=c.middle) for f, c in zip(found, colours, strict=True)]
