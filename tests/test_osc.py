"""Open Sound Control, byte by byte."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocap.errors import InvalidValue
from mocap.stream.osc import LARGEST, Message, Template, bundle, packed


@pytest.mark.parametrize(
    ("message", "data"),
    [  # the two examples of the specification, and one without values
        (
            Message("/oscillator/4/frequency", "f", (440.0,)),
            b"/oscillator/4/frequency\0,f\0\0\x43\xdc\0\0",
        ),
        (
            Message("/foo", "iisff", (1000, -1, "hello", 1.234, 5.678)),
            b"/foo\0\0\0\0,iisff\0\0\0\0\x03\xe8\xff\xff\xff\xffhello\0\0\0"
            b"\x3f\x9d\xf3\xb6\x40\xb5\xb2\x2d",
        ),
        (Message("/VMC/Ext/Blend/Apply"), b"/VMC/Ext/Blend/Apply\0\0\0\0,\0\0\0"),
    ],
)
def test_messages_byte_by_byte(message: Message, data: bytes) -> None:
    assert message.encoded() == data
    size = struct.pack(">i", len(data))
    head = b"#bundle\0" + struct.pack(">Q", 1)
    assert bundle([message, message]) == head + (size + data) * 2


def test_a_whole_number_where_a_float_is_due_is_sent_as_a_float() -> None:
    assert Message("/a", "f", (1,)).encoded() == Message("/a", "f", (1.0,)).encoded()


@pytest.mark.parametrize(
    ("address", "tags", "values"),
    [
        ("a", "", ()),
        ("/a", "f", ()),
        ("/a", "", (1,)),
        ("/a", "i", (1.0,)),
        ("/a", "f", ("x",)),
        ("/a", "s", (1,)),
        ("/a", "T", (True,)),
    ],
)
def test_messages_that_are_none(address: str, tags: str, values: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidValue):
        Message(address, tags, values)


names = st.text("abcdefgh", max_size=12)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
messages = st.builds(
    lambda name, number, values: Message(
        f"/{name}", "si" + "f" * len(values), (name, number, *values)
    ),
    names,
    st.integers(-(2**31), 2**31 - 1),
    st.lists(floats, max_size=9),
)


@given(st.lists(messages, min_size=1, max_size=20))
def test_a_filled_template_is_the_bundle(group: list[Message]) -> None:
    blank = [
        Message(m.address, m.tags, (*m.values[:2], *(0.0 for _ in m.values[2:]))) for m in group
    ]
    values = np.array([v for m in group for v in m.values[2:]], dtype=float)
    assert Template(blank, bundled=True).filled(values) == bundle(group)
    alone = Template(blank[:1], bundled=False).filled(values[: len(group[0].values) - 2])
    assert alone == group[0].encoded()


def test_templates_that_make_no_sense() -> None:
    first, last = Message("/a", "fs", (0.0, "x")), Message("/a", "sf", ("x", 0.0))
    with pytest.raises(InvalidValue, match="floats last"):
        Template([first], bundled=False)
    with pytest.raises(InvalidValue, match="bundle"):
        Template([last, last], bundled=False)
    with pytest.raises(InvalidValue, match="expected 1 floats, got 2"):
        Template([last], bundled=False).filled(np.zeros(2))


@given(st.lists(messages, max_size=40), st.integers(1, 16), st.integers(150, LARGEST))
def test_packed_messages_fit_and_keep_their_order(
    group: list[Message], most: int, size: int
) -> None:
    groups = packed(group, most, size)
    assert [m for each in groups for m in each] == group
    for each in groups:
        assert 1 <= len(each) <= most
        assert len(bundle(each)) <= size
    for each, after in pairwise(groups):  # and no bundle could be spared
        assert len(each) == most or len(bundle([*each, after[0]])) > size


def test_a_bundle_is_filled_to_the_last_byte() -> None:
    group = [Message("/a", "s", ("text",))] * 3
    size = len(bundle(group))
    assert len(packed(group, 9, size)) == 1
    assert len(packed(group, 9, size - 1)) == 2
