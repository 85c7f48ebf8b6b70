"""Reading OSC as it is, sound or not."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocap.errors import InvalidValue
from mocap.stream.osc import Message, bundle
from mocap.stream.osc_reader import Heard, messages_of

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
pairs = (
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1))
    | st.tuples(st.just("f"), st.floats(width=32, allow_nan=False))
    | st.tuples(st.just("s"), texts)
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    values = draw(st.lists(pairs, max_size=6))
    address = "/" + draw(st.text("abc/", max_size=9))
    return Message(address, "".join(t for t, _ in values), tuple(v for _, v in values))


@given(st.lists(messages(), max_size=4))
def test_what_is_written_is_read(sent: list[Message]) -> None:
    heard = messages_of(bundle(sent))
    assert [(h.address, h.tags, h.values) for h in heard] == [
        (m.address, m.tags, m.values) for m in sent
    ]
    for message in sent:
        assert messages_of(message.encoded()) == [
            Heard(message.address, message.tags, message.values)
        ]


def test_the_example_of_the_specification() -> None:
    data = b"/foo\0\0\0\0,iisff\0\0" + struct.pack(">ii", 1000, -1) + b"hello\0\0\0"
    data += struct.pack(">ff", 1.234, 5.678)
    (heard,) = messages_of(data)
    assert (heard.address, heard.tags) == ("/foo", "iisff")
    assert heard.values == pytest.approx((1000, -1, "hello", 1.234, 5.678))


def test_other_types_are_told_apart() -> None:
    data = b"/x\0\0,dhTFNb\0" + struct.pack(">dq", 0.5, 7) + struct.pack(">i", 3) + b"abc\0"
    (heard,) = messages_of(data)
    assert heard == Heard("/x", "dhTFNb", (0.5, 7, True, False, None, b"abc"))


def test_bundles_in_bundles() -> None:
    inner = bundle([Message("/a", "i", (1,))])
    outer = bundle([]) + struct.pack(">i", len(inner)) + inner
    assert messages_of(outer) == [Heard("/a", "i", (1,))]
    for _ in range(10):
        outer = bundle([]) + struct.pack(">i", len(outer)) + outer
    with pytest.raises(InvalidValue, match="nested more than"):
        messages_of(outer)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ends with zeros"),
        (b"hello\0\0\0", "begins with /"),
        (b"/a\0\0i\0\0\0", "begin with a comma"),
        (b"/a\0\0,i\0\0", "more than 8 bytes"),
        (b"/a\0\0,i\0\0\0\0\0\1\0\0\0\0", "are of 12 bytes, the message of 16"),
        (b"/a\0\0,q\0\0", "is none of OSC"),
        (b"/a\0\0,b\0\0\0\0\0\7abc\0", "expected a blob"),
        (b"#bundle\0" + b"\0" * 8 + b"\0\0\0\7/a\0\0", "a message of 7 bytes"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        messages_of(data)


@given(st.binary() | st.builds(lambda rest: b"#bundle\0" + bytes(8) + rest, st.binary()))
def test_nothing_else_is_ever_raised(data: bytes) -> None:
    with suppress(InvalidValue):
        messages_of(data)
