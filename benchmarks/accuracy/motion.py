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
from scipy.ndimage import median_filter

from benchmarks.accuracy.noise import NoiseModel, seen_through
from benchmarks.accuracy.trial import Trial
from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE

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
EVERY = 2  # of the 60 frames a second
SECONDS = (4.0, 8.0)
SIZES = ((1280, 720), (720, 1280), (640, 480), (1920, 1080))
GLITCH = 9  # frames
LEAP = 0.04  # [m] off the median over so many frames
MARGIN = 0.03  # of the picture stays free around everything that happens
UP = np.array([0.0, 1.0, 0.0])

# in the head's axes (left, up, forward) from the head's joint [m]; the left of two
FACE = {
    "nose": (0.0, 0.07, 0.12),
    "left_eye_inner": (0.018, 0.11, 0.09),
    "left_eye": (0.032, 0.11, 0.09),
    "left_eye_outer": (0.046, 0.11, 0.085),
    "left_ear": (0.08, 0.09, -0.01),
    "mouth_left": (0.024, 0.03, 0.09),
}
# along the hand and towards the thumb from the wrist [m]
FINGERS = {"pinky": (0.09, -0.03), "index": (0.09, 0.03), "thumb": (0.055, 0.05)}
HEEL = 0.05  # [m] behind the ankle
TIP = 0.03  # [m] before the joint of the toes


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


def repaired(joints: Array) -> Array:
    """Joints (N, J, 3) [m] less the places to which one leaps for a few frames."""
    calm = median_filter(joints, size=(GLITCH, 1, 1), mode="nearest")
    off = np.linalg.norm(joints - calm, axis=-1, keepdims=True) > LEAP
    return np.where(off, calm, joints)


def camera_for(points: Array, rng: np.random.Generator) -> tuple[Camera, Array, Array]:
    """A camera that sees all that happens, its turn (3, 3) to view axes and its position (3,).

    Drawn are its side, height, tilt, roll, focal length and picture; it stands as near as it may.
    """
    size = SIZES[rng.integers(len(SIZES))]
    camera = Camera.from_fov(size, float(rng.uniform(42, 75)))
    side, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 2.2)
    roll, tilt = np.radians(rng.normal(0, [2.5, 2.5]))
    flat = points.reshape(-1, 3)
    middle = (flat.min(axis=0) + flat.max(axis=0)) / 2
    low, high = MARGIN * np.array(size), (1 - MARGIN) * np.array(size)
    for distance in np.arange(1.5, 30.0, 0.1):
        away = distance * np.array([np.sin(side), 0.0, np.cos(side)])
        position = np.array([middle[0], height, middle[2]]) + away
        turn = looking(middle - position, tilt, roll)
        view = (flat - position) @ turn.T
        if view[:, 2].max() > -0.5:
            continue
        image = camera.project(view)
        if ((image > low) & (image < high)).all():
            break
    return camera, turn, position


def looking(towards: Array, tilt: float, roll: float) -> Array:
    """(3, 3) from world axes to the view axes of a camera that looks that way.

    Args:
        towards: (3,).
        tilt, roll: [rad] by which it then looks past its aim and leans to the side.
    """
    back = rotation.unit(-towards)
    right = rotation.unit(np.cross(UP, back))
    level = np.stack([right, np.cross(back, right), back])
    turned = rotation.mul(
        rotation.axis_angle([0.0, 0.0, 1.0], roll), rotation.axis_angle([1.0, 0.0, 0.0], tilt)
    )
    found: Array = rotation.to_matrix(turned) @ level
    return found


def landmarks(joints: dict[str, Array]) -> Array:
    """(T, 33, 3) [m] MediaPipe's points, from joints (T, 3) by name."""
    found: dict[str, Array] = {}
    across = rotation.unit(joints["l_shoulder"] - joints["r_shoulder"])
    forward = rotation.unit(np.cross(across, joints["neck"] - joints["hips"]))
    head = _axes(joints["head_top"] - joints["head"], across)
    for name, offset in FACE.items():
        for side, mirror in (("left", 1), ("right", -1)):
            placed = joints["head"] + head @ (np.array(offset) * [mirror, 1, 1])
            found[name.replace("left", side)] = placed
    hips = rotation.unit(joints["l_hip"] - joints["r_hip"])
    for side in ("left", "right"):
        letter = side[0]
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
            found[f"{side}_{part}"] = joints[f"{letter}_{part}"]
        upper = rotation.unit(joints[f"{letter}_elbow"] - joints[f"{letter}_shoulder"])
        lower = rotation.unit(joints[f"{letter}_wrist"] - joints[f"{letter}_elbow"])
        hand = rotation.unit(joints[f"{letter}_hand"] - joints[f"{letter}_wrist"] + 0.02 * lower)
        thumb = lower - upper + 0.3 * forward  # the way the elbow bends
        thumb = rotation.unit(thumb - hand * rotation.dot(thumb, hand))
        for name, (along, aside) in FINGERS.items():
            found[f"{side}_{name}"] = joints[f"{letter}_wrist"] + along * hand + aside * thumb
        knee, ankle, toe = (joints[f"{letter}_{j}"] for j in ("knee", "ankle", "toe"))
        heel, tip = _sole(knee, ankle, toe, hips)
        found[f"{side}_heel"], found[f"{side}_foot_index"] = heel, tip
    return np.stack([found[name] for name in MEDIAPIPE_POSE.points], axis=1)


def _axes(up: Array, across: Array) -> Array:
    """(T, 3, 3) axes left, up, forward as columns."""
    return rotation.to_matrix(rotation.from_frame(up, across, "YX"))


def _sole(knee: Array, ankle: Array, toe: Array, hips: Array) -> tuple[Array, Array]:
    """Heel and tip (T, 3) of a foot that is flat on the floor when it is at its lowest."""
    ahead = rotation.unit(toe - ankle)
    across = np.cross(rotation.unit(knee - ankle), ahead) + 0.3 * hips
    across = rotation.unit(across - ahead * rotation.dot(across, ahead))
    above = np.cross(ahead, across)
    down = ankle[:, 1] + toe[:, 1]
    flat = down <= np.quantile(down, 0.3)
    pitch = float(np.arcsin(np.median(-ahead[flat, 1])))
    level = np.cos(pitch) * ahead + np.sin(pitch) * above
    upright = np.cos(pitch) * above - np.sin(pitch) * ahead
    height = float(np.median((ankle - toe)[flat, 1]))
    return ankle - height * upright - HEEL * level, toe + TIP * level
