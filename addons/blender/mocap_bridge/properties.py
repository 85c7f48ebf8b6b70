"""What a scene remembers: the server, whom each armature follows, and how recordings are written.

All of it hangs on `Scene.mocap_bridge` and is saved with the file, but for two things. The token
is a secret that files would carry to others, so it lives in the preferences. Smoothing and
look-ahead belong to the server: reading them tells what the server last said, and setting them
sends a command.
"""

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import preferences
from .shared.address import DEFAULT_URL

SMOOTHING, LOOK_AHEAD = True, 3  # what `mocap live` begins with

SCALES = (
    ("LEGS", "Leg length", "Steps as long as the legs of the character need: feet do not slide"),
    ("ONE", "None", "The person's own metres"),
    ("CUSTOM", "Factor", "A factor of your own"),
)
ROOTS = (
    ("BONE", "Hips bone", "The hips travel, the armature object stays where it is"),
    ("OBJECT", "Object", "The armature object travels over the ground, the hips rise and fall"),
)


def is_armature(_settings, thing):
    """Whether an object may be chosen as a target."""
    return thing.type == "ARMATURE"


def armature_changed(target, _context):
    """Another armature has other bones: look for them, and forget the pose of the one before."""
    from . import targets

    target.bones.clear()
    target.bones_index = 0
    target.reference = ""
    if target.armature is not None:
        try:
            targets.detect_into(target)
        except targets.RigError:
            targets.fill(target, {})  # nothing is known of it: the user fills the list


def enabled_changed(target, _context):
    """Who no longer follows plays its own keyframes."""
    from . import rigify

    armature = target.armature
    if not target.enabled and armature is not None and rigify.is_rig(armature):
        rigify.let_keys_play(armature)


def token_of(_settings):
    """The token, from the preferences."""
    return preferences.held().token


def keep_token(_settings, text):
    """Keep a token in the preferences."""
    preferences.held().token = text


def option_of_server(name, default):
    """What the server says that an option is, or a default while there is no server."""
    from . import live

    client = live.client()
    options = client.status.get("options", {}) if client is not None else {}
    return options.get(name, default)


def set_on_server(name, value):
    """Ask the server to change an option; nothing happens while there is none."""
    from . import live

    live.send("set", option=name, value=value)


def smoothing_of(_settings):
    return bool(option_of_server("smoothing", SMOOTHING))


def set_smoothing(_settings, value):
    set_on_server("smoothing", value)


def look_ahead_of(_settings):
    return int(option_of_server("look_ahead", LOOK_AHEAD))


def set_look_ahead(_settings, value):
    set_on_server("look_ahead", value)


class MOCAPBRIDGE_PG_bone(bpy.types.PropertyGroup):
    """A line of the bone map: which bone of the armature plays which bone of the human."""

    human: StringProperty(name="Human bone", description="Bone of the person, by its VRM 1.0 name")
    bone: StringProperty(
        name="Bone", description="Bone of the armature that follows; empty if there is none"
    )


class MOCAPBRIDGE_PG_target(bpy.types.PropertyGroup):
    """An armature that follows a person.

    reference is "" where the rest pose of the armature is a T-pose already, else JSON: the
    rotations by bone name that bring the rest pose to a T-pose.
    """

    person: IntProperty(
        name="Person", description="Number of the person to follow, as the list of people shows it",
        default=0, min=0,
    )  # fmt: skip
    armature: PointerProperty(
        name="Armature", description="The armature that follows", type=bpy.types.Object,
        poll=is_armature, update=armature_changed,
    )  # fmt: skip
    bones: CollectionProperty(type=MOCAPBRIDGE_PG_bone)
    bones_index: IntProperty(options={"HIDDEN"})
    reference: StringProperty(options={"HIDDEN"})
    scale: EnumProperty(
        name="Scale", description="How far the character goes for each step of the person",
        items=SCALES, default="LEGS",
    )  # fmt: skip
    scale_factor: FloatProperty(
        name="Factor", description="Multiplies the way that the person goes",
        default=1.0, min=0.001, soft_min=0.1, soft_max=10.0, max=1000.0,
    )  # fmt: skip
    root: EnumProperty(
        name="Travel", description="What carries the way through the room",
        items=ROOTS, default="BONE",
    )  # fmt: skip
    in_place: BoolProperty(
        name="In place", description="Stay on the spot; rising and falling is kept",
    )  # fmt: skip
    enabled: BoolProperty(
        name="Follow", description="Follow the person; otherwise the armature is left alone",
        default=True, update=enabled_changed,
    )  # fmt: skip


class MOCAPBRIDGE_PG_settings(bpy.types.PropertyGroup):
    """Everything that a scene remembers, `Scene.mocap_bridge`."""

    url: StringProperty(
        name="Server", description="Address that mocap live prints when it starts",
        default=DEFAULT_URL,
    )  # fmt: skip
    token: StringProperty(
        name="Token",
        description="Needed for a server on another computer, which prints it. Not saved in files",
        subtype="PASSWORD", get=token_of, set=keep_token,
    )  # fmt: skip
    targets: CollectionProperty(type=MOCAPBRIDGE_PG_target)
    target_index: IntProperty(options={"HIDDEN"})
    record_name: StringProperty(
        name="Name", description="Name of the next take; made of date and time if empty"
    )
    record_nla: BoolProperty(
        name="As NLA strip", description="Put each take on a track of its own in the NLA editor"
    )
    record_on_server: BoolProperty(
        name="Also on the server",
        description="The server records too: everyone, at its own rate, into its folder of takes",
    )
    smoothing: BoolProperty(
        name="Smoothing", description="The server smooths what it sends",
        get=smoothing_of, set=set_smoothing,
    )  # fmt: skip
    look_ahead: IntProperty(
        name="Look-ahead",
        description="Frames that the server waits for: poses come later and are steadier",
        min=0, max=5, get=look_ahead_of, set=set_look_ahead,
    )  # fmt: skip


CLASSES = (MOCAPBRIDGE_PG_bone, MOCAPBRIDGE_PG_target, MOCAPBRIDGE_PG_settings)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.Scene.mocap_bridge = PointerProperty(type=MOCAPBRIDGE_PG_settings)


def unregister():
    del bpy.types.Scene.mocap_bridge
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
