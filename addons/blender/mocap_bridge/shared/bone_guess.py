"""Which bones are which where no table fits: by the words in their names, or by the tree's shape.

The same rules as the capture program's `mocap.bone_map`.
"""

from __future__ import annotations

import itertools
import math
import re

from . import turns
from .bones import ARM, FINGERS, LEG, SIDES, Pairs, ancestors, meeting, with_torso
from .skeleton import Skeleton, rest_positions
from .turns import Vec

# What a name without its side says; the first that matches counts. A "?" marks words that
# different worlds use for different bones.
WORDS = tuple(
    (part, re.compile(pattern))
    for part, pattern in {
        "": "twist|(?<!cont)roll|share|helper|adjust|nub|site|goal|pole|socket|breast|buttock|rib"
        "|heel|tip$|end$|headtop|forehead|eyelid|eyebrow|(?:big|index|mid|ring|pinky|little)toe",
        "Toes": "toe|forefoot|^ball",
        "Thumb": "thumb",
        "Index": "index",
        "Middle": "mid",
        "Ring": "ring",
        "Little": "pinky|little",
        "Foot": "foot|ankle",
        "Hand": "hand|wrist",
        "LowerArm": "forearm|lowerarm|lowarm|elbow|radius",
        "UpperArm": "upperarm|uparm|shldr|humerus|bicep",
        "Shoulder": "collar|clavicle|scapula",
        "shoulder?": "shoulder",
        "arm?": "arm",
        "UpperLeg": "thigh|upleg|upperleg|femur",
        "LowerLeg": "shin|calf|lowerleg|lowleg|knee|tibia",
        "hip?": "hip",
        "leg?": "leg",
        "Eye": "eye",
        "jaw": "jaw",
        "neck": "neck",
        "head": "head|skull",
    }.items()
)
SIDE_WORDS = {"l": "left", "left": "left", "r": "right", "right": "right"}


def from_names(skeleton: Skeleton) -> Pairs:
    """Human bones by the words in the names, the torso by the tree; not always all of them."""
    said: dict[tuple[str, str], list[str]] = {}
    for bone in skeleton.names:
        side, part = _told(bone)
        if part:
            said.setdefault((side, part), []).append(bone)
    pairs = {part: said["", part][0] for part in ("neck", "head", "jaw") if ("", part) in said}
    for side in SIDES:
        has = {part: bones for (s, part), bones in said.items() if s == side}
        _settle(has, "leg?", "LowerLeg" if "UpperLeg" in has or "hip?" in has else "UpperLeg")
        _settle(has, "hip?", "UpperLeg")
        _settle(has, "arm?", "UpperArm")
        _settle(has, "shoulder?", "Shoulder" if "UpperArm" in has else "UpperArm")
        pairs.update({side + p: has[p][0] for p in (*LEG, *ARM, "Eye") if p in has})
        for finger, parts in FINGERS.items():
            # of four bones the first is the metacarpal, which VRM has in the thumb only
            bones = has.get(finger, [])[-3:]
            pairs.update(zip((side + finger + p for p in parts), bones))
    limbs = [pairs[s + p] for s in SIDES for p in ("UpperLeg", "UpperArm") if s + p in pairs]
    hips = meeting(skeleton, limbs) if len(limbs) == 4 else None
    return pairs if hips is None else with_torso({"hips": hips, **pairs}, skeleton)


def _told(name: str) -> tuple[str, str]:
    """Side ("left", "right" or "") and part (a key of WORDS or "") that a bone's name tells."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", re.split(r"[:|]", name)[-1])
    words = [w.lower() for w in words]
    side = next((SIDE_WORDS[w] for w in words if w in SIDE_WORDS), "")
    rest = "".join(w for w in words if w not in SIDE_WORDS)
    glued = None if side else re.match(r"(left|right)(.+)|(.+)(left|right)$", rest)
    if glued:
        side = glued[1] or glued[4]
        rest = glued[2] or glued[3]
    elif not side and rest[:1] in ("l", "r") and _is_word(rest[1:].rstrip("0123456789")):
        side, rest = SIDE_WORDS[rest[0]], rest[1:]  # "lshldr"
    return side, next((part for part, pattern in WORDS if pattern.search(rest)), "")


def _is_word(text: str) -> bool:
    return any(part and pattern.fullmatch(text) for part, pattern in WORDS)


def _settle(has: dict[str, list[str]], word: str, part: str) -> None:
    """An ambiguous word becomes `part` unless a clearer name has that already."""
    if word in has:
        has.setdefault(part, has[word])


def from_shape(skeleton: Skeleton) -> Pairs:
    """Human bones by the tree and its lengths, for names that tell nothing; empty if it fails.

    The two forks with the longest pair of equal limbs are the legs' and the arms'. In a limb the
    two longest neighbours are thigh and shin, or upper arm and forearm. Left is told by the toes
    of a body that stands on its feet, and is +X where there are none.
    """
    children: list[list[int]] = [[] for _ in skeleton.names]
    for bone, parent in enumerate(skeleton.parents):
        if parent >= 0:
            children[parent].append(bone)
    lines, lengths = _limbs(skeleton, children)
    forks: list[tuple[float, int, tuple[int, int]]] = []
    for bone, kids in enumerate(children):
        for a, b in itertools.combinations(kids, 2):
            shorter, longer = sorted((lengths[a], lengths[b]))
            if len(lines[a]) == len(lines[b]) >= 3 and shorter > 0.9 * longer:
                forks.append((shorter, bone, (a, b)))
    forks.sort(reverse=True)
    forks = [f for i, f in enumerate(forks) if f[1] not in [g[1] for g in forks[:i]]][:2]
    names = skeleton.names
    hips = meeting(skeleton, [names[f[1]] for f in forks]) if len(forks) == 2 else None
    if hips is None:
        return {}
    # the legs part above the arms in the tree, or where the tree begins above both, at the
    # fork with nothing else on it
    if hips in (names[forks[0][1]], names[forks[1][1]]):
        forks.sort(key=lambda f: len(ancestors(skeleton, names[f[1]])))
    else:
        forks.sort(key=lambda f: len(children[f[1]]))
    (_, _, legs), (_, arm_fork, arms) = forks
    at = rest_positions(skeleton.parents, skeleton.offsets)
    leg = [_bend(skeleton, lines[k]) for k in legs]
    arm = [_bend(skeleton, lines[k]) for k in arms]
    left = _left(skeleton, at, [line[i + 2 :] for i, line in leg], at[arm_fork])
    pairs = {"hips": hips}
    for parts, limbs, before in ((LEG, leg, 0), (ARM, arm, 1)):
        limbs.sort(key=lambda limb: turns.dot(at[limb[1][limb[0] + 2]], left), reverse=True)
        for side, (start, line) in zip(SIDES, limbs):
            for part, i in zip(parts, range(start - before, len(line))):
                if i >= 0:
                    pairs[side + part] = names[line[i]]
    others = [k for k in children[arm_fork] if k not in arms]
    if others:
        above = lines[max(others, key=lambda k: lengths[k])]
        # the head is where a face begins, if there is one
        pairs["head"] = names[next((b for b in above if len(children[b]) > 1), above[-1])]
    return with_torso(pairs, skeleton)


def _limbs(skeleton: Skeleton, children: list[list[int]]) -> tuple[list[list[int]], list[float]]:
    """For each bone the longest line of bones down from it, and that line's length from the
    bone's parent on."""
    lines = [[i] for i in range(len(skeleton.names))]
    lengths = [turns.length(offset) for offset in skeleton.offsets]
    for i in reversed(range(len(lines))):
        if children[i]:
            longest = max(children[i], key=lambda k: lengths[k])
            lines[i] += lines[longest]
            lengths[i] += lengths[longest]
    return lines, lengths


def _bend(skeleton: Skeleton, line: list[int]) -> tuple[int, list[int]]:
    """Where in a line of bones the two longest neighbours begin, and the line."""
    steps = [turns.length(skeleton.offsets[i]) for i in line[1:]]
    pairs = [a + b for a, b in zip(steps, steps[1:])]
    return pairs.index(max(pairs)), line


def _left(skeleton: Skeleton, at: list[Vec], feet: list[list[int]], top: Vec) -> Vec:
    """Direction of the left of a body with these feet (each from the ankle on)."""
    forward, up = [0.0, 0.0, 0.0], list(top)
    for foot in feet:
        tip = _tip(skeleton, foot[-1])
        for k, (ankle, end) in enumerate(zip(at[foot[0]], at[foot[-1]])):
            forward[k] += end - ankle + tip[k]
            up[k] -= ankle / len(feet)
    left = turns.cross(up, forward)
    return left if any(left) else (1.0, 0.0, 0.0)


def _tip(skeleton: Skeleton, bone: int) -> Vec:
    """Where a bone ends, in the bone; where it begins if that is not known (None or NaN)."""
    tip = skeleton.tips[bone]
    return (0.0, 0.0, 0.0) if tip is None or not all(map(math.isfinite, tip)) else tip
