"""What a user may choose about the solve."""

from __future__ import annotations

from dataclasses import dataclass

from mocap.errors import InvalidValue


@dataclass(frozen=True)
class SolveSettings:
    """Settings of the solve, in physical units.

    Attributes:
        height: [m] how tall everyone is; None takes what the estimator's metres say, held
            within the usual range of grown people.
        smoothing: whether to smooth at all.
        min_cutoff: [Hz] One Euro cut-off of the joints at rest.
        beta: [Hz per m/s] what speed adds to it.
        root_min_cutoff: [Hz] the same for the travel of the whole body.
        root_beta: [Hz per m/s] the same.
        hold: [s] how long a person or limb that is out of sight keeps its last pose.
        relax: [s] how long it then takes to reach the rest pose.
    """

    height: float | None = None
    smoothing: bool = True
    min_cutoff: float = 2.0
    beta: float = 3.0
    root_min_cutoff: float = 1.0
    root_beta: float = 2.0
    hold: float = 0.5
    relax: float = 0.5

    def __post_init__(self) -> None:
        if self.height is not None and not 0.3 <= self.height <= 3.0:
            raise InvalidValue(f"height: expected 0.3 to 3.0 metres, got {self.height}")
        if min(self.min_cutoff, self.root_min_cutoff) <= 0 or min(self.beta, self.root_beta) < 0:
            raise InvalidValue("smoothing: expected cut-offs above 0 Hz and betas of at least 0")
        if self.hold < 0 or self.relax < 0:
            raise InvalidValue("hold and relax: expected 0 seconds or more")
