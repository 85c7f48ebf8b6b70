"""Recording of the add-on, in Blender as a module: frames that came become actions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blender_module import bpy
from blender_stage import (
    GOLDEN,
    MILLIMETRE,
    assert_plays,
    character,
    connect,
    dance,
    expected,
    frame_of,
    joints,
    module,
    stream,
)
from blender_stage import registered as registered
from blender_stage import scene as scene

from mocap import rotation
from mocap.arrays import Array
from mocap.motion import Motion
from mocap.skeleton import Skeleton


def curves(action: Any) -> dict[tuple[str, int], Any]:
    """The F-curves of an action, in every version of Blender."""
    if bpy.app.version < (4, 4):
        found = action.fcurves
    else:
        found = action.layers[0].strips[0].channelbag(action.slots[0]).fcurves
    return {(curve.data_path, curve.array_index): curve for curve in found}


def keyed(curve: Any) -> Array:
    """(T, 2) frames and values of a curve."""
    flat = np.empty(2 * len(curve.keyframe_points), dtype=np.float32)
    curve.keyframe_points.foreach_get("co", flat)
    return flat.reshape(-1, 2).astype(np.float64)


@pytest.mark.parametrize(
    ("fps", "base"), [(24, 1.0), (30, 1.001), (60, 1.0)], ids=["24", "29.97", "60"]
)
def test_uneven_frames_become_even_ones_of_the_scene(scene: Any, fps: int, base: float) -> None:
    scene.render.fps, scene.render.fps_base = fps, base
    motion = dance()
    armature = character(scene, motion.skeleton)
    connect(motion)
    scene.mocap_bridge.record_name = "jump"
    assert bpy.ops.mocap_bridge.record_start() == {"FINISHED"}
    assert module("recording").active()
    stream(motion)
    assert bpy.ops.mocap_bridge.record_stop() == {"FINISHED"}
    assert not module("recording").active()
    action = armature.animation_data.action
    assert action.name == "jump"
    places = expected(motion, fps / base)
    assert action.frame_range[:] == (1.0, float(len(places)))
    assert_plays(scene, armature, places, motion.skeleton.names)


def test_the_golden_pose(scene: Any) -> None:
    worlds = json.loads((GOLDEN / "pose_conversions.json").read_text())["worlds"]
    ours, theirs = (
        next(w["bones"] for w in worlds if name in w["name"]) for name in ("mocap", "Blender")
    )
    names = [bone["name"] for bone in ours]
    offsets = np.array([bone["offset"] for bone in ours], dtype=np.float64)
    parents = [-1 if b["parent"] is None else names.index(b["parent"]) for b in ours]
    body = Skeleton(tuple(names), np.array(parents), offsets)
    turned = np.array([[bone["rotation"] for bone in ours]] * 2)
    root = np.array([ours[0]["position"]] * 2)
    motion = Motion(body, np.array([0.0, 0.1]), root, turned)
    armature = character(scene, body)
    connect(motion)
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    bpy.ops.mocap_bridge.record_stop()
    scene.frame_set(2)
    for bone in theirs:
        posed = armature.pose.bones[bone["name"]]
        np.testing.assert_allclose(posed.head, bone["position"], atol=1e-4)


def test_one_undo_takes_all_of_it_back(scene: Any) -> None:
    motion = dance()
    character(scene, motion.skeleton)
    character(scene, motion.skeleton, person=1, name="Villain")
    connect(motion, motion)
    bpy.ops.ed.undo_push(message="before")
    end = scene.frame_end
    bpy.ops.mocap_bridge.record_start()
    stream(motion, motion)
    assert not bpy.data.actions
    bpy.ops.mocap_bridge.record_stop("EXEC_DEFAULT", True)
    assert len(bpy.data.actions) == 2
    bpy.ops.ed.undo()
    assert not bpy.data.actions
    assert bpy.context.scene.frame_end == end
    for name in ("Hero", "Villain"):
        data = bpy.data.objects[name].animation_data
        assert data is None or data.action is None
    bpy.ops.ed.redo()
    assert len(bpy.data.actions) == 2
    assert_plays(
        bpy.context.scene,
        bpy.data.objects["Villain"],
        expected(motion, 30.0),
        motion.skeleton.names,
    )


def spin() -> Motion:
    """Turns that go round and round, some through the poles of Euler angles."""
    motion = dance(120)
    turned = motion.rotations.copy()
    t = motion.times
    for bone, axis in (("leftUpperArm", [0, 0, 1]), ("hips", [0, 1, 0]), ("head", [1, 1, 0])):
        along = np.tile(rotation.unit(np.array(axis, dtype=np.float64)), (len(t), 1))
        spun = rotation.axis_angle(along, 3.0 * t)
        i = motion.skeleton.index(bone)
        turned[:, i] = rotation.mul(spun, turned[:, i])
    # the capture may give either sign of a quaternion
    turned[1::2] *= -1
    return Motion(motion.skeleton, t, motion.root, turned)


@pytest.mark.parametrize(
    "mode", ["QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE"]
)
def test_every_rotation_mode_without_flips(scene: Any, mode: str) -> None:
    motion = spin()
    armature = character(scene, motion.skeleton)
    for bone in armature.pose.bones:
        bone.rotation_mode = mode
    scene.render.fps = 120
    connect(motion)
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    bpy.ops.mocap_bridge.record_stop()
    assert {bone.rotation_mode for bone in armature.pose.bones} == {mode}
    assert_plays(scene, armature, expected(motion, 120.0), motion.skeleton.names)
    kind = mode.lower() if mode in ("QUATERNION", "AXIS_ANGLE") else "euler"
    found = curves(armature.animation_data.action)
    for name in ("leftUpperArm", "hips", "head"):
        path = f'pose.bones["{name}"].rotation_{kind}'
        values = np.stack(
            [keyed(found[path, i])[:, 1] for i in range(3 if kind == "euler" else 4)], axis=-1
        )
        steps = np.abs(np.diff(values, axis=0)).max()
        assert steps < (0.3 if kind == "quaternion" else 3.2), f"{name} jumps by {steps:.2f}"
        if kind == "quaternion":
            assert (np.sum(values[1:] * values[:-1], axis=-1) > 0).all()


def test_a_strip_of_the_nla_editor(scene: Any) -> None:
    motion = dance()
    armature = character(scene, motion.skeleton)
    connect(motion)
    scene.mocap_bridge.record_nla = True
    for name in ("first", "second"):
        scene.mocap_bridge.record_name = name
        bpy.ops.mocap_bridge.record_start()
        stream(motion)
        bpy.ops.mocap_bridge.record_stop()
    data = armature.animation_data
    assert data.action is None
    assert [[strip.action.name for strip in track.strips] for track in data.nla_tracks] == [
        ["first"],
        ["second"],
    ]
    places = expected(motion, 30.0)
    strip = data.nla_tracks[0].strips[0]
    assert (strip.frame_start, strip.frame_end) == (1.0, float(len(places)))
    assert_plays(scene, armature, places, motion.skeleton.names)


def test_a_file_keeps_every_take(scene: Any, tmp_path: Path) -> None:
    motion = dance()
    character(scene, motion.skeleton)
    connect(motion)
    for name in ("first", "second"):
        scene.mocap_bridge.record_name = name
        bpy.ops.mocap_bridge.record_start()
        stream(motion)
        bpy.ops.mocap_bridge.record_stop()
    path = str(tmp_path / "takes.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert sorted(bpy.data.actions.keys()) == ["first", "second"]
    armature = bpy.data.objects["Hero"]
    assert armature.animation_data.action.name == "second"
    assert_plays(bpy.context.scene, armature, expected(motion, 30.0), motion.skeleton.names)


def test_who_comes_later_stands_still_until_then(scene: Any) -> None:
    motion = dance(40)
    character(scene, motion.skeleton)
    late = character(scene, motion.skeleton, person=1, name="Late")
    connect(motion, motion)
    bpy.ops.mocap_bridge.record_start()
    recording = module("recording")
    recording.push(frame_of(99.0, {}), 6.0)  # before anybody is there, nothing begins
    for k, t in enumerate(motion.times):
        ids = (0,) if k < 20 else (0, 1)
        poses = {i: (motion.root[k], motion.rotations[k]) for i in ids}
        recording.push(frame_of(100.0 + t, poses), 7.0 + t)
    bpy.ops.mocap_bridge.record_stop()
    names = motion.skeleton.names
    still = motion.fk()[0][20]
    places = expected(motion, 30.0)
    came = int((motion.times[20] - motion.times[0]) * 30) + 1
    scene.frame_set(2)
    assert np.abs(joints(late, names) - still).max() < MILLIMETRE
    scene.frame_set(1 + came + 3)
    assert np.abs(joints(late, names) - places[came + 3]).max() < MILLIMETRE
    assert len({action.frame_range[1] for action in bpy.data.actions}) == 1


def test_a_server_that_was_started_anew_goes_on(scene: Any) -> None:
    motion = dance(40)
    armature = character(scene, motion.skeleton)
    client = connect(motion)
    bpy.ops.mocap_bridge.record_start()
    recording = module("recording")
    for k, t in enumerate(motion.times):
        if k == 20:
            client.greet(motion)
        at = t + (500.0 if k < 20 else -1.0 - motion.times[0])  # the clock begins again
        recording.push(frame_of(at, {0: (motion.root[k], motion.rotations[k])}), 7.0 + t)
    bpy.ops.mocap_bridge.record_stop()
    assert_plays(scene, armature, expected(motion, 30.0), motion.skeleton.names)


def test_other_bones_end_a_recording_and_lose_nothing(scene: Any) -> None:
    motion = dance(40)
    armature = character(scene, motion.skeleton)
    client = connect(motion)
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    renamed = motion.skeleton.replace(names=["x" + name for name in motion.skeleton.names])
    client.greet(Motion(renamed, motion.times, motion.root, motion.rotations))
    stream(motion, start=200.0)
    assert "bones changed" in module("recording").state()["problem"]
    bpy.ops.mocap_bridge.record_stop()
    assert_plays(scene, armature, expected(motion, 30.0), motion.skeleton.names)


def test_a_recording_waits_for_a_character(scene: Any) -> None:
    motion = dance(40)
    connect(motion)
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    with pytest.raises(RuntimeError, match="no character follows person 0") as caught:
        bpy.ops.mocap_bridge.record_stop()
    assert "Traceback" not in str(caught.value)
    assert module("recording").active()
    stream(motion, start=200.0)  # comes after the end
    armature = character(scene, motion.skeleton)
    assert bpy.ops.mocap_bridge.record_stop() == {"FINISHED"}
    places = expected(motion, 30.0)
    assert armature.animation_data.action.frame_range[1] == len(places)
    assert_plays(scene, armature, places, motion.skeleton.names)


def test_nobody_was_there(scene: Any) -> None:
    connect(dance(2))
    bpy.ops.mocap_bridge.record_start()
    assert not bpy.ops.mocap_bridge.record_start.poll()
    assert bpy.ops.mocap_bridge.record_stop() == {"CANCELLED"}
    assert not module("recording").active()
    assert not bpy.ops.mocap_bridge.record_stop.poll()
    bpy.ops.mocap_bridge.record_start()
    assert bpy.ops.mocap_bridge.record_discard() == {"FINISHED"}
    assert not module("recording").active()


def test_the_server_records_too(scene: Any) -> None:
    motion = dance(10)
    character(scene, motion.skeleton)
    client = connect(motion)
    scene.mocap_bridge.record_on_server = True
    scene.mocap_bridge.record_name = "jump"
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    bpy.ops.mocap_bridge.record_stop()
    assert client.sent == [("record", {"name": "jump"}), ("stop", {})]


def test_it_begins_where_the_playhead_was(scene: Any) -> None:
    motion = dance(300)
    armature = character(scene, motion.skeleton)
    connect(motion)
    scene.frame_set(101)
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    bpy.ops.mocap_bridge.record_stop()
    frames = len(expected(motion, 30.0))
    assert armature.animation_data.action.frame_range[:] == (101.0, 100.0 + frames)
    assert scene.frame_end == 100 + frames


def test_a_generated_rig_is_keyed_at_its_controls(scene: Any) -> None:
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_basic_human_metarig_add()
    bpy.ops.pose.rigify_generate()
    rig = bpy.data.objects["rig"]
    item = scene.mocap_bridge.targets.add()
    item.armature = rig
    motion = dance(20)
    connect(motion)
    bpy.ops.mocap_bridge.record_start()
    stream(motion)
    bpy.ops.mocap_bridge.record_stop()
    assert [thing.name for thing in bpy.data.objects if thing.parent == rig] == []
    places, names = expected(motion, 30.0), motion.skeleton.names
    limbs = {
        "ORG-upper_arm.L": ("leftUpperArm", "leftLowerArm"),
        "ORG-forearm.R": ("rightLowerArm", "rightHand"),
        "ORG-thigh.L": ("leftUpperLeg", "leftLowerLeg"),
        "ORG-shin.R": ("rightLowerLeg", "rightFoot"),
    }
    for k in range(0, len(places), 4):
        scene.frame_set(1 + k)
        for name, (first, second) in limbs.items():
            bone = rig.pose.bones[name]
            found = np.array(bone.tail - bone.head)[[0, 2, 1]] * [1.0, 1.0, -1.0]
            wanted = places[k, names.index(second)] - places[k, names.index(first)]
            apart = np.linalg.norm(rotation.unit(found) - rotation.unit(wanted))
            assert np.degrees(apart) < 0.1, f"frame {k}: {name}"
