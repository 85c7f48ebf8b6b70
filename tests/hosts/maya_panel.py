"""The panel of the Maya module, drawn without a screen, for tests of what is in it.

Maya is pretended as far as its user interface goes (maya_pretend.py), scenes are calculated
(maya_fake.py), the server is real. Pictures go into the folder that $MOCAP_PANEL_PICTURES names.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

for binding in ("PySide6", "PySide2"):
    try:  # an error also where Qt lacks a library of the system
        importlib.import_module(f"{binding}.QtWidgets")
        break
    except ImportError:
        continue
else:
    pytest.skip("neither PySide6-Essentials nor PySide2 is installed", allow_module_level=True)

import maya_pretend  # noqa: E402
import protocol_cases  # noqa: E402
from maya_fake import FakeScene  # noqa: E402
from maya_people import rig  # noqa: E402
from maya_stage import Stage, ticked, ticked_until  # noqa: E402
from mocap_bridge_maya import live, prefs  # noqa: E402
from mocap_bridge_maya.panel import Panel  # noqa: E402
from mocap_bridge_maya.qt import QtCore, QtGui, QtWidgets  # noqa: E402
from mocap_bridge_maya.widgets import Notice  # noqa: E402
from stages import Obedient  # noqa: E402

from mocap.stream.server import WebSocketServer  # noqa: E402

WIDTH = 300  # [px] of a dock that is narrow
PICTURES = os.environ.get("MOCAP_PANEL_PICTURES")


@pytest.fixture(scope="module")
def application() -> Any:
    made = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    maya_pretend.dressed(made, QtGui)
    return made


@pytest.fixture
def scene() -> FakeScene:
    return FakeScene()


@pytest.fixture
def session(scene: FakeScene) -> Iterator[live.Session]:
    made = live.Session(scene)
    yield made
    made.disconnect()


@pytest.fixture
def stage() -> Iterator[Stage]:
    obedient = Obedient()
    with WebSocketServer(obedient, port=0) as server:
        yield Stage(server, obedient)


class Shown:
    """A panel that is shown in the width of a narrow dock.

    Attributes:
        began: how often ticking was begun.
    """

    def __init__(self, application: Any, session: live.Session, width: int = WIDTH) -> None:
        self.application, self.session, self.width = application, session, width
        self.began = 0
        self.preferences = prefs.Preferences()
        self.panel = Panel(session, self.preferences, self._begin)
        self.panel.resize(width, 900)
        self.panel.show()
        self.settle()

    def _begin(self) -> None:
        self.began += 1

    def settle(self) -> None:
        """Show what is now."""
        self.panel.refresh()
        for _ in range(3):
            self.application.processEvents()
            self.application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)

    def fold(self, name: str) -> None:
        """Unfold or fold a section, as its user does."""
        self.panel.sections[name].header.click()
        self.settle()

    def texts(self) -> list[str]:
        """All words that can be read."""
        found = []
        for kind in (QtWidgets.QLabel, QtWidgets.QAbstractButton, QtWidgets.QLineEdit):
            found += [one.text() for one in self.panel.findChildren(kind) if one.isVisible()]
        return [text for text in found if text.strip()]

    def check(self, name: str) -> None:
        """Nothing sticks out or is cut off; a picture, where one is wanted."""
        self.settle()
        content = self.panel.area.widget()
        self.panel.resize(self.width, content.sizeHint().height())
        self.settle()
        layout = content.layout()
        self.panel.resize(
            self.width, max(layout.heightForWidth(self.width), layout.sizeHint().height())
        )
        self.settle()
        assert content.width() == self.width, content.width()
        for one in content.findChildren(QtWidgets.QWidget):
            scrolled = isinstance(one.parentWidget(), QtWidgets.QAbstractItemView)
            if one.isVisible() and not scrolled:
                left = one.mapTo(content, QtCore.QPoint(0, 0)).x()
                assert left >= 0, (one, left)
                assert left + one.width() <= self.width, (one, left, one.width())
        for label in self.panel.findChildren(QtWidgets.QLabel):
            if label.isVisible() and type(label) is QtWidgets.QLabel and not label.wordWrap():
                wanted = label.fontMetrics().horizontalAdvance(label.text())
                assert wanted <= label.width(), f"{label.text()!r} is cut off"
        for button in self.panel.findChildren(QtWidgets.QPushButton):
            if button.isVisible():
                wanted = button.fontMetrics().horizontalAdvance(button.text())
                assert wanted + 6 <= button.width(), f"{button.text()!r} is cut off"
        for notice in self.panel.findChildren(Notice):
            if notice.isVisible():
                assert notice.height() >= notice.heightForWidth(notice.width()) - 1, notice.text()
        if PICTURES:
            binding = QtCore.__name__.split(".")[0]
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.panel.grab().save(str(Path(PICTURES) / f"{name}_{binding}.png"))


@pytest.fixture
def shown(application: Any, session: live.Session) -> Iterator[Shown]:
    made = Shown(application, session)
    yield made
    made.panel.close()
    made.panel.deleteLater()
    made.application.processEvents()


def connected(shown: Shown, stage: Stage) -> None:
    """Connect with the button, and have people come."""
    shown.panel.server.url.setText(stage.server.url)
    shown.panel.server.connect_button.click()
    ticked_until(shown.session, lambda: shown.session.people, stage)
    ticked_until(shown.session, lambda: shown.session.state()["latency_ms"] is not None, stage)
    shown.settle()


def populated(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    """A skeleton follows person 7, and a rig with a name of its own person 0."""
    connected(shown, stage)
    shown.panel.people.buttons[7].click()
    group = scene.make_group("Hero_v12")
    nodes = rig(scene, shown.session.source_of(0), names=[
        f"hero_{name}_jnt" for name in protocol_cases.casts()["hello.json"].skeleton.names
    ], group=group, seed=3)  # fmt: skip
    scene.select([nodes["head"]])
    shown.panel.characters.add.click()
    ticked(shown.session, stage)
    shown.settle()
