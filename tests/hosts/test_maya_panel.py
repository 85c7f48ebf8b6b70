"""The panel of the Maya module: what it says, offers, and looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from maya_fake import FakeScene
from maya_panel import WIDTH, Shown, connected, populated
from maya_panel import application as application
from maya_panel import scene as scene
from maya_panel import session as session
from maya_panel import shown as shown
from maya_panel import stage as stage
from maya_stage import Stage, ticked, ticked_until
from mocap_bridge_maya import commands, live
from mocap_bridge_maya.qt import QtWidgets


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
