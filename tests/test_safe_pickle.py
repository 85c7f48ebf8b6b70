"""Pickles: plain data comes back, all else is refused and nothing is run."""

from __future__ import annotations

import collections
import contextlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mocap import safe_pickle
from mocap.errors import FormatError

PROTOCOLS = pytest.mark.parametrize("protocol", range(6))

DTYPES = st.one_of(
    hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.boolean_dtypes(),
    hnp.floating_dtypes(sizes=(16, 32, 64)), hnp.complex_number_dtypes(sizes=(64, 128)),
    hnp.unicode_string_dtypes(min_len=1), hnp.byte_string_dtypes(min_len=1),
)  # fmt: skip
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0)))
KEYS = st.one_of(st.text(max_size=5), st.integers(), st.binary(max_size=5))
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
    ARRAYS,
)  # fmt: skip
PLAIN = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4),
        st.tuples(inner, inner),
        st.sets(KEYS, max_size=3),
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        native = a.dtype.newbyteorder("=")  # to which NumPy brings bytes of the other order
        return (
            type(b) is np.ndarray
            and b.dtype.newbyteorder("=") == native
            and a.shape == b.shape
            and a.astype(native).tobytes() == b.astype(native).tobytes()
        )
    if type(a) is not type(b) or (isinstance(a, (dict, list, tuple)) and len(a) != len(b)):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return all(map(same, a, b))
    return bool(a == b)


@given(PLAIN, st.integers(0, 5))
def test_plain_data_comes_back_as_it_was(value: Any, protocol: int) -> None:
    assert same(value, safe_pickle.load(pickle.dumps(value, protocol)))


@PROTOCOLS
def test_containers_of_arrays_come_back_with_ordinary_arrays(protocol: int) -> None:
    shared = np.arange(6.0).reshape(2, 3)
    value = {
        "objects": np.array([{"inner": shared}, None, [1, shared]], dtype=object),
        "held": np.array({"key": shared}, dtype=object),
        "columns": np.asfortranarray(shared),
        "big": np.arange(3, dtype=">i2"),
        "order": collections.OrderedDict(b=1, a=(shared,)),
        "number": np.float32(0.5),
        "twice": [shared, shared],
    }
    back = safe_pickle.load(pickle.dumps(value, protocol))
    assert type(back["objects"][0]["inner"]) is np.ndarray
    assert type(back["objects"][2][1]) is np.ndarray
    assert type(back["held"][()]["key"]) is np.ndarray
    assert np.array_equal(back["columns"], shared)
    assert np.array_equal(back["big"], value["big"])
    assert type(back["order"]["a"][0]) is np.ndarray
    assert list(back["order"]) == ["b", "a"]
    assert back["number"] == np.float32(0.5)
    assert back["twice"][0] is back["twice"][1]


def test_what_contains_itself_comes_back() -> None:
    value: list[Any] = [1]
    value.append({"self": value})
    back = safe_pickle.load(pickle.dumps(value))
    assert back[1]["self"] is back


class Ordered:
    """Pickled, an OrderedDict with attributes of its own."""

    def __init__(self, **attributes: Any) -> None:
        self.attributes = attributes

    def __reduce__(self) -> tuple[Any, ...]:
        return collections.OrderedDict, (), self.attributes, None, iter([("a", 1)])


@PROTOCOLS
def test_attributes_of_a_dict_are_forgotten(protocol: int) -> None:
    """PyTorch gives states a `_metadata`; others might give them another `items`."""
    back = safe_pickle.load(pickle.dumps(Ordered(_metadata={}, items=5, get=None), protocol))
    assert back == {"a": 1}
    assert (vars(back), back.get("a"), list(back.items())) == ({}, 1, [("a", 1)])


def test_python_2_bytes_are_read() -> None:
    """As `cPickle.dumps({'a': numpy.arange(2.)}, 2)` of Python 2 wrote them."""
    data = (
        b"\x80\x02}q\x01U\x01aq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq"
        b"\x04K\x00\x85q\x05U\x01bq\x06\x87q\x07Rq\x08(K\x01K\x02\x85q\tcnumpy\ndtype\nq\nU\x02f8q"
        b"\x0bK\x00K\x01\x87q\x0cRq\r(K\x03U\x01<q\x0eNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq"
        b"\x0fb\x89U\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0?q\x10tq\x11bs."
    )
    assert np.array_equal(safe_pickle.load(data)["a"], [0.0, 1.0])


class Runs:
    """Pickled, it asks for a call."""

    def __init__(self, call: Callable[..., Any], *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call, self.arguments


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("call", [os.system, eval, exec, open, getattr, np.load, __import__])
def test_calls_are_refused_by_name(call: Callable[..., Any], protocol: int, tmp_path: Path) -> None:
    bad = tmp_path / "made"
    data = pickle.dumps({"x": Runs(call, f"open({str(bad)!r}, 'w')")}, protocol)
    with pytest.raises(FormatError, match=rf"f\.pkl: wants to build \S*{call.__name__}, "):
        safe_pickle.load(data, path="f.pkl")
    assert not bad.exists()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "exhausted"),
        (b"not a pickle", "not a readable pickle"),
        (pickle.dumps([1, 2])[:-1], "exhausted"),
        (b"j\xff\xff\xff\x7f.", "memo of 2147483647 places"),
        (b"\x80\x02\x82\x01.", "extension"),
        (b"cbuiltins\nbytearray\n(I1000000000000\ntR.", "int where bytes must be"),
        (b"cbuiltins\nbytes\n(I1000000000000\ntR.", "int where bytes must be"),
        (b"cnumpy\nndarray\n(I1000000\ntR.", "array of no contents"),
        (b"cnumpy\ndtype\n(S'O,f8'\ntR.", "array of 'O,f8'"),
        (b"cnumpy\ndtype\n(S'f8'\ntR(I3\nS'<'\n(NNtNNI-1\nI-1\nI0\ntb.", "structures"),
        (b"ccollections\nOrderedDict\n}S'move_to_end'\nNsb.", "state"),
        (b"P12\n.", "elsewhere"),
    ],
)
def test_damage_and_traps_are_told(data: bytes, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        safe_pickle.load(data)


def array_pickle(shape: tuple[int, ...], data: bytes) -> bytes:
    state = pickle.dumps((1, shape, np.dtype("f8"), False, data), 2)[2:-1]
    make = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    return b"\x80\x02" + make + state + b"b."


def test_an_array_must_have_the_bytes_of_its_shape() -> None:
    assert np.array_equal(safe_pickle.load(array_pickle((1,), bytes(8))), [0.0])
    for shape in [(2,), (10**12,), (-1,), (2**40, 2**40), (0, 1)]:
        with pytest.raises(FormatError, match="array of shape"):
            safe_pickle.load(array_pickle(shape, bytes(8)))


def test_depth_and_repetition_are_bounded() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    opcodes = b"]" * 50_000 + b"a" * 49_999 + b"."
    with pytest.raises(FormatError, match="deeply"):
        safe_pickle.load(opcodes)
    wide: Any = (0, 0)
    for _ in range(100):  # 2^100 leaves, if each were visited as often as it is met
        wide = (wide, wide)
    assert safe_pickle.load(pickle.dumps(wide))


@given(st.binary(max_size=60))
def test_any_bytes_give_data_or_a_format_error(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        safe_pickle.load(data)


@given(PLAIN, st.integers(0, 5), st.data())
def test_damaged_pickles_give_data_or_a_format_error(
    value: Any, protocol: int, data: st.DataObject
) -> None:
    whole = bytearray(pickle.dumps(value, protocol))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        safe_pickle.load(bytes(whole))


def test_more_names_may_be_known_and_others_ignored() -> None:
    class Storage:
        def __init__(self, *given: Any) -> None:
            self.given = given

    more = {"torch.FloatStorage": Storage, "numpy.random.state": safe_pickle.Ignored}
    data = b"(ctorch\nFloatStorage\n(I3\ntRcnumpy.random\nstate\n(I1\ntR}S'a'\nI1\nsbP7\nt."
    storage, ignored, stored = safe_pickle.load(data, more=more, persistent=lambda pid: [pid])
    assert storage.given == (3,)
    assert isinstance(ignored, safe_pickle.Ignored)
    assert stored == ["7"]
    with pytest.raises(FormatError, match="state for what has none"):
        safe_pickle.load(b"ctorch\nFloatStorage\n}S'__init__'\nNsb.", more=more)
