"""Poses of a captured person as rotations of joints, whatever the joints and their rest pose.

The same maths as the capture program's `mocap.retarget`. Between the two bodies lies the canonical
T-pose (+Y up, facing +Z, arms along X). For a bone i of a body let

    A_i   the rotation that takes the bone from the canonical T-pose to the rest pose: the body's
          own axes F for torso, head and feet; for arms and legs, which may be posed (A-pose, arms
          hanging), the one of the bone above, then the shortest arc to where the bone points.

A pose that has turned the bone by G_i from its rest turns it from the canonical T-pose by

    H_i = W G_i A_i,    W: the body's world to the canonical one,

which is the same for every body in the same pose, twist included. So for the joint (primed), with

    M_i = H_i A'_i^-1 = W G_j (A_j A'_i^-1),    j: the bone of the person that it follows,

it has turned by G'_i = W'^-1 M_i from its rest. With O_i its orientation at rest and Q_i that of
what it hangs on, its orientation is G'_i O_i; what it hangs on has turned with the joint p above,
to G'_p Q_i; and by the formula of joints.py

    R_i = JO_i^-1 (G'_p Q_i)^-1 (G'_i O_i) RO_i^-1
        = (JO_i^-1 Q_i^-1) M_p^-1 M_i (O_i RO_i^-1).

Joints between others that nothing drives keep their rest; spine and neck of more or fewer bones
bend as much in all. All in brackets is constant.
"""

from __future__ import annotations

import math
from typing import Mapping, Sequence

from . import euler
from .body import Body
from .shared import turns
from .shared.bone_maps import detect
from .shared.bones import FEET
from .shared.drives import drives_of
from .shared.errors import RigError
from .shared.skeleton import Skeleton
from .shared.stance import HIPS, NEAR, UP, Stance, stance_of
from .shared.turns import ONE, Quat, Vec, inv, mul, rotate


class Reach:
    """Places of a few bones from the turns of those on the way to them.

    Args:
        wanted: indices of the bones.
        above: for each bone the nearest above it that turns, -1 for none.
        at: places at rest.
        world: turns them to the axes in which the turns are counted.
    """

    def __init__(
        self, wanted: Sequence[int], above: Sequence[int], at: Sequence[Vec], world: Quat
    ) -> None:
        needed = set()
        for bone in wanted:
            while bone >= 0:
                needed.add(bone)
                bone = above[bone]
        order = {bone: n for n, bone in enumerate(sorted(needed))}
        self._wanted = [order[bone] for bone in wanted]
        # of a bone that nothing carries the place is that of its rest
        self._fixed = [None if above[b] >= 0 else rotate(world, at[b]) for b in order]
        self._steps = [
            (order[above[b]], above[b], turns.minus(at[b], at[above[b]])) if above[b] >= 0 else None
            for b in order
        ]

    def __call__(self, turned: Mapping[int, Quat] | Sequence[Quat]) -> list[Vec]:
        """The places, with the turns by bone."""
        places: list[Vec] = []
        for fixed, step in zip(self._fixed, self._steps):
            if step is None:
                places.append(fixed or (0.0, 0.0, 0.0))
                continue
            n, bone, offset = step
            base, arm = places[n], rotate(turned[bone], offset)
            places.append((base[0] + arm[0], base[1] + arm[1], base[2] + arm[2]))
        return [places[n] for n in self._wanted]


class Retarget:
    """Brings poses of a skeleton to joints; pure, nothing is kept in between.

    Args:
        source: the skeleton of the person.
        body: the joints, the first of them the one that travels.
        pairs: human bone to name of a joint.
        scale: factor of the travel, cm for a metre; None for the ratio of the legs.
        in_place: whether the body stays over the spot on which it stands.
        source_pairs: human bone to bone of the source; None detects it.

    Attributes:
        driven: indices of the joints that are turned, those held at rest among them.
        scale: the factor in use.
        up: the axis of the joints' space that points up.

    Raises:
        RigError: bones cannot be told or are missing, or a rest pose does not stand.
    """

    def __init__(
        self,
        source: Skeleton,
        body: Body,
        pairs: Mapping[str, str],
        *,
        scale: float | None = None,
        in_place: bool = False,
        source_pairs: Mapping[str, str] | None = None,
    ) -> None:
        source_pairs = detect(source).pairs if source_pairs is None else source_pairs
        seen = source.rest_positions()
        here = stance_of(source_pairs, source.names, source.parents, seen, source.rest_ends())
        there = stance_of(pairs, body.names, body.parents, body.at, body.ends(), stands=True)
        self.scale = there.leg / here.leg if scale is None else float(scale)
        if not 0 < self.scale < math.inf:
            raise RigError(f"the scale has to be a positive number, not {scale}")
        self.up = rotate(inv(there.world), UP)
        self._in_place = in_place
        self._drive(here, there, source, body)
        self._stand(here, there, source, body)

    def _drive(self, here: Stance, there: Stance, source: Skeleton, body: Body) -> None:
        """Constants of M and R: which bone of the source turns which joint, and how."""
        drives = drives_of(here.index, there.index, body.parents)
        self._mixed, self._single = [], []
        for i, (a, b, weight) in sorted(drives.items()):
            first = mul(here.align[a], inv(there.align[i]))
            if weight > 0:
                second = mul(here.align[b], inv(there.align[i]))
                self._mixed.append((i, a, first, b, second, weight))
            else:
                self._single.append((i, a, first))
        self._above: list[int] = []  # for each joint the nearest driven one above it
        for parent in body.parents:
            self._above.append(parent if parent in drives or parent < 0 else self._above[parent])
        held = _between(body.parents, drives)
        self.driven = tuple(sorted([*drives, *held]))
        self._held = [(n, i) for n, i in enumerate(self.driven) if i in held]
        self._still = [euler.from_euler(r.rotate, j.order) for r, j in zip(body.rests, body.joints)]
        self._locals = []
        for n, i in enumerate(self.driven):
            if i in held:
                continue
            joint, above = body.joints[i], self._above[i]
            before = mul(inv(joint.orient), inv(body.above[i]))
            if above < 0:  # nothing is taken off, so the canonical world has to be left here
                before = mul(before, inv(there.world))
            after = mul(body.turned[i], inv(joint.axis))
            self._locals.append((n, i, above, before, after))
        # G of the source, its root turned by W
        self._world = here.world
        needed = {a for _, a, *_ in self._single} | {b for m in self._mixed for b in (m[1], m[3])}
        needed |= {here.index[bone] for bone in (*HIPS, *FEET) if bone in here.index}
        for bone in sorted(needed, reverse=True):
            while bone >= 0:
                needed.add(bone)
                bone = source.parents[bone]
        self._chain = [(bone, source.parents[bone], 4 * bone) for bone in sorted(needed)]
        self._count = len(source.names)

    def _stand(self, here: Stance, there: Stance, source: Skeleton, body: Body) -> None:
        """Constants of the place; see `_shift`."""
        feet = [foot for foot in FEET if foot in here.heights and foot in there.heights]
        bones = (*HIPS, *feet)
        rest = source.rest_positions()
        self._seen = Reach([here.index[b] for b in bones], source.parents, rest, here.world)
        self._root_at = rotate(here.world, rest[0])
        self._mine = Reach([there.index[b] for b in bones], self._above, body.at, there.world)
        self._back = inv(there.world)
        self._lift = there.stand - self.scale * here.stand
        self._ground = turns.minus(
            there.ground, (self.scale * here.ground[0], 0.0, self.scale * here.ground[2])
        )
        self._feet = [
            (here.heights[b], there.heights[b] - self.scale * here.heights[b]) for b in feet
        ]
        self._near = NEAR * there.leg
        spot = turns.middle(*(body.at[there.index[b]] for b in HIPS))
        self._spot = rotate(there.world, spot)

    def __call__(self, root: Sequence[float], rotations: Sequence[float]) -> tuple[list[Quat], Vec]:
        """What the joints have to do for a pose of the source.

        Args:
            root: x, y, z [m] position of the source's first bone.
            rotations: its local rotations, flat, x, y, z, w of each bone.

        Returns:
            turned: R of the joints `driven`: what their `rotate` has to mean.
            shift: how far the first joint travels from where it rests, in the body's space.

        Raises:
            RigError: not so many rotations as the source has bones.
        """
        if len(rotations) != 4 * self._count:
            raise RigError(f"the pose has {len(rotations) / 4:g} bones, the person {self._count}")
        world: dict[int, Quat] = {}
        for bone, parent, k in self._chain:
            base = world[parent] if parent >= 0 else self._world
            world[bone] = mul(base, rotations[k : k + 4])
        turned: dict[int, Quat] = {i: mul(world[a], first) for i, a, first in self._single}
        for i, a, first, b, second, weight in self._mixed:
            turned[i] = turns.slerp(mul(world[a], first), mul(world[b], second), weight)
        found: list[Quat] = [ONE] * len(self.driven)
        for n, i, above, before, after in self._locals:
            step = turned[i] if above < 0 else mul(inv(turned[above]), turned[i])
            found[n] = mul(mul(before, step), after)
        for n, i in self._held:
            found[n] = self._still[i]
        return found, self._shift(root, world, turned)

    def _shift(
        self, root: Sequence[float], world: Mapping[int, Quat], turned: Mapping[int, Quat]
    ) -> Vec:
        """How far the hips travel.

        The middle m between the hip joints goes to W m times the scale, lifted so that who stands
        straight on the source's floor stands on the character's: with the legs' directions kept,
        feet then are where they were, times the scale. Legs bent in other proportions of thigh and
        shin miss the ground a little. Each foot (ankle and toes) that is r over its height at rest
        asks for a rise by its error e; feet off the ground ask less, by w = exp(-r / NEAR): the
        rise is sum(w e) / max(sum(w), 1).
        """
        way = turns.minus(rotate(self._world, root), self._root_at)
        seen = self._seen(world)
        mine = self._mine(turned)
        scale, ground = self.scale, self._ground
        middle = turns.plus(turns.middle(seen[0], seen[1]), way)
        own = turns.middle(mine[0], mine[1])
        x = scale * middle[0] - own[0] + ground[0]
        y = scale * middle[1] - own[1] + ground[1] + self._lift
        z = scale * middle[2] - own[2] + ground[2]
        asked = weights = 0.0
        for (height, sole), theirs, ours in zip(self._feet, seen[2:], mine[2:]):
            level = theirs[1] + way[1]
            error = scale * level + sole + ground[1] - ours[1] - y
            weight = math.exp(-max(scale * (level - height), 0.0) / self._near)
            asked += weight * error
            weights += weight
        y += asked / max(weights, 1.0)
        if self._in_place:
            x, z = self._spot[0] - own[0], self._spot[2] - own[2]
        return rotate(self._back, (x, y, z))


def _between(parents: Sequence[int], drives: Mapping[int, object]) -> set[int]:
    """Joints that are not driven and carry one that is."""
    held = set()
    for i in drives:
        parent = parents[i]
        while parent >= 0 and parent not in drives:
            held.add(parent)
            parent = parents[parent]
    return held
