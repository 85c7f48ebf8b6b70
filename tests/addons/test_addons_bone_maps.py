"""The bone maps that hosts carry find what the package's own find; they share no code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge import clips  # type: ignore[import-not-found]
from mocap_bridge.shared import bone_guess, bone_maps, bones  # type: ignore[import-not-found]
from mocap_bridge.shared.errors import RigError  # type: ignore[import-not-found]
from mocap_bridge.shared.skeleton import Skeleton as Plain  # type: ignore[import-not-found]
from rig_motions import ALL, HUMANOID, unhurried, without

from mocap import bone_map, skeletons
from mocap.errors import InvalidValue
from mocap.skeleton import Skeleton


def in_arrays(skeleton: Skeleton) -> Any:
    """A skeleton in the words of Blender's add-on."""
    parents = tuple(skeleton.parents.tolist())
    return clips.Skeleton(skeleton.names, parents, skeleton.offsets, skeleton.tips)


def told(skeleton: Skeleton) -> Any:
    """A skeleton without NumPy."""
    tips = [tuple(tip) if np.isfinite(tip).all() else None for tip in skeleton.tips.tolist()]
    return Plain(
        skeleton.names,
        tuple(skeleton.parents.tolist()),
        tuple(map(tuple, skeleton.offsets.tolist())),
        tuple(tips),
    )


def assert_told_alike(skeleton: Skeleton) -> None:
    try:
        expected = bone_map.detect(skeleton)
    except InvalidValue:
        with pytest.raises(RigError, match="which bones are which"):
            bone_maps.detect(told(skeleton))
    else:
        for form in (told(skeleton), in_arrays(skeleton)):
            found = bone_maps.detect(form)
            assert found.pairs == expected.pairs
            assert found.name == expected.name


def test_tables_are_the_same() -> None:
    assert {name: table.to_dict() for name, table in bone_maps.tables().items()} == {
        name: bone_map.by_name(name).to_dict() for name in bone_map.names()
    }
    assert bones.BONES == bone_map.BONES
    assert bones.REQUIRED == bone_map.REQUIRED
    assert bones.CHAINS == bone_map.CHAINS
    assert bone_guess.WORDS == bone_map._WORDS


@pytest.mark.parametrize("name", ALL)
def test_known_skeletons_are_told(name: str) -> None:
    assert_told_alike(skeletons.by_name(name))


@given(st.sampled_from(ALL), st.data())
@unhurried
def test_maimed_skeletons_are_told_alike(name: str, data: st.DataObject) -> None:
    whole = skeletons.by_name(name)
    gone = data.draw(st.lists(st.sampled_from(whole.names[1:]), max_size=4, unique=True))
    assert_told_alike(without(whole, gone))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "namespace": "someone:{}".format,
    "separators": lambda bone: bone.replace("Left", "Left_").replace(".", "-"),
    "numbers": lambda bone: bone + "_7",
    "nonsense": lambda bone: f"b{sum(map(ord, bone)) * len(bone)}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", ALL)
def test_other_spellings_are_told_alike(name: str, spelling: str) -> None:
    skeleton = skeletons.by_name(name)
    names = [SPELLINGS[spelling](bone) for bone in skeleton.names]
    if len(set(names)) == len(names):
        assert_told_alike(skeleton.replace(names=names))


def test_several_roots_do_not_confuse() -> None:
    whole = told(HUMANOID)
    more = Plain(
        ("root", *whole.names, "foot_ik.L"),
        (-1, -1, *(p + 1 for p in whole.parents[1:]), -1),
        ((0.0, 0.0, 0.0), *whole.offsets, (1.0, 1.0, 1.0)),
        (None,) * (len(whole) + 2),
    )
    pairs = bone_maps.detect(more).pairs
    assert pairs == {bone: bone for bone in HUMANOID.names}


def test_a_map_goes_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    table = bone_maps.tables()["daz"]
    bone_maps.write(table, str(path))
    assert bone_maps.read(str(path)).to_dict() == table.to_dict()
    assert bone_map.load(path).to_dict() == table.to_dict()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected a bone map"),
        ('{"bones": {"leftElbow": "a"}}', "leftElbow: no human bones"),
        ('{"bones": {"hips": "a", "spine": "a"}}', "used twice: a"),
        ('{"bones": {"hips": "a"}, "rest": "I"}', "rest is"),
    ],
)
def test_a_broken_map_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(RigError, match=message) as error:
        bone_maps.read(str(path))
    assert "mine.json" in str(error.value)
    with pytest.raises(RigError, match=r"cannot read .*none\.json"):
        bone_maps.read(str(tmp_path / "none.json"))
    with pytest.raises(RigError, match="cannot write"):
        bone_maps.write(bone_maps.tables()["cmu"], str(tmp_path / "no" / "where.json"))
