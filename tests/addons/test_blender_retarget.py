"""The Blender add-on's retargeting, judged by the package's own; they share no code.

What Blender makes of a pose bone's rotation is written down here once more (`posed`), as
tests/hosts/test_blender_rigs.py sees it happen in Blender itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge import clips  # type: ignore[import-not-found]
from mocap_bridge.armature import Armature  # type: ignore[import-not-found]
from mocap_bridge.retarget import Retarget  # type: ignore[import-not-found]
from mocap_bridge.shared.errors import RigError  # type: ignore[import-not-found]
from rig_motions import (
    ALL,
    HUMANOID,
    TURNS,
    angles,
    directions,
    motion_of,
    moved_rest,
    seeds,
    squat,
    stretched,
    stretched_legs,
    unhurried,
)

from mocap import bone_map, rotation, skeletons
from mocap.arrays import Array
from mocap.bone_map import SIDES
from mocap.motion import Motion
from mocap.retarget import Retargeter
from mocap.skeleton import Skeleton

IDENTITY = rotation.identity()


def told(skeleton: Skeleton) -> Any:
    """A skeleton in the add-on's words."""
    return clips.Skeleton(
        skeleton.names, tuple(skeleton.parents.tolist()), skeleton.offsets, skeleton.tips
    )


def armature_of(skeleton: Skeleton, seed: int = 0, **changes: Any) -> Any:
    """An armature of these bones, each of them rolled and turned by chance at rest."""
    at = skeleton.rest_positions
    tails = np.where(np.isfinite(skeleton.tips), at + skeleton.tips, at)
    for i, children in enumerate(skeleton.children):
        if children:
            tails[i] = at[children[0]]
    count = len(skeleton)
    values = {
        "names": skeleton.names,
        "parents": tuple(skeleton.parents.tolist()),
        "heads": at,
        "tails": tails,
        "rest": rotation.exp(np.random.default_rng(seed).normal(size=(count, 3))),
        "inherits": np.ones(count, dtype=bool),
        "connected": np.zeros(count, dtype=bool),
        "local": np.ones(count, dtype=bool),
    }
    return Armature(**{**values, **changes})


def moved(mover: Any, armature: Any, motion: Motion) -> tuple[Array, Array]:
    """Heads (T, J, 3) and orientations (T, J, 4) of an armature that follows a motion."""
    basis, shift = mover(motion.root, motion.rotations)
    return posed(armature, mover.bones, basis, mover.travel, mover.location(shift))


def posed(
    armature: Any, bones: Any, basis: Array, travel: str, location: Array
) -> tuple[Array, Array]:
    """What Blender makes of rotations and a location of pose bones."""
    row = {bone: n for n, bone in enumerate(bones)}
    heads = np.empty((len(basis), len(armature.names), 3))
    world = np.empty((*heads.shape[:2], 4))
    for i, parent in enumerate(armature.parents):
        name, rest = armature.names[i], armature.rest[i]
        above, step, head = IDENTITY, armature.heads[i], np.zeros(3)
        if parent >= 0:
            # where the parent's rest orientation has come to
            above = rotation.mul(world[:, parent], rotation.inv(armature.rest[parent]))
            step, head = armature.heads[i] - armature.heads[parent], heads[:, parent]
        axes = rotation.mul(np.broadcast_to(above, (len(basis), 4)), rest)
        heads[:, i] = head + rotation.rotate(above, np.broadcast_to(step, (len(basis), 3)))
        if name == travel:
            along = axes
            if not armature.local[i]:
                along = world[:, parent] if parent >= 0 else np.broadcast_to(IDENTITY, axes.shape)
            heads[:, i] += rotation.rotate(along, location)
        carried = axes if armature.inherits[i] else np.broadcast_to(rest, axes.shape)
        q = basis[:, row[name]][:, [1, 2, 3, 0]] if name in row else IDENTITY
        world[:, i] = rotation.mul(carried, np.broadcast_to(q, carried.shape))
    return heads, world


# --- poses ---------------------------------------------------------------------------------


@given(st.sampled_from(ALL), st.sampled_from(list(TURNS)), seeds)
@unhurried
def test_an_armature_moves_as_the_skeleton_would(name: str, turn: str, seed: int) -> None:
    target = skeletons.by_name(name)
    motion = motion_of(HUMANOID, seed)
    armature = armature_of(moved_rest(target, TURNS[turn]), seed)
    heads, _ = moved(Retarget(told(HUMANOID), armature), armature, motion)
    expected, _ = Retargeter(HUMANOID, target)(motion).fk()
    np.testing.assert_allclose(
        rotation.rotate(rotation.inv(TURNS[turn]), heads), expected, atol=1e-9
    )


@given(st.sampled_from(ALL), seeds)
@unhurried
def test_any_source_moves_an_armature(name: str, seed: int) -> None:
    source = skeletons.by_name(name)
    motion = motion_of(source, seed)
    armature = armature_of(HUMANOID, seed)
    heads, _ = moved(Retarget(told(source), armature), armature, motion)
    expected, _ = Retargeter(source, HUMANOID)(motion).fk()
    np.testing.assert_allclose(heads, expected, atol=1e-9)


@given(st.sampled_from(["mixamo", "ue5", "rigify", "cmu"]), seeds)
@unhurried
def test_a_stored_pose_stands_for_a_rest_pose_that_is_none(name: str, seed: int) -> None:
    """Limbs bent by chance at rest; the stored pose, which unbends them, tells what they are."""
    target = skeletons.by_name(name)
    random = np.random.default_rng(seed)
    bend = rotation.exp(random.normal(scale=0.6, size=(len(target), 3)))
    at, world = target.fk(target.offsets[0], bend)
    straight = armature_of(target, seed)
    crooked = armature_of(
        target,
        heads=at,
        tails=at + rotation.rotate(world, straight.tails - straight.heads),
        rest=rotation.mul(world, straight.rest),
    )
    # local rotations that undo the bend, each in the axes of its bone
    back = rotation.mul(
        rotation.inv(straight.rest), rotation.mul(rotation.inv(bend), straight.rest)
    )
    reference = {n: back[i][[3, 0, 1, 2]] for i, n in enumerate(target.names)}
    motion = motion_of(HUMANOID, seed)
    mover = Retarget(told(HUMANOID), crooked, bone_map.detect(target).pairs, reference=reference)
    heads, turned = moved(mover, crooked, motion)
    expected, expected_turned = moved(Retarget(told(HUMANOID), straight), straight, motion)
    np.testing.assert_allclose(heads, expected, atol=1e-9)
    assert rotation.angle(turned, expected_turned).max() < 1e-6


def test_frames_are_independent_and_may_be_many() -> None:
    mover = Retarget(told(HUMANOID), armature_of(skeletons.by_name("ue5")))
    motion = motion_of(HUMANOID, 3, frames=1100)
    basis, shift = mover(motion.root, motion.rotations)
    assert basis.shape == (1100, len(mover.bones), 4)
    for i in (0, 511, 512, 1099):
        one, way = mover(motion.root[i : i + 1], motion.rotations[i : i + 1])
        np.testing.assert_allclose(one[0], basis[i], atol=1e-12)
        np.testing.assert_allclose(way[0], shift[i], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(basis, axis=-1), 1.0, atol=1e-9)


@given(seeds, st.sampled_from(["inherits", "local", "connected"]))
@unhurried
def test_bones_with_ways_of_their_own(seed: int, flag: str) -> None:
    """Bones that do not turn with their parents, count in other axes, or cannot leave them."""
    target = skeletons.by_name("ue5")
    random = np.random.default_rng(seed)
    flags = random.random(len(target)) < 0.5
    if flag == "inherits":
        # of bones that nothing turns there is only the root above what is turned
        flags[target.index("root")] = True
    armature = armature_of(target, seed, **{flag: flags})
    motion = motion_of(HUMANOID, seed)
    plain = armature_of(target, seed)
    heads, turned = moved(Retarget(told(HUMANOID), armature), armature, motion)
    expected, expected_turned = moved(Retarget(told(HUMANOID), plain), plain, motion)
    driven = [target.index(bone) for bone in Retarget(told(HUMANOID), plain).bones]
    np.testing.assert_allclose(heads[:, driven], expected[:, driven], atol=1e-9)
    assert rotation.angle(turned[:, driven], expected_turned[:, driven]).max() < 1e-6


def test_hips_that_cannot_leave_their_parent_are_carried() -> None:
    target = skeletons.by_name("ue5")
    connected = np.array([name == "pelvis" for name in target.names])
    assert Retarget(told(HUMANOID), armature_of(target, connected=connected)).travel == "root"
    assert Retarget(told(HUMANOID), armature_of(target)).travel == "pelvis"


@pytest.mark.parametrize("scale", [None, 0.5, 3.0])
def test_in_place_keeps_the_spot_and_the_height(scale: float | None) -> None:
    armature = armature_of(skeletons.by_name("mixamo"))
    motion = motion_of(HUMANOID, 5)
    hips = [armature.names.index("mixamorig:" + side + "UpLeg") for side in ("Left", "Right")]
    free, _ = moved(Retarget(told(HUMANOID), armature, scale=scale), armature, motion)
    still, _ = moved(
        Retarget(told(HUMANOID), armature, scale=scale, in_place=True), armature, motion
    )
    spot = armature.heads[hips].mean(axis=0)
    middle = still[:, hips].mean(axis=1)
    np.testing.assert_allclose(middle[:, ::2], np.broadcast_to(spot[::2], (4, 2)), atol=1e-9)
    np.testing.assert_allclose(still[..., 1], free[..., 1], atol=1e-9)


def test_a_body_that_does_not_stand_on_its_origin_keeps_its_floor() -> None:
    """The origin of an armature may be its pelvis; its floor is then where its soles are."""
    moved_by = np.array([0.3, -0.95, 0.0])
    plain = armature_of(HUMANOID)
    lowered = armature_of(HUMANOID, heads=plain.heads + moved_by, tails=plain.tails + moved_by)
    motion = motion_of(HUMANOID, 1)
    heads, _ = moved(Retarget(told(HUMANOID), lowered), lowered, motion)
    expected, _ = moved(Retarget(told(HUMANOID), plain), plain, motion)
    np.testing.assert_allclose(heads, expected + moved_by, atol=1e-9)


@given(st.floats(0, 1.0), st.floats(0, 1.0), st.floats(0.7, 1.4), st.floats(0.7, 1.4))
@unhurried
def test_soles_stay_on_the_ground(thigh: float, shin: float, longer: float, calf: float) -> None:
    motion = squat(thigh, shin)
    body = stretched_legs(longer, calf)
    sole = (
        body.rest_positions[body.index("leftFoot")]
        - HUMANOID.rest_positions[HUMANOID.index("leftFoot")]
    )
    offsets = body.offsets.copy()
    offsets[0, 1] -= sole[1]
    armature = armature_of(body.replace(offsets=offsets))
    heads, _ = moved(Retarget(told(HUMANOID), armature), armature, motion)
    for side in SIDES:
        i = HUMANOID.index(side + "Foot")
        assert heads[0, i, 1] == pytest.approx(armature.heads[i, 1], abs=0.002)


@given(seeds, st.floats(0.5, 2.0))
@unhurried
def test_standing_feet_do_not_slide_on_a_body_of_the_same_shape(seed: int, size: float) -> None:
    """Where all lengths are `size` times those of the person, so are all places."""
    motion = motion_of(HUMANOID, seed)
    armature = armature_of(HUMANOID.scaled(size), seed)
    heads, _ = moved(Retarget(told(HUMANOID), armature), armature, motion)
    np.testing.assert_allclose(heads, size * motion.fk()[0], atol=1e-9)


def test_tails_that_importers_made_up_do_not_count() -> None:
    plain = armature_of(skeletons.by_name("vrm"))
    up = armature_of(skeletons.by_name("vrm"), tails=plain.heads + [0.0, 0.05, 0.0])
    motion = motion_of(HUMANOID, 2)
    heads, _ = moved(Retarget(told(HUMANOID), up), up, motion)
    bones = bone_map.detect(HUMANOID)
    at = Motion(HUMANOID, motion.times, motion.root, motion.rotations)
    limbs = directions(at, bones)
    index = {n: i for i, n in enumerate(up.names)}
    for k, (a, b) in enumerate(
        [
            (s + x, s + y)
            for s in SIDES
            for x, y in (
                ("UpperLeg", "LowerLeg"),
                ("LowerLeg", "Foot"),
                ("UpperArm", "LowerArm"),
                ("LowerArm", "Hand"),
            )
        ]
    ):
        found = rotation.unit(heads[:, index[b]] - heads[:, index[a]])
        assert angles(found, limbs[:, k]) < 1e-6


# --- errors --------------------------------------------------------------------------------


def test_missing_bones_are_told() -> None:
    pairs = {b: b for b in HUMANOID.names if b not in ("hips", "leftFoot")}
    with pytest.raises(RigError, match="missing: hips, leftFoot"):
        Retarget(told(HUMANOID), armature_of(HUMANOID), pairs)
    pairs = {b: b for b in HUMANOID.names if "Leg" in b or "Foot" in b or b == "hips"}
    with pytest.raises(RigError, match="missing: spine"):
        Retarget(told(HUMANOID), armature_of(HUMANOID), pairs)


def test_a_rest_pose_that_sits_is_told() -> None:
    offsets = HUMANOID.offsets.copy()
    for side in SIDES:
        offsets[HUMANOID.index(side + "LowerLeg")] = [0, 0, 0.4]
    with pytest.raises(RigError, match="does not stand"):
        Retarget(told(HUMANOID), armature_of(HUMANOID.replace(offsets=offsets)))


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_useless_scale_is_told(scale: float) -> None:
    with pytest.raises(RigError, match="positive"):
        Retarget(told(HUMANOID), armature_of(HUMANOID), scale=scale)


def test_legs_without_length_are_told() -> None:
    flat = stretched(HUMANOID, {s + p: 0.0 for s in SIDES for p in ("LowerLeg", "Foot", "Toes")})
    with pytest.raises(RigError, match=r"does not stand|no length"):
        Retarget(told(HUMANOID), armature_of(flat))
