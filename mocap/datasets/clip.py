"""One performance as one camera saw it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap.arrays import Array, BoolArray, frozen
from mocap.camera import Camera
from mocap.landmarks import LandmarkTrack, Layout


@dataclass(frozen=True, eq=False)
class Clip:
    """One performance as one camera saw it, and the truth.

    Attributes:
        name: the only one in its data set, as "S9/Directions 1/54138969".
        subject: who performs.
        action: what the tables of the literature group it under.
        track: the points in the picture, confidence 0 where there is none, no world points.
        joints: the names of the J true joints.
        positions: (T, J, 3) [m] from the camera, in view axes: x right, y up, z towards it.
        camera: what the points were seen through; None if the data set does not tell.
        counted: (T,) frames that the protocol counts.
    """

    name: str
    subject: str
    action: str
    track: LandmarkTrack
    joints: Layout
    positions: Array
    camera: Camera | None
    counted: BoolArray

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        frames = len(self.track)
        shape = (frames, len(self.joints), 3)
        set_(self, "positions", frozen(self.positions, shape, f"{self.name}: joints"))
        set_(self, "counted", frozen(self.counted, (frames,), f"{self.name}: counted", np.bool_))


def track_of(layout: Layout, image: Array, size: tuple[int, int], fps: float) -> LandmarkTrack:
    """A track of points (T, K, 2) [px] at a steady rate; what is not finite was not seen."""
    seen = np.isfinite(image).all(axis=-1)
    return LandmarkTrack(
        layout,
        times=np.arange(len(image)) / fps,
        image=np.where(seen[..., None], image, np.nan),
        world=None,
        confidence=seen.astype(np.float64),
        size=size,
    )


def to_view(points: Array) -> Array:
    """Camera axes of computer vision (x right, y down, z forward) to view axes, and back."""
    return points * np.array([1.0, -1.0, -1.0])
