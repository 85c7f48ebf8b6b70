"""Clips as actions: people over time become keyframes of the armatures that follow them."""

import bpy

from . import keys, turns
from .keys import Channel

XYZW = [1, 2, 3, 0]


def frame_rate(scene):
    """Frames per second of a scene."""
    return scene.render.fps / scene.render.fps_base


def turned(bone, basis):
    """The rotation of a pose bone over time, in the mode that the bone is in.

    Args:
        bone: pose bone.
        basis: (T, 4) w, x, y, z.

    Returns:
        Name of the property and its values, without flips from frame to frame.
    """
    q = basis[:, XYZW]
    if bone.rotation_mode == "QUATERNION":
        return "rotation_quaternion", turns.continuous(q)[:, [3, 0, 1, 2]]
    if bone.rotation_mode == "AXIS_ANGLE":
        return "rotation_axis_angle", turns.to_axis_angle(q)
    # Blender's XYZ turns by x first: the product Rz Ry Rx
    order = bone.rotation_mode[::-1]
    angles = turns.to_euler(q, order)
    return "rotation_euler", angles[:, [order.index(axis) for axis in "XYZ"]]


def channels_of(rigged, clip):
    """What the character does in a clip that has the rate of the scene.

    Args:
        rigged: rigs.Rigged, made for the skeleton of the clip.
        clip: T frames.
    """
    names, root, moves = rigged.keyed(clip.root, clip.rotations)
    bones = rigged.character.pose.bones
    channels = []
    for i, name in enumerate(names):
        where, values = turned(bones[name], moves.basis[:, i])
        channels.append(Channel(f"{path_of(name)}.{where}", name, values))
    channels.append(Channel(f"{path_of(root)}.location", root, moves.location))
    if moves.place is not None:
        channels.append(Channel("location", "Object Transforms", moves.place))
    return channels


def path_of(name):
    """Data path of a pose bone from its object."""
    return f'pose.bones["{bpy.utils.escape_identifier(name)}"]'


def bake(scene, pairs, name, first, *, nla=False):
    """Write clips as actions, one for each armature, all beginning at the same moment.

    Args:
        scene: whose frame rate they get; its range grows if they end beyond it.
        pairs: rigs.Rigged and clip of each person.
        name: of the take; where there are several armatures, theirs follow it.
        first: frame of the moment at which the earliest clip begins.
        nla: as strips of the NLA editor.

    Returns:
        The actions, and how many frames the longest has.
    """
    fps = frame_rate(scene)
    start = min(clip.times[0] for _, clip in pairs)
    actions, longest = [], 0
    for rigged, clip in pairs:
        even = clip.resampled(fps, start)
        thing = rigged.character
        own = name if len(pairs) == 1 else f"{name} {thing.name}"
        actions.append(keys.write(thing, own, first, channels_of(rigged, even), nla=nla))
        rigged.let_go()
        longest = max(longest, len(even))
    scene.frame_end = max(scene.frame_end, first + longest - 1)
    return actions, longest
