"""What a lifter says: joints in 3D from a network beside the pose estimator's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array, frozen, require_increasing
from mocap.errors import InvalidValue


@dataclass(frozen=True, eq=False)
class Lifted:
    """Joints of one person over T frames, in any size and from any origin.

    Attributes:
        times: (T,) [s] those of the track it belongs to.
        names: of the P joints, as pose estimators name them ("left_knee"), each once.
        positions: (T, P, 3) in view axes: x right in the picture, y up, z towards the camera; NaN
            where the lifter says nothing. In metres, if the lifter knows of size.
        sigma: (P,) or (T, P) [m] how far the end of a bone of a 1.75 m body may be off for this
            joint.
        informed: the lifter knows the estimator's own 3D, and how that errs.
    """

    times: Array
    names: tuple[str, ...]
    positions: Array
    sigma: Array
    informed: bool = False

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "names", tuple(self.names))
        set_(self, "times", frozen(self.times, (None,), "times"))
        require_increasing(self.times)
        frames, joints = len(self.times), len(self.names)
        if len(set(self.names)) != joints:
            raise InvalidValue(f"lifted joints: expected each name once, got {self.names}")
        set_(self, "positions", frozen(self.positions, (frames, joints, 3), "lifted joints"))
        each = (frames, joints) if np.ndim(self.sigma) == 2 else (joints,)
        set_(self, "sigma", frozen(self.sigma, each, "sigma"))
        if self.sigma.size and not np.min(self.sigma) > 0:
            raise InvalidValue(f"lifted joints: sigma must be above 0, got {np.min(self.sigma)}")
