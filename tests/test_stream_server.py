"""The WebSocket server on real sockets of this machine: frames, commands, strangers, abuse."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mocap import skeletons
from mocap.errors import InvalidValue, Refused, StreamError
from mocap.motion import Pose
from mocap.stream import binary, connection, decoding, protocol, server
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, Command, ListTakes, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.ports import PortTaken, holder, listen, next_free
from mocap.stream.server import WebSocketServer

BODY = skeletons.humanoid()
WAIT = 10.0  # [s] for what will come
REST = np.tile([0.0, 0.0, 0.0, 1.0], (len(BODY), 1))


class Session:
    """A session that does what it is told, unless it is held up."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.notes: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failing: Exception | None = None

    def clock(self) -> float:
        return time.monotonic()

    def obey(self, command: Command) -> dict[str, Any]:
        self.may_go_on.wait(WAIT)
        self.commands.append(command)
        if isinstance(command, Stop):
            raise Refused("nothing is being recorded")
        if self.failing is not None:
            raise self.failing
        return {"take": getattr(command, "name", "a take")}

    def status(self) -> dict[str, Any]:
        return {"state": "running", "fps": float("nan"), "commands": len(self.commands)}


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def stream(session: Session) -> Iterator[WebSocketServer]:
    with WebSocketServer(session, port=0, on_note=session.notes.append) as stream:
        stream.open(Cast({0: BODY}))
        yield stream


@pytest.fixture
def together() -> Iterator[ExitStack]:
    """Closes what was opened."""
    with ExitStack() as stack:
        yield stack


def frame(seq: int, people: tuple[int, ...] = (0,)) -> LiveFrame:
    pose = Pose(t=0.0, root=np.array([seq / 1000, 1.0, 0.0]), rotations=REST)
    return LiveFrame(seq, time.monotonic(), tuple(LivePerson(i, pose) for i in people))


def join(stream: WebSocketServer, encoding: str | None = None, **options: Any) -> ClientConnection:
    names = None if encoding is None else [f"mocap.v1.{encoding}"]
    # the library waits for a goodbye that lies behind frames nobody will read
    options = {"close_timeout": 0.2, **options}
    return connect(stream.url, subprotocols=names, proxy=None, **options)  # type: ignore[arg-type]


def receive(client: ClientConnection) -> dict[str, Any]:
    """The next message; a binary frame as the JSON one of the same content."""
    data = client.recv(WAIT)
    if isinstance(data, bytes):
        found = binary.decode_frame(data)
        return {**protocol.loads(protocol.encode_frame(found)), "binary": True}
    return protocol.loads(data)


def wait_for(client: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind; those before it are passed over."""
    while True:
        message = receive(client)
        if message["type"] == kind:
            return message


def ask(client: ClientConnection, message: Any) -> dict[str, Any]:
    """Send something; the next answer."""
    client.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
    while True:
        answer = receive(client)
        if answer["type"] in ("ack", "error", "pong"):
            return answer


def before_pong(client: ClientConnection) -> list[dict[str, Any]]:
    """Everything that comes before the answer to a ping: whatever was on its way."""
    client.send('{"type":"ping","t":0}')
    came = []
    while True:
        message = receive(client)
        if message["type"] == "pong":
            return came
        came.append(message)


def until_closed(client: ClientConnection) -> None:
    while True:
        client.recv(WAIT)


def eventually(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + WAIT
    while not true() and time.monotonic() < until:
        time.sleep(0.005)
    return true()


def raw(stream: WebSocketServer, request: bytes = b"") -> socket.socket:
    """A plain socket, that has sent something."""
    plug = socket.create_connection(("127.0.0.1", stream.port), WAIT)
    plug.sendall(request)
    return plug


def handshake(stream: WebSocketServer, *lines: str, host: str | None = None) -> bytes:
    head = [
        "GET / HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{stream.port}'}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode()


def rest_of(plug: socket.socket) -> bytes:
    """Everything until the other side ends."""
    data = b""
    with suppress(ConnectionResetError):
        while more := plug.recv(65536):
            data += more
    return data


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
        assert eventually(lambda: stream.receivers == 6)
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
    assert eventually(lambda: len(stream.clients) == 1)
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    plug.close()  # with a reset
    assert eventually(lambda: not stream.clients and not stream.receivers)
    stream.write(frame(1))
    with join(stream) as client:
        stream.write(frame(2))
        assert wait_for(client, "frame")["seq"] == 2


def test_clients_are_described(stream: WebSocketServer) -> None:
    with join(stream, "bin") as client:
        receive(client)
        stream.write(frame(0))
        assert wait_for(client, "frame")["seq"] == 0
        client.send('{"type":"seen","seq":0}')
        wait_for(client, "status")
        assert eventually(lambda: stream.clients[0].delay is not None)
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
        assert eventually(lambda: any("no status" in note for note in session.notes))
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


# Whatever else may come.

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
    os.urandom(10_000),
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


def test_giants_are_sent_away(stream: WebSocketServer) -> None:
    with suppress(ConnectionClosed), join(stream) as client, closing(client.socket):
        client.send("x" * 10_000_000)
        while True:
            receive(client)
    assert eventually(lambda: not stream.receivers)


def test_half_a_text_is_no_text(stream: WebSocketServer) -> None:
    with join(stream) as client:
        client.send(b"\xff\xfe\x80", text=True)
        assert "UTF-8" in wait_for(client, "error")["message"]


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
    assert eventually(lambda: not stream.receivers)


def test_who_asks_and_never_listens_is_sent_away(
    stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BACKLOG", 10_000)
    with closing(raw(stream, handshake(stream))):
        assert eventually(lambda: stream.receivers == 1)
        until = time.monotonic() + WAIT
        while stream.receivers and time.monotonic() < until:
            stream.tell({"type": "note", "message": "x" * 5000})
            time.sleep(0.001)
        assert not stream.receivers


def test_the_dead_are_found(stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.02)
    with closing(raw(stream, handshake(stream))), join(stream) as living:
        assert eventually(lambda: stream.receivers == 1)
        assert ask(living, {"type": "ping", "t": 1})["type"] == "pong"


def test_who_never_asks_for_a_websocket_is_sent_away(
    stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE", 0.05)
    for start in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n"):
        with closing(raw(stream, start)) as plug:
            assert rest_of(plug) == b""


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
        b"\0" * 100_000,
        b"\r\n\r\n",
    ],
    ids=["page", "post", "tls", "long", "many", "zeros", "empty"],
)
def test_what_is_no_handshake_is_turned_away(
    stream: WebSocketServer, request_: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE", 0.5)
    with closing(socket.create_connection(("127.0.0.1", stream.port), WAIT)) as plug:
        with suppress(ConnectionError):
            plug.sendall(request_)
        answer = rest_of(plug)
        assert b" 101 " not in answer
    with join(stream) as client:
        assert receive(client)["type"] == "hello"


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[WebSocketServer, ClientConnection]]:
    """A server, and a client that must not notice anything."""
    with (
        WebSocketServer(Session(), port=0) as stream,
        connect(stream.url, proxy=None) as client,
    ):
        yield stream, client


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(data=st.binary(max_size=300), upgraded=st.booleans())
def test_random_bytes_do_no_harm(
    fuzzed: tuple[WebSocketServer, ClientConnection], data: bytes, upgraded: bool
) -> None:
    stream, watcher = fuzzed
    with closing(raw(stream, handshake(stream) if upgraded else b"")) as plug:
        plug.sendall(data)
    time.sleep(0.02)  # the watcher itself may say no more than fifty things a second
    assert ask(watcher, {"type": "ping", "t": 1})["type"] == "pong"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(message=st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_random_messages_are_answered(
    fuzzed: tuple[WebSocketServer, ClientConnection], message: str | bytes
) -> None:
    _, watcher = fuzzed
    try:
        assert ask(watcher, message)["type"] == "error"
    except UnicodeEncodeError:
        return  # half a surrogate pair, which no client can send
    time.sleep(0.02)


# Who may connect.


def test_pages_from_elsewhere_are_turned_away(stream: WebSocketServer, session: Session) -> None:
    with pytest.raises(InvalidStatus) as caught:
        join(stream, origin="https://evil.com")
    assert caught.value.response.status_code == 403
    assert any("evil.com" in note for note in session.notes)
    with join(stream, origin="http://localhost:3000") as client:
        assert receive(client)["type"] == "hello"


def test_names_that_pretend_are_turned_away(stream: WebSocketServer) -> None:
    with closing(raw(stream, handshake(stream, host="evil.com"))) as plug:
        assert rest_of(plug).startswith(b"HTTP/1.1 403")


def test_a_token_is_asked_for(session: Session) -> None:
    with WebSocketServer(session, port=0, access=Access(token="sesame-open")) as stream:
        for wrong in ("", "/?token=wrong-wrong"):
            with pytest.raises(InvalidStatus) as caught:
                connect(stream.url + wrong, proxy=None)
            assert caught.value.response.status_code == 401
        with connect(f"{stream.url}/?token=sesame-open", proxy=None) as client:
            assert receive(client)["type"] == "hello"
        header = {"Authorization": "Bearer sesame-open"}
        with connect(stream.url, additional_headers=header, proxy=None) as client:
            assert receive(client)["type"] == "hello"
        assert "sesame" not in stream.url + stream.name


def test_others_need_a_token(session: Session) -> None:
    with pytest.raises(InvalidValue, match="token"):
        WebSocketServer(session, "0.0.0.0", 0)
    with pytest.raises(InvalidValue, match="token"):  # rules for another host do not help
        WebSocketServer(session, "0.0.0.0", 0, Access("127.0.0.1"))
    with WebSocketServer(session, "0.0.0.0", 0, Access("0.0.0.0", no_token=True)) as stream:
        assert stream.url.startswith("ws://")
        assert "0.0.0.0" not in stream.url


def test_an_unknown_subprotocol_is_turned_away(stream: WebSocketServer) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(stream.url, subprotocols=["mocap.v9.json"], proxy=None)  # type: ignore[list-item]
    assert caught.value.response.status_code == 400
    assert b"mocap.v1.bin" in (caught.value.response.body or b"")
    wanted = ["mocap.v9.bin", "mocap.v1.bin", "mocap.v1.json"]
    with connect(stream.url, subprotocols=wanted, proxy=None) as client:  # type: ignore[arg-type]
        assert client.subprotocol == "mocap.v1.bin"


def test_clients_are_limited(
    stream: WebSocketServer, monkeypatch: pytest.MonkeyPatch, together: ExitStack
) -> None:
    monkeypatch.setattr(server, "CLIENTS", 3)
    for _ in range(3):
        together.enter_context(join(stream))
    with pytest.raises(InvalidStatus) as caught:
        join(stream)
    assert caught.value.response.status_code == 503
    together.close()
    assert eventually(lambda: stream.receivers == 0)
    with join(stream) as client:
        assert receive(client)["type"] == "hello"


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
