"""The network of our own lifter, in NumPy: small enough to need nothing else.

A temporal convolutional network as that of VideoPose3D (Pavllo et al., "3D human pose estimation in
video with temporal convolutions and semi-supervised training", 2019): a convolution over three
frames, then blocks of one that reaches thrice as far and one that mixes, around which the signal
also passes unchanged. It corrects the estimator's own joints rather than making new ones, and says
how far it may be off. `body_module` is the same in PyTorch, to be trained; the weights are those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

TAPS = 3  # frames that a convolution sees
OUT = 4 * len(JOINTS)  # x, y, z and how unsure, for each joint
UNIT = 0.05  # [m] off, if it is unsure by 0
NORMS = ("weight", "bias", "running_mean", "running_var")
EPSILON = 1e-5  # that batch norms add to the variance

Convolution = tuple[Array, Array]  # (out, in, taps) weights, (out,) bias
Run = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True)
class BodyNetwork:
    """The network with its weights, its batch norms folded into the convolutions before them.

    Attributes:
        first, last: the convolutions at the ends.
        blocks: those that reach and mix, of each block.
        causal: a frame depends on none after it; if not, on as many as before.
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
        count = sum(name.startswith("reach.") for name in state)
        expected = shapes(width, count)
        for name in sorted({*expected, *state}):
            found = state[name].shape if name in state else None
            if found != expected.get(name) and not name.endswith("num_batches_tracked"):
                raise FormatError(
                    f"not the weights of our lifter: {name}: expected "
                    f"{expected.get(name) or 'nothing'}, found {found or 'nothing'}",
                    path=path,
                )
        blocks = tuple(
            (_folded(state, f"reach.{i}"), _folded(state, f"mix.{i}")) for i in range(count)
        )
        end = (_laid(state["last.weight"]), state["last.bias"])
        return cls(_folded(state, "first"), blocks, end, causal)

    @property
    def receptive_field(self) -> int:
        """R, how many frames one depends on."""
        return receptive_field(len(self.blocks))

    @property
    def reach(self) -> tuple[int, int]:
        """How many frames before and after a frame it depends on."""
        after = 0 if self.causal else self.receptive_field // 2
        return self.receptive_field - 1 - after, after

    def __call__(self, features: Array, world: Array) -> tuple[Array, Array]:
        """Joints about the hips of every frame that has all its neighbours.

        Args:
            features: (T, WIDTH) of body_view, at 30 frames a second.
            world: (T, 12, 3) [m] of body_view.

        Returns:
            (T - R + 1, 12, 3) [m] joints of a body of 1.75 m, and (T - R + 1, 12) [m] how far off
            each may be.
        """
        hidden = _grown(_convolved(features.astype(np.float32), self.first, 1))
        for i, (reach, mix) in enumerate(self.blocks):
            grown = _grown(_convolved(hidden, reach, dilation(i)))
            grown = _grown(_convolved(grown, mix, 1))
            skipped = self._kept * dilation(i)
            hidden = hidden[skipped : skipped + len(grown)] + grown
        return self._told(hidden, world[self.reach[0] :])

    def newest(self, features: Array, world: Array) -> tuple[Array, Array]:
        """What `__call__` says of exactly R frames, which is of one, for a small part of the work:
        each convolution steps over what this frame does not need."""
        hidden = _grown(_strided(features.astype(np.float32), self.first))
        for reach, mix in self.blocks:
            grown = _grown(_convolved(_grown(_strided(hidden, reach)), mix, 1))
            hidden = hidden[self._kept :: TAPS] + grown
        return self._told(hidden, world[self.reach[0] :])

    @property
    def _kept(self) -> int:
        """Which of the frames that a convolution sees is led around it: the last or the middle."""
        return TAPS - 1 if self.causal else TAPS // 2

    def _told(self, hidden: Array, world: Array) -> tuple[Array, Array]:
        found = _convolved(hidden, self.last, 1).astype(np.float64)
        found = found.reshape(len(found), len(JOINTS), 4)
        return world[: len(found)] + found[..., :3], UNIT * np.exp(found[..., 3])


def both_ways(run: Run, features: Array, world: Array) -> tuple[Array, Array]:
    """The mean of what a network, run in one way or the other, says of a person and of their
    mirror image."""
    joints, sigma = run(features, world)
    other, unsure = run(mirrored(features), mirrored_joints(world))
    return (joints + mirrored_joints(other)) / 2, (sigma + unsure[:, MIRRORED_JOINTS]) / 2


def dilation(block: int) -> int:
    """How far apart the frames are that a block's convolution sees."""
    return int(TAPS ** (block + 1))


def receptive_field(blocks: int) -> int:
    """How many frames one depends on, in a network of so many blocks."""
    return int(TAPS ** (blocks + 1))


def shapes(channels: int, blocks: int) -> Mapping[str, tuple[int, ...]]:
    """What the weights are called, and their shapes."""
    found: dict[str, tuple[int, ...]] = {"first.weight": (channels, WIDTH, TAPS)}
    for i in range(blocks):
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
    return _laid(weight.astype(np.float32)), (shift - mean * gain).astype(np.float32)


def _laid(weight: Array) -> Array:
    """The same weights, with those of a tap side by side in memory, as BLAS takes them; without
    it NumPy would multiply by itself, many times slower."""
    return np.ascontiguousarray(weight.transpose(2, 1, 0)).transpose(2, 1, 0)


def _convolved(signal: Array, convolution: Convolution, dilation: int) -> Array:
    """(T - (taps - 1) * dilation, out) of a signal (T, in)."""
    weight, bias = convolution
    taps = weight.shape[2]
    frames = len(signal) - (taps - 1) * dilation
    found = np.repeat(bias[None], frames, axis=0)
    for tap in range(taps):
        found += signal[tap * dilation : tap * dilation + frames] @ weight[:, :, tap].T
    return found


def _strided(signal: Array, convolution: Convolution) -> Array:
    """(T / taps, out) of a signal (T, in), whose frames are each seen once."""
    weight, bias = convolution
    out, width, taps = weight.shape
    flat = weight.transpose(2, 1, 0).reshape(taps * width, out)
    return signal.reshape(-1, taps * width) @ flat + bias


def _grown(signal: Array) -> Array:
    return np.maximum(signal, 0)
