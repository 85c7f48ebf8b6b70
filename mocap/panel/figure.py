"""A jointed figure of a skeleton: balls and limbs, each fixed to one bone.

All figures of a scene are copies of two shapes. What moves them is a place and a turn for each
part, which is little to send however fine the shapes are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocap import rotation
from mocap.arrays import Array, IntArray
from mocap.motion import Pose, TrackState
from mocap.skeleton import Skeleton

Colours = NDArray[np.uint8]

TALL = 1.75  # [m] of the body that the sizes below are of
UP = np.array([0.0, 1.0, 0.0])

# [m] radius at the thickest, of the limbs from a bone to its child or tip
LIMBS = {
    "neck": 0.052,
    "Shoulder": 0.050,
    "UpperArm": 0.054,
    "LowerArm": 0.044,
    "UpperLeg": 0.088,
    "LowerLeg": 0.062,
}
# [m] radius of the balls where limbs meet
BALLS = {
    "UpperArm": 0.060,
    "LowerArm": 0.043,
    "Hand": 0.033,
    "UpperLeg": 0.086,
    "LowerLeg": 0.058,
    "Foot": 0.043,
}
THIN = 0.022  # [m] radius of the limbs of what is no human
SHORTEST = 1e-3  # [m] of a limb
HUMAN = {"hips", "head", "leftUpperArm", "leftUpperLeg", "rightUpperArm", "rightUpperLeg"}

# of a limb: how far along, how thick there
OUTLINE = ((0, 0.72), (0.06, 0.8), (0.16, 0.94), (0.32, 1), (0.5, 0.95), (0.75, 0.76), (1, 0.66))

# RGB. Told apart by those who see colours differently, too (after Okabe and Ito, 2008).
PEOPLE = np.array(
    [(226, 122, 30), (45, 130, 222), (20, 156, 106), (204, 84, 152), (206, 172, 40), (112, 98, 228)]
)
GREY = np.array((112, 118, 130))  # lost: at rest, nobody is seen
VISOR = np.array((40, 44, 54))
LIT = np.array((120, 235, 60))  # a foot that stands
DIMMED = 0.5  # share of grey in what is held
JOINT = 0.72  # brightness of joints


@dataclass(frozen=True, eq=False)
class Shape:
    """A closed surface: vertices (V, 3) and triangles (F, 3)."""

    vertices: Array
    faces: IntArray


@dataclass(frozen=True, eq=False)
class Parts:
    """N copies of a shape, each fixed to a bone.

    Attributes:
        bones: (N,) index of the bone.
        centres: (N, 3) [m] where its origin is, in the bone.
        turns: (N, 4) from the shape to the bone.
        scales: (N, 3) [m] along the axes of the shape.
        joints: (N,) whether it is a joint.
        visor: (N,) whether it is the part by which one sees where the face is.
    """

    bones: IntArray
    centres: Array
    turns: Array
    scales: Array
    joints: NDArray[np.bool_]
    visor: NDArray[np.bool_]

    def placed(self, positions: Array, world: Array) -> tuple[Array, Array]:
        """Where the parts are: (N, 3) [m] and (N, 4), from positions and rotations of the bones."""
        turned = world[self.bones]
        return (
            positions[self.bones] + rotation.rotate(turned, self.centres),
            rotation.mul(turned, self.turns),
        )

    def colours(self, skeleton: Skeleton, pose: Pose, person: int) -> Colours:
        """(N, 3) RGB: whose it is, how well it is seen, which feet stand."""
        colour = np.tile(PEOPLE[person % len(PEOPLE)].astype(float), (len(self.bones), 1))
        colour[self.joints] *= JOINT
        colour[self.visor] = VISOR
        feet = [skeleton.index(f) for f, on in pose.contacts.items() if on and f in skeleton]
        soles = [i for i, p in enumerate(skeleton.parents.tolist()) if i in feet or p in feet]
        if pose.state is TrackState.TRACKED:
            grey = np.where(pose.confidence[self.bones] > 0, 0.0, DIMMED)[:, None]
            colour = (1 - grey) * colour + grey * GREY
            colour[np.isin(self.bones, soles) & ~self.visor] = LIT
        elif pose.state is TrackState.HELD:
            colour = (1 - DIMMED) * colour + DIMMED * GREY
        else:
            colour[~self.visor] = GREY
            colour[self.joints] = GREY * JOINT
        return np.round(colour).astype(np.uint8)


class _Making:
    """Parts as they are listed, one after the other."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.size = max(skeleton.height, 0.1) / TALL
        self._rows: list[tuple[int, Array, Array, Array, bool, bool]] = []

    def add(
        self,
        bone: int,
        centre: Sequence[float] | Array,
        scale: Sequence[float] | Array,
        turn: Array | None = None,
        joint: bool = False,
        visor: bool = False,
    ) -> None:
        turn = rotation.identity() if turn is None else turn
        self._rows.append((bone, np.asarray(centre), turn, np.asarray(scale), joint, visor))

    def parts(self) -> Parts:
        rows = self._rows
        return Parts(
            bones=np.array([r[0] for r in rows], dtype=np.int64),
            centres=np.array([r[1] for r in rows], dtype=float).reshape(-1, 3),
            turns=np.array([r[2] for r in rows], dtype=float).reshape(-1, 4),
            scales=np.array([r[3] for r in rows], dtype=float).reshape(-1, 3),
            joints=np.array([r[4] for r in rows], dtype=bool),
            visor=np.array([r[5] for r in rows], dtype=bool),
        )


def figure(skeleton: Skeleton) -> tuple[Parts, Parts]:
    """The balls and the limbs of a skeleton: of a human, or of anything by its bones."""
    balls, limbs = _Making(skeleton), _Making(skeleton)
    human = set(skeleton.names) >= HUMAN
    if human:
        _trunk(balls)
        _head(balls)
        _ends(balls)
    for i, name in enumerate(skeleton.names):
        plain = name.removeprefix("left").removeprefix("right")
        if plain in BALLS:
            balls.add(i, (0, 0, 0), np.full(3, BALLS[plain] * balls.size), joint=True)
        thick = LIMBS.get(plain, 0.0 if human else THIN)
        for end in _bone_ends(skeleton, i) if thick > 0 else ():
            length = float(np.linalg.norm(end))
            if length > SHORTEST:
                radius = thick * limbs.size
                turn = rotation.between(UP, end / length)
                limbs.add(i, (0, 0, 0), (radius, length, radius), turn)
    return balls.parts(), limbs.parts()


def _bone_ends(skeleton: Skeleton, bone: int) -> list[Array]:
    """[m] where a bone ends, in the bone: at its children, or at its tip."""
    ends = [skeleton.offsets[child] for child in skeleton.children[bone]]
    tip = skeleton.tips[bone]
    return ends or ([tip] if np.isfinite(tip).all() else [])


def _trunk(balls: _Making) -> None:
    body, size = balls.skeleton, balls.size
    places = body.rest_positions
    hips = places[body.index("hips")]
    wide = abs(body.offsets[body.index("leftUpperLeg")][0])
    arm = places[body.index("leftUpperArm")]
    neck = places[body.index("neck")] if "neck" in body else arm
    across = abs(arm[0] - hips[0])
    pelvis = (wide + 0.065 * size, 0.105 * size, 0.105 * size)
    balls.add(body.index("hips"), (0, -0.01 * size, 0), pelvis)
    bones = [b for b in ("spine", "chest", "upperChest") if b in body]
    if not bones:
        return
    low = bones[0]
    waist = 0.5 * (hips[1] + neck[1]) - places[body.index(low)][1] - 0.06 * size
    balls.add(body.index(low), (0, waist, 0), (wide + 0.045 * size, 0.15 * size, 0.095 * size))
    high = bones[-1]
    ribs = neck[1] - 0.155 * size - places[body.index(high)][1]
    balls.add(body.index(high), (0, ribs, 0.004 * size), (0.9 * across, 0.18 * size, 0.122 * size))


def _head(balls: _Making) -> None:
    body, size = balls.skeleton, balls.size
    head = body.index("head")
    tip = body.tips[head]
    tall = float(tip[1]) if np.isfinite(tip).all() else 0.21 * size
    balls.add(head, (0, 0.50 * tall, 0.018 * size), (0.080 * size, 0.56 * tall, 0.098 * size))
    balls.add(
        head, (0, 0.54 * tall, 0.058 * size), (0.063 * size, 0.20 * tall, 0.064 * size), visor=True
    )


def _ends(balls: _Making) -> None:
    """Hands and feet."""
    body, size = balls.skeleton, balls.size
    for side in ("left", "right"):
        if f"{side}Hand" in body:
            hand = body.index(f"{side}Hand")
            tip = body.tips[hand]
            if not np.isfinite(tip).all():
                tip = np.array([0.18 * size * (1 if side == "left" else -1), 0, 0])
            length = float(np.linalg.norm(tip))
            along = rotation.between(UP, tip / length)
            # flat below the palm, as wide as fingers side by side
            balls.add(hand, 0.46 * tip, (0.024 * size, 0.50 * length, 0.046 * size), along)
        if f"{side}Toes" not in body:
            continue
        foot, toes = body.index(f"{side}Foot"), body.index(f"{side}Toes")
        ball = body.offsets[toes]
        tip = body.tips[toes] if np.isfinite(body.tips[toes]).all() else np.array([0, 0, 0.07])
        sole = min(ball[1] + tip[1], -0.02)  # [m] of the sole, below the ankle
        half = 0.034 * size
        middle = (0.0, sole + half, 0.36 * ball[2])
        balls.add(foot, middle, (0.047 * size, half, 0.50 * ball[2] + 0.055 * size))
        thin = 0.024 * size
        balls.add(
            toes, (0.0, sole - ball[1] + thin, 0.30 * tip[2]),
            (0.044 * size, thin, 0.72 * tip[2] + 0.01 * size),
        )  # fmt: skip


def ball(around: int = 20, rings: int = 14) -> Shape:
    """The unit sphere."""
    polar = np.linspace(-np.pi / 2, np.pi / 2, rings)
    return _turned(np.cos(polar), np.sin(polar), around)


def limb(around: int = 16) -> Shape:
    """A muscle from y = 0 to y = 1, of radius 1 at its thickest, thinner at its end."""
    cap = np.linspace(0, np.pi / 2, 5)
    first, last = 0.06 * (1 - np.cos(cap)), 0.94 + 0.06 * np.sin(cap)
    along = np.concatenate([first, np.linspace(0.1, 0.9, 9), last])
    places, radii = zip(*OUTLINE, strict=True)
    thick = np.interp(along, places, radii)
    thick[:5] *= np.sin(cap)
    thick[-5:] *= np.cos(cap)
    return _turned(thick, along, around)


def _turned(radii: Array, heights: Array, around: int) -> Shape:
    """The surface of revolution about y through rings of these radii, from low to high."""
    angle = 2 * np.pi * np.arange(around) / around
    ring = np.stack([np.cos(angle), np.zeros(around), np.sin(angle)], axis=1)
    vertices = (ring * radii[:, None, None] + heights[:, None, None] * UP).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(len(radii) - 1), np.arange(around), indexing="ij")
    here, beside = i * around + j, i * around + (j + 1) % around
    faces = np.stack([here, here + around, beside, beside, here + around, beside + around], axis=-1)
    return Shape(vertices, faces.reshape(-1, 3))
