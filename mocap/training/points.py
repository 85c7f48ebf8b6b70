"""MediaPipe's 33 points of a body of which 22 joints are known.

The joints are true; face, fingers, heels and toe tips are put where they usually are.
"""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.landmarks import MEDIAPIPE_POSE

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
