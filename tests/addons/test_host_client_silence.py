"""The hosts' client where nothing comes, too late, or not what was expected."""

from __future__ import annotations

import json
import socket
import sys
import time

import pytest
from host_client import (
    BYTES,
    ENCODINGS,
    HELLO,
    Connect,
    Scripted,
    answer,
    data,
    polled_until,
    text,
)
from mocap_bridge_maya.shared.client import NO_ANSWER, SILENCE, TIMEOUT
from stages import frame_of

from mocap.stream import binary, protocol


@pytest.mark.parametrize("part", ["nothing", "half", "no hello"])
def test_a_silent_server_is_given_up(part: str, scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    if part != "nothing":
        scripted.say(scripted.welcome[: 40 if part == "half" else None])
    now = time.perf_counter()
    for step in range(int(1 + (TIMEOUT + 2) / 0.25)):  # time passes faster here
        one.poll(now + 0.25 * step)
        if one.state == "waiting":
            break
    assert one.state == "waiting"
    assert "is that the port" in one.problem


def test_a_server_that_falls_silent_is_given_up(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    asked = one.send("stop")
    now = time.perf_counter()
    for step in range(int(1 + (SILENCE + 2) / 0.25)):
        one.poll(now + 0.25 * step)
    assert "no word" in one.problem
    assert [a["request"] for a in one.answers()] == [asked]


def test_a_busy_host_is_no_silent_server(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    asked = one.send("stop")
    now = time.perf_counter()
    for hour in range(3):
        assert one.poll(now + 3600 * hour) is None
        assert one.state == "connected"
    scripted.say(text(protocol.encode_ack("stop", {}, asked)))
    assert answer(one, asked)["type"] == "ack"


def test_a_request_without_an_answer_is_told(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    asked = one.send("stop")
    now = time.perf_counter()
    for step in range(int(1 + (NO_ANSWER + 1) / 0.25)):
        scripted.say(text("{}"))
        one.poll(now + 0.25 * step)
    (told,) = one.answers()
    assert (told["request"], told["message"]) == (asked, "stop: no answer within 10 s")
    assert one.state == "connected"


@pytest.mark.skipif(sys.platform != "linux", reason="others take more than a backlog says")
def test_a_computer_that_does_not_answer_is_given_up(connect: Connect) -> None:
    """As if it were off: a full backlog lets nobody in, nor refuses anybody."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = []
        for _ in range(3):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(full.getsockname())
        one = connect(f"ws://127.0.0.1:{full.getsockname()[1]}")
        now = time.perf_counter()
        for step in range(int(1 + (TIMEOUT + 2) / 0.25)):
            one.poll(now + 0.25 * step)
            assert one._connection is None or one._connection.socket.gettimeout() == 0.0
            if one.state == "waiting":
                break
        for plug in waiting:
            plug.close()
    assert "is the computer on" in one.problem


def test_nobody_listens(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    one = connect(f"ws://127.0.0.1:{port}")
    polled_until(one, lambda: one.state == "waiting")
    assert "nobody listens there" in one.problem
    assert "start `mocap live`" in one.problem


def test_a_frame_that_is_wrong_is_left_out(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    scripted.say(data(BYTES[:-1]))
    polled_until(one, lambda: one.problem)
    assert "a frame was left out" in one.problem
    scripted.say(data(BYTES))
    assert polled_until(one, lambda: not one.problem)[-1].seq == 5
    assert one.state == "connected"


def test_a_frame_before_the_hello_is_a_breach(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    scripted.say(scripted.welcome + data(BYTES))
    polled_until(one, lambda: one.state == "waiting")
    assert "hello" in one.problem


def test_frames_of_those_before_are_dropped(scripted: Scripted, connect: Connect) -> None:
    """A frame and a hello after it, read at once: the frame is of bones that are no more."""
    one = connect(scripted.url)
    scripted.greet(one)
    few = {**json.loads(HELLO), "people": []}
    few["skeleton"] = {"bones": [{"name": "a", "parent": None, "offset": [0, 0, 0]}]}
    scripted.say(data(BYTES) + text(json.dumps(few)))
    assert polled_until(one, lambda: one.hello.bones == ("a",)) == []


@ENCODINGS
@pytest.mark.parametrize("case", ["of those before", "wrong"])
def test_a_frame_that_nobody_gets_is_seen_too(
    scripted: Scripted, connect: Connect, case: str, encoding: str
) -> None:
    """The server sends nothing more until it hears that this one was read."""
    one = connect(scripted.url, encoding=encoding)
    scripted.greet(one)
    frame = frame_of(1, 1.0, (0,) if case == "of those before" else (5,))
    as_text = text(protocol.encode_frame(frame))
    wire = as_text if encoding == "json" else data(binary.encode_frame(frame))
    scripted.say(wire + (text(HELLO) if case == "of those before" else b""))
    polled_until(one, lambda: one.received)
    polled_until(one, lambda: {"type": "seen", "seq": 1} in scripted.messages())
    assert one.state == "connected"
