"""Targets by name and from the user's own files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pretend import somebody

import exporters
from mocap import bone_map, skeletons
from mocap.capture import capture_landmarks
from mocap.errors import FormatError, UnknownName
from mocap.rigs import rig
from mocap.take import Person, Take


@pytest.fixture(scope="module")
def take() -> Take:
    return capture_landmarks(Take((Person(0, landmarks=somebody(5)),))).take


@pytest.mark.parametrize("name", skeletons.names())
def test_every_skeleton_is_a_rig(take: Take, name: str) -> None:
    moved = rig(name).take(take)
    motion = moved.people[0].motion
    assert motion is not None
    assert motion.skeleton.names == skeletons.by_name(name).names
    assert moved.people[0].landmarks is take.people[0].landmarks
    assert moved.made == take.made


def test_people_without_motion_stay_as_they_are() -> None:
    seen = Take((Person(0, landmarks=somebody(5)),))
    assert rig("mixamo").take(seen).people == seen.people


def skeleton_file(folder: Path, *, rename: bool = False) -> Path:
    """The mixamo skeleton in a file, perhaps with names that tell nothing."""
    table = skeletons.to_dict(skeletons.by_name("mixamo"))
    if rename:
        names = {bone["name"]: f"b{i}" for i, bone in enumerate(table["bones"])}
        for bone in table["bones"]:
            bone["name"] = names[bone["name"]]
            bone["parent"] = names.get(bone["parent"])
    path = folder / "mine.json"
    path.write_text(json.dumps(table))
    return path


def test_a_rig_from_a_skeleton_file(tmp_path: Path) -> None:
    assert rig(str(skeleton_file(tmp_path))).skeleton.names == skeletons.by_name("mixamo").names


@pytest.mark.parametrize("suffix", [".bvh", ".json"])
def test_a_rig_from_an_animation_made_on_it(take: Take, tmp_path: Path, suffix: str) -> None:
    template = tmp_path / f"template{suffix}"
    exporters.write(rig("cmu").take(take), template)
    found = rig(str(template))
    assert set(found.skeleton.names) == set(skeletons.by_name("cmu").names)
    motion = found.take(take).people[0].motion
    assert motion is not None
    assert np.isfinite(motion.fk()[0]).all()


def test_a_map_says_which_bones_are_which(take: Take, tmp_path: Path) -> None:
    strange = skeleton_file(tmp_path, rename=True)
    known = dict(bone_map.detect(skeletons.by_name("mixamo")).pairs)
    names = skeletons.by_name("mixamo").names
    table = {human: f"b{names.index(bone)}" for human, bone in known.items()}
    chart = tmp_path / "map.json"
    chart.write_text(json.dumps({"name": "mine", "bones": table}))
    mapped = rig(str(strange), str(chart))
    assert dict(mapped.bone_map.pairs) == table
    motion = mapped.take(take).people[0].motion
    expected = rig("mixamo").take(take).people[0].motion
    assert motion is not None
    assert expected is not None
    np.testing.assert_allclose(motion.fk()[0], expected.fk()[0], atol=1e-6)


def test_what_is_no_rig(take: Take, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"unknown skeleton or file 'mixamoo'; known: .*mixamo"):
        rig("mixamoo")
    with pytest.raises(UnknownName, match=r"unknown bone map 'none'; known: .*mixamo"):
        rig("mixamo", "none")
    seen = tmp_path / "seen.json"
    exporters.write(Take((Person(0, landmarks=somebody(5)),)), seen)
    with pytest.raises(FormatError, match="holds no motion, so no skeleton"):
        rig(str(seen))
    bones = tmp_path / "bones.json"
    bones.write_text('{"bones": [{"name": "a"}]}')
    with pytest.raises(FormatError, match=r"bones\.json: skeleton: a bone lacks .*offset"):
        rig(str(bones))
