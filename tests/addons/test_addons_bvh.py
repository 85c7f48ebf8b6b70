"""What hosts read of BVH is what the package reads, in every dialect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge import takes  # type: ignore[import-not-found]
from mocap_bridge.shared import bvh  # type: ignore[import-not-found]
from mocap_bridge.takes import take_of  # type: ignore[import-not-found]
from motions import SHARED_BVH, millimetres_apart, motions
from reading import ORDERS, assert_same, package_bvh

import exporters.bvh
from exporters.format import Options
from mocap import rotation
from mocap.motion import Motion
from mocap.skeletons import humanoid


@given(motions(), st.sampled_from(["cm", "m"]))
def test_bvh_is_read_as_the_package_reads_it(motion: Motion, unit: str) -> None:
    data = b"".join(exporters.bvh.dump(motion, Options(names="exact", unit=unit)))
    expected = package_bvh(data, unit=unit).people[0].motion
    assert expected is not None
    (clip,) = take_of(bvh.loads(data, unit.upper())).clips
    assert_same(clip, expected)


def test_the_golden_bvh_in_every_dialect() -> None:
    expected = package_bvh(ORDERS.encode()).people[0].motion
    assert expected is not None
    for text in (
        ORDERS,
        ORDERS.replace("\n", "\r\n"),
        ORDERS.replace("\n", "\r"),
        "\ufeff" + ORDERS,
        ORDERS.lower().replace("hips", "Hips"),
        ORDERS.replace("{", "\n{\n"),
    ):
        (clip,) = take_of(bvh.loads(text.encode(), "CM")).clips
        places, _ = clip.fk()
        assert millimetres_apart(places, expected.fk()[0]) < 1e-6


@pytest.mark.parametrize("name", SHARED_BVH)
def test_recordings_are_read_as_the_package_reads_them(shared_data: Path, name: str) -> None:
    path = shared_data / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    expected = package_bvh(path.read_bytes())
    for clip, person in zip(takes.read(path, "CM").clips, expected.people, strict=True):
        assert person.motion is not None
        assert_same(clip, person.motion)


def test_the_unit_is_guessed_by_the_size_of_people() -> None:
    for unit, factor in (("cm", 1.0), ("m", 1.0), ("cm", 3.7)):
        body = humanoid().scaled(factor * (100 if factor != 1 else 1))
        motion = Motion(body, np.zeros(1), body.offsets[:1], rotation.identity(1, len(body)))
        data = b"".join(exporters.bvh.dump(motion, Options(unit=unit)))
        found = take_of(bvh.loads(data))
        height = np.ptp(found.clips[0].skeleton.rest_positions()[:, 1])
        assert 1.2 < height < 1.8
        assert (len(found.notes) > 0) == (unit == "m" or factor != 1)


def test_the_numbers_are_those_of_the_file() -> None:
    file = bvh.loads(ORDERS.encode())
    rows = np.loadtxt(ORDERS.split("Frame Time:")[1].splitlines()[1:], ndmin=2)
    assert (len(file), file.width) == rows.shape
    np.testing.assert_array_equal(np.reshape(file.rows, rows.shape), rows)
    told = [word for line in ORDERS.splitlines() if "CHANNELS" in line for word in line.split()[2:]]
    channels = [channel for joint in file.joints for channel in joint.channels]
    assert ["XYZ"[axis] + kind for axis, kind in channels] == told


def test_every_root_is_a_person_and_no_frames_are_the_rest_pose() -> None:
    text = (
        "HIERARCHY\nROOT a\n{\nOFFSET 0 90 0\nCHANNELS 3 Xposition Yposition Zposition\n}\n"
        "ROOT b\n{\nOFFSET 0 1 0\nCHANNELS 1 Xrotation\nEnd Site\n{\nOFFSET 0 100 0\n}\n}\n"
        "MOTION\nFrames: {}\nFrame Time: 0.1\n"
    )
    first, second = take_of(bvh.loads((text.replace("{}", "1") + "1 2 3 90").encode())).clips
    np.testing.assert_allclose(first.root, [[0.01, 0.02, 0.03]])
    np.testing.assert_allclose(second.rotations[0, 0], [np.sqrt(0.5), 0, 0, np.sqrt(0.5)])
    still = take_of(bvh.loads(text.replace("{}", "0").encode())).clips
    assert [len(clip) for clip in still] == [1, 1]
    np.testing.assert_allclose(still[0].root, [[0, 0.9, 0]])
