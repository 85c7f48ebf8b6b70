"""How a joint of Maya stands, from its attributes, and what to set so that it stands as wanted.

Maya's documentation of the joint node gives its matrix, for row vectors (p' = p M), as

    [S] [RO] [R] [JO] [IS] [T]

scale, rotateAxis, rotate in the joint's rotateOrder, jointOrient, the scale of the joint above
taken back (segmentScaleCompensate), translate. Times the matrix of what the joint hangs on, P, it
is W, the joint in the world. So of the rotations alone

    R = RO^-1 W P^-1 JO^-1

in rows, and, as the quaternions of shared/turns.py turn by the right one first,

    R = JO^-1 P^-1 W RO^-1.
"""

from __future__ import annotations

from typing import Sequence

from . import euler
from .scene import Joint, Matrix, Vec
from .shared import turns

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
FLAT = 1e-9  # a volume below this share of the scales' product belongs to no matrix with an inverse


def rotate_of(
    orientation: turns.Quat,
    above: turns.Quat,
    orient: turns.Quat,
    axis: turns.Quat,
    order: str,
    near: Sequence[float] | None = None,
) -> Vec:
    """What to set as `rotate` so that a joint has an orientation.

    Args:
        orientation: W, that which it shall have.
        above: P, of what it hangs on.
        orient, axis: JO and RO.
        order: its rotateOrder.
        near: [rad] of all angles that mean the same, those nearest to these.
    """
    inner = turns.mul(turns.mul(turns.inv(orient), turns.inv(above)), orientation)
    return euler.to_euler(turns.mul(inner, turns.inv(axis)), order, near)


def own_matrix(
    joint: Joint, rotate: Sequence[float] | None = None, translate: Vec | None = None
) -> Matrix:
    """The matrix of a joint in what it hangs on: [S] [RO] [R] [JO] [IS] [T].

    Args:
        rotate, translate: instead of those that the joint has.
    """
    turn = euler.from_euler(joint.rotate if rotate is None else rotate, joint.order)
    whole = turns.mul(turns.mul(joint.orient, turn), joint.axis)
    rows: list[float] = []
    for i in range(3):
        row = [0.0, 0.0, 0.0]
        row[i] = joint.scale[i]
        rows += [n * s for n, s in zip(turns.rotate(whole, row), joint.inverse_scale)]
        rows.append(0.0)
    return (*rows, *(joint.translate if translate is None else translate), 1.0)


def product(a: Matrix, b: Matrix) -> Matrix:
    """The matrix that does first a, then b."""
    return tuple(
        sum(a[4 * i + k] * b[4 * k + j] for k in range(4)) for i in range(4) for j in range(4)
    )


def inverse(m: Matrix) -> Matrix:
    """The inverse of a matrix that has the last column 0, 0, 0, 1; IDENTITY if it has none."""
    x, y, z = m[0:3], m[4:7], m[8:11]
    columns = turns.cross(y, z), turns.cross(z, x), turns.cross(x, y)
    volume = turns.dot(x, columns[0])
    if abs(volume) <= FLAT * turns.length(x) * turns.length(y) * turns.length(z):
        return IDENTITY
    rows = [[columns[j][i] / volume for j in range(3)] for i in range(3)]
    place = [-sum(m[12 + k] * rows[k][j] for k in range(3)) for j in range(3)]
    return (*rows[0], 0.0, *rows[1], 0.0, *rows[2], 0.0, *place, 1.0)


def moved(point: Sequence[float], m: Matrix) -> Vec:
    """A point taken by a matrix."""
    x, y, z = point
    return (
        x * m[0] + y * m[4] + z * m[8] + m[12],
        x * m[1] + y * m[5] + z * m[9] + m[13],
        x * m[2] + y * m[6] + z * m[10] + m[14],
    )


def place(m: Matrix) -> Vec:
    """Where a matrix takes the origin."""
    return (m[12], m[13], m[14])


def turn_of(m: Sequence[float]) -> turns.Quat:
    """The rotation of a matrix.

    The rows are where the axes go; they may be scaled, also mirrored along all three axes, and
    leaned a little against each other.
    """
    x = turns.direction(m[0:3])
    y = turns.direction(turns.minus(m[4:7], turns.scaled(x, turns.dot(x, m[4:7]))))
    z = turns.cross(x, y)
    if turns.dot(z, m[8:11]) < 0:  # mirrored: the turn that is left when all axes are
        x, y = turns.scaled(x, -1.0), turns.scaled(y, -1.0)
    return turns.from_axes(x, y, z)
