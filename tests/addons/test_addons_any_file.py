"""Whatever a file holds, it gives a take or one error in one line."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge.shared import bvh, journal, json_take  # type: ignore[import-not-found]
from mocap_bridge.shared.errors import TakeError  # type: ignore[import-not-found]
from mocap_bridge.takes import take_of  # type: ignore[import-not-found]
from reading import ORDERS, json_of, standing
from recordings import small

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([10**400, 1e308, -1e308, 0, -1, "", "hips", [], {}]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def take_or_error(read: Callable[[bytes], Any], data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            take = take_of(read(data))
        except TakeError as error:
            told = str(error)
            assert told.splitlines() == [told]
            return
    for clip in take.clips:
        assert np.isfinite(clip.fk()[0]).all()
        assert np.isfinite(clip.resampled(10.0 / max(clip.seconds, 1e-3)).rotations).all()


EXAMPLE = json_of(standing(2))


@given(st.data())
def test_any_document_gives_a_take_or_its_error(data: st.DataObject) -> None:
    take_or_error(json_take.loads, data.draw(st.binary()))
    document = copy.deepcopy(json.loads(EXAMPLE))
    node: Any = document
    while True:
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(values)
    take_or_error(json_take.loads, json.dumps(document).encode())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": NaN}', "9" * 5000, "", "\x00", "null"])
def test_what_is_not_strict_json(text: str) -> None:
    take_or_error(json_take.loads, text.encode())
    take_or_error(journal.loads, text.encode())


@given(st.data())
def test_any_journal_gives_a_take_or_its_error(data: st.DataObject) -> None:
    lines = [json.loads(line) for line in small(2)]
    at: Any = lines[data.draw(st.integers(0, len(lines) - 1))]
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and data.draw(st.integers(0, 4)):
            at = at[key]
            continue
        at[key] = data.draw(values)
        break
    broken = bytearray(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(broken)))
        broken[place : place + data.draw(st.sampled_from([0, 3, 400]))] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"\n", b"\0" * 50, b'"', b"}", b"9" * 400])
        )
    take_or_error(journal.loads, bytes(broken))


snippets = st.sampled_from(
    ["{", "}", "\n", " ", "ROOT x", "JOINT", "End Site", "OFFSET", "CHANNELS 3", "Xrotation"]
    + ["MOTION", "Frames:", "-", "e", "0", ",", "1e400", "nan", "1_0", "\x00", "\r", "\ufeff", "²"]
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(ORDERS)), st.integers(0, 30), snippets | st.text(max_size=5)),
        max_size=4,
    ),
    st.binary(),
)
def test_any_bvh_gives_a_take_or_its_error(
    changes: list[tuple[int, int, str]], noise: bytes
) -> None:
    text = ORDERS
    for at, removed, added in changes:
        text = text[:at] + added + text[at + removed :]
    take_or_error(bvh.loads, text.encode("utf-8", "surrogatepass"))
    take_or_error(bvh.loads, b"HIERARCHY\nROOT a\n{\n" + noise)


def test_wherever_a_file_is_cut_off() -> None:
    for read, whole in (
        (bvh.loads, ORDERS.encode()),
        (json_take.loads, EXAMPLE[:3000]),
        (journal.loads, b"".join(small(2))),
    ):
        for at in range(0, len(whole), 7):
            take_or_error(read, whole[:at])
