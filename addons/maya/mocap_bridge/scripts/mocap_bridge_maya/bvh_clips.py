"""People of a BVH file as clips, their angles as rotations."""

from __future__ import annotations

from array import array
from itertools import chain
from typing import Sequence

from . import euler
from .shared.bvh import MOVED, Bvh, Channel
from .shared.clip import Clip
from .shared.turns import ONE

DEGREE = 0.017453292519943295  # [rad]


def order_of(channels: Sequence[Channel]) -> str:
    """The rotateOrder that makes of a joint's angles what the file means.

    A file that lists Z, X, Y means Rz Rx Ry: y turns first, so the order is the file's reversed.
    Axes that it does not list have the angle 0 and come first.
    """
    listed = ["xyz"[axis] for axis, kind in channels if kind == "rotation"]
    return "".join([*listed, *(axis for axis in "xyz" if axis not in listed)])[::-1]


def angles_of(bvh: Bvh, person: int, bone: int) -> list[Sequence[float]]:
    """[rad] angles about x, y and z over time, as the file has them; zeros for an axis without."""
    found: list[Sequence[float]] = [array("d", bytes(8 * len(bvh)))] * 3
    for axis, column in _columns(bvh, person, bone, "rotation"):
        found[axis] = [DEGREE * angle for angle in bvh.rows[column :: bvh.width]]
    return found


def places_of(bvh: Bvh, person: int, bone: int) -> dict[int, list[float]]:
    """[m] places in the parent over time, by axis that has a channel."""
    return {
        axis: [bvh.scale * place for place in bvh.rows[column :: bvh.width]]
        for axis, column in _columns(bvh, person, bone, "position")
    }


def _columns(bvh: Bvh, person: int, bone: int, wanted: str) -> list[tuple[int, int]]:
    """Axis and column of a bone's channels of a kind."""
    one = bvh.people[person]
    column = one.column + sum(map(len, one.channels[:bone]))
    some = enumerate(one.channels[bone], column)
    return [(axis, at) for at, (axis, kind) in some if kind == wanted]


def clip_of(bvh: Bvh, person: int) -> Clip:
    """What a person does; standing in the rest pose where the file has no frames."""
    skeleton, channels, _ = bvh.people[person]
    count = len(bvh)
    if count == 0:
        still = array("d", ONE * len(skeleton))
        return Clip(person, skeleton, array("d", [0.0]), array("d", skeleton.offsets[0]), still)
    bones = len(skeleton)
    rotations = array("d", bytes(8 * 4 * bones * count))
    places = array("d", list(chain.from_iterable(skeleton.offsets)) * count)
    moving = False
    for bone, offset in enumerate(skeleton.offsets):
        order = order_of(channels[bone])
        at = 4 * bone
        for angles in zip(*angles_of(bvh, person, bone)):
            rotations[at : at + 4] = array("d", euler.from_euler(angles, order))
            at += 4 * bones
        for axis, values in places_of(bvh, person, bone).items():
            places[3 * bone + axis :: 3 * bones] = array("d", values)
            moving = moving or (
                bone > 0 and any(abs(value - offset[axis]) > MOVED for value in values)
            )
    root = array("d", bytes(24 * count))
    for axis in range(3):
        root[axis::3] = places[axis :: 3 * bones]
    times = array("d", [n * bvh.frame_time for n in range(count)])
    return Clip(person, skeleton, times, root, rotations, places if moving else None)
