"""How far each residual of the fit may be off: one standard deviation, in physical units.

Lengths are for a body of 1.75 m and grow with it. An infinite one turns its residual off.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from mocap.errors import InvalidValue

# [m/s^2] how sharply the end of a bone usually accelerates about its other end
LIVELY = {
    "hip": 5.0, "spine": 5.0, "head": 10.0, "clavicle": 8.0, "upper_arm": 36.0, "forearm": 60.0,
    "thigh": 20.0, "shin": 30.0, "toe": 30.0, "heel": 30.0,
}  # fmt: skip

LIVE_DEPTH = 0.5  # times the whole clip's
UNSTEADY = 30.0  # times the usual accelerations, without smoothing


@dataclass(frozen=True)
class Weights:
    """Standard deviations.

    Attributes:
        image: [m] a point in the picture, at the person's distance.
        image_outlier: [sigmas] from which a point in the picture is doubted.
        feet: weight of heels and toes in the picture against other points.
        vector: [m] the end of a bone as the estimator sees it in 3D, across the line of sight.
        vector_depth, first_depth: [m] the same along it; the latter in the first iterations,
            when the estimator's depth decides which way a bone points.
        vector_outlier: [sigmas] from which a bone is doubted.
        length: of a bone, as a share of what is expected.
        root: [m/s^2] acceleration of the hips.
        lively: [m/s^2] acceleration of the end of each kind of bone about its other end.
        jerk_outlier: [sigmas] from which an acceleration is taken for a real impact.
        knee: bend of a knee the wrong way, as the sine of the angle; sideways thrice that.
        pelvis, shoulders: lean of hip and shoulder line against the spine, as a sine.
        clavicle: difference between the two halves of the shoulder line.
        foot: angle between heel and toes against the usual one, as a cosine.
        slip: [m/s] speed of a planted foot.
        floor: [m] height of a planted foot over the floor.
        sink: [m] depth of any foot under the floor.
        balance: [m] centre of pressure off the middle of the feet that stand.
        upright: lean of the spine, as a sine; large ones are taken for real.
        pitch, roll: [degrees] tilt of the camera.
        focal: logarithm of the focal length; infinite takes the camera's as exact.
    """

    image: float = 0.035
    image_outlier: float = 3.0
    feet: float = 0.3
    vector: float = 0.08
    vector_depth: float = 0.12
    first_depth: float = 0.036
    vector_outlier: float = 4.0
    length: float = 0.03
    root: float = 4.0
    lively: dict[str, float] = field(default_factory=lambda: dict(LIVELY))
    jerk_outlier: float = 8.0
    knee: float = 0.09
    pelvis: float = 0.18
    shoulders: float = 0.4
    clavicle: float = 0.15
    foot: float = 0.15
    slip: float = 0.08
    floor: float = 0.02
    sink: float = 0.02
    balance: float = 0.08
    upright: float = 0.35
    pitch: float = 12.0
    roll: float = 4.0
    focal: float = float("inf")

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name != "lively" and not value > 0:
                raise InvalidValue(f"weights: {name} must be above 0, got {value}")
        if set(self.lively) != set(LIVELY) or not min(self.lively.values()) > 0:
            raise InvalidValue(f"weights: lively needs numbers above 0 for {', '.join(LIVELY)}")

    def unsteady(self) -> Weights:
        """The same for a body that may accelerate as it likes, nearly."""
        lively = {bone: UNSTEADY * sigma for bone, sigma in self.lively.items()}
        return replace(self, root=UNSTEADY * self.root, lively=lively)

    def live(self) -> Weights:
        """The same for the live solve, which leans more on the estimator's depth: it has little
        else to tell which way a bone points, and must not be caught in a wrong choice."""
        return replace(self, vector_depth=LIVE_DEPTH * self.vector_depth, focal=np.inf)
