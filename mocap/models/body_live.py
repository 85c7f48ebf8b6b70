"""Our own lifter fed frame by frame."""

from __future__ import annotations

from collections import deque

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import LandmarkTrack
from mocap.lifted import Lifted
from mocap.models.body_network import BodyNetwork, both_ways
from mocap.models.body_view import JOINTS, body_view
from mocap.models.lifter import LiveLifting

FPS = 30.0  # the network knows motion at this rate


class LiveBodyLifter(LiveLifting):
    """One person, as the frames come; at 30 frames a second the same as the whole clip at once.

    Args:
        network: a causal one.
        camera: what the person is seen through.
    """

    def __init__(self, network: BodyNetwork, camera: Camera) -> None:
        self._network, self._camera = network, camera
        self._remembered = (network.receptive_field + 1) / FPS  # [s]
        self.reset()

    def reset(self) -> None:
        self._seen: deque[tuple[float, Array, Array]] = deque()

    def __call__(self, track: LandmarkTrack) -> Lifted:
        view = body_view(track, self._camera)
        t = float(track.times[0])
        self._seen.append((t, view.features[0], view.world[0]))
        while len(self._seen) > 2 and self._seen[1][0] < t - self._remembered:
            self._seen.popleft()
        features, world = self._window(t)
        joints, sigma = both_ways(self._network.newest, features, world)
        turn = rotation.inv(view.turn)[:, None]
        joints = rotation.rotate(turn, joints)
        return Lifted(track.times, JOINTS, joints, sigma, informed=track.world is not None)

    def _window(self, t: float) -> tuple[Array, Array]:
        """What was seen at the times that the network looks at, up to t; the first is held before
        the beginning."""
        times = np.array([at for at, _, _ in self._seen])
        wanted = t - np.arange(self._network.receptive_field - 1, -1, -1) / FPS
        after = np.clip(np.searchsorted(times, wanted - 1e-6), 0, len(times) - 1)
        before = np.maximum(after - 1, 0)
        span = np.maximum(times[after] - times[before], 1e-9)
        share = np.clip((wanted - times[before]) / span, 0.0, 1.0)
        features = np.array([f for _, f, _ in self._seen])
        world = np.array([w for _, _, w in self._seen])
        share_of = share[:, None], share[:, None, None]
        return (
            features[before] * (1 - share_of[0]) + features[after] * share_of[0],
            world[before] * (1 - share_of[1]) + world[after] * share_of[1],
        )
