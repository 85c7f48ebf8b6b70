"""Skin weights: how much each vertex of the rest pose follows each bone."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from .body import Body
from .sdf import f32, gradient, segment_distance
from .skeleton import BONES, SIDES

_SHARPNESS = 6.5  # how fast a bone loses influence with distance, in bone radii
_MIDLINE = 0.006  # metres over which the bones of one side fade out across the body's midline


def _segments(joints: dict[str, np.ndarray]) -> dict[str, tuple[list, float]]:
    """Bone -> (line segments inside the flesh it moves, radius of that flesh in metres)."""
    segments = {
        "hips": ([((-0.07, 0, 0.97), (0.07, 0, 0.97))], 0.125),
        "spine": ([((-0.05, 0.01, z), (0.05, 0.01, z)) for z in (1.08, 1.17)], 0.115),
        "chest": (
            [((-0.07, 0.01, 1.27), (0.07, 0.01, 1.27)), ((-0.09, 0.01, 1.37), (0.09, 0.01, 1.37))],
            0.125,
        ),
        "neck": ([((0, 0.02, 1.49), (0, 0.005, 1.57))], 0.06),
    }
    for side in SIDES:
        clavicle, shoulder, elbow, wrist, hip, knee, ankle = (
            joints[side + bone]
            for bone in ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
        )
        down_arm = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
        collar = shoulder - clavicle
        segments |= {
            side + "Shoulder": (
                [(clavicle + collar * 0.35 + [0, 0.01, 0], shoulder - collar * 0.12)],
                0.065,
            ),
            side + "UpperArm": ([(shoulder + down_arm * 0.045, elbow - down_arm * 0.02)], 0.055),
            side + "LowerArm": ([(elbow + down_arm * 0.02, wrist)], 0.045),
            side + "UpperLeg": ([(hip - [0, 0, 0.07], knee + [0, 0, 0.025])], 0.088),
            side + "LowerLeg": ([(knee - [0, 0, 0.025], ankle)], 0.056),
        }
    return segments


def skin_weights(body: Body, vertices: np.ndarray) -> np.ndarray:
    """(V, B) weights of body vertices, by nearness to the segments of each bone."""
    segments = _segments(body.joints)
    reach = np.stack(
        [
            np.min([segment_distance(vertices, *ends) for ends in lines], axis=0) / radius
            for lines, radius in segments.values()
        ],
        axis=1,
    )
    near = np.exp(-_SHARPNESS * (reach - reach.min(1, keepdims=True)))
    for i, bone in enumerate(segments):
        for side, x in SIDES.items():
            if bone.startswith(side):
                near[:, i] *= expit(x * vertices[:, 0] / _MIDLINE)
    near[near < 0.01] = 0
    weights = np.zeros((len(vertices), len(BONES)), f32)
    weights[:, [BONES.index(bone) for bone in segments]] = near / near.sum(1, keepdims=True)
    return weights


def cloth_weights(body: Body, vertices: np.ndarray) -> np.ndarray:
    """(V, B) weights of cloth vertices: those of the skin below them."""
    below = vertices.copy()
    for _ in range(2):
        slope = gradient(body.skin, below, 0.004)
        depth = np.clip(body.skin(below), -0.02, 0.05)[:, None]
        below = (below - depth * slope / ((slope**2).sum(1, keepdims=True) + 0.02)).astype(f32)
    return skin_weights(body, below)


def split_weights(bone: str, other: str, share: np.ndarray) -> np.ndarray:
    """(V, B) weights that give `share` (V,) to `bone` and the rest to `other`."""
    weights = np.zeros((len(share), len(BONES)), f32)
    weights[:, BONES.index(bone)] = share
    weights[:, BONES.index(other)] += 1 - share
    return weights
