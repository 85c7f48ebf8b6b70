"""The plug-in `mocap_bridge_plugin`: commands of Mocap Bridge for MEL, Python and hotkeys.

    mocapBridge;                                       open the panel
    mocapBridgeConnect -address "127.0.0.1:8765";      connect; without -address to the last one
    mocapBridgeDisconnect;
    mocapBridgeCreate -person 0;                       a skeleton that follows person 0
    mocapBridgeAdd -person 0;                          the selected rig follows person 0
    mocapBridgeImport -file "take.json" -onto "new";   characters, selected or new
    mocapBridgeRecord;                                 begin
    mocapBridgeRecord -stop;                           end, and write the keys

Each is one step to undo where it changes the scene. `mocapBridgeChange` carries changes that
Maya's own commands cannot undo (mocap_bridge_maya.changes), and does nothing by hand.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, NamedTuple

from maya import cmds
from maya.api import OpenMaya
from mocap_bridge_maya import changes, host
from mocap_bridge_maya.shared.errors import RigError, TakeError

VERSION = "0.1.0"
WHOLE, TEXT, SWITCH = "whole number", "text", "switch"  # kinds of flags
Command: Any = OpenMaya.MPxCommand
KINDS: dict[str, Any] = {
    WHOLE: OpenMaya.MSyntax.kLong,
    TEXT: OpenMaya.MSyntax.kString,
    SWITCH: OpenMaya.MSyntax.kNoArg,
}


def maya_useNewAPI() -> None:
    """Maya looks for this: the plug-in speaks to OpenMaya 2."""


class Change(Command):  # type: ignore[misc]
    """Does a change that waits, and undoes it when asked to."""

    def __init__(self) -> None:
        super().__init__()
        self._change: changes.Change | None = None

    def isUndoable(self) -> bool:
        """Whether it has done anything."""
        return self._change is not None

    def doIt(self, _arguments: OpenMaya.MArgList) -> None:
        """Do what waits."""
        self._change = changes.take()
        if self._change is not None:
            self._change.do()

    def redoIt(self) -> None:
        """Do it again."""
        if self._change is not None:
            self._change.redo()

    def undoIt(self) -> None:
        """Undo it."""
        if self._change is not None:
            self._change.undo()


class Action(NamedTuple):
    """What a command does.

    Attributes:
        name: of the command.
        act: a function of `host`, which puts all that it changes into one step to undo; gets the
            flags that are given, by the words after the dash.
        flags: short flag, long flag and kind, each. Maya takes up to three letters for short, and
            four or more for long.
    """

    name: str
    act: Callable[..., Any]
    flags: tuple[tuple[str, str, str], ...] = ()

    def syntax(self) -> OpenMaya.MSyntax:
        """The flags as Maya wants them."""
        made = OpenMaya.MSyntax()
        for short, long, kind in self.flags:
            made.addFlag(short, long, KINDS[kind])
        return made


class Run(Command):  # type: ignore[misc]
    """A command that runs an action. It is no step to undo itself: what the action does is."""

    def __init__(self, action: Action) -> None:
        super().__init__()
        self._action = action

    def isUndoable(self) -> bool:
        """Never."""
        return False

    def doIt(self, arguments: OpenMaya.MArgList) -> None:
        """Run it; the result is the sentence that it returns."""
        given = OpenMaya.MArgDatabase(self.syntax(), arguments)
        values: dict[str, Any] = {}
        for short, long, kind in self._action.flags:
            if not given.isFlagSet(short):
                continue
            if kind == WHOLE:
                values[long[1:]] = given.flagArgumentInt(short, 0)
            else:
                values[long[1:]] = kind == SWITCH or given.flagArgumentString(short, 0)
        try:
            told = self._action.act(**values)
        except (RigError, TakeError) as error:  # a script gets what Maya's own commands raise
            raise RuntimeError(str(error)) from None
        if told:
            self.setResult(told)


def open_panel() -> None:
    """Open the panel; mayapy has no user interface, so it is not looked for before."""
    from mocap_bridge_maya import dock

    dock.show()


PERSON = ("-p", "-person", WHOLE)
ACTIONS = (
    Action("mocapBridge", open_panel),
    Action("mocapBridgeConnect", host.connect, (("-a", "-address", TEXT), ("-t", "-token", TEXT))),
    Action("mocapBridgeDisconnect", host.disconnect),
    Action("mocapBridgeCreate", host.create_skeleton, (PERSON,)),
    Action("mocapBridgeAdd", host.add_rig, (PERSON,)),
    Action("mocapBridgeImport", host.import_file, (("-f", "-file", TEXT), ("-o", "-onto", TEXT))),
    Action(
        "mocapBridgeRecord",
        host.record,
        (("-n", "-name", TEXT), ("-s", "-stop", SWITCH), ("-d", "-discard", SWITCH)),
    ),
)


def initializePlugin(plugin: OpenMaya.MObject) -> None:
    """Maya calls this when it loads the plug-in."""
    made = OpenMaya.MFnPlugin(plugin, "Mocap Bridge", VERSION, "Any")
    made.registerCommand(changes.COMMAND, Change)
    for action in ACTIONS:
        made.registerCommand(action.name, partial(Run, action), action.syntax)
    # looked up when it is called: cmds may not have it yet while the plug-in loads
    changes.register(lambda: getattr(cmds, changes.COMMAND)())


def uninitializePlugin(plugin: OpenMaya.MObject) -> None:
    """Maya calls this before the plug-in goes."""
    host.disconnect()
    changes.register(None)
    gone = OpenMaya.MFnPlugin(plugin)
    for name in (changes.COMMAND, *(action.name for action in ACTIONS)):
        gone.deregisterCommand(name)
