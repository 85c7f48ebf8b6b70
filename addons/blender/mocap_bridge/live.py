"""The live connection: a timer polls the server, moves the armatures and keeps what to show.

No thread: `tick` is called some 60 times a second on Blender's own, reads what has arrived and
returns. It lives beside the data of Blender: no object, bone or scene is kept from one tick to the
next (undo and loading a file replace them), so each tick looks up anew whom to move. What goes
wrong in a tick becomes a sentence for the panel; an exception would end the timer.
"""

import time
from collections import deque

import bpy
from bpy.app.handlers import persistent

from .shared.address import Address
from .shared.client import Client
from .shared.errors import Refused
from .shared.messages import plain
from .shared.standing import MESSAGES, STALE, standing

INTERVAL = 1 / 60  # [s] between two ticks
IDLE = 0.1  # [s] the same while there is no connection
REDRAW = 0.2  # [s] between two redraws of the sidebar


class Live:
    """What is known of the connection, outside the data of Blender.

    Attributes:
        client: polled by `tick`; None while not connected on purpose.
        people: id and state of those in the newest frame.
        problem: why nothing moves, besides what the client knows; "" if nothing is wrong.
        messages: what the server answered and noted, dicts of the protocol, oldest first.
    """

    def __init__(self):
        self.client = None
        self.reset()

    def reset(self):
        """End the connection and forget everything about it."""
        if self.client is not None:
            self.client.close()
        self.client = None
        self.people = []
        self.problem = ""
        self.messages = deque(maxlen=MESSAGES)
        self.frame_at = float("-inf")
        self.drawn_at = float("-inf")


_live = Live()


def client():
    """The shared.client.Client in use, or None."""
    return _live.client


def state():
    """What the panel shows, as `shared.standing` tells it."""
    return standing(_live.client, _live.people, _live.problem, _live.messages)


def start(url, token=""):
    """Connect to a server and follow it until `stop`.

    Looks the name of a computer up at once, which may take a while; an address in numbers does
    not. What is wrong is told by `state`.
    """
    stop()
    try:
        allowed = Address(url).is_loopback or getattr(bpy.app, "online_access", True)
    except Refused as error:
        _live.problem = str(error)
        return
    if not allowed:
        _live.problem = (
            "another computer can only be reached with Allow Online Access, in the preferences "
            "under System"
        )
        return
    _live.client = Client(url, token)
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=0.0, persistent=True)


def stop():
    """End the connection; armatures stay as they are."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    _live.reset()
    redraw(time.perf_counter(), False)


def tick():
    """Read what has arrived and move who follows.

    Returns:
        [s] until the next tick; None, which ends the timer, once there is nothing to come.
    """
    one = _live.client
    if one is None:
        return None
    now = time.perf_counter()
    moved = False
    try:
        moved = follow(one, now)
    except Exception as error:  # whatever it is, the connection goes on and the next frame comes
        _live.problem = plain(f"the frame could not be applied: {type(error).__name__}: {error}")
    if one.state == "closed":  # no other try would help
        problem = one.problem
        _live.reset()
        _live.problem = problem
    try:
        redraw(now, moved)
    except Exception as error:  # an area may go while it is looked at
        _live.problem = plain(f"{type(error).__name__}: {error}")
    if _live.client is None:
        return None
    return INTERVAL if one.state == "connected" else IDLE


def follow(one, now):
    """Poll; hand the frames to the recording and the newest to the armatures.

    Returns:
        Whether something may have moved.
    """
    from . import recording, targets  # which look at this module

    one.every = recording.active()
    frame = one.poll(now)
    _live.messages.extend(one.answers())
    if frame is None:
        if now - _live.frame_at > STALE:
            _live.people = []
        return False
    _live.frame_at = now
    _live.people = [(person.id, person.state) for person in frame.people]
    if recording.active():
        for each in one.batch:
            recording.push(each, now)
    if is_rendering():
        return False  # what is rendered must not change
    scene = shown_scene()
    if scene is None or not hasattr(scene, "mocap_bridge"):
        return False
    _live.problem = targets.apply_frame(scene, frame, one.hello)
    return True


def is_rendering():
    """Whether Blender renders."""
    return bpy.app.is_job_running("RENDER")


def shown_scene():
    """The scene in the first window, or None."""
    manager = bpy.context.window_manager
    windows = manager.windows if manager is not None else ()
    return windows[0].scene if len(windows) else getattr(bpy.context, "scene", None)


def redraw(now, moved):
    """Have viewports drawn again if something moved, and the sidebar now and then."""
    sidebar = now - _live.drawn_at >= REDRAW or _live.client is None
    if sidebar:
        _live.drawn_at = now
    manager = bpy.context.window_manager
    for window in manager.windows if manager is not None else ():
        for area in window.screen.areas if window.screen is not None else ():
            if area.type != "VIEW_3D":
                continue
            for region in area.regions:
                if (moved and region.type == "WINDOW") or (sidebar and region.type == "UI"):
                    region.tag_redraw()


def send(kind, **values):
    """Ask the server for something; its answer comes into the panel. The number of the request,
    0 if there is no connection."""
    return _live.client.send(kind, **values) if _live.client is not None else 0


@persistent
def forget(*_):
    """Undo and files replace what was remembered of armatures."""
    from . import targets

    targets.reset()


@persistent
def free(*_):
    """A file that is saved or opened plays its keyframes, also where nobody renews what follows;
    the next live frame attaches again who follows."""
    from . import rigify, targets

    rigify.let_all_keys_play()
    targets.reset()


HANDLERS = {
    "undo_post": forget,
    "redo_post": forget,
    "load_pre": forget,
    "load_post": free,
    "save_pre": free,
}


def register():
    for name, handler in HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister():
    stop()
    for name, handler in HANDLERS.items():
        handlers = getattr(bpy.app.handlers, name)
        if handler in handlers:
            handlers.remove(handler)
