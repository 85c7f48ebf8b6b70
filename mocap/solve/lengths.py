"""Bone lengths: what to expect before the fit, and the skeleton that has those it found."""

from __future__ import annotations

from functools import cache
from statistics import median

import numpy as np

from mocap import skeletons
from mocap.arrays import Array
from mocap.skeleton import Skeleton
from mocap.solve.body import LENGTHS, TEMPLATE
from mocap.solve.settings import SolveSettings

# the estimator's heads, hips and feet have other ends than a skeleton's
COMPARABLE = ("spine", "clavicle", "upper_arm", "forearm", "thigh", "shin")
USUAL_HEIGHT = 1.70  # [m] of grown people: NCD-RisC, "A century of trends in adult height" (2016)
HEIGHT = 1.75  # [m] of the template

# which bones of the humanoid (of the left side or the middle) each length scales
SCALES: dict[str, tuple[str, ...]] = {
    "hip": ("leftUpperLeg",),
    "spine": ("spine", "chest", "upperChest"),
    "clavicle": ("leftShoulder", "leftUpperArm"),
    "head": ("neck", "head"),
    "upper_arm": ("leftLowerArm",),
    "forearm": ("leftHand",),
    "thigh": ("leftLowerLeg",),
    "shin": ("leftFoot",),
    "toe": ("leftToes",),
}
# which way each is measured along
AXES = {
    length: np.array([1.0, 0.0, 0.0] if length in ("hip", "clavicle") else [1.0, 1.0, 1.0])
    for length in SCALES
}
ENDS_ELSEWHERE = ("head", "toe")  # the estimator's ears and toe tips are no joints of a skeleton


def expected_lengths(settings: SolveSettings) -> Array:
    """(L,) [m] lengths that a person's bones probably have: the template's, at the person's
    height. Estimators' own metres say nothing about size, and their proportions hardly differ from
    one person to another; the picture does.
    """
    template = np.array(list(TEMPLATE.values()))
    return np.asarray(template * (settings.height or USUAL_HEIGHT) / HEIGHT)


def skeleton_of(lengths: Array) -> Skeleton:
    """The humanoid with bones of these lengths (L,) [m], standing on y = 0."""
    template = skeletons.humanoid()
    found = dict(zip(LENGTHS, lengths, strict=True))
    size = median(float(found[name]) / TEMPLATE[name] for name in COMPARABLE)
    # the line between the shoulders, to which the fit's spine leads, lies over the upper chest
    lift = float(template.offsets[template.index("leftShoulder"), 1]) * size
    offsets = template.offsets * size
    for length, (index, rest) in _scaled().items():
        factor = (found[length] - (lift if length == "spine" else 0.0)) / rest
        offsets[index] = template.offsets[index] * factor
    for side in ("left", "right"):
        offsets[template.index(f"{side}Shoulder"), 1] = lift
    return standing(template.replace(offsets=offsets, tips=template.tips * size))


@cache
def _scaled() -> dict[str, tuple[list[int], float]]:
    """For each length the bones of the template that it scales, and how long it is there [m]."""
    template = skeletons.humanoid()
    scaled = {}
    for length, bones in SCALES.items():
        index = [template.index(bone) for bone in bones]
        rest = float(np.linalg.norm(template.offsets[index].sum(axis=0) * AXES[length]))
        rest = TEMPLATE[length] if length in ENDS_ELSEWHERE else rest
        scaled[length] = (sorted({*index, *template.mirror_indices[index].tolist()}), rest)
    return scaled


def standing(skeleton: Skeleton) -> Skeleton:
    """The skeleton raised or lowered so that its rest pose stands on y = 0."""
    rest = skeleton.rest_positions
    ends = rest + np.where(np.isfinite(skeleton.tips), skeleton.tips, 0.0)
    offsets: Array = skeleton.offsets.copy()
    offsets[0, 1] -= min(rest[:, 1].min(), ends[:, 1].min())
    return skeleton.replace(offsets=offsets)
