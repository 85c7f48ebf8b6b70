"""Laws of skeletons: forward kinematics, rest pose, mirror image; and one pose in every world."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart, seeds
from motions import skeletons as any_skeletons
from scipy.spatial.transform import Rotation
from strategies import rotations

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.errors import InvalidValue, UnknownName
from mocap.skeleton import Skeleton, mirrored_name

GOLDEN = json.loads(
    (Path(__file__).parent / "golden" / "pose_conversions.json").read_text(encoding="utf-8")
)
MIRROR = np.diag([-1.0, 1.0, 1.0])
EXACT = 1e-6  # [degrees]

shapes = st.sampled_from([(), (1,), (3,), (2, 3), (0,)])


def reference_fk(
    skeleton: Skeleton, root: Array, local: Array, steps: Array
) -> tuple[Array, Array]:
    """Positions (J, 3) and turns (J, 3, 3) of one pose, bone by bone in 4x4 matrices."""
    world: list[Array] = []
    for i, parent in enumerate(skeleton.parents):
        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_quat(local[i]).as_matrix()
        matrix[:3, 3] = root if parent < 0 else steps[i]
        world.append(matrix if parent < 0 else world[parent] @ matrix)
    stacked = np.array(world)
    return stacked[:, :3, 3], stacked[:, :3, :3]


# --- validation ----------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "names": ("a", "b", "c"),
    "parents": np.array([-1, 0, 1]),
    "offsets": np.zeros((3, 3)),
}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"names": ()}, "at least one bone, got none"),
        ({"names": ("a", "b", "a")}, r"once; repeated: \['a'\]"),
        ({"parents": np.array([-1, 0])}, r"parents: expected shape \(3,\), got \(2,\)"),
        ({"parents": np.array([0, 0, 1])}, r"only root .* got parents \[0, 0, 1\]"),
        ({"parents": np.array([-1, -1, 0])}, r"only root .* got parents \[-1, -1, 0\]"),
        ({"parents": np.array([-1, 2, 0])}, r"after its parent; got parents \[-1, 2, 0\]"),
        ({"parents": np.array([-1, 1, 0])}, r"after its parent; got parents \[-1, 1, 0\]"),
        ({"parents": ["root", "a", "b"]}, "parents: expected an array of int64"),
        ({"offsets": np.zeros((3, 2))}, r"offsets: expected shape \(3, 3\), got \(3, 2\)"),
        ({"offsets": np.diag([0, np.nan, 0])}, r"offsets: .*finite.*nan at index \(1, 1\)"),
        ({"offsets": np.diag([0, 0, np.inf])}, r"offsets: .*finite.*inf at index \(2, 2\)"),
        ({"tips": np.zeros((1, 3))}, r"tips: expected shape \(3, 3\), got \(1, 3\)"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Skeleton(**{**GOOD, **wrong})


def test_values_cannot_change() -> None:
    skeleton = Skeleton(**GOOD)
    for array in (
        skeleton.parents,
        skeleton.offsets,
        skeleton.tips,
        skeleton.rest_positions,
        skeleton.mirror_indices,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(FrozenInstanceError):
        skeleton.name = "other"  # type: ignore[misc]


def test_bones_are_found_by_name() -> None:
    skeleton = Skeleton(**GOOD, name="thing")
    assert [skeleton.index(b) for b in skeleton.names] == [0, 1, 2]
    assert [skeleton.parent(b) for b in skeleton.names] == [None, "a", "b"]
    assert skeleton.children == ((1,), (2,), ())
    assert len(skeleton) == 3
    assert "b" in skeleton
    assert "d" not in skeleton
    with pytest.raises(UnknownName, match="bone of thing 'd'; known: a, b, c"):
        skeleton.index("d")


# --- kinematics ----------------------------------------------------------------------------


@given(any_skeletons(), seeds, shapes, st.booleans())
def test_kinematics_agree_with_matrices(
    skeleton: Skeleton, seed: int, shape: tuple[int, ...], moved: bool
) -> None:
    random, count = np.random.default_rng(seed), len(skeleton)
    root, local = random.normal(size=(*shape, 3)), rotations(random, (*shape, count))
    steps = random.normal(size=(*shape, count, 3)) if moved else None
    positions, world = skeleton.fk(root, local, steps)
    assert positions.shape == (*shape, count, 3)
    assert world.shape == (*shape, count, 4)
    for i in np.ndindex(shape):
        expected, turns = reference_fk(
            skeleton, root[i], local[i], skeleton.offsets if steps is None else steps[i]
        )
        np.testing.assert_allclose(positions[i], expected, atol=1e-12)
        np.testing.assert_allclose(rotation.to_matrix(world[i]), turns, atol=1e-12)
        tips = skeleton.tip_positions(positions[i], world[i])
        ends = expected + np.einsum("jkl,jl->jk", turns, skeleton.tips)
        np.testing.assert_allclose(tips, ends, atol=1e-12)


@given(any_skeletons(), seeds, shapes)
def test_local_and_global_are_inverse(
    skeleton: Skeleton, seed: int, shape: tuple[int, ...]
) -> None:
    q = rotations(np.random.default_rng(seed), (*shape, len(skeleton)))
    np.testing.assert_allclose(skeleton.to_local(skeleton.to_global(q)), q, atol=1e-14)
    np.testing.assert_allclose(skeleton.to_global(skeleton.to_local(q)), q, atol=1e-14)
    np.testing.assert_array_equal(skeleton.fk(np.zeros((*shape, 3)), q)[1], skeleton.to_global(q))


@given(any_skeletons(), seeds)
def test_turning_the_root_turns_the_whole_body(skeleton: Skeleton, seed: int) -> None:
    random = np.random.default_rng(seed)
    q, turn = rotations(random, (len(skeleton),)), rotations(random, ())
    turned = np.concatenate([rotation.mul(turn, q[:1]), q[1:]])
    expected = rotation.rotate(turn, skeleton.fk(np.zeros(3), q)[0])
    np.testing.assert_allclose(skeleton.fk(np.zeros(3), turned)[0], expected, atol=1e-12)


@given(any_skeletons())
def test_rest_is_the_pose_of_no_rotation(skeleton: Skeleton) -> None:
    positions, _ = skeleton.fk(skeleton.offsets[0], rotation.identity(len(skeleton)))
    np.testing.assert_allclose(skeleton.rest_positions, positions, atol=1e-14)


@given(any_skeletons(), st.floats(0.1, 10))
def test_scaled_scales_every_length(skeleton: Skeleton, factor: float) -> None:
    scaled = skeleton.scaled(factor)
    np.testing.assert_allclose(scaled.rest_positions, factor * skeleton.rest_positions, atol=1e-12)
    np.testing.assert_allclose(scaled.tips, factor * skeleton.tips)
    assert scaled.height == pytest.approx(factor * skeleton.height)
    assert (scaled.names, scaled.name) == (skeleton.names, skeleton.name)


def test_height_is_from_the_lowest_joint_or_end_to_the_highest() -> None:
    parents, offsets = np.array([-1, 0, 0]), np.array([[9, 5, 0], [0, 1, 0], [0, -2, 0]])
    none = np.full((3, 3), np.nan)
    assert Skeleton(("a", "b", "c"), parents, offsets, none).height == 3.0
    tips = none.copy()
    tips[1] = (0, 0.5, 0)
    assert Skeleton(("a", "b", "c"), parents, offsets, tips).height == 3.5
    tips[2] = (0, -0.25, 0)
    assert Skeleton(("a", "b", "c"), parents, offsets, tips).height == 3.75
    tips[2, 0] = np.nan  # an end half known is none
    assert Skeleton(("a", "b", "c"), parents, offsets, tips).height == 3.5
    assert skeletons.humanoid().height == pytest.approx(1.75)


# --- mirror --------------------------------------------------------------------------------

SIDES = {
    "leftHand": "rightHand",
    "LeftArm": "RightArm",
    "mixamorig:LeftUpLeg": "mixamorig:RightUpLeg",
    "LEFT_FOOT": "RIGHT_FOOT",
    "hand_left": "hand_right",
    "upper_arm.L": "upper_arm.R",
    "upper_arm.L.001": "upper_arm.R.001",
    "hand_l": "hand_r",
    "lowerarm_twist_01_l": "lowerarm_twist_01_r",
    "lowerarm_twist_l": "lowerarm_twist_r",
    "thumb-l-1": "thumb-r-1",
    "L Hand": "R Hand",
    "Bip01 L Hand": "Bip01 R Hand",
    "CC_Base_L_Calf": "CC_Base_R_Calf",
    "rig:L_Arm": "rig:R_Arm",
    "LHipJoint": "RHipJoint",
    "LThumb": "RThumb",
    "rig:LThumb": "rig:RThumb",
    "lShldr": "rShldr",
}


@pytest.mark.parametrize(("left", "right"), SIDES.items())
def test_mirrored_names_change_sides(left: str, right: str) -> None:
    assert mirrored_name(left) == right
    assert mirrored_name(right) == left


@pytest.mark.parametrize(
    "name",
    "neck root collar pelvis roll Lower LowerBack Root ROOT ReverseFoot lr hips Control ball_ll "
    "spine.001 Hips upperChest jaw".split(),
)
def test_middle_bones_keep_their_names(name: str) -> None:
    assert mirrored_name(name) == name


@pytest.mark.parametrize("name", skeletons.names())
def test_skeletons_of_the_package_are_their_own_mirror_image(name: str) -> None:
    skeleton = skeletons.by_name(name)
    pairs, parents = skeleton.mirror_indices, skeleton.parents
    np.testing.assert_array_equal(pairs[pairs], np.arange(len(skeleton)))
    np.testing.assert_array_equal(pairs[parents[1:]], parents[pairs][1:])  # keeps the tree
    off_middle = np.abs(skeleton.rest_positions[:, 0]) > 1e-6
    assert (pairs != np.arange(len(skeleton)))[off_middle].all()
    np.testing.assert_allclose(skeleton.mirrored().rest_positions, skeleton.rest_positions)


@pytest.mark.parametrize("name", skeletons.names())
@given(seed=seeds)
def test_mirrored_moves_each_side_to_the_other(name: str, seed: int) -> None:
    random, symmetric = np.random.default_rng(seed), skeletons.by_name(name)
    skeleton = symmetric.replace(
        offsets=random.normal(size=symmetric.offsets.shape),
        tips=random.normal(size=symmetric.tips.shape),
    )
    mirrored = skeleton.mirrored()
    pairs = skeleton.mirror_indices
    np.testing.assert_allclose(
        mirrored.rest_positions, skeleton.rest_positions[pairs] @ MIRROR, atol=1e-14
    )
    np.testing.assert_array_equal(mirrored.tips, skeleton.tips[pairs] @ MIRROR)
    assert mirrored.names == skeleton.names
    assert mirrored.height == pytest.approx(skeleton.height)


@given(any_skeletons())
def test_mirrored_twice_is_itself(skeleton: Skeleton) -> None:
    twice = skeleton.mirrored().mirrored()
    np.testing.assert_array_equal(twice.offsets, skeleton.offsets)
    np.testing.assert_array_equal(twice.tips, skeleton.tips)


def test_replace_keeps_the_rest() -> None:
    skeleton = skeletons.humanoid()
    renamed = skeleton.replace(names=[n.upper() for n in skeleton.names], name="loud")
    assert renamed.names[0] == "HIPS"
    assert renamed.name == "loud"
    np.testing.assert_array_equal(renamed.offsets, skeleton.offsets)
    np.testing.assert_array_equal(renamed.tips, skeleton.tips)
    np.testing.assert_array_equal(renamed.parents, skeleton.parents)


# --- one pose in every world ---------------------------------------------------------------
#
# golden/pose_conversions.json holds one pose that looks different in any wrong axes, order or
# handedness. Its rotations are whole fractions of a turn, so that the positions follow by hand.
# With e.g. x>y for "x goes to y", every line in its parent and then in the world:
#   hips          90 about y             x>-z y>y z>x     at (0.5, 0.9, -0.25)
#   spine         90 about x             x>x y>z z>-y     in the world x>-z y>x z>-y
#   leftUpperArm  90 about z             x>y y>-x z>z     in the world x>x y>z z>-y
#   leftLowerArm  120 about (1, 1, 1)    x>y y>z z>x      in the world x>z y>-y z>x
#   rightUpperArm 120 about (-1, 1, 1)   x>-z y>-x z>y    in the world x>y y>z z>x
#   rightLowerArm 180 about y            x>-x y>y z>-z    in the world x>-y y>z z>-x
#   leftUpperLeg  -90 about x            x>x y>-z z>y     in the world x>-z y>-x z>y
#   leftLowerLeg  90 about x, takes that back: in the world as the hips
#   rightLowerLeg 73.74 about x, cosine 0.28, sine 0.96
# e.g. leftHand is 0.25 along z from the elbow, and rightFoot lies 0.4 * 0.28 + 0.05 * 0.96 =
# 0.16 below the knee and 0.4 * 0.96 - 0.05 * 0.28 = 0.37 behind it, which is -x.

POSITIONS = {
    "hips": (0.5, 0.9, -0.25),
    "spine": (0.5, 1.1, -0.25),
    "head": (0.9, 1.1, -0.25),
    "leftUpperArm": (0.8, 1.1, -0.45),
    "leftLowerArm": (1.1, 1.1, -0.45),
    "leftHand": (1.1, 1.1, -0.2),
    "rightUpperArm": (0.8, 1.1, -0.05),
    "rightLowerArm": (0.8, 0.8, -0.05),
    "rightHand": (0.8, 1.05, -0.05),
    "leftUpperLeg": (0.5, 0.9, -0.35),
    "leftLowerLeg": (0.95, 0.9, -0.35),
    "leftFoot": (1.0, 0.5, -0.35),
    "rightUpperLeg": (0.5, 0.9, -0.15),
    "rightLowerLeg": (0.5, 0.45, -0.15),
    "rightFoot": (0.13, 0.29, -0.15),
}
WORLDS = {world["name"]: world for world in GOLDEN["worlds"]}
OURS = next(iter(WORLDS.values()))


def column(world: dict[str, Any], key: str) -> Array:
    return np.array([bone[key] for bone in world["bones"]], dtype=np.float64)


def named(components: list[str]) -> Array:
    """The matrix that takes ["-x", "y", "z"] from our components."""
    rows = np.eye(4)[["xyzw".index(c[-1]) for c in components]][:, : len(components)]
    return rows * [[-1.0] if c[0] == "-" else [1.0] for c in components]


def test_golden_pose_follows_by_hand() -> None:
    assert {bone["name"]: tuple(bone["position"]) for bone in OURS["bones"]} == POSITIONS


def test_golden_mappings_are_the_ones_of_the_conventions() -> None:
    mappings = {n: (w["position"], w["rotation"], w["scale"]) for n, w in WORLDS.items()}
    assert mappings == {
        "mocap, glTF, VRM 1": (["x", "y", "z"], ["x", "y", "z", "w"], 1),
        "Unity, VMC": (["-x", "y", "z"], ["x", "-y", "-z", "w"], 1),
        "Blender": (["x", "-z", "y"], ["x", "-z", "y", "w"], 1),
        "Maya, BVH": (["x", "y", "z"], ["x", "y", "z", "w"], 100),
    }


@pytest.mark.parametrize("name", WORLDS)
def test_golden_pose_holds_in_every_world(name: str) -> None:
    """Converting the rotations, then forward kinematics there, is converting the positions."""
    world = WORLDS[name]
    skeleton = skeletons.from_dict(world)
    positions, _ = skeleton.fk(column(world, "position")[0], column(world, "rotation"))
    np.testing.assert_allclose(positions, column(world, "position"), atol=1e-12 * world["scale"])
    move, turn = world["scale"] * named(world["position"]), named(world["rotation"])
    assert [b["name"] for b in world["bones"]] == [b["name"] for b in OURS["bones"]]
    assert [b["parent"] for b in world["bones"]] == [b["parent"] for b in OURS["bones"]]
    for key, matrix in (("offset", move), ("position", move), ("rotation", turn)):
        np.testing.assert_allclose(column(world, key), column(OURS, key) @ matrix.T, atol=1e-12)
    handed = np.linalg.det(named(world["position"]))
    assert world["handedness"] == ("right" if handed > 0 else "left")
    up = named(world["position"]) @ [0, 1, 0]
    assert world["up"] == "+" + "XYZ"[int(np.argmax(up))]


@pytest.mark.parametrize("name", WORLDS)
@given(seed=seeds)
def test_mappings_hold_for_any_pose(name: str, seed: int) -> None:
    world, random = WORLDS[name], np.random.default_rng(seed)
    move, turn = world["scale"] * named(world["position"]), named(world["rotation"])
    ours, theirs = skeletons.from_dict(OURS), skeletons.from_dict(world)
    root, q = random.normal(size=3), rotations(random, (len(ours),))
    positions, turns = ours.fk(root, q)
    there, turns_there = theirs.fk(move @ root, q @ turn.T)
    np.testing.assert_allclose(there, positions @ move.T, atol=1e-12 * world["scale"])
    assert degrees_apart(turns_there, turns @ turn.T) < EXACT
