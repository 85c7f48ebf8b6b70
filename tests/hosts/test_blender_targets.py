"""Frames that come live, and the armatures in Blender that follow their people."""

from __future__ import annotations

import math

import numpy as np
from blender_armatures import (
    MOTIONS,
    QUIET,
    TOLERANCE,
    built,
    follower,
    golden_motion,
    limbs,
    mixamo_in_a_pose,
    names_on,
    natural_tails,
    scene_of,
    vrm_as_imported,
    wanted,
)
from blender_armatures import empty_file as empty_file
from blender_module import bpy
from blender_stage import frame_of, hello_of, pose_of
from mathutils import Matrix  # type: ignore[import-not-found]
from mocap_bridge import rigs, targets  # type: ignore[import-not-found]
from rig_motions import HUMANOID, angles

pytestmark = QUIET


def test_everyone_moves_their_own_armature() -> None:
    motion, golden = MOTIONS["random"](), golden_motion()
    first, second = mixamo_in_a_pose(), vrm_as_imported()
    third = built(HUMANOID, natural_tails(HUMANOID), np.zeros(len(HUMANOID)), "idle")
    scene = scene_of(follower(7, first), follower(3, second), follower(3, third, enabled=False))
    frame = frame_of(0.0, {3: pose_of(motion, 0), 7: pose_of(motion, 2)})
    hello = hello_of({3: HUMANOID, 7: HUMANOID})
    assert targets.apply_frame(scene, frame, hello) == ""
    for armature, i in ((first, 2), (second, 0)):
        found = limbs(armature, names_on(armature))
        assert math.degrees(angles(found, wanted(motion, i))) < TOLERANCE
    assert all(bone.matrix_basis == Matrix() for bone in third.pose.bones)
    # another skeleton altogether
    frame, hello = frame_of(0.0, {3: pose_of(golden, 0)}), hello_of({3: golden.skeleton})
    assert targets.apply_frame(scene, frame, hello) == ""
    found = limbs(second, names_on(second))
    assert math.degrees(angles(found, wanted(golden, 0))) < TOLERANCE


def test_who_cannot_follow_is_told_and_the_others_do() -> None:
    motion = MOTIONS["random"]()
    box = bpy.data.objects.new("bare", bpy.data.armatures.new("bare"))
    bpy.context.scene.collection.objects.link(box)
    good = vrm_as_imported()
    scene = scene_of(follower(0, box), follower(0, good), follower(0, None))
    for i in range(2):
        said = targets.apply_frame(
            scene, frame_of(0.0, {0: pose_of(motion, i)}), hello_of({0: HUMANOID})
        )
        assert said.startswith("bare: cannot tell which bones are which")
        found = limbs(good, names_on(good))
        assert math.degrees(angles(found, wanted(motion, i))) < TOLERANCE
    broken = scene_of(follower(0, good, reference="{"))
    said = targets.apply_frame(
        broken, frame_of(0.0, {0: pose_of(motion, 0)}), hello_of({0: HUMANOID})
    )
    assert "reference pose is broken" in said


def test_an_armature_that_is_changed_is_read_anew() -> None:
    motion, armature = MOTIONS["random"](), vrm_as_imported()
    scene, hello = scene_of(follower(0, armature)), hello_of({0: HUMANOID})
    assert targets.apply_frame(scene, frame_of(0.0, {0: pose_of(motion, 0)}), hello) == ""
    with rigs.Editing(armature) as bones:
        for i, bone in enumerate(bones):
            bone.roll += 0.3 * i
        bones.remove(bones["leftIndexDistal"])
    assert targets.apply_frame(scene, frame_of(0.0, {0: pose_of(motion, 1)}), hello) == ""
    found = limbs(armature, names_on(armature))
    assert math.degrees(angles(found, wanted(motion, 1))) < TOLERANCE


def test_an_armature_is_left_alone_while_it_is_edited() -> None:
    motion, armature = MOTIONS["random"](), vrm_as_imported()
    scene, hello = scene_of(follower(0, armature)), hello_of({0: HUMANOID})
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    assert targets.apply_frame(scene, frame_of(0.0, {0: pose_of(motion, 0)}), hello) == ""
    bpy.ops.object.mode_set(mode="OBJECT")
    assert all(bone.matrix_basis == Matrix() for bone in armature.pose.bones)


def test_a_running_action_does_not_hold_the_pose() -> None:
    motion, armature = MOTIONS["random"](), vrm_as_imported()
    bone = armature.pose.bones["leftUpperArm"]
    bone.keyframe_insert("rotation_quaternion", frame=1)
    scene, hello = scene_of(follower(0, armature)), hello_of({0: HUMANOID})
    assert targets.apply_frame(scene, frame_of(0.0, {0: pose_of(motion, 0)}), hello) == ""
    found = limbs(armature, names_on(armature))
    assert math.degrees(angles(found, wanted(motion, 0))) < TOLERANCE
