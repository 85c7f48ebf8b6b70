"""What the embedded detector said of rendered people, with the truth: a file of many clips.

Made by `benchmarks/accuracy/pairs.py`. Numbers are kept as they matter: pixels to 1/16, metres to
a millimetre or so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from mocap.arrays import Array, frozen, require_finite
from mocap.camera import Camera
from mocap.errors import FormatError
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.models.body_view import JOINTS

FILE = Path(__file__).parent / "detections.npz"
PER_PIXEL = 16


@dataclass(frozen=True, eq=False)
class Detection:
    """One person in one clip.

    Attributes:
        name: of the clip.
        track: what the detector said, T frames of MediaPipe's points.
        camera: what it was seen through.
        joints: (T, 12, 3) [m] the true JOINTS of body_view about the hips, in view axes, for a
            body of 1.75 m.
    """

    name: str
    track: LandmarkTrack
    camera: Camera
    joints: Array

    def __post_init__(self) -> None:
        shape = (len(self.track), len(JOINTS), 3)
        object.__setattr__(self, "joints", frozen(self.joints, shape, "joints"))
        require_finite(self.joints, "joints")


def save(detections: Sequence[Detection], path: Path) -> None:
    """Write a file of detections."""
    lengths = [len(one.track) for one in detections]
    cameras = [[*c.size, *c.focal, *c.center] for c in (one.camera for one in detections)]
    image = np.concatenate([one.track.image for one in detections]) * PER_PIXEL
    world = [one.track.world for one in detections]
    missing = np.iinfo(np.int32).min
    np.savez_compressed(
        path,
        names=np.array([one.name for one in detections]),
        frames=np.array(lengths),
        cameras=np.array(cameras, np.float32),
        times=np.concatenate([one.track.times for one in detections]).astype(np.float32),
        image=np.where(np.isfinite(image), np.round(image), missing).astype(np.int32),
        world=np.concatenate([w for w in world if w is not None]).astype(np.float16),
        confidence=np.concatenate([one.track.confidence for one in detections]).astype(np.float16),
        joints=np.concatenate([one.joints for one in detections]).astype(np.float16),
    )


def load(path: Path = FILE) -> list[Detection]:
    """The detections of a file; without one, those that come along. Raises FormatError."""
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
        ends = np.cumsum(data["frames"])
        image = data["image"].astype(np.float64)
        image[image == np.iinfo(np.int32).min] = np.nan
        found = []
        for i, (name, end) in enumerate(zip(data["names"], ends, strict=True)):
            part = slice(int(end - data["frames"][i]), int(end))
            width, height, *lens = data["cameras"][i].astype(np.float64)
            size = (int(width), int(height))
            track = LandmarkTrack(
                MEDIAPIPE_POSE,
                data["times"][part].astype(np.float64),
                image[part] / PER_PIXEL,
                data["world"][part].astype(np.float64),
                data["confidence"][part].astype(np.float64),
                size,
            )
            camera = Camera(size, np.array(lens[:2]), np.array(lens[2:]))
            joints = data["joints"][part].astype(np.float64)
            found.append(Detection(str(name), track, camera, joints))
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise FormatError(f"not a file of detections: {error}", path=path) from None
    return found
