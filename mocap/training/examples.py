"""Frames to learn from, put in a row, and batches of the windows around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocap import layouts
from mocap.arrays import BoolArray, IntArray
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.models.base import MIRRORED
from mocap.training.forms import Form
from mocap.training.seen import Seen

Floats = NDArray[np.float32]

# centre and tangential part of x are on the other side in the mirror
MIRRORED_LENS = np.array([1, 1, -1, 1, 1, 1, 1, -1, 1], np.float32)


@dataclass(frozen=True, eq=False)
class Examples:
    """N frames of many clips.

    Attributes:
        features: (2, N, ...) what the network takes, of the picture and of its mirror image.
        joints: (N, J, 3) [m] about the root, in camera axes.
        root: (N, 3) [m] from the camera.
        lens: (N, 9) as of `losses.projected`, in the unit of points on the screen; NaN where the
            camera is not known.
        begin, end: (N,) the frames of the clip that each belongs to.
        mirror: (J,) which joint each one is in the mirror.
    """

    features: Floats
    joints: Floats
    root: Floats
    lens: Floats
    begin: IntArray
    end: IntArray
    mirror: IntArray

    def __len__(self) -> int:
        return len(self.joints)


@dataclass(frozen=True, eq=False)
class Batch:
    """B windows of R frames.

    Attributes:
        features: (B, R, ...).
        joints: (B, R, J, 3) of all of the window if it is asked for, else (B, 1, J, 3) of the
            frame that the window is about.
        root: (B, 1, 3) of that frame.
        lens: (B, 9).
    """

    features: Floats
    joints: Floats
    root: Floats
    lens: Floats


def examples(clips: Sequence[Seen], form: Form) -> Examples:
    """Clips as frames in a row. Raises InvalidValue if there are none."""
    if not any(len(clip) for clip in clips):
        raise InvalidValue("nothing to learn from: not one frame whose joints are known")
    lengths = np.array([len(clip) for clip in clips])
    ends = np.cumsum(lengths)
    return Examples(
        np.concatenate([form.features(clip) for clip in clips], axis=1),
        np.concatenate([clip.joints for clip in clips]).astype(np.float32),
        np.concatenate([clip.root for clip in clips]).astype(np.float32),
        np.repeat([screen_lens(clip.camera) for clip in clips], lengths, axis=0),
        np.repeat(ends - lengths, lengths),
        np.repeat(ends, lengths),
        layouts.mirror(form.outputs),
    )


def screen_lens(camera: Camera | None) -> Floats:
    """(9,) focal length, centre, radial and tangential coefficients of a camera, for points on
    the screen, x from -1 to 1."""
    if camera is None:
        return np.full(9, np.nan, np.float32)
    width, height = camera.size
    k1, k2, p1, p2, k3 = camera.distortion
    focal = camera.focal * (2 / width)
    centre = camera.center * (2 / width) - np.array([1.0, height / width])
    return np.array([*focal, *centre, k1, k2, k3, p2, p1], np.float32)


def batch(
    of: Examples, frames: IntArray, mirrored: BoolArray, around: IntArray, *, whole: bool = False
) -> Batch:
    """The windows around some frames.

    Args:
        of: where they are from.
        frames: (B,) which.
        mirrored: (B,) those to be shown in the mirror.
        around: (R,) the frames of a window, from the one it is about; beyond the ends of a clip
            its first and last are repeated.
        whole: the joints of all frames of a window are wanted.
    """
    begin, end = of.begin[frames, None], of.end[frames, None]
    index = np.clip(frames[:, None] + around, begin, end - 1)
    joints = of.joints[index if whole else frames[:, None]]
    root, lens = of.root[frames, None], of.lens[frames]
    if mirrored.any():
        flip = MIRRORED.astype(np.float32)
        joints, root, lens = joints.copy(), root.copy(), lens.copy()
        joints[mirrored] = joints[mirrored][..., of.mirror, :] * flip
        root[mirrored] *= flip
        lens[mirrored] *= MIRRORED_LENS
    return Batch(of.features[mirrored.astype(int)[:, None], index], joints, root, lens)


def shuffled(
    of: Examples, size: int, rng: np.random.Generator, *, every: int = 1, flip: bool = False
) -> list[tuple[IntArray, BoolArray]]:
    """Frames, and whether each is mirrored, in random order, cut into batches of one size.

    The few that are left are shown in another epoch; if there are fewer than one batch, all.

    Args:
        of: where they are from.
        size: of a batch.
        rng: where chance comes from.
        every: only one in so many frames, beginning anywhere.
        flip: each is there twice, once in the mirror.
    """
    frames = np.arange(int(rng.integers(min(every, len(of)))), len(of), every)
    mirrored = np.zeros(len(frames), bool)
    if flip:
        frames = np.concatenate([frames, frames])
        mirrored = np.concatenate([mirrored, ~mirrored])
    order = rng.permutation(len(frames))
    count = max(1, len(order) // size)
    parts = (order[i * size : (i + 1) * size] for i in range(count))
    return [(frames[part], mirrored[part]) for part in parts]


def spread(of: Examples, most: int, size: int) -> Iterator[IntArray]:
    """At most so many frames, evenly over all, in batches."""
    frames = np.linspace(0, len(of) - 1, min(most, len(of))).round().astype(int)
    for begin in range(0, len(frames), size):
        yield frames[begin : begin + size]
