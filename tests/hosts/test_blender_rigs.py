"""Armatures in Blender itself, moved by the add-on and measured where Blender puts their bones.

The golden pose and random ones, on our own skeleton, a generated Rigify rig, an A-posed rig with
Mixamo's names and rolled bones, a VRM rig, and armatures that are turned and scaled.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import types
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from motions import degrees_apart
from rig_motions import HUMANOID, LIMBS, angles, motion_of

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.bone_map import SIDES
from mocap.motion import Motion
from mocap.retarget import Retargeter
from mocap.skeleton import Skeleton

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    bpy: Any = pytest.importorskip("bpy", reason="Blender's module bpy is not installed")

from mathutils import Matrix, Quaternion  # type: ignore[import-not-found]

sys.path.insert(0, str(Path(__file__).parents[2] / "addons" / "blender"))

from mocap_bridge import clips, live, mocap_client, rigify, rigs, targets  # type: ignore[import-not-found]
from mocap_bridge.bone_maps import RigError  # type: ignore[import-not-found]

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "pose_conversions.json").read_text(encoding="utf-8")
)
TOLERANCE = 0.1  # [degrees] of the directions of arms and legs
PLACE = 2e-6  # [m] what single precision leaves of a place
LEVEL = 1e-4  # [m] by which soles may leave the ground
FRAMES = 5


@pytest.fixture(autouse=True)
def empty_file() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    targets.reset()


# --- motions -------------------------------------------------------------------------------


def golden_motion() -> Motion:
    """The golden pose, of a skeleton of its own."""
    bones = world("mocap, glTF, VRM 1")["bones"]
    names = [bone["name"] for bone in bones]
    skeleton = Skeleton(
        tuple(names),
        np.array([-1 if b["parent"] is None else names.index(b["parent"]) for b in bones]),
        np.array([bone["offset"] for bone in bones], dtype=np.float64),
    )
    turns = rotation.normalize([bone["rotation"] for bone in bones])
    return Motion(skeleton, np.zeros(1), np.array([bones[0]["position"]]), turns[None])


def world(name: str) -> Any:
    return next(world for world in GOLDEN["worlds"] if world["name"] == name)


MOTIONS: dict[str, Callable[[], Motion]] = {
    "golden": golden_motion,
    "random": lambda: motion_of(HUMANOID, 11, FRAMES),
}


def told(skeleton: Skeleton) -> Any:
    """A skeleton in the add-on's words."""
    return clips.Skeleton(
        skeleton.names, tuple(skeleton.parents.tolist()), skeleton.offsets, skeleton.tips
    )


def to_blender(points: Array) -> Array:
    return points[..., [0, 2, 1]] * np.array([1.0, -1.0, 1.0])


# --- rigs ----------------------------------------------------------------------------------


def built(skeleton: Skeleton, tails: Array, rolls: Array, name: str = "rig") -> Any:
    """An armature of a skeleton, its bones drawn to `tails` [m, our axes] and rolled [rad]."""
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(armature)
    heads, tails = to_blender(skeleton.rest_positions), to_blender(tails)
    with rigs.Editing(armature) as bones:
        for i, bone in enumerate(skeleton.names):
            made = bones.new(bone)
            made.head, made.tail, made.roll = heads[i].tolist(), tails[i].tolist(), float(rolls[i])
            if skeleton.parents[i] >= 0:
                made.parent = bones[skeleton.names[skeleton.parents[i]]]
    return armature


def natural_tails(skeleton: Skeleton) -> Array:
    at = skeleton.rest_positions
    tails = at + np.where(np.isfinite(skeleton.tips), skeleton.tips, [0.0, 0.03, 0.0])
    for i, children in enumerate(skeleton.children):
        if children:
            tails[i] = at[children[len(children) // 2]]
    return tails


def mixamo_in_a_pose() -> Any:
    """Mixamo's names, arms hanging at 45 degrees, every bone rolled by chance."""
    skeleton = skeletons.by_name("mixamo")
    down = rotation.identity(len(skeleton))
    for side, sign in zip(("Left", "Right"), (-1, 1), strict=True):
        bone = skeleton.index(f"mixamorig:{side}Arm")
        down[bone] = rotation.axis_angle([0.0, 0.0, 1.0], sign * math.pi / 4)
    at, _ = skeleton.fk(skeleton.offsets[0], down)
    hanging = skeleton.replace(
        offsets=[at[i] - (at[p] if p >= 0 else 0) for i, p in enumerate(skeleton.parents)]
    )
    rolls = np.random.default_rng(4).uniform(-math.pi, math.pi, len(skeleton))
    return built(hanging, natural_tails(hanging), rolls)


def vrm_as_imported() -> Any:
    """VRM's names, all bones drawn upwards as importers of glTF may do."""
    skeleton = skeletons.by_name("vrm")
    tails = skeleton.rest_positions + [0.0, 0.04, 0.0]
    return built(skeleton, tails, np.zeros(len(skeleton)))


def rigify_rig() -> Any:
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_basic_human_metarig_add()
    bpy.ops.pose.rigify_generate()
    return bpy.context.object


DEFORMING = {
    "hips": "DEF-spine",
    **{
        side + human: f"DEF-{bone}.{side[0].upper()}"
        for side in SIDES
        for human, bone in {
            "UpperLeg": "thigh",
            "LowerLeg": "shin",
            "Foot": "foot",
            "UpperArm": "upper_arm",
            "LowerArm": "forearm",
            "Hand": "hand",
        }.items()
    },
}


def names_on(armature: Any) -> Mapping[str, str]:
    """The bones to be measured: those that move the mesh."""
    if rigify.is_rig(armature):
        return DEFORMING
    return dict(targets.map_of(armature).pairs)


# --- what Blender makes of it --------------------------------------------------------------


def heads(armature: Any, names: list[str]) -> Array:
    """(N, 3) where pose bones begin in the world, in Blender's axes."""
    now = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([now.matrix_world @ now.pose.bones[name].head for name in names])


def limbs(armature: Any, names: Mapping[str, str]) -> Array:
    """(8, 3) unit directions of arms and legs in the world."""
    ends = [heads(armature, [names[pair[k]] for pair in LIMBS]) for k in (0, 1)]
    return rotation.unit(ends[1] - ends[0])


def wanted(motion: Motion, frame: int) -> Array:
    """(8, 3) the same of the person."""
    at, _ = motion.fk()
    index = motion.skeleton.index
    ends = [at[frame, [index(pair[k]) for pair in LIMBS]] for k in (0, 1)]
    return to_blender(rotation.unit(ends[1] - ends[0]))


def moved(armature: Any, motion: Motion, frame: int, **settings: Any) -> Any:
    """Have an armature take the pose of a frame."""
    rigged = targets.rigged_of(armature, told(motion.skeleton), rigs.Settings((), **settings))
    rigged.apply(rigged.pose(motion.root, motion.rotations), frame)
    return rigged


def assert_same_directions(armature: Any, motion: Motion, turn: Any = None) -> None:
    names = names_on(armature)
    for frame in range(len(motion)):
        moved(armature, motion, frame)
        expected = wanted(motion, frame)
        if turn is not None:
            expected = expected @ np.array(turn.to_3x3()).T
        assert math.degrees(angles(limbs(armature, names), expected)) < TOLERANCE


RIGS: dict[str, Callable[[], Any]] = {
    "mixamo": mixamo_in_a_pose,
    "vrm": vrm_as_imported,
    "rigify": rigify_rig,
}


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("rig", RIGS)
def test_arms_and_legs_point_as_the_persons(rig: str, motion: str) -> None:
    assert_same_directions(RIGS[rig](), MOTIONS[motion]())


@pytest.mark.parametrize("motion", MOTIONS)
def test_our_own_skeleton_takes_every_place(motion: str) -> None:
    person = MOTIONS[motion]()
    armature = rigs.create(bpy.context.scene, told(person.skeleton), "Person 0")
    at, _ = person.fk()
    for frame in range(len(person)):
        moved(armature, person, frame)
        found = heads(armature, list(person.skeleton.names))
        np.testing.assert_allclose(found, to_blender(at[frame]), atol=PLACE)


def test_the_golden_pose_is_that_of_blenders_world() -> None:
    """Places and turns of the golden file for Blender, the rest of the armature taken off."""
    person = golden_motion()
    armature = rigs.create(bpy.context.scene, told(person.skeleton), "Person 0")
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
        armature = rigs.create(bpy.context.scene, told(person.skeleton), "Person 0")
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


# --- generated rigs ------------------------------------------------------------------------


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
    rigged = targets.rigged_of(rig, told(HUMANOID), rigs.Settings(()))
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
        said = targets.apply_frame(scene, frame_of({0: (motion, 0)}), hello)
        assert said == "rig: cube is being edited: go back to object mode first"
    assert not go_betweens()
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.select_set(True)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="POSE")
    assert targets.apply_frame(scene, frame_of({0: (motion, 0)}), hello) == ""
    assert math.degrees(angles(limbs(rig, DEFORMING), wanted(motion, 0))) < TOLERANCE
    # whoever works in pose mode goes on there
    assert bpy.context.view_layer.objects.active == rig
    assert rig.mode == "POSE"


# --- live ----------------------------------------------------------------------------------


def hello_of(people: Mapping[int, Skeleton]) -> Any:
    first = next(iter(people.values()))
    flat = {person: tuple(body.offsets.ravel()) for person, body in people.items()}
    parents = tuple(first.parents.tolist())
    return mocap_client.Hello(
        "mocap", first.names, parents, tuple(first.offsets.ravel()), {}, flat, 30.0, 0.0
    )


def frame_of(people: Mapping[int, tuple[Motion, int]]) -> Any:
    return mocap_client.Frame(
        1,
        0.0,
        tuple(
            mocap_client.Person(
                person,
                "tracked",
                1.0,
                tuple(motion.root[i].tolist()),
                motion.rotations[i].ravel().tolist(),
                {},
            )
            for person, (motion, i) in people.items()
        ),
    )


def follower(person: int, armature: Any, **changes: Any) -> Any:
    """A line of the list of targets."""
    values = {
        "person": person,
        "armature": armature,
        "bones": [],
        "reference": "",
        "scale": "LEGS",
        "scale_factor": 1.0,
        "root": "BONE",
        "in_place": False,
        "enabled": True,
    }
    return types.SimpleNamespace(**{**values, **changes})


def scene_of(*items: Any) -> Any:
    settings = types.SimpleNamespace(targets=list(items))
    return types.SimpleNamespace(mocap_bridge=settings, objects=bpy.context.scene.objects)


def test_everyone_moves_their_own_armature() -> None:
    motion, golden = MOTIONS["random"](), golden_motion()
    first, second = mixamo_in_a_pose(), vrm_as_imported()
    third = built(HUMANOID, natural_tails(HUMANOID), np.zeros(len(HUMANOID)), "idle")
    scene = scene_of(follower(7, first), follower(3, second), follower(3, third, enabled=False))
    frame = frame_of({3: (motion, 0), 7: (motion, 2)})
    hello = hello_of({3: HUMANOID, 7: HUMANOID})
    assert targets.apply_frame(scene, frame, hello) == ""
    for armature, i in ((first, 2), (second, 0)):
        found = limbs(armature, names_on(armature))
        assert math.degrees(angles(found, wanted(motion, i))) < TOLERANCE
    assert all(bone.matrix_basis == Matrix() for bone in third.pose.bones)
    # another skeleton altogether
    frame, hello = frame_of({3: (golden, 0)}), hello_of({3: golden.skeleton})
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
        said = targets.apply_frame(scene, frame_of({0: (motion, i)}), hello_of({0: HUMANOID}))
        assert said.startswith("bare: cannot tell which bones are which")
        found = limbs(good, names_on(good))
        assert math.degrees(angles(found, wanted(motion, i))) < TOLERANCE
    broken = scene_of(follower(0, good, reference="{"))
    said = targets.apply_frame(broken, frame_of({0: (motion, 0)}), hello_of({0: HUMANOID}))
    assert "reference pose is broken" in said


def test_an_armature_that_is_changed_is_read_anew() -> None:
    motion, armature = MOTIONS["random"](), vrm_as_imported()
    scene, hello = scene_of(follower(0, armature)), hello_of({0: HUMANOID})
    assert targets.apply_frame(scene, frame_of({0: (motion, 0)}), hello) == ""
    with rigs.Editing(armature) as bones:
        for i, bone in enumerate(bones):
            bone.roll += 0.3 * i
        bones.remove(bones["leftIndexDistal"])
    assert targets.apply_frame(scene, frame_of({0: (motion, 1)}), hello) == ""
    found = limbs(armature, names_on(armature))
    assert math.degrees(angles(found, wanted(motion, 1))) < TOLERANCE


def test_an_armature_is_left_alone_while_it_is_edited() -> None:
    motion, armature = MOTIONS["random"](), vrm_as_imported()
    scene, hello = scene_of(follower(0, armature)), hello_of({0: HUMANOID})
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    assert targets.apply_frame(scene, frame_of({0: (motion, 0)}), hello) == ""
    bpy.ops.object.mode_set(mode="OBJECT")
    assert all(bone.matrix_basis == Matrix() for bone in armature.pose.bones)


def test_a_running_action_does_not_hold_the_pose() -> None:
    motion, armature = MOTIONS["random"](), vrm_as_imported()
    bone = armature.pose.bones["leftUpperArm"]
    bone.keyframe_insert("rotation_quaternion", frame=1)
    scene, hello = scene_of(follower(0, armature)), hello_of({0: HUMANOID})
    assert targets.apply_frame(scene, frame_of({0: (motion, 0)}), hello) == ""
    found = limbs(armature, names_on(armature))
    assert math.degrees(angles(found, wanted(motion, 0))) < TOLERANCE
