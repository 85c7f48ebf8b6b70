"""The skeletons that come with the package."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mocap import bone_map, rotation, skeletons
from mocap.bone_map import BODY, detect
from mocap.retarget import Stance

ANGLES = {"ue5": 50.0, "rigify": 37.0}  # [deg] arms below the T-pose


@pytest.mark.parametrize("name", skeletons.names())
def test_table_is_well_formed(name: str) -> None:
    data = json.loads((skeletons.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert set(data) == {"name", "bones"}
    assert data["name"] == name
    seen: list[str | None] = [None]
    for bone in data["bones"]:
        assert {"name", "parent", "offset"} <= set(bone) <= {"name", "parent", "offset", "tip"}
        assert bone["parent"] in seen
        assert all(len(bone[key]) == 3 for key in ("offset", "tip") if key in bone)
        seen.append(bone["name"])
    assert skeletons.to_dict(skeletons.by_name(name)) == data


@pytest.mark.parametrize("name", skeletons.names())
def test_is_one_person_in_every_world(name: str) -> None:
    """1.75 m, standing on y = 0, facing +Z, the joints where the humanoid's are."""
    skeleton, humanoid = skeletons.by_name(name), skeletons.humanoid()
    at, pairs = skeleton.rest_positions, detect(skeleton).pairs
    if name != "h36m17":  # has no toes
        assert skeleton.height == pytest.approx(1.75, abs=1e-4)
        ends = skeleton.tip_positions(at, rotation.identity(len(skeleton)))
        assert np.nanmin([*at[:, 1], *ends[:, 1]]) == pytest.approx(0.0, abs=1e-9)
    stance = Stance.of(skeleton, detect(skeleton))
    np.testing.assert_allclose(stance.frame, [0, 0, 0, 1], atol=1e-12)
    assert stance.leg == pytest.approx(0.86)
    same = [b for b in BODY if b in pairs and b in humanoid]
    same = [b for b in same if not b.endswith(("LowerArm", "Hand")) and b not in ("spine", "chest")]
    for bone in same:
        expected = humanoid.rest_positions[humanoid.index(bone)]
        np.testing.assert_allclose(at[skeleton.index(pairs[bone])], expected, atol=1e-4)


@pytest.mark.parametrize("name", skeletons.names())
def test_arms_rest_as_that_world_has_them(name: str) -> None:
    skeleton = skeletons.by_name(name)
    at, pairs = skeleton.rest_positions, detect(skeleton).pairs
    for a, b in (("UpperArm", "LowerArm"), ("LowerArm", "Hand")):
        for side, sign in (("left", 1), ("right", -1)):
            bone = at[skeleton.index(pairs[side + b])] - at[skeleton.index(pairs[side + a])]
            down = np.degrees(np.arctan2(-bone[1], sign * bone[0]))
            assert down == pytest.approx(ANGLES.get(name, 0.0), abs=0.01)


@pytest.mark.parametrize("name", skeletons.names())
def test_is_symmetric(name: str) -> None:
    skeleton = skeletons.by_name(name)
    pairs = detect(skeleton).pairs
    at = skeleton.rest_positions
    for human, bone in pairs.items():
        if human.startswith("left"):
            other = at[skeleton.index(pairs["right" + human[4:]])]
            np.testing.assert_allclose(at[skeleton.index(bone)] * [-1, 1, 1], other, atol=1e-9)


@pytest.mark.parametrize("name", skeletons.names())
def test_has_the_bones_its_map_names(name: str) -> None:
    """All of the body; of fingers all or none."""
    skeleton = skeletons.by_name(name)
    table = bone_map.by_name({"rigify": "rigify_meta", "vrm": "humanoid"}.get(name, name))
    assert [b for h, b in table.pairs.items() if h in BODY and b not in skeleton] == []
    fingers = [b in skeleton for h, b in table.pairs.items() if h.endswith(("Proximal", "Distal"))]
    assert all(fingers) or not any(fingers)


def test_ue5_has_its_own_tree() -> None:
    ue5 = skeletons.by_name("ue5")
    assert ue5.names[0] == "root"
    assert ue5.parent("pelvis") == "root"
    assert ue5.parent("clavicle_l") == "spine_05"
    assert skeletons.by_name("cmu").parent("LeftUpLeg") == "LHipJoint"
    assert len(skeletons.by_name("h36m17")) == 17
