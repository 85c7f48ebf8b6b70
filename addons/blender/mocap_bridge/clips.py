"""A clip: what one person did, as arrays, whether from the stream, a take, a journal or a BVH.

Axes, units and quaternions are the project's: metres, +Y up, facing +Z, left +X, quaternions in the
order x, y, z, w, local, from a rest pose in which every rotation is the identity. Blender's world
comes in only where a rig is posed. No bpy here.

Clips are checked where they are read, so that whoever poses and writes them need not doubt them.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import turns

LIMIT = 1e12  # no number of a file is larger; beyond it sums and squares begin to overflow
UNIT_NORM = 1e-3  # quaternions of norm further from 1 were not meant as rotations
ROUNDED = 1e-3  # of a frame: a last one that rounding put just past the end is kept


class TakeError(Exception):
    """A file or recording that cannot be used; one line that says what was found."""


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of J bones in its rest pose.

    Attributes:
        names: each once.
        parents: index of each bone's parent, which comes before it; -1 for the first bone alone.
        offsets: (J, 3) [m] rest position in the parent; of the first bone, in the world.
        tips: (J, 3) [m] where a bone without children ends, in the bone; NaN where not known.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: np.ndarray
    tips: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    def same_bones(self, other: "Skeleton") -> bool:
        """Whether names and parents are the same, so that a frame of one is one of the other."""
        return self.names == other.names and self.parents == other.parents

    def rest_positions(self) -> np.ndarray:
        """(J, 3) [m] where the bones begin in the rest pose."""
        places = self.offsets.copy()
        for bone, parent in enumerate(self.parents):
            if parent >= 0:
                places[bone] += places[parent]
        return places


@dataclass(frozen=True, eq=False)
class Clip:
    """One person over time.

    Attributes:
        person: number of the person.
        skeleton: J bones.
        times: (T,) [s] capture times, increasing.
        root: (T, 3) [m] world position of the first bone.
        rotations: (T, J, 4) local rotations from the rest pose, x, y, z, w, unit.
        translations: (T, J, 3) [m] positions of the bones in their parents where they move (some
            BVH files); None, the usual case, keeps each at its offset.
    """

    person: int
    skeleton: Skeleton
    times: np.ndarray
    root: np.ndarray
    rotations: np.ndarray
    translations: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.times)

    @property
    def seconds(self) -> float:
        """[s] from the first frame to the last."""
        return float(self.times[-1] - self.times[0]) if len(self.times) else 0.0

    def fk(self) -> tuple[np.ndarray, np.ndarray]:
        """World positions (T, J, 3) [m] and rotations (T, J, 4) of the bones."""
        places = np.empty((len(self), len(self.skeleton), 3))
        world = self.rotations.copy()
        places[:, 0] = self.root
        for bone, parent in enumerate(self.skeleton.parents):
            if parent < 0:
                continue
            step = self.skeleton.offsets[bone]
            if self.translations is not None:
                step = self.translations[:, bone]
            places[:, bone] = places[:, parent] + turns.rotate(world[:, parent], step)
            world[:, bone] = turns.mul(world[:, parent], self.rotations[:, bone])
        return places, world

    def resampled(self, fps: float, start: float | None = None) -> "Clip":
        """The clip at a constant rate: rotations by slerp, positions linearly.

        Args:
            fps: frames per second.
            start: [s] time of the first frame, that of the clip if not given; before and after
                what was recorded the person stands still.
        """
        first = float(self.times[0]) if start is None else start
        frames = int(max(0.0, float(self.times[-1]) - first) * fps + ROUNDED) + 1
        at = first + np.arange(frames) / fps
        if len(at) == len(self) and np.abs(at - self.times).max() * fps < ROUNDED:
            return replace(self, times=at)  # bit for bit what was recorded
        after = np.clip(np.searchsorted(self.times, at, side="right"), 1, max(len(self) - 1, 1))
        before, after = after - 1, np.minimum(after, len(self) - 1)
        span = self.times[after] - self.times[before]
        share = np.clip((at - self.times[before]) / np.where(span > 0, span, 1.0), 0.0, 1.0)

        def mixed(values: np.ndarray) -> np.ndarray:
            weight = share.reshape(-1, *[1] * (values.ndim - 1))
            return values[before] * (1 - weight) + values[after] * weight

        moved = self.translations
        return replace(
            self,
            times=at,
            root=mixed(self.root),
            rotations=turns.slerp(self.rotations[before], self.rotations[after], share[:, None]),
            translations=None if moved is None else mixed(moved),
        )


@dataclass(frozen=True, eq=False)
class Take:
    """What a file holds that can be put on a rig.

    Attributes:
        clips: those of each person with a motion, at least one.
        notes: sentences about what was repaired or left out.
    """

    clips: tuple[Clip, ...]
    notes: tuple[str, ...] = ()


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
        offsets = np.array([bone["offset"] for bone in bones], dtype=np.float64).reshape(-1, 3)
        unknown = [np.nan] * 3
        ends: list[Any] = [bone.get("tip") or unknown for bone in bones]
        tips = np.array(ends, dtype=np.float64).reshape(-1, 3)
    except KeyError as error:
        raise TakeError(f"{where}: a bone lacks or names an unknown {error}") from None
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise TakeError(f"{where}: expected bones with name, parent and offset") from None
    return checked(Skeleton(names, parents, offsets, tips), where)


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
    if skeleton.offsets.shape != (count, 3) or skeleton.tips.shape != (count, 3):
        raise TakeError(f"{where}: expected three numbers for every offset and tip")
    if not (np.abs(skeleton.offsets) <= LIMIT).all() or (np.abs(skeleton.tips) > LIMIT).any():
        raise TakeError(f"{where}: expected lengths up to {LIMIT:g} m")
    return skeleton


def unit(rotations: np.ndarray, where: str) -> np.ndarray:
    """Quaternions (..., 4) made exactly unit. Raises TakeError if they were far from it."""
    norms = np.linalg.norm(np.clip(rotations, -2.0, 2.0), axis=-1, keepdims=True)
    if rotations.size and not np.abs(norms - 1).max() <= UNIT_NORM:
        raise TakeError(f"{where}: expected unit quaternions")
    return rotations / norms
