"""Bone lengths: one set for the whole take, the same left and right."""

from __future__ import annotations

import numpy as np

from mocap import skeletons
from mocap.arrays import Array
from mocap.skeleton import Skeleton, mirrored_name
from mocap.solve.points import Points
from mocap.solve.settings import SolveSettings

# Which bones' offsets (of the left side or the middle) a measured distance sets, and between
# which points it is measured (means of the named ones; "left" stands for either side).
SEGMENTS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("spine", "chest", "upperChest", "neck"), ("left_hip", "right_hip"),
     ("left_shoulder", "right_shoulder")),
    (("leftShoulder", "leftUpperArm"), ("left_shoulder",), ("right_shoulder",)),
    (("leftLowerArm",), ("left_shoulder",), ("left_elbow",)),
    (("leftHand",), ("left_elbow",), ("left_wrist",)),
    (("leftUpperLeg",), ("left_hip",), ("right_hip",)),
    (("leftLowerLeg",), ("left_hip",), ("left_knee",)),
    (("leftFoot",), ("left_knee",), ("left_ankle",)),
)  # fmt: skip

PRIOR_WEIGHT = 0.3  # of the template's proportions against the measured ones, in log length
PLAUSIBLE_HEIGHT = (1.5, 1.95)  # [m] for people of unknown height


def measured(points: Points, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[float, float]:
    """Median distance [m] of two points, over both sides, and the share of frames it is from."""
    sides = [(a, b)]
    if len(a) == len(b) == 1 and a[0][:4] == b[0][:4]:
        sides.append(((_other(a[0]),), (_other(b[0]),)))
    lengths = np.concatenate(
        [np.linalg.norm(points.at(*p) - points.at(*q), axis=-1) for p, q in sides]
    )
    weights = np.concatenate([points.seen(*p, *q) for p, q in sides])
    good = weights > 0.5
    if good.sum() < 1:
        return 0.0, 0.0
    return float(np.median(lengths[good])), float(np.mean(good))


def _other(name: str) -> str:
    return mirrored_name(name)


def fit_skeleton(points: Points, settings: SolveSettings) -> Skeleton:
    """The humanoid with the proportions of one person.

    Robust medians of the segments that were seen well, drawn a little towards the template's
    proportions; segments never seen take the template's, at the size the others say.
    """
    template = skeletons.humanoid()
    ratios: dict[str, float] = {}
    for bones, a, b in SEGMENTS:
        length, share = measured(points, a, b)
        if share > 0.02 and length > 0.02:
            ratios.update(dict.fromkeys(bones, length / _template_length(template, bones)))
    size = float(np.exp(np.median(np.log(list(ratios.values()))))) if ratios else 1.0
    factors = np.full(len(template), size)
    for bone, ratio in ratios.items():
        for name in {bone, mirrored_name(bone)}:
            factors[template.index(name)] = ratio ** (1 - PRIOR_WEIGHT) * size**PRIOR_WEIGHT
    offsets = template.offsets * factors[:, None]
    skeleton = standing(template.replace(offsets=offsets, tips=template.tips * size))
    wanted = settings.height or float(np.clip(skeleton.height, *PLAUSIBLE_HEIGHT))
    return skeleton.scaled(wanted / skeleton.height)


def _template_length(template: Skeleton, bones: tuple[str, ...]) -> float:
    """What a segment measures on the template; widths count both sides."""
    offsets = template.offsets[[template.index(b) for b in bones]]
    if bones[0] in ("leftShoulder", "leftUpperLeg"):
        return 2.0 * float(np.sum(offsets[:, 0]))
    if bones[0] == "spine":  # up to the height of the shoulders
        rest = template.rest_positions
        return float(rest[template.index("leftUpperArm"), 1] - rest[0, 1])
    return float(np.linalg.norm(np.sum(offsets, axis=0)))


def standing(skeleton: Skeleton) -> Skeleton:
    """The skeleton raised or lowered so that its rest pose stands on y = 0."""
    lowest = lowest_point(skeleton.rest_positions, skeleton)
    offsets: Array = skeleton.offsets.copy()
    offsets[0, 1] -= lowest
    return skeleton.replace(offsets=offsets)


def lowest_point(positions: Array, skeleton: Skeleton) -> float:
    """[m] height of the lowest bone or bone end of the rest pose."""
    ends = positions + np.where(np.isfinite(skeleton.tips), skeleton.tips, 0.0)
    return float(min(positions[:, 1].min(), ends[:, 1].min()))
