"""The one session of this Maya, and what the shelf and the commands of the plug-in do with it.

Everything is reached through here, so that panel, shelf and commands mean the same connection,
whichever of them began it.
"""

from __future__ import annotations

from typing import Any, Callable

from . import commands, live, prefs
from .shared.errors import RigError, TakeError

PLUGIN = "mocap_bridge_plugin"
preferences = prefs.MayaPreferences()


class Host:
    """What there is once in a Maya.

    Attributes:
        session: the live session, made when it is first asked for.
        ticker: what ticks it; None without a user interface, where `session().tick` does.
    """

    def __init__(self) -> None:
        self.session: live.Session | None = None
        self.ticker: Any = None


_host = Host()


def session() -> live.Session:
    """The session of this Maya."""
    if _host.session is None:
        from .maya_scene import MayaScene

        load_plugin()
        _host.session = live.Session(MayaScene())
    return _host.session


def load_plugin() -> None:
    """Have the plug-in loaded, without which keys cannot be undone; all else works, so if it is
    not found, or not trusted, that is only told."""
    from maya import cmds

    if cmds.pluginInfo(PLUGIN, query=True, loaded=True):
        return
    try:
        cmds.loadPlugin(PLUGIN, quiet=True)
    except RuntimeError as error:
        cmds.warning(f"Mocap: keys cannot be undone, {PLUGIN} did not load: {error}")


def begin_to_tick() -> None:
    """Have the session ticked until it is disconnected, where there is a user interface."""
    from maya import cmds

    if cmds.about(batch=True):
        return
    if _host.ticker is None:
        from .ticker import Ticker

        _host.ticker = Ticker(session(), redraw)
    _host.ticker.start()


def redraw() -> None:
    """Have the viewports drawn when Maya is next idle."""
    from maya import OpenMayaUI

    ui: Any = OpenMayaUI  # of whose first version no types are known
    ui.M3dView.scheduleRefreshAllViews()


def connect(address: str = "", token: str | None = None) -> str:
    """Connect to a server, without an address to the last one. A sentence; raises TakeError."""
    url = address or preferences.get("url")
    token = preferences.get("token") if token is None else token
    preferences.set("url", url)
    preferences.set("token", token)
    session().connect(url, token)
    if session().client is None:
        raise TakeError(session().problem)
    begin_to_tick()
    return f"connecting to {url.split('?')[0]}"


def disconnect() -> str:
    """End the connection. A sentence."""
    if _host.session is not None:
        _host.session.disconnect()
    if _host.ticker is not None:
        _host.ticker.stop()
    return "disconnected"


def toggle() -> str:
    """Connect, or disconnect."""
    return connect() if session().client is None else disconnect()


def create_skeleton(person: int = 0) -> str:
    """As commands.create_skeleton."""
    return commands.create_skeleton(session(), person)


def create_skeletons() -> str:
    """As commands.create_skeletons."""
    return commands.create_skeletons(session())


def add_rig(person: int | None = None) -> str:
    """As commands.add_rig."""
    return commands.add_rig(session(), person)


def import_file(file: str, onto: str = "new") -> str:
    """As commands.import_file, with the frame rate as the panel has it."""
    return commands.import_file(session(), file, onto, preferences.get("rate"))


def record(name: str = "", stop: bool = False, discard: bool = False) -> str:
    """Begin to record, or end it and write the keys, or forget what was recorded."""
    if discard:
        return commands.discard(session())
    if stop:
        return commands.stop(session(), preferences.get("rate"))
    return commands.record(session(), name, bool(preferences.get("on_server")))


def toggle_record() -> str:
    """Begin to record, or end it and write the keys."""
    return record(stop=commands.is_recording(session()))


def say(action: Callable[[], str]) -> None:
    """Do something and tell what came of it where Maya tells such things."""
    from maya.api import OpenMaya

    try:
        OpenMaya.MGlobal.displayInfo(f"Mocap: {action()}")
    except (RigError, TakeError) as error:
        OpenMaya.MGlobal.displayWarning(f"Mocap: {error}")
