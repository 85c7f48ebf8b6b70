"""Real motion seen by cameras that never were: measured joints, made-up landmarks.

Joints of people who walk, run, jump, dance and fight (CMU motion capture, mocap.cs.cmu.edu, NSF
EIA-0196217) are put before random cameras and seen through the noise model. The joints are true;
face, fingers, heels and toe tips are put where they usually are.
"""

from __future__ import annotations

import fnmatch
import json
import zlib
from pathlib import Path

import numpy as np

from benchmarks.accuracy.trial import Trial
from mocap.arrays import Array
from mocap.training.corpus import repaired
from mocap.training.noise import NoiseModel, seen_through
from mocap.training.points import landmarks
from mocap.training.views import UP, camera_for

# which clips, and how many of those that fit the pattern; nobody is in both splits. Left out are
# those whose hips do not rise and fall or whose feet never rest: they lost their root's travel.
CHOSEN: dict[str, tuple[tuple[str, int], ...]] = {
    "tune": (
        ("cmu_002_04", 1),  # jump, balance
        ("cmu_002_05", 1),  # strike
        ("cmu_002_06", 1),  # bend, lift
        ("cmu_002_0[789]", 2),  # sword
        ("cmu_002_10", 1),  # wash
        ("salsa_0*", 4),
    ),
    "test": (
        ("cmu_007_0[2-9]", 2),  # walk
        ("cmu_007_1*", 1),  # walk fast
        ("cmu_005_*", 5),  # ballet: turns and leaps
        ("martial_*", 4),
    ),
}
NOISE = Path(__file__).parent / "noise.json"
EVERY = 2  # of the 60 frames a second
SECONDS = (4.0, 8.0)


def trials(folder: Path, split: str, model: NoiseModel, seed: int = 0) -> list[Trial]:
    """The clips of a split.

    Args:
        folder: of `cmu_joints_60hz.npz` and `.json`.
        split: "tune" or "test".
        model: of the estimator's errors.
        seed: the same gives the same clips, cameras and errors.
    """
    about = json.loads((folder / "cmu_joints_60hz.json").read_text(encoding="utf-8"))
    names: list[str] = about["joints"]
    with np.load(folder / "cmu_joints_60hz.npz") as data:
        return [
            trial(clip, data[clip].astype(np.float64), names, model, seed)
            for clip in chosen(sorted(about["clips"]), split, seed)
        ]


def chosen(clips: list[str], split: str, seed: int) -> list[str]:
    """Names of the clips of a split, drawn by seed."""
    rng = np.random.default_rng(seed)
    found: list[str] = []
    for pattern, count in CHOSEN[split]:
        fitting = fnmatch.filter(clips, pattern)
        found += sorted(rng.permutation(fitting)[:count].tolist())
    return found


def trial(clip: str, joints: Array, names: list[str], model: NoiseModel, seed: int) -> Trial:
    """Some seconds of a clip (N, 22, 3) [m] before a random camera."""
    rng = np.random.default_rng([seed, zlib.crc32(clip.encode())])
    joints = repaired(joints[1:])[::EVERY]  # the first frame is the rest pose
    times = np.arange(len(joints)) * EVERY / 60
    length = int(rng.uniform(*SECONDS) * 60 / EVERY)
    first = int(rng.integers(max(len(joints) - length, 0) + 1))
    joints, times = joints[first : first + length], times[: len(joints[first : first + length])]
    points = landmarks(dict(zip(names, np.moveaxis(joints, 1, 0), strict=True)))
    points = points - UP * points[:, -4:, 1].min()
    camera, turn, position = camera_for(points, rng)
    view = (points - position) @ turn.T
    seen = seen_through(model, view, times, camera, 1.75, rng)
    return Trial(clip, "motion", seen.track, camera, points, turn, position)
