"""A pose in words an animator would use, and its solution to bone rotations and joints.

Lengths are metres for a person of the reference height (the solution is scaled afterwards), angles
are degrees. Frame: x = the person's left, -y = forward, z = up, floor at z = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from .reach import Reach, reach
from .rotation import euler, hinge_frame, rot_x, rot_y, rot_z
from .skeleton import BONES, PARENTS, REST_ELBOW, SIDES, rest_arm

FORWARD = np.array([0.0, -1.0, 0.0])
BALL_AHEAD = 0.112  # the ball of the foot lies this far in front of the hip joints when standing
HEEL_BEHIND = 0.042  # the heel touches the floor this far behind the ankle's plumb line
STAND_WIDTH = 0.10  # half the distance between the feet
TOE_OUT = 8.0
_FULL_REACH = 0.9985  # of the leg's length: a knee never locks
_REACH_BLEND = 0.012  # m: how early the hips begin to sink for a foot that is getting out of reach

_TOE_LENGTH = 0.1  # m from the ball of the foot to the tip of the shoe

T = TypeVar("T")


@dataclass
class Arm:
    """Angles of one arm, hanging = 0: `abduction` sideways, `flexion` forward."""

    abduction: float = 9.0
    flexion: float = 2.0
    twist: float = 0.0  # about the upper arm's own axis, positive turns the elbow's hollow inward
    elbow: float = 12.0
    wrist: float = 0.0
    shrug: float = 0.0


@dataclass
class Foot:
    """Where one foot stands, in the world."""

    ball: np.ndarray  # (2,) x, y of the ball of the flat foot, m
    heading: float = 0.0
    pitch: float = (
        0.0  # positive: heel up, turning about the ball; negative: toes up, about the heel
    )
    toes: float = 0.0  # pitch of the toes, 0 = flat on the floor
    lift: float = 0.0  # m above the floor


def stand_foot(
    side: str,
    at: Sequence[float] = (0.0, 0.0),
    yaw: float = 0.0,
    width: float = STAND_WIDTH,
    toe_out: float = TOE_OUT,
) -> Foot:
    """The foot of someone whose hips stand over `at` (x, y), facing `yaw`."""
    offset = rot_z(yaw)[:2, :2] @ np.array([SIDES[side] * width, -BALL_AHEAD])
    return Foot(ball=np.asarray(at, float) + offset, heading=yaw + SIDES[side] * toe_out)


def straight_toes(pitch: float, lift: float) -> float:
    """Pitch of the toes of a foot in the air: in line with the foot, as far as the floor lets."""
    room = np.degrees(np.arcsin(np.clip(lift / _TOE_LENGTH, 0, 1)))
    return float(min(0.85 * max(pitch, 0.0), room))


def _three() -> np.ndarray:
    return np.zeros(3)


@dataclass
class Pose:
    """The whole body; the default stands relaxed at the origin. Feet are placed, legs follow."""

    at: np.ndarray = field(default_factory=lambda: np.zeros(2))  # x, y of the hips
    rise: float = 0.0  # hips above (below: negative) their standing height
    yaw: float = 0.0  # hips turned to the left
    tilt: float = 0.0  # hips tipped forward
    roll: float = 0.0  # hips leaning left
    hip_twist: float = 0.0  # hips turned to the left against `yaw`, as in walking
    spine: np.ndarray = field(default_factory=_three)  # (bend forward, lean left, turn left)
    chest: np.ndarray = field(default_factory=_three)
    neck: np.ndarray = field(default_factory=_three)
    head: np.ndarray = field(default_factory=_three)
    knees_out: float = 6.0
    arms: dict[str, Arm] = field(default_factory=lambda: {side: Arm() for side in SIDES})
    feet: dict[str, Foot] = field(
        default_factory=lambda: {side: stand_foot(side) for side in SIDES}
    )
    # By side, where given: a hand's place instead of the arm's angles; where the knee points, (3,)
    # in the world, instead of between where hips and foot point.
    reaches: dict[str, Reach] = field(default_factory=dict)
    knees: dict[str, np.ndarray] = field(default_factory=dict)


class Solved(NamedTuple):
    """A solved pose, by bone: world rotations relative to the rest pose, and joint positions."""

    rotations: dict[str, np.ndarray]  # (3, 3)
    positions: dict[str, np.ndarray]  # (3,) m at the reference height


def mix(a: T, b: T, u: float) -> T:
    """Every number of two poses (or parts of poses) mixed: u = 0 gives a, u = 1 gives b."""
    if is_dataclass(a):
        values = {f.name: mix(getattr(a, f.name), getattr(b, f.name), u) for f in fields(a)}
        return type(a)(**values)
    if isinstance(a, dict):
        return {name: mix(a[name], b[name], u) for name in a}
    return a + (b - a) * u


def solve(joints: dict[str, np.ndarray], pose: Pose) -> Solved:
    """Forward kinematics of the upper body, inverse kinematics to placed feet and reaching hands.

    `joints` are the rest positions of the bones. The hips sink where a foot would be out of reach.
    """
    rotations: dict[str, np.ndarray] = {}
    positions: dict[str, np.ndarray] = {}
    rotations["hips"] = rot_z(pose.yaw + pose.hip_twist) @ rot_y(pose.roll) @ rot_x(pose.tilt)
    ankles = {side: _place_foot(joints, pose.feet[side], side, rotations) for side in SIDES}
    positions["hips"] = np.array([*pose.at, _hip_height(joints, pose, rotations["hips"], ankles)])

    def attach(bone: str) -> None:
        parent = PARENTS[bone]
        offset = joints[bone] - joints[parent]
        positions[bone] = positions[parent] + rotations[parent] @ offset

    for bone in ("spine", "chest", "neck", "head"):
        attach(bone)
        rotations[bone] = rotations[PARENTS[bone]] @ euler(getattr(pose, bone))
    for side in SIDES:
        if side in pose.reaches:
            chest = (positions["chest"], rotations["chest"])
            arm = reach(joints, pose.reaches[side], side, *chest)
        else:
            arm = _arm_rotations(rotations["chest"], pose.arms[side], side)
        for bone, rotation in arm.items():
            attach(bone)
            rotations[bone] = rotation
        attach(side + "UpperLeg")
        _bend_leg(joints, pose, side, ankles[side], rotations, positions)
        attach(side + "LowerLeg")
        attach(side + "Foot")
        attach(side + "Toes")
    return Solved({b: rotations[b] for b in BONES}, {b: positions[b] for b in BONES})


def _place_foot(
    joints: dict[str, np.ndarray], foot: Foot, side: str, rotations: dict[str, np.ndarray]
) -> np.ndarray:
    """Set the rotations of foot and toes; return the ankle (3,) that the leg has to reach."""
    heading = rot_z(foot.heading)
    rotation = heading @ rot_x(foot.pitch)
    rest_ankle, rest_ball = joints[side + "Foot"], joints[side + "Toes"]
    rotations[side + "Foot"] = rotation
    if foot.pitch >= 0:
        rotations[side + "Toes"] = heading @ rot_x(foot.toes)
        ball = np.array([*foot.ball, rest_ball[2] + foot.lift])
        return ball + rotation @ (rest_ankle - rest_ball)
    rotations[side + "Toes"] = rotation
    rest_heel = np.array([rest_ankle[0], rest_ankle[1] + HEEL_BEHIND, 0.0])
    to_heel = heading @ ((rest_heel - rest_ball) * [1, 1, 0])
    heel = np.array([*foot.ball, foot.lift]) + to_heel
    return heel + rotation @ (rest_ankle - rest_heel)


def _leg_lengths(joints: dict[str, np.ndarray], side: str) -> tuple[float, float]:
    hip, knee, ankle = (joints[side + bone] for bone in ("UpperLeg", "LowerLeg", "Foot"))
    return float(np.linalg.norm(knee - hip)), float(np.linalg.norm(ankle - knee))


def _hip_height(
    joints: dict[str, np.ndarray], pose: Pose, hips: np.ndarray, ankles: dict[str, np.ndarray]
) -> float:
    """Height of the hips: as asked for, or as low as the farther ankle makes it, smoothly."""
    height = joints["hips"][2] + pose.rise
    for side, ankle in ankles.items():
        hip = np.array([*pose.at, 0.0]) + hips @ (joints[side + "UpperLeg"] - joints["hips"])
        reach = sum(_leg_lengths(joints, side)) * _FULL_REACH
        aside = ((ankle - hip)[:2] ** 2).sum()
        highest = ankle[2] + np.sqrt(max(reach**2 - aside, 0.01)) - hip[2]
        overlap = max(_REACH_BLEND - abs(height - highest), 0.0)
        height = min(height, highest) - overlap**2 / (4 * _REACH_BLEND)
    return height


def _arm_rotations(chest: np.ndarray, arm: Arm, side: str) -> dict[str, np.ndarray]:
    """World rotations of the bones of one arm, which is posed relative to the chest."""
    x = SIDES[side]
    # The shoulder blade joins in once the arm is above the horizontal, as a real one does.
    elevation = max(arm.abduction, arm.flexion * 0.9)
    clavicle = np.clip((elevation - 40) / 130, 0, 1) * 24 + arm.shrug
    rest = rest_arm(side)
    upper = rot_y(-x * arm.abduction) @ rot_x(-arm.flexion) @ rot_z(x * arm.twist)
    lower_arm = chest @ upper @ rot_x(REST_ELBOW - arm.elbow) @ rest.T
    return {
        side + "Shoulder": chest @ rot_y(-x * clavicle),
        side + "UpperArm": chest @ upper @ rest.T,
        side + "LowerArm": lower_arm,
        side + "Hand": lower_arm @ rest @ rot_x(-arm.wrist) @ rest.T,
    }


def _bend_leg(
    joints: dict[str, np.ndarray],
    pose: Pose,
    side: str,
    ankle: np.ndarray,
    rotations: dict[str, np.ndarray],
    positions: dict[str, np.ndarray],
) -> None:
    """Two-bone inverse kinematics: set the rotations of thigh and shank."""
    hip = positions[side + "UpperLeg"]
    thigh, shank = _leg_lengths(joints, side)
    distance = float(np.linalg.norm(ankle - hip))
    axis = (ankle - hip) / distance
    distance = min(distance, (thigh + shank) * 0.9995)
    if side in pose.knees:
        ahead = pose.knees[side].copy()
    else:  # the knee points between where the hips and where the foot point
        foot_ahead = rotations[side + "Foot"] @ FORWARD * [1, 1, 0]
        ahead = rot_z(pose.yaw + SIDES[side] * pose.knees_out) @ FORWARD + 0.6 * foot_ahead
    ahead -= axis * (axis @ ahead)
    ahead /= np.linalg.norm(ahead)
    cosine = np.clip((thigh**2 + distance**2 - shank**2) / (2 * thigh * distance), -1, 1)
    knee = hip + thigh * (axis * cosine + ahead * np.sqrt(1 - cosine**2))
    hinge = np.cross(axis, ahead)
    rest_hinge = np.cross([0.0, 0.0, -1.0], FORWARD)
    for bone, child, vector in (
        ("UpperLeg", "LowerLeg", knee - hip),
        ("LowerLeg", "Foot", ankle - knee),
    ):
        rest = joints[side + child] - joints[side + bone]
        rest_frame = hinge_frame(rest, rest_hinge)
        rotations[side + bone] = hinge_frame(vector, hinge) @ rest_frame.T
