"""A model of the estimator's errors: true points in, landmarks as they might be seen out.

What it knows was measured on rendered people by `benchmarks/accuracy/fit.py`; noise.json holds it.
Chosen by hand (`Mishaps`): exchanges of left and right of the whole body and of the legs, frames in
which nobody is found. Blur, clutter and other people are not modelled at all.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import fftconvolve

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.training import vectors
from mocap.training.vectors import COUNT, MIRROR, NAMES

FILE = Path(__file__).parent / "noise.json"
LEGS = [i for i, n in enumerate(NAMES) if any(p in n for p in ("knee", "ankle", "heel", "foot"))]


@dataclass(frozen=True, eq=False)
class Spread:
    """Errors [m] of 33 points in d directions that no pose explains, in four parts.

    Attributes:
        clip: (C, 33, d) what stays the same for a clip, each at a spread of one.
        modes: (M, 33, d) what varies slowly and together, each at a spread of one.
        mode_times: (M,) [s] how slowly.
        rest: (33, d) spread of what else varies slowly, each point for itself.
        rest_time: [s].
        white: (33, d) spread of what differs from frame to frame.
    """

    clip: Array
    modes: Array
    mode_times: Array
    rest: Array
    rest_time: float
    white: Array

    def draw(self, frames: int, dt: float, rng: np.random.Generator) -> Array:
        """(T, 33, d) [m] errors in frames dt [s] apart."""
        found = self.white * rng.standard_normal((frames, *self.white.shape))
        for mode, seconds in zip(self.modes, self.mode_times, strict=True):
            found = found + wander(frames, dt / seconds, (), rng)[:, None, None] * mode
        found = found + wander(frames, dt / self.rest_time, self.rest.shape, rng) * self.rest
        lasting: Array = np.tensordot(rng.standard_normal(len(self.clip)), self.clip, 1)
        return found + lasting

    def scaled(self, share: float) -> Spread:
        """Errors as large as a share of these."""
        return replace(
            self,
            clip=self.clip * share,
            modes=self.modes * share,
            rest=self.rest * share,
            white=self.white * share,
        )


@dataclass(frozen=True, eq=False)
class Bias:
    """Errors of the vectors along the body [m] that the pose explains.

    Attributes:
        along: (33, 3, 3) adds that matrix times the vector itself,
        shift: (33, 3) this in the body's own axes,
        lean: (33, 3) and this in those of the view.
    """

    along: Array
    shift: Array
    lean: Array

    def applied(self, along: Array, axes: Array) -> Array:
        """(T, 33, 3) [m] points about the hips, from true vectors (T, 33, 3) and the body's
        axes (T, 3, 3)."""
        wrong = np.einsum("pij,tpj->tpi", self.along, along) + self.lean
        return vectors.chained(along + wrong + np.einsum("tij,pj->tpi", axes, self.shift))


@dataclass(frozen=True, eq=False)
class NoiseModel:
    """Errors of an estimator, for a body of 1.75 m; see `vectors`.

    Attributes:
        size: mean and spread of the logarithm of the size that it believes in.
        image_shift: (33, 3) [m] of each point in the body's own axes: what the estimator means
            by a hip is not the joint.
        image: the rest of the error in the picture.
        bias: of the world points.
        world: the rest of their error.
        confidence: (33, 3) its logit without an error, what the logarithm of the image error
            over 10 mm adds, and spread.
    """

    size: Array
    image_shift: Array
    image: Spread
    bias: Bias
    world: Spread
    confidence: Array

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, rounded to what matters."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NoiseModel:
        """The reverse of `to_dict`."""
        read: Any = {name: _arrays(value) for name, value in data.items()}
        for name, kind in (("image", Spread), ("world", Spread), ("bias", Bias)):
            read[name] = kind(**read[name])
        return cls(**read)


@cache
def fitted(file: Path = FILE) -> NoiseModel:
    """The model in a file; without one, that of the embedded detector."""
    return NoiseModel.from_dict(about(file)["model"])


def about(file: Path = FILE) -> dict[str, Any]:
    """The file of a model: `clips` it was fitted on, the `model`, and `check`, how it does on
    the clips `checked_on`."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Mishaps:
    """What goes wrong for a while, chosen by hand: rendered people are too easy to show it.

    Attributes:
        swaps: per second, that left and right are exchanged, half of them of the legs alone.
        swap_time: [s] how long that lasts on average.
        losses: per second, that nobody is found.
        loss_time: [s].
    """

    swaps: float = 0.15
    swap_time: float = 0.2
    losses: float = 0.1
    loss_time: float = 0.15


@dataclass(frozen=True)
class Synthetic:
    """A made-up track and what happened to it: (T,) whether left and right of all, of the legs
    are exchanged, and whether nobody was found."""

    track: LandmarkTrack
    swapped: BoolArray
    legs_swapped: BoolArray
    lost: BoolArray


def seen_through(
    model: NoiseModel,
    view: Array,
    times: Array,
    camera: Camera,
    height: float,
    rng: np.random.Generator,
    mishaps: Mishaps | None = None,
) -> Synthetic:
    """What the estimator might have said of a person.

    Args:
        model: its errors.
        view: (T, 33, 3) [m] true points in view axes.
        times: (T,) [s], evenly spaced.
        camera: what it sees through.
        height: [m] of the person.
        rng: where chance comes from.
        mishaps: what else happens; None takes the usual.
    """
    mishaps = mishaps or Mishaps()
    frames, dt = len(view), float(np.median(np.diff(times)))
    centred = view - view[:, vectors.HIPS].mean(axis=1, keepdims=True)
    true = rotation.rotate(vectors.straight(view)[:, None], centred) * vectors.HEIGHT / height
    axes = vectors.torso(true)

    off = np.einsum("tij,pj->tpi", axes, model.image_shift)[..., :2]
    off = off + model.image.draw(frames, dt, rng)
    image = camera.project(view) + off * vectors.scale(view, height) * camera.focal * [1.0, -1.0]

    world = model.bias.applied(vectors.vectors(true), axes) + model.world.draw(frames, dt, rng)
    world = world - world[:, vectors.HIPS].mean(axis=1, keepdims=True)
    world = world * np.exp(rng.normal(*model.size))

    confidence = _confidence(model, off, rng)
    swapped, legs, lost = (
        _episodes(frames, dt, rate, seconds, rng)
        for rate, seconds in (
            (mishaps.swaps / 2, mishaps.swap_time),
            (mishaps.swaps / 2, mishaps.swap_time),
            (mishaps.losses, mishaps.loss_time),
        )
    )
    lost[0] = False
    exchange(image, world, swapped, list(range(COUNT)))
    exchange(image, world, legs, LEGS)
    inside = ((image >= 0) & (image <= np.array(camera.size))).all(axis=-1)
    confidence = np.where(inside, confidence, 0.0)
    image[lost], world[lost], confidence[lost] = np.nan, np.nan, 0.0
    track = LandmarkTrack(MEDIAPIPE_POSE, times, image, world, confidence, camera.size)
    return Synthetic(track, swapped, legs, lost)


def exchange(image: Array, world: Array, frames: BoolArray, points: list[int]) -> None:
    """Exchange left and right of some points in some frames, in place.

    Who takes a back for a front also takes near for far: depth turns over.
    """
    other = [MIRROR[p] for p in points]
    rows = np.flatnonzero(frames)[:, None]
    image[rows, points] = image[rows, other]
    world[rows, points] = world[rows, other] * [1.0, 1.0, -1.0]


def wander(frames: int, step: float, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """(T, ...) a smooth random signal of mean 0 and spread 1: white noise low-passed thrice.

    Args:
        frames: T.
        step: time between frames over the time constant of the low-passes.
    """
    answer = _answer(step)
    settle = len(answer) - 1
    shocks = rng.standard_normal((settle + frames, *shape))
    found: Array = fftconvolve(shocks, answer.reshape(-1, *[1] * len(shape)), "valid", axes=0)
    return found


def likeness(lags: int, step: float) -> Array:
    """(lags,) autocorrelation of `wander` after 0, 1, ... frames."""
    answer = np.concatenate([_answer(step), np.zeros(lags)])
    return np.array([answer[k:] @ answer[: len(answer) - k] for k in range(lags)])


def _answer(step: float) -> Array:
    """What three low-passes make of an impulse, scaled to keep the spread of white noise."""
    n = np.arange(int(np.ceil(16 / step)) + 3)
    found: Array = (n + 1) * (n + 2) * np.exp(-step * n)
    return found / np.linalg.norm(found)


def _confidence(model: NoiseModel, off: Array, rng: np.random.Generator) -> Array:
    level, slope, spread = model.confidence.T
    size = np.log(np.linalg.norm(off, axis=-1) / 0.01 + 0.1)
    logit = level + slope * size + spread * rng.standard_normal(size.shape)
    confidence: Array = 1 / (1 + np.exp(-logit))
    return confidence


def _episodes(
    frames: int, dt: float, rate: float, seconds: float, rng: np.random.Generator
) -> BoolArray:
    """(T,) stretches that begin `rate` times a second and last `seconds` on average."""
    on = np.zeros(frames, dtype=bool)
    for first in np.flatnonzero(rng.random(frames) < rate * dt):
        on[first : first + 1 + int(rng.exponential(seconds) / dt)] = True
    return on


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return np.round(value, 4).tolist()


def _arrays(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _arrays(v) for k, v in value.items()}
    return np.array(value) if isinstance(value, list) else value
