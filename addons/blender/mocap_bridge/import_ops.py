"""Import of takes, recordings and BVH, from the panel and from File > Import."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty
from bpy_extras.io_utils import ImportHelper

from . import bake, casting, rigs, takes
from .shared.errors import TakeError
from .shared.words import people
from .upright import upright

ONTO = (
    ("TARGETS", "Characters", "The characters of the panel, by the numbers of the people"),
    ("ACTIVE", "Active armature", "The armature that is selected; of several people the first"),
    ("NEW", "New skeletons", "A new armature for each person"),
)
UNITS = (
    ("AUTO", "Automatic", "The unit in which the skeleton is as large as a person"),
    ("CM", "Centimetres", "As most programs write it"),
    ("M", "Metres", "As Blender writes it"),
)


def load(context, path, onto, *, unit="AUTO", person=-1, first=1, nla=False):
    """Put the people of a file onto armatures, as actions.

    Args:
        context: of Blender.
        path: of the file.
        onto: one of ONTO.
        unit: of a BVH, one of UNITS.
        person: number of the only one wanted; -1 for everyone.
        first: frame at which the take begins.
        nla: as strips of the NLA editor.

    Returns:
        A sentence about what was done.

    Raises:
        TakeError: one line that says what was found.
    """
    take = takes.read(path, unit)
    clips = take.clips
    if person >= 0:
        clips = [clip for clip in clips if clip.person == person]
        if not clips:
            there = people(take.clips)
            raise TakeError(f"{Path(path).name}: person {person} is not in it, only {there}")
    if Path(path).suffix.lower() == ".bvh":
        clips = [upright(clip) for clip in clips]
    notes = list(take.notes)
    pairs, alone = PAIRING[onto](context, clips)
    if alone:
        notes.append(alone)
    actions, frames = bake.bake(context.scene, pairs, Path(path).stem, first, nla=nla)
    names = ", ".join(rigged.character.name for rigged, _ in pairs)
    return "; ".join([f"{actions[0].name}: {frames} frames on {names}", *notes])


def _to_characters(context, clips):
    return casting.cast(context.scene, clips)


def _to_active(context, clips):
    thing = context.active_object
    if thing is None or thing.type != "ARMATURE":
        raise TakeError("no armature is active: select one, or import onto new skeletons")
    for item in context.scene.mocap_bridge.targets:
        if item.armature == thing:
            rigged = casting.rigged_of(item, clips[0])
            break
    else:
        rigged = casting.rigged_alone(thing, clips[0])
    alone = clips[1:]
    return [(rigged, clips[0])], f"{people(alone)} had no armature" if alone else ""


def _to_new(context, clips):
    pairs = []
    for clip in clips:
        name = "Person" if len(clips) == 1 else f"Person {clip.person}"
        thing = rigs.create(context.scene, clip.skeleton, name)
        pairs.append((casting.rigged_alone(thing, clip), clip))
    return pairs, ""


PAIRING = {"TARGETS": _to_characters, "ACTIVE": _to_active, "NEW": _to_new}


def usual(context):
    """Onto what a user most likely wants to import."""
    if any(item.enabled and item.armature for item in context.scene.mocap_bridge.targets):
        return "TARGETS"
    thing = context.active_object
    return "ACTIVE" if thing is not None and thing.type == "ARMATURE" else "NEW"


class Onto:
    """What the operators that load a take let the user choose."""

    onto: EnumProperty(name="Onto", description="What gets the motion", items=ONTO, default="NEW")
    first: IntProperty(name="Start frame", description="Frame at which the take begins", default=1)
    nla: BoolProperty(
        name="As NLA strip", description="Put the take on a track of its own in the NLA editor"
    )


class MOCAPBRIDGE_OT_import_take(Onto, bpy.types.Operator, ImportHelper):
    """Import a take (.json), a recording (.jsonl) or a BVH onto armatures"""

    bl_idname = "mocap_bridge.import_take"
    bl_label = "Import Motion Capture"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json;*.jsonl;*.bvh", options={"HIDDEN"})
    person: IntProperty(
        name="Person", description="Number of the only one to import; -1 for everyone",
        default=-1, min=-1,
    )  # fmt: skip
    unit: EnumProperty(name="Unit of BVH", items=UNITS, default="AUTO")

    def invoke(self, context, event):
        if not self.properties.is_property_set("onto"):
            self.onto = usual(context)
        return ImportHelper.invoke(self, context, event)

    def execute(self, context):
        try:
            told = load(
                context, self.filepath, self.onto,
                unit=self.unit, person=self.person, first=self.first, nla=self.nla,
            )  # fmt: skip
        except TakeError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"WARNING" if ";" in told else "INFO"}, told)
        return {"FINISHED"}

    def draw(self, _context):
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in ("onto", "person", "first", "nla", "unit"):
            layout.prop(self, name)


def draw_menu(self, _context):
    """The line in File > Import."""
    self.layout.operator(
        MOCAPBRIDGE_OT_import_take.bl_idname, text="Motion capture take (.json, .jsonl, .bvh)"
    )


def register():
    bpy.utils.register_class(MOCAPBRIDGE_OT_import_take)
    bpy.types.TOPBAR_MT_file_import.append(draw_menu)


def unregister():
    bpy.types.TOPBAR_MT_file_import.remove(draw_menu)
    bpy.utils.unregister_class(MOCAPBRIDGE_OT_import_take)
