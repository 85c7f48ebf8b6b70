"""Choices of bones, as users write them: `upper`, `all-legs`, `head+leftHand`."""

from __future__ import annotations

import re

from mocap.bone_map import ARM, BODY, BONES, FINGERS, LEG, SIDES, TORSO
from mocap.errors import InvalidValue, UnknownName

_FINGERS = {side + name + part for side in SIDES for name, ps in FINGERS.items() for part in ps}
_ARMS = {side + part for side in SIDES for part in ARM} | _FINGERS
_LEGS = {side + part for side in SIDES for part in LEG}
_HEAD = {"neck", "head", "leftEye", "rightEye", "jaw"}

GROUPS: dict[str, frozenset[str]] = {
    "all": frozenset(BONES),
    "upper": frozenset({*TORSO, *_HEAD, *_ARMS}),  # all above the hips
    "lower": frozenset({"hips", *_LEGS}),
    "torso": frozenset({"hips", *TORSO}),
    "head": frozenset(_HEAD),
    "arms": frozenset(_ARMS),
    "fingers": frozenset(_FINGERS),
    "legs": frozenset(_LEGS),
}
_TERM = re.compile(r"\s*([+-]?)\s*([^\s+-]+)\s*")


def chosen(text: str) -> frozenset[str]:
    """The human bones (VRM 1.0 names) that a text names.

    Groups and bones, from left to right, joined by `+` and `-`; `head` is the group, that is the
    neck, too. A text that begins with `-` begins with all.

    Raises:
        UnknownName: neither a group nor a bone.
        InvalidValue: not of this form, or nothing is left.
    """
    bones = set(GROUPS["all"]) if text.strip().startswith("-") else set()
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None or (at > 0 and not term[1]):
            raise InvalidValue(
                f"bones: expected names joined by + and -, as upper-neck, got {text!r}"
            )
        sign, name = term.groups()
        group = GROUPS.get(name) or {name}
        if not group <= GROUPS["all"]:
            raise UnknownName("bones", name, {*GROUPS, *BODY})
        bones = bones - group if sign == "-" else bones | group
        at = term.end()
    if not bones:
        raise InvalidValue(f"bones: {text!r} leaves none")
    return frozenset(bones)
