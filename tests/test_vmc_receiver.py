"""The receiver that the tests trust is as strict as it says."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vmc_receiver import Receiver, Wrong
from vmc_stage import A, encoder_of, frame, take_all


def spoiled(datagrams: list[bytes], at: int, data: bytes) -> list[bytes]:
    return [*datagrams[:at], data, *datagrams[at + 1 :]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d[1:] + d[:1],
        lambda d: [d[0], d[0], *d[1:]],
        lambda d: [d[0], d[1], d[1], *d[2:]],
        lambda d: [*d[:3], d[4]],
        lambda d: spoiled(d, 0, d[0][:-1]),
        lambda d: spoiled(d, 0, d[0] + b"\0\0\0\0"),
        lambda d: spoiled(d, 0, d[0].replace(b",sffff", b",siiii")),
        lambda d: spoiled(d, 0, d[0].replace(b"root\0\0", b"root\0x")),
        lambda d: spoiled(
            d, 1, d[1].replace(b"#bundle\0" + b"\0" * 7 + b"\x01", b"#bundle\0" + b"\1" * 8)
        ),
        lambda d: spoiled(d, 1, d[1].replace(b"Hips", b"hips")),
        lambda d: spoiled(d, 1, d[1][:-4] + struct.pack(">f", math.nan)),
        lambda d: spoiled(d, 1, d[1][:-4] + struct.pack(">f", 2.0)),
        lambda d: spoiled(d, 1, d[1] + d[2][16:]),
        lambda d: spoiled(d, 4, d[4].replace(b",f", b",i")),
    ],
)
def test_the_receiver_takes_nothing_that_is_wrong(spoil: Any) -> None:
    good = encoder_of(0).encode(frame(1.0, {0: A}))
    take_all(good)
    bad = spoil(good)
    assert bad != good
    with pytest.raises(Wrong):
        take_all(bad)


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_the_receiver_says_no_to_noise(noise: bytes) -> None:
    with pytest.raises((Wrong, UnicodeDecodeError)):
        Receiver().take(b"/VMC" + noise)
