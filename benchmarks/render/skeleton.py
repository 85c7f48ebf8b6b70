"""Bones, rest joints and landmarks of the person.

Everything about the body is modelled once, for a person of REFERENCE_HEIGHT, and scaled as a whole
when it is posed. Frame: x = the person's left, -y = forward, z = up, metres, soles on z = 0. Bone
names are those of the VRM 1.0 humanoid. The rest pose is an A-pose: arms REST_ABDUCTION away from
hanging, elbows bent by REST_ELBOW.
"""

from __future__ import annotations

import numpy as np

from .rotation import rot_x, rot_y

REFERENCE_HEIGHT = 1.75
REST_ABDUCTION = 50.0
REST_ELBOW = 6.0

SIDES = {"left": 1, "right": -1}  # name -> sign of x

_TRUNK = {"hips": None, "spine": "hips", "chest": "spine", "neck": "chest", "head": "neck"}
_LIMBS = {
    "Shoulder": "chest",
    "UpperArm": "Shoulder",
    "LowerArm": "UpperArm",
    "Hand": "LowerArm",
    "UpperLeg": "hips",
    "LowerLeg": "UpperLeg",
    "Foot": "LowerLeg",
    "Toes": "Foot",
}
PARENTS: dict[str, str | None] = dict(_TRUNK)
for _side in SIDES:
    for _bone, _parent in _LIMBS.items():
        PARENTS[_side + _bone] = _parent if _parent in _TRUNK else _side + _parent
BONES = tuple(PARENTS)  # parents come before their children

HEAD_CENTRE = np.array([0.0, -0.012, 1.636])  # between chin and crown; origin of the face

LANDMARK_NAMES = (
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer "
    "left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index left_thumb "
    "right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel "
    "right_heel left_foot_index right_foot_index"
).split()

# Where the landmarks that are not joints lie: in the face from HEAD_CENTRE (left side), in the
# hand from the wrist in hanging axes, on the foot from the floor below the ankle.
_FACE = {
    "eye_inner": (0.018, -0.090, 0.008),
    "eye": (0.032, -0.092, 0.008),
    "eye_outer": (0.046, -0.086, 0.008),
    "ear": (0.082, 0.010, -0.004),
    "mouth": (0.0235, -0.092, -0.0565),
}
_NOSE = (0.0, -0.122, -0.021)
_HAND = {
    "pinky": (0.0, 0.030, -0.094),
    "index": (0.0, -0.031, -0.094),
    "thumb": (-0.020, -0.050, -0.055),
}
_JOINTS = {
    "shoulder": "UpperArm",
    "elbow": "LowerArm",
    "wrist": "Hand",
    "hip": "UpperLeg",
    "knee": "LowerLeg",
    "ankle": "Foot",
}


def rest_arm(side: str) -> np.ndarray:
    """(3, 3) from the hanging arm's axes (fingers -z, thumb -y) to the rest upper arm."""
    return rot_y(-SIDES[side] * REST_ABDUCTION)


def rest_hand(side: str) -> np.ndarray:
    """(3, 3) from the hanging arm's axes to the rest forearm and hand."""
    return rest_arm(side) @ rot_x(-REST_ELBOW)


def rest_joints(shoulder_half_width: float, hip_half_width: float) -> dict[str, np.ndarray]:
    """Bone name -> (3,) rest position of its joint."""
    joints = {
        "hips": (0, 0, 0.93),
        "spine": (0, 0.01, 1.05),
        "chest": (0, 0.015, 1.2),
        "neck": (0, 0.022, 1.475),
        "head": (0, 0.008, 1.575),
    }
    down = np.array([0.0, 0.0, -1.0])
    for side, x in SIDES.items():
        upper_arm = np.array([x * shoulder_half_width, 0.008, 1.425])
        lower_arm = upper_arm + rest_arm(side) @ down * 0.29
        joints |= {
            side + "Shoulder": (x * 0.025, -0.005, 1.435),
            side + "UpperArm": upper_arm,
            side + "LowerArm": lower_arm,
            side + "Hand": lower_arm + rest_hand(side) @ down * 0.252,
            side + "UpperLeg": (x * hip_half_width, 0, 0.925),
            side + "LowerLeg": (x * hip_half_width, -0.008, 0.497),
            side + "Foot": (x * hip_half_width, 0.018, 0.078),
            side + "Toes": (x * (hip_half_width + 0.006), -0.112, 0.02),
        }
    return {bone: np.asarray(joints[bone], float) for bone in BONES}


def landmarks(joints: dict[str, np.ndarray], hand_scale: float) -> list[tuple[str, np.ndarray]]:
    """The (bone, rest position (3,)) of every landmark, in the order of LANDMARK_NAMES.

    Shoulders, elbows, hips and so on are the joints themselves; the others lie on the surface.
    """
    found: dict[str, tuple[str, np.ndarray]] = {"nose": ("head", HEAD_CENTRE + _NOSE)}
    for side, x in SIDES.items():
        mirror = np.array([x, 1, 1])
        for name, offset in _FACE.items():
            key = f"mouth_{side}" if name == "mouth" else f"{side}_{name}"
            found[key] = ("head", HEAD_CENTRE + mirror * offset)
        for name, bone in _JOINTS.items():
            found[f"{side}_{name}"] = (side + bone, joints[side + bone])
        for name, offset in _HAND.items():
            at = joints[side + "Hand"] + rest_hand(side) @ (mirror * offset * hand_scale)
            found[f"{side}_{name}"] = (side + "Hand", at)
        ankle_x = joints[side + "Foot"][0]
        found[f"{side}_heel"] = (side + "Foot", np.array([ankle_x, 0.070, 0.028]))
        found[f"{side}_foot_index"] = (
            side + "Toes",
            np.array([ankle_x + x * 0.008, -0.175, 0.025]),
        )
    return [found[name] for name in LANDMARK_NAMES]
