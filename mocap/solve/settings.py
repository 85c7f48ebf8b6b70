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
        root_min_cutoff, root_beta: the same for the travel of the body across the picture.
        depth_min_cutoff, depth_beta: the same for the travel towards the camera and away.
        hold: [s] how long a person or limb that is out of sight keeps its last pose.
        relax: [s] how long it then takes to reach the rest pose.
    """

    height: float | None = None
    smoothing: bool = True
    min_cutoff: float = 2.0
    beta: float = 3.0
    root_min_cutoff: float = 1.0
    root_beta: float = 2.0
    depth_min_cutoff: float = 0.3
    depth_beta: float = 0.1
    hold: float = 0.5
    relax: float = 0.5

    def __post_init__(self) -> None:
        if self.height is not None and not 0.3 <= self.height <= 3.0:
            raise InvalidValue(f"height: expected 0.3 to 3.0 metres, got {self.height}")
        cutoffs = (self.min_cutoff, self.root_min_cutoff, self.depth_min_cutoff)
        if min(cutoffs) <= 0 or min(self.beta, self.root_beta, self.depth_beta) < 0:
            raise InvalidValue("smoothing: expected cut-offs above 0 Hz and betas of at least 0")
        if self.hold < 0 or self.relax < 0:
            raise InvalidValue("hold and relax: expected 0 seconds or more")
