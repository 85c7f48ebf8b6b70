"""People whom one camera saw, with the truth: what a network learns from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array, BoolArray, frozen, require_finite
from mocap.camera import Camera
from mocap.datasets.clip import Clip, to_view
from mocap.errors import InvalidValue
from mocap.landmarks import LandmarkTrack, Layout
from mocap.layouts import available, mapped, track_in
from mocap.lifting import without_gaps

ROOT = "hips"


@dataclass(frozen=True, eq=False)
class Seen:
    """One person before one camera.

    Attributes:
        name: of the clip.
        image: (T, K, 2) [px] points, those not seen filled in from other frames.
        confidence: (T, K) of these, 0 where they were filled in.
        size: width and height of the picture [px].
        joints: (T, J, 3) [m] about the root, in camera axes: x right, y down, z forward.
        root: (T, 3) [m] where the root is from the camera, in the same axes.
        camera: what the person was seen through; None if nobody knows.
    """

    name: str
    image: Array
    confidence: Array
    size: tuple[int, int]
    joints: Array
    root: Array
    camera: Camera | None

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        frames = len(self.joints)
        for name, value, shape in (
            ("image", self.image, (frames, None, 2)),
            ("confidence", self.confidence, (frames, np.shape(self.image)[1])),
            ("joints", self.joints, (frames, None, 3)),
            ("root", self.root, (frames, 3)),
        ):
            array = frozen(value, shape, f"{self.name}: {name}")
            require_finite(array, f"{self.name}: {name}")
            set_(self, name, array)

    def __len__(self) -> int:
        return len(self.joints)


def of_clip(clip: Clip, inputs: Layout, outputs: Layout, rate: float) -> Iterator[Seen]:
    """What a network of these layouts can learn from a clip of a data set.

    Args:
        clip: of any layouts.
        inputs, outputs: of the network.
        rate: [Hz] wanted, as near as leaving out frames comes to it.

    Yields:
        One for each stretch of frames that count and in which the joints are known.

    Raises:
        InvalidValue: the data set has no such points or joints.
    """
    lacking = set(inputs.points) - set(available(clip.track.layout, inputs))
    if lacking:
        raise InvalidValue(
            f"{clip.name}: has points of {clip.track.layout.name}, of which nobody can make "
            f"{', '.join(sorted(lacking))}; inputs may be {clip.track.layout.name}"
        )
    positions, known = mapped(
        to_view(clip.positions),
        np.isfinite(clip.positions).all(axis=-1).astype(float),
        clip.joints,
        outputs,
    )
    never = [p for p, any_ in zip(outputs.points, (known > 0).any(0), strict=True) if not any_]
    if never:
        raise InvalidValue(f"{clip.name}: has no {', '.join(never)}, which {outputs.name} wants")
    step = step_to(rate, frame_rate(clip.track))
    yield from seen(
        clip.name,
        clip.track,
        positions,
        (known > 0).all(axis=1),
        clip.camera,
        inputs,
        outputs,
        step,
    )


def seen(
    name: str,
    track: LandmarkTrack,
    positions: Array,
    known: BoolArray,
    camera: Camera | None,
    inputs: Layout,
    outputs: Layout,
    step: int,
) -> Iterator[Seen]:
    """Stretches of known frames; `positions` (T, J, 3) [m] are from the camera, in its axes."""
    if not (track.confidence > 0).any():
        return
    whole = without_gaps(track_in(track, inputs))
    root = outputs.index(ROOT)
    for begin, end in runs(known):
        part = slice(begin, end, step)
        at = positions[part, root]
        yield Seen(
            name,
            whole.image[part],
            whole.confidence[part],
            whole.size,
            positions[part] - at[:, None],
            at,
            camera,
        )


def runs(known: BoolArray) -> Iterator[tuple[int, int]]:
    """Begin and end of each stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def frame_rate(track: LandmarkTrack) -> float:
    """[Hz] of a track; of a single frame 1."""
    times = track.times
    return (len(times) - 1) / float(times[-1] - times[0]) if len(times) > 1 else 1.0


def step_to(rate: float, fps: float) -> int:
    """Which one in so many frames to keep, to come from `fps` near `rate`."""
    return max(1, round(fps / rate))
