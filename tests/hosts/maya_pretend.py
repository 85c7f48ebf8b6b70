"""What the panel asks of Maya's user interface, written by hand: docks, user preferences, plug-ins.

It pretends nothing about scenes: those are `maya_fake.FakeScene`. And the looks of Maya, so that
pictures of the panel show what its users will see, more or less.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

DARK = {  # Maya's palette, by eye
    "Window": "#444444",
    "WindowText": "#dcdcdc",
    "Base": "#2b2b2b",
    "AlternateBase": "#323232",
    "Text": "#dcdcdc",
    "Button": "#5d5d5d",
    "ButtonText": "#eeeeee",
    "Highlight": "#5285a6",
    "HighlightedText": "#ffffff",
    "PlaceholderText": "#8a8a8a",
    "ToolTipBase": "#ffffdc",
    "ToolTipText": "#000000",
}


class Pretended:
    """What there is in this Maya.

    Attributes:
        controls: docks that exist, and the line of Python that fills each again.
        restored: those that were brought to the front.
        closed: what each runs when it is closed.
        warned: what was said to the script editor.
        refused: why no plug-in can be loaded; "" if they can.
        kept: optionVars.
        plugins: that are loaded.
        parent: what a dock that is filled again is, for `MQtUtil.getCurrentParent`.
        added: (widget, dock) that were put together.
    """

    def __init__(self) -> None:
        self.controls: dict[str, str] = {}
        self.restored: list[str] = []
        self.closed: dict[str, str] = {}
        self.warned: list[str] = []
        self.refused = ""
        self.kept: dict[str, Any] = {}
        self.plugins: set[str] = set()
        self.parent = 7
        self.added: list[tuple[int, int]] = []
        self.widgets: dict[str, int] = {}


def modules(there: Pretended) -> dict[str, ModuleType]:
    """The modules of Maya that the panel imports, by name."""
    cmds, ui, mixin = (ModuleType(n) for n in ("maya.cmds", "maya.OpenMayaUI", "mayaMixin"))

    def workspaceControl(
        name: str,
        exists: bool = False,
        edit: bool = False,
        restore: bool = False,
        closeCommand: str = "",
    ):  # type: ignore[no-untyped-def]
        if exists:
            return name in there.controls
        assert edit
        assert restore or closeCommand
        assert name in there.controls
        if restore:
            there.restored.append(name)
        else:
            there.closed[name] = closeCommand
        return name

    def loadPlugin(name: str, quiet: bool) -> None:
        assert quiet
        there.parent = 0  # whatever is loaded may make widgets of its own
        if there.refused:
            raise RuntimeError(there.refused)
        there.plugins.add(name)

    def optionVar(
        exists: str = "", query: str = "", stringValue: tuple[str, str] | None = None
    ) -> Any:
        if exists:
            return exists in there.kept
        if query:
            return there.kept[query]
        assert stringValue is not None
        there.kept[stringValue[0]] = stringValue[1]
        return None

    cmds.workspaceControl = workspaceControl  # type: ignore[attr-defined]
    cmds.optionVar = optionVar  # type: ignore[attr-defined]
    cmds.deleteUI = lambda name: there.controls.pop(name)  # type: ignore[attr-defined]
    cmds.about = lambda batch: False  # type: ignore[attr-defined]
    cmds.pluginInfo = lambda name, query, loaded: name in there.plugins  # type: ignore[attr-defined]
    cmds.loadPlugin = loadPlugin  # type: ignore[attr-defined]
    cmds.warning = there.warned.append  # type: ignore[attr-defined]

    class MQtUtil:
        @staticmethod
        def getCurrentParent() -> int:
            return there.parent

        @staticmethod
        def findControl(name: str) -> int:
            return there.widgets[name]

        @staticmethod
        def addWidgetToMayaLayout(widget: int, layout: int) -> None:
            there.added.append((widget, layout))

    class MayaQWidgetDockableMixin:
        """Comes before a QWidget among the bases, as Maya's."""

        def __init__(self, parent: Any = None) -> None:
            super().__init__(parent)  # type: ignore[call-arg]

        def setObjectName(self, name: str) -> None:
            there.widgets[name] = len(there.widgets) + 1
            super().setObjectName(name)  # type: ignore[misc]

        def show(self, dockable: bool, area: str, width: int, height: int, uiScript: str) -> None:
            assert dockable
            there.controls[self.objectName() + "WorkspaceControl"] = uiScript  # type: ignore[attr-defined]
            self.resize(width, height)  # type: ignore[attr-defined]
            super().show()  # type: ignore[misc]

    ui.MQtUtil = MQtUtil  # type: ignore[attr-defined]
    mixin.MayaQWidgetDockableMixin = MayaQWidgetDockableMixin  # type: ignore[attr-defined]
    general = ModuleType("maya.app.general")
    general.mayaMixin = mixin  # type: ignore[attr-defined]
    maya = ModuleType("maya")
    maya.cmds, maya.OpenMayaUI = cmds, ui  # type: ignore[attr-defined]
    return {
        "maya": maya,
        "maya.cmds": cmds,
        "maya.OpenMayaUI": ui,
        "maya.app": ModuleType("maya.app"),
        "maya.app.general": general,
        "maya.app.general.mayaMixin": mixin,
    }


def dressed(application: Any, gui: Any) -> None:
    """Have an application of Qt look like Maya, more or less."""
    application.setStyle("Fusion")
    palette = gui.QPalette()
    for role, colour in DARK.items():
        which = getattr(gui.QPalette.ColorRole, role, None)
        if which is not None:
            palette.setColor(which, gui.QColor(colour))
    faint = {"WindowText": "#808080", "Text": "#808080", "ButtonText": "#b0b0b0"}
    for role, colour in faint.items():
        which = getattr(gui.QPalette.ColorRole, role)
        palette.setColor(gui.QPalette.ColorGroup.Disabled, which, gui.QColor(colour))
    application.setPalette(palette)
    font = gui.QFont("DejaVu Sans")
    font.setPixelSize(11)
    application.setFont(font)
