"""Recording what comes from the server: kept outside the data of Blender, then written in one step.

Frames are kept with the times at which their pictures were taken, which is what an action is made
of: the rate of neither camera nor timer matters. Nothing of a scene is touched until the recording
ends; the operator that ends it writes the actions, and its one undo takes all of them back.
"""

import time

import bpy

from . import bake, casting, live, targets
from .clips import clip_of
from .shared.errors import RigError, TakeError
from .shared.gathering import Gatherer

AGAIN = 1.0  # [s] a clock that goes back by more is that of another session


class Recording:
    """What was recorded so far.

    Attributes:
        running: whether there is one, also one that has ended and waits for a character.
        ended: whether no more frames are taken in.
        name: of the take.
        first: frame of the scene at which it begins.
        on_server: whether the server was asked to record, too.
        problem: why no more frames are taken in; "" if nothing is wrong.
    """

    def __init__(self):
        self._gathered = Gatherer()
        self.reset()

    def reset(self):
        """Forget everything."""
        self.running = self.ended = False
        self.name, self.first = "", 1
        self.on_server = False
        self.problem = ""
        self._gathered.reset()
        self._hello = None
        self._shift = 0.0  # [s] what is added to the server's times
        self._last, self._came = float("-inf"), 0.0  # [s] of the last frame: its time, and ours

    def begin(self, name, first):
        """Forget what there was and take frames in."""
        self.reset()
        self.name, self.first, self.running = name, first, True

    def push(self, frame, now, hello):
        """Take a frame in; what cannot be is told by `problem`.

        Args:
            frame: as of the client.
            now: [s] on a clock of this computer.
            hello: who is on stage.
        """
        if not self.running or self.ended or self.problem:
            return
        try:
            if hello is not self._hello:
                skeletons = {person: targets.source_of(hello, person) for person in hello.people}
                self._gathered.settle(skeletons)
                self._hello = hello
            t = frame.t + self._shift
            if t <= self._last:
                if t > self._last - AGAIN:
                    return  # there already
                # the server was started anew, and its clock, too: go on as ours did
                self._shift += self._last + max(now - self._came, 1e-3) - t
                t = frame.t + self._shift
            known = hello.people
            poses = {p.id: (p.root, p.rotations, None) for p in frame.people if p.id in known}
            if poses or len(self._gathered):  # it begins when the first person comes
                self._gathered.add(t, poses)
                self._last, self._came = t, now
        except TakeError as error:
            self.problem = f"the recording ended early: {error}"

    def __len__(self):
        return len(self._gathered)

    @property
    def seconds(self):
        """[s] from the first frame to the last."""
        times = self._gathered.times
        return times[-1] - times[0] if len(times) else 0.0

    def clips(self):
        """The clip of everyone who was there. Raises TakeError if there is nobody."""
        clips = self._gathered.clips() if len(self._gathered) else ()
        if not clips:
            raise TakeError("nobody was seen while it was recorded")
        return tuple(map(clip_of, clips))


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


def name_of(scene):
    """The name of the next take: what the user wrote, or date and time."""
    return scene.mocap_bridge.record_name.strip() or time.strftime("take %Y-%m-%d %H.%M.%S")


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
        _recording.begin(name_of(scene), scene.frame_current)
        if scene.mocap_bridge.record_on_server:
            live.client().send("record", name=_recording.name[:100])
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
            clips = _recording.clips()
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
