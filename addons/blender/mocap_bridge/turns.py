"""Quaternions (..., 4), unit, in the order x, y, z, w, over any leading dimensions; radians.

`mul(a, b)` turns by b first. No bpy here, so that whole clips are computed at once and tests need
no Blender.
"""

import numpy as np

TINY = 1e-12
POLE = 1e-7  # below this norm the two outer Euler angles cannot be told apart
CONJUGATE = np.array([-1.0, -1.0, -1.0, 1.0])


def mul(a, b):
    """Hamilton product (..., 4): first b, then a."""
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


def inv(q):
    """Inverse of unit quaternions."""
    return q * CONJUGATE


def rotate(q, v):
    """Vectors (..., 3) turned by unit quaternions (..., 4)."""
    imaginary, real = q[..., :3], q[..., 3:]
    twice = 2.0 * np.cross(imaginary, v)
    return v + real * twice + np.cross(imaginary, twice)


def unit(v):
    """Vectors (..., n) of length one; zero stays zero."""
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), TINY)


def between(a, b):
    """Shortest arc (4,) turning the direction of a (3,) onto that of b (3,)."""
    a, b = unit(np.asarray(a, dtype=np.float64)), unit(np.asarray(b, dtype=np.float64))
    real = 1.0 + a @ b
    if real > 1e-9:
        return unit(np.append(np.cross(a, b), real))
    # opposite: no arc is shortest; any axis across will do
    across = np.cross(a, np.eye(3)[np.argmin(np.abs(a))])
    return np.append(unit(across), 0.0)


def slerp(a, b, share):
    """The short way from a to b (..., 4), share (...) in [0, 1]."""
    share = np.asarray(share, dtype=np.float64)[..., None]
    b = np.where(np.sum(a * b, axis=-1, keepdims=True) < 0, -b, b)
    # half the angle, this way exact for tiny ones, too
    half = np.arctan2(
        np.linalg.norm(b - a, axis=-1, keepdims=True), np.linalg.norm(b + a, axis=-1, keepdims=True)
    )
    whole = np.sin(2 * half)
    far = whole > TINY
    ratio = 1 / np.where(far, whole, 1.0)
    first = np.where(far, np.sin(2 * half * (1 - share)) * ratio, 1 - share)
    second = np.where(far, np.sin(2 * half * share) * ratio, share)
    return unit(first * a + second * b)


def continuous(q):
    """The same rotations (T, ..., 4) with signs such that no frame jumps from the one before.

    The first has a real part of 0 or more, so what is written does not hang on how it was found.
    """
    if len(q) == 0:
        return q
    flips = np.empty(q.shape[:-1], dtype=bool)
    flips[0] = q[0, ..., 3] < 0
    flips[1:] = np.sum(q[1:] * q[:-1], axis=-1) < 0
    return q * np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0)[..., None]


def from_matrix(m):
    """Quaternions (..., 4) of rotation matrices (..., 3, 3).

    The largest of the four components is found first and the others divided by it (Shepperd,
    "Quaternion from rotation matrix", 1978), so no case loses precision.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = np.moveaxis(m, (-2, -1), (0, 1))
    rows = [
        [1 + xx - yy - zz, xy + yx, zx + xz, zy - yz],
        [xy + yx, 1 - xx + yy - zz, yz + zy, xz - zx],
        [zx + xz, yz + zy, 1 - xx - yy + zz, yx - xy],
        [zy - yz, xz - zx, yx - xy, 1 + xx + yy + zz],
    ]
    squares = np.moveaxis(np.array(rows), (0, 1), (-2, -1))
    largest = np.argmax(np.diagonal(squares, axis1=-2, axis2=-1), axis=-1)
    return unit(np.take_along_axis(squares, largest[..., None, None], axis=-2)[..., 0, :])


def _axis_indices(order):
    i, j, k = ("XYZ".index(letter) for letter in order)
    return i, j, k, 1.0 if (j - i) % 3 == 1 else -1.0


def from_euler(angles, order):
    """Angles (..., 3) listed in `order` as in a BVH: "ZXY" is the matrix product Rz Rx Ry."""
    i, j, k, sign = _axis_indices(order)
    s1, s2, s3 = np.moveaxis(np.sin(0.5 * angles), -1, 0)
    c1, c2, c3 = np.moveaxis(np.cos(0.5 * angles), -1, 0)
    q = np.empty((*angles.shape[:-1], 4))
    q[..., i] = s1 * c2 * c3 + sign * c1 * s2 * s3
    q[..., j] = c1 * s2 * c3 - sign * s1 * c2 * s3
    q[..., k] = c1 * c2 * s3 + sign * s1 * s2 * c3
    q[..., 3] = c1 * c2 * c3 - sign * s1 * s2 * s3
    return q


def to_euler(q, order):
    """Inverse of `from_euler`, for a time series (T, ..., 4), without jumps from frame to frame.

    Single triples by half sums and half differences, which keep their precision near the poles
    (Bernardes and Viollet, "Quaternion to Euler angles conversion", 2022). Each rotation has two
    triples, (a, b, c) and (a + pi, pi - b, c + pi); which of them is nearer to the frame before is
    symmetric, so the choice over time is a running parity. Whole turns count on. At a pole, where
    the last angle is free, it stands still.
    """
    i, j, k, sign = _axis_indices(order)
    a, b, c, w = q[..., i], q[..., j], sign * q[..., k], q[..., 3]
    sums, differences = np.hypot(a + c, w + b), np.hypot(a - c, w - b)
    middle = 2 * np.arctan2(sums, differences) - np.pi / 2
    half_sum, half_difference = np.arctan2(a + c, w + b), np.arctan2(a - c, w - b)
    half_sum = np.where(sums < POLE, half_difference, half_sum)
    half_difference = np.where(differences < POLE, half_sum, half_difference)
    first, third = half_sum + half_difference, sign * (half_sum - half_difference)
    if len(q) < 2:
        return _wrapped(np.stack([first, middle, third], axis=-1))
    pole = np.abs(middle) > np.pi / 2 - 2 * POLE
    frames = np.arange(len(q)).reshape(-1, *[1] * (pole.ndim - 1))
    # the last frame off the pole; before the first such frame, that one
    known = np.maximum.accumulate(np.where(pole, np.argmax(~pole, axis=0), frames), axis=0)
    held = np.take_along_axis(third, known, axis=0)
    first = first - np.sign(middle) * sign * (held - third)
    angles = _wrapped(np.stack([first, middle, held], axis=-1))
    other = np.pi + angles * np.array([1.0, -1.0, 1.0])

    def apart(later, earlier):
        return np.sum(_wrapped(later - earlier) ** 2, axis=-1)

    switch = apart(other[1:], angles[:-1]) < apart(angles[1:], angles[:-1])
    parity = np.concatenate([np.zeros_like(switch[:1]), np.cumsum(switch, axis=0) % 2 == 1])
    return np.unwrap(np.where(parity[..., None], other, angles), axis=0)


def _wrapped(angle):
    """Angles brought into (-pi, pi]."""
    return angle - 2 * np.pi * np.ceil((angle - np.pi) / (2 * np.pi))


def to_axis_angle(q):
    """Angle and axis (T, ..., 4), angle first, of a time series (T, ..., 4), without jumps.

    The axis keeps its side where a turn swings through zero; the angle takes the sign.
    """
    q = continuous(q)
    length = np.linalg.norm(q[..., :3], axis=-1, keepdims=True)
    axis = np.where(length > POLE, q[..., :3] / np.maximum(length, TINY), np.array([0.0, 1.0, 0.0]))
    sides = np.zeros(axis.shape[:-1], dtype=bool)
    sides[1:] = np.sum(axis[1:] * axis[:-1], axis=-1) < 0
    sign = np.where(np.cumsum(sides, axis=0) % 2 == 1, -1.0, 1.0)[..., None]
    angle = 2 * np.arctan2(sign * length, q[..., 3:])
    return np.concatenate([np.unwrap(angle, axis=0, period=4 * np.pi), sign * axis], axis=-1)
