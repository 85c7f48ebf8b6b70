"""Quaternion maths over any leading batch dimensions.

Quaternions are unit, Hamilton, in the order x, y, z, w, and rotate column vectors:
`rotate(mul(a, b), v) == rotate(a, rotate(b, v))`. Angles are radians.

Live, these functions are called thousands of times a second on a handful of rotations, where every
call of NumPy costs about a microsecond whatever it does. Formulas that are linear, or bilinear, in
their arguments are therefore tables: one matrix product each. The tables are found by putting the
formula as it is written to the units.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mocap.arrays import Array
from mocap.errors import InvalidValue

EPS = 1e-12
POLE = 1e-7  # below this norm the two outer Euler angles cannot be told apart
AXES = "XYZ"
YZX = np.array([1, 2, 0])
CONJUGATE = np.array([-1.0, -1.0, -1.0, 1.0])
ONE = np.array([0.0, 0.0, 0.0, 1.0])
IDENTITY, IDENTITY_4 = np.eye(3), np.eye(4).ravel()


def identity(*shape: int) -> Array:
    """Identity quaternions of shape (*shape, 4)."""
    q = np.zeros((*shape, 4))
    q[..., 3] = 1.0
    return q


def normalize(q: ArrayLike) -> Array:
    """Unit quaternions (..., 4); a zero quaternion becomes the identity."""
    q = np.asarray(q, dtype=np.float64)
    norm = _norm(q)
    return np.where(norm > EPS, q / np.maximum(norm, EPS), ONE)


def _norm(v: Array) -> Array:
    """Lengths of vectors (..., n), kept as an axis of length one (np.linalg.norm, quicker)."""
    return np.sqrt(np.add.reduce(v * v, axis=-1, keepdims=True))


def _product(a: Array, b: Array) -> Array:
    ax, ay, az, aw = np.moveaxis(a, -1, 0)
    bx, by, bz, bw = np.moveaxis(b, -1, 0)
    return np.stack(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ],
        axis=-1,
    )


# (4, 16) makes of a quaternion the matrix that multiplies from the left
_LEFT = np.swapaxes(_product(np.eye(4)[:, None], np.eye(4)), 1, 2).reshape(4, 16)


def mul(a: Array, b: Array) -> Array:
    """Hamilton product (..., 4): first b, then a."""
    left = (a @ _LEFT).reshape(*a.shape[:-1], 4, 4)
    return np.asarray((left @ b[..., None])[..., 0])


def inv(q: Array) -> Array:
    """Inverse of unit quaternions (..., 4)."""
    return q * CONJUGATE


def rotate(q: Array, v: Array) -> Array:
    """Vectors (..., 3) turned by unit quaternions (..., 4)."""
    return np.asarray((to_matrix(q) @ v[..., None])[..., 0])


def cross(a: Array, b: Array) -> Array:
    """Cross product over the last axis, broadcasting (NumPy's own is several times slower)."""
    # z, x, y of the product are made of x y, y z and z x
    shifted = a * b.take(YZX, -1) - a.take(YZX, -1) * b
    return shifted.take(YZX, -1)


def dot(a: Array, b: Array) -> Array:
    """Dot product over the last axis, kept as an axis of length one."""
    return np.add.reduce(a * b, axis=-1, keepdims=True)


def unit(v: Array) -> Array:
    """Vectors (..., n) of length one; zero stays zero."""
    return v / np.maximum(_norm(v), EPS)


def exp(v: Array) -> Array:
    """Rotation vectors (..., 3), axis times angle, to quaternions."""
    angle = _norm(v)
    # np.sinc(x) is sin(pi x) / (pi x): exact at zero, no branch
    return np.concatenate([v * 0.5 * np.sinc(angle / (2 * np.pi)), np.cos(angle / 2)], axis=-1)


def log(q: Array) -> Array:
    """Quaternions to rotation vectors (..., 3) of angle at most pi."""
    q = np.where(q[..., 3:] < 0, -q, q)
    norm = _norm(q[..., :3])
    angle = 2.0 * np.arctan2(norm, q[..., 3:])
    return q[..., :3] * np.where(norm > EPS, angle / np.maximum(norm, EPS), 2.0)


def axis_angle(axis: ArrayLike, angle: ArrayLike) -> Array:
    """Quaternions for turning by `angle` (...) about unit `axis` (..., 3)."""
    half = 0.5 * np.asarray(angle, dtype=np.float64)[..., None]
    imaginary = np.asarray(axis) * np.sin(half)
    real = np.broadcast_to(np.cos(half), (*imaginary.shape[:-1], 1))
    return np.concatenate([imaginary, real], axis=-1)


def angle(a: Array, b: Array) -> Array:
    """Geodesic distance between rotations (...), in [0, pi]."""
    d = mul(inv(a), b)
    result: Array = 2.0 * np.arctan2(np.linalg.norm(d[..., :3], axis=-1), np.abs(d[..., 3]))
    return result


def between(a: Array, b: Array) -> Array:
    """Shortest arc turning the direction of vectors a (..., 3) onto that of b.

    For opposite vectors, where no arc is shortest, the axis is any perpendicular one.
    """
    a, b = unit(a), unit(b)
    real = 1.0 + dot(a, b)
    arc = unit(np.concatenate([cross(a, b), real], axis=-1))
    opposite = ~(real > 1e-14)
    if not opposite.any():
        return arc
    # the axis least aligned with a gives a well conditioned perpendicular
    across = unit(cross(a, np.eye(3)[np.argmin(np.abs(a), axis=-1)]))
    return np.where(opposite, across @ np.eye(3, 4), arc)


def slerp(a: Array, b: Array, t: ArrayLike) -> Array:
    """Spherical interpolation the short way from a to b (..., 4), t (...) in [0, 1]."""
    share = np.asarray(t, dtype=np.float64)[..., None]
    b = np.where(dot(a, b) < 0, -b, b)
    half = np.arctan2(_norm(b - a), _norm(b + a))  # which is exact for tiny turns, too
    whole = np.sin(2 * half)
    ratio = np.where(whole > EPS, 1 / np.maximum(whole, EPS), 0.0)
    first = np.where(whole > EPS, np.sin(2 * half * (1 - share)) * ratio, 1 - share)
    second = np.where(whole > EPS, np.sin(2 * half * share) * ratio, share)
    return unit(first * a + second * b)


def continuous(q: Array, axis: int = 0) -> Array:
    """The same rotations with signs chosen so that neighbours along `axis` do not jump."""
    q = np.moveaxis(q, axis, 0)
    if len(q) > 1:
        flips = np.sum(q[1:] * q[:-1], axis=-1) < 0
        sign = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0)
        q = np.concatenate([q[:1], q[1:] * sign[..., None]])
    return np.moveaxis(q, 0, axis)


def twist(q: Array, axis: Array) -> Array:
    """The part of q (..., 4) that turns about unit `axis` (..., 3); `q == mul(swing, twist)`."""
    along = np.sum(q[..., :3] * axis, axis=-1, keepdims=True)
    return normalize(np.concatenate([along * axis, q[..., 3:]], axis=-1))


def _matrix(squares: Array) -> Array:
    """What is added to the identity: `squares` (..., 4, 4) the components' products."""
    (xx, xy, xz, xw), (_, yy, yz, yw), (_, _, zz, zw), _ = np.moveaxis(squares, (-2, -1), (0, 1))
    rows = [
        [-2 * (yy + zz), 2 * (xy - zw), 2 * (xz + yw)],
        [2 * (xy + zw), -2 * (xx + zz), 2 * (yz - xw)],
        [2 * (xz - yw), 2 * (yz + xw), -2 * (xx + yy)],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


_MATRIX = _matrix(np.eye(16).reshape(16, 4, 4)).reshape(16, 9)


def to_matrix(q: Array) -> Array:
    """Unit quaternions to rotation matrices (..., 3, 3)."""
    shape = q.shape[:-1]
    squares = (q[..., :, None] * q[..., None, :]).reshape(*shape, 16)
    return np.asarray((squares @ _MATRIX).reshape(*shape, 3, 3) + IDENTITY)


def _squares(m: Array) -> Array:
    """(..., 4, 4) four times the products of a quaternion's components, less the identity."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = np.moveaxis(m, (-2, -1), (0, 1))
    rows = [
        [xx - yy - zz, xy + yx, zx + xz, zy - yz],
        [xy + yx, -xx + yy - zz, yz + zy, xz - zx],
        [zx + xz, yz + zy, -xx - yy + zz, yx - xy],
        [zy - yz, xz - zx, yx - xy, xx + yy + zz],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


_SQUARES = _squares(np.eye(9).reshape(9, 3, 3)).reshape(9, 16)
_DIAGONAL = np.arange(0, 16, 5)


def from_matrix(m: Array) -> Array:
    """Rotation matrices (..., 3, 3) to quaternions with w >= 0.

    The largest of the four components is found first and the others divided by it
    (Shepperd, "Quaternion from rotation matrix", 1978), so no case loses precision.
    """
    squares = m.reshape(-1, 9) @ _SQUARES + IDENTITY_4
    largest = squares.take(_DIAGONAL, 1).argmax(axis=1)
    q = squares.reshape(-1, 4, 4)[np.arange(len(largest)), largest]
    norm = _norm(q)  # at least 1
    return np.asarray(q / np.where(q[:, 3:] < 0, -norm, norm)).reshape(*m.shape[:-2], 4)


def from_frame(primary: Array, secondary: Array, axes: str = "YZ") -> Array:
    """Rotation whose local axis `axes[0]` points along `primary` and whose local `axes[1]`
    points along `secondary` made perpendicular to it.

    Args:
        primary, secondary: (..., 3), not parallel.
        axes: two different letters of XYZ.
    """
    i, j = AXES.index(axes[0]), AXES.index(axes[1])
    k = 3 - i - j
    first = unit(primary)
    second = unit(secondary - first * dot(first, secondary))
    third = cross(first, second) if (j - i) % 3 == 1 else cross(second, first)
    matrix = np.empty((*third.shape, 3))
    matrix[..., i], matrix[..., j], matrix[..., k] = first, second, third
    return from_matrix(matrix)


def _axis_indices(order: str) -> tuple[int, int, int]:
    if sorted(order.upper()) != list(AXES):
        raise InvalidValue(f"rotation order: expected a permutation of XYZ, got {order!r}")
    i, j, k = (AXES.index(letter) for letter in order.upper())
    return i, j, k


def from_euler(angles: Array, order: str) -> Array:
    """Intrinsic Euler angles (..., 3), listed and applied in `order` as in a BVH channel
    list: "ZXY" is the matrix product Rz Rx Ry."""
    i, j, k = _axis_indices(order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    s, c = np.sin(0.5 * angles), np.cos(0.5 * angles)
    s1, s2, s3 = s[..., 0], s[..., 1], s[..., 2]
    c1, c2, c3 = c[..., 0], c[..., 1], c[..., 2]
    q = np.empty((*angles.shape[:-1], 4))
    q[..., i] = s1 * c2 * c3 + sign * c1 * s2 * s3
    q[..., j] = c1 * s2 * c3 - sign * s1 * c2 * s3
    q[..., k] = c1 * c2 * s3 + sign * s1 * s2 * c3
    q[..., 3] = c1 * c2 * c3 - sign * s1 * s2 * s3
    return q


def to_euler(q: Array, order: str) -> Array:
    """Inverse of `from_euler`; the middle angle lies in [-pi/2, pi/2].

    Where the middle angle is +-pi/2 only the sum (or difference) of the others is defined:
    the third is then zero. Works on half sums and half differences of the angles, which keep
    their precision near that pole (Bernardes and Viollet, "Quaternion to Euler angles
    conversion", 2022).
    """
    i, j, k = _axis_indices(order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    a, b, c, w = q[..., i], q[..., j], sign * q[..., k], q[..., 3]
    sum_norm, difference_norm = np.hypot(a + c, w + b), np.hypot(a - c, w - b)
    middle = 2 * np.arctan2(sum_norm, difference_norm) - np.pi / 2
    half_sum, half_difference = np.arctan2(a + c, w + b), np.arctan2(a - c, w - b)
    half_sum = np.where(sum_norm < POLE, half_difference, half_sum)
    half_difference = np.where(difference_norm < POLE, half_sum, half_difference)
    angles = np.stack([half_sum + half_difference, middle, sign * (half_sum - half_difference)], -1)
    return wrap(angles)


def wrap(angle: Array) -> Array:
    """Angles brought into (-pi, pi]."""
    return angle - 2 * np.pi * np.ceil((angle - np.pi) / (2 * np.pi))


def to_euler_continuous(q: Array, order: str) -> Array:
    """Euler angles (T, ..., 3) of quaternions (T, ..., 4) without jumps along the first axis.

    Every rotation has two Euler triples, (a, b, c) and (a + pi, pi - b, c + pi). Going from
    one frame to the next either the same or the other one is nearer; because the relation is
    symmetric, the choice over time is a running parity. Whole turns are unwrapped afterwards,
    so a spin counts beyond 2 pi. At a pole, where the third angle is free, it stands still.
    """
    angles = to_euler(q, order)
    if len(angles) < 2:
        return angles
    first, middle, third = angles[..., 0], angles[..., 1], angles[..., 2]
    pole = np.abs(middle) > np.pi / 2 - 2 * POLE
    frames = np.arange(len(q)).reshape(-1, *[1] * (pole.ndim - 1))
    # the last frame off the pole; before the first such frame, that one
    known = np.maximum.accumulate(np.where(pole, np.argmax(~pole, axis=0), frames), axis=0)
    i, j, _ = _axis_indices(order)
    side = np.sign(middle) * (1.0 if (j - i) % 3 == 1 else -1.0)
    held = np.take_along_axis(third, known, axis=0)
    angles = np.stack([first - side * (held - third), middle, held], axis=-1)
    other = np.array([np.pi, np.pi, np.pi]) + angles * np.array([1.0, -1.0, 1.0])

    def distance(later: Array, earlier: Array) -> Array:
        gap = wrap(later - earlier)
        total: Array = np.sum(gap * gap, axis=-1)
        return total

    switch = distance(other[1:], angles[:-1]) < distance(angles[1:], angles[:-1])
    parity = np.concatenate([np.zeros_like(switch[:1]), np.cumsum(switch, axis=0) % 2 == 1])
    chosen = np.where(parity[..., None], other, angles)
    return np.unwrap(chosen, axis=0)
