"""What a lifter says: joints in 3D from a network beside the pose estimator's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array, frozen, require_increasing
from mocap.errors import InvalidValue
from mocap.solve.body import BONES
from mocap.solve.measure import ENDS, MIDDLES, TOO_SHORT

KNOWN = sorted(
    {name for ends in ENDS.values() for name in ends} | {n for m in MIDDLES.values() for n in m}
)


@dataclass(frozen=True, eq=False)
class Lifted:
    """Joints of one person over T frames, in any size and from any origin.

    Attributes:
        times: (T,) [s] those of the track it belongs to.
        names: of the P joints, as pose estimators name them ("left_knee"), in the joints.
        positions: (T, P, 3) in view axes: x right in the picture, y up, z towards the camera; NaN
            where the lifter says nothing.
        sigma: (P,) [m] how far the end of a bone of a 1.75 m body may be off for this joint.
    """

    times: Array
    names: tuple[str, ...]
    positions: Array
    sigma: Array

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "names", tuple(self.names))
        set_(self, "times", frozen(self.times, (None,), "times"))
        require_increasing(self.times)
        shape = (len(self.times), len(self.names), 3)
        set_(self, "positions", frozen(self.positions, shape, "lifted joints"))
        set_(self, "sigma", frozen(self.sigma, (len(self.names),), "sigma"))
        unknown = sorted(set(self.names) - set(KNOWN))
        if unknown:
            raise InvalidValue(f"lifted joints: unknown {unknown}; known are {', '.join(KNOWN)}")
        if len(self.sigma) and not np.min(self.sigma) > 0:
            raise InvalidValue(f"lifted joints: sigma must be above 0, got {np.min(self.sigma)}")

    def bones(self) -> tuple[Array, Array]:
        """(T, B, 3) unit directions of the bones both of whose ends are known, and (T, B) their
        standard deviations [m], infinite for the others."""
        frames = len(self.times)
        directions = np.tile(np.array([0.0, 1.0, 0.0]), (frames, len(BONES), 1))
        sigma = np.full((frames, len(BONES)), np.inf)
        for i, (bone, _) in enumerate(BONES):
            ends = [self._joint(name) for name in ENDS[bone]]
            if ends[0] is None or ends[1] is None:
                continue
            (start, a), (end, b) = ends[0], ends[1]
            vector = end - start
            length = np.linalg.norm(vector, axis=1)
            good = np.isfinite(length) & (length > TOO_SHORT)
            directions[good, i] = vector[good] / length[good, None]
            sigma[good, i] = np.hypot(a, b)
        return directions, sigma

    def _joint(self, name: str) -> tuple[Array, float] | None:
        """A joint, or the middle of two, and its sigma."""
        parts = (name,) if name in self.names else MIDDLES.get(name, (name,))
        if not set(parts) <= set(self.names):
            return None
        index = [self.names.index(part) for part in parts]
        spread = float(np.sqrt(np.mean(self.sigma[index] ** 2) / len(index)))
        return self.positions[:, index].mean(axis=1), spread
