"""Motion through a filter, for those who want it smoother than the solve made it.

Root and rotations (and places of bones that move in their parents) are filtered; states,
confidences and contacts stay as they are.

A motion is filtered in stretches, each as if it were alone: where someone is lost or found again,
was unseen for longer than GAP, or where no frame is for that time, a stretch ends. What is on one
side never blends into the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from mocap import rotation
from mocap.arrays import Array, BoolArray, IntArray
from mocap.body_filters import Filter, Unfiltered
from mocap.bone_map import SIDES, detect
from mocap.errors import InvalidValue
from mocap.filters import ROUNDING
from mocap.motion import Motion, Pose, TrackState
from mocap.skeleton import Skeleton
from mocap.take import Take

GAP = 0.5  # [s] unseen for longer, a person may have done anything


def smoothed(motion: Motion, filter: Filter) -> Motion:
    """A motion after a filter, each stretch for itself; see the module."""
    if isinstance(filter, Unfiltered):
        return motion
    carrying = bones_to_feet(motion.skeleton, motion.contacts or _feet(motion.skeleton))
    places = _places(motion.root, motion.translations).copy()
    q = motion.rotations.copy()
    for part in stretches(motion.times, motion.state):
        places[part], q[part] = filter.body(motion.times[part], places[part], q[part], carrying)
    return replace(
        motion,
        root=places[:, 0],
        rotations=rotation.continuous(q),
        translations=_translations(motion.translations, places),
    )


def smoothed_take(take: Take, filter: Filter) -> Take:
    """A take with everyone's motion after a filter; what was done is told in `made`."""
    if isinstance(filter, Unfiltered):
        return take
    people = tuple(
        p if p.motion is None else replace(p, motion=smoothed(p.motion, filter))
        for p in take.people
    )
    earlier = [str(take.made["filter"])] if "filter" in take.made else []
    return Take(people, {**take.made, "filter": " then ".join([*earlier, str(filter)])})


def stretches(times: Array, state: IntArray) -> Iterator[slice]:
    """The frames that belong together, in order; every frame is in one of them."""
    gap = GAP + ROUNDING
    lost, tracked = state == TrackState.LOST, state == TrackState.TRACKED
    last_seen = np.maximum.accumulate(np.where(tracked, times, -np.inf))
    begins = (
        (lost[1:] != lost[:-1])
        | (tracked[1:] & (times[1:] - last_seen[:-1] > gap))
        | (times[1:] - times[:-1] > gap)
    )
    edges = [0, *(np.flatnonzero(begins) + 1).tolist(), len(times)]
    return (slice(a, b) for a, b in pairwise(edges) if b > a)


def bones_to_feet(skeleton: Skeleton, feet: Iterable[str]) -> BoolArray:
    """(J,) the bones that move a foot when they turn, and those of the foot."""
    carrying = np.zeros(len(skeleton), dtype=bool)
    for foot in set(feet) & set(skeleton.names):
        first = at = skeleton.index(foot)
        while at >= 0:
            carrying[at] = True
            at = int(skeleton.parents[at])
        for i in range(first + 1, len(skeleton)):
            carrying[i] |= carrying[skeleton.parents[i]] and skeleton.parents[i] >= first
    return carrying


def _feet(skeleton: Skeleton) -> list[str]:
    """The feet of a skeleton of unknown origin, none if it is nothing human."""
    try:
        pairs = detect(skeleton).pairs
    except InvalidValue:
        return []
    return [pairs[f"{side}Foot"] for side in SIDES if f"{side}Foot" in pairs]


class LiveFilter:
    """A filter of one person's poses as they come; it lags a little.

    Begins anew where a stretch does, and is then equal to a new one.

    Raises:
        InvalidValue: a filter that needs what follows.
    """

    def __init__(
        self, filter: Filter, skeleton: Skeleton, feet: Iterable[str] = (), fps: float = 30.0
    ) -> None:
        """
        Args:
            filter: one that works live.
            skeleton: of the poses.
            feet: the bones whose contacts the poses tell.
            fps: how many poses usually come in a second.
        """
        if not fps > 0:
            raise InvalidValue(f"fps: expected a positive rate, got {fps}")
        self._live = filter.live(bones_to_feet(skeleton, feet), fps)
        self.reset()

    def reset(self) -> None:
        """Forget the person; afterwards equal to a new filter."""
        self._last: Pose | None = None
        self._last_seen = -np.inf
        self._live.reset()

    def push(self, pose: Pose) -> Pose:
        """The pose smoothed. Raises InvalidValue if its time is not after that of the last."""
        if self._last is not None:
            if not pose.t > self._last.t:
                raise InvalidValue(
                    f"filter: expected times to grow, got {pose.t} after {self._last.t}"
                )
            if self._begins(pose, self._last):
                self._live.reset()
        places, q = self._live(pose.t, _places(pose.root, pose.translations), pose.rotations)
        self._last = pose
        if pose.state == TrackState.TRACKED:
            self._last_seen = pose.t
        return replace(
            pose, root=places[0], rotations=q, translations=_translations(pose.translations, places)
        )

    def _begins(self, pose: Pose, last: Pose) -> bool:
        """Whether a stretch begins with this pose, as in `stretches`."""
        gap = GAP + ROUNDING
        return (
            (pose.state == TrackState.LOST) != (last.state == TrackState.LOST)
            or (pose.state == TrackState.TRACKED and pose.t - self._last_seen > gap)
            or pose.t - last.t > gap
        )


def _places(root: Array, translations: Array | None) -> Array:
    """Root (..., 3) and where bones are in their parents (..., J, 3) as one array; the root's
    own translation is not used, so the root takes its row."""
    if translations is None:
        return root[..., None, :]
    return np.concatenate([root[..., None, :], translations[..., 1:, :]], axis=-2)


def _translations(translations: Array | None, places: Array) -> Array | None:
    """The translations of smoothed places."""
    if translations is None:
        return None
    return np.concatenate([translations[..., :1, :], places[..., 1:, :]], axis=-2)
