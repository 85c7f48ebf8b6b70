"""Who plays whom: people given to the characters of a scene, which are whatever a host has."""

from __future__ import annotations

from typing import Any, Iterable, Sequence, TypeVar

from .words import people

Character = TypeVar("Character", bound=Any)  # each has a number, `person`
Clip = TypeVar("Clip", bound=Any)  # the same


def cast(
    characters: Sequence[Character], clips: Sequence[Clip]
) -> tuple[list[tuple[Character, Clip]], str]:
    """Give clips to characters by the numbers of the people.

    A single clip and a single character belong together whatever their numbers; and if no number
    fits, characters and people are taken in their order.

    Returns:
        Pairs of a character and its clip, and a sentence about who was left out ("" for nobody).
    """
    by_person = {clip.person: clip for clip in clips}
    found = [(one, by_person[one.person]) for one in characters if one.person in by_person]
    if not found:
        found = list(zip(characters, clips))
    used = {clip.person for _, clip in found}
    alone = [clip for clip in clips if clip.person not in used]
    return found, f"{people(alone)} had no character" if alone else ""


def next_person(characters: Iterable[Any], on_stage: Iterable[int]) -> int:
    """Whom a new character follows: somebody on stage whom no other does, else somebody on stage,
    else a number not in use.

    Args:
        characters: those that there are; each has a number, `person`.
        on_stage: numbers of the people who are seen.
    """
    taken = {one.person for one in characters}
    here = list(on_stage)
    free = [person for person in here if person not in taken]
    unused = next(n for n in range(len(taken) + 1) if n not in taken)
    return next(iter(free or here), unused)
