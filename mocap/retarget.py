"""Motion from one skeleton to another, whatever their bones, rest poses, axes and sizes.

Between the two lies the canonical T-pose (+Y up, facing +Z, arms along X). For a bone i of a
skeleton in its reference pose (its rest pose, unless another is given) let

    P_i   its global rotation there (the identity in a rest pose),
    F     the rotation that takes the canonical axes to the body's: up, and left from hip to hip,
    A_i   the rotation that takes the bone from the canonical T-pose to the reference pose.

For torso, shoulders, head, feet and toes A_i = F: what those look like at rest is the shape of
the body. An upper arm, forearm, thigh or shin may be posed (A-pose, arms hanging), so there the
bone is first carried along by the one above it, A_j (F for the first of a limb), and then turned
by the shortest arc that brings its canonical direction c_i to the direction d_i it really has:
A_i = arc(A_j c_i, d_i) A_j. An arc adds no twist. Hands and fingers follow the forearm, and have
an arc of their own where they are bent by more than SHAPE.

C_i = P_i^-1 A_i then leads from the canonical T-pose to the axes in which the skeleton counts
rotations, and a pose with global rotations G_i turns the bone from the canonical T-pose by

    H_i = W G_i C_i,    W: the source's world to the canonical one.

H is the same for every skeleton in the same pose, twist included, so for the target (primed)
G'_i = H_i C'_i^-1, and local rotations follow from global ones. A bone that only the source has
thus lives on in the global rotations below it. One that only the target has keeps its reference
rotation in its parent, except in spine and neck, where H is spread evenly (see `_line`).

The middle between the hip joints travels by W times the scale; see `Retargeter._place`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import overload

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.bone_map import SIDES, TORSO, BoneMap, detect
from mocap.errors import InvalidValue
from mocap.motion import Motion, Pose
from mocap.skeleton import Skeleton
from mocap.stance import Stance, reading, to_canonical

NEAR = 0.06  # [leg lengths] how far over the ground a foot still weighs as standing (e-fold)
FEET = tuple(side + part for side in SIDES for part in ("Foot", "Toes"))
TRAVEL = ("hips", "root")


class Retargeter:
    """Brings poses and motions from one skeleton to another; pure, nothing is kept in between.

    The result stands in the canonical world: +Y up, facing +Z where the source's rest pose faces
    forward. Frames are independent, so `motion` and `pose` give the same.

    Args:
        source, target: the skeletons.
        source_map, target_map: their human bones; None detects them.
        source_rest, target_rest: (J, 4) local rotations of a pose in which the skeleton stands
            like a human at rest, best a T-pose; None for the rest pose, in T, A or otherwise.
        scale: factor of the travel; None for the ratio of the legs' lengths.
        up: the axis of the source's world that points up, such as "+Z"; None for the one along
            which the source's rest pose stands, whose facing then counts as forward too.
        floor: height of the source's floor in its world, in the source's unit.
        travel: which bone of the target moves through the world. "hips": the first bone stays
            at its offset and the hips move in `Motion.translations`. "root": the first bone
            moves and carries the hips, no bone leaves its place. One and the same where the
            hips are the first bone.

    Raises:
        InvalidValue: a skeleton's bones cannot be told, a rest pose does not stand, an option
            has no such value.
    """

    def __init__(
        self,
        source: Skeleton,
        target: Skeleton,
        source_map: BoneMap | None = None,
        target_map: BoneMap | None = None,
        *,
        source_rest: Array | None = None,
        target_rest: Array | None = None,
        scale: float | None = None,
        up: str | None = None,
        floor: float = 0.0,
        travel: str = "hips",
    ) -> None:
        if travel not in TRAVEL:
            raise InvalidValue(f"travel: expected one of {', '.join(TRAVEL)}, got {travel!r}")
        self.source, self.target = source, target
        self.source_map = detect(source) if source_map is None else source_map.fit(source)
        self.target_map = detect(target) if target_map is None else target_map.fit(target)
        here = self._here = Stance.of(source, self.source_map, source_rest)
        there = self._there = Stance.of(target, self.target_map, target_rest)
        self.scale = there.leg / here.leg if scale is None else float(scale)
        if not 0 < self.scale < np.inf:
            raise InvalidValue(f"scale: expected a positive factor, got {scale}")
        self.travel = travel
        self._world = to_canonical(here.frame, up)
        self._drives = _drives(here, there, target)
        self._feet = [bone for bone in FEET if bone in here.heights and bone in there.heights]
        stand = [x.leg + np.mean([x.heights[s + "Foot"] for s in SIDES]) for x in (here, there)]
        self._floor = float(floor)
        self._lift = float(stand[1] - self.scale * (stand[0] + floor))

    @overload
    def __call__(self, moving: Motion) -> Motion: ...
    @overload
    def __call__(self, moving: Pose) -> Pose: ...
    def __call__(self, moving: Motion | Pose) -> Motion | Pose:
        """`motion` or `pose`, by what is given."""
        return self.motion(moving) if isinstance(moving, Motion) else self.pose(moving)

    def motion(self, motion: Motion) -> Motion:
        """The motion on the target. Raises InvalidValue for a motion of another skeleton, also
        for one of other bone lengths."""
        if motion.skeleton.names != self.source.names:
            raise InvalidValue(
                f"expected a motion of {self.source.name} ({len(self.source)} bones), "
                f"got one of {motion.skeleton.name} ({len(motion.skeleton)} bones)"
            )
        if not np.allclose(motion.skeleton.offsets, self.source.offsets):
            raise InvalidValue(f"expected a motion of {self.source.name}, got other bone lengths")
        local = self._rotations(motion.rotations)
        root, moved = self._place(motion.root, motion.rotations, motion.translations, local)
        return Motion(
            self.target,
            times=motion.times,
            root=root,
            rotations=local,
            translations=moved,
            state=motion.state,
            confidence=self._confidence(motion.confidence),
            contacts=self._contacts(motion.contacts),
        )

    def pose(self, pose: Pose) -> Pose:
        """The pose on the target.

        Raises:
            InvalidValue: the pose has another number of bones.
        """
        if len(pose.rotations) != len(self.source):
            raise InvalidValue(
                f"expected a pose of {self.source.name} ({len(self.source)} bones), "
                f"got {len(pose.rotations)} rotations"
            )
        local = self._rotations(pose.rotations[None])
        steps = None if pose.translations is None else pose.translations[None]
        root, moved = self._place(pose.root[None], pose.rotations[None], steps, local)
        contacts = {name: np.array([on]) for name, on in pose.contacts.items()}
        return Pose(
            t=pose.t,
            root=root[0],
            rotations=local[0],
            translations=None if moved is None else moved[0],
            state=pose.state,
            confidence=self._confidence(pose.confidence[None])[0],
            contacts={name: bool(on[0]) for name, on in self._contacts(contacts).items()},
        )

    def _rotations(self, rotations: Array) -> Array:
        """Local rotations (T, J', 4) of the target from those (T, J, 4) of the source."""
        there = self._there
        world = self.source.to_global(rotations)
        turned = rotation.mul(rotation.mul(self._world, world), self._here.align)
        bones = np.array([[d.a, d.b] for d in self._drives.values()])
        weights = np.array([d.weight for d in self._drives.values()])
        driven = rotation.mul(
            rotation.slerp(turned[:, bones[:, 0]], turned[:, bones[:, 1]], weights),
            rotation.inv(there.align[list(self._drives)]),
        )
        row = {bone: n for n, bone in enumerate(self._drives)}
        result = np.empty((len(rotations), len(self.target), 4))
        for i, parent in enumerate(self.target.parents.tolist()):
            if i in row:
                result[:, i] = driven[:, row[i]]
            else:
                rest = there.rest[i]
                result[:, i] = rest if parent < 0 else rotation.mul(result[:, parent], rest)
        return self.target.to_local(result)

    def _place(
        self, root: Array, rotations: Array, translations: Array | None, local: Array
    ) -> tuple[Array, Array | None]:
        """Where the target is: root (T, 3) and translations (T, J', 3) or None.

        The middle m between the hip joints goes to W m times the scale, lifted so that who
        stands straight on the source's soles stands on the target's: with the legs' directions
        kept, feet then are where they were, times the scale. Legs bent in other proportions of
        thigh and shin miss the ground a little. Each foot (ankle and toes) that is r over its
        height at rest asks for a shift of its error e; feet off the ground ask less, by
        w = exp(-r / NEAR): the shift is sum(w e) / max(sum(w), 1).
        """
        here, there = self._here, self._there
        joints = ("leftUpperLeg", "rightUpperLeg")
        seen, _ = self.source.fk(root, rotations, translations)
        at, world = self.target.fk(np.zeros_like(root), local)
        middle = seen[:, [here.index[b] for b in joints]].mean(axis=1)
        shift = self.scale * rotation.rotate(self._world, middle)
        shift -= at[:, [there.index[b] for b in joints]].mean(axis=1)
        shift[:, 1] += self._lift

        feet = rotation.rotate(self._world, seen[:, [here.index[b] for b in self._feet]])[..., 1]
        rise = self.scale * (feet - self._floor - np.array([here.heights[b] for b in self._feet]))
        wanted = rise + np.array([there.heights[b] for b in self._feet])
        error = wanted - at[:, [there.index[b] for b in self._feet], 1] - shift[:, 1:2]
        weight = np.exp(-np.maximum(rise, 0.0) / (NEAR * there.leg))
        shift[:, 1] += (weight * error).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)

        hips = there.index["hips"]
        if hips == 0 or self.travel == "root":
            return shift, None
        offset = self.target.offsets[0]
        parent = int(self.target.parents[hips])
        moved = np.broadcast_to(self.target.offsets, at.shape).copy()
        step = at[:, hips] + shift - at[:, parent] - offset
        moved[:, hips] = rotation.rotate(rotation.inv(world[:, parent]), step)
        return np.broadcast_to(offset, root.shape).copy(), moved

    def _confidence(self, seen: Array) -> Array:
        """(T, J') of the bones that drive a bone, the lesser of two; else that of its parent."""
        result = np.empty((len(seen), len(self.target)))
        result[:, 0] = seen[:, self._here.index["hips"]]
        for i, parent in enumerate(self.target.parents.tolist()):
            if drive := self._drives.get(i):
                result[:, i] = np.minimum(seen[:, drive.a], seen[:, drive.b])
            elif parent >= 0:
                result[:, i] = result[:, parent]
        return result

    def _contacts(self, contacts: Mapping[str, BoolArray]) -> dict[str, BoolArray]:
        """Contacts by the target's names; toes the target lacks count for their foot."""
        human = {bone: name for name, bone in self.source_map.pairs.items()}
        result: dict[str, BoolArray] = {}
        for bone, on in contacts.items():
            name = human.get(bone, "")
            foot = name.replace("Toes", "Foot")
            goal = self.target_map.pairs.get(name) or self.target_map.pairs.get(foot)
            if goal:
                result[goal] = on | result[goal] if goal in result else on
        return result


@dataclass(frozen=True)
class Drive:
    """A bone of the target turns like source bone a, or between a and b by `weight`."""

    a: int
    b: int
    weight: float = 0.0


def _drives(here: Stance, there: Stance, target: Skeleton) -> dict[int, Drive]:
    """What drives each bone of the target that is driven."""
    drives: dict[int, Drive] = {}
    base = ["hips", "hips"]
    for chain in (TORSO, ("neck", "head")):
        ours, theirs = ([b for b in chain if b in x.index] for x in (here, there))
        if ours and theirs:
            stations = [here.index[b] for b in (base[0], *ours)]
            line = _line(target, [there.index[b] for b in (base[1], *theirs)])
            for bone, u in line.items():
                k = u * len(ours)
                a = int(k + 1e-9)
                b = min(a + 1, len(ours))
                drives[bone] = Drive(stations[a], stations[b], max(k - a, 0.0))
        base = [(ours or base[:1])[-1], (theirs or base[1:])[-1]]
    for human, bone in there.index.items():
        if human in here.index and human not in (*TORSO, "neck", "head"):
            drives[bone] = Drive(here.index[human], here.index[human])
    return drives


def _line(skeleton: Skeleton, anchors: list[int]) -> dict[int, float]:
    """Bones from the first anchor (exclusive) down to the last, with their share of the bend.

    Anchors stand at even shares, k of n; a bone between two of them in between. So a spine of
    the same mapped bones is copied, the bones between bend evenly, and a spine of more or fewer
    bends as much in all, at its end exactly as the source.
    """
    shares: dict[int, float] = {}
    count = len(anchors) - 1
    for k, (above, below) in enumerate(itertools.pairwise(anchors)):
        steps = [below]
        while (parent := int(skeleton.parents[steps[-1]])) not in (above, -1):
            steps.append(parent)
        if parent < 0:  # a map against the tree: no bones between
            steps = [below]
        for n, bone in enumerate(reversed(steps), start=1):
            shares[bone] = (k + n / len(steps)) / count
    return shares


def retarget(
    motion: Motion,
    target: Skeleton,
    *,
    source_map: BoneMap | None = None,
    target_map: BoneMap | None = None,
    target_rest: Array | None = None,
    scale: float | None = None,
    travel: str = "hips",
) -> Motion:
    """A motion of whatever origin on another skeleton, read as `reading` finds.

    Arguments and errors as for `Retargeter`.
    """
    source_map = detect(motion.skeleton) if source_map is None else source_map.fit(motion.skeleton)
    read = reading(motion, source_map)
    return Retargeter(
        motion.skeleton,
        target,
        source_map,
        target_map,
        source_rest=read.rest,
        target_rest=target_rest,
        scale=scale,
        up=read.up,
        floor=read.floor,
        travel=travel,
    ).motion(motion)
