"""Arms that cross in front of the body: folded, embracing, wrists crossed low.

Units and frame as in `pose`. Wrists are points of the trunk at rest, so that they keep their
distance from the chest whatever the trunk does. Which arm is on top changes only while they are
apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .pose import Pose
from .reach import Reach
from .skeleton import SIDES
from .timing import Motion, breathe, key, wave


@dataclass(frozen=True)
class Hold:
    """Both arms at rest: wrist and direction of the elbow of a left arm, m, mirrored for the right.

    `over` is the wrist of the arm that lies over the other one; `curl` bends the hands, degrees.
    """

    wrist: tuple[float, float, float]
    elbow: tuple[float, float, float]
    over: tuple[float, float, float] | None = None
    over_elbow: tuple[float, float, float] | None = None
    curl: float = 0.0

    def row(self, over: str) -> list[float]:
        """Wrist, elbow, curl of the left, then of the right arm, with the arm `over` on top."""
        values: list[float] = []
        for side, x in SIDES.items():
            on_top = side == over
            wrist = (self.over if on_top else None) or self.wrist
            elbow = (self.over_elbow if on_top else None) or self.elbow
            values += [x * wrist[0], *wrist[1:], x * elbow[0], *elbow[1:], self.curl]
        return values


_HANG = Hold((0.26, -0.03, 0.905), (0.25, 1.0, 0.0))
_SIDE = Hold((0.24, -0.25, 1.00), (0.5, 0.9, 0.0))
_AHEAD = Hold((0.13, -0.35, 1.20), (0.75, 0.2, -0.65), (0.12, -0.45, 1.27))
_FOLD = Hold(
    (0.0, -0.185, 1.13), (0.85, 0.05, -0.5), (0.005, -0.235, 1.225), (0.85, -0.15, -0.5), curl=18
)
_EMBRACE = Hold(
    (-0.072, -0.185, 1.44), (0.35, -0.3, -0.9), (-0.062, -0.262, 1.44), (0.35, -0.4, -0.85), curl=42
)
_ABOVE = Hold((0.0, -0.29, 1.47), (0.5, 0.0, -0.9), (0.0, -0.385, 1.47), (0.5, -0.1, -0.9), curl=20)
_OPEN = Hold((0.56, -0.16, 1.30), (0.1, 0.8, -0.6))
_LOW = Hold((-0.03, -0.29, 1.09), (0.8, 0.5, 0.0), (-0.03, -0.37, 1.13))


def crossing(*holds: tuple[float, Hold, str]) -> Motion:
    """A motion through `holds`: (time s, hold, side of the arm on top), stretched to the clip."""
    table = [[time, *hold.row(over)] for time, hold, over in holds]
    total = holds[-1][0]

    def motion(t: float, seconds: float) -> Pose:
        values = key(t * total / seconds, *table).reshape(2, 7)
        pose = Pose()
        for side, row in zip(SIDES, values, strict=True):
            pose.reaches[side] = Reach(row[:3], row[3:6], curl=row[6])
        pose.at = np.array([0.015 * wave(t, 3.3), 0.0])
        pose.spine = np.array([2 * wave(t, 4.1), 2 * wave(t, 3.3), 6 * wave(t, 4.7)])
        pose.head = np.array([4 + 4 * wave(t, 3.9), 2 * wave(t, 2.9), 10 * wave(t, 4.7, 0.1)])
        return breathe(pose, t)

    return motion


arms_crossing = crossing(
    (0, _HANG, "left"),
    (0.25, _HANG, "left"),
    (0.7, _AHEAD, "left"),
    (1.1, _FOLD, "left"),
    (1.65, _FOLD, "left"),
    (2.0, _AHEAD, "left"),
    (2.3, _ABOVE, "left"),
    (2.55, _EMBRACE, "left"),
    (3.0, _EMBRACE, "left"),
    (3.2, _ABOVE, "left"),
    (3.45, _AHEAD, "left"),
    (3.8, _OPEN, "left"),
    (4.2, _LOW, "right"),
    (4.5, _LOW, "right"),
    (4.75, _SIDE, "right"),
    (5.0, _HANG, "right"),
)
arms_folding = crossing(
    (0, _HANG, "right"),
    (0.25, _SIDE, "left"),
    (0.55, _LOW, "left"),
    (0.8, _LOW, "left"),
    (1.2, _OPEN, "left"),
    (1.6, _AHEAD, "right"),
    (1.85, _ABOVE, "right"),
    (2.1, _EMBRACE, "right"),
    (2.8, _EMBRACE, "right"),
    (3.0, _ABOVE, "right"),
    (3.3, _AHEAD, "right"),
    (3.7, _FOLD, "right"),
    (4.6, _FOLD, "right"),
    (4.9, _AHEAD, "right"),
    (5.3, _HANG, "right"),
)

MOTIONS: dict[str, Motion] = {"arms_crossing": arms_crossing, "arms_folding": arms_folding}
