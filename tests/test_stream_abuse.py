"""What the WebSocket server answers to garbage, floods and giants, and when it has had enough."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream_stage import (
    Session,
    ask,
    handshake,
    join,
    raw,
    receive,
    rest_of,
    until_closed,
    wait_for,
)
from stream_stage import session as session
from stream_stage import stream as stream
from waiting import eventually
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from mocap.stream import connection, protocol, server
from mocap.stream.server import WebSocketServer

GARBAGE = [
    "",
    "garbage",
    "null",
    "[]",
    '{"type":"dance"}',
    '{"type":"ping","t":NaN}',
    '{"type":"seen","seq":"1"}',
    "[" * 60_000,
    '{"a":' * 10_000,
    "\0" * 1000,
    "x" * (protocol.LARGEST + 1),
    "x" * 200_000,
    b"",
    b"\x01\x01" + bytes(22),
    Random(1).randbytes(10_000),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda g: repr(g[:10]))
def test_garbage_is_answered_and_survived(stream: WebSocketServer, garbage: str | bytes) -> None:
    with join(stream) as client:
        answer = ask(client, garbage)
        assert answer["type"] == "error"
        assert len(answer["message"]) < 300
        assert ask(client, {"type": "ping", "t": 1})["type"] == "pong"


def test_a_message_in_pieces_is_put_together(stream: WebSocketServer) -> None:
    with join(stream) as client:
        client.send(iter(['{"type":', '"ping",', '"t":', "7}"]))
        assert wait_for(client, "pong")["t"] == 7
        client.send(iter([b"\0", b"\1"]))
        assert "binary" in wait_for(client, "error")["message"]


def test_half_a_text_is_no_text(stream: WebSocketServer) -> None:
    with join(stream) as client:
        client.send(b"\xff\xfe\x80", text=True)
        assert "UTF-8" in wait_for(client, "error")["message"]


# Too much.


def test_giants_are_sent_away(stream: WebSocketServer) -> None:
    with suppress(ConnectionClosed), join(stream) as client, closing(client.socket):
        client.send("x" * 10_000_000)
        while True:
            receive(client)
    eventually(lambda: not stream.receivers)


def test_waiting_commands_are_limited(stream: WebSocketServer, session: Session) -> None:
    with join(stream) as client:
        session.may_go_on.clear()
        for i in range(server.COMMANDS):
            client.send(json.dumps({"type": "takes", "request": i}))
        answer = ask(client, {"type": "record", "request": "one more"})
        assert (answer["type"], answer["request"]) == ("error", "one more")
        session.may_go_on.set()
        done = [wait_for(client, "ack")["request"] for _ in range(server.COMMANDS)]
        assert done == list(range(server.COMMANDS))


def test_too_many_commands_are_refused_and_abuse_ends(
    stream: WebSocketServer, session: Session
) -> None:
    with join(stream) as client:
        for i in range(200):
            client.send(json.dumps({"type": "ping", "t": i}))
        answers = [wait_for(client, "pong") for _ in range(int(connection.COMMANDS))]
        assert [answer["t"] for answer in answers] == list(range(int(connection.COMMANDS)))
        assert "more than 50 messages a second" in wait_for(client, "error")["message"]
        with suppress(ConnectionClosed):
            for _ in range(5000):
                client.send("garbage")
        with pytest.raises(ConnectionClosed) as caught:
            until_closed(client)
        assert caught.value.rcvd is None or caught.value.rcvd.code == 1008
    assert any("had to be refused" in note or "frames a second" in note for note in session.notes)


def test_a_flood_of_pings_ends(stream: WebSocketServer) -> None:
    flood = b"\x89\x80\0\0\0\0" * 5000
    with closing(raw(stream, handshake(stream) + flood)) as plug:
        rest_of(plug)
    eventually(lambda: not stream.receivers)


# Anything at all.


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[WebSocketServer, Connection]]:
    """A server, and a client that must not notice anything."""
    with (
        WebSocketServer(Session(), port=0) as stream,
        connect(stream.url, proxy=None) as client,
    ):
        yield stream, client


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(data=st.binary(max_size=300), upgraded=st.booleans())
def test_random_bytes_do_no_harm(
    fuzzed: tuple[WebSocketServer, Connection], data: bytes, upgraded: bool
) -> None:
    stream, watcher = fuzzed
    with closing(raw(stream, handshake(stream) if upgraded else b"")) as plug:
        plug.sendall(data)
    time.sleep(0.02)  # the watcher itself may say no more than fifty things a second
    assert ask(watcher, {"type": "ping", "t": 1})["type"] == "pong"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(message=st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_random_messages_are_answered(
    fuzzed: tuple[WebSocketServer, Connection], message: str | bytes
) -> None:
    _, watcher = fuzzed
    try:
        assert ask(watcher, message)["type"] == "error"
    except UnicodeEncodeError:
        return  # half a surrogate pair, which no client can send
    time.sleep(0.02)
