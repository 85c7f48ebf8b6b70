"""Who plays whom: the clips of a take given to the armatures of a scene."""

from . import rigs, targets
from .shared import casting
from .shared.errors import RigError, TakeError
from .shared.words import people


def cast(scene, clips):
    """Give clips to the characters of a scene, as `shared.casting` does.

    Returns:
        Pairs of rigs.Rigged and clip, and a sentence about who was left out ("" for nobody).

    Raises:
        TakeError: there is no character, none that fits, or an armature that cannot be used.
    """
    there = [item for item in scene.mocap_bridge.targets if item.enabled and item.armature]
    if not there:
        raise TakeError(f"no character follows {people(clips)}: add one under Characters")
    found, alone = casting.cast(there, clips)
    pairs, seen = [], set()
    for item, clip in found:
        if item.armature.name in seen:
            raise TakeError(f"{item.armature.name} is in the list of characters twice")
        seen.add(item.armature.name)
        pairs.append((rigged_of(item, clip), clip))
    return pairs, alone


def rigged_of(item, clip):
    """The armature of a character, made ready for a clip. Raises TakeError."""
    try:
        return targets.target_of(item, clip.skeleton)
    except RigError as error:
        raise TakeError(f"{item.armature.name}: {error}") from None


def rigged_alone(armature, clip):
    """An armature that is no character, its bones recognised, made ready for a clip.

    Raises:
        TakeError: it cannot follow; says why.
    """
    try:
        return targets.rigged_of(armature, clip.skeleton, rigs.Settings(pairs=()))
    except RigError as error:
        raise TakeError(f"{armature.name}: {error}") from None
