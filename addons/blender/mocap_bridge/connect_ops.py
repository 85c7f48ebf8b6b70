"""Operators that connect, and that command the server."""

import bpy
from bpy.props import FloatProperty, StringProperty

from . import live, rigify


def is_connected():
    """Whether the server listens to commands."""
    client = live.client()
    return client is not None and client.state == "connected"


class MOCAPBRIDGE_OT_connect(bpy.types.Operator):
    """Connect to the capture server and follow it, also when it comes back after an interruption"""

    bl_idname = "mocap_bridge.connect"
    bl_label = "Connect"

    @classmethod
    def poll(cls, _context):
        return live.client() is None

    def execute(self, context):
        settings = context.scene.mocap_bridge
        live.start(settings.url, settings.token)
        problem = live.state()["problem"]
        if live.client() is None or live.client().state == "closed":
            live.tick()  # so that what is wrong stays, and nothing else
            self.report({"ERROR"}, problem)
            return {"CANCELLED"}
        return {"FINISHED"}


class MOCAPBRIDGE_OT_disconnect(bpy.types.Operator):
    """End the connection; the armatures stay as they are"""

    bl_idname = "mocap_bridge.disconnect"
    bl_label = "Disconnect"

    @classmethod
    def poll(cls, _context):
        return live.client() is not None

    def execute(self, context):
        live.stop()
        for target in context.scene.mocap_bridge.targets:
            if target.armature is not None and rigify.is_rig(target.armature):
                rigify.let_keys_play(target.armature)
        return {"FINISHED"}


class ServerCommand:
    """Something that a connected server is asked; its answer comes into the panel."""

    @classmethod
    def poll(cls, _context):
        return is_connected()


class MOCAPBRIDGE_OT_server_record(ServerCommand, bpy.types.Operator):
    """Begin a recording on the server: everyone, at its own rate, into its folder of takes"""

    bl_idname = "mocap_bridge.server_record"
    bl_label = "Record on the Server"

    name: StringProperty(
        name="Name", description="Of the take; made of date and time if empty", maxlen=100
    )

    def execute(self, _context):
        live.send("record", name=self.name)
        return {"FINISHED"}


class MOCAPBRIDGE_OT_server_stop(ServerCommand, bpy.types.Operator):
    """End the recording on the server"""

    bl_idname = "mocap_bridge.server_stop"
    bl_label = "Stop on the Server"

    def execute(self, _context):
        live.send("stop")
        return {"FINISHED"}


class MOCAPBRIDGE_OT_calibrate(ServerCommand, bpy.types.Operator):
    """Learn height, floor, facing and bone lengths: stand in a T-pose until the time is over"""

    bl_idname = "mocap_bridge.calibrate"
    bl_label = "Calibrate"

    delay: FloatProperty(
        name="Delay", description="Seconds until people are looked at",
        default=3.0, min=0.0, max=30.0, unit="TIME_ABSOLUTE",
    )  # fmt: skip
    height: FloatProperty(
        name="Height", description="Of the person; 0 if it is not known",
        default=0.0, min=0.0, max=3.0, unit="LENGTH",
    )  # fmt: skip

    def execute(self, _context):
        if 0.0 < self.height < 0.3:
            self.report({"ERROR"}, "height: expected 0.3 to 3 metres, or 0 if it is not known")
            return {"CANCELLED"}
        live.send("calibrate", delay=self.delay, height=self.height or None)
        return {"FINISHED"}


class MOCAPBRIDGE_OT_set_option(ServerCommand, bpy.types.Operator):
    """Change how the server captures"""

    bl_idname = "mocap_bridge.set_option"
    bl_label = "Set an Option of the Server"

    smoothing: bpy.props.BoolProperty(
        name="Smoothing", description="The server smooths what it sends", default=True
    )
    look_ahead: bpy.props.IntProperty(
        name="Look-ahead", description="Frames that it waits for, to be steadier",
        default=3, min=0, max=5,
    )  # fmt: skip

    def execute(self, _context):
        for name in ("smoothing", "look_ahead"):
            if self.properties.is_property_set(name):
                live.send("set", option=name, value=getattr(self, name))
        return {"FINISHED"}


CLASSES = (
    MOCAPBRIDGE_OT_connect,
    MOCAPBRIDGE_OT_disconnect,
    MOCAPBRIDGE_OT_server_record,
    MOCAPBRIDGE_OT_server_stop,
    MOCAPBRIDGE_OT_calibrate,
    MOCAPBRIDGE_OT_set_option,
)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
