"""Operators on the characters of a scene: who follows whom, by which bones, from which T-pose."""

from pathlib import Path

import bpy
from bpy.props import IntProperty, StringProperty
from bpy_extras.io_utils import ExportHelper, ImportHelper

from . import live, rigify, rigs, targets
from .shared import bone_maps
from .shared.casting import next_person
from .shared.errors import RigError


def chosen(context):
    """The character chosen in the list, or None."""
    settings = context.scene.mocap_bridge
    if 0 <= settings.target_index < len(settings.targets):
        return settings.targets[settings.target_index]
    return None


def add(settings, person, armature):
    """A new character at the end of the list, chosen there."""
    target = settings.targets.add()
    target.person = person
    target.armature = armature
    settings.target_index = len(settings.targets) - 1
    return target


def select_only(context, thing):
    """Select an object and nothing else."""
    for other in context.selected_objects:
        other.select_set(False)
    thing.select_set(True)
    context.view_layer.objects.active = thing


class OnCharacter:
    """Something done to the chosen character, if it has an armature."""

    @classmethod
    def poll(cls, context):
        target = chosen(context)
        return target is not None and target.armature is not None


class MOCAPBRIDGE_OT_target_add(bpy.types.Operator):
    """Add a character: the selected armature, or one that you choose below"""

    bl_idname = "mocap_bridge.target_add"
    bl_label = "Add a Character"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        settings = context.scene.mocap_bridge
        active = context.active_object
        used = {target.armature for target in settings.targets}
        free = active is not None and active.type == "ARMATURE" and active not in used
        here = [person for person, _ in live.state()["people"]]
        person = next_person(settings.targets, here)
        target = add(settings, person, active if free else None)
        if free and not any(item.bone for item in target.bones):
            problem = "its bones were not recognised: choose them in the list of bones"
            self.report({"WARNING"}, f"{active.name}: {problem}")
        return {"FINISHED"}


class MOCAPBRIDGE_OT_target_remove(bpy.types.Operator):
    """Take the character off the list; its armature stays where it is, and is free again"""

    bl_idname = "mocap_bridge.target_remove"
    bl_label = "Remove the Character"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return chosen(context) is not None

    def execute(self, context):
        settings = context.scene.mocap_bridge
        armature = chosen(context).armature
        if armature is not None and rigify.is_rig(armature):
            rigify.release(armature)
        settings.targets.remove(settings.target_index)
        settings.target_index = max(0, min(settings.target_index, len(settings.targets) - 1))
        return {"FINISHED"}


class MOCAPBRIDGE_OT_skeleton_create(bpy.types.Operator):
    """Make a skeleton with the bones of this person, which follows them"""

    bl_idname = "mocap_bridge.skeleton_create"
    bl_label = "New Skeleton"
    bl_options = {"REGISTER", "UNDO"}

    person: IntProperty(name="Person", description="Whose bones", default=0)

    @classmethod
    def poll(cls, _context):
        client = live.client()
        return client is not None and client.hello is not None

    def execute(self, context):
        try:
            source = targets.source_of(live.client().hello, self.person)
            armature = rigs.create(context.scene, source, f"Person {self.person}")
        except RigError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        add(context.scene.mocap_bridge, self.person, armature)
        if context.mode == "OBJECT":
            select_only(context, armature)
        return {"FINISHED"}


class MOCAPBRIDGE_OT_map_detect(OnCharacter, bpy.types.Operator):
    """Find out anew which bone is which; your own choices in the list are lost"""

    bl_idname = "mocap_bridge.map_detect"
    bl_label = "Detect the Bones"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        try:
            found = targets.detect_into(chosen(context))
        except RigError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{found.name}: {len(found.pairs)} bones")
        return {"FINISHED"}


class MOCAPBRIDGE_OT_map_import(OnCharacter, bpy.types.Operator, ImportHelper):
    """Read the list of bones from a JSON file"""

    bl_idname = "mocap_bridge.map_import"
    bl_label = "Read a Bone Map"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context):
        target = chosen(context)
        try:
            found = bone_maps.read(self.filepath).fit(tuple(target.armature.data.bones.keys()))
        except RigError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if not found.pairs:
            self.report({"ERROR"}, f"{found.name}: {target.armature.name} has none of its bones")
            return {"CANCELLED"}
        targets.fill(target, found.pairs)
        return {"FINISHED"}


class MOCAPBRIDGE_OT_map_export(OnCharacter, bpy.types.Operator, ExportHelper):
    """Write the list of bones to a JSON file, for other scenes and for mocap capture --map"""

    bl_idname = "mocap_bridge.map_export"
    bl_label = "Write the Bone Map"

    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context):
        target = chosen(context)
        pairs = {item.human: item.bone for item in target.bones if item.bone}
        try:
            found = bone_maps.BoneMap(Path(self.filepath).stem, pairs)
            bone_maps.write(found, self.filepath)
        except RigError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"wrote {self.filepath}")
        return {"FINISHED"}


class MOCAPBRIDGE_OT_reference_store(OnCharacter, bpy.types.Operator):
    """The character stands in a T-pose now: measure every pose from here"""

    bl_idname = "mocap_bridge.reference_store"
    bl_label = "Use this Pose as T-Pose"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        try:
            targets.store_reference(chosen(context))
        except RigError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class MOCAPBRIDGE_OT_reference_clear(OnCharacter, bpy.types.Operator):
    """Measure every pose from the rest pose of the armature again"""

    bl_idname = "mocap_bridge.reference_clear"
    bl_label = "Use the Rest Pose"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        chosen(context).reference = ""
        return {"FINISHED"}


CLASSES = (
    MOCAPBRIDGE_OT_target_add,
    MOCAPBRIDGE_OT_target_remove,
    MOCAPBRIDGE_OT_skeleton_create,
    MOCAPBRIDGE_OT_map_detect,
    MOCAPBRIDGE_OT_map_import,
    MOCAPBRIDGE_OT_map_export,
    MOCAPBRIDGE_OT_reference_store,
    MOCAPBRIDGE_OT_reference_clear,
)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
