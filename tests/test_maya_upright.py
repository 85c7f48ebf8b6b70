"""Files of other programs on Maya's rigs, read as what they mean, as the package reads them."""

from __future__ import annotations

import json
import warnings
from array import array
from pathlib import Path

import maya_fake
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_people import rig
from mocap_bridge_maya import bake, bvh_clips, take_import
from mocap_bridge_maya.rig import Rigged
from mocap_bridge_maya.shared import bvh
from mocap_bridge_maya.shared.clip import Clip
from mocap_bridge_maya.shared.skeleton import Skeleton as Bones
from mocap_bridge_maya.upright import fk, rebased, upright, vertical_of
from motions import SHARED_BVH, degrees_apart, millimetres_apart, motions

import exporters.bvh
from exporters.format import FormatWarning
from mocap import rotation
from mocap.motion import Motion
from mocap.retarget import Retargeter, retarget
from mocap.skeleton import Skeleton
from mocap.skeletons import by_name, humanoid


def package_bvh(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        return exporters.bvh.loads(data)


def as_clip(motion):
    tips = [None if np.isnan(tip).any() else tuple(tip.tolist()) for tip in motion.skeleton.tips]
    known = motion.skeleton
    bones = Bones(
        known.names,
        tuple(known.parents.tolist()),
        tuple(map(tuple, known.offsets.tolist())),
        tuple(tips),
    )
    flat = [None if x is None else array("d", np.ravel(x).tolist()) for x in (
        motion.times, motion.root, motion.rotations, motion.translations,
    )]  # fmt: skip
    return Clip(0, bones, *flat)


def as_motion(clip):
    body, bones = clip.skeleton, len(clip.skeleton)
    tips = np.array([tip or [np.nan] * 3 for tip in body.tips])
    known = Skeleton(body.names, np.array(body.parents), np.array(body.offsets), tips)
    moved = clip.translations
    return Motion(
        known,
        np.array(clip.times),
        np.reshape(clip.root, (-1, 3)),
        np.reshape(clip.rotations, (-1, bones, 4)),
        None if moved is None else np.reshape(moved, (-1, bones, 3)),
    )


@given(motions(), st.data())
def test_another_rest_pose_moves_nothing(motion, data):
    clip = as_clip(motion)
    frame = data.draw(st.integers(0, len(clip) - 1))
    counted = rebased(clip, frame)
    places = [fk(counted, n) for n in range(len(clip))]
    np.testing.assert_allclose(places, motion.fk()[0], atol=1e-9)
    at = 4 * len(clip.skeleton) * frame
    still = np.reshape(counted.rotations[at : at + 4 * len(clip.skeleton)], (-1, 4))
    np.testing.assert_allclose(np.abs(still[:, 3]), 1.0, atol=1e-9)


def own_axes(frames=30):
    """The humanoid walking, of which each bone has axes of its own, over a floor at -0.3 m."""
    body = humanoid()
    random = np.random.default_rng(5)
    times = np.arange(frames) / 30
    turned = rotation.exp(0.2 * np.sin(times)[:, None, None] * random.normal(size=(len(body), 3)))
    turned[:1] = rotation.identity(1, len(body))
    axes = rotation.exp(random.normal(0, 1.5, (len(body), 3)))
    world = rotation.mul(body.to_global(turned), axes)
    offsets = body.offsets.copy()
    above = axes[body.parents[1:]]
    offsets[1:] = rotation.rotate(rotation.inv(above), offsets[1:])
    strange = Skeleton(body.names, body.parents, offsets)
    root = np.stack([0 * times, body.offsets[0, 1] - 0.3 + 0 * times, times], axis=-1)
    return Motion(strange, times, root, strange.to_local(world))


def assert_retargets_alike(motion, clip, within=0.01):
    """Assert that what was read upright needs no more reading to move another body alike.

    Args:
        within: [mm] of the long ones some frames alone are looked at.
    """
    target = by_name("mixamo")
    expected = retarget(motion, target)
    found = Retargeter(as_motion(clip).skeleton, target)(as_motion(clip))
    assert millimetres_apart(found.fk()[0], expected.fk()[0]) < within
    assert degrees_apart(found.rotations, expected.rotations) < 1e-3


def test_bones_with_axes_of_their_own_are_read_upright():
    motion = own_axes()
    assert_retargets_alike(motion, upright(as_clip(motion)))


def test_what_stands_along_another_axis_than_its_rest_pose_is_turned():
    motion = own_axes()
    quarter = rotation.exp(np.array([np.pi / 2, 0, 0]))
    rotations = motion.rotations.copy()
    rotations[:, 0] = rotation.mul(quarter, rotations[:, 0])
    lying = Motion(motion.skeleton, motion.times, rotation.rotate(quarter, motion.root), rotations)
    assert vertical_of(as_clip(lying)) == "z"
    assert vertical_of(as_clip(motion)) == "y"
    assert_retargets_alike(lying, upright(as_clip(lying)))


def test_what_the_capture_writes_is_upright_already():
    body = humanoid()
    still = Motion(
        body, np.arange(3) / 30, np.tile(body.offsets[0], (3, 1)), rotation.identity(3, 22)
    )
    clip = as_clip(still)
    assert upright(clip) is clip


@given(motions())
def test_angles_of_a_file_become_the_rotations_of_its_joints(motion):
    data = b"".join(exporters.bvh.dump(motion))
    found = as_motion(bvh_clips.clip_of(bvh.loads(data, "CM"), 0))
    expected = package_bvh(data).people[0].motion
    np.testing.assert_allclose(found.root, expected.root, atol=1e-9)
    assert degrees_apart(found.rotations, expected.rotations) < 1e-6
    np.testing.assert_allclose(found.fk()[0], expected.fk()[0], atol=1e-9)


@pytest.mark.parametrize("name", SHARED_BVH)
def test_recordings_move_a_rig_as_the_program_moves_it(shared_data, name):
    path = Path(shared_data) / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    motion = package_bvh(path.read_bytes()).people[0].motion
    clips, _ = take_import.clips_of(path, "CM")
    assert_retargets_alike(motion, clips[0], within=0.2)
    if len(clips[0]) < 50:
        return
    target = by_name("mixamo")
    like = Bones(
        target.names,
        tuple(target.parents.tolist()),
        tuple(map(tuple, target.offsets.tolist())),
        (None,) * len(target.names),
    )
    short = as_clip(as_motion(clips[0])[:50])
    scene = maya_fake.FakeScene(rate=1 / (short.times[1] - short.times[0]))
    nodes = rig(scene, like, seed=1)
    rigged = Rigged(scene, nodes[target.names[0]], short.skeleton)
    bake.write(scene, [(rigged, short)], 1)
    expected, _ = retarget(motion, target).fk()
    for n in (0, 20, 49):
        scene.go_to(1 + n)
        for bone, place in zip(target.names, expected[n], strict=True):
            np.testing.assert_allclose(
                scene.place(nodes[bone]), 100 * place, atol=0.03, err_msg=json.dumps([n, bone])
            )
