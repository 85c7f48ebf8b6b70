"""Protocol v1 as text: golden files, schema, laws of there and back, and whatever else may come."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import protocol_cases
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from motions import degrees_apart, seeds

import mocap
from mocap import rotation, skeletons
from mocap.errors import InvalidValue
from mocap.motion import Pose, TrackState
from mocap.stream import binary, decoding, protocol
from mocap.stream.commands import OPTIONS, Record, Set
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.protocol import NotUnderstood, Ping, Seen

FOLDER = protocol_cases.FOLDER
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
SCHEMA = protocol.schema()


def conforms(message: Any, name: str) -> bool:
    """Whether a message is what the schema says of its kind."""
    validator = jsonschema.Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{name}"}]})
    return validator.is_valid(message)


def load(name: str) -> dict[str, Any]:
    return protocol.loads((FOLDER / name).read_bytes())


# Golden files.


@pytest.mark.parametrize("name", sorted(protocol_cases.files()))
def test_golden_files_are_what_the_code_makes(name: str) -> None:
    made, golden = protocol_cases.files()[name], (FOLDER / name).read_bytes()
    if name.endswith(".bin"):
        assert made == golden
    else:
        mine, theirs = json.loads(made), json.loads(golden)
        assert mine.pop("server", None) == (
            f"mocap {mocap.__version__}" if "hello" in name else None
        )
        theirs.pop("server", None)
        assert mine == theirs


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(protocol_cases.files())


@pytest.mark.parametrize("kind", ["json", "bin"])
@pytest.mark.parametrize("case", CASES["frames"], ids=lambda case: case["json"])
def test_golden_frames_mean_what_the_index_says(case: dict[str, Any], kind: str) -> None:
    cast = decoding.decode_hello(load(case["hello"]))
    if kind == "json":
        frame = decoding.decode_frame(load(case["json"]))
    else:
        frame = binary.decode_frame((FOLDER / case["bin"]).read_bytes())
    meant, off = case["expected"], CASES["tolerance"]
    assert frame.seq == (meant["seq"] if kind == "json" else meant["seq"] % 2**32)
    assert frame.t == pytest.approx(meant["t"], abs=off["t"])
    assert [person.id for person in frame.people] == [person["id"] for person in meant["people"]]
    for person, wanted in zip(frame.people, meant["people"], strict=True):
        pose, body = person.pose, cast.skeletons[person.id]
        assert pose.state.name.lower() == wanted["state"]
        assert dict(pose.contacts) == wanted["contacts"]
        assert pose.confidence == pytest.approx(wanted["confidence"], abs=off["confidence"])
        assert pose.root == pytest.approx(wanted["root"], abs=off["root"])
        assert pose.rotations.ravel() == pytest.approx(wanted["rotations"], abs=off["rotations"])
        where, _ = body.fk(pose.root, pose.rotations)
        for name, place in wanted["positions"].items():
            assert where[body.index(name)] == pytest.approx(place, abs=off["positions"])


@pytest.mark.parametrize("case", CASES["hellos"], ids=lambda case: case["file"])
def test_golden_hellos_carry_everyones_bones(case: dict[str, Any]) -> None:
    cast = decoding.decode_hello(load(case["file"]))
    want = protocol_cases.casts()[case["file"]]
    assert cast.fps == case["fps"]
    assert list(cast.skeletons) == case["people"]
    assert cast.skeleton.names == want.skeleton.names
    for number, body in want.skeletons.items():
        assert np.allclose(cast.skeletons[number].offsets, body.offsets, rtol=0, atol=1e-6)


def test_the_golden_pose_is_asymmetric() -> None:
    (person,) = protocol_cases.frames()["frame"][1].people
    pairs = skeletons.humanoid().mirror_indices
    mirrored = person.pose.rotations[pairs] * [1, -1, -1, 1]
    assert np.degrees(rotation.angle(mirrored, person.pose.rotations)).min() > 3


# From clients.


@pytest.mark.parametrize("case", protocol_cases.COMMANDS, ids=lambda case: json.dumps(case[0]))
def test_commands_are_understood(case: tuple[dict[str, Any], object, object]) -> None:
    message, command, request = case
    assert protocol.parse(json.dumps(message)) == (command, request)
    assert protocol.parse(json.dumps(message, ensure_ascii=False).encode()) == (command, request)
    assert conforms(message, message["type"])


@pytest.mark.parametrize(("text", "says"), protocol_cases.REFUSED)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        protocol.parse(text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_refused_request_is_called_by_its_name() -> None:
    with pytest.raises(NotUnderstood) as caught:
        protocol.parse('{"type":"calibrate","delay":99,"request":"c7"}')
    assert (caught.value.of, caught.value.request) == ("calibrate", "c7")


@pytest.mark.parametrize(
    "text",
    [
        "x" * (protocol.LARGEST + 1),
        "[" * protocol.LARGEST,
        '{"a":' * (protocol.LARGEST // 5),
        '{"type":"ping","t":' + "9" * 60_000 + "}",
        b"\xff\xfe\x00",
        b"\x80abc",
    ],
)
def test_giants_and_depths_are_refused(text: str | bytes) -> None:
    with pytest.raises(NotUnderstood):
        protocol.parse(text)


@given(st.one_of(st.text(), st.binary()))
def test_anything_is_understood_or_refused(text: str | bytes) -> None:
    with pytest.raises(NotUnderstood):  # no message of the protocol is found by chance
        protocol.parse(text)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=120),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
fields = st.sampled_from(["name", "note", "height", "delay", "option", "value", "t", "seq"])
likely = st.one_of(json_values, st.sampled_from([*OPTIONS, 1, 1.75, 0, True, None, "take", -1]))
client_messages = st.builds(
    lambda kind, entries: {**entries, "type": kind},
    st.sampled_from(sorted(protocol._CLIENT)),
    st.dictionaries(fields, likely, max_size=4),
)


@given(client_messages)
def test_what_the_schema_allows_is_understood_and_nothing_else(message: dict[str, Any]) -> None:
    assume(not _huge(message))  # the one limit that JSON Schema cannot say of a value of any type
    try:
        protocol.parse(json.dumps(message))
        understood = True
    except NotUnderstood:
        understood = False
    assert understood == conforms(message, message["type"])


def _huge(message: dict[str, Any]) -> bool:
    value = message.get("value")
    return isinstance(value, (int, float)) and abs(value) > protocol.SAFE


@given(client_messages, st.integers(0, 200), st.characters())
def test_damaged_messages_do_no_harm(message: dict[str, Any], at: int, letter: str) -> None:
    text = json.dumps(message)
    with suppress(NotUnderstood):
        protocol.parse(text[:at] + letter + text[at + 1 :])


def test_values_are_shown_shortly() -> None:
    for value in ("x" * 9999, 10**4000, list(range(9999)), {"a": "b" * 9999}):
        with pytest.raises(NotUnderstood) as caught:
            protocol.parse(json.dumps({"type": value}))
        assert len(str(caught.value)) < 200


# From the server.


@pytest.mark.parametrize("answer", CASES["answers"], ids=lambda answer: answer["type"])
def test_answers_are_as_the_schema_says(answer: dict[str, Any]) -> None:
    assert conforms(answer, answer["type"])


@pytest.mark.parametrize("name", [n for n in sorted(protocol_cases.files()) if "frame" in n])
def test_frames_and_hellos_are_as_the_schema_says(name: str) -> None:
    if name.endswith(".json"):
        assert conforms(load(name), "frame")


@pytest.mark.parametrize("name", sorted(protocol_cases.casts()))
def test_hellos_are_as_the_schema_says(name: str) -> None:
    assert conforms(load(name), "hello")


def test_the_schema_is_sound_and_travels_with_the_package() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert (Path(mocap.__file__).parent / "data" / "protocol.schema.json").is_file()
    kinds = {
        d["properties"]["type"]["const"]
        for d in SCHEMA["$defs"].values()
        if "type" in d.get("properties", {})
    }
    assert kinds == {*protocol._CLIENT, "hello", "frame", "status", "note", "error", "ack", "pong"}


@pytest.mark.parametrize(
    "message",
    [
        {"type": "frame", "seq": 1, "t": 0.0},
        {"type": "hello"},
        {"type": "ack", "of": "record"},
        {"type": "note"},
        {"type": "pong", "t": "now", "clock": 1},
    ],
)
def test_the_schema_finds_what_is_missing(message: dict[str, Any]) -> None:
    assert not conforms(message, message["type"])


def test_answers_keep_what_json_cannot_say_out() -> None:
    status = {
        "type": "other",
        "fps": float("nan"),
        "latency": {"read": np.float64(1.5), "solve": float("inf")},
        "people": [np.int64(3)],
        "source": "clip \udcff.mp4",
        "where": Path("a"),
    }
    told = json.loads(protocol.encode_status(status).encode("ascii"))
    assert told["type"] == "status"
    assert told["fps"] is None
    assert told["latency"] == {"read": 1.5, "solve": None}
    assert told["people"] == [3]
    assert told["where"] == "a"


def test_every_message_of_a_client_has_its_name() -> None:
    for message, command, _ in protocol_cases.COMMANDS:
        assert protocol.name_of(command) == message["type"]


def test_a_name_is_not_looked_into() -> None:
    """Where takes lie is for the folder of takes to guard; here it is text."""
    assert protocol.parse('{"type":"record","name":"../x"}')[0] == Record("../x")
    assert protocol.parse('{"type":"set","option":"filter","value":"; rm"}')[0] == Set(
        "filter", "; rm"
    )


# There and back.


@st.composite
def live_frames(draw: st.DrawFn, bones: int | None = None) -> LiveFrame:
    """Up to four people in any pose."""
    random = np.random.default_rng(draw(seeds))
    count = draw(st.integers(1, 30)) if bones is None else bones
    ids = sorted(draw(st.sets(st.integers(-(2**31), 2**31 - 1), max_size=4)))
    t = draw(st.floats(-1e6, 1e6))
    return LiveFrame(
        draw(st.integers(0, 2**40)),
        t,
        tuple(
            LivePerson(
                number,
                Pose(
                    t=t,
                    root=random.normal(0, 10, 3),
                    rotations=rotation.normalize(random.normal(size=(count, 4))),
                    state=TrackState(random.integers(3)),
                    confidence=random.random(count),
                    contacts={foot: bool(random.random() < 0.5) for foot in binary.FEET},
                ),
            )
            for number in ids
        ),
    )


@given(live_frames(bones=22))
def test_frames_survive_as_text(frame: LiveFrame) -> None:
    message = protocol.loads(protocol.encode_frame(frame))
    assert conforms(message, "frame")
    back = decoding.decode_frame(message)
    assert (back.seq, back.t) == (frame.seq, pytest.approx(frame.t, abs=1e-6))
    for mine, theirs in zip(frame.people, back.people, strict=True):
        assert (mine.id, mine.pose.state, mine.pose.contacts) == (
            theirs.id,
            theirs.pose.state,
            theirs.pose.contacts,
        )
        assert np.abs(mine.pose.root - theirs.pose.root).max() < 0.51e-5
        assert degrees_apart(mine.pose.rotations, theirs.pose.rotations) < 2e-4
        assert theirs.pose.confidence == pytest.approx(mine.pose.confidence.mean(), abs=0.51e-3)


@given(st.dictionaries(st.integers(0, 99), st.floats(0.1, 2), max_size=4), st.floats(1, 240))
def test_casts_survive(scales: dict[int, float], fps: float) -> None:
    body = skeletons.humanoid()
    cast = Cast({number: body.scaled(by) for number, by in scales.items()}, fps)
    message = protocol.loads(protocol.encode_hello(cast, protocol.BINARY, 1.5))
    assert conforms(message, "hello")
    back = decoding.decode_hello(message)
    assert list(back.skeletons) == sorted(scales)
    assert back.fps == fps
    assert back.skeleton.names == body.names
    assert back.skeleton.parents.tolist() == body.parents.tolist()
    for number in scales:
        offsets = cast.skeletons[number].offsets
        assert np.abs(back.skeletons[number].offsets - offsets).max() < 0.51e-6
    assert np.allclose(back.skeleton.tips, cast.skeleton.tips, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("decode", [decoding.decode_frame, decoding.decode_hello])
@given(message=st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_clients_refuse_what_is_nothing(decode: Any, message: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        decode(message)


MESSAGES = ["frame_two.json", "hello_two.json"]


@given(st.sampled_from(MESSAGES), st.data())
def test_clients_survive_damaged_messages(name: str, data: st.DataObject) -> None:
    """One value anywhere is exchanged for another: it is understood or refused."""
    message = load(name)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    walk(message)
    node, key = data.draw(st.sampled_from(places))
    node[key] = data.draw(json_values)
    decode = decoding.decode_frame if "frame" in name else decoding.decode_hello
    with suppress(InvalidValue):
        decode(message)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("protocol", 2, "expected 1, got 2"),
        ("convention", {"up": "+Z"}, "hello.convention.up"),
        ("people", [{"id": 0, "offsets": [1, 2]}], "expected a list of 66 numbers"),
        ("fps", 0, "fps"),
    ],
)
def test_a_wrong_hello_is_named(key: str, value: Any, says: str) -> None:
    with pytest.raises(InvalidValue, match="expected") as caught:
        decoding.decode_hello({**load("hello.json"), key: value})
    assert says in str(caught.value)


def test_pings_and_acknowledgements_are_values() -> None:
    assert Ping(1) == Ping(1.0)
    assert Seen(3) != Seen(4)


# The document.

DOCUMENT = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_every_example_of_the_document_is_of_the_protocol() -> None:
    lines = [
        protocol.loads(line)
        for block in re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert {line["type"] for line in lines} >= {*protocol._CLIENT, "hello", "frame", "status"}
    for line in lines:
        assert conforms(line, line["type"]), line
        if line["type"] in protocol._CLIENT:
            protocol.parse(json.dumps(line))
        elif line["type"] == "hello":
            decoding.decode_hello(line)
        elif line["type"] == "frame":
            decoding.decode_frame(line)


def test_the_bytes_of_the_document_are_a_frame() -> None:
    (block,) = re.findall(r"^```hex\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    frame = binary.decode_frame(bytes.fromhex(block))
    (person,) = frame.people
    assert (frame.seq, frame.t, person.id) == (258, 1.5, -2)
    assert person.pose.state is TrackState.HELD
    assert person.pose.contacts == {"leftFoot": False, "rightFoot": True}
    assert person.pose.root.tolist() == [1, -2, 0.5]
    assert person.pose.rotations.tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]
    assert binary.encode_frame(frame) == bytes.fromhex(block)
