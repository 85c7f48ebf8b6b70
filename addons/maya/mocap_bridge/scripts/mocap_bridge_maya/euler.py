"""Euler angles in all six orders of Maya.

An order "xyz" turns by x first, about axes that do not turn. Angles are about x, y and z, in this
order whatever the order of turning; radians.
"""

from __future__ import annotations

import math
from array import array
from typing import Sequence

from .shared.turns import Quat, Vec

ORDERS = ("xyz", "yzx", "zxy", "xzy", "yxz", "zyx")  # as Maya numbers them
POLE = 1e-7  # below this norm the two outer Euler angles cannot be told apart
TURN = 2 * math.pi
# axes of an order from the one turned by last to the first, and whether they run backwards
_AXES = {
    order: (
        "xyz".index(order[2]),
        "xyz".index(order[1]),
        "xyz".index(order[0]),
        1.0 if order in ("zyx", "xzy", "yxz") else -1.0,
    )
    for order in ORDERS
}


def from_euler(angles: Sequence[float], order: str) -> Quat:
    """The rotation of angles about x, y and z."""
    i, j, k, sign = _AXES[order]
    a, b, c = 0.5 * angles[i], 0.5 * angles[j], 0.5 * angles[k]
    s1, s2, s3 = math.sin(a), math.sin(b), math.sin(c)
    c1, c2, c3 = math.cos(a), math.cos(b), math.cos(c)
    q = [0.0, 0.0, 0.0, c1 * c2 * c3 - sign * s1 * s2 * s3]
    q[i] = s1 * c2 * c3 + sign * c1 * s2 * s3
    q[j] = c1 * s2 * c3 - sign * s1 * c2 * s3
    q[k] = c1 * c2 * s3 + sign * s1 * s2 * c3
    return (q[0], q[1], q[2], q[3])


def to_euler(q: Sequence[float], order: str, near: Sequence[float] | None = None) -> Vec:
    """Angles about x, y and z of a rotation; of all that mean it, those nearest to `near`.

    Half sums and half differences keep their precision near the poles (Bernardes and Viollet,
    "Quaternion to Euler angles conversion", 2022). Each rotation has two triples, (a, b, c) and
    (a + pi, pi - b, c + pi), and whole turns count on. At a pole, where the last angle is free, it
    stays where it was.
    """
    i, j, k, sign = _AXES[order]
    a, b, c, w = q[i], q[j], sign * q[k], q[3]
    sums, differences = math.hypot(a + c, w + b), math.hypot(a - c, w - b)
    middle = 2 * math.atan2(sums, differences) - math.pi / 2
    plus, less = math.atan2(a + c, w + b), math.atan2(a - c, w - b)
    found = [0.0, 0.0, 0.0]
    if sums < POLE or differences < POLE:
        # only the sum or the difference of the outer angles counts
        third = near[k] if near is not None else 0.0
        first = 2 * less + sign * third if sums < POLE else 2 * plus - sign * third
    else:
        first, third = plus + less, sign * (plus - less)
    if near is not None:
        first, middle, third = _nearest(first, middle, third, near[i], near[j], near[k])
    else:
        first, third = math.remainder(first, TURN), math.remainder(third, TURN)
    found[i], found[j], found[k] = first, middle, third
    return (found[0], found[1], found[2])


def _nearest(a: float, b: float, c: float, na: float, nb: float, nc: float) -> Vec:
    """Of all angles that mean the same as a, b and c, b in the middle, those nearest to others."""
    da, dc = math.remainder(a - na, TURN), math.remainder(c - nc, TURN)
    db = math.remainder(b - nb, TURN)
    oa = da - math.pi if da > 0 else da + math.pi
    ob = math.remainder(math.pi - b - nb, TURN)
    oc = dc - math.pi if dc > 0 else dc + math.pi
    if oa * oa + ob * ob + oc * oc < da * da + db * db + dc * dc:
        return (na + oa, nb + ob, nc + oc)
    return (na + da, nb + db, nc + dc)


def unjumped(columns: Sequence[Sequence[float]], order: str) -> list[Sequence[float]]:
    """Angles about x, y and z over time without jumps from frame to frame.

    Those that have none, and all before the first, are returned as they are.
    """
    jump = min((_first_jump(column) for column in columns), default=0)
    if jump == len(columns[0]):
        return list(columns)
    i, j, k, _ = _AXES[order]
    found = [array("d", column[:jump]) for column in columns]
    a, b, c = (column[jump - 1] for column in (columns[i], columns[j], columns[k]))
    for row in range(jump, len(columns[0])):
        a, b, c = _nearest(columns[i][row], columns[j][row], columns[k][row], a, b, c)
        found[i].append(a)
        found[j].append(b)
        found[k].append(c)
    return list(found)


def _first_jump(column: Sequence[float]) -> int:
    """The first frame that is half a turn from the one before; the number of frames if none is."""
    before = column[0] if len(column) else 0.0
    for row, angle in enumerate(column):
        if angle - before > math.pi or before - angle > math.pi:
            return row
        before = angle
    return len(column)
