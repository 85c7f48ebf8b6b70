"""The last frames of one person, fitted anew with each that comes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.solve.contact import contacts, lowest_floor
from mocap.solve.estimate import FLOOR, SHARED, UNKNOWNS, Estimate, Measured
from mocap.solve.fit import assemble, moved, shared_terms, size_of
from mocap.solve.lengths import expected_lengths
from mocap.solve.normal import NormalEquations
from mocap.solve.root import start
from mocap.solve.settings import SolveSettings

FRAMES = 15  # in the window
ANCHORED = 2  # of them that no longer change
ANCHOR = 1e9  # what holds them
MEMORY = 900.0  # frames' worth of knowledge of lengths, floor and tilt that is kept at most
FIRST_FRAMES = 3  # after which the floor is looked for
AS_SEEN = 0.5  # share of the estimator's directions in where a new frame begins
FIRST_STEPS = 6  # iterations for the first frame


class Window:
    """A sliding window of one person's frames.

    Args:
        settings: choices of the user.

    Attributes:
        lengths: (L,) [m] of the bones, as far as they are known.
        grounded: whether the floor was found, by a foot that was seen.
    """

    def __init__(self, settings: SolveSettings) -> None:
        self._weights = settings.effective_weights.live()
        self._expected = expected_lengths(settings)
        self.lengths = self._expected
        self._known = np.zeros((SHARED, SHARED))
        self._shared: Estimate | None = None
        self.grounded = False
        self.restart()

    def retune(self, settings: SolveSettings) -> None:
        """Go on with other choices. How tall somebody is scales what comes out, not the window."""
        self._weights = settings.effective_weights.live()

    def restart(self) -> None:
        """Forget the frames but not what is known of body, floor and camera."""
        self._equations: NormalEquations | None = None  # of as many frames as there are
        self._measured: Measured | None = None
        self._estimate: Estimate | None = None

    def push(self, seen: Measured) -> None:
        """Take in one more frame (T = 1) and fit the window."""
        fresh = self._measured is None
        self._append(seen)
        assert self._measured is not None
        assert self._estimate is not None
        self._judge_contacts()
        for _ in range(FIRST_STEPS if fresh else 1):
            self._step(first=fresh)
        self.lengths = self._estimate.lengths

    def _append(self, seen: Measured) -> None:
        if self._measured is None or self._estimate is None:
            begin = start(seen, self.lengths)
            old = self._shared or begin
            self._measured = seen
            self._estimate = replace(begin, up=old.up, floor=old.floor, focal=old.focal)
            return
        keep = slice(max(0, len(self._measured) + 1 - FRAMES), None)
        before, e = self._measured.part(keep), self._estimate.part(keep)
        joined = {
            name: np.concatenate([getattr(before, name), getattr(seen, name)])
            for name in Measured.__dataclass_fields__
        }
        self._measured = Measured(**joined)
        # where the body was going, turned half as it was and half as the estimator sees it
        step = e.root[-1:] - e.root[-2:-1] if len(e.root) > 1 else 0.0
        trust = AS_SEEN * seen.known[..., None]
        turned = rotation.unit(np.asarray(e.directions[-1:] * (1 - trust) + seen.vectors * trust))
        self._estimate = replace(
            e,
            root=np.concatenate([e.root, e.root[-1:] + step]),
            directions=np.concatenate([e.directions, turned]),
        )

    def _judge_contacts(self) -> None:
        assert self._measured is not None
        assert self._estimate is not None
        if not self.grounded and len(self._measured) >= FIRST_FRAMES:
            floor = lowest_floor(self._estimate, self._measured)
            if floor is not None:
                self._estimate = replace(self._estimate, floor=floor)
                self.grounded = True
        if not self.grounded:
            return
        found = contacts(self._estimate, self._measured, size_of(self._estimate.lengths))
        self._measured = replace(self._measured, planted=found.planted, flight=found.flight)

    def _step(self, first: bool) -> None:
        assert self._measured is not None
        assert self._estimate is not None
        seen, e = self._measured, self._estimate
        equations = self._equations
        if equations is None or len(equations.gradient) != len(seen):
            equations = self._equations = NormalEquations(len(seen), UNKNOWNS, SHARED)
        assemble(equations, e, seen, self._weights, first)
        if len(seen) > ANCHORED:
            equations.diagonal(0)[:ANCHORED] += ANCHOR
        corner, gradient, own = equations.eliminated()
        prior, pull = shared_terms(e, seen, self._expected, self._weights)
        if not self.grounded:
            prior[FLOOR, FLOOR] += 1.0
        step = -np.linalg.solve(prior + self._known + corner, pull + gradient)
        self._estimate = moved(e, own(step), step)
        self._remember(corner / len(seen))
        self._shared = self._estimate.part(slice(0, 0))

    def _remember(self, corner: Array) -> None:
        """Add what one frame tells of the shared unknowns to what is known."""
        self._known = (self._known + (corner + corner.T) / 2) * (1 - 1 / MEMORY)

    def estimate_of(self, ahead: int) -> Estimate:
        """The estimate of the frame that is `ahead` frames before the newest."""
        assert self._estimate is not None
        i = len(self._estimate.root) - 1 - ahead
        return self._estimate.part(slice(i, i + 1))

    def planted_of(self, ahead: int) -> Array:
        """(2, 2) probability that heel and toes of that frame stand."""
        assert self._measured is not None
        return np.asarray(self._measured.planted[len(self._measured) - 1 - ahead])
