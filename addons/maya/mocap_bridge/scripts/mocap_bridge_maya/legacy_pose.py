"""Points of Human3.6M over time as the motion of a skeleton.

The points have the lengths that a network gave them, which change from frame to frame; a skeleton
keeps the usual ones. Torso and hips turn as their points say; limbs by the shortest arc from where
the bone above carries them, which adds no twist.
"""

from __future__ import annotations

import math
from array import array
from typing import Mapping, Sequence

from .legacy_points import JOINTS, Points
from .shared import turns
from .shared.bones import SIDES
from .shared.clip import Clip
from .shared.skeleton import Skeleton
from .shared.turns import Quat, Vec, inv, mul, rotate

METRE = 0.001  # of a millimetre
STRAIGHT = math.radians(25.0)  # a leg bent by less stands
LEAST = 0.25  # share of the frames in which somebody has to stand to tell what is up
STEEP = math.radians(40.0)  # no camera looks down or up by more
SOLE = 0.07 / 0.86  # height of the ankle over the sole in leg lengths
TREE = {
    "hips": "",
    "spine": "hips",
    "neck": "spine",
    "head": "neck",
    **{side + "UpperArm": "spine" for side in SIDES},
    **{side + "LowerArm": side + "UpperArm" for side in SIDES},
    **{side + "Hand": side + "LowerArm" for side in SIDES},
    **{side + "UpperLeg": "hips" for side in SIDES},
    **{side + "LowerLeg": side + "UpperLeg" for side in SIDES},
    **{side + "Foot": side + "LowerLeg" for side in SIDES},
}
Body = Mapping[str, Vec]


def clip_of(points: Points, fps: float) -> Clip:
    """The motion, upright, on the floor in every frame, facing the camera where the person does.

    Args:
        points: of a 3D file.
        fps: of the pictures, which the file does not tell.
    """
    turn = level(points)
    bodies = [turned(placed(row), turn) for row in points.rows]
    frames = [(_hips(body), _chest(body)) for body in bodies]
    skeleton = _skeleton(bodies, frames)
    below = {bone: [b for b, parent in TREE.items() if parent == bone] for bone in TREE}
    rotations, root = array("d"), array("d")
    for body, (hips, chest) in zip(bodies, frames):
        world: dict[str, Quat] = {"hips": hips, "spine": chest}
        for bone, parent in TREE.items():
            if bone not in world:
                world[bone] = _swung(bone, below[bone], body, skeleton, world[parent])
            above = world[parent] if parent else (0.0, 0.0, 0.0, 1.0)
            rotations.extend(mul(inv(above), world[bone]))
        # the file has no height: in each of its frames the body was shifted by another
        ankle = SOLE * skeleton.offsets[0][1] / (1 + SOLE)
        floor = min(y - (ankle if "Foot" in name else 0.0) for name, (_, y, _) in body.items())
        x, y, z = body["hips"]
        root.extend((x, y - floor, z))
    first = points.numbers[0]
    times = array("d", [(number - first) / fps for number in points.numbers])
    return Clip(0, skeleton, times, root, rotations)


def placed(row: Mapping[int, Sequence[float]]) -> dict[str, Vec]:
    """[m] points by name: +Y up, +Z towards the camera, which is the front, +X to the right of
    the picture, which is the left of who looks into the camera."""
    found: dict[str, Vec] = {}
    for name, number in JOINTS.items():
        x, y, z = row[number]
        found[name] = (METRE * x, METRE * z, -METRE * y)
    # networks that work relative to the hips leave these at a mean
    found["hips"] = turns.middle(found["leftUpperLeg"], found["rightUpperLeg"])
    return found


def turned(body: Body, turn: Quat) -> dict[str, Vec]:
    """A body turned."""
    return {name: rotate(turn, place) for name, place in body.items()}


def level(points: Points) -> Quat:
    """What turns the camera's picture level: people who stand on straight legs stand upright, all
    in all. Nothing where nobody does, or where they would lean as no camera does."""
    total: Vec = (0.0, 0.0, 0.0)
    count = 0
    for row in points.rows:
        body = placed(row)
        if all(_bent(body, side) < STRAIGHT for side in SIDES):
            ankles = turns.middle(body["leftFoot"], body["rightFoot"])
            total = turns.plus(total, turns.direction(turns.minus(body["neck"], ankles)))
            count += 1
    if count < LEAST * len(points.rows):
        return turns.ONE
    # a camera looks down or up, and is seldom askew
    tilt = math.atan2(total[2], total[1])
    if not abs(tilt) < STEEP:
        return turns.ONE
    return (-math.sin(tilt / 2), 0.0, 0.0, math.cos(tilt / 2))


def _bent(body: Body, side: str) -> float:
    """[rad] by which a knee is bent."""
    hip, knee, foot = (body[side + part] for part in ("UpperLeg", "LowerLeg", "Foot"))
    thigh = turns.direction(turns.minus(knee, hip))
    shin = turns.direction(turns.minus(foot, knee))
    return math.acos(max(-1.0, min(1.0, turns.dot(thigh, shin))))


def _hips(body: Body) -> Quat:
    left = turns.minus(body["leftUpperLeg"], body["rightUpperLeg"])
    return _frame(left, turns.minus(body["spine"], body["hips"]))


def _chest(body: Body) -> Quat:
    left = turns.minus(body["leftUpperArm"], body["rightUpperArm"])
    return _frame(left, turns.minus(body["neck"], body["spine"]))


def _frame(left: Vec, up: Vec) -> Quat:
    """The rotation that takes +Y to `up` and +X as near as can be to `left`."""
    y = turns.direction(up)
    x = turns.direction(turns.minus(left, turns.scaled(y, turns.dot(left, y))))
    if turns.length(x) < 0.5 or turns.length(y) < 0.5:  # they lie on each other
        return turns.ONE
    return turns.from_axes(x, y, turns.cross(x, y))


def _swung(bone: str, below: Sequence[str], body: Body, skeleton: Skeleton, carried: Quat) -> Quat:
    """Where a bone points, from where the one above it carries it."""
    if bone == "head":
        end, offset = "top", skeleton.tips[skeleton.names.index(bone)]
    elif below:
        end = below[0]
        offset = skeleton.offsets[skeleton.names.index(end)]
    else:
        return carried
    along = turns.minus(body[end], body[bone])
    if offset is None or turns.length(along) < turns.TINY:
        return carried
    return mul(turns.between(rotate(carried, offset), along), carried)


def _skeleton(bodies: Sequence[Body], frames: Sequence[tuple[Quat, Quat]]) -> Skeleton:
    """The usual lengths, in a T-pose; the head as it usually is."""

    def usual(a: str, b: str) -> float:
        some = sorted(turns.length(turns.minus(body[b], body[a])) for body in bodies)
        return some[len(some) // 2]

    def seen(a: str, b: str, which: int) -> Vec:
        """Median of b from a in the frame of the hips (0) or of the chest (1)."""
        ways = [
            rotate(inv(frame[which]), turns.minus(body[b], body[a]))
            for body, frame in zip(bodies, frames)
        ]
        x, y, z = (sorted(way[axis] for way in ways)[len(ways) // 2] for axis in range(3))
        return (x, y, z)

    def both(a: str, b: str) -> float:
        return 0.5 * sum(usual(side + a, side + b) for side in SIDES)

    thigh, shin = both("UpperLeg", "LowerLeg"), both("LowerLeg", "Foot")
    offsets: dict[str, Vec] = {
        "hips": (0.0, (thigh + shin) * (1 + SOLE), 0.0),
        "spine": (0.0, usual("hips", "spine"), 0.0),
        "neck": (0.0, usual("spine", "neck"), 0.0),
        "head": _ahead(seen("neck", "head", 1)),
    }
    high = 0.5 * sum(seen("spine", side + "UpperArm", 1)[1] for side in SIDES)
    for side, sign in zip(SIDES, (1.0, -1.0)):
        offsets[side + "UpperLeg"] = (sign * 0.5 * usual("leftUpperLeg", "rightUpperLeg"), 0.0, 0.0)
        offsets[side + "LowerLeg"] = (0.0, -thigh, 0.0)
        offsets[side + "Foot"] = (0.0, -shin, 0.0)
        wide = 0.5 * usual("leftUpperArm", "rightUpperArm")
        offsets[side + "UpperArm"] = (sign * wide, high, 0.0)
        offsets[side + "LowerArm"] = (sign * both("UpperArm", "LowerArm"), 0.0, 0.0)
        offsets[side + "Hand"] = (sign * both("LowerArm", "Hand"), 0.0, 0.0)
    names = tuple(TREE)
    parents = tuple(names.index(parent) if parent else -1 for parent in TREE.values())
    tips = tuple(_ahead(seen("head", "top", 1)) if name == "head" else None for name in names)
    return Skeleton(names, parents, tuple(offsets[name] for name in names), tips)


def _ahead(way: Vec) -> Vec:
    """A way that goes neither left nor right."""
    return (0.0, way[1], way[2])
