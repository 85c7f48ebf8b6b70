"""Armatures of many kinds in Blender, how they are made to take poses, and where their bones are.

The golden pose and random ones, on our own skeleton, a generated Rigify rig, an A-posed rig with
Mixamo's names and rolled bones, and a VRM rig.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from blender_module import bpy
from blender_stage import GOLDEN, as_skeleton
from mocap_bridge import rigify, rigs, targets  # type: ignore[import-not-found]
from rig_motions import HUMANOID, LIMBS, angles, motion_of

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.bone_map import SIDES
from mocap.motion import Motion
from mocap.skeleton import Skeleton

QUIET = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
WORLDS = json.loads((GOLDEN / "pose_conversions.json").read_text(encoding="utf-8"))["worlds"]
TOLERANCE = 0.1  # [degrees] of the directions of arms and legs
PLACE = 2e-6  # [m] what single precision leaves of a place
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
    return next(world for world in WORLDS if world["name"] == name)


MOTIONS: dict[str, Callable[[], Motion]] = {
    "golden": golden_motion,
    "random": lambda: motion_of(HUMANOID, 11, FRAMES),
}


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


RIGS: dict[str, Callable[[], Any]] = {
    "mixamo": mixamo_in_a_pose,
    "vrm": vrm_as_imported,
    "rigify": rigify_rig,
}


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
    rigged = targets.rigged_of(
        armature, as_skeleton(motion.skeleton), rigs.Settings((), **settings)
    )
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
