"""What a user may choose about the solve."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from mocap.errors import InvalidValue
from mocap.solve.weights import Weights

GUESSED_FOCAL = 0.15  # sigma of the logarithm of a guess


@dataclass(frozen=True)
class SolveSettings:
    """Settings of the solve, in physical units.

    Attributes:
        height: [m] how tall everyone is; None takes 1.70, for no picture tells.
        smoothing: whether motion is expected to be smooth; without, every frame is solved
            nearly by itself.
        min_cutoff: [Hz] One Euro cut-off of hands and face at rest.
        beta: [Hz per m/s] what speed adds to it.
        hold: [s] how long a person or limb that is out of sight keeps its last pose.
        relax: [s] how long it then takes to reach the rest pose.
        refine_focal: whether the camera's focal length is a guess, to be refined from the clip.
        weights: how far each residual of the fit may be off.
    """

    height: float | None = None
    smoothing: bool = True
    min_cutoff: float = 2.0
    beta: float = 3.0
    hold: float = 0.5
    relax: float = 0.5
    refine_focal: bool = False
    weights: Weights = field(default_factory=Weights)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, for the files that say how they were made; of the weights only those
        that differ from the usual ones, infinite ones as null."""
        values = asdict(self)
        usual = asdict(Weights())
        values["weights"] = {
            name: weight if isinstance(weight, dict) or np.isfinite(weight) else None
            for name, weight in values["weights"].items()
            if weight != usual[name]
        }
        return values

    @property
    def effective_weights(self) -> Weights:
        """The weights, with what the other settings make of them."""
        weights = self.weights if self.smoothing else self.weights.unsteady()
        return replace(weights, focal=GUESSED_FOCAL) if self.refine_focal else weights

    def __post_init__(self) -> None:
        if self.height is not None and not 0.3 <= self.height <= 3.0:
            raise InvalidValue(f"height: expected 0.3 to 3.0 metres, got {self.height}")
        if self.min_cutoff <= 0 or self.beta < 0:
            raise InvalidValue("smoothing: expected a cut-off above 0 Hz and a beta of at least 0")
        if self.hold < 0 or self.relax < 0:
            raise InvalidValue("hold and relax: expected 0 seconds or more")
