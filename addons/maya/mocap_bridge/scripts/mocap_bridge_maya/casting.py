"""Who plays whom: the clips of a take given to the characters of a scene."""

from __future__ import annotations

from typing import Sequence

from . import rig
from .live import Session
from .shared import casting
from .shared.clip import Clip
from .shared.errors import RigError, TakeError
from .shared.words import people


def cast(session: Session, clips: Sequence[Clip]) -> tuple[list[tuple[rig.Rigged, Clip]], str]:
    """Give clips to the characters of a scene, as `shared.casting` does.

    Returns:
        Pairs of rigs and clips, and a sentence about who was left out ("" for nobody).

    Raises:
        TakeError: there is no character, or a rig that cannot be used.
    """
    there = [one for one in session.characters() if one.enabled]
    if not there:
        raise TakeError(f"no character follows {people(clips)}: add one")
    found, alone = casting.cast(there, clips)
    pairs = []
    for character, clip in found:
        try:
            pairs.append((session.rigged_of(character, clip.skeleton), clip))
        except RigError as error:
            name = session.scene.name_of(character.node)
            raise TakeError(f"{name}: {error}") from None
    return pairs, alone


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
