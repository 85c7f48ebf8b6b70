"""The tree of bones of a person in its rest pose, and its JSON form.

Metres, +Y up, facing +Z, left +X; every rotation of the rest pose is the identity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Sequence

from . import turns
from .errors import TakeError
from .turns import Vec

LIMIT = 1e12  # no number of a file is larger; beyond it sums and squares begin to overflow


@dataclass(frozen=True)
class Skeleton:
    """A tree of J bones in its rest pose.

    Attributes:
        names: each once.
        parents: index of each bone's parent, which comes before it; -1 for the first bone alone.
        offsets: J of x, y, z [m], rest position in the parent; of the first bone, in the world.
        tips: J of x, y, z [m], where a bone without children ends, in the bone; None where not
            known.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: tuple[Vec, ...]
    tips: tuple[Vec | None, ...]

    def __len__(self) -> int:
        return len(self.names)

    def same_bones(self, other: Skeleton) -> bool:
        """Whether names and parents are the same, so that a frame of one is one of the other."""
        return self.names == other.names and self.parents == other.parents

    def rest_positions(self) -> list[Vec]:
        """J of x, y, z [m], where the bones begin in the rest pose."""
        return rest_positions(self.parents, self.offsets)

    def rest_ends(self) -> list[Vec | None]:
        """J of x, y, z [m], where bones without children end in the rest pose, if that is known."""
        places = self.rest_positions()
        return [tip and turns.plus(place, tip) for place, tip in zip(places, self.tips)]


def rest_positions(parents: Sequence[int], offsets: Sequence[Sequence[float]]) -> list[Vec]:
    """Where bones begin that are `offsets` from their parents; those come before them."""
    places: list[Vec] = []
    for parent, offset in zip(parents, offsets):
        above = places[parent] if parent >= 0 else (0.0, 0.0, 0.0)
        places.append(turns.plus(above, offset))
    return places


def skeleton_of(told: Any, where: str) -> Skeleton:
    """The skeleton of its JSON form, `{"bones": [{"name", "parent", "offset", "tip"}]}`.

    Raises:
        TakeError: something is missing or wrong; begins with `where`.
    """
    try:
        bones = told["bones"]
        names = tuple(str(bone["name"]) for bone in bones)
        index = {name: i for i, name in enumerate(names)}
        parents = tuple(
            -1 if bone.get("parent") is None else index[bone["parent"]] for bone in bones
        )
        offsets = tuple(_vector(bone["offset"]) for bone in bones)
        tips = tuple(_vector(bone["tip"]) if bone.get("tip") else None for bone in bones)
    except KeyError as error:
        raise TakeError(f"{where}: a bone lacks or names an unknown {error}") from None
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise TakeError(f"{where}: expected bones with name, parent and offset") from None
    return checked(Skeleton(names, parents, offsets, tips), where)


def _vector(told: Any) -> Vec:
    """The three numbers of a list; raises TypeError, ValueError or OverflowError."""
    if not isinstance(told, list) or not set(map(type, told)) <= {int, float}:
        raise TypeError
    x, y, z = map(float, told)
    return x, y, z


def checked(skeleton: Skeleton, where: str) -> Skeleton:
    """The skeleton itself, if it is a tree with one root. Raises TakeError."""
    count = len(skeleton)
    if count == 0:
        raise TakeError(f"{where}: expected at least one bone, got none")
    if len(set(skeleton.names)) != count:
        raise TakeError(f"{where}: a bone's name is used twice")
    if skeleton.parents[0] != -1 or not all(
        0 <= parent < bone for bone, parent in enumerate(skeleton.parents) if bone
    ):
        raise TakeError(f"{where}: expected one root, and every other bone after its parent")
    known = [*skeleton.offsets, *(tip for tip in skeleton.tips if tip is not None)]
    if not all(math.isfinite(n) and abs(n) <= LIMIT for row in known for n in row):
        raise TakeError(f"{where}: expected lengths up to {LIMIT:g} m")
    return skeleton
