"""Random skeletons and motions for tests of laws, and the measures that compare them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from mocap import rotation
from mocap.arrays import Array
from mocap.motion import Motion, TrackState
from mocap.skeleton import Skeleton
from mocap.skeletons import humanoid

SHARED_BVH = [
    "bvh_example.bvh",
    "bvh_test1.bvh",
    "bvh_test2.bvh",
    "bvh_test3.bvh",
    "cmu_12_01_walk.bvh",
    "cmu_characterCreator_002_01.bvh",
    "cmu_characterCreator_007_01.bvh",
    "cmu_daz_martial_08.bvh",
    "cmu_daz_salsa_01.bvh",
    "standard_skeleton.bvh",
]

bone_names = st.text(min_size=1, max_size=8)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def skeletons(draw: st.DrawFn, names: st.SearchStrategy[str] = bone_names) -> Skeleton:
    """Up to eight bones in any tree, parents before children but in no other order."""
    bones = draw(st.lists(names, min_size=1, max_size=8, unique=True))
    parents = [-1] + [draw(st.integers(0, i - 1)) for i in range(1, len(bones))]
    random = np.random.default_rng(draw(seeds))
    tips = random.normal(0, 0.2, (len(bones), 3))
    tips[random.random(len(bones)) < 0.3] = np.nan
    return Skeleton(tuple(bones), np.array(parents), random.normal(0, 0.3, (len(bones), 3)), tips)


@st.composite
def motions(draw: st.DrawFn, names: st.SearchStrategy[str] = bone_names) -> Motion:
    """Up to six frames at a constant rate of anything: whole turns, poles, moving bones."""
    skeleton = draw(skeletons(names))
    frames, bones = draw(st.integers(1, 6)), len(skeleton)
    random = np.random.default_rng(draw(seeds))
    quarter_turns = random.integers(-2, 3, (frames, bones, 3)) * np.pi / 2
    angles = quarter_turns + draw(st.sampled_from([0.0, 1e-6, 1.0])) * random.normal(
        size=(frames, bones, 3)
    )
    moved = draw(st.booleans())
    states = random.choice([int(s) for s in TrackState], frames)
    return Motion(
        skeleton,
        times=np.arange(frames) / draw(st.sampled_from([24.0, 30.0, 59.94, 120.0])),
        root=random.normal(0, 2.0, (frames, 3)),
        rotations=rotation.from_euler(angles, "XYZ"),
        translations=random.normal(0, 0.3, (frames, bones, 3)) if moved else None,
        state=states,
        confidence=random.random((frames, bones)),
        contacts={skeleton.names[-1]: random.random(frames) < 0.5},
    )


def degrees_apart(a: Array, b: Array) -> float:
    """Largest angle between rotations."""
    return float(np.degrees(rotation.angle(a, b)).max(initial=0.0))


def millimetres_apart(a: Array, b: Array) -> float:
    """Largest distance between positions given in metres."""
    return float(1e3 * np.linalg.norm(a - b, axis=-1).max(initial=0.0))


def standing(frames: int, fps: float) -> Motion:
    """The humanoid in its rest pose."""
    body = humanoid()
    return Motion(
        body,
        times=np.arange(frames) / fps,
        root=np.tile(body.offsets[0], (frames, 1)),
        rotations=rotation.identity(frames, len(body)),
    )
