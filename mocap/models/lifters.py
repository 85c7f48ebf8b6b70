"""Networks as lifters: what goes in is made as they were trained on it, what comes out is metres.

Nothing here knows what runs a network: `run` takes its input and gives its output, both float32.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocap import layouts
from mocap.arrays import Array
from mocap.landmarks import Layout
from mocap.models.base import PointLifter
from mocap.models.windows import padded, parts, reach, windows

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]

STATISTICS = Path(__file__).parents[1] / "data" / "h36m_statistics.json"
WIDTH = 1000.0  # [px] of Human3.6M's pictures
FRAMES = 2048  # of a clip that go through a network at once
WINDOWS = 32  # that do
ROOT = "hips"
TRAJECTORY = Layout("root", (ROOT,))


def on_screen(image: Array, size: tuple[int, int]) -> Array:
    """Points (..., 2) [px] with x from -1 to 1 across the picture and y in the same unit."""
    width, height = size
    return image * (2 / width) - np.array([1.0, height / width])


class NetworkLifter(PointLifter):
    """A lifter that is a network.

    Args:
        run: the network.
        name, licence, inputs, outputs: as of a lifter.
    """

    def __init__(
        self, run: Run, *, name: str, licence: str, inputs: Layout, outputs: Layout
    ) -> None:
        self.run = run
        self.name = name
        self.licence = licence
        self.inputs = inputs
        self.outputs = outputs

    def features(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        """Points (..., K, 2) [px] and their confidence (..., K) as (..., K, D) for the network."""
        return on_screen(image, size)

    def joints(self, numbers: Array) -> Array:
        """What the network says (..., N, 3) as joints (..., J, 3) [m] in camera axes.

        What it says of the root is left out: it was trained on joints about the true root, and
        takes no care of that one.
        """
        if self.relative:
            numbers[..., self.outputs.index(ROOT), :] = 0.0
        return numbers

    def numbers(self, joints: Array) -> Array:
        """The reverse of `joints`, for training: what the network should say of joints
        (..., J, 3) [m] about the root, in camera axes."""
        return joints

    def through(self, features: Array) -> Array:
        """Features to joints."""
        return self.joints(self.run(features.astype(np.float32)).astype(np.float64))


class FrameLifter(NetworkLifter):
    """A network that sees one frame."""

    receptive_field = 1
    causal = True

    def _clips(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        features = self.features(image, confidence, size)
        flat = features.reshape(-1, *features.shape[2:])
        lifted = [self.through(flat[a:b]) for a, b in parts(len(flat), FRAMES)]
        return np.concatenate(lifted).reshape(*image.shape[:2], -1, 3)

    def _windows(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        return self._clips(image, confidence, size)[:, 0]


class MovedFrameLifter(FrameLifter):
    """One whose root wanders: the joints are moved to have it in its place."""

    def joints(self, numbers: Array) -> Array:
        root = self.outputs.index(ROOT)
        return numbers - numbers[..., root : root + 1, :]


class RootlessFrameLifter(FrameLifter):
    """One that takes the numbers of all points in a row and says nothing of the root, the first
    joint."""

    def features(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        points = super().features(image, confidence, size)
        return points.reshape(*points.shape[:-2], -1)

    def joints(self, numbers: Array) -> Array:
        others = numbers.reshape(len(numbers), -1, 3)
        return np.concatenate([np.zeros((len(others), 1, 3)), others], axis=1)

    def numbers(self, joints: Array) -> Array:
        return joints[..., 1:, :].reshape(*joints.shape[:-2], -1)


class StandardFrameLifter(RootlessFrameLifter):
    """One that takes pixels of Human3.6M's pictures and gives its joints, all in standard
    deviations from their means."""

    def features(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        width, height = size
        across = np.array([0.0, (width - height) / 2])
        pixels = (image + across) * (WIDTH / width)
        points = _statistics(self.inputs.points)
        return ((pixels - points[0]) / points[1]).reshape(*image.shape[:-2], -1)

    def joints(self, numbers: Array) -> Array:
        mean, deviation = _statistics(self.outputs.points[1:], "joints")
        others = numbers.reshape(len(numbers), -1, 3) * deviation + mean
        return super().joints(others)

    def numbers(self, joints: Array) -> Array:
        mean, deviation = _statistics(self.outputs.points[1:], "joints")
        others = (joints[..., 1:, :] - mean) / deviation
        return others.reshape(*joints.shape[:-2], -1)


class DilatedLifter(NetworkLifter):
    """A network that sees many frames and runs over a whole clip at once.

    Args:
        run: clips (B, T, K, D) to (B, T - receptive_field + 1, J, 3).
        run_window: windows (B, receptive_field, K, D) to (B, 1, J, 3), for less work.
        receptive_field, causal, relative: as of a lifter.
        others: as of NetworkLifter.
    """

    def __init__(
        self,
        run: Run,
        run_window: Run,
        *,
        receptive_field: int,
        causal: bool = False,
        relative: bool = True,
        **others: Any,
    ) -> None:
        super().__init__(run, **others)
        self.run_window = run_window
        self.receptive_field = receptive_field
        self.causal = causal
        self.relative = relative

    def _clips(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        features = self.features(image, confidence, size)
        features = padded(features, *reach(self.receptive_field, self.causal))
        more = self.receptive_field - 1
        lifted = [self.through(features[:, a : b + more]) for a, b in parts(image.shape[1], FRAMES)]
        return np.concatenate(lifted, axis=1)

    def _windows(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        features = self.features(image, confidence, size).astype(np.float32)
        return self.joints(self.run_window(features).astype(np.float64))[:, 0]


class WindowLifter(NetworkLifter):
    """A network that sees many frames and gives the middle one of them.

    Args:
        run: windows (B, receptive_field, K, D) to (B, 1, J, 3).
        receptive_field: as of a lifter.
        others: as of NetworkLifter.
    """

    def __init__(self, run: Run, *, receptive_field: int, **others: Any) -> None:
        super().__init__(run, **others)
        self.receptive_field = receptive_field

    def _clips(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        batch, frames = image.shape[:2]
        features = self.features(image, confidence, size)
        lifted = []
        for begin, end in parts(frames, max(1, WINDOWS // batch)):
            around = windows(frames, self.receptive_field, self.causal, begin, end)
            cut = features[:, around].reshape(-1, *around.shape[1:], *features.shape[2:])
            lifted.append(self.through(cut).reshape(batch, end - begin, -1, 3))
        return np.concatenate(lifted, axis=1)

    def _windows(self, image: Array, confidence: Array, size: tuple[int, int]) -> Array:
        return self.through(self.features(image, confidence, size))[:, 0]


@cache
def _statistics(points: tuple[str, ...], of: str = "points") -> tuple[Array, Array]:
    """Mean and deviation (K, D) of named points, or of named joints other than the root."""
    told = json.loads(STATISTICS.read_text(encoding="utf-8"))
    order = layouts.by_name("h36m17").points[0 if of == "points" else 1 :]
    index = [order.index(point) for point in points]
    return np.array(told[f"{of}_mean"])[index], np.array(told[f"{of}_deviation"])[index]
