"""Which bone of a rig plays which bone of a human: tables for known rigs, a guess for others.

A map is a dict of human bone to bone; the tables are the JSON files that the capture program uses
too, and `detect` finds what its `mocap.bone_map` finds. It tries, in this order: the tables; the
words and the side in the bones' names; the shape of the tree. The torso is always read off the
tree, because rigs number their spines freely.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Sequence

from . import bone_guess
from .bones import BODY, BONES, REQUIRED, TORSO, Pairs, sound, with_torso
from .errors import RigError
from .skeleton import Skeleton

# beside the package of a host or above it, and in a checkout or installation of the project
PLACES = ("data/bone_maps", "mocap/data/bone_maps")


@dataclass(frozen=True, eq=False)
class BoneMap:
    """The names a world has for the human bones.

    Attributes:
        name: what the map is called.
        pairs: human bone to bone of the rig; no bone twice.
        prefixes: what its bones' names may begin with, besides any digits that follow.
        rest: the rest pose usual in that world, "T" or "A", None where it varies; for readers.
        description: one line, for people.
    """

    name: str
    pairs: Pairs
    prefixes: tuple[str, ...] = ()
    rest: str | None = None
    description: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.pairs) - set(BONES))
        if unknown:
            raise RigError(
                f"bone map {self.name}: {', '.join(unknown)}: no human bones; "
                f"known: {', '.join(BONES)}"
            )
        names = list(self.pairs.values())
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise RigError(f"bone map {self.name}: used twice: {', '.join(twice)}")
        if self.rest not in ("T", "A", None):
            raise RigError(f"bone map {self.name}: rest is T, A or null, got {self.rest!r}")

    def fit(self, names: Sequence[str]) -> BoneMap:
        """The map with the bones as `names` spell them, without those that are not there.

        Case, separators, the map's prefixes and a namespace ("rig:") do not matter; a bone of
        exactly the wanted name goes before one that is only alike.
        """
        like: Pairs = {}
        for bone in names:
            like.setdefault(plain(bone, self.prefixes), bone)
        has = set(names)
        found = {
            human: bone if bone in has else like.get(plain(bone, self.prefixes))
            for human, bone in self.pairs.items()
        }
        return replace(self, pairs={human: bone for human, bone in found.items() if bone})

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, as `from_dict` reads it."""
        return {
            "name": self.name,
            "description": self.description,
            "prefixes": list(self.prefixes),
            "rest": self.rest,
            "bones": dict(self.pairs),
        }


def from_dict(told: Any) -> BoneMap:
    """A map of its JSON form, `{"name": ..., "bones": {human bone: bone, ...}}` and optionally
    "description", "prefixes" and "rest". Raises RigError."""
    try:
        pairs = {str(human): str(bone) for human, bone in told["bones"].items()}
        prefixes = tuple(str(p) for p in told.get("prefixes", ()))
        name, text = str(told.get("name", "bones")), str(told.get("description", ""))
        return BoneMap(name, pairs, prefixes, told.get("rest"), text)
    except (KeyError, TypeError, AttributeError):
        message = 'expected a bone map, {"name": ..., "bones": {human bone: bone, ...}}'
        raise RigError(message) from None


def read(path: str) -> BoneMap:
    """A map from a JSON file. Raises RigError."""
    try:
        return from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise RigError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise RigError(f"{path} is not JSON: {error}") from None
    except RigError as error:
        raise RigError(f"{path}: {error}") from None


def write(bone_map: BoneMap, path: str) -> None:
    """A map to a JSON file that `read` and the capture program read. Raises RigError."""
    text = json.dumps(bone_map.to_dict(), indent=2, ensure_ascii=False) + "\n"
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RigError(f"cannot write {path}: {error.strerror}") from None


@lru_cache(maxsize=1)
def tables() -> dict[str, BoneMap]:
    """The maps that come along, by name. Raises RigError where the add-on lacks them."""
    above = Path(__file__).resolve().parents
    places = [folder / place for folder in above for place in PLACES]
    folder = next((place for place in places if place.is_dir()), None)
    if folder is None:
        wanted = above[1] / PLACES[0]
        raise RigError(f"the add-on is not complete: there is no {wanted}; install it again")
    return {path.stem: read(str(path)) for path in sorted(folder.glob("*.json"))}


def detect(skeleton: Skeleton) -> BoneMap:
    """The map of a skeleton of unknown origin.

    Args:
        skeleton: anything with its names, parents, offsets and tips; parents come first, but
            there may be several roots.

    Raises:
        RigError: not even hips, arms and legs could be made out; says what is missing.
    """
    guess = bone_guess.from_names(skeleton)
    fits = [table.fit(skeleton.names) for table in tables().values()]
    fits = [fit for fit in fits if sound(fit.pairs, skeleton)]
    if fits:
        best = max(fits, key=lambda fit: _score(fit, skeleton))
        used = set(best.pairs.values())
        more = {h: b for h, b in guess.items() if h in BODY and b not in used}
        full = with_torso({**more, **best.pairs}, skeleton)
        return replace(best, pairs=full) if sound(full, skeleton) else best
    if sound(guess, skeleton):
        return BoneMap("names", guess, description="guessed from the bones' names")
    shape = bone_guess.from_shape(skeleton)
    if sound(shape, skeleton):
        return BoneMap("shape", shape, description="guessed from the tree's shape")
    missing = [bone for bone in REQUIRED if bone not in guess]
    lacks = f"found no {', '.join(missing)}" if missing else "its limbs do not hang on its hips"
    raise RigError(f"cannot tell which bones are which: {lacks}; fill in the bone list by hand")


def plain(name: str, prefixes: Sequence[str] = ()) -> str:
    """A name reduced to what tables compare: no namespace, case, separators or prefix."""
    short = _letters(re.split(r"[:|]", name)[-1])
    for prefix in map(_letters, prefixes):
        if short.startswith(prefix):
            return short[len(prefix) :].lstrip("0123456789") or short
    return short


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _score(fit: BoneMap, skeleton: Skeleton) -> tuple[int, int, int, int]:
    """The more of the body, of the torso as the tree has it, of the rest, and of names to the
    letter, the better."""
    torso = with_torso(dict(fit.pairs), skeleton)
    agree = sum(fit.pairs.get(b) == torso.get(b) for b in TORSO)
    verbatim = set(tables()[fit.name].pairs.values()) & set(skeleton.names)
    return sum(b in BODY for b in fit.pairs), agree, len(fit.pairs), len(verbatim)
