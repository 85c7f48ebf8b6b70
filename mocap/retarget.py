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
from mocap.arrays import Array, BoolArray, frozen
from mocap.bone_map import FINGERS, SIDES, TORSO, BoneMap, detect
from mocap.errors import InvalidValue
from mocap.motion import Motion, Pose
from mocap.skeleton import Skeleton

SHAPE = np.radians(15.0)  # deviations below this are the shape of a body, above it a pose
T_LIKE = np.radians(10.0)  # a pose with all limbs this near to the T-pose is meant as one
STOOP = np.radians(70.0)  # a leg further from straight down does not stand
SOLE = 0.07 / 0.86  # height of the ankle over the sole in leg lengths, where no toe tells
NEAR = 0.06  # [leg lengths] how far over the ground a foot still weighs as standing (e-fold)
FEET = tuple(side + part for side in SIDES for part in ("Foot", "Toes"))
LEGS = tuple(side + part for side in SIDES for part in ("UpperLeg", "LowerLeg", "Foot"))
TRAVEL = ("hips", "root")
# directions of the limbs' bones in the canonical T-pose, left and right
T_POSE = {
    ("UpperLeg", "LowerLeg"): ((0, -1, 0), (0, -1, 0)),
    ("LowerLeg", "Foot"): ((0, -1, 0), (0, -1, 0)),
    ("UpperArm", "LowerArm"): ((1, 0, 0), (-1, 0, 0)),
    ("LowerArm", "Hand"): ((1, 0, 0), (-1, 0, 0)),
}


@dataclass(frozen=True, eq=False)
class Stance:
    """What the reference pose of a skeleton tells, once its bones are known.

    Attributes:
        index: human bone to index in the skeleton.
        rest: (J, 4) local rotations of the reference pose.
        frame: (4,) F, canonical axes to those of the standing body.
        align: (J, 4) C_i of every bone; of a bone that is nothing human, as if it were torso.
        leg: [m] length from hip joint to ankle, mean of both.
        heights: human foot or toe bone to its height [m] over the sole.
    """

    index: Mapping[str, int]
    rest: Array
    frame: Array
    align: Array
    leg: float
    heights: Mapping[str, float]

    @classmethod
    def of(cls, skeleton: Skeleton, bone_map: BoneMap, rest: Array | None = None) -> Stance:
        """The stance of a skeleton.

        Args:
            rest: (J, 4) local rotations of the reference pose, None for the rest pose.

        Raises:
            InvalidValue: hips, legs or everything above the hips are not mapped, `rest` does not
                fit, or the body does not stand on its feet in it.
        """
        index = _index(skeleton, bone_map)
        if rest is None:
            rest = rotation.identity(len(skeleton))
        rest = rotation.normalize(frozen(rest, (len(skeleton), 4), f"rest pose of {skeleton.name}"))
        at, world = skeleton.fk(skeleton.offsets[0], rest)
        frame = facing(at, index)
        up = _up(frame)
        legs = [at[[index[bone] for bone in LEGS[i : i + 3]]] for i in (0, 3)]
        length = float(np.mean([np.linalg.norm(np.diff(p, axis=0), axis=1).sum() for p in legs]))
        if deviations(at, index)[:4].max() > STOOP:
            raise InvalidValue(
                f"the rest pose of {skeleton.name} does not stand: its feet are not below its "
                "hips; give local rotations in which it does, for example those of a frame"
            )
        turn = np.broadcast_to(frame, world.shape).copy()
        ends = skeleton.tip_positions(at, world)
        for bone, q in _limbs(at, ends, index, frame).items():
            turn[index[bone]] = q
        heights = _heights(skeleton, at @ up, ends @ up, index, SOLE * length)
        return cls(index, rest, frame, rotation.mul(rotation.inv(world), turn), length, heights)


def _index(skeleton: Skeleton, bone_map: BoneMap) -> dict[str, int]:
    index = {human: skeleton.index(bone) for human, bone in bone_map.fit(skeleton).pairs.items()}
    missing = [bone for bone in ("hips", *LEGS) if bone not in index]
    if missing or not any(bone in index for bone in ("head", "neck", *TORSO)):
        raise InvalidValue(
            f"bone map {bone_map.name} for {skeleton.name} needs hips, both legs and something of "
            f"spine, neck or head; missing: {', '.join(missing or ['spine'])}"
        )
    return index


def facing(at: Array, index: Mapping[str, int]) -> Array:
    """Rotation (..., 4) from the canonical axes to those of bodies at positions (..., J, 3).

    Up is from the hips to the head, or the coordinate axis next to it where that is nearer than
    SHAPE: a head held forward does not make a body lean. Left is from the right hip joint to the
    left.
    """
    top = next(bone for bone in ("head", "neck", *reversed(TORSO)) if bone in index)
    up = rotation.unit(at[..., index[top], :] - at[..., index["hips"], :])
    axis = _axis(up)
    near = np.sum(up * axis, axis=-1, keepdims=True) > np.cos(SHAPE)
    left = at[..., index["leftUpperLeg"], :] - at[..., index["rightUpperLeg"], :]
    return rotation.from_frame(np.where(near, axis, up), left, "YX")


def deviations(at: Array, index: Mapping[str, int]) -> Array:
    """Angles (..., N) [rad] of limb bones from the T-pose: thighs, shins, then arms if mapped.

    Args:
        at: (..., J, 3) positions of bodies that may face anywhere.
    """
    back = rotation.inv(facing(at, index))
    angles = []
    for (a, b), (left, right) in T_POSE.items():
        for side, axis in zip(SIDES, (left, right), strict=True):
            if side + a in index and side + b in index:
                bone = at[..., index[side + b], :] - at[..., index[side + a], :]
                along = np.sum(rotation.rotate(back, rotation.unit(bone)) * axis, axis=-1)
                angles.append(np.arccos(np.clip(along, -1.0, 1.0)))
    return np.stack(angles, axis=-1)


def _up(frame: Array) -> Array:
    """The body's up (..., 3) by its frame (..., 4)."""
    return rotation.rotate(frame, np.array([0.0, 1.0, 0.0]))


def _axis(v: Array) -> Array:
    """The signed coordinate axes nearest to v (..., 3)."""
    nearest = np.eye(3)[np.argmax(np.abs(v), axis=-1)]
    return nearest * np.sign(np.sum(nearest * v, axis=-1, keepdims=True))


def _limbs(at: Array, ends: Array, index: Mapping[str, int], frame: Array) -> dict[str, Array]:
    """A_i (4,) of the mapped arms, legs, hands and fingers; see the module.

    Args:
        at, ends: (J, 3) where the bones begin, and where they end if nothing else tells.
    """
    turns: dict[str, Array] = {}

    def bend(bone: str, end: str, axis: Array, carried: Array, least: float = 0.0) -> Array:
        """A_i of a bone that ends where `end` begins, or at its tip."""
        if bone not in index:
            return carried
        turns[bone] = carried
        i = index[bone]
        tip = (at[index[end]] if end in index else ends[i]) - at[i]
        arc = rotation.between(rotation.rotate(carried, axis), tip)
        if np.isfinite(tip).all() and rotation.angle(arc, rotation.identity()) > least:
            turns[bone] = rotation.mul(arc, carried)
        return turns[bone]

    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        down, out = np.array([0.0, -1.0, 0.0]), np.array([sign, 0.0, 0.0])
        thigh = bend(side + "UpperLeg", side + "LowerLeg", down, frame)
        bend(side + "LowerLeg", side + "Foot", down, thigh)
        upper = bend(side + "UpperArm", side + "LowerArm", out, frame)
        lower = bend(side + "LowerArm", side + "Hand", out, upper)
        hand = bend(side + "Hand", side + "MiddleProximal", out, lower, SHAPE)
        for finger, parts in FINGERS.items():
            bones = [side + finger + part for part in parts]
            carried = hand
            for bone, end in itertools.zip_longest(bones, bones[1:], fillvalue=""):
                # no T-pose says how a thumb points, so it keeps to its hand
                still = np.pi if finger == "Thumb" else SHAPE
                carried = bend(bone, end, out, carried, still)
    return turns


def _heights(
    skeleton: Skeleton, level: Array, ends: Array, index: Mapping[str, int], ankle: float
) -> dict[str, float]:
    """Heights over the sole of the mapped foot and toe bones; `ankle` where nothing tells.

    Args:
        level, ends: (J,) heights of the bones and of their tips.
    """
    heights = {}
    for side in SIDES:
        below = [index[side + "Foot"]]
        for i in range(below[0] + 1, len(skeleton)):
            if skeleton.parents[i] in below:
                below.append(i)
        foot = level[below[0]]
        lowest = np.nanmin([*level[below], *ends[below]])
        sole = lowest if lowest < foot else foot - ankle
        for bone in (side + "Foot", side + "Toes"):
            if bone in index:
                heights[bone] = float(level[index[bone]] - sole)
    return heights


def _to_canonical(frame: Array, up: str | None) -> Array:
    """W (4,): from the world of a body that stands with `frame`, or with `up` up, to +Y and +Z.

    Worlds have their floor square to an axis, so of `frame` only the nearest axes count.
    """
    if up is None:
        axes = rotation.to_matrix(frame)
        vertical = _axis(axes[:, 1])
        left = _axis(axes[:, 0] * (vertical == 0))
        return rotation.inv(rotation.from_frame(vertical, left, "YX"))
    sign, letter = (up[0], up[1:]) if up[:1] in ("+", "-") else ("+", up)
    if letter.upper() not in ("X", "Y", "Z"):
        raise InvalidValue(f"up: expected an axis such as '+Y' or '-Z', got {up!r}")
    axis = np.eye(3)["XYZ".index(letter.upper())] * (1.0 if sign == "+" else -1.0)
    return rotation.between(axis, np.array([0.0, 1.0, 0.0]))


@dataclass(frozen=True, eq=False)
class Reading:
    """How to read a motion of unknown origin: `source_rest`, `up`, `floor` of its Retargeter."""

    rest: Array | None = None
    up: str | None = None
    floor: float = 0.0


def reading(motion: Motion, bone_map: BoneMap) -> Reading:
    """What a motion itself tells about its axes.

    - A rest pose that does not stand (every bone in axes of its own) is replaced by the frame
      nearest to a T-pose.
    - A motion that begins in a T-pose, where the rest pose is none, begins with its reference.
    - Where the body is erect along another axis than its rest pose, its hips at standing height,
      that axis is up: some files have the rest pose in other axes.
    - The floor is where the lower foot comes to lie, if that is under 0 or not far above, and
      not 0 within what feet are thick; else 0.
    """
    if len(motion) == 0:
        return Reading()
    index = _index(motion.skeleton, bone_map)
    rest, up = None, None
    at, _ = motion.fk()
    bind, posed = deviations(motion.skeleton.rest_positions, index), deviations(at, index)
    if bind[:4].max() > STOOP:
        rest = motion.rotations[np.argmin(posed.mean(axis=-1))]
    elif posed[0].max() < T_LIKE < bind.max():
        rest = motion.rotations[0]
    stance = Stance.of(motion.skeleton, bone_map, rest)
    erect = _up(facing(at, index)).mean(axis=0)
    axis = _axis(erect)
    height = np.median(at[:, index["hips"]] @ axis) / stance.leg
    if (
        0.6 < height < 1.5
        and erect @ axis > 0.8
        and not np.allclose(axis, _axis(_up(stance.frame)))
    ):
        up = "-+"[int(axis.sum() > 0)] + "XYZ"[int(np.argmax(np.abs(axis)))]
    level = rotation.rotate(_to_canonical(stance.frame, up), at)[..., 1]
    soles = [level[:, index[bone]] - height for bone, height in stance.heights.items()]
    floor = float(np.percentile(np.min(soles, axis=0), 5)) / stance.leg
    seems = floor < 0.15 and abs(floor) > 0.02
    return Reading(rest, up, floor * stance.leg if seems else 0.0)


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
        self._world = _to_canonical(here.frame, up)
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
            InvalidValue: the pose has another number of bones, or the target's hips are not its
                first bone and would have to move in it, which a pose cannot tell.
        """
        if len(pose.rotations) != len(self.source):
            raise InvalidValue(
                f"expected a pose of {self.source.name} ({len(self.source)} bones), "
                f"got {len(pose.rotations)} rotations"
            )
        local = self._rotations(pose.rotations[None])
        root, moved = self._place(pose.root[None], pose.rotations[None], None, local)
        if moved is not None:
            raise InvalidValue(
                f"poses cannot move the hips of {self.target.name} inside its first bone "
                f"{self.target.names[0]!r}; use travel='root'"
            )
        contacts = {name: np.array([on]) for name, on in pose.contacts.items()}
        return Pose(
            t=pose.t,
            root=root[0],
            rotations=local[0],
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
