"""The panel as a dock of Maya, which comes back where it was when Maya starts.

Maya remembers a dock by its name and by a line of Python that fills it again: `RESTORE`.
"""

from __future__ import annotations

from typing import Any

from maya import OpenMayaUI, cmds
from maya.app.general import mayaMixin  # type: ignore[import-not-found]

from . import host, panel
from .qt import QtWidgets

NAME = "mocapBridgePanel"
CONTROL = NAME + "WorkspaceControl"  # the name that Maya makes of it
TITLE = "Mocap Bridge"
WIDTH, HEIGHT = 320, 760
RESTORE = "import mocap_bridge_maya.dock; mocap_bridge_maya.dock.restore()"
CLOSED = "from mocap_bridge_maya import host; host.disconnect()"  # nothing goes on unseen

Mixin: Any = mayaMixin.MayaQWidgetDockableMixin
ui: Any = OpenMayaUI  # of whose first version no types are known


class Dock(Mixin, QtWidgets.QWidget):  # type: ignore[misc]
    """The panel in something that Maya can dock."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName(NAME)
        self.setWindowTitle(TITLE)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.panel = panel.Panel(host.session(), host.preferences, host.begin_to_tick)
        layout.addWidget(self.panel)


_docks: list[Dock] = []


def show() -> None:
    """Open the panel, or bring it to the front."""
    host.load_plugin()
    if cmds.workspaceControl(CONTROL, exists=True):
        if is_alive():
            cmds.workspaceControl(CONTROL, edit=True, restore=True)
            return
        cmds.deleteUI(CONTROL)  # left by a version that is gone
    _docks[:] = [Dock()]
    show_it: Any = _docks[0].show  # the mixin's
    show_it(dockable=True, area="right", width=WIDTH, height=HEIGHT, uiScript=RESTORE)
    cmds.workspaceControl(CONTROL, edit=True, closeCommand=CLOSED)


def is_alive() -> bool:
    """Whether there is a panel that Qt has not deleted behind our back."""
    try:
        return bool(_docks and _docks[0].objectName() == NAME)
    except RuntimeError:  # what PySide raises for what is deleted
        return False


def restore() -> None:
    """Fill the dock that Maya has just made again; Maya calls this when it starts."""
    parent = ui.MQtUtil.getCurrentParent()  # asked first: what follows may make others current
    host.load_plugin()
    _docks[:] = [Dock()]
    widget = ui.MQtUtil.findControl(NAME)
    ui.MQtUtil.addWidgetToMayaLayout(int(widget), int(parent))
    cmds.workspaceControl(CONTROL, edit=True, closeCommand=CLOSED)
