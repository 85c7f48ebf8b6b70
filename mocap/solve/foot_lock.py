"""Feet that stand stay where they are, live: as `feet`, without knowing what comes."""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.skeleton import Skeleton
from mocap.solve.feet import FADE, PIVOT, PLANTED, bones_of, level, reach_for, soles

Y, Z = np.eye(3)[1:]
LET_GO = 0.10  # [m] a foot by the fit may be off its spot before the spot is given up


class FootLock:
    """Holds the feet of one person while they stand."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Let go; afterwards equal to a new lock."""
        self._t: float | None = None
        # of each foot, which part of it is held, 0 the heel and 1 the toes, and where
        self._held: list[tuple[int, Array] | None] = [None, None]
        self._shift: Array = np.zeros((2, 3))
        self._headings: Array = np.full(2, np.nan)  # of flat feet
        self._turn: Array = np.zeros(2)  # [rad] of each foot about the vertical
        self._level: Array = np.zeros((2, 2))  # of each foot, how far it is flat, and its toes

    def __call__(
        self,
        t: float,
        root: Array,
        local: Array,
        planted: Array,
        seen: BoolArray,
        skeleton: Skeleton,
    ) -> tuple[Array, Array, BoolArray]:
        """Root (1, 3) and local rotations (1, J, 4) with standing feet in their places, and which
        feet stand (2,).

        Args:
            t: [s].
            planted: (2, 2) probability that heel and toes stand.
            seen: (2,) whether each leg was seen.
        """
        share = 1.0 if self._t is None else float(np.clip((t - self._t) / FADE, 0.0, 1.0))
        self._t = t
        on = planted > PLANTED
        wanted = np.stack([on.all(axis=1), on[:, 1]], axis=1)
        self._level += np.clip(wanted - self._level, -share, share)
        world = skeleton.to_global(local)
        level(world, self._level[None, :, 0], self._level[None, :, 1], skeleton)
        self._face(world, on.all(axis=1), share, skeleton)
        positions = skeleton.positions(root, world)
        found = soles(positions, world, skeleton)
        for foot in range(2):
            self._pull(foot, (found.heels[0, foot], found.tips[0, foot]), on[foot], share)
        depth = np.minimum(found.lowest[0, :, 1] + self._shift[:, 1], 0.0)
        shift = self._shift - depth[:, None] * Y
        goals = positions[:, bones_of(skeleton, "Foot")] + shift
        away = np.abs(shift).max(axis=1) > 1e-6
        reach_for(positions, world, goals, skeleton, (seen & away)[None])
        return root, skeleton.to_local(world), np.asarray(on.any(axis=1) & seen)

    def _face(self, world: Array, flat: BoolArray, share: float, skeleton: Skeleton) -> None:
        """Turn feet about the vertical, in place, so that they do not pivot while flat (2,)."""
        feet, toes = bones_of(skeleton, "Foot"), bones_of(skeleton, "Toes")
        ahead = rotation.rotate(world[0, feet], Z)
        heading = np.arctan2(ahead[:, 0], ahead[:, 2])
        held = np.abs(rotation.wrap(self._headings - heading)) <= PIVOT
        # else as it is shown now, so that nothing leaps
        headings = np.where(held, self._headings, heading + self._turn)
        self._headings = np.where(flat, headings, np.nan)
        back = rotation.wrap(headings - heading)
        self._turn = np.where(flat, back, self._turn * (1 - share))
        about = rotation.axis_angle(Y, self._turn)
        world[0, feet] = rotation.mul(about, world[0, feet])
        world[0, toes] = rotation.mul(about, world[0, toes])

    def _pull(self, foot: int, parts: tuple[Array, Array], on: BoolArray, share: float) -> None:
        """Bring the shift of a foot to what holds it, or nearer to nothing.

        The toes stay down as a heel rolls up, so they hold the foot whenever they stand.
        """
        if not on.any():
            self._held[foot] = None
            self._shift[foot] *= 1 - share
            return
        which = int(on[1])
        sole, held = parts[which], self._held[foot]
        if held is None or held[0] != which or np.hypot(*(sole - held[1])[[0, 2]]) > LET_GO:
            held = (which, sole + self._shift[foot])  # as it is shown now: nothing leaps
        self._held[foot] = held
        self._shift[foot, [0, 2]] = (held[1] - sole)[[0, 2]]
        self._shift[foot, 1] += share * (-float(sole[1]) - self._shift[foot, 1])
