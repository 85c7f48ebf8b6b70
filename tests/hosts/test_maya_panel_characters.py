"""Characters in the panel of the Maya module: who follows whom, in detail, bone by bone."""

from __future__ import annotations

from pathlib import Path

import pytest
from maya_fake import FakeScene
from maya_panel import Shown, connected, populated
from maya_panel import application as application
from maya_panel import scene as scene
from maya_panel import session as session
from maya_panel import shown as shown
from maya_panel import stage as stage
from maya_stage import Stage, ticked
from mocap_bridge_maya import commands
from mocap_bridge_maya.qt import Qt, QtWidgets


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
