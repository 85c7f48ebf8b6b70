"""People and rigs for the tests of the Maya module: skeletons, poses, rigs in a fake scene."""

from __future__ import annotations

import math

import maya_fake
import numpy as np
from maya_fake import FakeScene
from mocap_bridge_maya.shared.skeleton import Skeleton

from mocap import rotation, skeletons


def person(height: float = 1.0) -> Skeleton:
    """The skeleton of a server's person."""
    known = skeletons.humanoid()
    tips = [None if np.isnan(tip).any() else tuple((tip * height).tolist()) for tip in known.tips]
    return Skeleton(
        known.names,
        known.parents,
        tuple(tuple(row) for row in (known.offsets * height).tolist()),
        tuple(tips),
    )


def dance(skeleton: Skeleton, frames: int, seed: int = 0, turn: float = 1.0):
    """Smooth random motion: roots (T, 3) [m], rotations (T, J, 4)."""
    random = np.random.default_rng(seed)
    t = np.linspace(0.0, 1.0, frames)[:, None, None]
    count = len(skeleton.names)
    speed, phase = random.uniform(1, 6, (2, count, 3))
    vectors = turn * random.uniform(0.1, 0.7, (count, 3)) * np.sin(speed * t * 3 + phase)
    rotations = rotation.exp(vectors)
    root = np.array(skeleton.offsets[0]) + 0.3 * np.sin(
        2 * math.pi * t[:, :, 0] * np.array([1.0, 2.0, 0.5])
    )
    return root, rotations


def standing(skeleton: Skeleton):
    """T-pose: root (3,), rotations flat."""
    return skeleton.offsets[0], [0.0, 0.0, 0.0, 1.0] * len(skeleton.names)


def fk(skeleton: Skeleton, root, rotations):
    """Places (J, 3) [m] and turns (J, 4) of a pose."""
    places, turned = [], []
    for i, parent in enumerate(skeleton.parents):
        if parent < 0:
            places.append(np.array(root, dtype=float))
            turned.append(np.array(rotations[i]))
            continue
        places.append(
            places[parent] + rotation.rotate(turned[parent], np.array(skeleton.offsets[i]))
        )
        turned.append(rotation.mul(turned[parent], rotations[i]))
    return np.array(places), np.array(turned)


def rig(
    scene: FakeScene,
    skeleton: Skeleton,
    *,
    seed: int | None = None,
    size: float = 100.0,
    pose=None,
    names=None,
    group: str | None = None,
    compensate: bool = False,
    orders=None,
):
    """A character in the bones of a skeleton, in its T-pose or another; its joints by bone.

    Args:
        seed: of random jointOrients, rotateAxes and rotateOrders; None for none.
        size: cm for a metre.
        pose: rotations (J, 4) from the T-pose in which the rest pose of the rig stands.
        names: of the joints; those of the bones if not given.
        group: the node under which it stands.
        compensate: segmentScaleCompensate.
    """
    random = np.random.default_rng(seed)
    rest = np.tile([0.0, 0.0, 0.0, 1.0], (len(skeleton.names), 1)) if pose is None else pose
    places, turned = fk(skeleton, skeleton.offsets[0], rest)
    nodes: dict[str, str] = {}
    frames: list[np.ndarray] = []  # (4, 4) in the group
    for i, (bone, parent) in enumerate(zip(skeleton.names, skeleton.parents, strict=True)):
        frame = np.eye(4)
        frame[:3, :3] = np.array([rotation.rotate(turned[i], axis) for axis in np.eye(3)])
        orient = axis = rotate = (0.0, 0.0, 0.0)
        order = "xyz"
        if seed is not None:
            frame = maya_fake.euler(random.uniform(-3, 3, 3), "xyz") @ frame
            orient, axis = random.uniform(-3, 3, (2, 3))
            order = random.choice(["xyz", "yzx", "zxy", "xzy", "yxz", "zyx"])
        if orders is not None:
            order = orders[i]
        frame[3, :3] = places[i] * size
        above = frames[parent] if parent >= 0 else np.eye(4)
        local = frame @ np.linalg.inv(above)
        ro, jo = maya_fake.euler(axis, "xyz"), maya_fake.euler(orient, "xyz")
        inner = np.linalg.inv(ro)[:3, :3] @ local[:3, :3] @ np.linalg.inv(jo)[:3, :3]
        rotate = angles_of(inner, order)
        nodes[bone] = scene.add(
            bone if names is None else names[i],
            parent=nodes[skeleton.names[parent]] if parent >= 0 else group,
            translate=tuple(local[3, :3].tolist()),
            rotate=rotate,
            orient=tuple(orient),
            axis=tuple(axis),
            order=str(order),
            compensate=compensate,
        )
        frames.append(frame)
    return nodes


def angles_of(m, order):
    """[rad] about x, y and z of a (3, 3) turn for row vectors, by the textbook's arctangents."""
    i, j, k = ("xyz".index(letter) for letter in order)
    sign = 1.0 if (i, j, k) in ((0, 1, 2), (1, 2, 0), (2, 0, 1)) else -1.0
    found = [0.0, 0.0, 0.0]
    # rows: m = R_i R_j R_k, so m[i, k] = -sign sin(b)
    found[j] = math.asin(max(-1.0, min(1.0, -sign * m[i, k])))
    found[i] = math.atan2(sign * m[j, k], m[k, k])
    found[k] = math.atan2(sign * m[i, j], m[i, i])
    check = maya_fake.euler(found, order)[:3, :3]
    assert np.abs(check - m).max() < 1e-6
    return tuple(found)


def pointing(scene: FakeScene, nodes, skeleton: Skeleton):
    """Directions of the bones that have one child, in the world, by bone."""
    found = {}
    for i, bone in enumerate(skeleton.names):
        below = [k for k, parent in enumerate(skeleton.parents) if parent == i]
        if len(below) == 1:
            way = scene.place(nodes[skeleton.names[below[0]]]) - scene.place(nodes[bone])
            found[bone] = way / np.linalg.norm(way)
    return found
