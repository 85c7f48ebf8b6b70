"""The network of our own lifter, in NumPy: small enough to need nothing else.

A temporal convolutional network as that of VideoPose3D (Pavllo et al., "3D human pose estimation in
video with temporal convolutions and semi-supervised training", 2019): a convolution over three
frames, then blocks of one that reaches further and one that mixes, around which the signal also
passes unchanged. It corrects the estimator's own joints rather than making new ones, and says how
far it may be off. `mocap.training.body_module` trains the same network in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array
from mocap.errors import FormatError
from mocap.models.body_view import JOINTS, WIDTH
from mocap.models.numbers import State

DILATIONS = (3, 9)
TAPS = 3  # frames that a convolution sees
RECEPTIVE_FIELD = 1 + (TAPS - 1) * (1 + sum(DILATIONS))  # 27
OUT = 4 * len(JOINTS)  # x, y, z and how unsure, for each joint
UNIT = 0.05  # [m] what `unsure` of 0 means


def shapes(channels: int) -> dict[str, tuple[int, ...]]:
    """What the weights are called, and their shapes: (out, in, taps) of convolutions."""
    found: dict[str, tuple[int, ...]] = {"first": (channels, WIDTH, TAPS)}
    for block in range(len(DILATIONS)):
        found[f"blocks.{block}.reach"] = (channels, channels, TAPS)
        found[f"blocks.{block}.mix"] = (channels, channels, 1)
    found["last"] = (OUT, channels, 1)
    return {
        key: value
        for name, shape in found.items()
        for key, value in ((f"{name}.weight", shape), (f"{name}.bias", shape[:1]))
    }


@dataclass(frozen=True)
class BodyNetwork:
    """The network with its weights.

    Attributes:
        state: arrays by name, of `shapes`.
        causal: a frame depends on the 26 before it; if not, on 13 before and 13 after.
    """

    state: Mapping[str, Array]
    causal: bool

    @classmethod
    def of(cls, state: State, causal: bool, path: object = None) -> BodyNetwork:
        """The network of a file's arrays. Raises FormatError if they are of another one."""
        channels = len(state.get("last.bias", ())) and state["first.bias"].size if state else 0
        expected = shapes(int(channels))
        for name in sorted(set(expected) | set(state)):
            wanted = expected.get(name)
            found = state[name].shape if name in state else None
            if wanted != found:
                raise FormatError(
                    f"not the weights of our lifter: {name}: expected {wanted or 'nothing'}, "
                    f"found {found or 'nothing'}",
                    path=path,
                )
        return cls({name: state[name].astype(np.float32) for name in expected}, causal)

    @property
    def reach(self) -> tuple[int, int]:
        """How many frames before and after a frame it depends on."""
        after = 0 if self.causal else RECEPTIVE_FIELD // 2
        return RECEPTIVE_FIELD - 1 - after, after

    def __call__(self, features: Array, world: Array) -> tuple[Array, Array]:
        """Joints about the hips of every frame that has all its neighbours.

        Args:
            features: (T, WIDTH) of body_view, at 30 frames a second.
            world: (T, 12, 3) [m] of body_view.

        Returns:
            (T - 26, 12, 3) [m] joints of a body of 1.75 m, and (T - 26, 12) [m] how far off each
            may be.
        """
        hidden = np.maximum(self._convolved("first", features.astype(np.float32), 1), 0)
        for block, dilation in enumerate(DILATIONS):
            grown = np.maximum(self._convolved(f"blocks.{block}.reach", hidden, dilation), 0)
            grown = np.maximum(self._convolved(f"blocks.{block}.mix", grown, 1), 0)
            skipped = (TAPS - 1) * dilation if self.causal else dilation
            hidden = hidden[skipped : skipped + len(grown)] + grown
        found = self._convolved("last", hidden, 1).astype(np.float64)
        found = found.reshape(len(found), len(JOINTS), 4)
        before, _ = self.reach
        return world[before : before + len(found)] + found[..., :3], UNIT * np.exp(found[..., 3])

    def _convolved(self, name: str, signal: Array, dilation: int) -> Array:
        """(T - (taps - 1) * dilation, out) of a signal (T, in)."""
        weight, bias = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        frames = len(signal) - (weight.shape[2] - 1) * dilation
        found = np.repeat(bias[None], frames, axis=0)
        for tap in range(weight.shape[2]):
            found += signal[tap * dilation : tap * dilation + frames] @ weight[:, :, tap].T
        return found
