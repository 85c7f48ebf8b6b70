"""Files of other programs, read as what they mean, as the package reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge import takes, upright  # type: ignore[import-not-found]
from mocap_bridge.shared import json_take  # type: ignore[import-not-found]
from mocap_bridge.takes import take_of  # type: ignore[import-not-found]
from motions import SHARED_BVH, degrees_apart, millimetres_apart, motions
from reading import json_of, package_bvh, standing
from recordings import STICK

from mocap import rotation
from mocap.motion import Motion
from mocap.retarget import Retargeter, retarget
from mocap.skeleton import Skeleton
from mocap.skeletons import by_name, humanoid


def as_clip(motion: Motion) -> Any:
    (clip,) = take_of(json_take.loads(json_of(motion))).clips
    return clip


def package_motion(clip: Any) -> Motion:
    """A clip as a motion of the package."""
    body = Skeleton(
        clip.skeleton.names,
        np.array(clip.skeleton.parents),
        clip.skeleton.offsets,
        clip.skeleton.tips,
    )
    return Motion(body, clip.times, clip.root, clip.rotations, clip.translations)


@given(motions(), st.integers(0, 2**32 - 1))
def test_another_rest_pose_moves_nothing(motion: Motion, seed: int) -> None:
    clip = as_clip(motion)
    bones = len(motion.skeleton)
    rest = rotation.normalize(np.random.default_rng(seed).normal(size=(bones, 4)))
    counted = upright.rebased(clip, rest)
    np.testing.assert_allclose(counted.fk()[0], clip.fk()[0], atol=1e-9)
    # the new rest pose is the pose that was asked for
    still = np.tile([0.0, 0.0, 0.0, 1.0], (bones, 1))
    posed, _ = motion.skeleton.fk(clip.skeleton.offsets[0], rest)
    found = package_motion(counted).skeleton.fk(clip.skeleton.offsets[0], still)[0]
    if clip.translations is None:
        np.testing.assert_allclose(found, posed, atol=1e-9)


def own_axes(frames: int = 30) -> Motion:
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


def assert_retargets_alike(motion: Motion, clip: Any) -> None:
    """Assert that what was read upright needs no more reading to move another body alike."""
    target = by_name("mixamo")
    expected = retarget(motion, target)
    found = Retargeter(package_motion(clip).skeleton, target)(package_motion(clip))
    assert millimetres_apart(found.fk()[0], expected.fk()[0]) < 0.01
    assert degrees_apart(found.rotations, expected.rotations) < 1e-3


def test_bones_with_axes_of_their_own_are_read_upright() -> None:
    motion = own_axes()
    clip = upright.upright(as_clip(motion))
    assert_retargets_alike(motion, clip)
    assert np.abs(clip.fk()[0][..., 1].min() - clip.skeleton.rest_positions()[:, 1].min()) < 0.1


def test_what_the_capture_writes_is_upright_already() -> None:
    clip = as_clip(standing(3))
    assert upright.upright(clip) is clip
    nobody = as_clip(Motion(STICK, np.zeros(1), np.zeros((1, 3)), rotation.identity(1, 2)))
    assert upright.upright(nobody) is nobody


@pytest.mark.parametrize("name", SHARED_BVH)
def test_recordings_are_read_upright_as_in_the_package(shared_data: Path, name: str) -> None:
    path = shared_data / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    motion = package_bvh(path.read_bytes()).people[0].motion
    assert motion is not None
    assert_retargets_alike(motion, upright.upright(takes.read(path, "CM").clips[0]))
