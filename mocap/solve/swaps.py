"""Left and right, exchanged by the estimator and put right again.

Estimators take the left arm for the right one where arms cross, one leg for the other in a side
view, and sometimes a back for a front. Each is over as suddenly as it came: bodies move on
smoothly, mistakes leap. Of all ways to read a clip, the one is chosen that leaps least, by
dynamic programming over eight hypotheses a frame (Viterbi, "Error bounds for convolutional codes",
1967).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from mocap.arrays import Array, BoolArray, IntArray
from mocap.landmarks import LandmarkTrack
from mocap.skeleton import mirrored_name

# what may be exchanged by itself; the whole body is mirrored in depth as well
ARMS = ("elbow", "wrist", "pinky", "index", "thumb")
LEGS = ("knee", "ankle", "heel", "foot_index")
WATCHED = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
HYPOTHESES: BoolArray = np.array(list(product((False, True), repeat=3)))  # body, arms, legs

REACH = 0.04  # [m] a point may be off from one frame to the next by noise
SPEED = 2.0  # [m/s] and by moving, at most usually
LEAP = 3.0  # cost beyond which a point's leap does not matter more
SWITCH = 2.5  # cost of an exchange that begins or ends
EXCHANGED = 0.04  # cost of an exchange in each frame: estimators are right more often than not
DEPTH = 0.5  # share of an estimator's depth that counts
GAP = 0.5  # [s] after which nothing is known of before
CHANGES: Array = SWITCH * (HYPOTHESES[:, None] != HYPOTHESES[None]).sum(axis=2)
MIXED = 0.5  # confidence left to limbs that were exchanged by themselves


class SwapFilter:
    """The likeliest reading of each frame so far, as frames come in."""

    def __init__(self, points: tuple[str, ...]) -> None:
        names = [f"{side}_{p}" for p in WATCHED for side in ("left", "right")]
        self._orders = orders(points)[:, [points.index(name) for name in names]]
        self.reset()

    def reset(self) -> None:
        """Forget what was seen."""
        self._t = -np.inf
        self._before: Array | None = None
        self.cost: Array = np.zeros(len(HYPOTHESES))

    def step(self, t: float, world: Array, confidence: Array) -> IntArray:
        """Take one more frame into account; `cost` then holds what each hypothesis costs.

        Args:
            t: [s].
            world: (K, 3) [m] as the estimator gives them; what is NaN is taken to be where it
                was.
            confidence: (K,).

        Returns:
            (8,) the hypothesis of the frame before from which each one is reached best.
        """
        read = readings(world, self._orders) * [1.0, 1.0, DEPTH]  # 8, W, 3
        if self._before is None or t - self._t > GAP:
            came = np.arange(len(HYPOTHESES))
            self.cost = np.zeros(len(HYPOTHESES))
        else:
            read = np.where(np.isnan(read), self._before, read)
            allowed = REACH + SPEED * (t - self._t)
            leap = np.sum((self._before[:, None] - read[None]) ** 2, axis=-1) / allowed**2
            leap = np.where(np.isnan(leap), 0.0, leap)  # never seen before
            # a point is as sure as it was seen to be, whatever it is taken for
            costs = (np.minimum(leap, LEAP) * confidence[self._orders]).sum(axis=-1) + CHANGES
            total = self.cost[:, None] + costs
            came = np.argmin(total, axis=0)
            self.cost = total[came, np.arange(len(came))]
        self.cost = self.cost + EXCHANGED * HYPOTHESES.sum(axis=1)
        self.cost -= self.cost.min()
        self._before, self._t = read, t
        return came


def orders(points: tuple[str, ...]) -> IntArray:
    """(8, K) for each hypothesis the point to read each point from."""
    own = np.arange(len(points))
    other = np.array([points.index(mirrored_name(p)) for p in points])
    of = [np.array([p.split("_", 1)[-1] in group for p in points]) for group in (ARMS, LEGS)]
    return np.stack(
        [
            np.where(body ^ (arms & of[0]) ^ (legs & of[1]), other, own)
            for body, arms, legs in HYPOTHESES
        ]
    )


def readings(world: Array, order: IntArray) -> Array:
    """(8, W, 3) the points (K, 3) under each hypothesis, the body's mirrored in depth."""
    read: Array = world[order]
    read[HYPOTHESES[:, 0], :, 2] *= -1
    return read


def find(track: LandmarkTrack) -> IntArray:
    """(T,) the hypothesis that reads each frame of a track best, over the whole clip."""
    assert track.world is not None
    seen = np.flatnonzero(np.isfinite(track.world).any(axis=(1, 2)))
    best = np.zeros(len(track), dtype=np.int64)
    if len(seen) < 2:
        return best
    filter_ = SwapFilter(track.layout.points)
    came = np.array(
        [filter_.step(float(track.times[i]), track.world[i], track.confidence[i]) for i in seen]
    )
    state = int(np.argmin(filter_.cost))
    for row, i in zip(came[::-1], seen[::-1], strict=True):
        best[i] = state
        state = int(row[state])
    return best


def undone(track: LandmarkTrack, found: IntArray) -> LandmarkTrack:
    """The track with the exchanges (T,) put right."""
    assert track.world is not None
    if not found.any():
        return track
    order = orders(track.layout.points)[found]
    body, limbs = HYPOTHESES[found, 0], HYPOTHESES[found, 1:].any(axis=1)
    world = np.take_along_axis(track.world, order[..., None], axis=1)
    world[body, :, 2] *= -1
    confidence = np.take_along_axis(track.confidence, order, axis=1)
    mixed = (order != np.arange(order.shape[1])) & (limbs & ~body)[:, None]
    return replace(
        track,
        image=np.take_along_axis(track.image, order[..., None], axis=1),
        world=world,
        confidence=np.where(mixed, confidence * MIXED, confidence),
    )
