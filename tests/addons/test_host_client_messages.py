"""What the hosts' client makes of messages: golden ones, wrong ones, damaged ones."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import protocol_cases
import pytest
from host_client import (
    BYTES,
    CASES,
    ENCODINGS,
    HELLO,
    READ,
    Connect,
    Scripted,
    data,
    golden,
    polled_until,
    text,
)
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge_maya.shared.client import Client
from mocap_bridge_maya.shared.decoding import decode_hello, loads
from mocap_bridge_maya.shared.errors import ProtocolError, Refused
from mocap_bridge_maya.shared.frames import decode_frame
from mocap_bridge_maya.shared.websocket import TEXT
from stages import frame_of
from websockets.frames import Frame, Opcode

from mocap import rotation, skeletons
from mocap.stream import binary, protocol


@pytest.mark.parametrize("case", CASES["frames"], ids=lambda case: case["bin"])
@ENCODINGS
def test_golden_frames_are_read(case: dict[str, Any], encoding: str) -> None:
    hello = decode_hello(loads(golden(case["hello"])))
    frame = decode_frame(golden(case[encoding]), hello, encoding == "bin")
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
    hello = decode_hello(loads(golden("hello_two.json")))
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
    hello = decode_hello(loads(golden(case["file"])))
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
    with pytest.raises((ProtocolError, Refused)) as caught:
        decode_hello(hello)
    assert says in str(caught.value)


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
    with pytest.raises(ProtocolError) as caught:
        decode_frame(bytes(changed), READ, True)
    assert says in str(caught.value)


def test_the_same_person_twice_is_refused() -> None:
    twice = json.loads(protocol.encode_frame(frame_of(5, 1.0)))
    twice["people"] *= 2
    with pytest.raises(ProtocolError, match="each once"):
        decode_frame(json.dumps(twice).encode(), READ, False)


@given(st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 255)), max_size=8))
def test_damaged_bytes_do_no_harm(changes: list[tuple[int, int]]) -> None:
    changed = bytearray(BYTES)
    for at, value in changes:
        changed[at] = value
    with suppress(ProtocolError):
        for person in decode_frame(bytes(changed), READ, True).people:
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
    one = Client("127.0.0.1:1")
    one.hello, one._greeted = READ, True
    one._polled = 1.0
    raw = json.dumps(message).encode()
    with suppress(ProtocolError, Refused):
        one._take(TEXT, raw, 1.0)
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
