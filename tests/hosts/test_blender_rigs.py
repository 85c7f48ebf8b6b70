"""Armatures in Blender itself, moved by the add-on and measured where Blender puts their bones.

Also armatures that are turned and scaled, and poses that stand for the rest pose.
"""

from __future__ import annotations

import math
import shutil
import types
from pathlib import Path

import numpy as np
import pytest
from blender_armatures import (
    MOTIONS,
    PLACE,
    QUIET,
    RIGS,
    TOLERANCE,
    assert_same_directions,
    built,
    golden_motion,
    heads,
    limbs,
    mixamo_in_a_pose,
    moved,
    names_on,
    natural_tails,
    to_blender,
    vrm_as_imported,
    wanted,
    world,
)
from blender_armatures import empty_file as empty_file
from blender_module import bpy
from blender_stage import as_skeleton
from mathutils import Matrix, Quaternion  # type: ignore[import-not-found]
from mocap_bridge import rigs, targets  # type: ignore[import-not-found]
from mocap_bridge.shared.errors import RigError  # type: ignore[import-not-found]
from motions import degrees_apart
from rig_motions import HUMANOID, angles

from mocap import rotation, skeletons
from mocap.bone_map import SIDES
from mocap.motion import Motion
from mocap.retarget import Retargeter

pytestmark = QUIET
LEVEL = 1e-4  # [m] by which soles may leave the ground


# --- directions ----------------------------------------------------------------------------


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("rig", RIGS)
def test_arms_and_legs_point_as_the_persons(rig: str, motion: str) -> None:
    assert_same_directions(RIGS[rig](), MOTIONS[motion]())


@pytest.mark.parametrize("motion", MOTIONS)
def test_our_own_skeleton_takes_every_place(motion: str) -> None:
    person = MOTIONS[motion]()
    armature = rigs.create(bpy.context.scene, as_skeleton(person.skeleton), "Person 0")
    at, _ = person.fk()
    for frame in range(len(person)):
        moved(armature, person, frame)
        found = heads(armature, list(person.skeleton.names))
        np.testing.assert_allclose(found, to_blender(at[frame]), atol=PLACE)


def test_the_golden_pose_is_that_of_blenders_world() -> None:
    """Places and turns of the golden file for Blender, the rest of the armature taken off."""
    person = golden_motion()
    armature = rigs.create(bpy.context.scene, as_skeleton(person.skeleton), "Person 0")
    moved(armature, person, 0)
    now = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    turned: dict[str | None, Quaternion] = {None: Quaternion()}
    for bone in world("Blender")["bones"]:
        x, y, z, w = bone["rotation"]
        turned[bone["name"]] = turned[bone["parent"]] @ Quaternion((w, x, y, z))
        pose = now.pose.bones[bone["name"]]
        np.testing.assert_allclose(pose.head, bone["position"], atol=PLACE)
        found = (pose.matrix @ pose.bone.matrix_local.inverted()).to_quaternion()
        assert degrees_apart(np.array(found), np.array(turned[bone["name"]])) < 1e-3


@pytest.mark.parametrize("rig", ["own", *RIGS])
def test_a_turned_and_scaled_object_turns_and_scales_the_person(rig: str) -> None:
    """As of an FBX: another axis up in the armature, centimetres, the object making up for it."""
    person = MOTIONS["random"]()
    if rig == "own":
        armature = rigs.create(bpy.context.scene, as_skeleton(person.skeleton), "Person 0")
    else:
        armature = RIGS[rig]()
    turn = Matrix.Rotation(0.7, 4, "Z")
    if rig != "rigify":  # whose mechanism is made for upright metres
        bent = Matrix.Rotation(-math.pi / 2, 4, "X") @ Matrix.Scale(100.0, 4)
        armature.data.transform(bent)
        armature.matrix_basis = turn @ bent.inverted()
    else:
        armature.matrix_basis = turn @ Matrix.Scale(1.5, 4)
    bpy.context.view_layer.update()
    assert_same_directions(armature, person, turn)
    if rig == "own":
        for scale in ("LEGS", "ONE"):
            moved(armature, person, 2, scale=scale)
            at = to_blender(person.fk()[0][2]) @ np.array(turn.to_3x3()).T
            found = heads(armature, list(person.skeleton.names))
            np.testing.assert_allclose(found, at, atol=2e-5)


def test_a_real_vrm_character(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "vrm" / "Example.vrm"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    shutil.copy(path, tmp_path / "example.glb")
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "example.glb"))
    (armature,) = (thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    for motion in MOTIONS.values():
        assert_same_directions(armature, motion())


def test_all_rotation_modes_are_obeyed() -> None:
    armature, motion = mixamo_in_a_pose(), MOTIONS["random"]()
    modes = ("XYZ", "ZXY", "YZX", "AXIS_ANGLE", "QUATERNION")
    for i, bone in enumerate(armature.pose.bones):
        bone.rotation_mode = modes[i % len(modes)]
    assert_same_directions(armature, motion)


def test_a_stored_pose_stands_for_the_rest_pose() -> None:
    """An armature that sits at rest is posed upright, and that is stored."""
    armature = vrm_as_imported()
    with rigs.Editing(armature) as bones:
        for side in SIDES:
            for bone in ("LowerLeg", "Foot", "Toes"):
                joint = bones[side + "UpperLeg"].head
                bent = Matrix.Translation(joint) @ Matrix.Rotation(-1.5, 4, "X")
                bones[side + bone].transform(bent @ Matrix.Translation(-joint))
    motion = MOTIONS["random"]()
    with pytest.raises(RigError, match="does not stand"):
        moved(armature, motion, 0)
    for side in SIDES:
        # the legs hang from the thigh's head, whose bone points elsewhere
        bone = armature.pose.bones[side + "UpperLeg"]
        rest = bone.bone.matrix_local.to_quaternion()
        back = Quaternion((1.0, 0.0, 0.0), 1.5)
        bone.rotation_quaternion = rest.inverted() @ back @ rest
    item = types.SimpleNamespace(armature=armature, reference="")
    bpy.context.view_layer.update()
    targets.store_reference(item)
    reference = targets.reference_of(item.reference)
    names = names_on(armature)
    for frame in range(len(motion)):
        moved(armature, motion, frame, reference=reference)
        assert math.degrees(angles(limbs(armature, names), wanted(motion, frame))) < TOLERANCE


def test_bones_that_nobody_moves_keep_their_pose() -> None:
    armature, motion = mixamo_in_a_pose(), MOTIONS["random"]()
    finger = armature.pose.bones["mixamorig:LeftHandIndex1"]
    finger.rotation_quaternion = (0.8, 0.6, 0.0, 0.0)
    finger.location = (0.0, 0.01, 0.0)
    moved(armature, motion, 1)
    np.testing.assert_allclose(finger.rotation_quaternion, (0.8, 0.6, 0.0, 0.0), atol=1e-6)
    np.testing.assert_allclose(finger.location, (0.0, 0.01, 0.0), atol=1e-6)


# --- places --------------------------------------------------------------------------------


def deep_bow() -> Motion:
    """Somebody who goes down into the knees and bows, the feet planted."""
    frames = 9
    turns = np.broadcast_to(rotation.identity(len(HUMANOID)), (frames, len(HUMANOID), 4)).copy()
    root = np.broadcast_to(HUMANOID.offsets[0], (frames, 3)).copy()
    for frame, bend in enumerate(np.linspace(0, 0.9, frames)):
        for side in SIDES:
            for part, angle in (("UpperLeg", -bend), ("LowerLeg", 2 * bend), ("Foot", -bend)):
                turns[frame, HUMANOID.index(side + part)] = rotation.axis_angle([1, 0, 0], angle)
        turns[frame, HUMANOID.index("spine")] = rotation.axis_angle([1, 0, 0], 0.5 * bend)
        root[frame, 1] -= 0.86 * (1 - math.cos(bend))
    root += [0.4, 0, -0.3]
    return Motion(HUMANOID, np.arange(frames) / 30, root, turns)


@pytest.mark.parametrize(("rig", "slide"), [("mixamo", 1e-4), ("vrm", 1e-4), ("rigify", 0.07)])
def test_planted_feet_stay_where_they_stood(rig: str, slide: float) -> None:
    """Soles on the ground, and no further than `slide` [m] along it from where they stood: nothing
    but rounding where thigh and shin share the leg as the person's do. Those of the Rigify metarig
    do not; with every bone's direction kept, knees bent by 100 degrees then miss so much."""
    armature, motion = RIGS[rig](), deep_bow()
    names = names_on(armature)
    feet = [names[side + "Foot"] for side in SIDES]
    height = heads(armature, feet)[:, 2]
    places = []
    for frame in range(len(motion)):
        moved(armature, motion, frame)
        places.append(heads(armature, feet))
    path = np.array(places)
    assert np.abs(path[..., 2] - height).max() < LEVEL
    assert np.linalg.norm(path[..., :2] - path[0, :, :2], axis=-1).max() < slide


@pytest.mark.parametrize("rig", ["mixamo", "rigify"])
def test_the_object_can_carry_the_way(rig: str) -> None:
    armature, motion = RIGS[rig](), MOTIONS["random"]()
    names = names_on(armature)
    bones = [names[human] for human in ("hips", "leftHand", "rightFoot")]
    for frame in range(len(motion)):
        moved(armature, motion, frame)
        by_bone = heads(armature, bones)
        moved(armature, motion, frame, root="OBJECT")
        np.testing.assert_allclose(heads(armature, bones), by_bone, atol=1e-5)
        assert np.linalg.norm(armature.location.xy) > 0.01
        assert abs(armature.location.z) < 1e-9
        armature.location = (0.0, 0.0, 0.0)


def test_in_place_the_hips_rise_and_fall_only() -> None:
    armature, motion = mixamo_in_a_pose(), deep_bow()
    hips = names_on(armature)["hips"]
    before = heads(armature, [hips])[0]
    moved(armature, motion, 8, in_place=True)
    after = heads(armature, [hips])[0]
    np.testing.assert_allclose(after[:2], before[:2], atol=1e-5)
    assert after[2] < before[2] - 0.2


def test_the_package_and_blender_agree_on_every_bone() -> None:
    """`mocap convert --skeleton mixamo` and the add-on put the same character in the same place."""
    skeleton = skeletons.by_name("mixamo")
    armature = built(skeleton, natural_tails(skeleton), np.zeros(len(skeleton)))
    motion = MOTIONS["random"]()
    expected, _ = Retargeter(HUMANOID, skeleton)(motion).fk()
    for frame in range(len(motion)):
        moved(armature, motion, frame)
        found = heads(armature, list(skeleton.names))
        np.testing.assert_allclose(found, to_blender(expected[frame]), atol=PLACE)
