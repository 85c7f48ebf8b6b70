"""The hosts' client against the real server."""

from __future__ import annotations

import time

import pytest
from host_client import ENCODINGS, PATIENCE, Connect, Scripted, answer, data, polled_until
from hypothesis import given, settings
from hypothesis import strategies as st
from mocap_bridge_maya.shared.client import Client
from stages import CAST, Obedient, frame_of, playing

from mocap import skeletons
from mocap.stream import binary
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, Record, Set, Stop
from mocap.stream.frames import Cast
from mocap.stream.server import WebSocketServer


@ENCODINGS
def test_frames_of_a_server_come(
    server: WebSocketServer, session: Obedient, connect: Connect, encoding: str
) -> None:
    one = connect(server.url, encoding=encoding)
    assert one.state == "connecting"
    frames = polled_until(one, lambda: one.received > 30 and one.latency is not None)
    assert one.state == "connected"
    assert one.problem == ""
    assert one.hello.bones == CAST.skeleton.names
    seqs = [frame.seq for frame in frames]
    assert seqs == sorted(set(seqs))
    for frame in frames:
        (person,) = frame.people
        assert person.root == pytest.approx([0.25, frame.seq % 1000 / 1000, -0.5], abs=1e-5)
        assert person.rotations[:4] == pytest.approx([0.0, 0.5**0.5, 0.0, 0.5**0.5], abs=1e-6)
        assert person.contacts == {"leftFoot": True, "rightFoot": False}
    assert one.fps > 0
    assert -0.1 < one.latency < PATIENCE
    polled_until(one, lambda: one.status)
    assert one.status["state"] == "running"


def test_newest_wins_however_seldom_one_looks(server: WebSocketServer, connect: Connect) -> None:
    one = connect(server.url)
    polled_until(one, lambda: one.received > 5)
    before = server.frames
    time.sleep(0.3)  # the host is busy
    frames = [frame for _ in range(3) if (frame := one.poll()) is not None]
    assert len(frames) == 1
    polled_until(one, lambda: one.received > 12)
    assert one.dropped > 0
    assert server.frames > before


def test_every_frame_is_there_if_wanted(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    one.every = True
    wire = b"".join(data(binary.encode_frame(frame_of(n, n / 30))) for n in (7, 8, 9))
    scripted.say(wire)
    (last,) = polled_until(one, lambda: one.received == 3)
    assert [frame.seq for frame in one.batch] == [7, 8, 9]
    assert last is one.batch[-1]
    assert one.dropped == 0
    one.every = False
    scripted.say(b"".join(data(binary.encode_frame(frame_of(n, n / 30))) for n in (11, 12)))
    (last,) = polled_until(one, lambda: one.received == 5)
    assert [frame.seq for frame in one.batch] == [12]
    assert one.dropped == 2
    polled_until(one, lambda: {"type": "seen", "seq": 12} in scripted.messages())
    assert {"type": "seen", "seq": 8} not in scripted.messages()


def test_commands_are_obeyed(server: WebSocketServer, session: Obedient, connect: Connect) -> None:
    one = connect(server.url)
    early = one.send("stop")
    assert answer(one, early)["message"] == "stop: not connected"
    polled_until(one, lambda: one.state == "connected")
    assert answer(one, one.send("record", name="jump é"))["take"] == "jump é"
    assert answer(one, one.send("stop"))["file"] == "take1.jsonl"
    assert answer(one, one.send("calibrate", height=None, delay=0.5))["delay"] == 0.5
    assert answer(one, one.send("set", option="smoothing", value=False))["value"] is False
    refused = answer(one, one.send("record", name="full"))
    assert (refused["type"], refused["message"]) == ("error", "the disk is full")
    assert session.told == [
        Record("jump é"), Stop(), Calibrate(None, 0.5), Set("smoothing", False), Record("full"),
    ]  # fmt: skip


def test_people_come_and_go(server: WebSocketServer, connect: Connect) -> None:
    one = connect(server.url)
    polled_until(one, lambda: one.received)
    body = skeletons.humanoid()
    pair = Cast({0: body, 7: body.scaled(0.5)}, 30.0)
    server.open(pair)
    polled_until(one, lambda: len(one.hello.people) == 2)
    assert one.hello.people[7][1] == pytest.approx(body.offsets[1] / 2, abs=1e-6)
    before = one.received
    assert polled_until(one, lambda: one.received > before)[-1].people[0].id == 0


@pytest.mark.parametrize("encoding", ["bin"])
def test_it_comes_back_to_a_server_that_was_restarted(
    session: Obedient, connect: Connect, encoding: str
) -> None:
    with WebSocketServer(session, port=0) as first, playing(first, session):
        port = first.port
        one = connect(f"127.0.0.1:{port}")
        polled_until(one, lambda: one.received)
    polled_until(one, lambda: one.state == "waiting")
    assert "the server ended" in one.problem or "nobody listens" in one.problem
    assert one.status == {}
    assert answer(one, one.send("stop"))["type"] == "error"
    before = one.received
    with WebSocketServer(session, port=port) as second, playing(second, session):
        polled_until(one, lambda: one.received > before)
        assert (one.state, one.problem) == ("connected", "")
        assert answer(one, one.send("stop"))["type"] == "ack"


TOKEN = "a token of ours".replace(" ", "-")


@pytest.mark.parametrize(
    ("query", "token", "says"),
    [
        ("", "", "asks for a token"),
        ("", "another-token", "the token is wrong"),
        ("/?token=another-token", "", "the token is wrong"),
        ("", TOKEN, ""),
        (f"/?token={TOKEN}", "", ""),
    ],
)
def test_a_token_opens_the_door(
    session: Obedient, connect: Connect, query: str, token: str, says: str
) -> None:
    with WebSocketServer(session, port=0, access=Access(token=TOKEN)) as server:
        one = connect(server.url + query, token)
        polled_until(one, lambda: one.state in ("connected", "closed"))
        assert one.state == ("closed" if says else "connected")
        assert says in one.problem
        assert "another-token" not in one.problem
        assert TOKEN not in one.problem


@given(st.text(max_size=30))
@settings(max_examples=50)
def test_no_token_breaks_the_request(token: str) -> None:
    one = Client("127.0.0.1:1", token)
    assert one.state == "connecting" or one.problem.startswith("token:")
