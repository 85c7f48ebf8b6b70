"""Skeletons and motions for tests of retargeting, and how they are compared."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.bone_map import SIDES, BoneMap
from mocap.motion import Motion
from mocap.skeleton import Skeleton
from mocap.stance import T_POSE

HUMANOID = skeletons.humanoid()
ALL = skeletons.names()
BACK_AND_FORTH = [n for n in ALL if n != "h36m17"]  # the one that lacks bones of the humanoid
LIMBS = [(side + a, side + b) for side in SIDES for a, b in T_POSE]
TURNS = {
    "z up": rotation.axis_angle([1.0, 0.0, 0.0], np.pi / 2),
    "z up, faces +Y": rotation.mul(
        rotation.axis_angle([0.0, 0.0, 1.0], np.pi), rotation.axis_angle([1.0, 0.0, 0.0], np.pi / 2)
    ),
    "faces -Z": rotation.axis_angle([0.0, 1.0, 0.0], np.pi),
    "faces +X": rotation.axis_angle([0.0, 1.0, 0.0], np.pi / 2),
    "x up": rotation.axis_angle([0.0, 0.0, 1.0], -np.pi / 2),
    "-y up": rotation.axis_angle([0.0, 0.0, 1.0], np.pi),
}
seeds = st.integers(0, 2**32 - 1)
unhurried = settings(max_examples=25, deadline=None)


def motion_of(skeleton: Skeleton, seed: int, frames: int = 4, size: float = 0.5) -> Motion:
    """Random poses: every bone turned by about `size` rad about any axis, the root anywhere."""
    random = np.random.default_rng(seed)
    return Motion(
        skeleton,
        times=np.arange(frames) / 30,
        root=random.normal((0, 1, 0), size=(frames, 3)),
        rotations=rotation.exp(random.normal(scale=size, size=(frames, len(skeleton), 3))),
    )


def still(skeleton: Skeleton, rotations: Array | None = None, root: Array | None = None) -> Motion:
    """One frame, the rest pose where nothing else is given."""
    return Motion(
        skeleton,
        times=np.zeros(1),
        root=(skeleton.offsets[0] if root is None else root)[None],
        rotations=(rotation.identity(len(skeleton)) if rotations is None else rotations)[None],
    )


def directions(motion: Motion, bone_map: BoneMap) -> Array:
    """(T, 8, 3) unit directions of the limbs' bones in the world."""
    at, _ = motion.fk()
    index = {human: motion.skeleton.index(bone) for human, bone in bone_map.pairs.items()}
    return np.stack([rotation.unit(at[:, index[b]] - at[:, index[a]]) for a, b in LIMBS], axis=1)


def angles(a: Array, b: Array) -> float:
    """[rad] largest angle between unit vectors, exact for small ones."""
    return float(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=-1) / 2, 0, 1)).max())


def moved_rest(skeleton: Skeleton, q: Array) -> Skeleton:
    """The skeleton modelled in other axes."""
    return skeleton.replace(
        offsets=rotation.rotate(q, skeleton.offsets), tips=rotation.rotate(q, skeleton.tips)
    )


def without(skeleton: Skeleton, gone: list[str]) -> Skeleton:
    """The skeleton less some bones, their children hung on their parents."""
    keep = [i for i, n in enumerate(skeleton.names) if n not in gone]
    at, parents = skeleton.rest_positions, skeleton.parents

    def kept(i: int) -> int:
        while i >= 0 and i not in keep:
            i = int(parents[i])
        return i

    above = [kept(int(parents[i])) for i in keep]
    return Skeleton(
        tuple(skeleton.names[i] for i in keep),
        np.array([keep.index(a) if a >= 0 else -1 for a in above]),
        np.array([at[i] - (at[a] if a >= 0 else 0) for i, a in zip(keep, above, strict=True)]),
        skeleton.tips[keep],
        skeleton.name,
    )


def stretched(skeleton: Skeleton, factors: dict[str, float]) -> Skeleton:
    """The skeleton with some bones' offsets scaled."""
    offsets = skeleton.offsets.copy()
    for bone, factor in factors.items():
        offsets[skeleton.index(bone)] *= factor
    return skeleton.replace(offsets=offsets)


def squat(thigh: float, shin: float, height: float = 0.0) -> Motion:
    """Both knees bent, thighs and shins so far [rad] from upright, soles level at `height`."""
    rotations = rotation.identity(len(HUMANOID))
    for side in SIDES:
        for part, angle in (("UpperLeg", -thigh), ("LowerLeg", thigh + shin), ("Foot", -shin)):
            i = HUMANOID.index(side + part)
            rotations[i] = rotation.axis_angle([1.0, 0, 0], angle)
    drop = 0.43 * (2 - np.cos(thigh) - np.cos(shin))
    return still(HUMANOID, rotations, HUMANOID.offsets[0] - [0, drop - height, 0])


angle_of_legs = st.floats(0, 1.2)
factor_of_legs = st.floats(0.7, 1.4)


def stretched_legs(thigh: float, shin: float) -> Skeleton:
    return stretched(
        HUMANOID, {s + "LowerLeg": thigh for s in SIDES} | {s + "Foot": shin for s in SIDES}
    )
