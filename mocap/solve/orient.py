"""From joint positions to bone rotations, twist included.

Every rotation is found in the world from two directions, the bone's own and one that fixes the
turn about it: the hinge of elbow and knee where they bend, the palm, the foot and the face
where they do not.
"""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.rotation import cross, dot, from_frame, inv, mul, rotate, slerp, unit
from mocap.skeleton import Skeleton
from mocap.solve.points import Points
from mocap.solve.presence import hold_weight
from mocap.solve.settings import SolveSettings

X, Y, Z = np.eye(3)
MAX_PRONATION = np.radians(100)  # of the forearm either way from a thumb that points forward
ELBOW_BEND = (0.15, 0.45)  # sine of the bend from which the hinge starts to count, and counts fully
KNEE_BEND = (0.25, 0.60)
NOSE_DROP = np.radians(10)  # of the line from between the ears to the nose, looking straight ahead


def smoothstep(x: Array, low: float, high: float) -> Array:
    """0 below low, 1 above high, smooth between."""
    u = np.clip((x - low) / (high - low), 0.0, 1.0)
    return u * u * (3 - 2 * u)


def orient(points: Points, skeleton: Skeleton, settings: SolveSettings) -> Array:
    """(T, J, 4) rotations of the humanoid's bones from its T-pose, in the axes of the points."""
    world = rotation.identity(len(points.times), len(skeleton))

    def put(bone: str, q: Array) -> None:
        world[:, skeleton.index(bone)] = q

    hips, chest = torso(points, settings)
    head = face(points)
    put("hips", hips)
    put("spine", slerp(hips, chest, 1 / 3))
    put("chest", slerp(hips, chest, 2 / 3))
    put("upperChest", chest)
    put("neck", slerp(chest, head, 0.5))
    put("head", head)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        upper, lower, hand = arm(points, side, sign, chest)
        put(f"{side}Shoulder", clavicle(points, side, sign, chest))
        put(f"{side}UpperArm", upper)
        put(f"{side}LowerArm", lower)
        put(f"{side}Hand", hand)
        thigh, shin, foot = leg(points, side, hips)
        put(f"{side}UpperLeg", thigh)
        put(f"{side}LowerLeg", shin)
        put(f"{side}Foot", foot)
        put(f"{side}Toes", foot)
    return world


def torso(points: Points, settings: SolveSettings) -> tuple[Array, Array]:
    """Rotations (T, 4) of the hips and of the upper chest.

    Each has its own line from right to left; the direction of the spine is common. How far the
    pelvis tips can only be told with the thighs in sight: without them, as for someone behind a
    desk, the hips stand upright and the spine does all the leaning. Hips out of sight stand
    upright under the shoulders.
    """
    shoulders = points.at("left_shoulder") - points.at("right_shoulder")
    hip_seen = (points.seen("left_hip", "right_hip") > 0)[:, None]
    spine = points.at("left_shoulder", "right_shoulder") - points.at("left_hip", "right_hip")
    spine = safe(np.where(hip_seen, spine, Y), Y)
    across = safe(np.where(hip_seen, points.at("left_hip") - points.at("right_hip"), shoulders), X)
    chest = from_frame(safe(shoulders, X), spine, "XY")
    tipped = from_frame(across, spine, "XY")
    upright = from_frame(safe(across * np.array([1.0, 0.0, 1.0]), X), Y, "XY")
    thigh_seen = (points.seen("left_knee") > 0) | (points.seen("right_knee") > 0)
    known = hold_weight(points.times, thigh_seen & hip_seen[:, 0], settings)
    return slerp(upright, tipped, known), chest


def safe(v: Array, otherwise: Array) -> Array:
    """Vectors (..., 3), those too short to have a direction replaced."""
    return np.where(dot(v, v) > 1e-8, v, otherwise)


def face(points: Points) -> Array:
    """(T, 4) rotation of the head: ears and eyes give the line across, nose and mouth nod."""
    across = unit(points.at("left_ear") - points.at("right_ear")) + unit(
        points.at("left_eye_outer") - points.at("right_eye_outer")
    )
    across = safe(across, X)
    eyes_up = unit(points.at("left_eye", "right_eye") - points.at("mouth_left", "mouth_right"))
    ahead = points.at("nose") - points.at("left_ear", "right_ear")
    # the nose hangs below the ears: lift the line by that angle about the line across
    lifted = rotate(rotation.axis_angle(unit(across), -NOSE_DROP), ahead)
    nose_up = unit(cross(lifted, across))
    return from_frame(across, safe(eyes_up + nose_up, Y), "XY")


def hinge(
    upper: Array, lower: Array, prior: Array, bend: tuple[float, float], one_way: bool
) -> Array:
    """(T, 3) the axis about which a limb bends: as seen where it bends enough, else the prior.

    Args:
        upper, lower: (T, 3) unit directions of the two bones.
        prior: (T, 3) unit axis expected from the rest of the body.
        bend: sines from which the seen axis starts to count and counts fully.
        one_way: whether an axis against the prior is a mistake (a knee bent forwards).
    """
    seen = cross(upper, lower)
    weight = smoothstep(np.linalg.norm(seen, axis=-1, keepdims=True), *bend)
    if one_way:
        weight = np.where(dot(seen, prior) > 0, weight, 0.0)
    return unit(weight * unit(seen) + (1 - weight) * prior)


def arm(points: Points, side: str, sign: float, chest: Array) -> tuple[Array, Array, Array]:
    """Rotations (T, 4) of upper arm, forearm and hand; sign is 1 on the left, -1 on the right.

    At rest the arm points out (sign * X), palm down, thumb forward (Z); bending the elbow
    brings the hand forward, about -sign * Y.
    """
    along = sign * X
    axis = -sign * Y
    shoulder, elbow, wrist = (points.at(f"{side}_{p}") for p in ("shoulder", "elbow", "wrist"))
    upper = unit(safe(elbow - shoulder, along))
    lower = unit(safe(wrist - elbow, along))
    # an arm swung out of the T-pose the short way
    swung = mul(chest, rotation.between(along, rotate(inv(chest), upper)))
    turn = hinge(upper, lower, rotate(swung, axis), ELBOW_BEND, one_way=False)
    turn = safe(turn, rotate(swung, axis))
    at_rest = inv(from_frame(along, axis, "XY"))
    upper_arm = mul(from_frame(upper, turn, "XY"), at_rest)
    unturned = mul(from_frame(lower, turn, "XY"), at_rest)

    palm = points.at(f"{side}_index") - points.at(f"{side}_pinky")
    in_forearm = rotate(inv(unturned), palm)
    # about the forearm: where the thumb side of the palm points, from straight ahead
    angle = np.arctan2(np.sum(in_forearm * cross(along, Z), -1), np.sum(in_forearm * Z, -1))
    angle = np.clip(angle, -MAX_PRONATION, MAX_PRONATION)
    angle = np.where(points.seen(f"{side}_index", f"{side}_pinky") > 0, angle, 0.0)
    forearm = mul(unturned, rotation.axis_angle(np.broadcast_to(along, lower.shape), angle))
    reach = safe(points.at(f"{side}_index", f"{side}_pinky") - wrist, lower)
    hand_rest = inv(from_frame(along, Z, "XZ"))
    hand = mul(from_frame(reach, rotate(forearm, Z), "XZ"), hand_rest)
    return upper_arm, forearm, hand


def clavicle(points: Points, side: str, sign: float, chest: Array) -> Array:
    """(T, 4) rotation of the shoulder bone: with the chest, swung to where the shoulder is."""
    across = points.at(f"{side}_shoulder") - points.at("left_shoulder", "right_shoulder")
    rest = sign * X
    return mul(chest, rotation.between(rest, rotate(inv(chest), unit(safe(across, rest)))))


def leg(points: Points, side: str, hips: Array) -> tuple[Array, Array, Array]:
    """Rotations (T, 4) of thigh, shin and foot.

    At rest the leg points down (-Y) and the foot forward (Z); the knee bends about X.
    """
    hip, knee, ankle, heel, toe = (
        points.at(f"{side}_{p}") for p in ("hip", "knee", "ankle", "heel", "foot_index")
    )
    upper = unit(safe(knee - hip, -Y))
    lower = unit(safe(ankle - knee, -Y))
    ahead = unit(safe(toe - heel, Z))
    swung = rotate(mul(hips, rotation.between(-Y, rotate(inv(hips), upper))), X)
    by_foot = unit(cross(-lower, ahead))
    prior = unit(safe(swung + by_foot * np.where(dot(swung, by_foot) > 0, 1.0, 0.0), swung))
    turn = safe(hinge(upper, lower, prior, KNEE_BEND, one_way=True), swung)
    at_rest = inv(from_frame(-Y, X, "YX"))
    thigh = mul(from_frame(upper, turn, "YX"), at_rest)
    shin = mul(from_frame(lower, turn, "YX"), at_rest)
    # a standing foot is level even if the shin leans; one in the air follows the shin
    foot = from_frame(ahead, safe(unit(-lower) + Y, -lower), "ZY")
    return thigh, shin, foot
