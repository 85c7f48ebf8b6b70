"""Generated Rigify rigs in Blender itself: what moves them comes and leaves nothing behind."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blender_armatures import (
    DEFORMING,
    MOTIONS,
    QUIET,
    TOLERANCE,
    follower,
    limbs,
    moved,
    rigify_rig,
    scene_of,
    wanted,
)
from blender_armatures import empty_file as empty_file
from blender_module import bpy
from blender_stage import as_skeleton, frame_of, hello_of, pose_of
from mocap_bridge import live, rigify, rigs, targets  # type: ignore[import-not-found]
from motions import degrees_apart
from rig_motions import HUMANOID, angles

pytestmark = QUIET


def go_betweens() -> list[Any]:
    return [thing for thing in bpy.data.objects if rigify.MARK in thing]


def test_a_generated_rig_is_let_go_as_it_was() -> None:
    rig = rigify_rig()
    limb = rig.pose.bones["thigh_parent.L"]
    limb["IK_FK"] = 0.25
    count = sum(len(bone.constraints) for bone in rig.pose.bones)
    moved(rig, MOTIONS["random"](), 0)
    assert len(go_betweens()) == 1
    assert limb["IK_FK"] == 1.0
    moved(rig, MOTIONS["random"](), 1)
    assert len(go_betweens()) == 1
    rigify.release(rig)
    assert not go_betweens()
    assert limb["IK_FK"] == 0.25
    assert sum(len(bone.constraints) for bone in rig.pose.bones) == count


def test_a_saved_file_plays_the_keyframes_of_a_generated_rig(tmp_path: Path) -> None:
    """Also where no add-on runs: nothing of what follows live stays in it."""
    rig, motion = rigify_rig(), MOTIONS["random"]()
    rig.keyframe_insert("location")
    live.register()
    try:
        moved(rig, motion, 0)
        assert len(go_betweens()) == 1
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "rig.blend"))
    finally:
        live.unregister()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "rig.blend"))
    assert not go_betweens()


def test_the_pelvis_of_a_generated_rig_is_where_it_belongs() -> None:
    rig, motion = rigify_rig(), MOTIONS["random"]()
    rest = rig.data.bones["DEF-spine"].matrix_local.to_quaternion()
    _, turned = motion.fk()
    for frame in range(len(motion)):
        moved(rig, motion, frame)
        now = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
        found = now.pose.bones["DEF-spine"].matrix.to_quaternion() @ rest.inverted()
        x, y, z, w = turned[frame, 0]
        assert degrees_apart(np.array(found), np.array([w, x, -z, y])) < TOLERANCE
        for a, b in (("DEF-spine", "DEF-thigh.L"), ("DEF-spine", "DEF-thigh.R")):
            long = (rig.data.bones[a].head_local - rig.data.bones[b].head_local).length
            apart = (now.pose.bones[a].head - now.pose.bones[b].head).length
            assert apart == pytest.approx(long, abs=1e-4)


def test_keyframes_of_a_generated_rig_are_those_of_its_controls() -> None:
    rig, motion = rigify_rig(), MOTIONS["random"]()
    rigged = targets.rigged_of(rig, as_skeleton(HUMANOID), rigs.Settings(()))
    bones, root, moves = rigged.keyed(motion.root, motion.rotations)
    rigged.let_go()
    assert not go_betweens()
    for frame in range(len(motion)):
        for n, bone in enumerate(bones):
            rig.pose.bones[bone].rotation_mode = "QUATERNION"
            rig.pose.bones[bone].rotation_quaternion = moves.basis[frame, n].tolist()
        rig.pose.bones[root].location = moves.location[frame].tolist()
        rig.update_tag()
        found = limbs(rig, DEFORMING)
        assert math.degrees(angles(found, wanted(motion, frame))) < TOLERANCE


def test_a_generated_rig_waits_while_something_is_edited() -> None:
    motion, rig = MOTIONS["random"](), rigify_rig()
    scene, hello = scene_of(follower(0, rig)), hello_of({0: HUMANOID})
    mesh = bpy.data.objects.new("cube", bpy.data.meshes.new("cube"))
    bpy.context.scene.collection.objects.link(mesh)
    bpy.context.view_layer.objects.active = mesh
    bpy.ops.object.mode_set(mode="EDIT")
    for _ in range(2):
        said = targets.apply_frame(scene, frame_of(0.0, {0: pose_of(motion, 0)}), hello)
        assert said == "rig: cube is being edited: go back to object mode first"
    assert not go_betweens()
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.select_set(True)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="POSE")
    assert targets.apply_frame(scene, frame_of(0.0, {0: pose_of(motion, 0)}), hello) == ""
    assert math.degrees(angles(limbs(rig, DEFORMING), wanted(motion, 0))) < TOLERANCE
    # whoever works in pose mode goes on there
    assert bpy.context.view_layer.objects.active == rig
    assert rig.mode == "POSE"
