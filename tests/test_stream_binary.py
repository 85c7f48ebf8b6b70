"""Frames as bytes: literal bytes, laws of there and back, and whatever else may come."""

from __future__ import annotations

import struct
from contextlib import suppress

import numpy as np
import protocol_cases
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart
from test_stream_protocol import live_frames

from mocap.errors import InvalidValue
from mocap.motion import Pose, TrackState
from mocap.stream import binary
from mocap.stream.frames import LiveFrame, LivePerson

GOLDEN = (protocol_cases.FOLDER / "frame_two.bin").read_bytes()


def test_the_bytes_are_those_of_the_document() -> None:
    """Two bones, one person, by hand."""
    pose = Pose(
        t=0.0,
        root=np.array([1.0, -2.0, 0.5]),
        rotations=np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]]),
        state=TrackState.HELD,
        confidence=np.array([0.0, 0.5]),
        contacts={"leftFoot": False, "rightFoot": True},
    )
    data = binary.encode_frame(LiveFrame(258, 1.5, (LivePerson(-2, pose),)))
    assert data == bytes.fromhex(
        "01 01 0100 0200 0000"  # a frame of version 1, one person, two bones
        "02010000 00000000"  # number 258
        "000000000000f83f"  # at 1.5 s
        "feffffff 01 02 0000"  # person -2, held, right foot down
        "0000803e"  # confidence 0.25
        "0000803f 000000c0 0000003f"  # at 1, -2, 0.5
        "00000000 00000000 00000000 0000803f"
        "00000000 0000803f 00000000 00000000"
    )


@given(live_frames())
def test_frames_survive_as_bytes(frame: LiveFrame) -> None:
    data = binary.encode_frame(frame)
    bones = len(frame.people[0].pose.rotations) if frame.people else 0
    assert len(data) == 24 + len(frame.people) * (24 + 16 * bones)
    back = binary.decode_frame(data)
    assert (back.seq, back.t) == (frame.seq % 2**32, frame.t)
    for mine, theirs in zip(frame.people, back.people, strict=True):
        assert (mine.id, mine.pose.state, mine.pose.contacts) == (
            theirs.id,
            theirs.pose.state,
            theirs.pose.contacts,
        )
        assert np.allclose(mine.pose.root, theirs.pose.root, rtol=1e-7)
        assert degrees_apart(mine.pose.rotations, theirs.pose.rotations) < 1e-4
        assert theirs.pose.confidence == pytest.approx(mine.pose.confidence.mean(), abs=1e-7)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    with pytest.raises(InvalidValue):
        binary.decode_frame(b"\x02" + data)  # another kind is never one
    with suppress(InvalidValue):
        binary.decode_frame(data)


@given(st.lists(st.tuples(st.integers(0, len(GOLDEN) - 1), st.integers(0, 255)), max_size=8))
def test_damaged_frames_do_no_harm(changes: list[tuple[int, int]]) -> None:
    data = bytearray(GOLDEN)
    for at, value in changes:
        data[at] = value
    with suppress(InvalidValue):
        for person in binary.decode_frame(bytes(data)).people:
            assert np.isfinite(person.pose.root).all()


@pytest.mark.parametrize("length", [0, 1, 23, 24, 25, len(GOLDEN) - 1, len(GOLDEN) + 1])
def test_cut_frames_are_refused(length: int) -> None:
    with pytest.raises(InvalidValue, match="expected"):
        binary.decode_frame((GOLDEN + b"\0")[:length])


@pytest.mark.parametrize(
    ("at", "form", "value", "says"),
    [
        (0, "<B", 2, "kind"),
        (1, "<B", 2, "version"),
        (2, "<H", 65535, "65535 people"),
        (4, "<H", 65535, "65535 bones"),
        (4, "<H", 0, "people with bones"),
        (16, "<d", float("nan"), "frame.t"),
        (28, "<B", 3, "frame.state"),
        (32, "<f", 2.0, "confidence"),
        (32, "<f", float("nan"), "confidence"),
        (36, "<f", float("inf"), "frame.root"),
        (48, "<f", float("nan"), "frame.rotations"),
        (48, "<f", 9.0, "unit quaternions"),
    ],
)
def test_wrong_values_are_named(at: int, form: str, value: float, says: str) -> None:
    data = bytearray(GOLDEN)
    struct.pack_into(form, data, at, value)
    with pytest.raises(InvalidValue) as caught:
        binary.decode_frame(bytes(data))
    assert says in str(caught.value)


def test_what_is_reserved_is_not_looked_at() -> None:
    data = bytearray(GOLDEN)
    struct.pack_into("<H", data, 6, 7)
    struct.pack_into("<I", data, 12, 7)
    struct.pack_into("<H", data, 30, 7)
    assert binary.encode_frame(binary.decode_frame(bytes(data))) == GOLDEN
