"""Rigs that people had already follow in a live session of the Maya module."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from maya_fake import FakeScene
from maya_people import pointing, rig
from maya_session import NEAR, bound, connected
from maya_session import clock as clock
from maya_session import live as live
from maya_session import obedient as obedient
from maya_session import scene as scene
from maya_session import stage as stage
from maya_stage import GOLDEN, GOLDEN_CAST, Stage, ticked
from mocap_bridge_maya import commands
from mocap_bridge_maya import rig as rigs
from mocap_bridge_maya.live import Session
from mocap_bridge_maya.shared.errors import RigError


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_rig_with_wild_joints_follows(
    live: Session, scene: FakeScene, stage: Stage, seed: int
) -> None:
    nodes = bound(live, scene, stage, seed=seed, size=37.0)
    body = GOLDEN_CAST.skeletons[0]
    pose = GOLDEN.people[0].pose
    where, _ = body.fk(pose.root, pose.rotations)
    ways = pointing(scene, nodes, live.source_of(0))
    for bone, way in ways.items():
        child = body.names[body.children[body.index(bone)][0]]
        wanted = where[body.index(child)] - where[body.index(bone)]
        np.testing.assert_allclose(way, wanted / np.linalg.norm(wanted), atol=NEAR, err_msg=bone)
    assert live.state()["problem"] == ""


def test_adding_is_one_step_and_cannot_be_done_twice(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    nodes = bound(live, scene, stage)
    (one,) = live.characters()
    assert one.node == nodes["hips"]
    assert one.person == 0
    with pytest.raises(RigError, match="is a character already"):
        commands.add_rig(live)
    assert scene.undo() == "Mocap: add a rig"
    assert live.characters() == []
    assert scene.text(nodes["hips"], rigs.REST) == ""


def test_nothing_selected_is_told(live: Session) -> None:
    with pytest.raises(RigError, match="select a joint"):
        commands.add_rig(live)


def test_a_rig_of_unknown_bones_waits_for_its_map(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    connected(live, stage)
    top = scene.add("thing")
    scene.add("part", parent=top, translate=(0.0, 10.0, 0.0))
    scene.select([top])
    assert "once its bones are known" in commands.add_rig(live)
    ticked(live, stage)
    assert live.state()["problem"].startswith("thing: ")
    assert live.problems[top]
    commands.change(live, top, enabled=False)
    ticked(live, stage)
    assert live.state()["problem"] == ""
    assert not live.problems


def test_what_does_not_follow_is_noted(live: Session, scene: FakeScene, stage: Stage) -> None:
    connected(live, stage)
    nodes = rig(scene, live.source_of(0), names=[f"b_{n}" for n in live.source_of(0).names])
    scene.things[nodes["leftHand"]].locked = frozenset({"rotateX", "rotateY", "rotateZ"})
    scene.select([nodes["hips"]])
    commands.add_rig(live)
    ticked(live, stage)
    assert live.state()["problem"] == ""
    assert "b_leftHand" in live.notes[nodes["hips"]]
    np.testing.assert_allclose(scene.things[nodes["leftHand"]].rotate, 0.0, atol=1e-12)
    assert np.abs(scene.things[nodes["rightHand"]].rotate).max() > 0.1


def test_the_settings_of_a_character(live: Session, scene: FakeScene, stage: Stage) -> None:
    nodes = bound(live, scene, stage)
    root = nodes["hips"]
    commands.change(live, root, in_place=True)
    ticked(live, stage)
    there = scene.place(root)
    rest = np.array(live.source_of(0).offsets[0])
    assert abs(there[0] / 100 - rest[0]) < 1e-6
    assert abs(there[2] / 100 - rest[2]) < 1e-6
    commands.change(live, root, in_place=False, scale="CUSTOM", factor=2.0)
    ticked(live, stage)
    moved = scene.place(root) / 100 - rest
    commands.change(live, root, factor=1.0)
    ticked(live, stage)
    along = scene.place(root) / 100 - rest
    np.testing.assert_allclose(moved[[0, 2]], 2 * along[[0, 2]], atol=1e-5)
    commands.change(live, root, person=7)
    ticked(live, stage)
    assert live.characters()[0].person == 7
    assert scene.undo() == "Mocap: change a character"
    assert live.characters()[0].person == 0
    commands.change(live, root, person=0)  # nothing changes, so there is nothing to undo
    assert scene.undo() == "Mocap: change a character"
    assert live.characters()[0].settings.factor == 2.0
    commands.remove(live, root)
    assert live.characters() == []
    assert scene.exists(root)


def test_bones_chosen_read_and_written(
    live: Session, scene: FakeScene, stage: Stage, tmp_path: Path
) -> None:
    nodes = bound(live, scene, stage)
    root = nodes["hips"]
    commands.write_map(live, root, str(tmp_path / "mine"))
    before = live.characters()[0].settings.pairs
    commands.set_bone(live, root, "leftHand", "")
    assert "leftHand" not in dict(live.characters()[0].settings.pairs)
    commands.set_bone(live, root, "head", "neck")  # which plays the neck until then
    pairs = dict(live.characters()[0].settings.pairs)
    assert pairs["head"] == "neck"
    assert "neck" not in pairs
    ticked(live, stage)
    commands.read_map(live, root, str(tmp_path / "mine.json"))
    assert sorted(live.characters()[0].settings.pairs) == sorted(before)
    commands.set_bone(live, root, "leftHand", "")
    assert commands.detect(live, root)
    assert dict(live.characters()[0].settings.pairs) == dict(before)
    with pytest.raises(RigError, match="cannot read"):
        commands.read_map(live, root, str(tmp_path / "none.json"))
    (tmp_path / "other.json").write_text('{"name": "other", "bones": {"hips": "pelvis_of_no_one"}}')
    with pytest.raises(RigError, match=r"other\.json has no bone of"):
        commands.read_map(live, root, str(tmp_path / "other.json"))


def test_a_stored_t_pose(live: Session, scene: FakeScene, stage: Stage) -> None:
    nodes = bound(live, scene, stage)
    root = nodes["hips"]
    commands.change(live, root, enabled=False)
    assert scene.things[nodes["leftUpperArm"]].rotate != (0.0, 0.0, 0.0)
    arm = scene.things[nodes["leftUpperArm"]].rotate
    commands.to_rest(live, root)
    np.testing.assert_allclose(scene.things[nodes["leftUpperArm"]].rotate, 0.0, atol=1e-9)
    assert scene.undo() == "Mocap: go to the T-pose"
    assert scene.things[nodes["leftUpperArm"]].rotate == arm
    commands.to_rest(live, root)
    scene.pose([nodes["leftUpperArm"]], [(0.0, 0.0, 0.25)])
    before = scene.text(root, rigs.REST)
    commands.store_rest(live, root)
    assert scene.text(root, rigs.REST) != before
    commands.change(live, root, enabled=True)
    ticked(live, stage)
    assert live.state()["problem"] == ""
