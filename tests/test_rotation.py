"""Laws of rotations, and SciPy as the oracle. Batches of different shapes broadcast throughout."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart, seeds
from scipy.spatial.transform import Rotation, Slerp
from strategies import angles, batches, directions, fractions, rotations, vectors

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import InvalidValue

ORDERS = ["".join(p) for p in permutations("XYZ")]
EXACT = 1e-6  # [degrees] what rounding may add up to


def scipy_rotation(q: Array) -> Rotation:
    return Rotation.from_quat(q.reshape(-1, 4))


def length(v: Array) -> Array:
    return np.linalg.norm(v, axis=-1)


# --- group ---------------------------------------------------------------------------------


@given(batches(rotations, rotations, rotations))
def test_product_is_associative(qs: tuple[Array, ...]) -> None:
    a, b, c = qs
    left = rotation.mul(rotation.mul(a, b), c)
    np.testing.assert_allclose(left, rotation.mul(a, rotation.mul(b, c)), atol=1e-14)
    np.testing.assert_allclose(length(left), 1.0, atol=1e-14)


@given(batches(rotations))
def test_identity_and_inverse(qs: tuple[Array, ...]) -> None:
    (q,) = qs
    one = rotation.identity(*q.shape[:-1])
    np.testing.assert_array_equal(rotation.mul(one, q), q)
    np.testing.assert_array_equal(rotation.mul(q, one), q)
    np.testing.assert_allclose(rotation.mul(q, rotation.inv(q)), one, atol=1e-15)
    np.testing.assert_allclose(rotation.mul(rotation.inv(q), q), one, atol=1e-15)


@given(batches(rotations, rotations, vectors))
def test_product_turns_by_the_second_then_the_first(arrays: tuple[Array, ...]) -> None:
    a, b, v = arrays
    once = rotation.rotate(rotation.mul(a, b), v)
    twice = rotation.rotate(a, rotation.rotate(b, v))
    np.testing.assert_allclose(once, twice, atol=1e-11)


@given(batches(rotations, vectors, vectors))
def test_turning_keeps_lengths_angles_and_handedness(arrays: tuple[Array, ...]) -> None:
    q, v, w = arrays
    turned_v, turned_w = rotation.rotate(q, v), rotation.rotate(q, w)
    scale = 1e-14 * (1 + length(v) * length(w))
    dots = rotation.dot(turned_v, turned_w) - rotation.dot(v, w)
    assert (np.abs(dots[..., 0]) <= 10 * scale).all()
    turned = rotation.rotate(q, rotation.cross(v, w))
    assert (length(rotation.cross(turned_v, turned_w) - turned) <= 10 * scale).all()


@given(batches(rotations, vectors, same=True))
def test_turning_agrees_with_scipy(arrays: tuple[Array, ...]) -> None:
    q, v = arrays
    expected = scipy_rotation(q).apply(v.reshape(-1, 3)).reshape(v.shape)
    np.testing.assert_allclose(rotation.rotate(q, v), expected, atol=1e-11)


@given(batches(vectors, vectors))
def test_cross_is_numpys(vs: tuple[Array, ...]) -> None:
    np.testing.assert_allclose(rotation.cross(*vs), np.cross(*vs), rtol=1e-14, atol=1e-9)


@given(batches(vectors))
def test_unit_keeps_direction_and_zero(vs: tuple[Array, ...]) -> None:
    (v,) = vs
    u = rotation.unit(v)
    np.testing.assert_allclose(length(u), length(v) > 0, atol=1e-15)
    np.testing.assert_allclose(u * length(v)[..., None], v, rtol=1e-14)


@given(batches(rotations, vectors, same=True))
def test_normalize_undoes_any_scale(arrays: tuple[Array, ...]) -> None:
    q, v = arrays
    scaled = q * (length(v)[..., None] + 1e-9)
    np.testing.assert_allclose(rotation.normalize(scaled), q, atol=1e-15)


def test_normalize_makes_zero_the_identity() -> None:
    np.testing.assert_array_equal(rotation.normalize(np.zeros((2, 4))), rotation.identity(2))


# --- angles and axes -----------------------------------------------------------------------


@given(batches(directions, angles))
def test_logarithm_and_exponential_are_inverse(arrays: tuple[Array, ...]) -> None:
    """To full relative precision, so that tiny turns survive."""
    axis, angle = arrays
    v = axis * np.clip(angle, -np.pi + 1e-9, np.pi - 1e-9)[..., None]
    back = rotation.log(rotation.exp(v))
    assert (length(back - v) <= 1e-14 * length(v)).all()
    np.testing.assert_allclose(
        rotation.exp(v).reshape(-1, 4), Rotation.from_rotvec(v.reshape(-1, 3)).as_quat(), atol=1e-15
    )


@given(batches(rotations))
def test_logarithm_is_the_shortest_rotation_vector(qs: tuple[Array, ...]) -> None:
    (q,) = qs
    v = rotation.log(q)
    assert (length(v) <= np.pi + 1e-15).all()
    assert degrees_apart(rotation.exp(v), q) < EXACT
    np.testing.assert_allclose(length(v).ravel(), scipy_rotation(q).magnitude(), atol=1e-15)


@given(batches(directions, angles))
def test_axis_angle_is_the_exponential(arrays: tuple[Array, ...]) -> None:
    axis, angle = arrays
    expected = rotation.exp(axis * angle[..., None])
    np.testing.assert_allclose(rotation.axis_angle(axis, angle), expected, atol=1e-14)


@given(batches(rotations, rotations, rotations, same=True))
def test_angle_is_a_distance(qs: tuple[Array, ...]) -> None:
    a, b, c = qs
    ab = rotation.angle(a, b)
    assert ((ab >= 0) & (ab <= np.pi)).all()
    np.testing.assert_allclose(ab, rotation.angle(b, a), atol=1e-14)
    np.testing.assert_allclose(ab, rotation.angle(-a, b), atol=1e-14)
    turned = rotation.angle(rotation.mul(c, a), rotation.mul(c, b))
    np.testing.assert_allclose(ab, turned, atol=1e-13)
    assert (ab <= rotation.angle(a, c) + rotation.angle(c, b) + 1e-13).all()


@given(batches(rotations, directions))
def test_angle_of_a_turn_is_how_far_it_turns(arrays: tuple[Array, ...]) -> None:
    q, axis = arrays
    for angle in (0.0, 1e-12, 1e-3, 1.0, 3.0, np.pi):
        turned = rotation.mul(q, rotation.axis_angle(axis, angle))
        np.testing.assert_allclose(rotation.angle(q, turned), angle, rtol=1e-3, atol=1e-15)
        np.testing.assert_allclose(rotation.angle(q, turned), angle, atol=1e-14)


@pytest.mark.parametrize("angle", [-10.0, -np.pi, -1.0, 0.0, 1.0, np.pi, 10.0, 100.0])
def test_wrap_changes_whole_turns_only(angle: float) -> None:
    wrapped = float(rotation.wrap(np.array(angle)))
    assert -np.pi < wrapped <= np.pi
    assert np.exp(1j * wrapped) == pytest.approx(np.exp(1j * angle))


# --- from here to there --------------------------------------------------------------------


@given(batches(vectors, vectors, fractions, same=True))
def test_between_is_the_shortest_arc(arrays: tuple[Array, ...]) -> None:
    a, b, t = arrays
    away = 10.0 ** (-16 * t[..., None])
    for target in (b, a, -a, a + away * b, -a + away * b):
        q = rotation.between(a, target)
        from_, to = rotation.unit(a), rotation.unit(target)
        real = (length(from_) > 0) & (length(to) > 0)
        np.testing.assert_allclose(length(q), 1.0, atol=1e-15)
        np.testing.assert_allclose(rotation.rotate(q, from_)[real], to[real], atol=1e-6)
        # as far as the vectors are apart and no further
        apart = 2 * np.arctan2(length(from_ - to), length(from_ + to))
        one = rotation.identity(*q.shape[:-1])
        np.testing.assert_allclose(rotation.angle(q, one)[real], apart[real], atol=1e-6)


def test_between_nothing_and_something_is_the_identity() -> None:
    zero, x = np.zeros(3), np.array([1.0, 0.0, 0.0])
    for a, b in ((zero, x), (x, zero), (zero, zero)):
        np.testing.assert_array_equal(rotation.between(a, b), rotation.identity())


@given(batches(rotations, rotations, fractions))
def test_slerp_goes_the_short_way_at_constant_speed(arrays: tuple[Array, ...]) -> None:
    a, b, t = arrays
    for target in (b, -b):
        q, whole = rotation.slerp(a, target, t), rotation.angle(a, b)
        np.testing.assert_allclose(length(q), 1.0, atol=1e-15)
        np.testing.assert_allclose(rotation.angle(a, q), t * whole, atol=1e-13)
        np.testing.assert_allclose(rotation.angle(q, b), (1 - t) * whole, atol=1e-13)
        assert degrees_apart(rotation.slerp(a, target, 0 * t), a) < EXACT
        assert degrees_apart(rotation.slerp(a, target, 0 * t + 1), b) < EXACT


@given(batches(rotations, directions, angles, fractions))
def test_slerp_is_the_same_from_either_end(arrays: tuple[Array, ...]) -> None:
    a, axis, angle, t = arrays
    b = rotation.mul(a, rotation.axis_angle(axis, 0.49 * angle))  # no half turn: two ways
    forwards, backwards = rotation.slerp(a, b, t), rotation.slerp(b, a, 1 - t)
    assert degrees_apart(forwards, backwards) < EXACT


@given(seeds)
def test_slerp_agrees_with_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = rotation.normalize(random.normal(size=(2, 4)))
    t = np.linspace(0, 1, 7)
    expected = Slerp([0, 1], scipy_rotation(np.stack([a, b])))(t).as_quat()
    assert degrees_apart(rotation.slerp(a, b, t), expected) < EXACT


@given(seeds, st.integers(0, 5), st.sampled_from([0, 1, 2, -2, -4]))
def test_continuous_changes_signs_only_and_never_jumps(seed: int, frames: int, axis: int) -> None:
    random = np.random.default_rng(seed)
    steps = random.normal(0, 0.2, (frames, 2, 3, 4))
    path = rotation.normalize(random.normal(size=(1, 2, 3, 4)) + np.cumsum(steps, axis=0))
    q = np.moveaxis(path * random.choice([-1.0, 1.0], (frames, 2, 3, 1)), 0, axis)
    smooth = rotation.continuous(q, axis)
    np.testing.assert_allclose(rotation.to_matrix(smooth), rotation.to_matrix(q), atol=1e-14)
    smooth = np.moveaxis(smooth, axis, 0)
    assert (np.sum(smooth[1:] * smooth[:-1], axis=-1) >= 0).all()


@given(batches(rotations, directions, same=True))
def test_a_rotation_is_its_swing_after_its_twist(arrays: tuple[Array, ...]) -> None:
    q, axis = arrays
    twist = rotation.twist(q, axis)
    np.testing.assert_allclose(length(twist), 1.0, atol=1e-15)
    np.testing.assert_allclose(
        rotation.cross(twist[..., :3], axis), np.zeros_like(twist[..., :3]), atol=1e-15
    )
    swing = rotation.mul(q, rotation.inv(twist))
    np.testing.assert_allclose(rotation.mul(swing, twist), q, atol=1e-14)
    np.testing.assert_allclose(rotation.dot(swing[..., :3], axis), 0.0, atol=1e-14)


@given(batches(directions, angles))
def test_twist_of_a_turn_about_the_axis_is_that_turn(arrays: tuple[Array, ...]) -> None:
    axis, angle = arrays
    q = rotation.axis_angle(axis, angle)
    assert degrees_apart(rotation.twist(q, axis), q) < EXACT


# --- matrices ------------------------------------------------------------------------------


@given(batches(rotations))
def test_matrices_agree_with_scipy_both_ways(qs: tuple[Array, ...]) -> None:
    (q,) = qs
    matrices = rotation.to_matrix(q)
    expected = scipy_rotation(q).as_matrix().reshape(matrices.shape)
    np.testing.assert_allclose(matrices, expected, atol=1e-14)
    back = rotation.from_matrix(expected)
    assert (back[..., 3] >= 0).all()
    np.testing.assert_allclose(length(back), 1.0, atol=1e-15)
    assert degrees_apart(back, q) < EXACT


@pytest.mark.parametrize("axes", ["".join(p) for p in permutations("XYZ", 2)])
@given(batches(vectors, vectors, same=True))
def test_frame_has_the_named_axes_where_asked(axes: str, vs: tuple[Array, ...]) -> None:
    primary, secondary = vs
    m = rotation.to_matrix(rotation.from_frame(primary, secondary, axes))
    np.testing.assert_allclose(m @ np.swapaxes(m, -1, -2), np.eye(3) + 0 * m, atol=1e-13)
    np.testing.assert_allclose(np.linalg.det(m), 1.0, atol=1e-13)
    normal = np.cross(rotation.unit(primary), rotation.unit(secondary))
    well = length(normal) > 1e-6  # neither zero nor parallel
    first, second, third = (m[..., "XYZ".index(a)] for a in (*axes, *(set("XYZ") - set(axes))))
    np.testing.assert_allclose(first[well], rotation.unit(primary)[well], atol=1e-9)
    assert (rotation.dot(second, secondary)[well] > 0).all()
    np.testing.assert_allclose(rotation.dot(third, rotation.unit(secondary))[well], 0, atol=1e-9)


# --- Euler angles --------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@given(batches(rotations))
def test_euler_angles_agree_with_scipy_off_the_poles(order: str, qs: tuple[Array, ...]) -> None:
    ours = rotation.to_euler(qs[0], order).reshape(-1, 3)
    off = np.abs(ours[:, 1]) < np.pi / 2 - 1e-3
    if off.any():
        expected = scipy_rotation(qs[0])[off].as_euler(order)
        np.testing.assert_allclose(rotation.wrap(ours[off] - expected), 0.0, atol=1e-11)


@pytest.mark.parametrize("order", ORDERS)
@given(batches(angles, angles, angles, same=True))
def test_from_euler_agrees_with_scipy(order: str, triple: tuple[Array, ...]) -> None:
    e = np.stack(triple, axis=-1)
    expected = Rotation.from_euler(order, e.reshape(-1, 3)).as_quat()
    np.testing.assert_allclose(rotation.from_euler(e, order).reshape(-1, 4), expected, atol=1e-14)
    np.testing.assert_array_equal(
        rotation.from_euler(e, order.lower()), rotation.from_euler(e, order)
    )


@pytest.mark.parametrize("order", ORDERS)
@given(batches(angles, angles, fractions, same=True))
def test_euler_angles_hold_at_and_near_the_poles(order: str, arrays: tuple[Array, ...]) -> None:
    first, third, t = arrays
    near = np.where(t < 0.2, 0.0, 10.0 ** (-16 * t))
    for pole in (-np.pi / 2, np.pi / 2):
        for side in (-1, 1):
            q = rotation.from_euler(np.stack([first, pole + side * near, third], -1), order)
            e = rotation.to_euler(q, order)
            assert (np.abs(e) <= np.array([1, 0.5, 1]) * np.pi + 1e-15).all()
            assert degrees_apart(rotation.from_euler(e, order), q) < 2e-5
            assert (e[..., 2][near < 1e-8] == 0).all()  # free, so none


@pytest.mark.parametrize("order", ["", "XY", "XYX", "XYZW", "ABC"])
def test_unknown_rotation_order_is_named(order: str) -> None:
    with pytest.raises(InvalidValue, match=f"permutation of XYZ, got '{order}'"):
        rotation.to_euler(rotation.identity(), order)
    with pytest.raises(InvalidValue, match=f"permutation of XYZ, got '{order}'"):
        rotation.from_euler(np.zeros(3), order)


@pytest.mark.parametrize("order", ORDERS)
@given(seeds, st.integers(1, 60))
def test_continuous_euler_angles_never_jump(order: str, seed: int, frames: int) -> None:
    """Paths of small steps, whole turns long and through the poles, some exactly."""
    random = np.random.default_rng(seed)
    speed = random.choice([-2, -1, 0, 1, 2], (1, 4, 3)) * np.pi / 64
    start = random.choice([-2, -1, 0, 1, 2], (1, 4, 3)) * np.pi / 4
    free = random.random((1, 4, 3)) < 0.3  # the others meet the poles on a frame
    path = start + speed * np.arange(frames)[:, None, None] + free * random.normal(size=(1, 4, 3))
    q = rotation.from_euler(path, order) * random.choice([-1, 1], (frames, 4, 1))
    e = rotation.to_euler_continuous(q, order)
    assert degrees_apart(rotation.from_euler(e, order), q) < 2e-5
    # at a pole the third angle rests, so the others catch up on the frame after it
    assert (np.abs(np.diff(e, axis=0)) <= 3 * np.pi / 32 + 1e-6).all()
    # and all turns are counted, the same way or on the other branch
    if frames > 1 and not (np.abs(np.cos(path[[0, -1], :, 1])) < 1e-6).any():
        turned, expected = e[-1] - e[0], path[-1] - path[0]
        np.testing.assert_allclose(np.abs(turned), np.abs(expected), atol=1e-6)


# --- shapes --------------------------------------------------------------------------------


def test_nothing_in_nothing_out() -> None:
    q, v = np.zeros((0, 4)), np.zeros((0, 3))
    assert rotation.mul(q, q).shape == rotation.normalize(q).shape == (0, 4)
    assert rotation.slerp(q, q, np.zeros(0)).shape == rotation.continuous(q).shape == (0, 4)
    assert rotation.exp(v).shape == rotation.between(v, v).shape == (0, 4)
    assert rotation.from_frame(v, v).shape == rotation.from_matrix(np.zeros((0, 3, 3))).shape
    assert rotation.to_euler_continuous(q, "ZXY").shape == rotation.log(q).shape == (0, 3)


# --- values computed by others -------------------------------------------------------------


@pytest.fixture
def oracles(shared_data: Path) -> Path:
    folder = shared_data / "oracles" / "rotations"
    if not folder.is_dir():
        pytest.skip(f"no oracles in {folder}")
    return folder


def test_oracle_of_euler_angles(oracles: Path) -> None:
    data = np.load(oracles / "euler_zyx_to_rotmat.npz")
    matrices = rotation.to_matrix(rotation.from_euler(data["euler"], "ZYX"))
    np.testing.assert_allclose(matrices, data["rotmat"], atol=1e-12)


def test_oracle_of_quaternions(oracles: Path) -> None:
    data = np.load(oracles / "rotmat_to_quat.npz")
    xyzw = np.roll(data["quat_wxyz"], -1, axis=-1)
    np.testing.assert_allclose(rotation.from_matrix(data["rotmat"]), xyzw, atol=1e-12)
    np.testing.assert_allclose(rotation.to_matrix(xyzw), data["rotmat"], atol=1e-12)


def test_oracle_of_rotation_vectors(oracles: Path) -> None:
    data = np.load(oracles / "rotmat_to_axisangle.npz")
    q = rotation.from_matrix(data["rotmat"])
    np.testing.assert_allclose(rotation.log(q), data["rotvec"], atol=1e-12)


def test_oracle_of_angles(oracles: Path) -> None:
    data = np.load(oracles / "rotation_geodesic.npz")
    a, b = rotation.from_matrix(data["rotmat_a"]), rotation.from_matrix(data["rotmat_b"])
    np.testing.assert_allclose(rotation.angle(a, b), data["angle"], atol=1e-7)
