"""Turns, Euler angles and the joint's formula, against matrices written out as documented."""

from __future__ import annotations

import math

import maya_fake
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_fake import FakeScene, about
from maya_fake import euler as product
from mocap_bridge_maya import euler, joints
from mocap_bridge_maya.shared import turns

ANGLES = st.tuples(*[st.floats(-7.0, 7.0)] * 3)
ORDERS = st.sampled_from(euler.ORDERS)
PLACES = st.tuples(*[st.floats(-50.0, 50.0)] * 3)


def rows(q):
    """(3, 3) a turn for row vectors."""
    return np.array([turns.rotate(q, axis) for axis in np.eye(3)])


@given(ANGLES, ORDERS)
def test_euler_angles_turn_as_the_product_of_turns_about_one_axis(angles, order):
    q = euler.from_euler(angles, order)
    np.testing.assert_allclose(rows(q), product(angles, order)[:3, :3], atol=1e-12)
    assert math.isclose(sum(x * x for x in q), 1.0, abs_tol=1e-12)


@given(ANGLES, ANGLES, ORDERS)
def test_angles_of_a_turn_mean_it_and_are_the_nearest_to_what_was(angles, before, order):
    q = euler.from_euler(angles, order)
    for near in (None, before):
        found = euler.to_euler(q, order, near)
        np.testing.assert_allclose(rows(euler.from_euler(found, order)), rows(q), atol=1e-7)
    found = np.array(euler.to_euler(q, order, before))
    best = np.sum((found - before) ** 2)
    # every triple that means the same: both solutions, whole turns up and down
    first, last = "xyz".index(order[0]), "xyz".index(order[2])
    inner = "xyz".index(order[1])
    other = np.array(angles, dtype=float) + math.pi
    other[inner] = math.pi - angles[inner]
    for triple in (np.array(angles, dtype=float), other):
        nearest = triple + 2 * math.pi * np.round((np.array(before) - triple) / (2 * math.pi))
        assert best <= np.sum((nearest - before) ** 2) + 1e-6, (first, last)


@given(ORDERS, st.sampled_from([-1.0, 1.0]), st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_at_a_pole_the_last_angle_stays(order, sign, first, third, kept):
    i, j, k = ("xyz".index(letter) for letter in order[::-1])
    angles, before = [0.0] * 3, [0.0] * 3
    angles[i], angles[j], angles[k] = first, sign * math.pi / 2, third
    before[j], before[k] = sign * math.pi / 2, kept
    q = euler.from_euler(angles, order)
    found = euler.to_euler(q, order, before)
    np.testing.assert_allclose(rows(euler.from_euler(found, order)), rows(q), atol=1e-6)
    assert abs(found[k] - kept) < 1e-6


@given(ORDERS, st.integers(0, 1000))
def test_a_turning_body_never_flips(order, seed):
    random = np.random.default_rng(seed)
    axis = turns.direction(random.normal(size=3).tolist())
    near, steps = None, []
    for n in range(400):
        angle = 0.03 * n
        tilt = euler.from_euler((0.4 * math.sin(0.07 * n), 0.3 * math.cos(0.05 * n), 0.0), "xyz")
        spin = (*turns.scaled(axis, math.sin(angle / 2)), math.cos(angle / 2))
        found = euler.to_euler(turns.mul(spin, tilt), order, near)
        if near is not None:
            steps.append(np.abs(np.subtract(found, near)).max())
        near = found
    # near a pole the outer angles run fast, but they never jump by half a turn
    assert max(steps) < math.pi - 0.05 or np.sum(np.array(steps) > 3.0) <= 2
    assert np.median(steps) < 0.2


@given(ANGLES, ANGLES, ANGLES, ANGLES, ORDERS, PLACES)
def test_the_formula_gives_the_wanted_orientation_through_the_documented_matrix(
    wanted, above, orient, axis, order, place
):
    scene = FakeScene()
    group = scene.add("group", "transform", rotate=above, order="zxy", translate=place)
    joint = scene.add("joint", parent=group, order=order, orient=orient, axis=axis)
    read = scene.joints(joint)[0]
    goal = euler.from_euler(wanted, "xyz")
    rotate = joints.rotate_of(
        goal, joints.turn_of(read.above), read.orient, read.axis, read.order, read.rotate
    )
    scene.pose([joint], [rotate])
    np.testing.assert_allclose(scene.turn(joint), rows(goal), atol=1e-9)


@given(ANGLES, ANGLES, ANGLES, ORDERS, PLACES, st.tuples(*[st.floats(0.2, 5.0)] * 3), st.booleans())
def test_the_own_matrix_is_the_documented_one(
    rotate, orient, axis, order, place, scale, compensate
):
    scene = FakeScene()
    above = scene.add("above", scale=scale, rotate=axis)
    joint = scene.add(
        "joint", parent=above, order=order, orient=orient, axis=axis, rotate=rotate,
        translate=place, scale=scale[::-1], compensate=compensate,
    )  # fmt: skip
    read = scene.joints(above)[1]
    own = joints.own_matrix(read)
    np.testing.assert_allclose(np.reshape(own, (4, 4)), scene.own_matrix(joint), atol=1e-9)
    whole = joints.product(own, read.above)
    np.testing.assert_allclose(whole, read.world, atol=1e-8)
    back = joints.product(joints.inverse(own), own)
    np.testing.assert_allclose(back, joints.IDENTITY, atol=1e-7)


@given(ANGLES, st.floats(0.01, 100.0), st.booleans())
def test_the_turn_of_a_scaled_matrix(angles, size, mirrored):
    m = product(angles, "xyz") * np.array([size, size, size, 1.0])
    q = joints.turn_of((-m if mirrored else m).ravel().tolist())
    np.testing.assert_allclose(rows(q), product(angles, "xyz")[:3, :3], atol=1e-12)


@pytest.mark.parametrize("axis", "xyz")
def test_a_quarter_turn_is_right_handed(axis):
    after = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    m = about(axis, math.pi / 2)[:3, :3]
    q = euler.from_euler(tuple(math.pi / 2 * (a == axis) for a in "xyz"), "xyz")
    np.testing.assert_allclose(m[after[0]], np.eye(3)[after[1]], atol=1e-15)
    np.testing.assert_allclose(rows(q), m, atol=1e-15)


@given(ANGLES, ANGLES, st.floats(0.0, 1.0))
def test_slerp_goes_the_short_way_evenly(a, b, share):
    first, second = euler.from_euler(a, "xyz"), euler.from_euler(b, "zxy")
    found = turns.slerp(first, second, share)

    def apart(p, q):
        return 2 * math.acos(min(1.0, abs(sum(x * y for x, y in zip(p, q, strict=True)))))

    whole = apart(first, second)
    assert apart(first, found) == pytest.approx(share * whole, abs=1e-5)
    assert apart(found, second) == pytest.approx((1 - share) * whole, abs=1e-5)


@given(PLACES, PLACES)
def test_the_arc_between_two_directions(a, b):
    if turns.length(a) < 1e-3 or turns.length(b) < 1e-3:
        return
    q = turns.between(a, b)
    turned = turns.rotate(q, turns.direction(a))
    np.testing.assert_allclose(turned, turns.direction(b), atol=1e-6)


def test_the_fake_reads_its_turns_without_the_modules_maths():
    q = maya_fake.quaternion(product((0.3, -0.8, 2.0), "yzx"))
    np.testing.assert_allclose(rows(q), product((0.3, -0.8, 2.0), "yzx")[:3, :3], atol=1e-12)
