"""How skeletons stand: reference poses, and what a motion of unknown origin tells of its axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from rig_motions import (
    HUMANOID,
    LIMBS,
    TURNS,
    motion_of,
    seeds,
    squat,
    still,
    unhurried,
)

from mocap import rotation, skeletons
from mocap.bone_map import by_name, detect
from mocap.errors import InvalidValue
from mocap.motion import Motion
from mocap.retarget import Retargeter, retarget
from mocap.stance import Stance, reading

# --- reference poses -----------------------------------------------------------------------


def test_an_explicit_rest_pose_stands_in_for_a_useless_one() -> None:
    """Bones counted in axes of their own (+Y along each): the zero pose is a tangle."""
    random = np.random.default_rng(1)
    axes = rotation.normalize(random.normal(size=(len(HUMANOID), 4)))
    parents = HUMANOID.parents
    offsets = HUMANOID.offsets.copy()
    offsets[1:] = rotation.rotate(rotation.inv(axes[parents[1:]]), offsets[1:])
    tips = rotation.rotate(rotation.inv(axes), HUMANOID.tips)
    tangled = HUMANOID.replace(offsets=offsets, tips=tips)
    rest = HUMANOID.to_local(axes)
    motion = motion_of(HUMANOID, 47)
    same = Motion(
        tangled,
        times=motion.times,
        root=motion.root,
        rotations=HUMANOID.to_local(rotation.mul(motion.fk()[1], axes)),
    )
    np.testing.assert_allclose(same.fk()[0], motion.fk()[0], atol=1e-12)
    with pytest.raises(InvalidValue, match="does not stand"):
        Retargeter(tangled, HUMANOID)
    maps = by_name("humanoid")
    result = Retargeter(tangled, HUMANOID, maps, maps, source_rest=rest)(same)
    assert rotation.angle(result.rotations, motion.rotations).max() < 1e-7
    np.testing.assert_allclose(result.root, motion.root, atol=1e-9)
    onto = Retargeter(HUMANOID, tangled, maps, maps, target_rest=rest)(motion)
    np.testing.assert_allclose(onto.fk()[0], motion.fk()[0], atol=1e-9)
    # found without being told, from the frame that stands
    frames = np.concatenate([same.rotations, rest[None]])
    roots = np.vstack([same.root, tangled.offsets[:1]])
    found = retarget(Motion(tangled, np.arange(5.0), roots, frames), HUMANOID)
    assert rotation.angle(found.rotations[:4], motion.rotations).max() < 1e-7


@given(seeds)
@unhurried
def test_a_rest_pose_bent_without_twist_is_seen_as_that_bend(seed: int) -> None:
    """A skeleton modelled with every joint of its limbs swung: at rest it is so bent."""
    random = np.random.default_rng(seed)
    bends = rotation.identity(len(HUMANOID))
    for a, _ in LIMBS:
        swing = random.uniform(-0.4, 0.4, 3)
        swing[1 if "Leg" in a else 0] = 0.0  # none about the bone
        bends[HUMANOID.index(a)] = rotation.exp(swing)
    at, world = HUMANOID.fk(HUMANOID.offsets[0], bends)
    parents = HUMANOID.parents[1:]
    bent = HUMANOID.replace(
        offsets=np.vstack([HUMANOID.offsets[:1], at[1:] - at[parents]]),
        tips=HUMANOID.tip_positions(at, world) - at,
    )
    # feet and toes stand as they stand, whatever the legs do
    free = [i for i, n in enumerate(HUMANOID.names) if not n.endswith(("Foot", "Toes"))]
    result = Retargeter(bent, HUMANOID)(still(bent))
    assert rotation.angle(result.rotations[0], bends)[free].max() < 1e-7


def test_a_head_held_forward_is_a_shape_not_a_lean() -> None:
    offsets = HUMANOID.offsets.copy()
    offsets[HUMANOID.index("head"), 2] += 0.08
    stooped = HUMANOID.replace(offsets=offsets)
    result = Retargeter(stooped, HUMANOID)(still(stooped))
    assert rotation.angle(result.rotations, rotation.identity()).max() < 1e-7


def test_hands_and_fingers_bent_at_rest_are_a_pose_slightly_bent_ones_a_shape() -> None:
    vrm = skeletons.by_name("vrm")
    hand = vrm.index("leftHand")
    below = [i for i, n in enumerate(vrm.names) if n.startswith("left") and vrm.parents[i] >= hand]
    for degrees, posed in ((40, True), (8, False)):
        q = rotation.axis_angle([0, 0, 1.0], -np.radians(degrees))
        offsets, tips = vrm.offsets.copy(), vrm.tips.copy()
        arm = [i for i in below if "Leg" not in vrm.names[i] and i > hand]
        offsets[arm] = rotation.rotate(q, offsets[arm])
        tips[arm] = rotation.rotate(q, tips[arm])
        stance = Stance.of(bent := vrm.replace(offsets=offsets, tips=tips), detect(bent))
        turn = rotation.angle(stance.align[hand], rotation.identity())
        assert turn == pytest.approx(np.radians(degrees) if posed else 0.0, abs=0.05)


# --- reading files of unknown origin -------------------------------------------------------


def test_reading_finds_nothing_odd_in_our_own() -> None:
    read = reading(squat(0.5, 0.5), by_name("humanoid"))
    assert (read.rest, read.up, read.floor) == (None, None, 0.0)


def test_reading_finds_the_axes_of_the_motion() -> None:
    q = TURNS["z up"]
    rotations = rotation.identity(len(HUMANOID))
    rotations[0] = q
    lying = still(HUMANOID, rotations, rotation.rotate(q, HUMANOID.offsets[0]))
    assert reading(lying, by_name("humanoid")).up == "+Z"
    np.testing.assert_allclose(retarget(lying, HUMANOID).root, [[0, 0.93, 0]], atol=1e-9)
    # someone who lies on the floor is left there
    for z in (0.0, 5.0):
        slept = still(HUMANOID, rotations, np.array([0.0, 0.12, z]))
        assert reading(slept, by_name("humanoid")).up is None


def test_reading_takes_a_t_pose_at_the_start_over_a_worse_rest_pose() -> None:
    """Legs apart at rest, together in the first frame, as CMU's files have it."""
    cmu = skeletons.by_name("cmu")
    offsets, tips = cmu.offsets.copy(), cmu.tips.copy()
    posed = rotation.identity(2, len(cmu))
    for bone, sign in (("Left", 1), ("Right", -1)):
        q = rotation.axis_angle([0, 0, 1.0], sign * 0.35)
        for part in ("Leg", "Foot", "ToeBase"):
            i = cmu.index(bone + part)
            offsets[i], tips[i] = rotation.rotate(q, offsets[i]), rotation.rotate(q, tips[i])
        posed[:, cmu.index(bone + "UpLeg")] = rotation.inv(q)
    apart = cmu.replace(offsets=offsets, tips=tips)
    posed[1, cmu.index("LeftArm")] = rotation.axis_angle([0, 0, 1.0], -1.0)
    motion = Motion(apart, np.arange(2.0), np.tile(cmu.offsets[0], (2, 1)), posed)
    result = retarget(motion, HUMANOID)
    assert rotation.angle(result.rotations[0], rotation.identity()).max() < 1e-7
    np.testing.assert_allclose(result.root[0], [0, 0.93, 0], atol=1e-9)


def test_reading_finds_the_floor() -> None:
    sunk = still(HUMANOID, root=np.array([0.0, 0.0, 0.0]))
    assert reading(sunk, by_name("humanoid")).floor == pytest.approx(-0.93)
    np.testing.assert_allclose(retarget(sunk, HUMANOID).root, [[0, 0.93, 0]], atol=1e-9)
    table = still(HUMANOID, root=np.array([0.0, 1.8, 0.0]))
    assert reading(table, by_name("humanoid")).floor == 0.0
