"""A joint hierarchy in its rest pose, as numbers.

The rest pose is the one in which the character stands like a human, best a T-pose. The joints may
stand in any other pose meanwhile: of that only what never moves counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, NamedTuple, Sequence

from . import joints as maths
from .scene import Joint, Matrix
from .shared import turns
from .shared.errors import RigError
from .shared.skeleton import Skeleton
from .shared.turns import Quat, Vec


class Rest(NamedTuple):
    """A joint in the rest pose: [rad] its rotate and [cm] its translate."""

    rotate: Vec
    translate: Vec


@dataclass(frozen=True, eq=False)
class Body:
    """Joints in their rest pose, in some space that does not move; parents first.

    Attributes:
        joints: J, as they stand now; `parent` is an index into the same list.
        names: of each, once.
        rests: of each, in the rest pose.
        at: [cm] where they begin.
        turned: O_i, their orientations.
        hangs: matrices of what they hang on.
        above: orientations of that.
    """

    joints: Sequence[Joint]
    names: Sequence[str]
    rests: Sequence[Rest]
    at: Sequence[Vec]
    turned: Sequence[Quat]
    hangs: Sequence[Matrix]
    above: Sequence[Quat]

    @property
    def parents(self) -> tuple[int, ...]:
        """Index of each joint's parent, -1 for the first."""
        return tuple(joint.parent for joint in self.joints)

    def ends(self) -> list[Vec | None]:
        """Where the joints end: where the one below begins, if there is only one."""
        below: list[list[int]] = [[] for _ in self.joints]
        for i, joint in enumerate(self.joints):
            if joint.parent >= 0:
                below[joint.parent].append(i)
        return [self.at[some[0]] if len(some) == 1 else None for some in below]

    def skeleton(self) -> Skeleton:
        """The tree, along the axes of its space, in the unit of the joints."""
        offsets = [
            turns.minus(place, self.at[joint.parent]) if joint.parent >= 0 else place
            for place, joint in zip(self.at, self.joints)
        ]
        count = len(offsets)
        return Skeleton(tuple(self.names), self.parents, tuple(offsets), (None,) * count)

    def below(self, name: str, space: Matrix) -> Body:
        """The joint of a name and all below it.

        Args:
            space: matrix of what it hangs on: IDENTITY for the space of that.
        """
        first = self.names.index(name)
        kept = [first]
        for i in range(first + 1, len(self.joints)):
            if self.joints[i].parent in kept:
                kept.append(i)
        index = {i: n for n, i in enumerate(kept)}
        some = [self.joints[i]._replace(parent=index.get(self.joints[i].parent, -1)) for i in kept]
        names, rests = [self.names[i] for i in kept], [self.rests[i] for i in kept]
        return body_of(some, names, rests, space)


def names_of(joints: Sequence[Joint]) -> list[str]:
    """A name for each joint, once: its own, or with those above it where several are called so."""
    names = [joint.name for joint in joints]
    line = list(range(len(joints)))
    while True:
        twice = {name for name in names if names.count(name) > 1}
        if not twice:
            return names
        for i, name in enumerate(names):
            parent = joints[line[i]].parent
            if name in twice and parent >= 0:
                names[i], line[i] = f"{joints[parent].name}|{name}", parent


def body_of(
    joints: Sequence[Joint],
    names: Sequence[str],
    rests: Sequence[Rest],
    space: Matrix = maths.IDENTITY,
) -> Body:
    """The joints in a rest pose.

    Args:
        space: matrix of what the first of them hangs on: IDENTITY for the space of that.

    Raises:
        RigError: a joint has no size.
    """
    whole: list[Matrix] = []
    at, turned, hangs = [], [], []
    for i, joint in enumerate(joints):
        if min(map(abs, joint.scale)) < turns.TINY:
            raise RigError(f"{names[i]} has scale 0")
        base = space
        if joint.parent >= 0:
            # what stands between a joint and the one above it does not move
            parent = joints[joint.parent]
            between = maths.product(joint.above, maths.inverse(parent.world))
            base = maths.product(between, whole[joint.parent])
        own = maths.own_matrix(joint, rests[i].rotate, rests[i].translate)
        whole.append(maths.product(own, base))
        at.append(maths.place(whole[i]))
        turned.append(maths.turn_of(whole[i]))
        hangs.append(base)
    above = [maths.turn_of(base) for base in hangs]
    return Body(joints, names, rests, at, turned, hangs, above)


def read(joints: Sequence[Joint], stored: Mapping[str, Rest]) -> Body:
    """The joints of a hierarchy in the rest pose that is stored; those of which none is, as they
    stand now.

    Raises:
        RigError: a joint has no size.
    """
    names = names_of(joints)
    rests = [
        stored.get(short(name), Rest(joint.rotate, joint.translate))
        for name, joint in zip(names, joints)
    ]
    return body_of(joints, names, rests)


def short(name: str) -> str:
    """The name of a joint without namespaces, which change with every reference to a file."""
    return "|".join(part.rsplit(":", 1)[-1] for part in name.split("|"))
