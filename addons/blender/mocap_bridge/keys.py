"""Keyframes by the thousand: curves of a value for every frame, written at once.

Actions changed twice: from 4.4 on they have slots, layers and strips, and 5.0 took the curves of
the action itself away. `new_curves` is the one place that knows.
"""

from dataclasses import dataclass

import bpy
import numpy as np

SLOTTED = bpy.app.version >= (4, 4, 0)  # actions have slots
GROUPED = bpy.app.version >= (5, 0, 0)  # curves of a channel bag are made with their group


@dataclass(frozen=True)
class Channel:
    """A property of an object over time.

    Attributes:
        path: data path from the object, as 'pose.bones["hips"].location'.
        group: under which the curves are shown.
        values: (T, N), a column for each component.
    """

    path: str
    group: str
    values: np.ndarray


def new_curves(action, thing):
    """How to make curves in an action that moves an object.

    Args:
        action: new, without anything in it.
        thing: the object; its action becomes this one.

    Returns:
        A function of path, index and group that makes an F-curve.
    """
    data = thing.animation_data or thing.animation_data_create()
    if not SLOTTED:
        data.action = action
        return lambda path, index, group: action.fcurves.new(path, index=index, action_group=group)
    slot = action.slots.new(id_type="OBJECT", name=thing.name)
    data.action = action
    data.action_slot = slot
    strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
    bag = strip.channelbag(slot, ensure=True)
    if GROUPED:
        return lambda path, index, group: bag.fcurves.new(path, index=index, group_name=group)

    def make(path, index, group):
        curve = bag.fcurves.new(path, index=index)
        curve.group = bag.groups.get(group) or bag.groups.new(group)
        return curve

    return make


def write(thing, name, first, channels, *, nla=False):
    """Write channels as a new action that moves an object from now on.

    Args:
        thing: the object.
        name: of the action; Blender numbers it if there is one of this name.
        first: frame of the first key; there is one in every frame.
        channels: all of the same number of frames, T.
        nla: put the action on a new track of the NLA editor, instead of making it the active one.

    Returns:
        The action. It is kept with the file even while nothing uses it.
    """
    action = bpy.data.actions.new(name)
    action.use_fake_user = True  # a take that a later one replaced must not be lost on saving
    make = new_curves(action, thing)
    linear = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items["LINEAR"].value
    frames = len(channels[0].values)
    points = np.empty((frames, 2), dtype=np.float32)
    points[:, 0] = first + np.arange(frames)
    kinds = np.full(frames, linear, dtype=np.int32)
    for channel in channels:
        for index in range(channel.values.shape[1]):
            points[:, 1] = channel.values[:, index]
            curve = make(channel.path, index, channel.group)
            curve.keyframe_points.add(frames)
            curve.keyframe_points.foreach_set("co", points.ravel())
            curve.keyframe_points.foreach_set("interpolation", kinds)
            curve.update()
    if nla:
        _to_track(thing.animation_data, action, first)
    return action


def _to_track(data, action, first):
    """Move the active action to a track of its own, above those that are there."""
    slot = data.action_slot if SLOTTED else None
    data.action = None
    track = data.nla_tracks.new()
    track.name = action.name
    strip = track.strips.new(action.name, int(first), action)
    if SLOTTED:
        strip.action_slot = slot
