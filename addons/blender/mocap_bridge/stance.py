"""How a body stands, in arrays: what `shared.stance` reads, for rotations from the rest pose.

No bpy here; the symbols are those of retarget.py.
"""

from dataclasses import replace

import numpy as np

from . import turns
from .shared import stance
from .shared.stance import Stance

UP = np.array(stance.UP)


def stance_of(pairs, names, parents, at, ends, posed, stands=False) -> Stance:
    """The stance of a body in its reference pose.

    Args:
        pairs, names, parents, stands: as in `shared.stance`.
        at, ends: (J, 3) where the bones begin, and where they end; NaN where that is not known.
        posed: (J, 4) P_i, rotations from the rest pose in the skeleton's world; the identity if
            the reference pose is the rest pose.

    Returns:
        The stance, its `align` (J, 4) C_i: from the canonical T-pose to the axes in which the
        skeleton counts rotations.

    Raises:
        RigError: bones are missing, or the body does not stand on its feet.
    """
    known = np.isfinite(ends).all(axis=1)
    tips = [end if told else None for end, told in zip(ends.tolist(), known)]
    found = stance.stance_of(pairs, names, parents, at.tolist(), tips, stands)
    return replace(
        found,
        world=np.array(found.world),
        align=turns.mul(turns.inv(posed), np.array(found.align)),
        ground=np.array(found.ground),
    )
