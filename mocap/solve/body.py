"""The body as the fit knows it: bones that are directions, joints that are sums of bones.

Every joint is the root plus a sum of bones, each a unit direction times a length that all frames
share: `p_k = root + sum_b TO_JOINT[k, b] * length_b * direction_b`. The sum is linear in root,
directions and lengths, so that bones keep their length exactly and all derivatives are known by
heart. Turns of a bone about itself are no part of it; `orient` finds them afterwards.
"""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array, IntArray

SIDES = ("left", "right")

# what a bone's length is called; both sides share it. [m] for a body of 1.75 m, between joint
# centres: limbs and trunk after de Leva, "Adjustments to Zatsiorsky-Seluyanov's segment inertia
# parameters" (1996), table 4.
TEMPLATE = {
    "hip": 0.088,
    "spine": 0.518,
    "clavicle": 0.175,
    "head": 0.228,
    "upper_arm": 0.283,
    "forearm": 0.270,
    "thigh": 0.424,
    "shin": 0.436,
    "toe": 0.19,
    "heel": 0.078,
}
LENGTHS = tuple(TEMPLATE)

# bones: name and length. The hip line points from the root to the left hip.
BONES: tuple[tuple[str, str], ...] = (
    ("hip", "hip"),
    ("spine", "spine"),
    ("head", "head"),
    *((f"{side}_{bone}", bone) for bone in LENGTHS if bone not in ("hip", "spine", "head")
      for side in SIDES),
)  # fmt: skip
INDEX = {name: i for i, (name, _) in enumerate(BONES)}
OF_LENGTH: IntArray = np.array([LENGTHS.index(length) for _, length in BONES])

# Estimators mark the hips a little below and outside the heads of the thigh bones that a skeleton
# turns about, and the shoulders above the heads of the arm bones; measured on rendered people, as
# shares of spine and hip line.
HIPS_BELOW, HIPS_OUTSIDE, SHOULDERS_ABOVE = 0.05, 0.15, 0.035


def _chains() -> dict[str, dict[str, float]]:
    """For each joint, the bones that lead to it from the root and how often each counts."""
    chains: dict[str, dict[str, float]] = {"head": {"spine": 1.0, "head": 1.0}}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = {"hip": sign}
        knee = hip | {f"{side}_thigh": 1.0}
        ankle = knee | {f"{side}_shin": 1.0}
        shoulder = {"spine": 1.0, f"{side}_clavicle": 1.0}
        elbow = shoulder | {f"{side}_upper_arm": 1.0}
        chains |= {
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_foot_index": ankle | {f"{side}_toe": 1.0},
            f"{side}_heel": ankle | {f"{side}_heel": 1.0},
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": elbow | {f"{side}_forearm": 1.0},
        }
    return chains


CHAINS = _chains()
POINTS = tuple(CHAINS)  # named as estimators name them
TO_JOINT: Array = np.array([[CHAINS[p].get(b, 0.0) for b, _ in BONES] for p in POINTS])
SOLES = tuple(POINTS.index(f"{s}_{p}") for s in SIDES for p in ("heel", "foot_index"))


def _to_mark() -> Array:
    """(K, B) the same for where estimators mark the joints."""
    marks = TO_JOINT.copy()
    for side in SIDES:
        hip, shoulder = POINTS.index(f"{side}_hip"), POINTS.index(f"{side}_shoulder")
        marks[hip, INDEX["hip"]] *= 1 + HIPS_OUTSIDE
        marks[hip, INDEX["spine"]] -= HIPS_BELOW
        marks[shoulder, INDEX["spine"]] += SHOULDERS_ABOVE
    return marks


TO_MARK = _to_mark()


def reached(root: Array, directions: Array, lengths: Array, chains: Array = TO_JOINT) -> Array:
    """Where chains of bones lead (..., K, 3) [m], from root (..., 3), unit directions (..., B, 3)
    and lengths (L,): to the joints, or with TO_MARK to where estimators mark them."""
    bones = directions * lengths[OF_LENGTH][:, None]
    return np.asarray(root[..., None, :] + chains @ bones)


# cosine between heel and toes seen from the ankle, of a foot at rest
HEEL_TO_TOE = -0.515

# Mass of the parts of the body and where it lies, as shares: Winter, "Biomechanics and motor
# control of human movement" (2009), table 4.1. As a sum over bones of the share of the mass that
# each bone carries along with its whole vector.
_TRUNK, _HEAD, _UPPER_ARM, _FOREARM, _THIGH, _SHIN, _FOOT = (
    0.497, 0.081, 0.028, 0.022, 0.100, 0.0465, 0.0145,
)  # fmt: skip
_MASS = {
    "spine": 0.5 * _TRUNK + _HEAD + 2 * (_UPPER_ARM + _FOREARM),
    "head": _HEAD,
    "clavicle": _UPPER_ARM + _FOREARM,
    "upper_arm": 0.436 * _UPPER_ARM + _FOREARM,
    "forearm": 0.682 * _FOREARM,
    "thigh": 0.433 * _THIGH + _SHIN + _FOOT,
    "shin": 0.433 * _SHIN + _FOOT,
    "toe": 0.5 * _FOOT,
}
MASS: Array = np.array([_MASS.get(length, 0.0) for _, length in BONES])


def centre_of_mass(root: Array, directions: Array, lengths: Array) -> Array:
    """(..., 3) [m] of the body, as `reached` takes it."""
    mass: Array = root + (MASS * lengths[OF_LENGTH]) @ directions
    return mass


def _rest() -> Array:
    """(B, 3) directions of someone who stands at ease and faces the camera."""
    rest = {
        "hip": (1, 0, 0), "spine": (0, 1, 0), "head": (0, 1, 0), "upper_arm": (0, -1, 0),
        "forearm": (0, -1, 0), "thigh": (0, -1, 0), "shin": (0, -1, 0), "toe": (0, -0.33, 0.94),
        "heel": (0, -0.64, -0.77),
    }  # fmt: skip
    sides = {"left_clavicle": (1, 0, 0), "right_clavicle": (-1, 0, 0)}
    directions = np.array([sides.get(name) or rest[length] for name, length in BONES], dtype=float)
    unit: Array = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit


REST = _rest()
