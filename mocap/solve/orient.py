"""From joint positions to bone rotations, twist included.

Every rotation is found in the world from two directions, the bone's own and one that fixes the
turn about it: the hinge of elbow and knee where they bend, the palm, the foot and the face
where they do not. Arrays of limbs have an axis for the sides: left, then right.
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
OUT = np.array([X, -X])  # of the body, at rest: left and right
ELBOWS = np.array([-Y, Y])  # what they bend about, at rest
MAX_PRONATION = np.radians(100)  # of the forearm either way from a thumb that points forward
ELBOW_BEND = (0.15, 0.45)  # sine of the bend from which the hinge starts to count, and counts fully
KNEE_BEND = (0.25, 0.60)
# from the T-pose back to the axes that two directions of a limb give
ARMS_REST = inv(from_frame(OUT, ELBOWS, "XY"))
HANDS_REST = inv(from_frame(OUT, Z, "XZ"))
LEGS_REST = inv(from_frame(-Y, X, "YX"))
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

    def put_both(bone: str, q: Array) -> None:
        world[:, [skeleton.index(f"{side}{bone}") for side in ("left", "right")]] = q

    hips, chest = torso(points, settings)
    head = face(points)
    put("hips", hips)
    spine = slerp(hips[:, None], chest[:, None], np.array([1 / 3, 2 / 3]))
    put("spine", spine[:, 0])
    put("chest", spine[:, 1])
    put("upperChest", chest)
    put("neck", slerp(chest, head, 0.5))
    put("head", head)
    put_both("Shoulder", clavicles(points, chest))
    upper, lower, hand = arms(points, chest)
    put_both("UpperArm", upper)
    put_both("LowerArm", lower)
    put_both("Hand", hand)
    thigh, shin, foot = legs(points, hips)
    put_both("UpperLeg", thigh)
    put_both("LowerLeg", shin)
    put_both("Foot", foot)
    put_both("Toes", foot)
    return world


def torso(points: Points, settings: SolveSettings) -> tuple[Array, Array]:
    """Rotations (T, 4) of the hips and of the upper chest.

    Each has its own line from right to left; the direction of the spine is common. How far the
    pelvis tips can only be told with the thighs in sight: without them, as for someone behind a
    desk, the hips stand upright and the spine does all the leaning. Hips out of sight stand
    upright under the shoulders.
    """
    ends = points.both("shoulder", "hip")
    lines = ends[:, :, 0] - ends[:, :, 1]
    shoulders, hips = lines[:, 0], lines[:, 1]
    hip_seen = (points.seen("left_hip", "right_hip") > 0)[:, None]
    spine = points.at("left_shoulder", "right_shoulder") - points.at("left_hip", "right_hip")
    # those of whom only the legs are seen hold their backs upright, too
    trunk_seen = hip_seen[:, 0] & (points.seen("left_shoulder", "right_shoulder") > 0)
    trunk = hold_weight(points.times, trunk_seen, settings)[:, None]
    spine = safe(trunk * unit(spine) + (1 - trunk) * Y, Y)
    across = safe(np.where(hip_seen, hips, shoulders), X)
    level = across * np.array([1.0, 0.0, 1.0])
    axes = (
        np.array([shoulders, across, level]),
        np.array([spine, spine, np.broadcast_to(Y, spine.shape)]),
    )
    chest, tipped, upright = from_frame(safe(axes[0], X), axes[1], "XY")
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
    """(..., 3) the axis about which a limb bends: as seen where it bends enough, else the prior.

    Args:
        upper, lower: (..., 3) unit directions of the two bones.
        prior: (..., 3) unit axis expected from the rest of the body.
        bend: sines from which the seen axis starts to count and counts fully.
        one_way: whether an axis against the prior is a mistake (a knee bent forwards).
    """
    seen = cross(upper, lower)
    weight = smoothstep(np.linalg.norm(seen, axis=-1, keepdims=True), *bend)
    if one_way:
        weight = np.where(dot(seen, prior) > 0, weight, 0.0)
    return unit(weight * unit(seen) + (1 - weight) * prior)


def arms(points: Points, chest: Array) -> tuple[Array, Array, Array]:
    """Rotations (T, 2, 4) of upper arms, forearms and hands.

    At rest an arm points out, palm down, thumb forward (Z); bending the elbow brings the hand
    forward, on the left about -Y and on the right about Y.
    """
    joints, chest = points.both("shoulder", "elbow", "wrist"), chest[:, None]
    bones = unit(safe(joints[:, 1:] - joints[:, :-1], OUT))
    upper, lower = bones[:, 0], bones[:, 1]
    # an arm swung out of the T-pose the short way
    swung = mul(chest, rotation.between(OUT, rotate(inv(chest), upper)))
    straight = rotate(swung, ELBOWS)
    turn = safe(hinge(upper, lower, straight, ELBOW_BEND, one_way=False), straight)
    turned = mul(from_frame(bones, turn[:, None], "XY"), ARMS_REST)
    upper_arm, unturned = turned[:, 0], turned[:, 1]

    fingers = points.both("index", "pinky")
    in_forearm = rotate(inv(unturned), fingers[:, 0] - fingers[:, 1])
    # about the forearm: where the thumb side of the palm points, from straight ahead
    angle = np.arctan2(dot(in_forearm, cross(OUT, Z[None]))[..., 0], in_forearm[..., 2])
    angle = np.clip(angle, -MAX_PRONATION, MAX_PRONATION)
    angle = np.where(points.both_seen("index", "pinky") > 0, angle, 0.0)
    forearm = mul(unturned, rotation.axis_angle(OUT, angle))
    reach = safe((fingers[:, 0] + fingers[:, 1]) / 2 - joints[:, 2], lower)
    hand = mul(from_frame(reach, rotate(forearm, Z), "XZ"), HANDS_REST)
    return upper_arm, forearm, hand


def clavicles(points: Points, chest: Array) -> Array:
    """(T, 2, 4) rotations of the shoulder bones: with the chest, swung to where the shoulders
    are."""
    shoulders, chest = points.both("shoulder")[:, 0], chest[:, None]
    across = shoulders - points.at("left_shoulder", "right_shoulder")[:, None]
    return mul(chest, rotation.between(OUT, rotate(inv(chest), unit(safe(across, OUT)))))


def legs(points: Points, hips: Array) -> tuple[Array, Array, Array]:
    """Rotations (T, 2, 4) of thighs, shins and feet.

    At rest a leg points down (-Y) and its foot forward (Z); the knee bends about X.
    """
    joints, hips = points.both("hip", "knee", "ankle", "heel", "foot_index"), hips[:, None]
    bones = unit(safe(joints[:, 1:3] - joints[:, :2], -Y))
    upper, lower = bones[:, 0], bones[:, 1]
    ahead = unit(safe(joints[:, 4] - joints[:, 3], Z))
    swung = rotate(mul(hips, rotation.between(-Y, rotate(inv(hips), upper))), X)
    by_foot = unit(cross(-lower, ahead))
    prior = unit(safe(swung + by_foot * (dot(swung, by_foot) > 0), swung))
    turn = safe(hinge(upper, lower, prior, KNEE_BEND, one_way=True), swung)
    turned = mul(from_frame(bones, turn[:, None], "YX"), LEGS_REST)
    # a standing foot is level even if the shin leans; one in the air follows the shin
    foot = from_frame(ahead, safe(unit(-lower) + Y, -lower), "ZY")
    return turned[:, 0], turned[:, 1], foot
