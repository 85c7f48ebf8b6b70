"""The WebSocket server on real sockets of this machine: frames, commands, its beginning and end."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import ExitStack, closing

import pytest
from stream_stage import (
    BODY,
    WAIT,
    Session,
    ask,
    frame,
    handshake,
    join,
    raw,
    receive,
    until_closed,
    wait_for,
)
from stream_stage import session as session
from stream_stage import stream as stream
from waiting import eventually
from websockets.exceptions import ConnectionClosed

from mocap.errors import StreamError
from mocap.stream import decoding
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.ports import PortTaken, holder, listen, next_free
from mocap.stream.server import WebSocketServer

# Frames.


@pytest.mark.parametrize("encoding", [None, "json", "bin"])
def test_hello_comes_first_and_frames_follow(stream: WebSocketServer, encoding: str | None) -> None:
    with join(stream, encoding) as client:
        hello = receive(client)
        assert hello["type"] == "hello"
        assert hello["encoding"] == (encoding or "json")
        assert list(decoding.decode_hello(hello).skeletons) == [0]
        assert hello["clock"] == pytest.approx(time.monotonic(), abs=WAIT)
        stream.write(frame(7))
        came = wait_for(client, "frame")
        assert came["seq"] == 7
        assert came.get("binary", False) == (encoding == "bin")
        assert client.subprotocol == (None if encoding is None else f"mocap.v1.{encoding}")


def test_before_anybody_is_on_stage_there_is_a_hello_too(session: Session) -> None:
    with WebSocketServer(session, port=0) as stream, join(stream) as client:
        hello = receive(client)
        assert hello["people"] == []
        assert hello["skeleton"]["name"] == "humanoid"
        stream.write(LiveFrame(0, 0.0, ()))
        assert wait_for(client, "frame")["people"] == []


def test_no_frame_overtakes_the_hello_it_needs(stream: WebSocketServer) -> None:
    """People come and go as fast as frames; several clients, both encodings."""
    with ExitStack() as stack:
        clients = [stack.enter_context(join(stream, e)) for e in ("json", "bin", "json")]
        for seq in range(300):
            people = tuple(range(seq % 5))
            if seq % 3 == 0:
                stream.open(Cast({i: BODY.scaled(1 + seq / 1000) for i in range(5)}, 30 + seq))
            stream.write(frame(seq, people))
        stream.open(Cast({9: BODY}))
        stream.write(frame(300, (9,)))
        for client in clients:
            fps, seqs = 0.0, [-1]
            while seqs[-1] != 300:
                message = receive(client)
                if message["type"] == "hello":
                    fps = message["fps"]
                    ids = {person["id"] for person in message["people"]}
                elif message["type"] == "frame":
                    assert {person["id"] for person in message["people"]} <= ids
                    assert message["seq"] == 300 or fps == 30 + message["seq"] // 3 * 3
                    seqs.append(message["seq"])
                    client.send(json.dumps({"type": "seen", "seq": seqs[-1]}))
            assert seqs == sorted(set(seqs))


def test_clients_are_described(stream: WebSocketServer) -> None:
    with join(stream, "bin") as client:
        receive(client)
        stream.write(frame(0))
        assert wait_for(client, "frame")["seq"] == 0
        client.send('{"type":"seen","seq":0}')
        wait_for(client, "status")
        eventually(lambda: stream.clients[0].delay is not None)
        (told,) = stream.clients
        assert told.encoding == "bin"
        assert told.address == "{}:{}".format(*client.local_address)
        assert told.dropped == 0


# Commands.


def test_commands_are_obeyed_and_answered(stream: WebSocketServer, session: Session) -> None:
    with join(stream) as client:
        assert ask(client, {"type": "record", "name": "a", "request": 1}) == {
            "type": "ack", "of": "record", "request": 1, "take": "a",
        }  # fmt: skip
        assert ask(client, {"type": "stop", "request": "b"}) == {
            "type": "error", "of": "stop", "request": "b", "message": "nothing is being recorded",
        }  # fmt: skip
        ask(client, {"type": "calibrate", "delay": 1})
        ask(client, {"type": "set", "option": "people", "value": 2})
        ask(client, {"type": "takes"})
        pong = ask(client, {"type": "ping", "t": 3.5, "request": 9})
        assert (pong["t"], pong["request"]) == (3.5, 9)
        assert pong["clock"] == pytest.approx(time.monotonic(), abs=WAIT)
    assert session.commands == [
        Record("a"), Stop(), Calibrate(delay=1), Set("people", 2), ListTakes(),
    ]  # fmt: skip


def test_a_failure_of_the_session_is_answered_and_noted(
    stream: WebSocketServer, session: Session
) -> None:
    session.failing = RuntimeError("out of luck")
    with join(stream) as client:
        answer = ask(client, {"type": "takes", "request": 1})
        assert answer["type"] == "error"
        assert answer["of"] == "takes"
        assert "out of luck" in answer["message"]
        session.failing = None
        assert ask(client, {"type": "takes"})["type"] == "ack"
    assert any("out of luck" in note for note in session.notes)


def test_a_slow_command_holds_up_nobody(stream: WebSocketServer, session: Session) -> None:
    with join(stream) as slow, join(stream) as other:
        session.may_go_on.clear()
        slow.send('{"type":"record","request":1}')
        slow.send('{"type":"takes","request":2}')
        for client in (slow, other):
            assert ask(client, {"type": "ping", "t": 1})["type"] == "pong"
        stream.write(frame(1))
        assert wait_for(slow, "frame")["seq"] == wait_for(other, "frame")["seq"] == 1
        session.may_go_on.set()
        assert [wait_for(slow, "ack")["request"] for _ in range(2)] == [1, 2]  # in order


def test_status_comes_at_once_and_after_commands(stream: WebSocketServer) -> None:
    with join(stream) as client:
        status = wait_for(client, "status")
        assert status["fps"] is None  # JSON knows no NaN
        client.send('{"type":"record"}')
        wait_for(client, "ack")
        while wait_for(client, "status")["commands"] != 1:
            pass


def test_a_session_that_fails_to_tell_is_no_reason_to_stop(
    stream: WebSocketServer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "status", lambda: 1 / 0)
    monkeypatch.setattr(session, "clock", lambda: 5.0)
    with join(stream) as client:
        assert receive(client)["clock"] == 5.0
        eventually(lambda: any("no status" in note for note in session.notes))
        stream.write(frame(1))
        assert wait_for(client, "frame")["seq"] == 1


def test_everybody_is_told(stream: WebSocketServer) -> None:
    with join(stream) as one, join(stream, "bin") as other:
        for client in (one, other):
            receive(client)
        stream.tell({"type": "note", "message": "the camera is back"})
        stream.tell({"type": "error", "message": "disk full"})
        for client in (one, other):
            assert wait_for(client, "note")["message"] == "the camera is back"
            assert wait_for(client, "error")["message"] == "disk full"


def test_many_threads_may_speak(stream: WebSocketServer) -> None:
    def speak(number: int) -> None:
        for i in range(50):
            stream.tell({"type": "note", "message": f"{number}.{i}"})

    with join(stream) as client:
        receive(client)
        threads = [threading.Thread(target=speak, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        heard = [wait_for(client, "note")["message"] for _ in range(200)]
        for thread in threads:
            thread.join()
    for number in range(4):
        mine = [note for note in heard if note.startswith(f"{number}.")]
        assert mine == [f"{number}.{i}" for i in range(50)]


# Begin and end.


def test_a_taken_port_is_told_with_who_has_it_and_a_free_one(
    stream: WebSocketServer, session: Session
) -> None:
    with pytest.raises(PortTaken) as caught:
        WebSocketServer(session, port=stream.port)
    taken = caught.value
    assert isinstance(taken, StreamError)
    assert str(stream.port) in str(taken)
    assert taken.free is not None
    assert taken.free > stream.port
    assert f"port {taken.free} is free" in str(taken)
    if os.path.isdir("/proc/net"):
        assert f"process {os.getpid()}" in (holder(stream.port) or "")
        assert f"process {os.getpid()}" in str(taken)
    listen("127.0.0.1", taken.free).close()


@pytest.mark.parametrize(
    ("host", "port"),
    [("203.0.113.7", 0), ("no.such.host.invalid", 0), ("127.0.0.1", 70000), ("x" * 300, 0)],
)
def test_an_impossible_place_is_told(session: Session, host: str, port: int) -> None:
    with pytest.raises(StreamError, match="cannot listen on"):
        WebSocketServer(session, host, port, Access(host, no_token=host != "127.0.0.1"))


def test_no_port_may_be_free() -> None:
    assert next_free("203.0.113.7", 65530) is None
    assert holder(1) is None


def test_closing_says_goodbye_and_frees_the_port(session: Session) -> None:
    stream = WebSocketServer(session, port=0)
    stalled = raw(stream, handshake(stream))
    idle = raw(stream)
    with closing(stalled), closing(idle), join(stream) as client:
        receive(client)
        stream.close()
        with pytest.raises(ConnectionClosed) as caught:
            until_closed(client)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1001
    stream.close()
    stream.write(frame(1))  # a server that ended takes no harm
    stream.tell({"type": "note", "message": "late"})
    stream.open(Cast())
    assert stream.clients == ()
    with WebSocketServer(session, port=stream.port) as again, join(again) as client:
        assert receive(client)["type"] == "hello"
