"""Truth: positions between known times, and archives that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from motions import seeds

from mocap.errors import FormatError, InvalidValue
from mocap.truth import Truth

TIMES = np.array([0.0, 0.1, 0.5])


def arrays(**other: Any) -> dict[str, Any]:
    positions = np.arange(18.0).reshape(3, 2, 3)
    return {"names": np.array(["hips", "head"]), "times": TIMES, "positions": positions, **other}


def saved(path: Path, **other: Any) -> Path:
    np.savez(path, **{k: v for k, v in arrays(**other).items() if v is not None})
    return path


def test_an_archive_is_read(tmp_path: Path) -> None:
    truth = Truth.load(saved(tmp_path / "a.npz"))
    assert truth.names == ("hips", "head")
    np.testing.assert_array_equal(truth.times, TIMES)
    np.testing.assert_array_equal(truth.at(TIMES, ["hips", "head"]), truth.positions)
    np.testing.assert_array_equal(truth.at(TIMES, ["head"]), truth.positions[:, 1:])
    np.testing.assert_array_equal(truth.at(TIMES, ["head", "hips"]), truth.positions[:, ::-1])


@given(seeds)
def test_steady_motion_stays_steady_between_frames_and_stands_beyond(seed: int) -> None:
    random = np.random.default_rng(seed)
    start, speed = random.normal(size=(2, 2, 3))
    truth = Truth(("hips", "head"), TIMES, start + TIMES[:, None, None] * speed)
    at = random.uniform(-0.2, 0.8, 20)
    expected = start + np.clip(at, 0, 0.5)[:, None, None] * speed
    np.testing.assert_allclose(truth.at(at, ["hips", "head"]), expected, atol=1e-12)


def test_contacts_are_those_of_the_nearest_time(tmp_path: Path) -> None:
    contacts = np.array([[True, False], [False, False], [False, True]])
    truth = Truth.load(saved(tmp_path / "a.npz", contacts=contacts))
    found = truth.contacts_at(np.array([-1.0, 0.0, 0.04, 0.06, 0.1, 0.29, 0.31, 9.0]))
    assert found is not None
    np.testing.assert_array_equal(found, contacts[[0, 0, 0, 1, 1, 1, 2, 2]])
    assert Truth.load(saved(tmp_path / "b.npz")).contacts_at(TIMES) is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"names": None}, "names, times and positions; .*names"),
        ({"times": TIMES[:2]}, r"positions: expected shape \(2, 2, 3\), got \(3, 2, 3\)"),
        ({"times": TIMES[::-1]}, "increasing seconds"),
        ({"times": np.array([0, np.nan, 1])}, "increasing seconds"),
        ({"times": TIMES[:1], "positions": np.zeros((1, 2, 3))}, "two or more increasing"),
        ({"positions": np.full((3, 2, 3), np.nan)}, "positions: expected finite"),
        ({"positions": np.array(["a"])}, "positions: expected an array of float64"),
        ({"names": np.array([None])}, "allow_pickle"),
        ({"contacts": np.ones((3, 3), bool)}, r"contacts: expected shape \(3, 2\), got \(3, 3\)"),
    ],
)
def test_what_is_wrong_with_an_archive_is_named(
    tmp_path: Path, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(FormatError, match=rf"a\.npz: .*{message}"):
        Truth.load(saved(tmp_path / "a.npz", **wrong))


def test_what_is_wrong_with_the_values_is_named() -> None:
    with pytest.raises(InvalidValue, match="two or more increasing seconds"):
        Truth(("hips",), np.zeros(0), np.zeros((0, 1, 3)))


@pytest.mark.parametrize("content", [b"", b"names", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_archive_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.npz: expected an \.npz archive with names, times"):
        Truth.load(path)


def test_a_lone_array_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(FormatError, match=r"a\.npy: expected an \.npz archive with names, times"):
        Truth.load(tmp_path / "a.npy")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.npz: cannot read the truth: No such file"):
        Truth.load(tmp_path / "none.npz")
