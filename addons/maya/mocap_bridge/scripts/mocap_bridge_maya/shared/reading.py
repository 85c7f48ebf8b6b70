"""What tells that a clip of unknown origin means something else than its numbers say.

The judgments of the capture program's `mocap.stance.reading`; each host goes through the frames in
its own way, one by one or as arrays.
"""

from __future__ import annotations

import math

from .turns import Vec

T_LIKE = math.radians(10.0)  # a pose with all limbs this near to the T-pose is meant as one
DOWN: Vec = (0.0, -1.0, 0.0)
T_POSE: tuple[tuple[str, str, Vec, Vec], ...] = (  # bones, and where they point: left, right
    ("UpperLeg", "LowerLeg", DOWN, DOWN),
    ("LowerLeg", "Foot", DOWN, DOWN),
    ("UpperArm", "LowerArm", (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)),
    ("LowerArm", "Hand", (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)),
)


def stands_otherwise(height: float, erect: float, standing: float) -> bool:
    """Whether a body stands along another axis than its rest pose does.

    Args:
        height: [leg lengths] of the hips along that axis, most of the time.
        erect: share of the body's mean up that goes along it.
        standing: the same of the up of the rest pose.
    """
    return 0.6 < height < 1.5 and erect > 0.8 and standing < 0.5


def is_floor(height: float, leg: float) -> bool:
    """Whether a clip means a height [m] as its floor: under 0 or not far above, and not 0 within
    what feet are thick. `leg` is the length of a leg [m]."""
    return height < 0.15 * leg and abs(height) > 0.02 * leg
