"""A clip as NumPy computes with it, whether from the stream, a take, a journal or a BVH.

Axes, units and quaternions are the project's: metres, +Y up, facing +Z, left +X, quaternions in the
order x, y, z, w, local, from a rest pose in which every rotation is the identity. Blender's world
comes in only where a rig is posed. No bpy here.
"""

from dataclasses import dataclass, replace

import numpy as np

from . import turns

ROUNDED = 1e-3  # of a frame: a last one that rounding put just past the end is kept


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


def skeleton_of(plain) -> Skeleton:
    """The arrays of a `shared.skeleton.Skeleton`."""
    unknown = [np.nan] * 3
    tips = [unknown if tip is None else tip for tip in plain.tips]
    return Skeleton(plain.names, plain.parents, np.array(plain.offsets), np.array(tips))


def clip_of(plain) -> Clip:
    """The arrays of a `shared.clip.Clip`, whose numbers are not copied."""
    moved, bones = plain.translations, len(plain.skeleton)
    return Clip(
        plain.person,
        skeleton_of(plain.skeleton),
        np.asarray(plain.times),
        np.asarray(plain.root).reshape(-1, 3),
        np.asarray(plain.rotations).reshape(-1, bones, 4),
        None if moved is None else np.asarray(moved).reshape(-1, bones, 3),
    )
