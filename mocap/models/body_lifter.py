"""Our own lifter: the estimator's 3D, corrected by what its points do in the picture over time."""

from __future__ import annotations

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.layouts import by_name
from mocap.lifted import Lifted
from mocap.models.body_live import FPS, LiveBodyLifter
from mocap.models.body_network import BodyNetwork, both_ways
from mocap.models.body_view import JOINTS, body_view
from mocap.models.lifter import Lifter, LiveLifting

STEADY = 0.03  # a frame time off by less than this share is taken as it is


class BodyLifter(Lifter):
    """Lifts MediaPipe's points, with its depth or without.

    Args:
        network: with its weights.
        name: of the weights.
        licence: of the weights.
    """

    inputs, outputs, corrects = MEDIAPIPE_POSE, by_name("body12"), True

    def __init__(self, network: BodyNetwork, name: str, licence: str) -> None:
        self.name, self.licence, self.causal = name, licence, network.causal
        self.receptive_field = network.receptive_field
        self._network = network

    @property
    def needed(self) -> tuple[str, ...]:
        return JOINTS  # it learned to do without the rest

    def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
        if track.layout != self.inputs:
            raise InvalidValue(
                f"{self.name}: expected points of {self.inputs.name}, got {track.layout.name}"
            )
        view = body_view(track, camera or Camera.from_fov(track.size))
        at = _steady(track.times)
        before, after = self._network.reach
        around = [(before, after), (0, 0)]
        joints, sigma = both_ways(
            self._network,
            np.pad(at_rate(view.features, track.times), around, mode="edge"),
            np.pad(at_rate(view.world, track.times), [*around, (0, 0)], mode="edge"),
        )
        joints = _between(joints, at, track.times)
        joints = rotation.rotate(rotation.inv(view.turn)[:, None], joints)
        sigma = _between(sigma, at, track.times)
        return Lifted(track.times, JOINTS, joints, sigma, informed=track.world is not None)

    def live(self, camera: Camera) -> LiveLifting:
        return LiveBodyLifter(self._network, camera) if self.causal else super().live(camera)


def at_rate(values: Array, times: Array) -> Array:
    """Values (T, ...) of times (T,) [s] at the rate that the network knows."""
    return _between(values, times, _steady(times))


def _steady(times: Array) -> Array:
    """Times [s] at the rate that the network knows, from the first to the last of some."""
    if len(times) < 2 or np.abs(np.diff(times) * FPS - 1).max() < STEADY:
        return times
    return times[0] + np.arange(int(np.ceil((times[-1] - times[0]) * FPS)) + 1) / FPS


def _between(values: Array, known: Array, times: Array) -> Array:
    """Values (N, ...) of known times (N,) [s] at others (T,), linearly; beyond the ends the
    first and last."""
    if known is times or len(known) == 1:
        return values if known is times else np.repeat(values, len(times), axis=0)
    after = np.clip(np.searchsorted(known, times), 1, len(known) - 1)
    share = np.clip((times - known[after - 1]) / (known[after] - known[after - 1]), 0.0, 1.0)
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    found: Array = values[after - 1] * (1 - share) + values[after] * share
    return found
