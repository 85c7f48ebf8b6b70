"""Names that Maya takes: letters, digits and _ without accents, no digit first, each once."""

from __future__ import annotations

import re
import unicodedata
from typing import Callable, Sequence

ILLEGAL = re.compile(r"[^A-Za-z0-9_]+")


def legal(name: str, instead: str = "joint") -> str:
    """A name that Maya takes, as near as can be to the one wanted.

    What stands before a colon is a namespace of another scene and is left out; so is a path.

    Args:
        instead: for a name of which nothing is left.
    """
    own = re.split(r"[:|]", name.rstrip(":| "))[-1]
    plain = unicodedata.normalize("NFKD", own)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    short = ILLEGAL.sub("_", plain.strip())
    if not short.strip("_"):
        short = instead
    return f"_{short}" if short[0].isdigit() else short


def unique(name: str, is_taken: Callable[[str], bool]) -> str:
    """A name that is not taken: itself, or with the first number that is free, as Maya does."""
    if not is_taken(name):
        return name
    stem = name.rstrip("0123456789") or name
    number = int(name[len(stem) :] or 0)
    while True:
        number += 1
        if not is_taken(f"{stem}{number}"):
            return f"{stem}{number}"


def joint_names(
    names: Sequence[str], is_taken: Callable[[str], bool], namespace: str = ""
) -> list[str]:
    """Names for new joints, in their order, each once among themselves and in the scene.

    Args:
        names: wanted, legal or not.
        is_taken: whether a name, with its namespace, is in the scene already.
        namespace: in which they come; "" for none.
    """
    before = f"{namespace}:" if namespace else ""
    found: list[str] = []
    used = set()
    for name in names:
        own = unique(before + legal(name), lambda n: n in used or is_taken(n))
        used.add(own)
        found.append(own)
    return found
