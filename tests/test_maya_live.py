"""A whole live session in the Maya module: people, skeletons, commands to the server."""

from __future__ import annotations

from typing import Any

import numpy as np
import protocol_cases
import pytest
from maya_fake import FakeScene
from maya_session import NEAR, connected, followers, in_pose, places
from maya_session import clock as clock
from maya_session import live as live
from maya_session import obedient as obedient
from maya_session import scene as scene
from maya_session import stage as stage
from maya_stage import GOLDEN, GOLDEN_CAST, Stage, ticked, ticked_until
from mocap_bridge_maya import commands
from mocap_bridge_maya.live import Session
from mocap_bridge_maya.shared.errors import RigError, TakeError
from mocap_bridge_maya.shared.words import sentence
from stages import Obedient

from mocap.stream.commands import Calibrate, Record, Set, Stop


def test_golden_people_move_skeletons(live: Session, scene: FakeScene, stage: Stage) -> None:
    roots = followers(live, stage)
    assert in_pose(scene, roots)
    state = live.state()
    assert state["people"] == [(0, "tracked"), (7, "held")]
    assert state["problem"] == ""
    assert state["text"].startswith("mocap ")
    assert state["fps"] > 0
    ticked_until(live, lambda: live.state()["latency_ms"] is not None, stage)


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("unit", ["cm", "m", "in"])
def test_units_and_up_axes_of_scenes(up: str, unit: str, stage: Stage) -> None:
    scene = FakeScene(up=up, unit=unit)
    live = Session(scene)
    roots = followers(live, stage)
    heads = [places(scene, root) for root in roots]
    for which, found in enumerate(heads):
        by_bone = {name.rsplit(":", 1)[-1]: place for name, place in found.items()}
        for bone, (x, y, z) in protocol_cases.positions(GOLDEN.people[which], GOLDEN_CAST).items():
            wanted = (x, y, z) if up == "y" else (x, -z, y)
            np.testing.assert_allclose(by_bone[bone], wanted, atol=NEAR, err_msg=bone)
    live.disconnect()


def test_connecting_and_disconnecting_leave_nothing(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    connected(live, stage)
    ticked(live, stage)
    live.disconnect()
    assert live.client is None
    assert live.tick() is False
    assert live.state()["text"] == "not connected"
    assert not scene.things
    assert scene.remembered() == ""
    with pytest.raises(IndexError):
        scene.undo()


def test_live_motion_leaves_nothing_to_undo(live: Session, scene: FakeScene, stage: Stage) -> None:
    followers(live, stage)
    ticked(live, stage, frames=5)
    assert scene.undo() == "Mocap: new skeleton"
    assert scene.undo() == "Mocap: new skeleton"
    assert not scene.things


def test_a_skeleton_undone_while_live_follows_no_more(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    roots = followers(live, stage)
    scene.undo()
    ticked(live, stage)
    assert [one.node for one in live.characters()] == roots[:1]
    assert live.state()["problem"] == ""
    assert in_pose(scene, roots[:1])


def test_skeletons_for_everyone_at_once(live: Session, scene: FakeScene, stage: Stage) -> None:
    with pytest.raises(RigError, match="nobody is seen"):
        commands.create_skeletons(live)
    connected(live, stage)
    told = commands.create_skeletons(live)
    assert "person 0" in told
    assert "person 7" in told
    with pytest.raises(RigError, match="everyone who is seen has a character"):
        commands.create_skeletons(live)
    scene.undo()
    assert not scene.things


def test_a_skeleton_before_any_connection_is_refused(live: Session) -> None:
    with pytest.raises(RigError, match="connect first"):
        commands.create_skeleton(live, 0)


def test_commands_reach_the_server(live: Session, stage: Stage, obedient: Obedient) -> None:
    assert live.send("stop") == 0
    with pytest.raises(TakeError, match="connect first"):
        commands.calibrate(live)
    connected(live, stage)
    commands.calibrate(live)
    ticked_until(live, lambda: live.state()["message"] == "stand in a T-pose")
    commands.set_option(live, "smoothing", False)
    ticked_until(live, lambda: live.state()["message"] == "smoothing is False now")
    commands.record(live, "full", on_server=True)
    ticked_until(live, lambda: live.state()["message"] == "the disk is full")
    commands.discard(live)
    ticked_until(live, lambda: "take1.jsonl" in live.state()["message"])
    kinds = [Calibrate(None, obedient.told[0].delay), Set("smoothing", False)]  # type: ignore[attr-defined]
    assert obedient.told == [*kinds, Record("full"), Stop()]


def test_whatever_a_server_answers_can_be_shown() -> None:
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    for of in ("record", "stop", "calibrate", "set", "later", deep, None):
        message = {"type": "ack", "of": of, "take": deep, "file": deep, "value": deep}
        assert isinstance(sentence(message), str)
