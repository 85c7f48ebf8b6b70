"""The characters of a scene: which person each rig follows, and how.

They are kept as JSON in the one text that a scene remembers, so they are saved and undone with it.
What is broken in that text counts for nothing: another version may have written it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Sequence

from . import rig
from .scene import Node, Scene
from .shared.errors import RigError

MOST = 1000.0  # of a factor


class Character(NamedTuple):
    """A rig that follows a person.

    Attributes:
        node: first joint of the rig.
        person: number of whom it follows.
        enabled: whether it does at all.
        settings: how.
    """

    node: Node
    person: int
    enabled: bool
    settings: rig.Settings


def dumps(characters: Sequence[Character]) -> str:
    """The text of some characters."""
    told = [
        {
            "node": one.node,
            "person": one.person,
            "enabled": one.enabled,
            "bones": dict(one.settings.pairs),
            "scale": one.settings.scale,
            "factor": one.settings.factor,
            "root": one.settings.root,
            "in_place": one.settings.in_place,
        }
        for one in characters
    ]
    return json.dumps({"characters": told}, separators=(",", ":"))


def loads(text: str) -> list[Character]:
    """The characters of a text, those that are not broken."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return []
    entries = told.get("characters") if isinstance(told, dict) else None
    found = [_loaded(entry) for entry in entries] if isinstance(entries, list) else []
    return [one for one in found if one is not None]


def _loaded(told: Any) -> Character | None:
    try:
        node, person, factor = told["node"], int(told["person"]), float(told["factor"])
        pairs = tuple((str(human), str(joint)) for human, joint in told["bones"].items() if joint)
        scale, root = told["scale"], told["root"]
        in_place, enabled = bool(told["in_place"]), bool(told["enabled"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    known = isinstance(node, str) and scale in rig.SCALES and root in rig.ROOTS
    if not known or not 0.0 < factor <= MOST:
        return None
    return Character(node, person, enabled, rig.Settings(pairs, scale, factor, root, in_place))


def there(scene: Scene, known: Sequence[Character]) -> list[Character]:
    """Those whose rigs are in the scene."""
    return [one for one in known if scene.exists(one.node)]


def keep(scene: Scene, known: Sequence[Character], character: Character) -> None:
    """Write a character, in the place of the one with the same rig or behind all."""
    changed = [character if one.node == character.node else one for one in there(scene, known)]
    if all(one.node != character.node for one in changed):
        changed.append(character)
    scene.remember(dumps(changed))


def remove(scene: Scene, known: Sequence[Character], node: Node) -> None:
    """A rig is no character any more."""
    scene.remember(dumps([one for one in there(scene, known) if one.node != node]))


def of(known: Sequence[Character], node: Node) -> Character:
    """The character of a rig. Raises RigError."""
    for one in known:
        if one.node == node:
            return one
    raise RigError("that character is gone")
