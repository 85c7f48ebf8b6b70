"""The human bones, and how they hang together in the tree of a rig.

They have VRM 1.0 names (`leftUpperArm`, `hips`, ...); pairs say which bone of a rig plays which.
"""

from __future__ import annotations

import re
from typing import Dict, Sequence

from .skeleton import Skeleton

SIDES = ("left", "right")
TORSO = ("spine", "chest", "upperChest")
LEG = ("UpperLeg", "LowerLeg", "Foot", "Toes")
ARM = ("Shoulder", "UpperArm", "LowerArm", "Hand")
FINGERS = {
    "Thumb": ("Metacarpal", "Proximal", "Distal"),
    **{f: ("Proximal", "Intermediate", "Distal") for f in ("Index", "Middle", "Ring", "Little")},
}
CHAINS: tuple[tuple[str, ...], ...] = (
    ("hips", *TORSO, "neck", "head"),
    *(("hips", *(side + part for part in LEG)) for side in SIDES),
    *(("hips", *(side + part for part in ARM)) for side in SIDES),
)
BODY = tuple(dict.fromkeys(bone for chain in CHAINS for bone in chain))
BONES = (
    *BODY,
    *("leftEye", "rightEye", "jaw"),
    *(s + f + part for s in SIDES for f, parts in FINGERS.items() for part in parts),
)
REQUIRED = tuple(b for b in BODY if b == "hips" or re.search("Upper(Leg|Arm)|Lower|Foot|Hand", b))
FEET = tuple(side + part for side in SIDES for part in ("Foot", "Toes"))
Pairs = Dict[str, str]


def ancestors(skeleton: Skeleton, bone: str) -> list[str]:
    """A bone and those above it, upwards."""
    line, i = [], skeleton.names.index(bone)
    while i >= 0:
        line.append(skeleton.names[i])
        i = skeleton.parents[i]
    return line


def meeting(skeleton: Skeleton, bones: Sequence[str]) -> str | None:
    """The lowest bone that carries all of `bones`; None where they hang on several roots."""
    lines = [ancestors(skeleton, bone) for bone in bones]
    return next((b for b in lines[0] if all(b in line for line in lines)), None)


def sound(pairs: Pairs, skeleton: Skeleton) -> bool:
    """Nothing required is missing, no bone is used twice, and every chain runs down the tree."""
    if any(bone not in pairs for bone in REQUIRED) or len(set(pairs.values())) < len(pairs):
        return False
    for chain in CHAINS:
        bones = [pairs[b] for b in chain if b in pairs]
        if any(a not in ancestors(skeleton, b) for a, b in zip(bones, bones[1:])):
            return False
    return True


def with_torso(pairs: Pairs, skeleton: Skeleton) -> Pairs:
    """`pairs` with the torso as the tree has it: the bones from the hips to where the arms part.

    Of more than three, the first, the middle and the last. A neck is looked for between the
    torso and the head where no name told.
    """
    arms = [pairs.get(s + "Shoulder", pairs[s + "UpperArm"]) for s in SIDES]
    top = meeting(skeleton, arms)
    line = ancestors(skeleton, top)[::-1] if top else []
    if pairs["hips"] not in line:
        return pairs
    above = {pairs[b] for b in ("neck", "head") if b in pairs}
    torso = [b for b in line[line.index(pairs["hips"]) + 1 :] if b not in above]
    if len(torso) > 3:
        torso = [torso[0], torso[(len(torso) - 1) // 2], torso[-1]]
    pairs = {human: bone for human, bone in pairs.items() if human not in TORSO}
    pairs.update(zip(TORSO, torso))
    if torso and "head" in pairs and "neck" not in pairs:
        line = ancestors(skeleton, pairs["head"])
        if torso[-1] in line[2:]:
            pairs["neck"] = line[line.index(torso[-1]) - 1]
    return pairs
