"""The panel "Mocap" in the sidebar of the 3D viewport.

It shows what is and changes nothing: settings are read from the scene and the state from live.py
whenever it is drawn. What its buttons do is in the modules of operators.
"""

import textwrap

import bpy

from . import live, offline, recording, targets
from .shared.words import is_elsewhere
from .target_ops import chosen

LETTER = 6.3  # [px at scale 1] width of a usual letter, and a little more
SEEN = {  # how a person is seen: icon, words
    "tracked": ("HIDE_OFF", ""),
    "held": ("TIME", "out of sight"),
    "lost": ("HIDE_ON", "lost"),
}


def tell(layout, context, text, icon="NONE"):
    """Draw a sentence in as many lines as the width of the panel needs."""
    scale = context.preferences.system.ui_scale
    letters = max(20, int((context.region.width / scale - 50) / LETTER))
    lines = layout.column(align=True)
    lines.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, letters)):
        lines.label(text=line, icon=icon if number == 0 else "BLANK1" if icon != "NONE" else "NONE")


def figures(state):
    """How fast frames come, how old they are, and how many were left out: always two lines, so
    that what is below stays where it is."""
    latency = state["latency_ms"]
    age = "" if latency is None else f", {max(0.0, latency):.0f} ms old"
    return f"{state['fps']:.0f} fps{age}", f"{state['dropped']} frames dropped"


class Sidebar:
    """Where all of these panels are."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mocap"


class MOCAPBRIDGE_PT_main(Sidebar, bpy.types.Panel):
    """Where the motion comes from, and whether it comes."""

    bl_label = "Mocap Bridge"

    def draw(self, context):
        layout = self.layout
        settings = context.scene.mocap_bridge
        connected = live.client() is not None
        column = layout.column()
        column.enabled = not connected
        column.prop(settings, "url", text="")
        if is_elsewhere(settings.url) or settings.token:
            column.prop(settings, "token")
        row = layout.row()
        row.scale_y = 1.4
        if connected:
            row.operator("mocap_bridge.disconnect", icon="CANCEL")
        else:
            row.operator("mocap_bridge.connect", icon="PLAY")
        self.draw_state(layout, context, connected)

    def draw_state(self, layout, context, connected):
        state = live.state()
        if not (connected or state["problem"]):
            return
        box = layout.box().column()
        if connected:
            flowing = live.client().state == "connected"
            tell(box, context, state["text"], "CHECKMARK" if flowing else "SORTTIME")
            if flowing:
                for line in figures(state):
                    tell(box, context, line, "BLANK1")
        if state["problem"]:
            tell(box, context, state["problem"], "ERROR")
        elif state["message"]:
            tell(box, context, state["message"], "INFO")


class MOCAPBRIDGE_PT_characters(Sidebar, bpy.types.Panel):
    """Who is seen, and which armature follows whom."""

    bl_label = "Characters"
    bl_parent_id = "MOCAPBRIDGE_PT_main"

    def draw(self, context):
        layout = self.layout
        settings = context.scene.mocap_bridge
        self.draw_people(layout, settings)
        row = layout.row()
        row.template_list(
            "MOCAPBRIDGE_UL_targets", "", settings, "targets", settings, "target_index", rows=2
        )
        column = row.column(align=True)
        column.operator("mocap_bridge.target_add", text="", icon="ADD")
        column.operator("mocap_bridge.target_remove", text="", icon="REMOVE")
        target = chosen(context)
        if target is None:
            return
        problem = targets.problems().get(target.armature.name) if target.armature else None
        if problem:
            tell(layout.box(), context, problem, "ERROR")
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(target, "armature")
        layout.prop(target, "person")
        layout.prop(target, "root")
        layout.prop(target, "in_place")
        layout.prop(target, "scale")
        if target.scale == "CUSTOM":
            layout.prop(target, "scale_factor")

    def draw_people(self, layout, settings):
        followed = {t.person for t in settings.targets if t.enabled and t.armature is not None}
        for person, seen in live.state()["people"]:
            icon, words = SEEN.get(seen, ("QUESTION", seen))
            row = layout.row()
            row.label(text=f"Person {person} {words}".rstrip(), icon=icon)
            if person not in followed:
                create = row.operator("mocap_bridge.skeleton_create", text="New", icon="ADD")
                create.person = person


class MOCAPBRIDGE_PT_bones(Sidebar, bpy.types.Panel):
    """Which bone of the armature plays which bone of the person."""

    bl_label = "Bones"
    bl_parent_id = "MOCAPBRIDGE_PT_characters"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        target = chosen(context)
        return target is not None and target.armature is not None

    def draw(self, context):
        layout = self.layout
        target = chosen(context)
        layout.template_list(
            "MOCAPBRIDGE_UL_bones", "", target, "bones", target, "bones_index", rows=6
        )
        if 0 <= target.bones_index < len(target.bones):
            line = target.bones[target.bones_index]
            layout.prop_search(line, "bone", target.armature.data, "bones", text="")
        row = layout.row(align=True)
        row.operator("mocap_bridge.map_detect", text="Detect", icon="VIEWZOOM")
        row.operator("mocap_bridge.map_import", text="", icon="IMPORT")
        row.operator("mocap_bridge.map_export", text="", icon="EXPORT")
        posed = layout.column(align=True)
        posed.label(text="T-pose: as it was posed" if target.reference else "T-pose: the rest pose")
        row = posed.row(align=True)
        row.operator("mocap_bridge.reference_store")
        if target.reference:
            row.operator("mocap_bridge.reference_clear", text="", icon="X")


class MOCAPBRIDGE_PT_record(Sidebar, bpy.types.Panel):
    """Motion kept as an action."""

    bl_label = "Record"
    bl_parent_id = "MOCAPBRIDGE_PT_main"

    def draw(self, context):
        layout = self.layout
        settings = context.scene.mocap_bridge
        recording_now = recording.active()
        column = layout.column()
        column.enabled = not recording_now
        column.prop(settings, "record_name", text="", icon="ACTION")
        column.prop(settings, "record_nla")
        column.prop(settings, "record_on_server")
        row = layout.row(align=True)
        row.scale_y = 1.4
        if not recording_now:
            row.operator("mocap_bridge.record_start", icon="REC")
            return
        row.alert = True
        row.operator("mocap_bridge.record_stop", icon="SNAP_FACE")
        row.operator("mocap_bridge.record_discard", text="", icon="TRASH")
        state = recording.state()
        box = layout.box().column()
        tell(box, context, f"{state['name']}: {state['seconds']:.1f} s", "REC")
        if state["problem"]:
            tell(box, context, state["problem"], "ERROR")


class MOCAPBRIDGE_PT_import(Sidebar, bpy.types.Panel):
    """Motion that was captured before, and videos."""

    bl_label = "Takes and videos"
    bl_parent_id = "MOCAPBRIDGE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        column = self.layout.column()
        column.operator("mocap_bridge.import_take", text="Import a Take", icon="IMPORT")
        if offline.active():
            column.operator("mocap_bridge.capture_cancel", text="Cancel the Capture", icon="CANCEL")
        else:
            column.operator("mocap_bridge.capture_video", icon="FILE_MOVIE")
        text = offline.state()["text"]
        if text:
            tell(column.box(), context, text, "INFO")


class MOCAPBRIDGE_PT_server(Sidebar, bpy.types.Panel):
    """What the server does, while it is there."""

    bl_label = "Server"
    bl_parent_id = "MOCAPBRIDGE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        client = live.client()
        column = self.layout.column()
        column.enabled = client is not None and client.state == "connected"
        column.use_property_split = True
        column.use_property_decorate = False
        settings = context.scene.mocap_bridge
        column.prop(settings, "smoothing")
        column.prop(settings, "look_ahead")
        column.operator("mocap_bridge.calibrate", icon="OUTLINER_OB_ARMATURE")


CLASSES = (
    MOCAPBRIDGE_PT_main,
    MOCAPBRIDGE_PT_characters,
    MOCAPBRIDGE_PT_bones,
    MOCAPBRIDGE_PT_record,
    MOCAPBRIDGE_PT_import,
    MOCAPBRIDGE_PT_server,
)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
