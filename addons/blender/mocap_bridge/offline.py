"""A video becomes motion without leaving Blender: captured by an outside Python, then loaded."""

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty
from bpy_extras.io_utils import ImportHelper

from . import import_ops, outside, preferences
from .shared.errors import TakeError

INTERVAL = 0.25  # [s] between two looks at the command
VIDEOS = "*.mp4;*.mov;*.avi;*.mkv;*.webm;*.m4v;*.mpg;*.mpeg;*.gif"


class Offline:
    """The capture that runs, if one does, and what became of the last one.

    Attributes:
        capture: outside.Capture, or None.
        told: a sentence about the last one; "" if there was none.
    """

    def __init__(self):
        self.capture = None
        self.reset()

    def reset(self):
        """End what runs and forget everything."""
        if self.capture is not None:
            self.capture.close()
        self.capture = None
        self.told = ""

    def begin(self, video, options):
        """Start a capture and return it. Raises TakeError."""
        self.reset()
        command = outside.program(preferences.held().python)
        self.capture = outside.Capture(command, video, options)
        return self.capture

    def end(self, told):
        """The capture is over."""
        self.reset()
        self.told = told


_offline = Offline()


def active():
    """Whether a video is being captured."""
    return _offline.capture is not None


def state():
    """What the panel shows.

    Returns:
        text: what is going on, "" if nothing is or was; share: 0 to 1 how much is done, None
        while that is not known.
    """
    capture = _offline.capture
    if capture is None:
        return {"text": _offline.told, "share": None}
    text = f"capturing {capture.video.name}"
    if capture.share is not None:
        text += f", {capture.share:.0%}"
    elif capture.frames:
        text += f", {capture.frames} frames"
    return {"text": text, "share": capture.share}


def look(context, capture, **wanted):
    """See how far a capture is, and load it when it is there.

    Args:
        context: of Blender.
        capture: as `Offline.begin` gave it.
        wanted: as of `import_ops.load`.

    Returns:
        A sentence about what was loaded; None while it still runs.

    Raises:
        TakeError: it ended in another way.
    """
    if _offline.capture is not capture:
        raise TakeError("the capture was cancelled")
    try:
        path = capture.poll()
        if path is None:
            return None
        notes = capture.notes
        # the action gets its name from the file
        named = path.rename(path.with_name(f"{capture.video.stem}.json"))
        told = import_ops.load(context, named, **wanted)
        _offline.end("; ".join([told, *notes]))
    except (TakeError, OSError) as error:
        _offline.end(str(error))
        raise TakeError(str(error)) from None
    return _offline.told


class MOCAPBRIDGE_OT_capture_video(import_ops.Onto, bpy.types.Operator, ImportHelper):
    """Capture the people of a video with the mocap program of this computer and load them"""

    bl_idname = "mocap_bridge.capture_video"
    bl_label = "Capture a Video"
    bl_options = {"REGISTER", "UNDO"}

    filter_glob: StringProperty(default=VIDEOS, options={"HIDDEN"})
    people: IntProperty(
        name="People", description="How many to keep, those seen longest", default=1, min=1, max=20
    )
    height: FloatProperty(
        name="Height", description="Of the person; 0 if it is not known",
        default=0.0, min=0.0, max=3.0, unit="LENGTH",
    )  # fmt: skip

    @classmethod
    def poll(cls, _context):
        return not active()

    def invoke(self, context, event):
        try:
            outside.program(preferences.held().python)  # before a file is chosen in vain
        except TakeError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if not self.properties.is_property_set("onto"):
            self.onto = import_ops.usual(context)
        return ImportHelper.invoke(self, context, event)

    def execute(self, context):
        options = ["--people", str(self.people)]
        if self.height > 0:
            options += ["--height", f"{self.height:.3f}"]
        try:
            self._capture = _offline.begin(self.filepath, options)
        except TakeError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(INTERVAL, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            told = look(context, self._capture, onto=self.onto, first=self.first, nla=self.nla)
        except TakeError as error:
            self.cancel(context)
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        redraw(context)
        if told is None:
            return {"PASS_THROUGH"}
        self.cancel(context)
        self.report({"INFO"}, told)
        return {"FINISHED"}

    def cancel(self, context):
        """The end, also when Blender ends the operator because a file is loaded or it quits."""
        context.window_manager.event_timer_remove(self._timer)
        if _offline.capture is self._capture:
            _offline.end("the capture was cancelled")
        redraw(context)

    def draw(self, _context):
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in ("people", "height", "onto", "first", "nla"):
            layout.prop(self, name)


class MOCAPBRIDGE_OT_capture_cancel(bpy.types.Operator):
    """End the capture of the video"""

    bl_idname = "mocap_bridge.capture_cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, _context):
        return active()

    def execute(self, _context):
        _offline.end("the capture was cancelled")
        return {"FINISHED"}


def redraw(context):
    """Have the sidebars show how far it is."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


CLASSES = (MOCAPBRIDGE_OT_capture_video, MOCAPBRIDGE_OT_capture_cancel)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    _offline.reset()
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
