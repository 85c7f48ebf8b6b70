"""Quaternions and vectors, one at a time; plain Python.

Quaternions are tuples x, y, z, w, unit; `mul(a, b)` turns by b first. For what is done once, or by
hosts without NumPy.
"""

from __future__ import annotations

import math
from typing import Sequence, Tuple

Quat = Tuple[float, float, float, float]
Vec = Tuple[float, float, float]
ONE: Quat = (0.0, 0.0, 0.0, 1.0)
TINY = 1e-12


def mul(a: Sequence[float], b: Sequence[float]) -> Quat:
    """Hamilton product: first b, then a."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def inv(q: Sequence[float]) -> Quat:
    """Inverse of a unit quaternion."""
    return (-q[0], -q[1], -q[2], q[3])


def rotate(q: Sequence[float], v: Sequence[float]) -> Vec:
    """A vector turned by a unit quaternion."""
    x, y, z, w = q
    a, b, c = v
    tx, ty, tz = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return (
        a + w * tx + y * tz - z * ty,
        b + w * ty + z * tx - x * tz,
        c + w * tz + x * ty - y * tx,
    )


def unit(q: Sequence[float]) -> Quat:
    """A quaternion of length one; the identity for one of length zero."""
    x, y, z, w = q
    norm = math.sqrt(x * x + y * y + z * z + w * w)
    return (x / norm, y / norm, z / norm, w / norm) if norm > TINY else ONE


def between(a: Sequence[float], b: Sequence[float]) -> Quat:
    """The shortest arc from the direction of a to that of b."""
    a, b = direction(a), direction(b)
    real = 1.0 + dot(a, b)
    if real > 1e-9:
        return unit((*cross(a, b), real))
    # opposite: no arc is shortest; any axis across will do
    least = min(range(3), key=lambda i: abs(a[i]))
    across = cross(a, tuple(1.0 if i == least else 0.0 for i in range(3)))
    return (*direction(across), 0.0)


def slerp(a: Sequence[float], b: Sequence[float], share: float) -> Quat:
    """The short way from a to b, share in [0, 1]."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    cosine = ax * bx + ay * by + az * bz + aw * bw
    if cosine < 0:
        bx, by, bz, bw, cosine = -bx, -by, -bz, -bw, -cosine
    if cosine > 0.9999995:  # where the sine of the angle has few digits, the chord is the arc
        first, second = 1 - share, share
    else:
        angle = math.acos(cosine)
        first, second = math.sin(angle * (1 - share)), math.sin(angle * share)
    return unit(
        (
            first * ax + second * bx,
            first * ay + second * by,
            first * az + second * bz,
            first * aw + second * bw,
        )
    )


def from_axes(x: Sequence[float], y: Sequence[float], z: Sequence[float]) -> Quat:
    """The rotation that takes the coordinate axes to these, which are square to each other.

    The largest of the four components is found first and the others divided by it (Shepperd,
    "Quaternion from rotation matrix", 1978), so no case loses precision.
    """
    rows = (
        (1 + x[0] - y[1] - z[2], y[0] + x[1], z[0] + x[2], y[2] - z[1]),
        (y[0] + x[1], 1 - x[0] + y[1] - z[2], z[1] + y[2], z[0] - x[2]),
        (z[0] + x[2], z[1] + y[2], 1 - x[0] - y[1] + z[2], x[1] - y[0]),
        (y[2] - z[1], z[0] - x[2], x[1] - y[0], 1 + x[0] + y[1] + z[2]),
    )
    return unit(rows[max(range(4), key=lambda i: rows[i][i])])


# --- vectors -------------------------------------------------------------------------------


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Sequence[float], b: Sequence[float]) -> Vec:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def plus(a: Sequence[float], b: Sequence[float]) -> Vec:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def minus(a: Sequence[float], b: Sequence[float]) -> Vec:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def scaled(v: Sequence[float], factor: float) -> Vec:
    return (v[0] * factor, v[1] * factor, v[2] * factor)


def middle(a: Sequence[float], b: Sequence[float]) -> Vec:
    return (0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1]), 0.5 * (a[2] + b[2]))


def length(v: Sequence[float]) -> float:
    return math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


def direction(v: Sequence[float]) -> Vec:
    """A vector of length one; zero stays zero."""
    norm = length(v)
    return scaled(v, 1.0 / norm) if norm > TINY else (0.0, 0.0, 0.0)
