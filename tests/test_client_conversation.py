"""What a client makes of what a server says, without a socket."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages import CAST, frame_of

from mocap import skeletons
from mocap.client import requests
from mocap.client.conversation import Answer, Conversation
from mocap.errors import InvalidValue, Refused, StreamError
from mocap.stream import binary, protocol
from mocap.stream.frames import Cast

GOLDEN = Path(__file__).parent / "golden" / "protocol"


@pytest.fixture
def talk() -> Conversation:
    """A conversation after its hello."""
    talk = Conversation()
    assert talk.receive(protocol.encode_hello(CAST), 0.0) is None
    return talk


def said(talk: Conversation, now: float) -> list[dict[str, Any]]:
    return [json.loads(text) for text in talk.outgoing(now)]


def test_a_hello_tells_who_is_there(talk: Conversation) -> None:
    assert talk.greeted
    assert talk.server.startswith("mocap ")
    assert talk.cast is not None
    assert talk.cast.fps == CAST.fps
    assert talk.cast.skeleton.names == CAST.skeleton.names
    np.testing.assert_allclose(talk.cast.skeletons[0].offsets, CAST.skeleton.offsets, atol=1e-6)


@pytest.mark.parametrize("encoding", ["json", "bin"])
def test_the_golden_frames_are_taken(encoding: str) -> None:
    cases = json.loads((GOLDEN / "cases.json").read_text(encoding="utf-8"))
    for case in cases["frames"]:
        talk = Conversation()
        talk.receive((GOLDEN / case["hello"]).read_text(encoding="utf-8"), 0.0)
        data = (GOLDEN / case[encoding]).read_bytes()
        arrival = talk.receive(data if encoding == "bin" else data.decode(), 0.0)
        assert arrival is not None
        for person, true in zip(arrival.frame.people, case["expected"]["people"], strict=True):
            body = arrival.cast.skeletons[person.id]
            positions, _ = body.fk(person.pose.root, person.pose.rotations)
            for bone, place in true["positions"].items():
                np.testing.assert_allclose(
                    positions[body.index(bone)], place, atol=cases["tolerance"]["positions"]
                )


@pytest.mark.parametrize("encode", [protocol.encode_frame, binary.encode_frame])
def test_frames_are_taken_acknowledged_and_counted(talk: Conversation, encode: Any) -> None:
    said(talk, 0.0)
    for seq in (5, 6, 9):
        arrival = talk.receive(encode(frame_of(seq, 2.0)), 1.0)
        assert arrival is not None
        assert arrival.frame.seq == seq
        assert arrival.cast is talk.cast
        assert arrival.latency is None  # no pong yet
        np.testing.assert_allclose(arrival.frame.people[0].pose.root[1], seq / 1000, atol=1e-6)
    assert (talk.received, talk.missed) == (3, 2)
    assert {"type": "seen", "seq": 9} in said(talk, 1.0)
    assert not any(m["type"] == "seen" for m in said(talk, 1.01))


def test_numbers_of_bytes_go_around(talk: Conversation) -> None:
    for seq in (2**32 - 2, 2**32 - 1, 2**32, 2**32 + 3):
        talk.receive(binary.encode_frame(frame_of(seq, 2.0)), 1.0)
    assert talk.missed == 2


def test_another_connection_counts_anew(talk: Conversation) -> None:
    talk.receive(binary.encode_frame(frame_of(900, 2.0)), 1.0)
    talk.reset()
    assert not talk.greeted
    assert talk.offset is None
    talk.receive(protocol.encode_hello(CAST), 0.0)
    talk.receive(binary.encode_frame(frame_of(1000, 2.0)), 1.0)
    assert talk.missed == 0


def test_nothing_is_said_before_the_hello() -> None:
    assert Conversation().outgoing(10.0) == []


@pytest.mark.parametrize("ahead", [-500.0, 0.0, 2000.0])
def test_the_quickest_ping_tells_the_clock(talk: Conversation, ahead: float) -> None:
    trips = [(0.020, 0.001), (0.001, 0.001), (0.002, 0.050)]  # [s] there and back
    now = 10.0
    for there, back in trips:
        (ping,) = (m for m in said(talk, now) if m["type"] == "ping")
        now += there
        pong = protocol.encode_pong(protocol.Ping(ping["t"]), now + ahead)
        now += back
        talk.receive(pong, now)
        now += 1.0
    assert talk.offset == pytest.approx(ahead, abs=1e-4)
    arrival = talk.receive(binary.encode_frame(frame_of(1, now + ahead - 0.030)), now)
    assert arrival is not None
    assert arrival.latency == pytest.approx(0.030, abs=1e-4)


def test_pings_are_quick_at_first_then_rare(talk: Conversation) -> None:
    times = [t for t in np.arange(0.0, 20.0, 0.05) if said(talk, float(t))]
    gaps = np.diff(times)
    assert gaps[:4].max() < 0.2
    assert gaps[5:].min() > 1.9


def test_answers_find_who_asked(talk: Conversation) -> None:
    answers: dict[str, list[Answer]] = {"a": [], "b": []}
    sent = {}
    for name, got in answers.items():
        number, text = talk.ask(requests.record(name, ""), got.append)
        sent[name] = json.loads(text)
        assert sent[name]["request"] == number
        assert protocol.parse(text)[1] == number
    talk.receive(protocol.encode_ack("record", {"take": "b"}, sent["b"]["request"]), 1.0)
    talk.receive(protocol.encode_error("no", "record", sent["a"]["request"]), 1.0)
    (refused,) = answers["a"]
    assert isinstance(refused, Refused)
    assert str(refused) == "no"
    (obeyed,) = answers["b"]
    assert not isinstance(obeyed, Exception)
    assert obeyed["take"] == "b"
    assert not talk.notes


def test_a_lost_connection_answers_everybody(talk: Conversation) -> None:
    got: list[Answer] = []
    talk.ask(requests.stop(), got.append)
    talk.lost(StreamError("gone"))
    talk.lost(StreamError("gone"))
    assert [str(answer) for answer in got] == ["gone"]


def test_notes_and_errors_for_everybody_are_told() -> None:
    heard: list[str] = []
    talk = Conversation(heard.append)
    talk.receive(protocol.encode_note("stand still"), 0.0)
    talk.receive(protocol.encode_error("the disk is full"), 0.0)
    talk.receive(protocol.encode_error("too fast", "record", 77), 0.0)
    assert heard == list(talk.notes) == ["stand still", "the disk is full", "too fast"]


def test_status_is_kept(talk: Conversation) -> None:
    talk.receive(protocol.encode_status({"state": "running", "people": [0]}), 0.0)
    assert talk.status == {"state": "running", "people": [0]}


def test_what_is_not_known_is_ignored(talk: Conversation) -> None:
    talk.receive('{"type": "applause", "loud": [1, 2]}', 0.0)
    talk.receive('{"no": "type"}', 0.0)
    talk.receive('{"type": "ack", "of": "stop", "request": [1]}', 0.0)
    hello = json.loads(protocol.encode_hello(CAST)) | {"new": {"key": 1}}
    talk.receive(json.dumps(hello), 0.0)


def test_another_version_is_said_clearly() -> None:
    hello = json.loads(protocol.encode_hello(CAST)) | {"protocol": 2}
    with pytest.raises(StreamError, match=r"protocol.*expected 1, got 2.*same version"):
        Conversation().receive(json.dumps(hello), 0.0)


def test_frames_that_do_not_fit_the_hello(talk: Conversation) -> None:
    with pytest.raises(StreamError, match="person 4 is in no hello"):
        talk.receive(binary.encode_frame(frame_of(1, 1.0, (4,))), 0.0)
    talk.receive(protocol.encode_hello(Cast({0: skeletons.by_name("h36m17")})), 0.0)
    with pytest.raises(StreamError, match="expected 17 bones"):
        talk.receive(binary.encode_frame(frame_of(1, 1.0)), 0.0)
    with pytest.raises(StreamError, match="expected a hello before it"):
        Conversation().receive(binary.encode_frame(frame_of(1, 1.0)), 0.0)


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
kinds = st.sampled_from(["hello", "frame", "pong", "ack", "error", "note", "status", "ping", "x"])
keys = ["people", "seq", "t", "clock", "message", "request", "skeleton", "fps", "id", "protocol"]


@given(
    st.binary()
    | st.text()
    | st.builds(
        lambda kind, rest: json.dumps({**rest, "type": kind}),
        kinds,
        st.dictionaries(st.sampled_from(keys), values),
    )
)
def test_whatever_comes_is_taken_or_a_stream_error(data: str | bytes) -> None:
    talk = Conversation()
    talk.receive(protocol.encode_hello(CAST), 0.0)
    with suppress(StreamError):
        talk.receive(data, 1.0)
    for text in talk.outgoing(1.0):
        protocol.parse(text)


@given(st.data())
def test_frames_with_a_few_wrong_bytes(data: st.DataObject) -> None:
    wire = bytearray(binary.encode_frame(frame_of(3, 1.0)))
    for _ in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    talk = Conversation()
    talk.receive(protocol.encode_hello(CAST), 0.0)
    with suppress(StreamError):
        talk.receive(bytes(wire), 1.0)


def test_requests_are_checked_before_they_are_sent() -> None:
    for wrong in (
        lambda: requests.record("x" * 101, ""),
        lambda: requests.set_option("colour", 1),
        lambda: requests.calibrate(18.2, 3.0),
    ):
        with pytest.raises(InvalidValue):
            wrong()
