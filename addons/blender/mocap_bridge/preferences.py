"""What a user sets once for all files: the outside Python, and the token of the server."""

import bpy
from bpy.props import StringProperty


class MOCAPBRIDGE_AP_preferences(bpy.types.AddonPreferences):
    """Settings of the add-on, in Blender's preferences."""

    bl_idname = __package__

    python: StringProperty(
        name="mocap program",
        description="The mocap command, or a Python that has it, to capture videos with. "
        "Empty: found by itself",
        subtype="FILE_PATH",
    )
    token: StringProperty(
        name="Token", description="What a server on another computer asks for",
        subtype="PASSWORD",
    )  # fmt: skip

    def draw(self, _context):
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "python")
        layout.prop(self, "token")


class Unsaved:
    """Stands in for the preferences where the add-on runs without having been installed."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.python = ""
        self.token = ""


_unsaved = Unsaved()


def held():
    """The add-on's preferences, with `python` and `token`; never fails."""
    addon = bpy.context.preferences.addons.get(__package__)
    found = addon.preferences if addon is not None else None
    return _unsaved if found is None else found


CLASSES = (MOCAPBRIDGE_AP_preferences,)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
    _unsaved.reset()
