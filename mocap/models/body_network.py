"""The network of our own lifter, in NumPy: small enough to need nothing else.

A temporal convolutional network as that of VideoPose3D (Pavllo et al., "3D human pose estimation in
video with temporal convolutions and semi-supervised training", 2019): a convolution over three
frames, then blocks of one that reaches further and one that mixes, around which the signal also
passes unchanged. It corrects the estimator's own joints rather than making new ones, and says how
far it may be off. `body_module` is the same in PyTorch, to be trained; the weights are those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array
from mocap.errors import FormatError
from mocap.models.body_view import (
    JOINTS,
    MIRRORED_JOINTS,
    WIDTH,
    mirrored,
    mirrored_joints,
)
from mocap.models.numbers import State

DILATIONS = (3, 9)
TAPS = 3  # frames that a convolution sees
RECEPTIVE_FIELD = 1 + (TAPS - 1) * (1 + sum(DILATIONS))  # 27
OUT = 4 * len(JOINTS)  # x, y, z and how unsure, for each joint
UNIT = 0.05  # [m] off, if it is unsure by 0
NORMS = ("weight", "bias", "running_mean", "running_var")
EPSILON = 1e-5  # that batch norms add to the variance

Convolution = tuple[Array, Array]  # (out, in, taps) weights, (out,) bias


@dataclass(frozen=True)
class BodyNetwork:
    """The network with its weights, its batch norms folded into the convolutions before them.

    Attributes:
        first, last: the convolutions at the ends.
        blocks: those that reach and mix, of each block.
        causal: a frame depends on the 26 before it; if not, on 13 before and 13 after.
    """

    first: Convolution
    blocks: tuple[tuple[Convolution, Convolution], ...]
    last: Convolution
    causal: bool

    @classmethod
    def of(cls, state: State, causal: bool, path: object = None) -> BodyNetwork:
        """The network of a file's arrays. Raises FormatError if they are of another one."""
        last = state.get("last.weight", np.empty(0))
        width = last.shape[1] if last.ndim == 3 else 0
        expected = shapes(width)
        for name in sorted({*expected, *state}):
            found = state[name].shape if name in state else None
            if found != expected.get(name) and not name.endswith("num_batches_tracked"):
                raise FormatError(
                    f"not the weights of our lifter: {name}: expected "
                    f"{expected.get(name) or 'nothing'}, found {found or 'nothing'}",
                    path=path,
                )
        blocks = tuple(
            (_folded(state, f"reach.{i}"), _folded(state, f"mix.{i}"))
            for i in range(len(DILATIONS))
        )
        end = (state["last.weight"], state["last.bias"])
        return cls(_folded(state, "first"), blocks, end, causal)

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
        hidden = np.maximum(_convolved(features.astype(np.float32), self.first, 1), 0)
        for dilation, (reach, mix) in zip(DILATIONS, self.blocks, strict=True):
            grown = np.maximum(_convolved(hidden, reach, dilation), 0)
            grown = np.maximum(_convolved(grown, mix, 1), 0)
            skipped = (TAPS - 1) * dilation if self.causal else dilation
            hidden = hidden[skipped : skipped + len(grown)] + grown
        found = _convolved(hidden, self.last, 1).astype(np.float64)
        found = found.reshape(len(found), len(JOINTS), 4)
        before, _ = self.reach
        return world[before : before + len(found)] + found[..., :3], UNIT * np.exp(found[..., 3])

    def both_ways(self, features: Array, world: Array) -> tuple[Array, Array]:
        """The mean of what is said of a person and of their mirror image; as `__call__`."""
        joints, sigma = self(features, world)
        other, unsure = self(mirrored(features), mirrored_joints(world))
        return (joints + mirrored_joints(other)) / 2, (sigma + unsure[:, MIRRORED_JOINTS]) / 2


def shapes(channels: int) -> Mapping[str, tuple[int, ...]]:
    """What the weights are called, and their shapes."""
    found: dict[str, tuple[int, ...]] = {"first.weight": (channels, WIDTH, TAPS)}
    for i in range(len(DILATIONS)):
        found[f"reach.{i}.weight"] = (channels, channels, TAPS)
        found[f"mix.{i}.weight"] = (channels, channels, 1)
    for name in [name.removesuffix(".weight") for name in found]:
        found.update({f"{_norm(name)}.{of}": (channels,) for of in NORMS})
    return {**found, "last.weight": (OUT, channels, 1), "last.bias": (OUT,)}


def _norm(convolution: str) -> str:
    """The name of the batch norm after a convolution."""
    name, dot, number = convolution.partition(".")
    return f"{name}_norm{dot}{number}"


def _folded(state: State, name: str) -> Convolution:
    """A convolution that does what it and its batch norm do."""
    gain, shift, mean, variance = (state[f"{_norm(name)}.{of}"] for of in NORMS)
    gain = gain / np.sqrt(variance + EPSILON)
    weight = state[f"{name}.weight"] * gain[:, None, None]
    return weight.astype(np.float32), (shift - mean * gain).astype(np.float32)


def _convolved(signal: Array, convolution: Convolution, dilation: int) -> Array:
    """(T - (taps - 1) * dilation, out) of a signal (T, in)."""
    weight, bias = convolution
    taps = weight.shape[2]
    frames = len(signal) - (taps - 1) * dilation
    found = np.repeat(bias[None], frames, axis=0)
    for tap in range(taps):
        found += signal[tap * dilation : tap * dilation + frames] @ weight[:, :, tap].T
    return found
