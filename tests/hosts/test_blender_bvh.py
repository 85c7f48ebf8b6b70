"""Blender's own BVH importer as the judge of what our reader and writer mean.

Blender's world is z up and its characters look along -y: ours (x, y, z) is its (x, -z, y).
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blender_module import bpy
from motions import SHARED_BVH, millimetres_apart

from exporters import bvh
from exporters.format import FormatWarning, Options
from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.motion import Motion

# its importer leaves the file open for the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TOLERANCE = 0.1  # [mm]
FRAMES = 12  # of each recording


def imported(path: Path) -> Any:
    """The armature that Blender makes of a file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_anim.bvh(
        filepath=str(path),
        axis_forward="-Z",
        axis_up="Y",
        global_scale=0.01,
        rotate_mode="QUATERNION",
    )
    (armature,) = bpy.data.objects
    return armature


def to_ours(points: Array) -> Array:
    return points[..., [0, 2, 1]] * np.array([1.0, 1.0, -1.0])


def posed(armature: Any, names: list[str], frame: int) -> Array:
    """(J, 3) [m] where the bones begin in one frame of the file, in our axes."""
    bpy.context.scene.frame_set(frame + 1)
    world = armature.matrix_world
    return to_ours(np.array([world @ armature.pose.bones[name].head for name in names]))


def resting(armature: Any) -> dict[str, tuple[Array, Array]]:
    """Beginning and end of each bone of the rest pose [m], in Blender's axes."""
    world = armature.matrix_world
    return {
        bone.name: (np.array(world @ bone.head_local), np.array(world @ bone.tail_local))
        for bone in armature.data.bones
    }


def assert_agrees(armature: Any, motion: Motion, names: list[str]) -> None:
    positions, _ = motion.fk()
    for frame in np.unique(np.linspace(0, len(motion) - 1, FRAMES).astype(int)).tolist():
        found = posed(armature, names, frame)
        assert millimetres_apart(found, positions[frame]) < TOLERANCE, f"frame {frame}"


def random_dance() -> Motion:
    """The humanoid in wild random poses, walking off to one side."""
    random = np.random.default_rng(7)
    body = skeletons.humanoid()
    frames = 40
    return Motion(
        body,
        times=np.arange(frames) / 30,
        root=body.offsets[0] + np.cumsum(random.normal(0, 0.05, (frames, 3)), axis=0),
        rotations=rotation.exp(np.cumsum(random.normal(0, 0.4, (frames, len(body), 3)), axis=0)),
    )


@pytest.mark.parametrize(
    "name",
    SHARED_BVH,
)
def test_blender_reads_recordings_as_we_do(shared_data: Path, name: str) -> None:
    path = shared_data / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        motion = bvh.read(path, Options()).people[0].motion
    assert motion is not None
    assert_agrees(imported(path), motion, list(motion.skeleton.names))


def test_blender_reads_the_golden_file_as_we_do(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "golden" / "orders.bvh"
    # Blender wants all three rotation channels or none, and takes a missing position for zero
    text = golden.read_text()
    text = text.replace("1 Zrotation", "3 Zrotation Xrotation Yrotation")
    all_six = "6 Xposition Yposition Zposition Xrotation Yrotation Zrotation"
    text = text.replace("2 Yposition Xrotation", all_six)
    text = re.sub(r"(\S+) (\S+) (\S+)(?=\n\S+ \S+ \S+ \S+|\n$)", r"\1 0 0 5 \2 0 \3 0 0", text)
    path = tmp_path / "orders.bvh"
    path.write_text(text)
    motion = bvh.read(golden, Options()).people[0].motion
    assert motion is not None
    names = [name.replace(" ", "_") for name in motion.skeleton.names]
    assert_agrees(imported(path), motion, names)


@pytest.mark.parametrize("moving", [False, True], ids=["fixed bones", "moving bones"])
def test_blender_reads_what_we_write(tmp_path: Path, moving: bool) -> None:
    motion = random_dance()
    if moving:
        steps = motion.skeleton.offsets + np.random.default_rng(2).normal(
            0, 0.05, (len(motion), len(motion.skeleton), 3)
        )
        motion = Motion(
            motion.skeleton, motion.times, motion.root, motion.rotations, translations=steps
        )
    path = tmp_path / "dance.bvh"
    path.write_bytes(b"".join(bvh.dump(motion)))
    assert_agrees(imported(path), motion, list(motion.skeleton.names))


def test_the_character_stands_as_blender_expects(tmp_path: Path) -> None:
    path = tmp_path / "dance.bvh"
    path.write_bytes(b"".join(bvh.dump(random_dance())))
    rest = resting(imported(path))
    ends = np.array([point for bone in rest.values() for point in bone])
    assert 1.6 < np.ptp(ends[:, 2]) < 1.9
    assert abs(ends[:, 2].min()) < 0.03
    # up from hips to head, left to +x, toes to -y
    assert rest["head"][0][2] > rest["hips"][0][2] + 0.4
    assert rest["leftHand"][0][0] > 0.5
    assert rest["rightHand"][0][0] < -0.5
    assert rest["leftToes"][0][1] < rest["leftFoot"][0][1] - 0.05
    # T-pose: both arms level
    for side in ("left", "right"):
        heights = [rest[f"{side}{bone}"][0][2] for bone in ("UpperArm", "LowerArm", "Hand")]
        assert np.ptp(heights) < 0.01
