"""Clients of the WebSocket server that are slow, stalled or gone, and hold up nobody."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack, closing

import pytest
from stream_stage import (
    BODY,
    WAIT,
    Session,
    ask,
    before_pong,
    frame,
    handshake,
    join,
    raw,
    receive,
    wait_for,
)
from stream_stage import session as session
from stream_stage import stream as stream
from waiting import eventually

from mocap.stream import connection
from mocap.stream.frames import Cast
from mocap.stream.server import WebSocketServer


def test_who_has_not_seen_gets_no_more_and_then_the_newest(stream: WebSocketServer) -> None:
    with join(stream) as client:
        receive(client)
        stream.write(frame(1))
        assert wait_for(client, "frame")["seq"] == 1
        client.send('{"type":"seen","seq":1}')
        before_pong(client)
        stream.write(frame(2))
        assert wait_for(client, "frame")["seq"] == 2
        time.sleep(0.15)  # longer than anything may be on its way without a word
        for seq in (3, 4, 5):
            stream.write(frame(seq))
        assert not [m for m in before_pong(client) if m["type"] == "frame"]
        client.send('{"type":"seen","seq":2}')
        before_pong(client)  # on a slow machine, frame 5 may be too old by now
        stream.write(frame(6))
        client.send('{"type":"seen","seq":5}')
        stream.write(frame(7))
        assert wait_for(client, "frame")["seq"] in (5, 6, 7)


def test_a_frame_that_waited_for_long_is_not_sent(stream: WebSocketServer) -> None:
    with join(stream) as client:
        client.send('{"type":"seen","seq":0}')
        before_pong(client)
        stream.write(frame(1))
        wait_for(client, "frame")
        time.sleep(0.15)
        stream.write(frame(2))
        time.sleep(0.3)
        client.send('{"type":"seen","seq":1}')
        assert not [m for m in before_pong(client) if m["type"] == "frame"]


def test_stalled_clients_hold_nobody_up_and_fill_no_memory(stream: WebSocketServer) -> None:
    stalled = [raw(stream, handshake(stream)) for _ in range(5)]
    with ExitStack() as stack:
        for plug in stalled:
            stack.enter_context(closing(plug))
        healthy = stack.enter_context(join(stream))
        eventually(lambda: stream.receivers == 6)
        for seq in range(1, 1000):
            stream.write(frame(seq))
            stream.tell({"type": "status", "padding": "x" * 1000})
            if seq % 10 == 0:
                last = 0
                while last < seq:
                    last = wait_for(healthy, "frame")["seq"]
                    healthy.send(json.dumps({"type": "seen", "seq": last}))
                    stream.write(frame(seq))
        waiting = [c._transport.get_write_buffer_size() for c in stream._open]
        assert max(waiting) < 10_000


def test_a_killed_client_is_forgotten(stream: WebSocketServer) -> None:
    plug = raw(stream, handshake(stream))
    eventually(lambda: len(stream.clients) == 1)
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    plug.close()  # with a reset
    eventually(lambda: not stream.clients and not stream.receivers)
    stream.write(frame(1))
    with join(stream) as client:
        stream.write(frame(2))
        assert wait_for(client, "frame")["seq"] == 2


def test_who_asks_and_never_listens_is_sent_away(
    stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BACKLOG", 10_000)
    with closing(raw(stream, handshake(stream))):
        eventually(lambda: stream.receivers == 1)
        until = time.monotonic() + WAIT
        while stream.receivers and time.monotonic() < until:
            stream.tell({"type": "note", "message": "x" * 5000})
            time.sleep(0.001)
        assert not stream.receivers


def test_the_dead_are_found(stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.02)
    with closing(raw(stream, handshake(stream))), join(stream) as living:
        eventually(lambda: stream.receivers == 1)
        assert ask(living, {"type": "ping", "t": 1})["type"] == "pong"


def test_writers_never_wait(stream: WebSocketServer, session: Session) -> None:
    """The event loop hangs in the session's clock; frames are written all the same."""
    hang = threading.Event()
    session.clock = lambda: float(hang.wait(WAIT))  # type: ignore[method-assign]
    with join(stream, open_timeout=None) as client:
        for seq in range(1000):
            stream.write(frame(seq))
            stream.open(Cast({0: BODY}))
        hang.set()
        stream.write(frame(1000))
        while wait_for(client, "frame")["seq"] != 1000:
            stream.write(frame(1000))
