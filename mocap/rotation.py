"""Quaternion maths over any leading batch dimensions.

Quaternions are unit, Hamilton, in the order x, y, z, w, and rotate column vectors:
`rotate(mul(a, b), v) == rotate(a, rotate(b, v))`. Angles are radians.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mocap.arrays import Array
from mocap.errors import InvalidValue

EPS = 1e-12
POLE = 1e-7  # below this norm the two outer Euler angles cannot be told apart
AXES = "XYZ"


def identity(*shape: int) -> Array:
    """Identity quaternions of shape (*shape, 4)."""
    q = np.zeros((*shape, 4))
    q[..., 3] = 1.0
    return q


def normalize(q: ArrayLike) -> Array:
    """Unit quaternions (..., 4); a zero quaternion becomes the identity."""
    q = np.asarray(q, dtype=np.float64)
    norm = np.linalg.norm(q, axis=-1, keepdims=True)
    return np.where(norm > EPS, q / np.maximum(norm, EPS), identity())


def mul(a: Array, b: Array) -> Array:
    """Hamilton product (..., 4): first b, then a."""
    ax, ay, az, aw = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bx, by, bz, bw = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    return np.stack(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ],
        axis=-1,
    )


def inv(q: Array) -> Array:
    """Inverse of unit quaternions (..., 4)."""
    return q * np.array([-1.0, -1.0, -1.0, 1.0])


def rotate(q: Array, v: Array) -> Array:
    """Vectors (..., 3) turned by unit quaternions (..., 4)."""
    u, w = q[..., :3], q[..., 3:]
    t = 2.0 * cross(u, v)
    return v + w * t + cross(u, t)


def cross(a: Array, b: Array) -> Array:
    """Cross product over the last axis, broadcasting (NumPy's own is several times slower)."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def dot(a: Array, b: Array) -> Array:
    """Dot product over the last axis, kept as an axis of length one."""
    return np.sum(a * b, axis=-1, keepdims=True)


def unit(v: Array) -> Array:
    """Vectors (..., n) of length one; zero stays zero."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), EPS)


def exp(v: Array) -> Array:
    """Rotation vectors (..., 3), axis times angle, to quaternions."""
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    # np.sinc(x) is sin(pi x) / (pi x): exact at zero, no branch
    return np.concatenate([v * 0.5 * np.sinc(angle / (2 * np.pi)), np.cos(angle / 2)], axis=-1)


def log(q: Array) -> Array:
    """Quaternions to rotation vectors (..., 3) of angle at most pi."""
    q = np.where(q[..., 3:] < 0, -q, q)
    norm = np.linalg.norm(q[..., :3], axis=-1, keepdims=True)
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
    a, b = np.broadcast_arrays(unit(a), unit(b))
    real = 1.0 + np.sum(a * b, axis=-1, keepdims=True)
    # the axis least aligned with a gives a well conditioned perpendicular
    smallest = np.eye(3)[np.argmin(np.abs(a), axis=-1)]
    opposite = np.concatenate([unit(cross(a, smallest)), np.zeros_like(real)], axis=-1)
    return np.where(real > 1e-14, normalize(np.concatenate([cross(a, b), real], axis=-1)), opposite)


def slerp(a: Array, b: Array, t: ArrayLike) -> Array:
    """Spherical interpolation the short way from a to b (..., 4), t (...) in [0, 1]."""
    d = mul(inv(a), b)
    return normalize(mul(a, exp(log(d) * np.asarray(t, dtype=np.float64)[..., None])))


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


def to_matrix(q: Array) -> Array:
    """Unit quaternions to rotation matrices (..., 3, 3)."""
    x, y, z, w = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    return np.stack(
        [
            np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], axis=-1),
            np.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], axis=-1),
            np.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], axis=-1),
        ],
        axis=-2,
    )


def from_matrix(m: Array) -> Array:
    """Rotation matrices (..., 3, 3) to quaternions with w >= 0.

    The largest of the four components is found first and the others divided by it
    (Shepperd, "Quaternion from rotation matrix", 1978), so no case loses precision.
    """
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    yz, zx, xy = m[..., 2, 1], m[..., 0, 2], m[..., 1, 0]
    zy, xz, yx = m[..., 1, 2], m[..., 2, 0], m[..., 0, 1]
    rows = np.stack(
        [
            np.stack([1 + xx - yy - zz, xy + yx, zx + xz, yz - zy], axis=-1),
            np.stack([xy + yx, 1 - xx + yy - zz, yz + zy, zx - xz], axis=-1),
            np.stack([zx + xz, yz + zy, 1 - xx - yy + zz, xy - yx], axis=-1),
            np.stack([yz - zy, zx - xz, xy - yx, 1 + xx + yy + zz], axis=-1),
        ],
        axis=-2,
    )
    largest = np.argmax(np.diagonal(rows, axis1=-2, axis2=-1), axis=-1)
    q = np.take_along_axis(rows, largest[..., None, None], axis=-2)[..., 0, :]
    q = normalize(q)
    return np.where(q[..., 3:] < 0, -q, q)


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
    columns = [first] * 3
    columns[i], columns[j], columns[k] = first, second, third
    return from_matrix(np.stack(np.broadcast_arrays(*columns), axis=-1))


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
