"""A hand's place: the arm brings it there, whatever it is relative to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.render.pose import Arm, Pose, Solved, solve
from benchmarks.render.reach import Reach
from benchmarks.render.skeleton import SIDES, rest_hand, rest_joints

REST = rest_joints(0.178, 0.088)
seeds = st.integers(0, 2**32 - 1)
sides = st.sampled_from(list(SIDES))


def turned(random: np.random.Generator) -> Pose:
    """A pose whose trunk leans and turns."""
    pose = Pose(yaw=random.uniform(-180, 180), tilt=random.uniform(-20, 60))
    pose.chest = random.uniform(-30, 30, 3)
    return pose


def target(random: np.random.Generator, side: str) -> np.ndarray:
    """From the shoulder, in chest axes: within reach, somewhere in front."""
    way = random.normal(size=3) * [0.6, 0.6, 1.0] + [0, -1.2, 0]
    return way / np.linalg.norm(way) * random.uniform(0.25, 0.42)


def bones(solved: Solved, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shoulder, elbow, wrist = (
        solved.positions[side + bone] for bone in ("UpperArm", "LowerArm", "Hand")
    )
    return shoulder, elbow, wrist


@given(seeds, sides)
def test_the_wrist_gets_where_it_is_sent(seed: int, side: str) -> None:
    random = np.random.default_rng(seed)
    pose, way, elbow = turned(random), target(random, side), np.array([0.2, 0.9, -0.5])
    trunk = solve(REST, pose)
    at, chest = trunk.positions["chest"], trunk.rotations["chest"]
    in_rest = way + REST[side + "UpperArm"]
    world = at + chest @ (in_rest - REST["chest"])
    pose.reaches = {side: Reach(in_rest, elbow, "chest")}
    by_chest = bones(solve(REST, pose), side)
    np.testing.assert_allclose(by_chest[2], world, atol=1e-9)
    pose.reaches = {side: Reach(world, chest @ elbow, "world")}
    by_world = bones(solve(REST, pose), side)
    np.testing.assert_allclose(by_world, by_chest, atol=1e-9)
    pose.reaches = {side: Reach(way, elbow, "shoulder")}
    shoulder, joint, wrist = bones(solve(REST, pose), side)
    np.testing.assert_allclose(wrist - shoulder, chest @ way, atol=1e-9)
    # The elbow lies off the straight line on the side that it was told to.
    line = (wrist - shoulder) / np.linalg.norm(wrist - shoulder)
    off, told = joint - shoulder, chest @ elbow
    off, told = off - line * (line @ off), told - line * (line @ told)
    np.testing.assert_allclose(off / np.linalg.norm(off), told / np.linalg.norm(told), atol=1e-6)


@given(seeds, sides)
def test_what_is_out_of_reach_is_pointed_at(seed: int, side: str) -> None:
    random = np.random.default_rng(seed)
    way = 3 * target(random, side) / 0.3
    pose = Pose(reaches={side: Reach(way, np.array([0, 1.0, 0.1]), "shoulder")})
    shoulder, _, wrist = bones(solve(REST, pose), side)
    reached = np.linalg.norm(wrist - shoulder)
    assert 0.53 < reached < 0.542
    chest = solve(REST, pose).rotations["chest"]
    np.testing.assert_allclose(
        (wrist - shoulder) / reached, chest @ way / np.linalg.norm(way), atol=1e-9
    )


@given(seeds, sides)
def test_fingers_and_palm_point_where_they_are_told(seed: int, side: str) -> None:
    random = np.random.default_rng(seed)
    fingers, palm = np.linalg.qr(random.normal(size=(3, 3)))[0][:, :2].T
    pose = turned(random)
    pose.reaches[side] = Reach(
        target(random, side), np.array([0, 1.0, -0.3]), "shoulder", fingers, palm
    )
    solved = solve(REST, pose)
    hand = solved.rotations["chest"].T @ solved.rotations[side + "Hand"] @ rest_hand(side)
    np.testing.assert_allclose(hand @ [0, 0, -1], fingers, atol=1e-9)
    np.testing.assert_allclose(hand @ [-SIDES[side], 0, 0], palm, atol=1e-9)


@given(seeds)
def test_left_and_right_mirror_each_other(seed: int) -> None:
    random = np.random.default_rng(seed)
    way, mirror = target(random, "left"), np.array([-1.0, 1, 1])
    elbow = np.array([0.3, 0.9, -0.4])
    pose = Pose(
        reaches={
            "left": Reach(way, elbow, "shoulder", curl=30),
            "right": Reach(way * mirror, elbow * mirror, "shoulder", curl=30),
        }
    )
    solved = solve(REST, pose)
    for left, right in zip(bones(solved, "left"), bones(solved, "right"), strict=True):
        np.testing.assert_allclose(left * mirror, right, atol=1e-9)
    flip = np.diag(mirror)
    np.testing.assert_allclose(
        flip @ solved.rotations["leftHand"] @ flip, solved.rotations["rightHand"], atol=1e-9
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_hanging_arm_is_the_same_told_by_angles_or_by_its_wrist(side: str) -> None:
    by_angles = solve(REST, Pose(arms={s: Arm(abduction=4, flexion=20, elbow=40) for s in SIDES}))
    shoulder, elbow, wrist = bones(by_angles, side)
    chest = by_angles.rotations["chest"]
    away = elbow - (shoulder + wrist) / 2
    reach = Reach(chest.T @ (wrist - shoulder), chest.T @ away, "shoulder")
    by_place = solve(REST, Pose(reaches={side: reach}))
    for bone in ("UpperArm", "LowerArm", "Hand"):
        np.testing.assert_allclose(
            by_place.rotations[side + bone], by_angles.rotations[side + bone], atol=1e-9
        )


def test_an_unknown_anchor_is_named() -> None:
    with pytest.raises(ValueError, match="anchor 'hips': one of world, chest, shoulder"):
        Reach(np.zeros(3), np.ones(3), "hips")
