"""The plug-in, the shelf and HumanIK of the Maya module, in as much of Maya as they use, by hand.

What Maya documents and would refuse is refused here too: flags of the wrong length, unknown flags,
commands that are asked for before the plug-in is loaded.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from maya_fake import SCRIPTS
from mocap_bridge_maya import changes, host, humanik, shelf

PLUGIN = SCRIPTS.parent / "plug-ins" / "mocap_bridge_plugin.py"
SHORT, LONG = 3, 4  # letters: at most, at least


class MSyntax:
    kLong, kString, kNoArg = "long", "string", "none"

    def __init__(self) -> None:
        self.flags: dict[str, tuple[str, str]] = {}

    def addFlag(self, short: str, long: str, kind: str) -> MSyntax:
        assert short[0] == long[0] == "-"
        assert 1 <= len(short) - 1 <= SHORT, f"{short}: the short name of a flag is too long"
        assert len(long) - 1 >= LONG, f"{long}: the long name of a flag is too short"
        assert short not in self.flags
        self.flags[short] = (long, kind)
        return self


class MArgDatabase:
    """Arguments as `{"-flag": value}`, by any of its names."""

    def __init__(self, syntax: MSyntax, arguments: dict[str, Any]) -> None:
        names = {name: short for short, (long, _) in syntax.flags.items() for name in (short, long)}
        self._given = {names[name]: value for name, value in arguments.items()}

    def isFlagSet(self, flag: str) -> bool:
        return flag in self._given

    def flagArgumentInt(self, flag: str, _index: int) -> int:
        assert isinstance(self._given[flag], int)
        return int(self._given[flag])

    def flagArgumentString(self, flag: str, _index: int) -> str:
        assert isinstance(self._given[flag], str)
        return str(self._given[flag])


class MPxCommand:
    made_by: MSyntax

    def __init__(self) -> None:
        self.result: Any = None

    def syntax(self) -> MSyntax:
        return self.made_by

    def setResult(self, result: Any) -> None:
        self.result = result


class Maya:
    """Commands of plug-ins, and what can be undone.

    Attributes:
        loading: a plug-in is being loaded, so that `cmds` has none of its commands yet.
    """

    def __init__(self) -> None:
        self.commands: dict[str, tuple[Any, MSyntax]] = {}
        self.undoable: list[Any] = []
        self.loading = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.loading or name not in self.commands:
            raise AttributeError(f"module 'maya.cmds' has no attribute {name!r}")
        return lambda **flags: self.run(name, {f"-{flag}": value for flag, value in flags.items()})

    def run(self, name: str, arguments: dict[str, Any]) -> Any:
        creator, syntax = self.commands[name]
        command = creator()
        command.made_by = syntax
        command.doIt(arguments)
        if command.isUndoable():
            self.undoable.append(command)
        return command.result

    def modules(self) -> dict[str, ModuleType]:
        there = self

        class MFnPlugin:
            def __init__(self, *_about: str) -> None:
                pass

            def registerCommand(self, name: str, creator: Any, syntax: Any = MSyntax) -> None:
                there.commands[name] = (creator, syntax())

            def deregisterCommand(self, name: str) -> None:
                del there.commands[name]

        maya, api, open_maya = (ModuleType(n) for n in ("maya", "maya.api", "maya.api.OpenMaya"))
        maya.cmds = self  # type: ignore[attr-defined]
        api.OpenMaya = open_maya  # type: ignore[attr-defined]
        for one in (MSyntax, MArgDatabase, MPxCommand, MFnPlugin):
            setattr(open_maya, one.__name__, one)
        return {"maya": maya, "maya.api": api, "maya.api.OpenMaya": open_maya}


@pytest.fixture
def maya(monkeypatch: pytest.MonkeyPatch) -> Maya:
    there = Maya()
    for name, module in there.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(changes, "_command", [])
    return there


@pytest.fixture
def plugin(maya: Maya) -> Any:
    """The plug-in, loaded."""
    spec = importlib.util.spec_from_file_location("mocap_bridge_plugin", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    maya.loading = True
    module.initializePlugin("the plug-in")
    maya.loading = False
    return module


def test_every_command_is_there_and_goes_with_the_plug_in(plugin: Any, maya: Maya) -> None:
    assert len(maya.commands) == 8
    plugin.uninitializePlugin("the plug-in")
    assert not maya.commands


def test_a_change_is_undone_and_done_again(plugin: Any, maya: Maya) -> None:
    told: list[str] = []

    class Told(changes.Change):
        def do(self) -> None:
            told.append("done")

        def undo(self) -> None:
            told.append("undone")

    changes.run(Told())
    (command,) = maya.undoable
    command.undoIt()
    command.redoIt()
    assert told == ["done", "undone", "done"]
    maya.run(changes.COMMAND, {})  # by hand: there is nothing that waits
    assert maya.undoable == [command]
    plugin.uninitializePlugin("the plug-in")
    changes.run(Told())
    assert told[3:] == ["done"]


def test_flags_become_arguments(plugin: Any, maya: Maya, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, Any]] = []

    def noted(**values: Any) -> str:
        given.append(values)
        return "it is done"

    for at, action in enumerate(plugin.ACTIONS):
        if action.flags:
            changed = action._replace(act=noted)
            monkeypatch.setitem(
                maya.commands, action.name, (lambda one=changed: plugin.Run(one), action.syntax())
            )
            assert maya.run(action.name, {}) == "it is done", at
    assert given == [{}] * 5
    given.clear()
    maya.run("mocapBridgeConnect", {"-address": "192.168.0.2:8765", "-t": "secret"})
    maya.run("mocapBridgeCreate", {"-person": 3})
    maya.run("mocapBridgeRecord", {"-stop": None})
    assert given == [
        {"address": "192.168.0.2:8765", "token": "secret"},
        {"person": 3},
        {"stop": True},
    ]
    assert not maya.undoable


def test_what_goes_wrong_is_raised(
    plugin: Any, maya: Maya, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> str:
        raise host.TakeError("connect first")

    broken = plugin.ACTIONS[3]._replace(act=refused)
    monkeypatch.setitem(maya.commands, broken.name, (lambda: plugin.Run(broken), broken.syntax()))
    with pytest.raises(RuntimeError, match="connect first"):
        maya.run(broken.name, {})


# The shelf.


class Shelves:
    """Shelves as Maya has them, of buttons with commands; `remembered` is what Maya has on disk."""

    def __init__(self) -> None:
        self.shelves: dict[str, list[str]] = {}
        self.remembered: list[tuple[str, str]] = []
        self.buttons: dict[str, dict[str, Any]] = {}
        self.options: dict[str, int] = {}
        self.made = 0
        self.chosen = ""

    def shelfLayout(self, name: str, **asked: Any) -> Any:
        if asked.get("exists"):
            return name in self.shelves
        assert asked == {"query": True, "childArray": True}
        return list(self.shelves[name]) or None

    def shelfButton(self, name: str = "", **values: Any) -> Any:
        if values.get("exists"):
            return name in self.buttons
        if values.get("query"):
            return self.buttons[name]["command"]
        self.made += 1
        name = f"shelfButton{self.made}"
        self.buttons[name] = values
        self.shelves[values["parent"]].append(name)
        return name

    def deleteUI(self, name: str) -> None:
        for children in self.shelves.values():
            if name in children:
                children.remove(name)
                del self.buttons[name]

    def tabLayout(self, top: str, edit: bool, selectTab: str) -> None:
        assert (top, edit) == ("ShelfLayout", True)
        self.chosen = selectTab

    def optionVar(self, **asked: Any) -> Any:
        if "exists" in asked:
            return asked["exists"] in self.options
        if "remove" in asked:
            return self.options.pop(asked["remove"], None)
        name, value = asked["intValue"]
        self.options[name] = value
        return None

    def eval(self, mel: str) -> Any:
        if mel.startswith("addNewShelfTab"):
            name = mel.split('"')[1]
            self.shelves[name] = []
            for kind, command in self.remembered:
                self.shelfButton(parent=name, command=command, label=kind)
            return name
        assert mel == "$mocapBridgeTop = $gShelfTopLevel"
        return "ShelfLayout"

    def labels(self) -> list[str]:
        return [self.buttons[name]["label"] for name in self.shelves[shelf.NAME] if name != "bar"]


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> Shelves:
    there = Shelves()
    maya = ModuleType("maya")
    maya.cmds = maya.mel = there  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "maya", maya)
    return there


OURS = [button.label for button in shelf.BUTTONS]


def test_the_shelf_is_built_once(shelves: Shelves) -> None:
    shelf.build_once()
    assert shelves.chosen == shelf.NAME
    assert shelves.labels() == OURS
    assert all(Path(button["image"]).is_file() for button in shelves.buttons.values())
    shelf.build()
    assert shelves.labels() == OURS
    shelves.shelves.clear()  # by its user
    shelf.build_once()
    assert not shelves.shelves


def test_a_shelf_that_maya_remembers_does_not_double(shelves: Shelves) -> None:
    shelves.remembered = [("Panel", shelf.BUTTONS[0].python)]
    shelf.build_once()
    assert shelves.labels() == OURS


def test_buttons_of_its_user_stay(shelves: Shelves) -> None:
    shelves.shelves[shelf.NAME] = ["bar"]  # a separator
    shelves.shelfButton(parent=shelf.NAME, label="Mine", command="print('dear to me')")
    shelf.build()
    shelf.build()
    assert shelves.labels() == ["Mine", *OURS]
    shelf.remove()
    assert shelves.shelves[shelf.NAME][0] == "bar"
    assert shelves.labels() == ["Mine"]
    shelf.build_once()
    assert shelves.labels() == ["Mine", *OURS]


# HumanIK.


class Characters:
    """HumanIK's procedures, as far as a definition needs them; `locks` tells whether it is locked
    when that is asked for: where it refuses, it says nothing."""

    def __init__(self, locks: bool) -> None:
        self.locks, self.locked = locks, False
        self.slots: dict[int, str] = {}
        self.plugins: set[str] = set()

    def about(self, batch: bool) -> bool:
        return batch

    def pluginInfo(self, name: str, query: bool, loaded: bool) -> bool:
        return query and loaded and name in self.plugins

    def loadPlugin(self, name: str, quiet: bool) -> None:
        assert quiet
        self.plugins.add(name)

    def eval(self, mel: str) -> Any:
        name, _, rest = mel.partition("(")
        if mel.startswith("source "):
            return None
        assert self.plugins == {"mayaHIK", "mayaCharacterization"}  # or locking does nothing
        if name == "hikCreateCharacter":
            return "Person1"
        if name == "setCharacterObject":
            joint, _definition, slot, _clear = rest.rstrip(")").split(", ")
            self.slots[int(slot)] = joint.strip('"')
        elif name == "hikCharacterLock":
            self.locked = self.locks
        elif name == "hikIsDefinitionLocked":
            return int(self.locked)
        return None


@pytest.mark.parametrize("locks", [True, False])
def test_a_definition_that_does_not_lock_is_told(
    locks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, maya = Characters(locks), ModuleType("maya")
    maya.cmds = maya.mel = there  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "maya", maya)
    joints = {bone: f"ns:{bone}" for bone in humanik.NEEDED}
    if locks:
        assert humanik.define(humanik.MayaCalls(), "Person", joints) == ("Person1", 15)
        assert there.slots[1] == "ns:hips"
    else:
        with pytest.raises(host.RigError, match="HumanIK refused: Person1 is made, but"):
            humanik.define(humanik.MayaCalls(), "Person", joints)
