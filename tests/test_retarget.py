"""Laws of retargeting: what must stay the same from one skeleton to another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from rig_motions import (
    ALL,
    BACK_AND_FORTH,
    HUMANOID,
    TURNS,
    angle_of_legs,
    angles,
    directions,
    factor_of_legs,
    motion_of,
    moved_rest,
    seeds,
    squat,
    still,
    stretched,
    stretched_legs,
    unhurried,
    without,
)

from mocap import rotation, skeletons
from mocap.bone_map import BODY, SIDES, BoneMap, by_name, detect
from mocap.errors import InvalidValue
from mocap.motion import Motion, Pose, TrackState
from mocap.retarget import FEET, Retargeter, retarget

# --- identity ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_onto_itself_is_the_identity(name: str) -> None:
    skeleton = skeletons.by_name(name)
    motion = motion_of(skeleton, 7)
    result = Retargeter(skeleton, skeleton, travel="root")(motion)
    driven = detect(skeleton).pairs.values()
    own = [skeleton.index(bone) for bone in driven]
    if len(own) == len(skeleton):
        np.testing.assert_allclose(result.rotations, motion.rotations, atol=1e-12)
        np.testing.assert_allclose(result.root, motion.root, atol=1e-12)
    # where some bones are nothing human, the human ones still turn the same in the world
    world, expected = result.fk()[1], motion.fk()[1]
    assert rotation.angle(world[:, own], expected[:, own]).max() < 1e-7


@given(seeds)
@unhurried
def test_humanoid_onto_itself_is_the_identity(seed: int) -> None:
    motion = motion_of(HUMANOID, seed, size=1.5)
    result = Retargeter(HUMANOID, HUMANOID)(motion)
    np.testing.assert_allclose(result.rotations, motion.rotations, atol=1e-12)
    np.testing.assert_allclose(result.root, motion.root, atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_standing_at_rest_stays_so_up_to_the_arms(name: str) -> None:
    """From the T-pose every T-posed skeleton gets its rest pose."""
    target = skeletons.by_name(name)
    result = Retargeter(HUMANOID, target)(still(HUMANOID))
    np.testing.assert_allclose(result.root[0], target.offsets[0], atol=1e-9)
    if name not in ("ue5", "rigify"):
        assert rotation.angle(result.rotations, rotation.identity()).max() < 1e-7


# --- directions and twist ------------------------------------------------------------------


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("target", ALL)
def test_limbs_point_the_same_way(source: str, target: str) -> None:
    a, b = skeletons.by_name(source), skeletons.by_name(target)
    retargeter = Retargeter(a, b)
    motion = motion_of(a, 3, size=1.0)
    result = retargeter(motion)
    want, got = directions(motion, retargeter.source_map), directions(result, retargeter.target_map)
    assert angles(want, got) < 1e-9


@given(seeds)
@unhurried
def test_t_pose_to_a_pose_keeps_directions(seed: int) -> None:
    retargeter = Retargeter(HUMANOID, skeletons.by_name("ue5"))
    motion = motion_of(HUMANOID, seed, size=1.0)
    got = directions(retargeter(motion), retargeter.target_map)
    assert angles(directions(motion, retargeter.source_map), got) < 1e-9


def test_t_pose_lifts_the_arms_of_an_a_posed_rig() -> None:
    retargeter = Retargeter(HUMANOID, skeletons.by_name("ue5"))
    lifted = retargeter(still(HUMANOID))
    arm = lifted.rotations[0, retargeter.target.index("upperarm_l")]
    np.testing.assert_allclose(np.degrees(rotation.log(arm)), [0, 0, 50], atol=0.01)
    # straight arms: nothing is left for the forearm but the rounding of the table
    assert (
        rotation.angle(
            lifted.rotations[0, retargeter.target.index("lowerarm_l")], rotation.identity()
        )
        < 1e-4
    )


@pytest.mark.parametrize("target", ALL)
def test_every_driven_bone_turns_alike_in_the_world(target: str) -> None:
    """From frame to frame, hence twist survives however the rest poses differ."""
    retargeter = Retargeter(HUMANOID, skeletons.by_name(target))
    motion = motion_of(HUMANOID, 11)
    source, goal = motion.fk()[1], retargeter(motion).fk()[1]
    both = set(retargeter.source_map.pairs) & set(retargeter.target_map.pairs)
    if target == "h36m17":
        both -= {"spine", "chest"}  # two for three: bend in all alike, tested below
    for human in both:
        a = source[:, HUMANOID.index(human)]
        b = goal[:, retargeter.target.index(retargeter.target_map.pairs[human])]
        turn_a = rotation.mul(a[1:], rotation.inv(a[:-1]))
        turn_b = rotation.mul(b[1:], rotation.inv(b[:-1]))
        assert rotation.angle(turn_a, turn_b).max() < 1e-7, human


@pytest.mark.parametrize("bone", ["leftUpperArm", "rightLowerArm", "leftHand"])
def test_twist_survives_from_t_to_a_rest(bone: str) -> None:
    retargeter = Retargeter(HUMANOID, skeletons.by_name("ue5"))
    plain = still(HUMANOID)
    turned = plain.rotations[0].copy()
    turned[HUMANOID.index(bone)] = rotation.axis_angle([1.0, 0.0, 0.0], 0.8)
    i = retargeter.target.index(retargeter.target_map.pairs[bone])
    before = retargeter(plain).fk()[1][0, i]
    after = retargeter(still(HUMANOID, turned)).fk()[1][0, i]
    turn = rotation.log(rotation.mul(after, rotation.inv(before)))
    np.testing.assert_allclose(turn, [0.8, 0, 0], atol=1e-12)


# --- there and back ------------------------------------------------------------------------


@pytest.mark.parametrize("name", BACK_AND_FORTH)
@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_there_and_back_is_the_identity(name: str, seed: int) -> None:
    target = skeletons.by_name(name)
    motion = motion_of(HUMANOID, seed)
    there = Retargeter(HUMANOID, target)(motion)
    back = Retargeter(target, HUMANOID)(there)
    assert rotation.angle(back.rotations, motion.rotations).max() < 1e-7
    np.testing.assert_allclose(back.root, motion.root, atol=1e-9)


def test_there_and_back_through_other_axes() -> None:
    q = rotation.axis_angle([1.0, 0.0, 0.0], np.pi / 2)
    target = moved_rest(skeletons.by_name("mixamo"), q)  # +Z up, faces -Y
    motion = motion_of(HUMANOID, 5)
    there = Retargeter(HUMANOID, target)(motion)
    back = Retargeter(target, HUMANOID, up="+Y")(there)
    assert rotation.angle(back.rotations, motion.rotations).max() < 1e-7
    np.testing.assert_allclose(back.root, motion.root, atol=1e-9)


# --- axes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", ["humanoid", "ue5"])
def test_axes_of_the_target_do_not_show(turn: str, name: str) -> None:
    plain = skeletons.by_name(name)
    motion = motion_of(HUMANOID, 13)
    expected = Retargeter(HUMANOID, plain)(motion)
    result = Retargeter(HUMANOID, moved_rest(plain, TURNS[turn]))(motion)
    at, seen = expected.fk()[0], result.fk()[0]
    if name == "humanoid":
        np.testing.assert_allclose(seen, at, atol=1e-9)
    pairs = detect(plain)
    assert angles(directions(expected, pairs), directions(result, pairs)) < 1e-9


@given(seeds)
@unhurried
def test_any_turn_of_the_targets_rest_keeps_directions(seed: int) -> None:
    q = rotation.normalize(np.random.default_rng(seed).normal(size=4))
    target = moved_rest(skeletons.by_name("ue5"), q)
    retargeter = Retargeter(HUMANOID, target)
    motion = motion_of(HUMANOID, seed)
    got = directions(retargeter(motion), retargeter.target_map)
    assert angles(directions(motion, retargeter.source_map), got) < 1e-9


@pytest.mark.parametrize("turn", TURNS)
def test_a_source_in_other_axes_comes_out_upright(turn: str) -> None:
    """Skeleton and motion modelled in other axes give what they give in ours."""
    q = TURNS[turn]
    motion = motion_of(HUMANOID, 17)
    turned = Motion(
        moved_rest(HUMANOID, q),
        times=motion.times,
        root=rotation.rotate(q, motion.root),
        rotations=rotation.mul(rotation.mul(q, motion.rotations), rotation.inv(q)),
    )
    result = Retargeter(turned.skeleton, HUMANOID)(turned)
    assert rotation.angle(result.rotations, motion.rotations).max() < 1e-7
    np.testing.assert_allclose(result.root, motion.root, atol=1e-9)


def test_up_overrides_the_axes_of_the_rest_pose() -> None:
    """A rest pose with +Y up, its motion with +Z up."""
    q = TURNS["z up"]
    motion = motion_of(HUMANOID, 19)
    rotations = motion.rotations.copy()
    rotations[:, 0] = rotation.mul(q, rotations[:, 0])
    lying = Motion(HUMANOID, motion.times, rotation.rotate(q, motion.root), rotations)
    result = Retargeter(HUMANOID, HUMANOID, up="+Z")(lying)
    assert rotation.angle(result.rotations, motion.rotations).max() < 1e-7
    np.testing.assert_allclose(result.root, motion.root, atol=1e-9)


# --- mirror --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["humanoid", "mixamo", "ue5", "rigify", "vrm"])
@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_mirror_commutes(name: str, seed: int) -> None:
    target = skeletons.by_name(name)
    motion = motion_of(HUMANOID, seed)
    one = Retargeter(HUMANOID, target)(motion).mirrored()
    other = Retargeter(HUMANOID.mirrored(), target.mirrored())(motion.mirrored())
    assert rotation.angle(one.rotations, other.rotations).max() < 1e-6
    np.testing.assert_allclose(one.fk()[0], other.fk()[0], atol=1e-8)


# --- travel and ground ---------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_scale_law(factor: float) -> None:
    """A target of half the size travels half as far, its feet as high in its own measure."""
    target = HUMANOID.scaled(factor)
    motion = motion_of(HUMANOID, 23)
    retargeter = Retargeter(HUMANOID, target)
    assert retargeter.scale == pytest.approx(factor)
    np.testing.assert_allclose(retargeter(motion).fk()[0], motion.fk()[0] * factor, atol=1e-9)


def test_scale_can_be_given() -> None:
    walk = Motion(
        HUMANOID,
        times=np.arange(2) / 30,
        root=HUMANOID.offsets[0] + [[0, 0, 0], [0.2, 0, 1.0]],
        rotations=rotation.identity(2, len(HUMANOID)),
    )
    child = Retargeter(HUMANOID, HUMANOID.scaled(0.5), scale=1.0)(walk)
    np.testing.assert_allclose(child.root[1] - child.root[0], [0.2, 0, 1.0], atol=1e-12)
    assert child.root[0, 1] == pytest.approx(0.465)  # still on its soles


@given(angle_of_legs, angle_of_legs, factor_of_legs, factor_of_legs)
@unhurried
def test_feet_on_the_floor_stay_on_it(a: float, b: float, thigh: float, shin: float) -> None:
    target = stretched_legs(thigh, shin)
    at, _ = Retargeter(HUMANOID, target)(squat(a, b)).fk()
    feet = at[0, [target.index(bone) for bone in FEET], 1]
    np.testing.assert_allclose(feet, [0.07, 0.02, 0.07, 0.02], atol=1e-9)


def test_in_the_air_nothing_pulls_to_the_floor() -> None:
    """The middle between the hip joints is where the source has it, times the scale."""
    retargeter = Retargeter(HUMANOID, stretched_legs(1.4, 0.8))
    motion = squat(1.2, 0.3, height=1.5)
    expected = motion.root[0, 1] * 1.1 - 0.1 * 0.07  # the soles are not scaled
    assert retargeter.scale == pytest.approx(1.1)
    assert retargeter(motion).root[0, 1] == pytest.approx(expected, abs=1e-6)


def test_ankles_keep_their_own_height_over_the_sole() -> None:
    """Also in the air, where no foot stands."""
    tall = HUMANOID.offsets.copy()
    tall[[HUMANOID.index(side + "Toes") for side in SIDES], 1] -= 0.03
    target = HUMANOID.replace(offsets=tall)
    jump = still(HUMANOID, root=HUMANOID.offsets[0] + [0, 2.0, 0])
    assert Retargeter(HUMANOID, target)(jump).root[0, 1] == pytest.approx(2.96, abs=1e-9)
    assert Retargeter(HUMANOID, target, floor=0.2)(jump).root[0, 1] == pytest.approx(2.76, abs=1e-9)


def test_a_foot_in_the_air_does_not_pull_the_other_off_the_floor() -> None:
    rotations = rotation.identity(len(HUMANOID))
    rotations[HUMANOID.index("leftUpperLeg")] = rotation.axis_angle([1.0, 0, 0], -1.5)
    target = stretched(HUMANOID, {s + "LowerLeg": 1.3 for s in SIDES})
    at, _ = Retargeter(HUMANOID, target)(still(HUMANOID, rotations)).fk()
    assert at[0, target.index("rightFoot"), 1] == pytest.approx(0.07, abs=1e-3)


def test_a_jump_is_scaled_not_grounded() -> None:
    motion = still(HUMANOID, root=HUMANOID.offsets[0] + [0, 0.6, 0])
    at, _ = Retargeter(HUMANOID, HUMANOID.scaled(2.0))(motion).fk()
    assert at[0, HUMANOID.index("leftFoot"), 1] == pytest.approx(2 * 0.67)


def test_feet_without_soles_are_taken_as_high_as_ours() -> None:
    h36m = skeletons.by_name("h36m17")
    result = Retargeter(h36m, HUMANOID)(still(h36m))
    assert result.root[0, 1] == pytest.approx(0.93, abs=1e-9)


def test_travel_goes_to_the_hips_or_to_the_root() -> None:
    ue5 = skeletons.by_name("ue5")
    motion = motion_of(HUMANOID, 29)
    hips = Retargeter(HUMANOID, ue5)(motion)
    root = Retargeter(HUMANOID, ue5, travel="root")(motion)
    np.testing.assert_array_equal(hips.root, np.zeros((4, 3)))
    assert hips.translations is not None
    assert root.translations is None
    pelvis = ue5.index("pelvis")
    others = [i for i in range(len(ue5)) if i != pelvis]
    expected = np.broadcast_to(ue5.offsets[others], (4, len(others), 3))
    np.testing.assert_array_equal(hips.translations[:, others], expected)
    np.testing.assert_allclose(hips.fk()[0][:, pelvis:], root.fk()[0][:, pelvis:], atol=1e-12)
    np.testing.assert_allclose(hips.fk()[0][:, pelvis], motion.root, atol=1e-9)


# --- missing and extra bones ---------------------------------------------------------------

GONE = {
    "torso": ["chest", "upperChest"],
    "neck": ["neck"],
    "shoulders": ["leftShoulder", "rightShoulder"],
    "toes": ["leftToes", "rightToes"],
    "hands": ["leftHand", "rightHand"],
}


@pytest.mark.parametrize("gone", GONE)
def test_what_the_target_lacks_folds_into_the_rest(gone: str) -> None:
    target = without(HUMANOID, GONE[gone])
    motion = motion_of(HUMANOID, 31)
    maps = by_name("humanoid")
    world = Retargeter(HUMANOID, target, maps, maps)(motion).fk()[1]
    expected = motion.fk()[1]
    ends = [b for b in ("head", "leftUpperArm", "rightLowerArm", "leftFoot") if b in target]
    for bone in ends:
        a, b = world[:, target.index(bone)], expected[:, HUMANOID.index(bone)]
        assert rotation.angle(a, b).max() < 1e-7, bone


@pytest.mark.parametrize("gone", GONE)
def test_what_the_source_lacks_rests_or_shares(gone: str) -> None:
    source = without(HUMANOID, GONE[gone])
    motion = motion_of(source, 37)
    maps = by_name("humanoid")
    result = Retargeter(source, HUMANOID, maps, maps)(motion)
    world, expected = result.fk()[1], motion.fk()[1]
    for bone in [b for b in source.names if b != "spine"]:
        a, b = world[:, HUMANOID.index(bone)], expected[:, source.index(bone)]
        assert rotation.angle(a, b).max() < 1e-7, bone
    for bone in GONE[gone]:
        local = result.rotations[:, HUMANOID.index(bone)]
        resting = rotation.angle(local, rotation.identity()).max() < 1e-7
        assert resting == (gone not in ("torso", "neck")), bone


def test_one_spine_bone_bends_three_evenly() -> None:
    source = without(HUMANOID, ["chest", "upperChest"])
    rotations = rotation.identity(len(source))
    rotations[source.index("spine")] = rotation.axis_angle([1.0, 0, 0], 0.9)
    maps = by_name("humanoid")
    result = Retargeter(source, HUMANOID, maps, maps)(still(source, rotations))
    for bone in ("spine", "chest", "upperChest"):
        bend = rotation.log(result.rotations[0, HUMANOID.index(bone)])
        np.testing.assert_allclose(bend, [0.3, 0, 0], atol=1e-9)


def test_five_spine_bones_bend_evenly_between_the_mapped() -> None:
    ue5 = skeletons.by_name("ue5")
    rotations = rotation.identity(len(HUMANOID))
    rotations[HUMANOID.index("chest")] = rotation.axis_angle([0, 0, 1.0], 0.6)
    rotations[HUMANOID.index("head")] = rotation.axis_angle([0, 1.0, 0], 0.8)
    result = Retargeter(HUMANOID, ue5)(still(HUMANOID, rotations))
    bends = [rotation.log(result.rotations[0, ue5.index(f"spine_0{n}")])[2] for n in range(1, 6)]
    np.testing.assert_allclose(bends, [0, 0.3, 0.3, 0, 0], atol=1e-9)
    neck = [
        rotation.log(result.rotations[0, ue5.index(b)])[1] for b in ("neck_01", "neck_02", "head")
    ]
    np.testing.assert_allclose(neck, [0, 0.4, 0.4], atol=1e-9)


def test_extra_bones_rest_on_their_parents() -> None:
    ue5 = skeletons.by_name("ue5")
    result = Retargeter(HUMANOID, ue5)(motion_of(HUMANOID, 41))
    for bone in ("root", "index_metacarpal_l", "index_01_l", "thumb_03_r"):
        np.testing.assert_allclose(
            rotation.angle(result.rotations[:, ue5.index(bone)], rotation.identity()), 0, atol=1e-7
        )


def test_fingers_are_carried_over() -> None:
    vrm, ue5 = skeletons.by_name("vrm"), skeletons.by_name("ue5")
    motion = motion_of(vrm, 43, size=0.3)
    back = Retargeter(ue5, vrm)(Retargeter(vrm, ue5)(motion))
    assert rotation.angle(back.rotations, motion.rotations).max() < 1e-7


# --- poses, states, contacts ---------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_poses_and_motions_give_the_same(name: str) -> None:
    target = skeletons.by_name(name)
    retargeter = Retargeter(HUMANOID, target, travel="root")
    plain = motion_of(HUMANOID, 53)
    random = np.random.default_rng(2)
    motion = Motion(
        HUMANOID,
        plain.times,
        plain.root,
        plain.rotations,
        state=np.array([2, 1, 0, 2]),
        confidence=random.uniform(size=(4, len(HUMANOID))),
        contacts={"leftFoot": np.array([1, 0, 0, 1], bool), "rightToes": np.ones(4, bool)},
    )
    result = retargeter(motion)
    for i, pose in enumerate(motion):
        one, other = retargeter(pose), result.pose(i)
        assert isinstance(one, Pose)
        assert (one.t, one.state, one.contacts) == (other.t, other.state, other.contacts)
        np.testing.assert_allclose(one.root, other.root, atol=1e-14)
        np.testing.assert_allclose(one.rotations, other.rotations, atol=1e-14)
        np.testing.assert_array_equal(one.confidence, other.confidence)


def test_state_confidence_and_contacts_come_along() -> None:
    cmu = skeletons.by_name("cmu")
    bones = len(HUMANOID)
    confidence = np.linspace(0.9, 0.1, bones)[None]
    motion = Motion(
        HUMANOID,
        np.zeros(1),
        HUMANOID.offsets[:1],
        rotation.identity(1, bones),
        state=np.array([TrackState.HELD]),
        confidence=confidence,
        contacts={"leftFoot": np.array([True]), "rightToes": np.array([False])},
    )
    result = Retargeter(HUMANOID, cmu)(motion)
    assert result.state[0] == TrackState.HELD
    assert {k: bool(v[0]) for k, v in result.contacts.items()} == {
        "LeftFoot": True,
        "RightToeBase": False,
    }
    seen = dict(zip(cmu.names, result.confidence[0], strict=True))
    given = dict(zip(HUMANOID.names, confidence[0], strict=True))
    assert seen["LeftForeArm"] == given["leftLowerArm"]
    assert seen["LThumb"] == given["leftHand"]  # carried by its parent
    assert seen["Neck1"] == min(given["neck"], given["head"])  # between the two


@pytest.mark.parametrize(("foot", "toes"), [(True, False), (False, True), (False, False)])
def test_toe_contacts_count_for_the_foot_where_there_are_no_toes(foot: bool, toes: bool) -> None:
    rest = still(HUMANOID)
    contacts = {
        "leftFoot": np.array([foot]),
        "leftToes": np.array([toes]),
        "tail": np.ones(1, bool),
    }
    motion = Motion(HUMANOID, rest.times, rest.root, rest.rotations, contacts=contacts)
    result = Retargeter(HUMANOID, skeletons.by_name("h36m17"))(motion)
    assert {k: bool(v[0]) for k, v in result.contacts.items()} == {"LFoot": foot or toes}


def test_an_empty_motion_stays_empty() -> None:
    empty = motion_of(HUMANOID, 0)[:0]
    assert len(Retargeter(HUMANOID, skeletons.by_name("ue5"))(empty)) == 0
    assert len(retarget(empty, HUMANOID)) == 0


# --- errors --------------------------------------------------------------------------------


def test_errors_say_what_to_do() -> None:
    ue5 = skeletons.by_name("ue5")
    with pytest.raises(InvalidValue, match="hips, root, got 'feet'"):
        Retargeter(HUMANOID, ue5, travel="feet")
    with pytest.raises(InvalidValue, match=r"'\+Y'.*got 'north'"):
        Retargeter(HUMANOID, ue5, up="north")
    with pytest.raises(InvalidValue, match="positive"):
        Retargeter(HUMANOID, ue5, scale=0.0)
    with pytest.raises(InvalidValue, match=r"rest pose of ue5.*64"):
        Retargeter(HUMANOID, ue5, target_rest=rotation.identity(3))
    with pytest.raises(InvalidValue, match="missing: leftUpperLeg"):
        Retargeter(HUMANOID, ue5, target_map=BoneMap("mine", {"hips": "pelvis", "head": "head"}))
    with pytest.raises(InvalidValue, match=r"humanoid .22 bones.*ue5"):
        Retargeter(HUMANOID, ue5)(motion_of(ue5, 1))
    with pytest.raises(InvalidValue, match="other bone lengths"):
        Retargeter(HUMANOID, ue5)(motion_of(HUMANOID.scaled(1.1), 1))
    with pytest.raises(InvalidValue, match=r"22 bones.*64 rotations"):
        Retargeter(HUMANOID, HUMANOID)(motion_of(ue5, 1).pose(0))


def test_a_pose_moves_hips_that_are_not_the_first_bone() -> None:
    motion = motion_of(HUMANOID, 3)
    retargeter = Retargeter(HUMANOID, skeletons.by_name("ue5"))
    whole, single = retargeter(motion), retargeter(motion.pose(1))
    assert whole.translations is not None
    assert single.translations == pytest.approx(whole.translations[1])
    assert single.root == pytest.approx(whole.root[1])


def test_maps_may_be_given_in_any_spelling() -> None:
    plain = skeletons.by_name("mixamo")
    bare = plain.replace(names=[n.split(":")[1].lower() for n in plain.names])
    retargeter = Retargeter(HUMANOID, bare, target_map=by_name("mixamo"))
    assert retargeter.target_map.pairs["leftUpperArm"] == "leftarm"
    assert set(BODY) <= set(retargeter.target_map.pairs)
