"""Our reader and writer against recordings from many programs, and against another reader."""

from __future__ import annotations

import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from motions import SHARED_BVH, degrees_apart, millimetres_apart

from exporters import bvh
from exporters.format import FormatWarning, Options
from mocap.motion import Motion

EXACT = Options(names="exact")


def read(path: Path) -> Motion:
    if not path.exists():
        pytest.skip(f"{path.name} is not in {path.parent}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)  # some are in inches
        motion = bvh.read(path, EXACT).people[0].motion
    assert motion is not None
    return motion


@pytest.mark.parametrize("name", SHARED_BVH)
def test_round_trip(shared_data: Path, tmp_path: Path, name: str) -> None:
    motion = read(shared_data / "bvh" / name)
    (tmp_path / "a.bvh").write_bytes(b"".join(bvh.dump(motion, EXACT)))
    back = read(tmp_path / "a.bvh")
    assert back.skeleton.names == motion.skeleton.names
    assert degrees_apart(back.rotations, motion.rotations) < 1e-5
    assert millimetres_apart(back.fk()[0], motion.fk()[0]) < 1e-3
    assert np.abs(back.times - motion.times).max() < 1e-6


@pytest.mark.parametrize("name", SHARED_BVH)
def test_pybvh_finds_the_same_positions(shared_data: Path, name: str) -> None:
    pybvh = pytest.importorskip("pybvh", reason="pybvh, the other reader, is not installed")
    motion = read(shared_data / "bvh" / name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it guesses which way is up
        other = pybvh.read_bvh_file(shared_data / "bvh" / name)
        positions = other.joint_positions() / 100
    order = [motion.skeleton.index(joint) for joint in other.joint_names]
    assert millimetres_apart(motion.fk()[0][:, order], positions) < 1e-3


def test_memory_stays_small(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "bvh" / "cmu_daz_salsa_01.bvh"
    motion = read(source)
    written = tmp_path / "a.bvh"
    for job, path in (
        (lambda: read(source), source),
        (lambda: written.write_bytes(b"".join(bvh.dump(motion, EXACT))), written),
    ):
        tracemalloc.start()
        try:
            job()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 10 * path.stat().st_size
