"""The client that hosts carry with them: against the real server, and against whatever may listen.

Scripted servers are played by the test itself, in turns with the client: neither ever waits.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.util
import json
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import protocol_cases
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stages import CAST, Obedient, frame_of, playing
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from mocap import rotation, skeletons
from mocap.stream import binary, protocol
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, Record, Set, Stop
from mocap.stream.frames import Cast
from mocap.stream.server import WebSocketServer

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "addons" / "client" / "mocap_client.py"
COPIES = [ROOT / "addons" / "blender" / "mocap_bridge" / "mocap_client.py"]
PATIENCE = 20.0  # [s] until a test gives up on something that should come soon
CASES = json.loads((protocol_cases.FOLDER / "cases.json").read_text())
HELLO = protocol.encode_hello(CAST, "bin")
ENCODINGS = pytest.mark.parametrize("encoding", ["bin", "json"])


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mocap_client", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mocap_client"] = module
    spec.loader.exec_module(module)
    return module


client: Any = loaded()
Connect = Callable[..., Any]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes clients that are closed at the end."""
    made: list[Any] = []

    def make(*arguments: Any, **options: Any) -> Any:
        made.append(client.Client(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def polled_until(one: Any, condition: Callable[[], object]) -> list[Any]:
    """Polls until something is so; the frames that came by the way."""
    frames = []
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it never came to be: {one.state}, {one.problem!r}"
        frame = one.poll()
        if frame is not None:
            frames.append(frame)
        time.sleep(0.002)
    return frames


def answer(one: Any, number: int) -> dict[str, Any]:
    """The answer to a request."""
    came: list[dict[str, Any]] = []

    def is_there() -> bool:
        came.extend(a for a in one.answers() if a.get("request") == number)
        return bool(came)

    polled_until(one, is_there)
    return came[0]


class Scripted:
    """A server that says what the test says, and nothing by itself."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}"
        self.plug: socket.socket | None = None
        self.heard = b""

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        if self.plug is not None:
            self.plug.close()
            self.plug = None

    def asked(self, one: Any) -> None:
        """Take a client's request for a WebSocket."""
        self.hang_up()
        self.heard = b""
        polled_until(one, lambda: one._socket is not None)
        self.listener.settimeout(PATIENCE)
        self.plug, _ = self.listener.accept()
        self.plug.setblocking(False)
        polled_until(one, lambda: b"\r\n\r\n" in self.listened())

    def listened(self) -> bytes:
        """Everything that the client said."""
        assert self.plug is not None
        with suppress(BlockingIOError, ConnectionResetError):
            while data := self.plug.recv(65536):
                self.heard += data
        return self.heard

    def say(self, data: bytes) -> None:
        assert self.plug is not None
        self.plug.setblocking(True)
        self.plug.sendall(data)
        self.plug.setblocking(False)

    @property
    def welcome(self) -> bytes:
        """The answer to a handshake, as it should be."""
        head = self.heard.decode()
        key = head.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0]
        asked = head.split("Sec-WebSocket-Protocol: ")[1].split("\r\n")[0]
        accept = base64.b64encode(
            hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        ).decode()
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {asked}\r\n\r\n"
        ).encode()

    def greet(self, one: Any, hello: str = HELLO) -> None:
        """From the first byte to the hello."""
        self.asked(one)
        self.say(self.welcome + text(hello))
        polled_until(one, lambda: one.state == "connected")

    def messages(self) -> list[dict[str, Any]]:
        """What the client said since the handshake, unmasked, by the library's own reader."""
        server = ServerProtocol()
        server.receive_data(self.listened())
        events = server.events_received()
        assert events
        server.send_response(server.accept(events[0]))  # type: ignore[arg-type]
        frames = [*events[1:], *server.events_received()]
        return [
            json.loads(bytes(frame.data))
            for frame in frames
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT
        ]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted() as server:
        yield server


def text(message: str) -> bytes:
    return Frame(Opcode.TEXT, message.encode()).serialize(mask=False)


def data(message: bytes) -> bytes:
    return Frame(Opcode.BINARY, message).serialize(mask=False)


@pytest.fixture
def session() -> Obedient:
    return Obedient()


@pytest.fixture
def server(session: Obedient) -> Iterator[WebSocketServer]:
    """A server on which somebody moves."""
    with WebSocketServer(session, port=0) as server, playing(server, session):
        yield server


# The file.


@pytest.mark.parametrize("copy", COPIES, ids=lambda path: path.parent.name)
def test_the_copies_of_hosts_are_equal(copy: Path) -> None:
    assert copy.read_bytes() == SOURCE.read_bytes(), f"copy {SOURCE} to {copy}"


def test_it_is_python_3_7_and_the_standard_library_alone() -> None:
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 7))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert names <= sys.stdlib_module_names
    assert not names & {"threading", "asyncio", "ssl", "multiprocessing", "concurrent"}


def test_it_is_read_by_python_3_7() -> None:
    found = shutil.which("python3.7")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip("no Python 3.7 on this machine")
    code = f"import runpy; runpy.run_path({str(SOURCE)!r})"
    subprocess.run([found, "-c", code], check=True, capture_output=True)


# What is read.


def golden(name: str) -> bytes:
    return (protocol_cases.FOLDER / name).read_bytes()


@pytest.mark.parametrize("case", CASES["frames"], ids=lambda case: case["bin"])
@ENCODINGS
def test_golden_frames_are_read(case: dict[str, Any], encoding: str) -> None:
    hello = client.decode_hello(client.loads(golden(case["hello"])))
    frame = client.decode_frame(golden(case[encoding]), hello, encoding == "bin")
    expected, near = case["expected"], CASES["tolerance"]
    assert frame.seq == (expected["seq"] % 2**32 if encoding == "bin" else expected["seq"])
    assert frame.t == pytest.approx(expected["t"], abs=near["t"])
    assert len(frame.people) == len(expected["people"])
    for person, wanted in zip(frame.people, expected["people"], strict=True):
        assert (person.id, person.state) == (wanted["id"], wanted["state"])
        assert person.contacts == wanted["contacts"]
        assert person.confidence == pytest.approx(wanted["confidence"], abs=near["confidence"])
        assert person.root == pytest.approx(wanted["root"], abs=near["root"])
        assert person.rotations == pytest.approx(wanted["rotations"], abs=near["rotations"])
        for bone, place in wanted["positions"].items():
            assert positions(hello, person)[bone] == pytest.approx(place, abs=near["positions"])


def test_ends_of_bones_are_as_long_as_the_bones() -> None:
    hello = client.decode_hello(client.loads(golden("hello_two.json")))
    for person, body in protocol_cases.casts()["hello_two.json"].skeletons.items():
        tips = hello.tips_of(person)
        assert tips
        for bone, tip in tips.items():
            assert tip == pytest.approx(body.tips[bone], abs=2e-5)
    assert hello.tips_of(99) == hello.tips


def positions(hello: Any, person: Any) -> dict[str, Any]:
    """Where bones are, by forward kinematics of what the client made of a hello and a frame."""
    turns = np.array(person.rotations).reshape(-1, 4)
    places: list[Any] = []
    turned: list[Any] = []
    for i, parent in enumerate(hello.parents):
        if parent < 0:
            places.append(np.array(person.root))
            turned.append(turns[i])
        else:
            offset = np.array(hello.people[person.id][i])
            places.append(places[parent] + rotation.rotate(turned[parent], offset))
            turned.append(rotation.mul(turned[parent], turns[i]))
    return dict(zip(hello.bones, places, strict=True))


@pytest.mark.parametrize("case", CASES["hellos"], ids=lambda case: case["file"])
def test_golden_hellos_are_read(case: dict[str, Any]) -> None:
    hello = client.decode_hello(client.loads(golden(case["file"])))
    body = skeletons.humanoid()
    assert hello.bones == body.names
    assert list(hello.parents) == body.parents.tolist()
    assert np.shape(hello.offsets) == (len(body), 3)
    assert {hello.bones[i] for i in hello.tips} == {
        name for name, tip in zip(body.names, body.tips, strict=True) if np.isfinite(tip).all()
    }
    assert hello.fps == case["fps"]
    assert list(hello.people) == case["people"]
    assert hello.clock == 12.345


def test_golden_answers_come_to_whoever_asked(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    scripted.say(b"".join(text(json.dumps(said)) for said in CASES["answers"]))
    came: list[dict[str, Any]] = []

    def all_there() -> bool:
        came.extend(one.answers())
        return bool(one.status)

    polled_until(one, all_there)
    assert came == [a for a in CASES["answers"] if a["type"] in ("ack", "error", "note")]
    assert one.status == CASES["answers"][-1]
    assert one.state == "connected"


def test_what_is_unknown_is_ignored(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    hello = json.loads(HELLO)
    hello["later"] = hello["convention"]["later"] = {"is": "ignored"}
    scripted.greet(one, json.dumps(hello))
    scripted.say(text('{"type":"dance"}') + text('{"no":"type"}') + data(b"\2later"))
    scripted.say(data(binary.encode_frame(frame_of(5, 1.0))))
    assert polled_until(one, lambda: one.received)[-1].seq == 5
    assert one.problem == ""


BAD_HELLOS: list[tuple[str, Any, str]] = [
    ("protocol", 2, "version 2"),
    ("protocol", True, "version True"),
    ("protocol", None, "version None"),
    ("convention", {"up": "+Z"}, "hello.convention"),
    ("convention", 5, "hello.convention"),
    ("skeleton", None, "hello.bones"),
    ("skeleton", {"bones": []}, "hello.bones"),
    ("skeleton", {"bones": [5]}, "hello.bones"),
    ("skeleton", {"bones": [{"name": ["hips"]}]}, "name"),
    ("skeleton", {"bones": [{"name": "a", "parent": "a", "offset": [0, 0, 0]}]}, "parent"),
    ("skeleton", {"bones": [{"name": "a", "parent": [], "offset": [0, 0, 0]}]}, "parent"),
    ("skeleton", {"bones": 2 * [{"name": "a", "parent": None, "offset": [0, 0, 0]}]}, "name"),
    ("skeleton", {"bones": [{"name": "a", "parent": None, "offset": [0, 0]}]}, "offset"),
    ("skeleton", {"bones": [{"name": "a", "parent": None, "offset": [0, 0, "0"]}]}, "offset"),
    ("people", None, "hello.people"),
    ("people", [{"id": 0, "offsets": [1.0]}], "offsets"),
    ("people", [{"id": "0", "offsets": 66 * [0.0]}], "id"),
    ("fps", 0, "fps"),
    ("fps", 1e999, "fps"),
    ("clock", "now", "clock"),
]


@pytest.mark.parametrize(("key", "value", "says"), BAD_HELLOS)
def test_wrong_hellos_are_named(key: str, value: Any, says: str) -> None:
    hello = {**json.loads(HELLO), key: value}
    with pytest.raises((client.ProtocolError, client.Refused)) as caught:
        client.decode_hello(hello)
    assert says in str(caught.value)


READ = client.decode_hello(client.loads(HELLO.encode()))
BYTES = binary.encode_frame(frame_of(5, 1.0))


@pytest.mark.parametrize(
    ("at", "form", "value", "says"),
    [
        (1, "<B", 2, "version"),
        (2, "<H", 65535, "65535 people"),
        (4, "<H", 65535, "65535 bones"),
        (16, "<d", float("nan"), "frame.t"),
        (24, "<i", 3, "person 3"),
        (28, "<B", 3, "frame.state"),
        (32, "<f", 2.0, "confidence"),
        (32, "<f", float("nan"), "confidence"),
        (36, "<f", float("inf"), "frame.root"),
        (48, "<f", float("nan"), "unit quaternions"),
        (48, "<f", 9.0, "unit quaternions"),
    ],
)
def test_wrong_values_are_named(at: int, form: str, value: float, says: str) -> None:
    changed = bytearray(BYTES)
    struct.pack_into(form, changed, at, value)
    with pytest.raises(client.ProtocolError) as caught:
        client.decode_frame(bytes(changed), READ, True)
    assert says in str(caught.value)


def test_the_same_person_twice_is_refused() -> None:
    twice = json.loads(protocol.encode_frame(frame_of(5, 1.0)))
    twice["people"] *= 2
    with pytest.raises(client.ProtocolError, match="each once"):
        client.decode_frame(json.dumps(twice).encode(), READ, False)


@given(st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 255)), max_size=8))
def test_damaged_bytes_do_no_harm(changes: list[tuple[int, int]]) -> None:
    changed = bytearray(BYTES)
    for at, value in changes:
        changed[at] = value
    with suppress(client.ProtocolError):
        for person in client.decode_frame(bytes(changed), READ, True).people:
            assert np.isfinite([*person.root, *person.rotations, person.confidence]).all()


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
WHOLE = [json.loads(HELLO), json.loads(protocol.encode_frame(frame_of(5, 1.0)))] + [
    said for said in CASES["answers"]
]


@given(st.sampled_from(WHOLE), st.data())
def test_damaged_messages_do_no_harm(message: dict[str, Any], draw: st.DataObject) -> None:
    message = json.loads(json.dumps(message))
    place: Any = message
    while True:  # somewhere in it, something else
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw.draw(st.sampled_from(keys))
        if isinstance(place[key], (dict, list)) and place[key] and draw.draw(st.booleans()):
            place = place[key]
        else:
            place[key] = draw.draw(anything)
            break
    one = client.Client("127.0.0.1:1")
    one.hello, one._greeted = READ, True
    one._polled = 1.0
    raw = json.dumps(message).encode()
    with suppress(client.ProtocolError, client.Refused):
        one._take(client.TEXT, raw, 1.0)
    one._settle(1.0)
    for said in one.answers():
        assert said["type"] == "ack" or isinstance(said["message"], str)
    assert all(
        isinstance(v, bool) for k, v in one.status.get("options", {}).items() if k[:2] == "sm"
    )
    for frame in one.batch:
        for person in frame.people:
            assert np.isfinite([*person.root, *person.rotations]).all()


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"type":"ping","t":' + b"9" * 200_000 + b"}",
        b'{"type":' + b"[" * 900 + b"]" * 900 + b"}",
        b"\xff\xfe",
        b'"hello"',
        b"",
        b'{"t":NaN}',
    ],
    ids=["deep", "long number", "nested", "not UTF-8", "no object", "empty", "NaN"],
)
def test_hostile_json_is_refused_or_ignored(
    raw: bytes, scripted: Scripted, connect: Connect
) -> None:
    one = connect(scripted.url)
    scripted.greet(one)
    frame = Frame(Opcode.TEXT, raw).serialize(mask=False)
    scripted.say(frame + text('{"type":"note","message":"after"}'))
    polled_until(one, lambda: one.state != "connected" or one.answers())
    assert one.state in ("waiting", "connected")


# RFC 6455.

message = st.tuples(st.sampled_from([client.TEXT, client.BINARY]), st.binary(max_size=300))


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
    inbox, came = client.Inbox(), []
    while wire:
        size = dice.choice([1, 2, 7, 1000])
        inbox.feed(wire[:size])
        wire = wire[size:]
        while (taken := inbox.take()) is not None:
            if taken[0] != client.PING:
                came.append(taken)
    assert came == messages


@given(st.binary(max_size=70_000), st.sampled_from([1, 2, 8, 9, 10]))
@settings(max_examples=30)
def test_the_library_reads_what_is_sent(payload: bytes, opcode: int) -> None:
    payload = payload[:125] if opcode > 2 else payload
    reader = StreamReader()
    reader.feed_data(client.encode_message(opcode, payload))
    reading = Frame.parse(reader.read_exact, mask=True)
    frame: Any = None
    try:
        next(reading)
    except StopIteration as end:
        frame = end.value
    assert (frame.opcode, frame.data, frame.fin) == (opcode, payload, True)


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_refused(raw: bytes) -> None:
    inbox = client.Inbox()
    inbox.feed(raw)
    with suppress(client.ProtocolError):
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


# The real server.


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
    assert polled_until(one, lambda: one.batch)[-1].people[0].id == 0


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
    one = client.Client("127.0.0.1:1", token)
    assert one.state == "connecting" or one.problem.startswith("token:")


# Other servers.


def test_bytes_may_come_one_by_one(scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    hello = client.decode_hello(client.loads(golden("hello.json")))
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
        one = client.Client(server.url)
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


@pytest.mark.parametrize("part", ["nothing", "half", "no hello"])
def test_a_silent_server_is_given_up(part: str, scripted: Scripted, connect: Connect) -> None:
    one = connect(scripted.url)
    scripted.asked(one)
    if part != "nothing":
        scripted.say(scripted.welcome[: 40 if part == "half" else None])
    now = time.perf_counter()
    for step in range(int(1 + (client.TIMEOUT + 2) / 0.25)):  # time passes faster here
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
    for step in range(int(1 + (client.SILENCE + 2) / 0.25)):
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
    for step in range(int(1 + (client.NO_ANSWER + 1) / 0.25)):
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
        for step in range(int(1 + (client.TIMEOUT + 2) / 0.25)):
            one.poll(now + 0.25 * step)
            assert one._socket is None or one._socket.gettimeout() == 0.0
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
        assert client.Address(url).shown == shown
        return
    one = client.Client(url)
    assert one.state == "closed"
    assert "ws://" in one.problem


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(url: str) -> None:
    with suppress(client.Refused):
        assert client.Address(url).port > 0


def test_a_name_of_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    one = client.Client("ws://nobody.invalid:8765")
    assert (one.state, "no computer of that name" in one.problem) == ("closed", True)
