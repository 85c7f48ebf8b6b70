"""Random rotations, vectors and signals for tests of laws, the awkward cases among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from motions import seeds

from mocap.arrays import Array

Maker = Callable[[np.random.Generator, tuple[int, ...]], Array]


def directions(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Unit vectors (*shape, 3), every third along an axis."""
    v = random.normal(size=(*shape, 3))
    axes = np.eye(3)[random.integers(0, 3, shape)] * random.choice([-1, 1], (*shape, 1))
    v = np.where(random.random((*shape, 1)) < 1 / 3, axes, v)
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def angles(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Angles [rad] within two turns: any, none, tiny, close to a half turn, quarter turns."""
    tiny = 10.0 ** random.uniform(-14, -3, shape)
    any_angle = random.uniform(-2 * np.pi, 2 * np.pi, shape)
    quarters = np.pi / 2 * random.integers(-4, 5, shape)
    kinds = [any_angle, np.zeros(shape), tiny, np.pi - tiny, quarters]
    return np.choose(random.integers(0, len(kinds), shape), kinds)


def rotations(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Unit quaternions (*shape, 4) of either sign."""
    half = angles(random, shape)[..., None] / 2
    return np.concatenate([directions(random, shape) * np.sin(half), np.cos(half)], axis=-1)


def vectors(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Vectors (*shape, 3) from millimetres to kilometres, some of them zero."""
    lengths = 10.0 ** random.uniform(-3, 3, (*shape, 1)) * (random.random((*shape, 1)) > 0.1)
    return directions(random, shape) * lengths


def fractions(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers in [0, 1], both ends among them."""
    return np.clip(random.uniform(-0.2, 1.2, shape), 0, 1)


@st.composite
def batches(draw: st.DrawFn, *makers: Maker, same: bool = False) -> tuple[Array, ...]:
    """One array from each maker; the batch shapes are the same, or differ but broadcast."""
    shapes = draw(mutually_broadcastable_shapes(num_shapes=len(makers), max_dims=3, max_side=4))
    random = np.random.default_rng(draw(seeds))
    return tuple(
        make(random, shapes.result_shape if same else shape)
        for make, shape in zip(makers, shapes.input_shapes, strict=True)
    )


@st.composite
def signals(draw: st.DrawFn) -> tuple[Array, Array]:
    """Irregular times (T,) [s] and values (T, channels): a random walk in metres."""
    random = np.random.default_rng(draw(seeds))
    frames, channels = draw(st.integers(1, 20)), draw(st.integers(1, 4))
    times = random.uniform(-5, 5) + np.cumsum(random.uniform(0.001, 0.2, frames))
    return times, np.cumsum(random.normal(0, 0.05, (frames, channels)), axis=0)
