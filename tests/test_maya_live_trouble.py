"""What happens to scenes and servers while Maya is live."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
from dataclasses import replace

import numpy as np
import protocol_cases
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_fake import FakeScene
from maya_session import NEAR, followers, in_pose, off, places, relax
from maya_session import clock as clock
from maya_session import live as live
from maya_session import obedient as obedient
from maya_session import scene as scene
from maya_session import stage as stage
from maya_stage import GOLDEN, GOLDEN_CAST, Clock, Stage, ticked, ticked_until
from mocap_bridge_maya import characters, commands
from mocap_bridge_maya import rig as rigs
from mocap_bridge_maya.live import LOOK_AGAIN, STALE, Session
from mocap_bridge_maya.shared.websocket import encode_message
from stages import Obedient

from mocap import skeletons
from mocap.stream import protocol
from mocap.stream.access import Access
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer


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
