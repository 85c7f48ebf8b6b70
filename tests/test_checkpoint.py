"""Checkpoints of every kind are read, and none of them ever runs anything."""

from __future__ import annotations

import json
import os
import pickle
import struct
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoints import (
    WEIGHTS,
    Called,
    Named,
    as_tensors,
    legacy,
    pickled,
    tensor,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import Numbers

from mocap.errors import FormatError, UnknownName
from mocap.models.checkpoint import network_state, read_checkpoint
from mocap.models.safetensors import dump_safetensors, read_safetensors

MAKERS = {"zip": zipped, "legacy": legacy}
KINDS = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
SUM: list[int] = []


def read(tmp_path: Path, data: bytes) -> Any:
    path = tmp_path / "checkpoint.pth"
    path.write_bytes(data)
    return read_checkpoint(path)


def same(found: dict[str, Numbers], expected: dict[str, Numbers]) -> None:
    assert set(found) == set(expected)
    for key, numbers in expected.items():
        assert type(found[key]) is np.ndarray
        assert found[key].dtype == numbers.dtype
        np.testing.assert_array_equal(found[key], numbers)


@KINDS
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("container", ["", "model_pos", "state_dict", "network"])
def test_containers_and_prefixes(tmp_path: Path, make: Any, prefix: str, container: str) -> None:
    content: Any = as_tensors(prefix=prefix)
    if container:
        state = (0, 1)  # of a random generator, as NumPy has pickled it
        random = Called(Named("numpy.random", "__RandomState_ctor"), "MT19937")
        content = {
            "epoch": 80,
            "lr": 1e-3,
            "random_state": random,
            "more": state,
            container: content,
        }
    found = read(tmp_path, make(content, WEIGHTS))
    same(network_state(found), WEIGHTS)
    if container:
        assert found["epoch"] == 80


@KINDS
def test_a_part_of_several(tmp_path: Path, make: Any) -> None:
    way = {"shrink": np.ones((3, 2), np.float32)}
    content = {"model_pos": as_tensors(), "model_traj": {"shrink": tensor("way", way["shrink"])}}
    found = read(tmp_path, make(content, {**WEIGHTS, "way": way["shrink"]}))
    same(network_state(found), WEIGHTS)
    same(network_state(found, "model_traj"), way)
    with pytest.raises(UnknownName, match="known: model_pos, model_traj"):
        network_state(found, "model_rot")
    with pytest.raises(FormatError, match="was trained without a network model_traj"):
        network_state({**content, "model_traj": None}, "model_traj")


@KINDS
def test_views_of_one_storage(tmp_path: Path, make: Any) -> None:
    numbers = np.arange(12, dtype=np.float32)
    content = {
        "turned": tensor("0", numbers, size=(3, 4), stride=(1, 3)),
        "later": tensor("0", numbers, offset=10, size=(2,), stride=(1,)),
        "empty": tensor("0", numbers, size=(0, 3), stride=(3, 1)),
    }
    found = read(tmp_path, make(content, {"0": numbers}))
    np.testing.assert_array_equal(found["turned"], numbers.reshape(4, 3).T)
    np.testing.assert_array_equal(found["later"], [10, 11])
    assert found["empty"].shape == (0, 3)


@KINDS
@pytest.mark.parametrize(
    "other",
    [
        {"offset": 1},
        {"size": (13,)},
        {"stride": (2,)},
        {"offset": -1},
        {"size": (-1,)},
        {"size": (2**40,), "stride": (0,)},  # no memory for what never was there
        {"size": (12, 1), "stride": (1,)},
        {"size": "12"},
    ],
    ids=str,
)
def test_no_number_beyond_a_storage(tmp_path: Path, make: Any, other: dict[str, Any]) -> None:
    numbers = np.arange(12, dtype=np.float32)
    with pytest.raises(FormatError):
        read(tmp_path, make({"a": tensor("0", numbers, **other)}, {"0": numbers}))


HARM = {
    "system": Called(Named("os", "system"), "exit 7"),
    "posix": Called(Named("posix", "system"), "exit 7"),
    "eval": Called(Named("builtins", "eval"), "SUM.append(1)"),
    "eval of Python 2": Called(Named("__builtin__", "eval"), "SUM.append(1)"),
    "getattr": Called(Named("builtins", "getattr"), "", "format"),
    "ours": Called(Named("test_checkpoint", "SUM.append"), 1),
    "a path": Called(Named("mocap.models", "checkpoint.pickle.loads"), b"."),
    "whole storage": Called(Named("torch.storage", "_load_from_bytes"), b"x"),
    "torch.load": Called(Named("torch", "load"), "x"),
    "a network": Named("torch.nn.modules.container", "Sequential"),
    "numpy": Called(Named("numpy.testing._private.utils", "runstring"), "SUM.append(1)", {}),
}


@pytest.mark.parametrize("what", HARM)
@pytest.mark.parametrize("make", [*MAKERS.values(), lambda thing, _: pickled(thing)],
                         ids=[*MAKERS, "pickle"])  # fmt: skip
def test_harm_is_refused_by_name(tmp_path: Path, make: Any, what: str) -> None:
    content = {"state_dict": as_tensors() if make in MAKERS.values() else {}, "x": HARM[what]}
    thing = HARM[what]
    name = thing.function if isinstance(thing, Called) else thing
    assert isinstance(name, Named)
    modules = set(sys.modules)
    with pytest.raises(FormatError, match=rf"wants to build {name.module}\.{name.name}"):
        read(tmp_path, make(content, WEIGHTS))
    assert not SUM
    assert set(sys.modules) == modules


class Harmful:
    def __reduce__(self) -> Any:
        return os.mkdir, ("harm",)


def test_harm_by_the_pickler_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for protocol in range(6):
        with pytest.raises(FormatError, match="refused"):
            read(tmp_path, pickle.dumps({"model_pos": Harmful()}, protocol))
    assert not (tmp_path / "harm").exists()


def test_what_stands_for_pytorch_cannot_be_misused(tmp_path: Path) -> None:
    rebuild = Named("torch._utils", "_rebuild_tensor_v2")
    for thing in (
        Called(rebuild, 1, 2, 3, 4),
        Called(Named("torch", "FloatStorage"), 10**12),
        Called(Named("torch", "Size"), 5),
    ):
        with pytest.raises(FormatError):
            read(tmp_path, zipped({"a": thing}, {}))
    # a state for a function of ours, by the opcode BUILD
    with pytest.raises(FormatError):
        read(tmp_path, b"ctorch._utils\n_rebuild_tensor_v2\n}X\x01\x00\x00\x00aK\x01sb.")
    with pytest.raises(FormatError):
        read(tmp_path, b"ctorch\nFloatStorage\n}X\x04\x00\x00\x00kindK\x01sb.")


@KINDS
@given(st.data())
@settings(max_examples=60)
def test_a_file_cut_off_anywhere_is_told(
    tmp_path_factory: pytest.TempPathFactory, make: Any, data: Any
) -> None:
    whole = make({"state_dict": as_tensors()}, WEIGHTS)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(FormatError):
        read(tmp_path_factory.getbasetemp(), whole[:cut])


@KINDS
@given(st.data())
@settings(max_examples=60)
def test_a_damaged_file_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, make: Any, data: Any
) -> None:
    whole = bytearray(make({"state_dict": as_tensors()}, WEIGHTS))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[at] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        network_state(read(tmp_path_factory.getbasetemp(), bytes(whole)))


def test_files_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is empty"):
        read(tmp_path, b"")
    with pytest.raises(FormatError, match="may have been cut off"):
        read(tmp_path, b"hello")
    with pytest.raises(FormatError, match="a web page rather than a checkpoint"):
        read(tmp_path, b"\n<!DOCTYPE html><html>Sign in</html>")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(FormatError, match="a ZIP, but no checkpoint"):
        read(tmp_path, (tmp_path / "a.zip").read_bytes())
    with pytest.raises(FormatError, match="TorchScript"):
        read(tmp_path, zipped({}, {}, **{"constants.pkl": b"."}))
    with pytest.raises(FormatError, match="cannot be read: No such file"):
        read_checkpoint(tmp_path / "nothing.pth")
    for content in ([1, 2], {"epoch": 3}, {"model_pos": {"epoch": 3}}):
        with pytest.raises(FormatError, match="holds"):
            network_state(content)


def test_a_zip_that_swells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        numbers = np.zeros(10**6, np.float32)
        archive.writestr("a/data.pkl", pickled({"a": tensor("0", numbers)}))
        archive.writestr("a/data/0", numbers.tobytes())
    with pytest.raises(FormatError, match="data/0 has 4000000 bytes"):
        read_checkpoint(path)


def test_python_2_wrote_longer_numbers(tmp_path: Path) -> None:
    # protocol 0 of Python 2, text as bytes, a whole number longer than 32 bits with the opcode I
    data = b"(dp0\nS'step'\np1\nI140240932659104\nsS'name'\np2\nS'caf\\xe9'\np3\ns."
    assert read(tmp_path, data) == {"step": 140240932659104, "name": "caf\xe9"}


def test_big_end_first(tmp_path: Path) -> None:
    numbers = np.arange(3, dtype=">f4")
    found = read(tmp_path, zipped(
        {"a": tensor("0", numbers.astype("<f4"))}, {"0": numbers}, byteorder=b"big"
    ))  # fmt: skip
    np.testing.assert_array_equal(found["a"], [0, 1, 2])


def test_safetensors_there_and_back() -> None:
    data = dump_safetensors(WEIGHTS, {"b": "2", "a": "1"})
    assert data == dump_safetensors(dict(reversed(WEIGHTS.items())), {"a": "1", "b": "2"})
    state, notes = read_safetensors(data)
    same(state, WEIGHTS)
    assert notes == {"a": "1", "b": "2"}


def test_safetensors_are_those_of_everyone(tmp_path: Path) -> None:
    theirs = pytest.importorskip("safetensors.numpy", reason="the package of safetensors")
    same(theirs.load(dump_safetensors(WEIGHTS, {"a": "1"})), WEIGHTS)
    written = theirs.save(WEIGHTS, {"a": "1"})
    assert read_safetensors(written)[1] == {"a": "1"}
    same(read_safetensors(written)[0], WEIGHTS)
    same(network_state(read(tmp_path, written)), WEIGHTS)


@given(st.data())
@settings(max_examples=100)
def test_damaged_safetensors_are_read_or_told(data: Any) -> None:
    whole = bytearray(dump_safetensors(WEIGHTS, {"a": "1"}))
    whole = whole[: data.draw(st.integers(0, len(whole)))]
    for at in data.draw(st.lists(st.integers(0, max(len(whole) - 1, 0)), max_size=3)):
        if whole:
            whole[at] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read_safetensors(bytes(whole))


def test_safetensors_that_lie() -> None:
    def made(shape: list[int], offsets: list[int], dtype: str = "F32") -> bytes:
        header = json.dumps({"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets}})
        return struct.pack("<Q", len(header)) + header.encode() + bytes(8)

    assert read_safetensors(made([2], [0, 8]))[0]["a"].tolist() == [0, 0]
    for broken in (
        made([3], [0, 8]),
        made([2], [0, 16]),
        made([-2], [0, 8]),
        made([2], [4, 0]),
        made([2], [0, 8], "F4096"),
        struct.pack("<Q", 1 << 40) + b"{}",
    ):
        with pytest.raises(FormatError, match="not a whole safetensors file"):
            read_safetensors(broken)
    deep = b'{"a":' + b"[" * 100_000
    with pytest.raises(FormatError, match="nested too deeply"):
        read_safetensors(struct.pack("<Q", len(deep)) + deep)


@pytest.mark.parametrize("new", [True, False])
def test_what_pytorch_itself_writes(tmp_path: Path, new: bool) -> None:
    torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    optimizer = torch.optim.Adam(network.parameters(), amsgrad=True)
    network(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    content = {
        "epoch": 3,
        "error": np.float64(41.5),
        "random_state": np.random.RandomState(1),
        "optimizer": optimizer.state_dict(),
        "state_dict": torch.nn.DataParallel(network).state_dict(),
        "parameter": torch.nn.Parameter(torch.eye(2)),
        "brain": torch.tensor([1.5, -3], dtype=torch.bfloat16) if new else None,
        "truth": torch.tensor([True, False]),
    }
    torch.save(content, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
    found = read_checkpoint(tmp_path / "a.pth")
    same(network_state(found), {k: v.numpy() for k, v in network.state_dict().items()})
    assert (found["epoch"], found["error"]) == (3, 41.5)
    np.testing.assert_array_equal(found["parameter"], np.eye(2))
    np.testing.assert_array_equal(found["truth"], [True, False])
    if new:
        np.testing.assert_array_equal(found["brain"], [1.5, -3])
    torch.save(network, tmp_path / "b.pth", _use_new_zipfile_serialization=new)
    with pytest.raises(FormatError, match=r"nn\.modules\.container\.Sequential|whole network"):
        read_checkpoint(tmp_path / "b.pth")


def test_a_record_before_the_beginning_of_the_file_is_told(tmp_path: Path) -> None:
    whole = bytearray(zipped({"state_dict": as_tensors()}, WEIGHTS))
    at = whole.rindex(b"PK\x05\x06") + 16  # where the list of records begins: later than it does
    whole[at : at + 4] = (int.from_bytes(whole[at : at + 4], "little") + 256).to_bytes(4, "little")
    with pytest.raises(FormatError):
        read(tmp_path, bytes(whole))
