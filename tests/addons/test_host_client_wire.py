"""The hosts' client on the wire: RFC 6455, handshakes, pings, and whatever else may listen."""

from __future__ import annotations

import json
import random
import socket
import struct
from contextlib import suppress
from typing import Any

import pytest
from host_client import HELLO, Connect, Scripted, data, golden, polled_until, text
from hypothesis import given, settings
from hypothesis import strategies as st
from mocap_bridge_maya.shared.address import Address
from mocap_bridge_maya.shared.client import Client
from mocap_bridge_maya.shared.decoding import decode_hello, loads
from mocap_bridge_maya.shared.errors import ProtocolError, Refused
from mocap_bridge_maya.shared.websocket import BINARY, PING, TEXT, Inbox, encode_message
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

message = st.tuples(st.sampled_from([TEXT, BINARY]), st.binary(max_size=300))


@given(st.lists(message, max_size=6), st.randoms(use_true_random=False))
def test_messages_survive_parts_and_chunks(
    messages: list[tuple[int, bytes]], dice: random.Random
) -> None:
    """Whatever another writer makes of messages, in parts, with pings within, byte by byte."""
    wire = b""
    for opcode, payload in messages:
        cuts = sorted(dice.choices(range(len(payload) + 1), k=dice.randrange(3)))
        parts = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
        for i, part in enumerate(parts):
            code = Opcode(opcode) if i == 0 else Opcode.CONT
            wire += Frame(code, part, fin=i == len(parts) - 1).serialize(mask=False)
            if dice.random() < 0.3:
                wire += Frame(Opcode.PING, b"?").serialize(mask=False)
    inbox, came = Inbox(), []
    while wire:
        size = dice.choice([1, 2, 7, 1000])
        inbox.feed(wire[:size])
        wire = wire[size:]
        while (taken := inbox.take()) is not None:
            if taken[0] != PING:
                came.append(taken)
    assert came == messages


@given(st.binary(max_size=70_000), st.sampled_from([1, 2, 8, 9, 10]))
@settings(max_examples=30)
def test_the_library_reads_what_is_sent(payload: bytes, opcode: int) -> None:
    payload = payload[:125] if opcode > 2 else payload
    reader = StreamReader()
    reader.feed_data(encode_message(opcode, payload))
    reading = Frame.parse(reader.read_exact, mask=True)
    frame: Any = None
    try:
        next(reading)
    except StopIteration as end:
        frame = end.value
    assert (frame.opcode, frame.data, frame.fin) == (opcode, payload, True)


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_refused(raw: bytes) -> None:
    inbox = Inbox()
    inbox.feed(raw)
    with suppress(ProtocolError):
        while inbox.take() is not None:
            pass


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xc1\x00", "extension"),
        (b"\x81\x80\0\0\0\0", "masked"),
        (b"\x83\x00", "opcode"),
        (b"\x89\x7e\x00\x80", "control"),
        (b"\x09\x00", "control"),
        (b"\x80\x00", "within"),
        (b"\x01\x00\x81\x00", "within"),
        (b"\x81\x7f" + b"\xff" * 8, "more than"),
    ],
)
def test_breaches_of_the_rules_end_the_connection(
    raw: bytes, says: str, scripted: Scripted, connect: Connect
) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    scripted.say(raw)
    polled_until(one, lambda: one.state == "waiting")
    assert says in one.problem
    scripted.greet(one)  # it comes back by itself
    assert one.problem == ""


def test_bytes_may_come_one_by_one(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    hello = decode_hello(loads(golden("hello.json")))
    wire = scripted.welcome + text(golden("hello.json").decode()) + data(golden("frame.bin"))
    frames = []
    for i in range(len(wire)):
        scripted.say(wire[i : i + 1])
        frame = one.poll()
        if frame is not None:
            frames.append(frame)
    if not frames:
        frames = polled_until(one, lambda: one.received)
    assert one.hello == hello
    assert [frame.seq for frame in frames] == [412]


def test_another_version_is_refused_for_good(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    scripted.say(scripted.welcome + text(json.dumps({**json.loads(HELLO), "protocol": 2})))
    polled_until(one, lambda: one.state == "closed")
    assert "version 2" in one.problem
    assert one.poll() is None


GARBAGE = {
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "zeros": bytes(1000),
    "web page": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage",
    "no status": b"HTTP/1.1 hello\r\n\r\n",
    "endless head": b"HTTP/1.1 101 X\r\n" + b"a: b\r\n" * 20_000,
    "wrong key": b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
}


@pytest.mark.parametrize("said", GARBAGE.values(), ids=GARBAGE)
def test_something_else_that_listens_is_named(
    said: bytes, scripted: Scripted, connect: Connect
) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    with suppress(OSError):
        scripted.say(said)
    polled_until(one, lambda: one.state == "waiting")
    assert "`mocap live`" in one.problem
    assert scripted.url in one.problem


@given(st.binary(max_size=400), st.sampled_from(["first", "shaken", "greeted"]))
@settings(max_examples=60)
def test_no_server_makes_it_fail(garbage: bytes, when: str) -> None:
    with Scripted() as server:
        one = Client(server.url)
        server.asked(one)
        if when != "first":
            server.say(server.welcome)
        if when == "greeted":
            server.say(text(HELLO))
        server.say(garbage)
        server.hang_up()
        polled_until(one, lambda: one.state in ("waiting", "closed"))
        assert one.problem
        one.close()


@pytest.mark.parametrize("part", [0, 1, 40])
def test_a_handshake_cut_short_is_named(part: int, scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    scripted.say(scripted.welcome[:part])
    scripted.hang_up()
    polled_until(one, lambda: one.state == "waiting")
    assert "`mocap live`" in one.problem


def test_pings_are_answered_the_last_for_all(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    pings = [Frame(Opcode.PING, struct.pack("!I", n)).serialize(mask=False) for n in range(1000)]
    scripted.say(b"".join(pings))
    last = struct.pack("!I", 999)

    def pongs() -> list[bytes]:
        server = ServerProtocol()
        server.receive_data(scripted.listened())
        events = server.events_received()
        server.send_response(server.accept(events[0]))  # type: ignore[arg-type]
        frames = [*events[1:], *server.events_received()]
        return [bytes(f.data) for f in frames if isinstance(f, Frame) and f.opcode is Opcode.PONG]

    polled_until(one, lambda: pongs()[-1:] == [last])
    assert len(pongs()) < 1000


def test_closing_says_goodbye(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    scripted.listened()
    said = len(scripted.heard)
    one.close()
    assert (one.state, one.problem) == ("closed", "")
    assert scripted.listened()[said] == 0x88
    one.close()
    assert one.poll() is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ws://127.0.0.1:8765", "ws://127.0.0.1:8765"),
        (" 127.0.0.1 ", "ws://127.0.0.1:8765"),
        ("localhost:99/?token=x", "ws://localhost:99"),
        ("ws://[::1]:99", "ws://[::1]:99"),
        ("http://127.0.0.1:8765", None),
        ("wss://127.0.0.1:8765", None),
        ("", None),
        ("ws://", None),
        ("ws://host:99999", None),
        ("ws://host:0", None),
        ("ws://[::1", None),
        ("ws://a\r\nb: c", None),
        ("ws://127.0.0.1/é", None),
    ],
)
def test_addresses(url: str, shown: str | None) -> None:
    if shown is not None:
        assert Address(url).shown == shown
        return
    one = Client(url)
    assert one.state == "closed"
    assert "ws://" in one.problem


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(url: str) -> None:
    with suppress(Refused):
        assert Address(url).port > 0


def test_a_name_of_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    one = Client("ws://nobody.invalid:8765")
    assert (one.state, "no computer of that name" in one.problem) == ("closed", True)
