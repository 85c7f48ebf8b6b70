"""The panel of the Maya module, drawn without a screen: what it says, offers, and looks like.

Maya is pretended as far as its user interface goes (maya_pretend.py), scenes are calculated
(maya_fake.py), the server is real. Pictures go into the folder that $MOCAP_PANEL_PICTURES names.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).parent
for folder in (HERE.parent, HERE):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

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
from mocap_bridge_maya import commands, host, live, prefs, shelf  # noqa: E402
from mocap_bridge_maya.panel import Panel  # noqa: E402
from mocap_bridge_maya.qt import Qt, QtCore, QtGui, QtWidgets  # noqa: E402
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


def test_a_new_panel(shown: Shown) -> None:
    panel = shown.panel
    assert panel.server.connect_button.text() == "Connect"
    assert panel.server.url.text() == "ws://127.0.0.1:8765"
    assert not panel.server.token_row.isVisible()
    assert not panel.server.problem.isVisible()
    assert "Connect to see people" in shown.texts()
    assert not panel.record.record.isEnabled()
    assert not panel.record.discard.isVisible()
    assert not panel.characters.remove.isEnabled()
    assert panel.characters.add.isEnabled()
    assert not panel.options.isEnabled()
    shown.check("new")


def test_a_server_elsewhere_asks_for_a_token(shown: Shown) -> None:
    shown.panel.server.url.setText("ws://192.168.0.20:8765")
    assert shown.panel.server.token_row.isVisible()
    assert shown.panel.server.token.echoMode() == QtWidgets.QLineEdit.EchoMode.Password
    shown.panel.server.token.setText("secret")
    shown.panel.server.url.setText("localhost")
    assert shown.panel.server.token_row.isVisible()
    shown.panel.server.token.setText("")
    shown.settle()
    assert not shown.panel.server.token_row.isVisible()
    shown.check("token")


def test_connecting_with_the_button(shown: Shown, stage: Stage) -> None:
    connected(shown, stage)
    server = shown.panel.server
    assert shown.began == 1
    assert shown.preferences.get("url") == stage.server.url
    assert server.connect_button.text() == "Disconnect"
    assert not server.url.isEnabled()
    assert server.text.text().startswith("mocap ")
    assert "fps" in server.figures.text()
    assert "ms old" in server.figures.text()
    assert sorted(shown.panel.people.buttons) == [0, 7]
    assert any("out of sight" in text for text in shown.texts())
    assert shown.panel.record.record.isEnabled()
    assert shown.panel.options.isEnabled()
    shown.check("people")
    server.connect_button.click()
    shown.settle()
    assert shown.session.client is None
    assert server.connect_button.text() == "Connect"
    assert not server.state.isVisible()


def test_problems_are_told(shown: Shown) -> None:
    server = shown.panel.server
    server.url.setText("http://example")
    server.connect_button.click()
    shown.settle()
    assert "expected one like ws://127.0.0.1:8765" in server.problem.text()
    assert shown.session.client is None
    shown.check("wrong_address")
    server.url.setText("127.0.0.1:9")
    server.connect_button.click()
    ticked_until(shown.session, lambda: shown.session.state()["problem"])
    shown.settle()
    assert "start `mocap live`" in server.problem.text()
    assert server.text.text() == "waiting for the server"
    shown.check("nobody_listens")


def test_a_skeleton_by_its_button(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    connected(shown, stage)
    shown.panel.people.buttons[0].click()
    shown.settle()
    assert shown.panel.told.text() == "Person0:hips follows person 0"
    assert sorted(shown.panel.people.buttons) == [7]
    (item,) = [shown.panel.characters.list.topLevelItem(0)]
    assert item.text(0) == "Person0:hips"
    assert item.text(1) == "Person 0"
    assert shown.panel.characters.chosen() == shown.session.characters()[0]
    scene.undo()
    shown.settle()
    assert shown.panel.characters.list.topLevelItemCount() == 0
    assert sorted(shown.panel.people.buttons) == [0, 7]


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


def test_a_character_in_detail(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    populated(shown, stage, scene)
    part = shown.panel.characters
    one = part.chosen()
    assert one is not None
    assert one.person == 0
    assert part.details.isVisible()
    assert not part.factor.isVisible()
    shown.check("live")
    part.scale.setCurrentIndex(2)
    part.scale.activated.emit(2)
    assert part.factor.isVisible()
    part.factor.setValue(1.5)
    part.travel.setCurrentIndex(2)
    part.travel.activated.emit(2)
    part.person.setValue(7)
    one = part.chosen()
    assert one is not None
    assert one.person == 7
    assert (one.settings.scale, one.settings.factor, one.settings.in_place) == ("CUSTOM", 1.5, True)
    item = part.list.currentItem()
    item.setCheckState(0, Qt.CheckState.Unchecked)
    shown.settle()
    one = part.chosen()
    assert one is not None
    assert not one.enabled
    shown.check("character")
    part.remove.click()
    assert len(shown.session.characters()) == 1


def test_bones_in_the_panel(
    shown: Shown, stage: Stage, scene: FakeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    populated(shown, stage, scene)
    shown.fold("bones")
    part = shown.panel.bones
    assert part.list.topLevelItemCount() == 55
    assert part.list.topLevelItem(0).text(0) == "Hips"
    assert part.list.topLevelItem(0).text(1) == "hero_hips_jnt"
    assert part.joint.currentText() == "hero_hips_jnt"
    shown.check("bones")
    names = {part.list.topLevelItem(i).text(0): i for i in range(55)}
    part.list.setCurrentItem(part.list.topLevelItem(names["Left hand"]))
    assert part.joint.currentText() == "hero_leftHand_jnt"
    part.joint.setCurrentIndex(0)
    part.joint.activated.emit(0)
    shown.settle()
    assert part.list.currentItem().text(0) == "Left hand"
    assert part.list.currentItem().text(1) == ""
    path = str(tmp_path / "bones.json")
    monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", lambda *_: (path, ""))
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileName", lambda *_: (path, ""))
    part.write.click()
    part.detect.click()
    shown.settle()
    assert part.list.topLevelItem(names["Left hand"]).text(1) == "hero_leftHand_jnt"
    part.read.click()
    shown.settle()
    assert part.list.topLevelItem(names["Left hand"]).text(1) == ""
    part.store.click()
    assert "is stored" in shown.panel.told.text()
    part.go.click()
    assert "stands in its T-pose" in shown.panel.told.text()


def test_a_joint_that_is_gone_is_red(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    populated(shown, stage, scene)
    shown.fold("bones")
    gone = scene.find("hero_leftHand_jnt")
    assert gone is not None
    scene.delete([gone])
    shown.settle()
    items = shown.panel.bones.list.findItems("hero_leftHand_jnt", Qt.MatchFlag.MatchExactly, 1)
    assert items[0].foreground(1).color().red() > 200
    assert "has no joint" in items[0].toolTip(1)


def test_what_does_not_follow_is_noted(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    populated(shown, stage, scene)
    assert not shown.panel.characters.problem.isVisible()
    hand = scene.find("hero_leftHand_jnt")
    assert hand is not None
    scene.things[hand].locked = frozenset({"rotateX", "rotateY", "rotateZ"})
    one = shown.panel.characters.chosen()
    assert one is not None
    commands.change(shown.session, one.node, scale="ONE")
    ticked(shown.session, stage)
    shown.settle()
    assert "hero_leftHand_jnt" in shown.panel.characters.problem.text()
    shown.check("noted")


def test_recording_with_the_buttons(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    populated(shown, stage, scene)
    part = shown.panel.record
    part.name.setText("jump")
    part.record.click()
    ticked(shown.session, stage, frames=15)
    shown.settle()
    assert part.record.text() == "Stop"
    assert part.discard.isVisible()
    assert part.state.text().startswith("jump: ")
    assert not part.name.isEnabled()
    shown.check("recording")
    part.record.click()
    shown.settle()
    assert shown.panel.told.text().startswith("recorded jump: ")
    assert part.record.text() == "Record"
    assert not part.discard.isVisible()
    hips = scene.find("hero_hips_jnt")
    assert hips is not None
    assert scene.key_frames(hips, "rotateX")
    part.record.click()
    part.discard.click()
    shown.settle()
    assert not commands.is_recording(shown.session)


def test_what_cannot_be_done_is_told(shown: Shown, stage: Stage) -> None:
    shown.panel.characters.add.click()
    assert "select a joint" in shown.panel.told.text()
    connected(shown, stage)
    shown.panel.record.record.click()
    ticked(shown.session, stage, frames=3)
    shown.panel.record.record.click()
    shown.settle()
    assert "no character follows" in shown.panel.told.text()
    shown.check("complaint")


def test_importing(shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown.fold("import")
    part = shown.panel.load
    assert part.onto.currentData() == "new"
    (tmp_path / "a.bvh").write_text("nothing")
    path = str(tmp_path / "a.bvh")
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileName", lambda *_: (path, ""))
    part.load.click()
    assert "a.bvh" in shown.panel.told.text()
    shown.check("import")


def test_options_of_the_server(shown: Shown, stage: Stage) -> None:
    shown.fold("server")
    connected(shown, stage)
    shown.panel.options.smoothing.click()
    ticked_until(shown.session, lambda: shown.session.messages)
    shown.settle()
    assert shown.panel.server.problem.text() == "smoothing is False now"
    shown.panel.options.calibrate.click()
    ticked_until(shown.session, lambda: len(shown.session.messages) > 1)
    shown.settle()
    assert shown.panel.server.problem.text() == "stand in a T-pose"
    shown.check("options")


def test_everything_unfolded_fits(shown: Shown, stage: Stage, scene: FakeScene) -> None:
    populated(shown, stage, scene)
    for name, section in shown.panel.sections.items():
        if not section.is_open:
            shown.fold(name)
    assert set(shown.preferences.get("open").split(",")) == set(shown.panel.sections)
    shown.check("everything")


def test_text_of_twice_the_size_fits(
    application: Any, session: live.Session, stage: Stage, scene: FakeScene
) -> None:
    """As Maya has it on screens of high resolution."""
    usual, large = application.font(), application.font()
    large.setPixelSize(2 * usual.pixelSize())
    application.setFont(large)
    shown = Shown(application, session, 2 * WIDTH)
    try:
        populated(shown, stage, scene)
        for name, section in shown.panel.sections.items():
            if not section.is_open:
                shown.fold(name)
        shown.check("large")
    finally:
        shown.panel.close()
        application.setFont(usual)


def test_the_wheel_passes_fields_by(shown: Shown) -> None:
    field = shown.panel.characters.person
    assert field.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_nothing_is_made_anew_while_nothing_changes(
    shown: Shown, stage: Stage, scene: FakeScene
) -> None:
    populated(shown, stage, scene)
    shown.fold("bones")
    items = [shown.panel.characters.list.topLevelItem(0), shown.panel.bones.list.topLevelItem(3)]
    ticked(shown.session, stage)
    shown.settle()
    again = [shown.panel.characters.list.topLevelItem(0), shown.panel.bones.list.topLevelItem(3)]
    assert all(a is b for a, b in zip(items, again, strict=True))


# The dock, the timer, the shelf.


@pytest.fixture
def maya(
    application: Any, session: live.Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator[maya_pretend.Pretended]:
    there = maya_pretend.Pretended()
    for name, module in maya_pretend.modules(there).items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "mocap_bridge_maya.dock", raising=False)
    monkeypatch.setattr(host._host, "session", session)
    monkeypatch.setattr(host._host, "ticker", None)
    yield there
    host.disconnect()


def docked() -> ModuleType:
    return importlib.import_module("mocap_bridge_maya.dock")


def test_the_dock_opens_once_and_can_be_filled_again(maya: maya_pretend.Pretended) -> None:
    dock = docked()
    dock.show()
    assert maya.plugins == {"mocap_bridge_plugin"}
    assert list(maya.controls) == [dock.CONTROL]
    first = dock._docks[0]
    dock.show()
    assert maya.restored == [dock.CONTROL]
    assert dock._docks[0] is first
    maya.plugins.clear()
    maya.parent = 7
    exec(maya.controls[dock.CONTROL], {})  # as Maya does when it starts
    assert maya.added == [(maya.widgets[dock.NAME], 7)]


def test_the_dock_opens_without_the_plug_in(maya: maya_pretend.Pretended) -> None:
    maya.refused = "plug-in cannot be found on search path"
    docked().show()
    assert len(maya.controls) == 1
    assert maya.refused in maya.warned[0]


def test_closing_the_dock_ends_the_connection(
    maya: maya_pretend.Pretended, session: live.Session, stage: Stage
) -> None:
    dock = docked()
    dock.show()
    host.connect(stage.server.url, "")
    assert maya.kept["mocapBridge_url"] == stage.server.url
    exec(maya.closed[dock.CONTROL], {})
    assert session.client is None
    assert not host._host.ticker.is_running


def test_the_timer_ticks_until_it_is_disconnected(
    maya: maya_pretend.Pretended, session: live.Session, stage: Stage, application: Any
) -> None:
    assert host.toggle()  # nobody is at the usual address, which does not matter
    assert host._host.ticker.is_running
    host.connect(stage.server.url, "")
    while not session.people:
        stage.play()
        application.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)
    host.toggle()
    assert session.client is None
    assert not host._host.ticker.is_running


def test_buttons_of_the_shelf_run_what_is_there() -> None:
    for button in shelf.BUTTONS:
        compile(button.python, button.label, "exec")
        found = button.python.rpartition("host.")[2].rstrip(")")
        if "host.say" in button.python:
            assert callable(getattr(host, found))
