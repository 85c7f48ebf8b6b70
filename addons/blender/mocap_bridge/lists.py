"""The lists of the panel: the characters of a scene, and the bones of one of them."""

import bpy

from .shared.words import spoken


class MOCAPBRIDGE_UL_targets(bpy.types.UIList):
    """A line for each character: whether it follows, whom, and which armature it is."""

    def draw_item(
        self, _context, layout, _settings, target, _icon, _active, _property, _index=0, _flag=0
    ):
        row = layout.row(align=True)
        row.prop(target, "enabled", text="")
        split = row.split(factor=0.3, align=True)
        split.prop(target, "person", text="", emboss=False)
        if target.armature is None:
            split.label(text="none yet", icon="ERROR")
        else:
            split.label(text=target.armature.name, icon="ARMATURE_DATA")


class MOCAPBRIDGE_UL_bones(bpy.types.UIList):
    """A line for each bone of the person: which bone of the armature follows it. The panel has a
    field for the chosen line: in the list there is no room for one."""

    def draw_item(
        self, _context, layout, target, item, _icon, _active, _property, _index=0, _flag=0
    ):
        split = layout.split(factor=0.5)
        split.label(text=spoken(item.human))
        found = target.armature is not None and item.bone in target.armature.data.bones
        split.label(text=item.bone, icon="NONE" if found or not item.bone else "ERROR")

    def filter_items(self, _context, target, name):
        """Search by either name; the order stays that of the body, from the hips outward."""
        wanted = self.filter_name.lower()
        flags = [
            self.bitflag_filter_item
            if wanted in spoken(item.human).lower() or wanted in item.bone.lower()
            else 0
            for item in getattr(target, name)
        ]
        return flags, []


CLASSES = (MOCAPBRIDGE_UL_targets, MOCAPBRIDGE_UL_bones)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
