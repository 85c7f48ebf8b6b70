"""Bone lengths: what to expect before the fit, and the skeleton that has those it found."""

from __future__ import annotations

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

# which offsets of the humanoid (of the left side or the middle) each length scales
SCALES: dict[str, tuple[str, ...]] = {
    "hip": ("UpperLeg",),
    "spine": ("spine", "chest", "upperChest"),
    "clavicle": ("Shoulder", "UpperArm"),
    "head": ("neck", "head"),
    "upper_arm": ("LowerArm",),
    "forearm": ("Hand",),
    "thigh": ("LowerLeg",),
    "shin": ("Foot",),
    "toe": ("Toes",),
}


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
    size = float(np.median([found[name] / TEMPLATE[name] for name in COMPARABLE]))
    factors = np.full(len(template), size)
    for length, bones in SCALES.items():
        names = [b if b in template else f"left{b}" for b in bones]
        index = [template.index(name) for name in names]
        reach = float(np.linalg.norm(template.offsets[index].sum(axis=0)))
        if length == "spine":  # up to the line between the shoulders, which goes with the chest
            lift = template.offsets[template.index("leftShoulder"), 1]
            factors[index] = (found["spine"] - lift * size) / reach
        elif length == "head":
            factors[index] = found["head"] / TEMPLATE["head"]
        elif length == "toe":  # the estimator's toe is a point on the shoe's tip
            factors[index] = found["toe"] / TEMPLATE["toe"]
        elif length == "clavicle":
            factors[index] = found["clavicle"] / template.offsets[index, 0].sum()
        else:
            factors[index] = found[length] / reach
    factors = (factors + 0 * factors)[:]
    pairs = template.mirror_indices
    left = np.array([name.startswith("left") for name in template.names])
    factors[pairs[left]] = factors[left]
    # shoulders rise with the size of the body, not with their breadth
    offsets = template.offsets * factors[:, None]
    for side in ("left", "right"):
        offsets[template.index(f"{side}Shoulder"), 1] = (
            template.offsets[template.index(f"{side}Shoulder"), 1] * size
        )
    return standing(template.replace(offsets=offsets, tips=template.tips * size))


def standing(skeleton: Skeleton) -> Skeleton:
    """The skeleton raised or lowered so that its rest pose stands on y = 0."""
    rest = skeleton.rest_positions
    ends = rest + np.where(np.isfinite(skeleton.tips), skeleton.tips, 0.0)
    offsets: Array = skeleton.offsets.copy()
    offsets[0, 1] -= min(rest[:, 1].min(), ends[:, 1].min())
    return skeleton.replace(offsets=offsets)
