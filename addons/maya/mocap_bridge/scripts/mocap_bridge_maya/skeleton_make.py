"""New joints in the bones of a person.

They stand in T-pose under a group of their own, which may be moved, turned and scaled. Every joint
has jointOrient 0, so its `rotate` is the rotation of the bone, and joints end where bones do. The
person's axes are those of a scene in which +Y is up; where it is +Z, the group is turned, so the
person stands upright and faces the front there, too.
"""

from __future__ import annotations

import math
from typing import Mapping, NamedTuple, Sequence

from . import rig
from .names import joint_names, legal, unique
from .scene import Node, Scene, Vec
from .shared import turns
from .shared.skeleton import Skeleton

METRE = 100.0  # [cm]
RADIUS = 0.018  # of the joints' drawing, as a share of the height
LEAST = 1e-4  # [m] a tip nearer to its bone is none


class Made(NamedTuple):
    """A skeleton that was made.

    Attributes:
        group: under which it stands.
        root: its first joint.
        joints: bone to joint.
        ends: bone to the joint at its tip, where it has one.
    """

    group: Node
    root: Node
    joints: Mapping[str, Node]
    ends: Mapping[str, Node]


def create(
    scene: Scene,
    source: Skeleton,
    name: str,
    namespace: str = "",
    orders: Sequence[str] = (),
    scale: float = 1.0,
    up: str = "y",
) -> Made:
    """Make the joints of a skeleton.

    Args:
        scene: gets them.
        source: the person's bones.
        name: of the group; made legal, and numbered if it is taken.
        namespace: for all of them; "" for none. Legal and new or not, as the caller likes.
        orders: rotateOrder of each bone; none for xyz.
        scale: factor of the person's size.
        up: "y", or "z" of a file in which people stand along +Z.

    Returns:
        What was made. The T-pose is stored as its rest pose.
    """
    before = f"{namespace}:" if namespace else ""
    height = _height(source)
    ends = [
        i
        for i, tip in enumerate(source.tips)
        if tip is not None and turns.length(tip) > LEAST and i not in source.parents
    ]
    wanted = [*source.names, *(f"{source.names[i]}_end" for i in ends)]
    names = joint_names(wanted, scene.is_taken, namespace)
    size = METRE * scale
    with scene.undo_chunk(f"Create {name}"):
        taken = set(names)
        group = scene.make_group(
            unique(before + legal(name, "person"), lambda n: n in taken or scene.is_taken(n)),
            rotate=upright(up, scene.up),
        )
        nodes: list[Node] = []
        for i, parent in enumerate(source.parents):
            nodes.append(
                scene.make_joint(
                    names[i],
                    nodes[parent] if parent >= 0 else group,
                    turns.scaled(source.offsets[i], size),
                    orders[i] if orders else "xyz",
                    radius=RADIUS * height * size,
                )
            )
        tips = {}
        for i, own in zip(ends, names[len(nodes) :]):
            place = turns.scaled(source.tips[i] or (0.0, 0.0, 0.0), size)
            radius = 0.5 * RADIUS * height * size
            tips[source.names[i]] = scene.make_joint(own, nodes[i], place, radius=radius)
        rig.store_rest(scene, nodes[0])
    return Made(group, nodes[0], dict(zip(source.names, nodes)), tips)


def upright(up: str, scene_up: str) -> Vec:
    """[rad] turn of what has one axis up, so that it stands in a scene that has another.

    What faces +Z, with +Y up, then faces -Y, with +Z up: there, the front view looks along +Y.
    """
    quarter = {"yz": 0.5 * math.pi, "zy": -0.5 * math.pi}
    return (quarter.get(up + scene_up, 0.0), 0.0, 0.0)


def _height(source: Skeleton) -> float:
    """[m] from the lowest bone of the rest pose to the highest, at least a little."""
    levels = [place[1] for place in source.rest_positions()]
    return max(max(levels) - min(levels), 0.1)
