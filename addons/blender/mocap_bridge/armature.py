"""The rest pose of an armature as numbers. No bpy here; rigs.py reads it off Blender."""

from dataclasses import dataclass
from typing import Dict, Sequence, Tuple

import numpy as np

from . import turns
from .clips import Skeleton
from .shared.bones import SIDES, Pairs


@dataclass(frozen=True, eq=False)
class Armature:
    """The rest pose of an armature, in its own space and unit; J bones, parents first.

    Attributes:
        names, parents: as in `Skeleton`, but for several roots.
        heads, tails: (J, 3) where the bones begin and end.
        rest: (J, 4) R_i, orientations x, y, z, w.
        inherits: (J,) whether the bone turns with its parent.
        connected: (J,) whether the bone begins where its parent ends and cannot leave it.
        local: (J,) whether its location is counted along the axes of the bone itself.
    """

    names: Tuple[str, ...]
    parents: Tuple[int, ...]
    heads: np.ndarray
    tails: np.ndarray
    rest: np.ndarray
    inherits: np.ndarray
    connected: np.ndarray
    local: np.ndarray

    def skeleton(self) -> Skeleton:
        """The tree in the axes of the armature, every rotation at rest the identity."""
        offsets = self.heads.copy()
        for i, parent in enumerate(self.parents):
            if parent >= 0:
                offsets[i] -= self.heads[parent]
        return Skeleton(self.names, self.parents, offsets, self.tails - self.heads)

    def posed(self, basis: Dict[str, Sequence[float]]) -> Tuple[np.ndarray, np.ndarray]:
        """Rotations (J, 4) from rest, in the armature, and heads (J, 3), of a pose.

        Args:
            basis: rotations of pose bones, w, x, y, z; bones that are not there are at rest.
        """
        world, heads = np.empty_like(self.rest), self.heads.copy()
        for i, (name, parent) in enumerate(zip(self.names, self.parents)):
            q = turns.unit(np.asarray(basis.get(name, (1.0, 0.0, 0.0, 0.0)), dtype=np.float64))
            own = turns.mul(self.rest[i], turns.mul(q[[1, 2, 3, 0]], turns.inv(self.rest[i])))
            world[i] = own
            if parent >= 0:
                step = turns.rotate(world[parent], self.heads[i] - self.heads[parent])
                heads[i] = heads[parent] + step
                if self.inherits[i]:
                    world[i] = turns.mul(world[parent], own)
        return world, heads

    def ends(self, pairs: Pairs) -> np.ndarray:
        """(J, 3) tails, NaN where tails tell nothing: importers of files in which bones have no
        length make them up. They count if those of arms and legs point to the next bone."""
        index = {name: i for i, name in enumerate(self.names)}
        for side in SIDES:
            for chain in (("UpperLeg", "LowerLeg", "Foot"), ("UpperArm", "LowerArm", "Hand")):
                for a, b in zip(chain, chain[1:]):
                    i, k = (index.get(pairs.get(side + part, "")) for part in (a, b))
                    if i is None or k is None:
                        continue
                    along = turns.unit(self.tails[i] - self.heads[i])
                    if along @ turns.unit(self.heads[k] - self.heads[i]) < 0.9:
                        return np.full_like(self.tails, np.nan)
        return self.tails
