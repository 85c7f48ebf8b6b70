"""The shelf "Mocap": the panel, and what is needed while both hands are busy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

NAME = "Mocap"
ICONS = Path(__file__).resolve().parents[2] / "icons"
BUILT = "mocapBridgeShelf"  # optionVar: the shelf was made once, whatever became of it


class Button(NamedTuple):
    """A button of the shelf.

    Attributes:
        label: below the icon, short.
        told: what it does.
        icon: file in the icons of the module.
        python: what it runs.
    """

    label: str
    told: str
    icon: str
    python: str


_HOST = "from mocap_bridge_maya import host; host.say(host.%s)"
BUTTONS: tuple[Button, ...] = (
    Button(
        "Panel",
        "Open the panel of Mocap Bridge",
        "mocap_bridge.png",
        "from mocap_bridge_maya import dock; dock.show()",
    ),
    Button(
        "Connect",
        "Connect to the capture server, or disconnect",
        "mocap_connect.png",
        _HOST % "toggle",
    ),
    Button(
        "New",
        "Make a skeleton for everyone who is seen and has none",
        "mocap_new.png",
        _HOST % "create_skeletons",
    ),
    Button(
        "Record",
        "Begin to record; once more: stop, and write the keys",
        "mocap_record.png",
        _HOST % "toggle_record",
    ),
)


def build() -> None:
    """Make the shelf, or make it anew."""
    from maya import cmds, mel

    if not cmds.shelfLayout(NAME, exists=True):
        top = mel.eval("$mocapBridgeTop = $gShelfTopLevel")
        mel.eval(f'addNewShelfTab "{NAME}"')  # with the buttons that Maya remembers of it
        cmds.tabLayout(top, edit=True, selectTab=NAME)
    remove()
    for button in BUTTONS:
        cmds.shelfButton(
            parent=NAME,
            label=button.label,
            annotation=button.told,
            image=(ICONS / button.icon).as_posix(),
            imageOverlayLabel="",
            sourceType="python",
            command=button.python,
        )
    cmds.optionVar(intValue=(BUILT, 1))


def remove() -> None:
    """Take our buttons away; a shelf of this name may hold others of its user."""
    from maya import cmds

    cmds.optionVar(remove=BUILT)
    if not cmds.shelfLayout(NAME, exists=True):
        return
    children: Any = cmds.shelfLayout(NAME, query=True, childArray=True)
    for child in children or ():
        if cmds.shelfButton(child, exists=True):
            command: Any = cmds.shelfButton(child, query=True, command=True)
            if "mocap_bridge_maya" in (command or ""):
                cmds.deleteUI(child)


def build_once() -> None:
    """Make the shelf, unless it was made before: who deletes it does not want it."""
    from maya import cmds

    if not cmds.optionVar(exists=BUILT):
        build()
