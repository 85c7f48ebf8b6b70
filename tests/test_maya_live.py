"""A whole live session in the Maya module: a real server, ticks by hand, a scene that calculates.

The server's frames are written between two ticks, so nothing here hangs on how fast either is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import protocol_cases
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_fake import FakeScene
from maya_people import person, pointing, rig
from maya_stage import GOLDEN, GOLDEN_CAST, Clock, Stage, ticked, ticked_until
from mocap_bridge_maya import characters, commands, humanik
from mocap_bridge_maya import rig as rigs
from mocap_bridge_maya.live import LOOK_AGAIN, STALE, Session, sentence
from mocap_bridge_maya.shared.errors import RigError, TakeError
from mocap_bridge_maya.shared.mocap_client import encode_message
from pretend_live import strolling
from stages import Obedient

import exporters
from mocap import skeletons
from mocap.stream import protocol
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer
from mocap.take import Person, Take

NEAR = 2e-4  # [m]: frames are in single precision


@pytest.fixture
def obedient() -> Obedient:
    return Obedient()


@pytest.fixture
def stage(obedient: Obedient) -> Iterator[Stage]:
    with WebSocketServer(obedient, port=0) as server:
        yield Stage(server, obedient)


@pytest.fixture
def scene() -> FakeScene:
    return FakeScene()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(scene: FakeScene, clock: Clock) -> Iterator[Session]:
    session = Session(scene, clock)
    yield session
    session.disconnect()


def connected(live: Session, stage: Stage) -> None:
    live.connect(stage.server.url)
    ticked_until(live, lambda: live.people, stage)


def followers(live: Session, stage: Stage) -> list[str]:
    """First joints of new skeletons that follow each of the people on stage."""
    connected(live, stage)
    for number in (0, 7):
        commands.create_skeleton(live, number)
    ticked(live, stage)
    return [one.node for one in live.characters()]


def places(scene: FakeScene, root: str) -> dict[str, Any]:
    """Where the joints of a skeleton are in the world [m], by their own names."""
    return {joint.name: scene.place(joint.node) / 100.0 for joint in scene.joints(root)}


def off(scene: FakeScene, root: str, which: int) -> float:
    """[m] how far a skeleton is from a golden person at most."""
    person = GOLDEN.people[which]
    wanted = protocol_cases.positions(person, GOLDEN_CAST)
    found = places(scene, root)
    by_bone = {name.rsplit(":", 1)[-1]: place for name, place in found.items()}
    return max(float(np.linalg.norm(by_bone[bone] - place)) for bone, place in wanted.items())


def in_pose(scene: FakeScene, roots: list[str]) -> bool:
    return all(off(scene, root, which) < NEAR for which, root in enumerate(roots))


def relax(scene: FakeScene, roots: list[str]) -> None:
    for root in roots:
        nodes = [joint.node for joint in scene.joints(root)]
        scene.pose(nodes, [(0.0, 0.0, 0.0)] * len(nodes))
    assert not in_pose(scene, roots)


# People and skeletons.


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


# Rigs.


def bound(live: Session, scene: FakeScene, stage: Stage, **how: Any) -> dict[str, str]:
    """A rig with wild joints, selected and added; its joints by bone."""
    source = live.source_of(0) if live.client is not None else None
    if source is None:
        connected(live, stage)
        source = live.source_of(0)
    nodes = rig(scene, source, **how)
    scene.select([nodes["leftLowerLeg"]])
    commands.add_rig(live)
    ticked(live, stage)
    return nodes


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


# What happens to scenes and servers.


def test_joints_and_rigs_go_while_live(
    live: Session, scene: FakeScene, stage: Stage, clock: Clock
) -> None:
    roots = followers(live, stage)
    hand = next(j.node for j in scene.joints(roots[0]) if j.name.endswith(":leftHand"))
    scene.delete([hand])
    live.tick()
    clock.ahead += LOOK_AGAIN  # by when a rig is looked over again
    ticked(live, stage)
    found = places(scene, roots[0])
    wanted = protocol_cases.positions(GOLDEN.people[0], GOLDEN_CAST)
    assert np.linalg.norm(found["Person0:rightHand"] - wanted["rightHand"]) < NEAR
    assert in_pose(scene, []) or off(scene, roots[1], 1) < NEAR
    scene.delete([roots[0]])
    ticked(live, stage)
    assert [one.node for one in live.characters()] == roots[1:]
    assert off(scene, roots[1], 1) < NEAR
    assert live.state()["problem"] == ""
    scene.delete([roots[1]])
    ticked(live, stage)
    assert live.characters() == []
    assert live.state()["problem"] == ""


def test_joints_are_renamed_and_hung_elsewhere_while_live(
    live: Session, scene: FakeScene, stage: Stage, clock: Clock
) -> None:
    roots = followers(live, stage)
    scene.rename(roots[0], "anything")
    ticked(live, stage)
    group = scene.make_group("high", rotate=(0.0, 0.0, 0.0))
    scene.things[group].translate = (0.0, 50.0, 0.0)
    scene.things[roots[0]].parent = group
    clock.ahead += LOOK_AGAIN
    ticked(live, stage)
    assert live.client is not None
    assert live.client.state == "connected"


def test_another_scene_is_opened_while_live(live: Session, scene: FakeScene, stage: Stage) -> None:
    followers(live, stage)
    scene.things.clear()
    scene.remember("")
    ticked(live, stage)
    assert live.characters() == []
    assert live.state()["problem"] == ""


@given(text=st.text() | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_what_a_scene_remembers_may_be_anything(text: str) -> None:
    assert isinstance(characters.loads(text), list)


def test_broken_characters_count_for_nothing() -> None:
    good = characters.Character("n", 1, True, rigs.Settings((("hips", "a"),)))
    told = json.loads(characters.dumps([good]))
    assert characters.loads(json.dumps(told)) == [good]
    (entry,) = told["characters"]
    for name in entry:
        for value in (None, "?", -1, {}, []):
            broken = {"characters": [{**entry, name: value}, entry]}
            assert characters.loads(json.dumps(broken))[-1] == good


def test_the_server_goes_and_comes_back(
    live: Session, scene: FakeScene, obedient: Obedient, clock: Clock
) -> None:
    with WebSocketServer(obedient, port=0) as server:
        port = server.port
        roots = followers(live, Stage(server, obedient))
    client = live.client
    assert client is not None
    ticked_until(live, lambda: client.state == "waiting")
    assert live.state()["problem"]
    assert live.state()["text"] == "waiting for the server"
    clock.ahead += STALE
    ticked_until(live, lambda: not live.state()["people"])
    relax(scene, roots)
    with WebSocketServer(obedient, port=port) as server:
        stage = Stage(server, obedient)
        ticked_until(live, lambda: live.state()["people"], stage)
        ticked(live, stage)
        assert in_pose(scene, roots)
        assert live.state()["problem"] == ""


def test_other_lengths_come(live: Session, scene: FakeScene, stage: Stage) -> None:
    roots = followers(live, stage)
    stage.server.open(Cast({0: skeletons.humanoid().scaled(0.5)}, 30.0))
    stage.frame = LiveFrame(0, 0.0, GOLDEN.people[:1])
    ticked_until(live, lambda: live.state()["people"] == [(0, "tracked")], stage)
    ticked(live, stage)
    assert live.state()["problem"] == ""
    assert scene.exists(roots[0])


def test_a_hello_with_other_bones(live: Session, scene: FakeScene, stage: Stage) -> None:
    """What follows goes on as far as the bones are the same; a new skeleton has the new ones."""
    roots = followers(live, stage)
    body = skeletons.humanoid()
    fewer = {"leftToes", "rightToes", "upperChest"}
    told = skeletons.to_dict(body)
    for bone in told["bones"]:
        if bone["parent"] in fewer:
            bone["parent"] = "chest"
    told["bones"] = [bone for bone in told["bones"] if bone["name"] not in fewer]
    small = skeletons.from_dict(told)
    index = [body.index(name) for name in small.names]
    pose = GOLDEN.people[0].pose
    other = replace(pose, rotations=pose.rotations[index], confidence=pose.confidence[index])
    stage.server.open(Cast({0: small}, 30.0))
    stage.frame = LiveFrame(0, 0.0, (LivePerson(0, other),))
    ticked_until(live, lambda: live.state()["people"] == [(0, "tracked")], stage)
    ticked(live, stage)
    assert live.state()["problem"] == ""
    assert scene.exists(roots[0])
    commands.create_skeleton(live, 0)
    made = live.characters()[-1].node
    assert len([j for j in scene.joints(made) if "_end" not in j.name]) == len(small.names)


def test_a_wrong_token_is_told_and_ends_it(live: Session, obedient: Obedient) -> None:
    with WebSocketServer(obedient, port=0, access=Access(token="the-right-one")) as server:
        live.connect(server.url)
        ticked_until(live, lambda: live.client is None)
        assert "asks for a token" in live.state()["problem"]
        live.connect(server.url, "the-right-one")
        assert live.state()["problem"] == ""
        ticked_until(live, lambda: live.is_connected)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "", "ws://127.0.0.1:0"])
def test_a_wrong_address_is_told_at_once(live: Session, url: str) -> None:
    live.connect(url)
    assert live.client is None
    assert "expected one like" in live.state()["problem"]


def test_nobody_there_is_told_and_tried_again(live: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    live.connect(f"127.0.0.1:{port}")
    client = live.client
    assert client is not None
    ticked_until(live, lambda: client.state == "waiting")
    assert "start `mocap live`" in live.state()["problem"]


def test_garbage_is_told(live: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        live.connect(f"127.0.0.1:{listener.getsockname()[1]}")
        live.tick()
        plug, _ = listener.accept()
        with plug:
            plug.sendall(b"SSH-2.0-OpenSSH\r\n" * 1000)
            ticked_until(live, lambda: live.state()["problem"])
    assert "something else than `mocap live`" in live.state()["problem"]


def shaken(plug: socket.socket) -> None:
    """Answer the WebSocket handshake of whoever is at the other end."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += plug.recv(4096)
    found = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
    assert found is not None
    guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(found.group(1) + guid).digest())
    plug.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Protocol: mocap.v1.bin\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def unmasked(text: str) -> bytes:
    """A message as a server sends it."""
    data = text.encode()
    head = encode_message(1, data)[: -4 - len(data)]
    return bytes([head[0], head[1] & 0x7F]) + head[2:] + data


def scripted(live: Session, *messages: str) -> None:
    """Connect to a server that says this and no more, until there is a problem."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        live.connect(f"127.0.0.1:{listener.getsockname()[1]}")
        live.tick()
        plug, _ = listener.accept()
        with plug:
            live.tick()
            shaken(plug)
            for message in messages:
                plug.sendall(unmasked(message))
            ticked_until(live, lambda: live.state()["problem"])


def test_a_server_of_another_version_is_told_and_ends_it(live: Session) -> None:
    hello = json.loads(protocol.encode_hello(GOLDEN_CAST, "bin"))
    scripted(live, json.dumps({**hello, "protocol": 2}))
    assert "version 2 of the protocol" in live.state()["problem"]
    assert live.client is None


@pytest.mark.parametrize("message", ["{", "[]", "null", '{"type": "hello"}', '{"type": "frame"}'])
def test_a_server_that_talks_garbage(live: Session, message: str) -> None:
    scripted(live, message)
    if live.client is not None:
        assert live.client.state in ("waiting", "connecting")


def test_a_failure_is_told_and_the_next_frame_comes(
    live: Session,
    scene: FakeScene,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    roots = followers(live, stage)
    relax(scene, roots)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("of joints")

    monkeypatch.setattr(scene, "pose", fail)
    ticked(live, stage)
    assert "ZeroDivisionError: of joints" in live.state()["problem"]
    monkeypatch.undo()
    ticked(live, stage)
    assert live.state()["problem"] == ""
    assert in_pose(scene, roots)


# Commands to the server.


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


# Recording.


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
