"""Existing rigs that follow: whatever their joints' axes, rest pose, size and place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from maya_fake import FakeScene, euler
from maya_people import angles_of, dance, fk, person, pointing, rig, standing
from mocap_bridge_maya import rig as rigs
from mocap_bridge_maya.rig import Rigged, Settings
from mocap_bridge_maya.shared.errors import RigError

from mocap import rotation

PERSON = person()


def expected(rotations, root=None):
    """Directions of the bones in the canonical world, and the places [m]."""
    places, _ = fk(PERSON, PERSON.offsets[0] if root is None else root, rotations)
    found = {}
    for i, bone in enumerate(PERSON.names):
        below = [k for k, parent in enumerate(PERSON.parents) if parent == i]
        if len(below) == 1:
            way = places[below[0]] - places[i]
            found[bone] = way / np.linalg.norm(way)
    return found, places


def compare(seen, wanted, turn=None, tolerance=1e-9, but=()):
    for bone, way in wanted.items():
        if bone not in but:
            want = way if turn is None else way @ turn
            np.testing.assert_allclose(seen[bone], want, atol=tolerance, err_msg=bone)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_random_joint_axes_make_no_difference(seed):
    scene = FakeScene()
    nodes = rig(scene, PERSON, seed=seed)
    rigged = Rigged(scene, nodes["hips"], PERSON)
    roots, rotations = dance(PERSON, 3, seed)
    for root, turned in zip(roots, rotations, strict=True):
        rigged.apply(root, turned.ravel().tolist())
        wanted, places = expected(turned, root)
        compare(pointing(scene, nodes, PERSON), wanted)
        for bone, place in zip(PERSON.names, places, strict=True):
            np.testing.assert_allclose(scene.place(nodes[bone]), 100 * place, atol=1e-6)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from([None, 7]))
def test_a_pose_rests_only_on_the_skeletons_orders(seed, axes):
    """The same pose, twist included, on two rigs of other axes: no joint differs in the world."""
    plain, odd = FakeScene(), FakeScene()
    first, second = rig(plain, PERSON), rig(odd, PERSON, seed=axes or seed)
    before = {bone: (plain.turn(first[bone]), odd.turn(second[bone])) for bone in PERSON.names}
    root, rotations = (x[0] for x in dance(PERSON, 1, seed))
    for scene, nodes in ((plain, first), (odd, second)):
        Rigged(scene, nodes["hips"], PERSON).apply(root, rotations.ravel().tolist())
    _, turned = fk(PERSON, root, rotations)
    for i, bone in enumerate(PERSON.names):
        for (scene, nodes), rest in zip(((plain, first), (odd, second)), before[bone], strict=True):
            moved = np.linalg.inv(rest) @ scene.turn(nodes[bone])
            want = np.array([rotation.rotate(turned[i], axis) for axis in np.eye(3)])
            np.testing.assert_allclose(moved, want, atol=1e-9)


def a_pose(angle):
    """Rotations of a T-pose with arms hanging by an angle [rad]."""
    pose = np.tile([0.0, 0.0, 0.0, 1.0], (len(PERSON.names), 1))
    for bone, sign in (("leftUpperArm", -1.0), ("rightUpperArm", 1.0)):
        pose[PERSON.names.index(bone)] = rotation.exp(np.array([0.0, 0.0, sign * angle]))
    return pose


@pytest.mark.parametrize("angle", [0.4, 0.9, 1.3])
def test_a_rig_in_a_pose_moves_as_one_in_t_pose(angle):
    scene = FakeScene()
    nodes = rig(scene, PERSON, seed=3, pose=a_pose(angle))
    rigged = Rigged(scene, nodes["hips"], PERSON)
    rigged.apply(*standing(PERSON))
    seen = pointing(scene, nodes, PERSON)
    np.testing.assert_allclose(seen["leftUpperArm"], [1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(seen["rightLowerArm"], [-1, 0, 0], atol=1e-9)
    root, rotations = (x[0] for x in dance(PERSON, 1, 5))
    rigged.apply(root, rotations.ravel().tolist())
    compare(pointing(scene, nodes, PERSON), expected(rotations)[0])


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("size", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("compensate", [False, True])
def test_a_rig_stands_turned_moved_and_scaled(up, size, compensate):
    scene = FakeScene(up=up)
    turn = (0.0, 0.7, 0.0) if up == "y" else (math.pi / 2, 0.0, 0.7)
    group = scene.add(
        "world_ctrl", "transform", rotate=turn, scale=(size,) * 3, translate=(30.0, 5.0, -9.0)
    )
    nodes = rig(scene, PERSON, seed=1, group=group, compensate=compensate)
    rigged = Rigged(scene, nodes["hips"], PERSON)
    root, rotations = (x[0] for x in dance(PERSON, 1, 2))
    rigged.apply(root, rotations.ravel().tolist())
    wanted, places = expected(rotations, root)
    compare(pointing(scene, nodes, PERSON), wanted, euler(turn, "xyz")[:3, :3])
    for bone, place in zip(PERSON.names, places, strict=True):
        seen = np.array([*(100 * place), 1.0]) @ scene.world(group)
        np.testing.assert_allclose(scene.place(nodes[bone]), seen[:3], atol=1e-6)


@pytest.mark.parametrize("quarters", [(1, 0, 0), (0, 1, 0), (0, 2, 0)])
def test_a_rig_modelled_along_other_axes_stays_as_it_stands(quarters):
    """As where +Z is up, or a character faces +X: without any group that would tell."""
    scene = FakeScene()
    nodes = rig(scene, PERSON)
    hips = scene.things[nodes["hips"]]
    around = euler([math.pi / 2 * n for n in quarters], "xyz")
    world = scene.world(nodes["hips"]) @ around
    hips.translate = tuple(world[3, :3].tolist())
    hips.rotate = angles_of(world[:3, :3], "xyz")
    rest = {bone: scene.place(node) for bone, node in nodes.items()}
    rigged = Rigged(scene, nodes["hips"], PERSON)
    rigged.apply(*standing(PERSON))
    for bone, node in nodes.items():
        np.testing.assert_allclose(scene.place(node), rest[bone], atol=1e-6)
    root, rotations = (x[0] for x in dance(PERSON, 1, 2))
    rigged.apply(root, rotations.ravel().tolist())
    wanted, places = expected(rotations, root)
    compare(pointing(scene, nodes, PERSON), wanted, around[:3, :3])
    np.testing.assert_allclose(
        scene.place(nodes["leftFoot"]),
        100 * places[PERSON.names.index("leftFoot")] @ around[:3, :3],
        atol=1e-6,
    )


def test_scaled_joints_with_and_without_compensation():
    for compensate in (False, True):
        scene = FakeScene()
        nodes = rig(scene, PERSON, seed=4, compensate=compensate)
        scene.things[nodes["chest"]].scale = (1.5, 1.5, 1.5)
        rigged = Rigged(scene, nodes["hips"], PERSON)
        _, rotations = dance(PERSON, 1, 9)
        rigged.apply(PERSON.offsets[0], rotations[0].ravel().tolist())
        compare(pointing(scene, nodes, PERSON), expected(rotations[0])[0])


def test_groups_and_offset_matrices_between_joints():
    scene = FakeScene()
    nodes = rig(scene, PERSON, seed=6)
    arm = scene.things[nodes["leftUpperArm"]]
    between = scene.add("arm_offset", "transform", parent=arm.parent, rotate=(0.3, 0.2, -1.0))
    world = scene.world(nodes["leftUpperArm"])
    arm.parent = between
    arm.offset = np.linalg.inv(scene.own_matrix(nodes["leftUpperArm"])) @ world
    arm.offset = arm.offset @ np.linalg.inv(scene.world(between))
    np.testing.assert_allclose(scene.world(nodes["leftUpperArm"]), world, atol=1e-9)
    rigged = Rigged(scene, nodes["hips"], PERSON)
    _, rotations = dance(PERSON, 1, 3)
    rigged.apply(PERSON.offsets[0], rotations[0].ravel().tolist())
    compare(pointing(scene, nodes, PERSON), expected(rotations[0])[0])


def test_a_smaller_rig_of_other_proportions_keeps_its_feet_on_the_floor():
    scene = FakeScene()
    small = person(0.6)
    nodes = rig(scene, small, seed=2)
    rigged = Rigged(scene, nodes["hips"], PERSON)
    assert rigged.scale == pytest.approx(60.0)
    rigged.apply(*standing(PERSON))
    rest, _ = fk(small, small.offsets[0], np.tile([0.0, 0.0, 0.0, 1.0], (len(small.names), 1)))
    for i, bone in enumerate(small.names):
        np.testing.assert_allclose(scene.place(nodes[bone]), 100 * rest[i], atol=1e-6)
    alike = Rigged(scene, nodes["hips"], PERSON, Settings(scale="ONE"))
    assert alike.scale == pytest.approx(100.0)
    assert Rigged(scene, nodes["hips"], PERSON, Settings(scale="CUSTOM", factor=2.0)).scale == 200


def test_in_place_and_travel_of_the_root():
    scene = FakeScene()
    top = scene.add("root_jnt", order="zyx", rotate=(0.0, 0.4, 0.0), translate=(10.0, 0.0, 0.0))
    nodes = rig(scene, PERSON, group=top)
    _, still = standing(PERSON)
    gone = np.array(PERSON.offsets[0]) + [1.0, 0.2, 2.0]
    way = (np.array([100.0, 0.0, 200.0, 0.0]) @ scene.world(top))[:3]
    rest = scene.place(nodes["hips"])
    Rigged(scene, top, PERSON, Settings(in_place=True)).apply(gone, still)
    np.testing.assert_allclose(scene.place(nodes["hips"]), rest + [0, 20, 0], atol=2.0)
    Rigged(scene, top, PERSON).apply(gone, still)
    np.testing.assert_allclose(scene.place(nodes["hips"])[::2], (rest + way)[::2], atol=1e-6)
    np.testing.assert_allclose(scene.place(top), [10.0, 0.0, 0.0])
    Rigged(scene, top, PERSON, Settings(root="ROOT")).apply(gone, still)
    np.testing.assert_allclose(scene.place(nodes["hips"])[::2], (rest + way)[::2], atol=1e-6)
    np.testing.assert_allclose(scene.place(top), [10.0, 0.0, 0.0] + way, atol=1e-6)


def test_a_posed_rig_is_bound_again_by_its_stored_rest():
    scene = FakeScene()
    nodes = rig(scene, PERSON, seed=8)
    first = Rigged(scene, nodes["hips"], PERSON)
    _, rotations = dance(PERSON, 2, 4)
    first.apply(PERSON.offsets[0], rotations[0].ravel().tolist())
    scene.rename(nodes["hips"], "copy:hips")  # a reference gives it a namespace
    again = Rigged(scene, nodes["hips"], PERSON)
    again.apply(PERSON.offsets[0], rotations[1].ravel().tolist())
    compare(pointing(scene, nodes, PERSON), expected(rotations[1])[0])
    rigs.to_rest(scene, nodes["hips"])
    np.testing.assert_allclose(pointing(scene, nodes, PERSON)["leftUpperArm"], [1, 0, 0], atol=1e-8)
    scene.set_text(nodes["hips"], rigs.REST, "")
    with pytest.raises(RigError, match="no rest pose"):
        rigs.to_rest(scene, nodes["hips"])
    scene.set_text(nodes["hips"], rigs.REST, '{"joints": {"hips": [1]}}')
    with pytest.raises(RigError, match="broken"):
        Rigged(scene, nodes["hips"], PERSON)


def test_rotations_follow_each_other_without_jumps():
    scene = FakeScene()
    nodes = rig(scene, PERSON, seed=12)
    rigged = Rigged(scene, nodes["hips"], PERSON)
    roots, rotations = dance(PERSON, 300, 3, turn=2.0)
    rigged.begin()
    series = np.array(
        [
            rigged.pose(r, q.ravel().tolist()).rotations
            for r, q in zip(roots, rotations, strict=True)
        ]
    )
    assert np.abs(np.diff(series, axis=0)).max() < math.pi
    assert np.percentile(np.abs(np.diff(series, axis=0)), 99) < 0.3


def test_what_is_missing_or_gone_is_said():
    scene = FakeScene()
    nodes = rig(scene, PERSON)
    named = tuple((bone, bone) for bone in PERSON.names)
    with pytest.raises(RigError, match="no joint for leftUpperLeg \\(thigh\\)"):
        Rigged(
            scene, nodes["hips"], PERSON,
            Settings(pairs=(*named, ("leftUpperLeg", "thigh"))),
        )  # fmt: skip
    lacking = Settings(pairs=(*named[:-1], ("rightToes", "nothing")))
    notes = Rigged(scene, nodes["hips"], PERSON, lacking).notes
    assert notes == ("there is no joint for rightToes (nothing)",)
    rigged = Rigged(scene, nodes["hips"], PERSON)
    assert rigged.valid()
    scene.rename(nodes["leftHand"], "renamed")
    rigged.apply(*standing(PERSON))
    assert rigged.valid()
    scene.things[nodes["leftHand"]].orient = (0.0, 0.0, 1.0)
    assert not rigged.valid()
    scene.delete([nodes["leftLowerArm"]])
    with pytest.raises(RigError, match="leftLowerArm, leftHand of hips is gone"):
        rigged.apply(*standing(PERSON))
    scene.delete([nodes["hips"]])
    with pytest.raises(RigError, match="hips is gone from the scene"):
        rigged.apply(*standing(PERSON))
    assert not rigged.valid()
    with pytest.raises(RigError, match="pose has 3 bones, the person 22"):
        rigged.apply((0, 0, 0), [0.0, 0.0, 0.0, 1.0] * 3)


def test_locked_attributes_stay_and_the_others_move():
    scene = FakeScene()
    nodes = rig(scene, PERSON)
    scene.things[nodes["leftUpperArm"]].locked = frozenset({"rotateX", "rotateY", "rotateZ"})
    before = {bone: scene.things[node].rotate for bone, node in nodes.items()}
    rigged = Rigged(scene, nodes["hips"], PERSON)
    _, rotations = dance(PERSON, 1, 1)
    rigged.apply(PERSON.offsets[0], rotations[0].ravel().tolist())
    assert scene.things[nodes["leftUpperArm"]].rotate == before["leftUpperArm"]
    assert scene.things[nodes["leftLowerArm"]].rotate != before["leftLowerArm"]
    assert rigged.notes == ("leftUpperArm cannot be turned: locked or driven",)
    for node in nodes.values():  # as where controls move the joints
        scene.things[node].locked = frozenset({"rotateX", "rotateY", "rotateZ"})
    with pytest.raises(RigError, match="hips, spine, chest and 19 more cannot be turned"):
        Rigged(scene, nodes["hips"], PERSON)


def test_a_rig_lying_down_is_told_to_stand():
    scene = FakeScene()
    nodes = rig(scene, PERSON)
    for leg in ("leftUpperLeg", "rightUpperLeg"):
        scene.things[nodes[leg]].rotate = (-math.pi / 2, 0.0, 0.0)
    with pytest.raises(RigError, match="does not stand"):
        Rigged(scene, nodes["hips"], PERSON)
    assert scene.text(nodes["hips"], rigs.REST) == ""


def test_names_that_several_joints_have():
    scene = FakeScene()
    nodes = rig(scene, PERSON)
    for side in ("left", "right"):
        scene.things[scene.add(f"x_{side}", parent=nodes[f"{side}Hand"])].name = "end"
    names = rigs.names_of(scene, nodes["hips"])
    assert "leftHand|end" in names
    assert "rightHand|end" in names
    Rigged(scene, nodes["hips"], PERSON).apply(*standing(PERSON))
