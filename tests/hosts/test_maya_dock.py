"""Where the panel of the Maya module lives: the dock, the timer, the shelf."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import maya_pretend
import pytest
from maya_panel import application as application
from maya_panel import scene as scene
from maya_panel import session as session
from maya_panel import stage as stage
from maya_stage import Stage
from mocap_bridge_maya import host, live, shelf
from mocap_bridge_maya.qt import QtCore


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
