"""Which bone of a skeleton is which bone of a human: tables for known rigs, a guess for others.

The human bones are named as in VRM 1.0 (`leftUpperArm`, `hips`, ...). `detect` tries, in this
order: the tables of mocap/data/bone_maps; the words and the side in the bones' names; the shape
of the tree. The torso is always read off the tree, because rigs number their spines freely.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array
from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.skeleton import Skeleton

FOLDER = Path(__file__).parent / "data" / "bone_maps"

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


@dataclass(frozen=True, eq=False)
class BoneMap:
    """The names a world has for the human bones.

    Attributes:
        name: what the map is called.
        pairs: human bone (VRM 1.0 name) to bone of the other skeleton; no bone twice.
        prefixes: what its bones' names may begin with, besides any digits that follow.
        rest: the rest pose usual in that world, "T" or "A", None where it varies; for readers.
        description: one line, for people.
    """

    name: str
    pairs: Mapping[str, str]
    prefixes: tuple[str, ...] = field(default=())
    rest: str | None = None
    description: str = ""

    def __post_init__(self) -> None:
        pairs = dict(self.pairs)
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "prefixes", tuple(self.prefixes))
        if unknown := sorted(set(pairs) - set(BONES)):
            raise InvalidValue(
                f"bone map {self.name}: {unknown} are not human bones; known: {', '.join(BONES)}"
            )
        names = list(pairs.values())
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise InvalidValue(f"bone map {self.name}: every bone may be used once; twice: {twice}")
        if self.rest not in ("T", "A", None):
            raise InvalidValue(f"bone map {self.name}: rest is 'T', 'A' or None, got {self.rest!r}")

    def fit(self, skeleton: Skeleton) -> BoneMap:
        """The map with the names as `skeleton` spells them, without the bones it lacks.

        Case, separators, the map's prefixes and a namespace ("rig:") do not matter; a bone of
        exactly the wanted name goes before one that is only alike.
        """
        like: dict[str, str] = {}
        for bone in skeleton.names:
            like.setdefault(_plain(bone, self.prefixes), bone)
        found = {
            human: bone if bone in skeleton else like.get(_plain(bone, self.prefixes))
            for human, bone in self.pairs.items()
        }
        return self.with_pairs({human: bone for human, bone in found.items() if bone})

    def with_pairs(self, pairs: Mapping[str, str]) -> BoneMap:
        """The same map with other pairs."""
        return BoneMap(self.name, pairs, self.prefixes, self.rest, self.description)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, as `load` reads it."""
        return {
            "name": self.name,
            "description": self.description,
            "prefixes": list(self.prefixes),
            "rest": self.rest,
            "bones": dict(self.pairs),
        }


def names() -> list[str]:
    """Names of the maps that come with the package."""
    return sorted(f.stem for f in FOLDER.glob("*.json"))


@cache
def by_name(name: str) -> BoneMap:
    """A map that comes with the package. Raises UnknownName."""
    if name not in names():
        raise UnknownName("bone map", name, names())
    return load(FOLDER / f"{name}.json")


def load(path: str | Path) -> BoneMap:
    """A map from a JSON file. Raises FormatError.

    `{"name": ..., "bones": {human bone: bone, ...}}` and optionally "description", "prefixes"
    and "rest"; see `BoneMap`.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        bones = {str(human): str(bone) for human, bone in data["bones"].items()}
        prefixes = tuple(str(p) for p in data.get("prefixes", ()))
        text = str(data.get("description", ""))
        return BoneMap(str(data.get("name", "bones")), bones, prefixes, data.get("rest"), text)
    except OSError as error:
        raise FormatError(f"cannot read the bone map: {error.strerror}", path=path) from None
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", path=path, line=error.lineno) from None
    except InvalidValue as error:
        raise FormatError(str(error), path=path) from None
    except (KeyError, TypeError, AttributeError):
        message = 'expected {"name": ..., "bones": {human bone: bone, ...}}'
        raise FormatError(message, path=path) from None


def detect(skeleton: Skeleton) -> BoneMap:
    """The map of a skeleton of unknown origin.

    Raises:
        InvalidValue: not even hips, arms and legs could be made out; says what is missing.
    """
    guess = BoneMap("names", _from_names(skeleton), description="guessed from the bones' names")
    fits = [fit for fit in (by_name(n).fit(skeleton) for n in names()) if _sound(fit, skeleton)]
    if fits:
        best = max(fits, key=lambda fit: _score(fit, skeleton))
        used = set(best.pairs.values())
        more = {h: b for h, b in guess.pairs.items() if h in BODY and b not in used}
        full = best.with_pairs(_with_torso({**more, **best.pairs}, skeleton))
        return full if _sound(full, skeleton) else best
    if _sound(guess, skeleton):
        return guess
    shape = BoneMap("shape", _from_shape(skeleton), description="guessed from the tree's shape")
    if _sound(shape, skeleton):
        return shape
    missing = [bone for bone in REQUIRED if bone not in guess.pairs]
    lacks = f"found no {', '.join(missing)}" if missing else "its limbs do not hang on its hips"
    raise InvalidValue(
        f"cannot tell which bones of skeleton {skeleton.name} are which: {lacks} among "
        f"{', '.join(skeleton.names)}; give a bone map, a JSON file or one of {', '.join(names())}"
    )


def _plain(name: str, prefixes: Sequence[str] = ()) -> str:
    """A name reduced to what tables compare: no namespace, case, separators or prefix."""
    plain = _letters(re.split(r"[:|]", name)[-1])
    for prefix in map(_letters, prefixes):
        if plain.startswith(prefix):
            return plain[len(prefix) :].lstrip("0123456789") or plain
    return plain


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _ancestors(skeleton: Skeleton, bone: str) -> list[str]:
    """A bone and those above it, upwards."""
    line = [bone]
    while (parent := skeleton.parent(line[-1])) is not None:
        line.append(parent)
    return line


def _meeting(skeleton: Skeleton, bones: Sequence[str]) -> str:
    """The lowest bone that carries all of `bones`."""
    lines = [_ancestors(skeleton, bone) for bone in bones]
    return next(b for b in lines[0] if all(b in line for line in lines))


def _sound(fit: BoneMap, skeleton: Skeleton) -> bool:
    """Nothing required is missing and every chain runs down the tree."""
    if any(bone not in fit.pairs for bone in REQUIRED):
        return False
    for chain in CHAINS:
        bones = [fit.pairs[b] for b in chain if b in fit.pairs]
        if any(a not in _ancestors(skeleton, b) for a, b in itertools.pairwise(bones)):
            return False
    return True


def _score(fit: BoneMap, skeleton: Skeleton) -> tuple[int, int, int, int]:
    """The more of the body, of the torso as the tree has it, of the rest, and of names to the
    letter, the better."""
    torso = _with_torso(dict(fit.pairs), skeleton)
    agree = sum(fit.pairs.get(b) == torso.get(b) for b in TORSO)
    verbatim = set(by_name(fit.name).pairs.values()) & set(skeleton.names)
    return sum(b in BODY for b in fit.pairs), agree, len(fit.pairs), len(verbatim)


def _with_torso(pairs: dict[str, str], skeleton: Skeleton) -> dict[str, str]:
    """`pairs` with the torso as the tree has it: the bones from the hips to where the arms part.

    Of more than three, the first, the middle and the last. A neck is looked for between the
    torso and the head where no name told.
    """
    arms = [pairs.get(s + "Shoulder", pairs[s + "UpperArm"]) for s in SIDES]
    line = _ancestors(skeleton, _meeting(skeleton, arms))[::-1]
    if pairs["hips"] not in line:
        return pairs
    above = {pairs[b] for b in ("neck", "head") if b in pairs}
    torso = [b for b in line[line.index(pairs["hips"]) + 1 :] if b not in above]
    if len(torso) > 3:
        torso = [torso[0], torso[(len(torso) - 1) // 2], torso[-1]]
    pairs = {human: bone for human, bone in pairs.items() if human not in TORSO}
    pairs.update(zip(TORSO, torso, strict=False))
    if torso and "head" in pairs and "neck" not in pairs:
        line = _ancestors(skeleton, pairs["head"])
        if torso[-1] in line[2:]:
            pairs["neck"] = line[line.index(torso[-1]) - 1]
    return pairs


# --- by name -------------------------------------------------------------------------------

# What a name without its side says; the first that matches counts. A "?" marks words that
# different worlds use for different bones.
_WORDS = tuple(
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
_SIDE_WORDS = {"l": "left", "left": "left", "r": "right", "right": "right"}


def _read(name: str) -> tuple[str, str]:
    """Side ("left", "right" or "") and part (a key of _WORDS or "") that a bone's name tells."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", re.split(r"[:|]", name)[-1])
    words = [w.lower() for w in words]
    side = next((_SIDE_WORDS[w] for w in words if w in _SIDE_WORDS), "")
    rest = "".join(w for w in words if w not in _SIDE_WORDS)
    if not side and (glued := re.match(r"(left|right)(.+)|(.+)(left|right)$", rest)):
        side = glued[1] or glued[4]
        rest = glued[2] or glued[3]
    elif not side and rest[:1] in ("l", "r") and _is_word(rest[1:].rstrip("0123456789")):
        side, rest = _SIDE_WORDS[rest[0]], rest[1:]  # "lshldr"
    return side, next((part for part, pattern in _WORDS if pattern.search(rest)), "")


def _is_word(text: str) -> bool:
    return any(part and pattern.fullmatch(text) for part, pattern in _WORDS)


def _from_names(skeleton: Skeleton) -> dict[str, str]:
    """Human bones by the words in the names, the torso by the tree."""
    said: dict[tuple[str, str], list[str]] = {}
    for bone in skeleton.names:
        side, part = _read(bone)
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
            pairs.update(zip((side + finger + p for p in parts), bones, strict=False))
    limbs = [pairs[s + p] for s in SIDES for p in ("UpperLeg", "UpperArm") if s + p in pairs]
    if len(limbs) < 4:
        return pairs
    return _with_torso({"hips": _meeting(skeleton, limbs), **pairs}, skeleton)


def _settle(has: dict[str, list[str]], word: str, part: str) -> None:
    """An ambiguous word becomes `part` unless a clearer name has that already."""
    if word in has:
        has.setdefault(part, has[word])


# --- by shape ------------------------------------------------------------------------------


def _from_shape(skeleton: Skeleton) -> dict[str, str]:
    """Human bones by the tree and its lengths, for names that tell nothing.

    The two forks with the longest pair of equal limbs are the legs' and the arms'. In a limb the
    two longest neighbours are thigh and shin, or upper arm and forearm. Left is told by the toes
    of a body that stands on its feet, and is +X where there are none.
    """
    lines, lengths = _limbs(skeleton)
    forks: list[tuple[float, int, tuple[int, int]]] = []
    for bone, kids in enumerate(skeleton.children):
        for a, b in itertools.combinations(kids, 2):
            shorter, longer = sorted((lengths[a], lengths[b]))
            if len(lines[a]) == len(lines[b]) >= 3 and shorter > 0.9 * longer:
                forks.append((shorter, bone, (a, b)))
    forks.sort(reverse=True)
    forks = [f for i, f in enumerate(forks) if f[1] not in [g[1] for g in forks[:i]]][:2]
    if len(forks) < 2:
        return {}
    # the legs part above the arms in the tree, or where the tree begins above both, at the
    # fork with nothing else on it
    names = skeleton.names
    below = [len(_ancestors(skeleton, names[f[1]])) for f in forks]
    hips = _meeting(skeleton, [names[f[1]] for f in forks])
    if hips in (names[forks[0][1]], names[forks[1][1]]):
        legs, arms = (f[1:] for _, f in sorted(zip(below, forks, strict=True)))
    else:
        legs, arms = (f[1:] for f in sorted(forks, key=lambda f: len(skeleton.children[f[1]])))
    at = skeleton.rest_positions
    leg = [_bend(skeleton, lines[k]) for k in legs[1]]
    arm = [_bend(skeleton, lines[k]) for k in arms[1]]
    left = _left(skeleton, at, [line[i + 2 :] for i, line in leg], at[arms[0]])
    pairs = {"hips": hips}
    for parts, limbs, before in ((LEG, leg, 0), (ARM, arm, 1)):
        limbs.sort(key=lambda limb: float(at[limb[1][limb[0] + 2]] @ left), reverse=True)
        for side, (start, line) in zip(SIDES, limbs, strict=True):
            for part, i in zip(parts, range(start - before, len(line)), strict=False):
                if i >= 0:
                    pairs[side + part] = names[line[i]]
    others = [k for k in skeleton.children[arms[0]] if k not in arms[1]]
    if others:
        above = lines[max(others, key=lambda k: lengths[k])]
        # the head is where a face begins, if there is one
        pairs["head"] = names[next((b for b in above if len(skeleton.children[b]) > 1), above[-1])]
    return _with_torso(pairs, skeleton)


def _limbs(skeleton: Skeleton) -> tuple[list[list[int]], list[float]]:
    """For each bone the longest line of bones down from it, and that line's length from the
    bone's parent on."""
    lines: list[list[int]] = [[i] for i in range(len(skeleton))]
    lengths = np.linalg.norm(skeleton.offsets, axis=-1).tolist()
    for i in reversed(range(len(skeleton))):
        if skeleton.children[i]:
            longest = max(skeleton.children[i], key=lambda k: float(lengths[k]))
            lines[i] += lines[longest]
            lengths[i] += lengths[longest]
    return lines, lengths


def _bend(skeleton: Skeleton, line: list[int]) -> tuple[int, list[int]]:
    """Where in a line of bones the two longest neighbours begin, and the line."""
    steps = np.linalg.norm(skeleton.offsets[line[1:]], axis=-1)
    return int(np.argmax(steps[:-1] + steps[1:])), line


def _left(skeleton: Skeleton, at: Array, feet: list[list[int]], top: Array) -> Array:
    """Direction of the left of a body with these feet (each from the ankle on)."""
    ends = [at[f[-1]] + np.nan_to_num(skeleton.tips[f[-1]]) for f in feet]
    forward = np.sum([end - at[f[0]] for end, f in zip(ends, feet, strict=True)], axis=0)
    left = np.cross(top - np.mean([at[f[0]] for f in feet], axis=0), forward)
    return left if left.any() else np.array([1.0, 0.0, 0.0])
