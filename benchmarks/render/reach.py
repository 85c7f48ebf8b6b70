"""A hand's place, and the arm that brings it there.

Units and frame as in `pose`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from .rotation import hinge_frame, rot_y, rot_z
from .skeleton import SIDES, rest_arm, rest_hand

ANCHORS = ("world", "chest", "shoulder")
_STRETCH = 0.998  # of the arm's length: an elbow never locks
_FOLD = 0.05  # m between shoulder and wrist at least
_RAISE = 24.0  # degrees by which the collar bone rises for an arm that points up
_PROTRACT = (12.0, 14.0)  # degrees by which it comes forward: arm ahead, arm across the body


@dataclass
class Reach:
    """Where the wrist is and where the elbow points.

    `anchor` says what the numbers are relative to: "world"; "chest": points of the trunk in the
    rest pose, carried along by the chest; "shoulder": from the shoulder's joint, in chest axes.
    """

    wrist: np.ndarray  # (3,) m
    elbow: np.ndarray  # (3,) direction, of any length, not along the line shoulder to wrist
    anchor: str = "chest"
    fingers: np.ndarray | None = None  # (3,) direction; None: on from the forearm
    palm: np.ndarray | None = (
        None  # (3,) direction that it faces; None: as the elbow's hinge has it
    )
    curl: float = 0.0  # degrees by which a hand with no fingers' direction bends toward its palm

    def __post_init__(self) -> None:
        if self.anchor not in ANCHORS:
            raise ValueError(f"anchor {self.anchor!r}: one of {', '.join(ANCHORS)}")


def reach(
    joints: dict[str, np.ndarray],
    target: Reach,
    side: str,
    chest_position: np.ndarray,
    chest: np.ndarray,
) -> dict[str, np.ndarray]:
    """World rotations of the bones of one arm, by two-bone inverse kinematics.

    `joints` are the rest positions of the bones. A wrist out of reach is approached.
    """
    axes = np.eye(3) if target.anchor == "world" else chest
    at_rest = chest_position + chest @ (joints[side + "UpperArm"] - joints["chest"])
    if target.anchor == "world":
        away = target.wrist - at_rest
    elif target.anchor == "chest":
        away = chest_position + chest @ (target.wrist - joints["chest"]) - at_rest
    else:
        away = chest @ target.wrist
    upper, lower = _arm_lengths(joints, side)
    collar = chest @ _collar_bone(chest.T @ away / (upper + lower), side)
    collar_joint = chest_position + chest @ (joints[side + "Shoulder"] - joints["chest"])
    shoulder = collar_joint + collar @ (joints[side + "UpperArm"] - joints[side + "Shoulder"])
    if target.anchor != "shoulder":
        away = at_rest + away - shoulder

    distance = np.linalg.norm(away)
    axis = away / distance
    distance = np.clip(distance, _FOLD, (upper + lower) * _STRETCH)
    outward = axes @ target.elbow
    outward = outward - axis * (axis @ outward)
    outward /= np.linalg.norm(outward)
    cosine = np.clip((upper**2 + distance**2 - lower**2) / (2 * upper * distance), -1, 1)
    elbow = upper * (axis * cosine + outward * np.sqrt(1 - cosine**2))  # from the shoulder
    hinge = np.cross(axis, outward)
    rest_hinge = rest_arm(side)[:, 0]

    def turned(bone: str, child: str, vector: np.ndarray) -> np.ndarray:
        rest = joints[side + child] - joints[side + bone]
        return hinge_frame(vector, hinge) @ hinge_frame(rest, rest_hinge).T

    forearm = axis * distance - elbow
    lower_arm = turned("LowerArm", "Hand", forearm)
    hand = _hand(target, side, axes, lower_arm)
    return {
        side + "Shoulder": collar,
        side + "UpperArm": turned("UpperArm", "LowerArm", elbow),
        # Radius and ulna take half of the hand's turn about the forearm, as real ones do.
        side + "LowerArm": _half_twist(hand @ lower_arm.T, forearm) @ lower_arm,
        side + "Hand": hand,
    }


def _arm_lengths(joints: dict[str, np.ndarray], side: str) -> tuple[float, float]:
    shoulder, elbow, wrist = (joints[side + bone] for bone in ("UpperArm", "LowerArm", "Hand"))
    return float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(wrist - elbow))


def _collar_bone(away: np.ndarray, side: str) -> np.ndarray:
    """(3, 3) in chest axes, for a wrist at `away` (3,) from the shoulder, in arm's lengths."""
    x = SIDES[side]
    above_hanging = np.degrees(np.arccos(np.clip(-away[2] / np.linalg.norm(away), -1, 1)))
    rise = np.clip((above_hanging - 40) / 130, 0, 1) * _RAISE
    ahead, across = np.clip([-away[1], -x * away[0]], 0, 1)
    forward = _PROTRACT[0] * ahead + _PROTRACT[1] * across
    return rot_z(-x * forward) @ rot_y(-x * rise)


def _hand(target: Reach, side: str, axes: np.ndarray, lower_arm: np.ndarray) -> np.ndarray:
    rest_fingers, rest_palm = rest_hand(side) @ [0.0, 0, -1], rest_hand(side) @ [-SIDES[side], 0, 0]
    fingers = lower_arm @ rest_fingers
    palm = lower_arm @ rest_palm if target.palm is None else axes @ target.palm
    if target.fingers is None:
        palm = palm - fingers * (fingers @ palm)
        palm /= np.linalg.norm(palm)
        c, s = np.cos(np.radians(target.curl)), np.sin(np.radians(target.curl))
        fingers, palm = c * fingers + s * palm, c * palm - s * fingers
    else:
        fingers = axes @ target.fingers
    return hinge_frame(fingers, palm) @ hinge_frame(rest_fingers, rest_palm).T


def _half_twist(rotation: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """(3, 3) half of the part of `rotation` that turns about `axis`."""
    axis = axis / np.linalg.norm(axis)
    x, y, z, w = Rotation.from_matrix(rotation).as_quat()
    angle = 2 * np.arctan2(axis @ [x, y, z], w)
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    return Rotation.from_rotvec(axis * angle / 2).as_matrix()
