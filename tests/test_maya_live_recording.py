"""Recordings, files and HumanIK in a session of the Maya module."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from maya_fake import FakeScene
from maya_people import person, rig
from maya_session import clock as clock
from maya_session import connected, followers, in_pose, relax
from maya_session import live as live
from maya_session import obedient as obedient
from maya_session import scene as scene
from maya_session import stage as stage
from maya_stage import GOLDEN, GOLDEN_CAST, Stage, ticked, ticked_until
from mocap_bridge_maya import commands, humanik
from mocap_bridge_maya.live import Session
from mocap_bridge_maya.shared.errors import RigError, TakeError
from pretend_live import strolling
from stages import Obedient

import exporters
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer
from mocap.take import Person, Take


def recorded(live: Session, stage: Stage, frames: int = 25) -> str:
    commands.record(live, "jump")
    ticked(live, stage, frames=frames)
    return commands.stop(live)


def test_a_recording_becomes_keys_in_one_step(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    roots = followers(live, stage)
    scene.go_to(11.0)
    seconds_before = time.perf_counter()
    told = recorded(live, stage)
    seconds = time.perf_counter() - seconds_before
    assert told.startswith("recorded jump: ")
    assert not commands.is_recording(live)
    frames = scene.key_frames(roots[0], "rotateX")
    assert frames[0] == pytest.approx(11.0)
    np.testing.assert_allclose(np.diff(frames), 1.0)
    assert len(frames) <= seconds * scene.rate + 2
    live.disconnect()
    relax(scene, roots)
    scene.go_to(frames[len(frames) // 2])
    assert in_pose(scene, roots)
    assert scene.undo() == "Mocap: record"
    assert scene.key_frames(roots[0], "rotateX") == []


def test_keys_lie_at_capture_times(live: Session, scene: FakeScene, stage: Stage) -> None:
    """Somebody rises 1 m in each second of the camera's clock, whatever the pace of frames."""
    connected(live, stage)
    commands.create_skeleton(live, 0)
    root = live.characters()[0].node
    pose = GOLDEN.people[0].pose
    client, seq = live.client, stage.seq
    assert client is not None
    ticked_until(live, lambda: client.state == "connected")
    for _ in range(40):  # nothing is on its way any more
        live.tick()
        time.sleep(0.003)
    commands.record(live, "rise")
    begin = stage.session.clock()
    times = begin + np.cumsum([0.0, 0.02, 0.05, 0.031, 0.04, 0.1, 0.033, 0.033, 0.06, 0.05])
    for n, t in enumerate(times):
        one = replace(pose, t=t, root=pose.root + [0.0, t - begin, 0.0])
        before = client.received
        stage.server.write(LiveFrame(seq + 1 + n, t, (LivePerson(0, one),)))
        ticked_until(live, lambda before=before: client.received > before)
    commands.stop(live)
    keys = scene.things[root].keys["translateY"]
    starts = min(keys)
    for t, value in keys.items():
        if t - starts <= times[-1] - times[0]:
            wanted = 100 * (pose.root[1] + (t - starts))
            assert value == pytest.approx(wanted, abs=0.02)
    assert len(keys) >= (times[-1] - times[0]) * scene.rate


def test_the_scene_can_take_the_rate_of_the_capture(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    stage.server.open(Cast(GOLDEN_CAST.skeletons, 60.0))
    followers(live, stage)
    commands.record(live)
    ticked(live, stage, frames=5)
    commands.stop(live, rate="SCENE")
    assert scene.rate == 60.0
    scene.undo()
    assert scene.rate == 24.0
    stage.server.open(Cast(GOLDEN_CAST.skeletons, 37.0))
    ticked_until(live, lambda: live.hello is not None and live.hello.fps == 37.0, stage)
    commands.record(live)
    ticked(live, stage, frames=5)
    with pytest.raises(RigError, match="no time unit of 37 frames per second"):
        commands.stop(live, rate="SCENE")
    assert commands.stop(live).startswith("recorded take ")


def test_a_recording_gets_every_frame(live: Session, stage: Stage) -> None:
    followers(live, stage)
    commands.record(live)
    ticked(live, stage, frames=1)  # from here on all of them are wanted
    assert live.client is not None
    before, kept = live.client.received, len(live.recording)
    ticked(live, stage, frames=20)
    assert len(live.recording) - kept == live.client.received - before


def test_a_recording_without_a_character_waits_for_one(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    connected(live, stage)
    commands.record(live)
    ticked(live, stage, frames=5)
    with pytest.raises(TakeError, match="no character follows persons 0 and 7"):
        commands.stop(live)
    assert commands.is_recording(live)
    with pytest.raises(TakeError, match="is being recorded already"):
        commands.record(live)
    commands.create_skeleton(live, 7)
    assert "person 0 had no character" in commands.stop(live)
    assert scene.key_frames(live.characters()[0].node, "rotateZ")


def test_a_recording_of_nothing_is_told(live: Session, stage: Stage) -> None:
    with pytest.raises(TakeError, match="connect first"):
        commands.record(live)
    with pytest.raises(TakeError, match="nothing is being recorded"):
        commands.stop(live)
    connected(live, stage)
    commands.record(live)
    with pytest.raises(TakeError, match="nothing was recorded"):
        commands.stop(live)
    assert not commands.is_recording(live)


def test_a_recording_goes_on_over_a_restart(
    live: Session, scene: FakeScene, obedient: Obedient
) -> None:
    with WebSocketServer(obedient, port=0) as server:
        port = server.port
        stage = Stage(server, obedient)
        followers(live, stage)
        commands.record(live)
        ticked(live, stage, frames=5)
    with WebSocketServer(obedient, port=port) as server:
        stage = Stage(server, obedient)
        before = len(live.recording)
        ticked_until(live, lambda: len(live.recording) > before + 3, stage)
    assert commands.stop(live).startswith("recorded take ")


# Files.


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A take of someone who strolls, in every kind of file, by suffix."""
    take = Take((Person(3, strolling(8.0)),))
    return {
        suffix: exporters.write(take, tmp_path / f"stroll{suffix}")[0]
        for suffix in (".json", ".bvh")
    }


@pytest.mark.parametrize("suffix", [".json", ".bvh"])
def test_a_file_onto_new_skeletons(
    live: Session, scene: FakeScene, files: dict[str, Path], suffix: str
) -> None:
    scene.go_to(5.0)
    told = commands.import_file(live, str(files[suffix]), "new")
    assert told.startswith(f"stroll{suffix}: ")
    (root,) = scene.roots()
    assert scene.selection == [root]
    assert scene.key_frames(root, "rotateY")[0] == pytest.approx(5.0)
    assert scene.undo() == f"Mocap: import stroll{suffix}"
    assert not scene.things


@pytest.mark.parametrize("suffix", [".json", ".bvh"])
def test_a_file_onto_characters(
    live: Session, scene: FakeScene, stage: Stage, files: dict[str, Path], suffix: str
) -> None:
    """Of one person and two characters, who are numbered otherwise, the first gets the motion."""
    roots = followers(live, stage)
    live.disconnect()
    assert commands.usual_onto(live) == "characters"
    told = commands.import_file(live, str(files[suffix]), "characters")
    assert "Person0:hips" in told
    assert len(scene.key_frames(roots[0], "rotateX")) == pytest.approx(8 * scene.rate, abs=2)
    assert not scene.key_frames(roots[1], "rotateX")
    assert scene.undo() == f"Mocap: import stroll{suffix}"
    assert not scene.key_frames(roots[0], "rotateX")


def test_a_file_onto_the_selected_rig(
    live: Session, scene: FakeScene, files: dict[str, Path]
) -> None:
    nodes = rig(scene, person(), seed=5)
    with pytest.raises(TakeError, match="select a joint"):
        commands.import_file(live, str(files[".json"]), "selected")
    scene.select([nodes["head"]])
    assert commands.usual_onto(live) == "selected"
    commands.import_file(live, str(files[".json"]), "selected", rate="SCENE")
    assert scene.rate == 30.0
    assert scene.key_frames(nodes["leftUpperLeg"], "rotateX")
    assert live.characters() == []
    scene.undo()
    assert scene.rate == 24.0


def test_files_that_cannot_be_read_are_told(live: Session, tmp_path: Path) -> None:
    for name in ("none.json", "none.bvh", "none.jsonl", "none.txt"):
        for onto in commands.ONTO:
            with pytest.raises((TakeError, RigError)):
                commands.import_file(live, str(tmp_path / name), onto)
    with pytest.raises(TakeError, match="expected characters, selected, new"):
        commands.import_file(live, "a.json", "everything")


# HumanIK.


class Spoken(humanik.Calls):
    """Writes down what HumanIK is asked."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def prepare(self) -> None:
        self.told.append(("prepare",))

    def create(self, name: str) -> str:
        self.told.append(("create", name))
        return name + "1"

    def assign(self, joint: str, definition: str, slot: int) -> None:
        self.told.append((slot, joint, definition))

    def lock(self, definition: str) -> None:
        self.told.append(("lock", definition))


def test_a_skeleton_is_defined_for_humanik_in_its_t_pose(
    live: Session, scene: FakeScene, stage: Stage
) -> None:
    roots = followers(live, stage)
    calls = Spoken()
    told = commands.characterise(live, roots[0], calls)
    assert told.startswith("Person0_hips_mocap1: 22 joints")
    assert calls.told[0] == ("prepare",)
    assert calls.told[-1] == ("lock", "Person0_hips_mocap1")
    slots = {slot: joint for slot, joint, _ in calls.told[2:-1]}
    assert slots[1] == "Person0:hips"
    assert slots[12] == "Person0:rightUpperArm"
    assert {scene.find(joint) for joint in slots.values()} <= set(scene.things)
    for joint in scene.joints(roots[0]):
        np.testing.assert_allclose(joint.rotate, 0.0, atol=1e-12)


def test_the_slots_of_humanik() -> None:
    assert len(set(humanik.SLOTS.values())) == len(humanik.SLOTS) == 52
    assert len(humanik.NEEDED) == 15
    assert humanik.SLOTS["leftUpperLeg"] == 2
    assert humanik.SLOTS["rightFoot"] == 7
    assert humanik.SLOTS["rightLittleDistal"] == 92
    with pytest.raises(RigError, match="HumanIK needs head, which no joint plays"):
        humanik.define(Spoken(), "x", {bone: bone for bone in humanik.NEEDED if bone != "head"})
    assert humanik.quoted('a"b\\c') == '"a\\"b\\\\c"'
