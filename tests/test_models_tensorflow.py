"""The linear baseline's own checkpoints, which TensorFlow wrote."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import GOLDEN

from mocap import weights
from mocap.errors import FormatError
from mocap.models import open_lifter
from mocap.models.convert import Wish, take_in
from mocap.models.tensorflow import DATA, INDEX, MOST, linear_baseline, read_bundle

CHECKPOINT = GOLDEN / "tensorflow" / f"checkpoint-4874200{INDEX}"
INDEX_BYTES = CHECKPOINT.read_bytes()
DATA_BYTES = CHECKPOINT.with_name(f"checkpoint-4874200{DATA}").read_bytes()


def written(folder: Path, index: bytes = INDEX_BYTES, data: bytes = DATA_BYTES) -> Path:
    path = folder / f"a{INDEX}"
    path.write_bytes(index)
    path.with_name(f"a{DATA}").write_bytes(data)
    return path


def test_all_numbers_are_read_by_name() -> None:
    variables = read_bundle(CHECKPOINT)
    assert variables["linear_model/w1"].shape == (32, 8)
    assert variables["linear_model/two_linear_1/batch_normalization21/gamma"].shape == (8,)
    assert variables["linear_model/w1/Adam"].shape == (32, 8)
    assert variables["global_step"] == 4874200
    assert "note" not in variables  # a text
    assert np.isfinite(variables["linear_model/b4"]).all()


def test_the_state_has_the_keys_of_pytorch() -> None:
    from networks import listings

    state = linear_baseline(read_bundle(CHECKPOINT))
    wanted = {k for k in listings()["martinez_torch_32_to_48"] if "num_batches" not in k}
    assert set(state) == wanted
    for numbers in state.values():
        if numbers.ndim == 2:
            assert np.linalg.norm(numbers) <= MOST + 1e-6


def test_outputs_are_those_of_tensorflow() -> None:
    torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
    from mocap.models.opening import filled_network
    from mocap.models.registry import architecture

    golden = np.load(GOLDEN / "tensorflow" / "output.npz")
    state = linear_baseline(read_bundle(CHECKPOINT))
    network, _ = filled_network(architecture("martinez"), state, {})
    with torch.inference_mode():
        found = network.eval()(torch.from_numpy(golden["input"])).numpy()
    assert np.abs(found - golden["output"]).max() < 1e-5 * np.abs(golden["output"]).max()


def test_imported_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="an extra brings PyTorch")
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "own"))
    taken = take_in(CHECKPOINT, Wish())
    assert taken.entry.name == "martinez-sh"
    assert taken.entry.licence == "MIT"
    lifter = open_lifter("martinez")
    assert (lifter.inputs.name, lifter.outputs.name) == ("h36m16", "h36m17")
    assert take_in(written(tmp_path), Wish("martinez")).entry.name == "a"


def test_files_that_lie_apart_are_told(tmp_path: Path) -> None:
    (tmp_path / f"a{INDEX}").write_bytes(INDEX_BYTES)
    with pytest.raises(FormatError, match=r"a\.index and a\.data-00000-of-00001 must lie in one"):
        read_bundle(tmp_path / f"a{INDEX}")


def test_what_is_cut_off_is_told(tmp_path: Path) -> None:
    for cut in (0, 20, len(INDEX_BYTES) // 2, len(INDEX_BYTES) - 1):
        with pytest.raises(FormatError, match="not a whole checkpoint of TensorFlow"):
            read_bundle(written(tmp_path, index=INDEX_BYTES[:cut]))
    with pytest.raises(FormatError, match=r"the numbers of \S+ are missing"):
        read_bundle(written(tmp_path, data=DATA_BYTES[:-1000]))


@given(st.data())
@settings(max_examples=100)
def test_a_damaged_index_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(INDEX_BYTES)
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 9), min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read_bundle(written(tmp_path_factory.getbasetemp(), index=bytes(damaged)))


def test_numbers_without_end_are_told(tmp_path: Path) -> None:
    index = bytes([0xFF] * 40) + struct.pack("<Q", struct.unpack("<Q", INDEX_BYTES[-8:])[0])
    with pytest.raises(FormatError, match="a number without end"):
        read_bundle(written(tmp_path, index=index))
