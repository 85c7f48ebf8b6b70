"""A skeleton: names, parents and offsets, and what follows from them (FK, local and global)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from mocap import rotation
from mocap.arrays import Array, IntArray, frozen, require_finite
from mocap.errors import InvalidValue, UnknownName

_SIDES = (("left", "right"), ("Left", "Right"), ("LEFT", "RIGHT"))
# a letter by itself ("upper_arm.L") or before a capitalized word ("LThumb", "rShldr")
_SIDE_LETTER = re.compile(r"(^|[._\-: ])([lrLR])(?=$|[._\- ]|[A-Z][a-z])")
_SWAP = str.maketrans("lrLR", "rlRL")


def mirrored_name(name: str) -> str:
    """The name of the same bone on the other side, or the name itself for a middle bone."""
    for left, right in _SIDES:
        if left in name:
            return name.replace(left, right)
        if right in name:
            return name.replace(right, left)
    return _SIDE_LETTER.sub(lambda m: m[1] + m[2].translate(_SWAP), name)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of bones in its rest pose, every rest rotation the identity.

    Attributes:
        names: J bone names, each once.
        parents: (J,) index of each bone's parent, which comes before it; -1 for the first bone,
            the only root.
        offsets: (J, 3) [m] rest position of each bone in its parent; of the root, in the world.
        tips: (J, 3) [m] where a bone ends if no child says so (head top, toe tip, BVH "End
            Site"), in the bone; NaN where there is none.
        name: what the skeleton is called in files and messages.
    """

    names: tuple[str, ...]
    parents: IntArray
    offsets: Array
    tips: Array = None  # type: ignore[assignment]
    name: str = "skeleton"

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "names", tuple(self.names))
        count = len(self.names)
        if count == 0:
            raise InvalidValue("skeleton: expected at least one bone, got none")
        if len(set(self.names)) != count:
            twice = sorted({n for n in self.names if self.names.count(n) > 1})
            raise InvalidValue(f"skeleton: every bone name must be used once; repeated: {twice}")
        set_(self, "parents", frozen(self.parents, (count,), "parents", np.int64))
        if self.parents[0] != -1 or any(
            not 0 <= parent < i for i, parent in enumerate(self.parents.tolist()) if i > 0
        ):
            raise InvalidValue(
                "skeleton: the first bone must be the only root (parent -1) and every other bone "
                f"must come after its parent; got parents {self.parents.tolist()}"
            )
        set_(self, "offsets", frozen(self.offsets, (count, 3), "offsets"))
        require_finite(self.offsets, "offsets")
        tips = np.full((count, 3), np.nan) if self.tips is None else self.tips
        set_(self, "tips", frozen(tips, (count, 3), "tips"))

    def __len__(self) -> int:
        return len(self.names)

    def index(self, bone: str) -> int:
        """Position of a bone by name. Raises UnknownName."""
        try:
            return self._indices[bone]
        except KeyError:
            raise UnknownName(f"bone of {self.name}", bone, self.names) from None

    def __contains__(self, bone: object) -> bool:
        return bone in self._indices

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def parent(self, bone: str) -> str | None:
        """Name of a bone's parent, None for the root."""
        parent = int(self.parents[self.index(bone)])
        return None if parent < 0 else self.names[parent]

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each bone, the indices of its children."""
        kids: list[list[int]] = [[] for _ in self.names]
        for i, parent in enumerate(self.parents.tolist()):
            if parent >= 0:
                kids[parent].append(i)
        return tuple(tuple(k) for k in kids)

    @cached_property
    def _generations(self) -> tuple[tuple[IntArray, IntArray], ...]:
        """Bones other than the root and their parents, those equally far from the root together."""
        depth = np.zeros(len(self), dtype=np.int64)
        for i in range(1, len(self)):
            depth[i] = depth[self.parents[i]] + 1
        bones = [np.flatnonzero(depth == d) for d in range(1, int(depth.max()) + 1)]
        return tuple((b, self.parents[b]) for b in bones)

    @cached_property
    def rest_positions(self) -> Array:
        """(J, 3) [m] bone positions of the rest pose."""
        positions = self.offsets.copy()
        for i in range(1, len(self)):
            positions[i] += positions[self.parents[i]]
        positions.flags.writeable = False
        return positions

    @cached_property
    def height(self) -> float:
        """[m] vertical extent of the rest pose, bone ends included."""
        ends = (self.rest_positions + self.tips)[np.isfinite(self.tips).all(axis=1)]
        y = np.concatenate([self.rest_positions[:, 1], ends[:, 1]])
        return float(np.ptp(y))

    def to_global(self, local: Array) -> Array:
        """Local rotations (..., J, 4) to global ones."""
        world = local.copy()
        for bones, parents in self._generations:
            world[..., bones, :] = rotation.mul(world[..., parents, :], local[..., bones, :])
        return world

    def to_local(self, world: Array) -> Array:
        """Global rotations (..., J, 4) to local ones."""
        local = world.copy()
        local[..., 1:, :] = rotation.mul(
            rotation.inv(world[..., self.parents[1:], :]), world[..., 1:, :]
        )
        return local

    def fk(
        self, root: Array, rotations: Array, translations: Array | None = None
    ) -> tuple[Array, Array]:
        """Forward kinematics.

        Args:
            root: (..., 3) [m] position of the root bone.
            rotations: (..., J, 4) local rotations.
            translations: (..., J, 3) [m] positions of the bones in their parents where they
                move; None keeps every bone at its offset. The root's entry is not used.

        Returns:
            Global positions (..., J, 3) [m] and global rotations (..., J, 4).
        """
        world = self.to_global(rotations)
        return self.positions(root, world, translations), world

    def positions(self, root: Array, world: Array, translations: Array | None = None) -> Array:
        """Global positions (..., J, 3) [m] of global rotations (..., J, 4); else as `fk`."""
        steps = self.offsets if translations is None else translations
        positions = np.empty((*world.shape[:-1], 3))
        positions[..., 0, :] = root
        positions[..., 1:, :] = rotation.rotate(world[..., self.parents[1:], :], steps[..., 1:, :])
        for bones, parents in self._generations:
            positions[..., bones, :] += positions[..., parents, :]
        return positions

    def tip_positions(self, positions: Array, world: Array) -> Array:
        """Where the bones end (..., J, 3) [m], NaN without a tip, from the result of `fk`."""
        return positions + rotation.rotate(world, np.broadcast_to(self.tips, positions.shape))

    @cached_property
    def mirror_indices(self) -> IntArray:
        """(J,) for each bone the index of the same bone of the other side (or its own)."""
        pairs = [self._indices.get(mirrored_name(n), i) for i, n in enumerate(self.names)]
        return frozen(pairs, (len(self),), "mirror", np.int64)

    def mirrored(self) -> Skeleton:
        """The skeleton of the mirror image (x to -x), bones keeping their names."""
        flip = np.array([-1.0, 1.0, 1.0])
        pairs = self.mirror_indices
        return self.replace(offsets=self.offsets[pairs] * flip, tips=self.tips[pairs] * flip)

    def scaled(self, factor: float) -> Skeleton:
        """The same skeleton, every length times `factor`."""
        return self.replace(offsets=self.offsets * factor, tips=self.tips * factor)

    def replace(
        self,
        *,
        names: Sequence[str] | None = None,
        offsets: ArrayLike | None = None,
        tips: ArrayLike | None = None,
        name: str | None = None,
    ) -> Skeleton:
        """A copy with some of its values exchanged."""
        return Skeleton(
            names=self.names if names is None else tuple(names),
            parents=self.parents,
            offsets=self.offsets if offsets is None else np.asarray(offsets, dtype=np.float64),
            tips=self.tips if tips is None else np.asarray(tips, dtype=np.float64),
            name=self.name if name is None else name,
        )
