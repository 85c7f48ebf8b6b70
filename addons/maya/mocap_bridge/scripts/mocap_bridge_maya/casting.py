"""Who plays whom: the clips of a take given to the characters of a scene."""

from __future__ import annotations

from typing import Sequence

from . import rig
from .live import Session
from .shared.clip import Clip
from .shared.errors import RigError, TakeError
from .shared.words import people


def cast(session: Session, clips: Sequence[Clip]) -> tuple[list[tuple[rig.Rigged, Clip]], str]:
    """Give clips to the characters of a scene, by the numbers of the people.

    A single clip and a single character belong together whatever their numbers; and if no number
    fits, characters and people are taken in their order.

    Returns:
        Pairs of rigs and clips, and a sentence about who was left out ("" for nobody).

    Raises:
        TakeError: there is no character, or a rig that cannot be used.
    """
    there = [one for one in session.characters() if one.enabled]
    if not there:
        raise TakeError(f"no character follows {people(clips)}: add one")
    by_person = {clip.person: clip for clip in clips}
    found = [(one, by_person[one.person]) for one in there if one.person in by_person]
    if not found:
        found = list(zip(there, clips))
    pairs = []
    for character, clip in found:
        try:
            pairs.append((session.rigged_of(character, clip.skeleton), clip))
        except RigError as error:
            name = session.scene.name_of(character.node)
            raise TakeError(f"{name}: {error}") from None
    used = {clip.person for _, clip in found}
    alone = [clip for clip in clips if clip.person not in used]
    return pairs, f"{people(alone)} had no character" if alone else ""


def onto_selected(
    session: Session, clips: Sequence[Clip]
) -> tuple[list[tuple[rig.Rigged, Clip]], str]:
    """The first clip for the rig that is selected, which need not be a character.

    Raises:
        TakeError: nothing is selected, or a rig that cannot be used.
    """
    scene = session.scene
    found = scene.roots(selected=True)
    if not found:
        raise TakeError("select a joint of a rig first, or import onto new skeletons")
    own = [one for one in session.characters() if one.node == found[0]]
    try:
        if own:
            rigged = session.rigged_of(own[0], clips[0].skeleton)
        else:
            settings = rig.Settings(pairs=tuple(rig.map_of(scene, found[0]).pairs.items()))
            rigged = rig.Rigged(scene, found[0], clips[0].skeleton, settings)
    except RigError as error:
        raise TakeError(f"{scene.name_of(found[0])}: {error}") from None
    return [(rigged, clips[0])], f"{people(clips[1:])} had no rig" if clips[1:] else ""
