"""Mocap Bridge for Blender: people in front of a webcam move armatures, live or recorded.

An extension for Blender 4.2 and later, and an add-on from 3.6 on. No package but what Blender
brings, and no thread: the connection is looked at by a timer (live.py).

Licensed under GPL-3.0-or-later, see LICENSE beside this file; the rest of the project is MIT.
"""

import importlib
from contextlib import ExitStack

bl_info = {
    "name": "Mocap Bridge",
    "author": "The mocap-bridge authors",
    "version": (0, 1, 0),
    "blender": (3, 6, 0),
    "location": "3D Viewport > Sidebar > Mocap",
    "description": "Move armatures by a webcam or a video, live, recorded or imported",
    "category": "Animation",
}

# in order: each may use those before it
MODULES = (
    "preferences",
    "properties",
    "lists",
    "live",
    "connect_ops",
    "target_ops",
    "recording",
    "import_ops",
    "offline",
    "panel",
)


def modules():
    """The modules that have something to register, in order."""
    return [importlib.import_module("." + name, __package__) for name in MODULES]


def register():
    # half an add-on would leave classes behind that keep it from being enabled again
    with ExitStack() as undo:
        for module in modules():
            module.register()
            undo.callback(module.unregister)
        undo.pop_all()


def unregister():
    for module in reversed(modules()):
        module.unregister()
