"""Recording what comes from the server, and writing it as actions.

Nothing of a scene is touched until the recording ends; the operator that ends it writes the
actions, and its one undo takes all of them back.
"""

import bpy

from . import bake, casting, live
from .clips import clip_of
from .shared.errors import RigError, TakeError
from .shared.recording import NAME_LENGTH, Recording, named

_recording = Recording()


def active():
    """Whether there is a recording, also one that waits to be written."""
    return _recording.running


def push(frame, now):
    """Take in a frame of the live connection; does nothing while nothing is recorded."""
    client = live.client()
    if client is not None and client.hello is not None:
        _recording.push(frame, now, client.hello)


def state():
    """What the panel shows: name, seconds, frames and problem of the recording."""
    one = _recording
    return {
        "name": one.name,
        "seconds": one.seconds,
        "frames": len(one),
        "problem": one.problem,
    }


class MOCAPBRIDGE_OT_record_start(bpy.types.Operator):
    """Record everyone who has a character, from now on, at this frame of the timeline"""

    bl_idname = "mocap_bridge.record_start"
    bl_label = "Record"

    @classmethod
    def poll(cls, _context):
        client = live.client()
        return client is not None and client.state == "connected" and not active()

    def execute(self, context):
        scene = context.scene
        _recording.begin(named(scene.mocap_bridge.record_name), scene.frame_current)
        if scene.mocap_bridge.record_on_server:
            live.client().send("record", name=_recording.name[:NAME_LENGTH])
            _recording.on_server = True
        return {"FINISHED"}


class MOCAPBRIDGE_OT_record_stop(bpy.types.Operator):
    """End the recording and write it as an action of each character"""

    bl_idname = "mocap_bridge.record_stop"
    bl_label = "Stop"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, _context):
        return active()

    def execute(self, context):
        scene = context.scene
        client = live.client()
        _recording.ended = True
        if _recording.on_server and client is not None:
            client.send("stop")
            _recording.on_server = False
        try:
            clips = tuple(map(clip_of, _recording.clips()))
        except TakeError as error:
            _recording.reset()
            self.report({"WARNING"}, f"nothing was recorded: {error}")
            return {"CANCELLED"}
        try:
            pairs, alone = casting.cast(scene, clips)
            actions, frames = bake.bake(
                scene, pairs, _recording.name, _recording.first, nla=scene.mocap_bridge.record_nla
            )
        except (TakeError, RigError) as error:
            # what was recorded stays until there is a character for it
            self.report({"ERROR"}, f"{error}; then press Stop again")
            return {"CANCELLED"}
        told = f"recorded {actions[0].name}: {frames} frames, {_recording.seconds:.1f} s"
        problem = _recording.problem or alone
        _recording.reset()
        self.report({"WARNING" if problem else "INFO"}, f"{told}; {problem}" if problem else told)
        return {"FINISHED"}


class MOCAPBRIDGE_OT_record_discard(bpy.types.Operator):
    """Forget what was recorded"""

    bl_idname = "mocap_bridge.record_discard"
    bl_label = "Discard"

    @classmethod
    def poll(cls, _context):
        return active()

    def execute(self, _context):
        client = live.client()
        if _recording.on_server and client is not None:
            client.send("stop")
        _recording.reset()
        return {"FINISHED"}


CLASSES = (
    MOCAPBRIDGE_OT_record_start,
    MOCAPBRIDGE_OT_record_stop,
    MOCAPBRIDGE_OT_record_discard,
)


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister():
    _recording.reset()
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
