"""Human3.6M, in the archives that VideoPose3D introduced.

- data_3d_h36m.npz: `positions_3d` {subject: {action: (T, 32, 3)}} [m] in the room, z up;
- data_2d_h36m_<detector>.npz: `positions_2d` {subject: {action: [4 cameras: (T, 17, 2)]}} [px]
  and `metadata` {"layout_name", "num_joints", "keypoints_symmetry"}.

Without points of a detector, the true joints are projected through the cameras, lenses included,
which is what "gt" means in the literature. Ionescu et al., "Human3.6M: Large Scale Datasets and
Predictive Methods for 3D Human Sensing in Natural Environments", 2014.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mocap import rotation
from mocap.archives import Archive, require_dict, require_numbers
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.datasets.clip import Clip, to_view, track_of
from mocap.errors import FormatError, InvalidValue
from mocap.keypoints.arrays import layout_of
from mocap.layouts import by_name

TABLE = Path(__file__).parent.parent / "data" / "h36m_cameras.json"
FILE = "data_3d_h36m.npz"
FPS = 50.0
TEST = ("S9", "S11")
TRUTH = "gt"
# the 17 of 32 recorded joints that the literature evaluates
KEPT = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)


@cache
def table() -> dict[str, Any]:
    """Lenses and places of the cameras."""
    told: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return told


def lens(which: int) -> Camera:
    """One of the four cameras."""
    told = table()["cameras"][which]
    k1, k2, k3 = told["radial"]
    p1, p2 = told["tangential"]
    return Camera(
        (told["width"], told["height"]),
        np.array(told["focal"]),
        np.array(told["center"]),
        np.array([k1, k2, p2, p1, k3]),  # they name the tangential ones the other way round
    )


def in_camera(positions: Array, subject: str, which: int) -> Array:
    """Points (..., 3) [m] of the room in the axes of a camera: x right, y down, z forward."""
    place = table()["subjects"][subject][which]
    turn = rotation.inv(rotation.normalize(place["orientation"]))
    return rotation.rotate(turn, positions - np.array(place["position"]))


def project(points: Array, which: int) -> Array:
    """Points (..., 3) [m] in the axes of a camera to pixels (..., 2), bent by its lens.

    As the data set defines it; what is farther than one focal length from the middle is cut off.
    """
    told = table()["cameras"][which]
    radial, tangential = np.array(told["radial"]), np.array(told["tangential"])
    plane = np.clip(points[..., :2] / points[..., 2:], -1.0, 1.0)
    r2 = np.sum(plane**2, axis=-1, keepdims=True)
    bent = 1.0 + np.sum(radial * r2 ** np.arange(1, 4), axis=-1, keepdims=True)
    bent = bent + np.sum(tangential * plane, axis=-1, keepdims=True)
    pixels: Array = (plane * bent + tangential * r2) * told["focal"] + told["center"]
    return pixels


def read(path: Path, points: str | None = None, subjects: Sequence[str] = TEST) -> Iterator[Clip]:
    """Every action of some subjects in every camera.

    Args:
        path: data_3d_h36m.npz, or the folder that holds it.
        points: TRUTH or None projects the true joints; else the detector in the name of the
            archive beside ("cpn_ft_h36m_dbb"), or a path of one.
        subjects: whom.

    Raises:
        FormatError: an archive is missing, broken or lacks a subject.
    """
    folder = path if path.is_dir() else path.parent
    file, recorded = _recorded(path)
    detected = None if points in (None, TRUTH) else _Detected(_points_file(folder, str(points)))
    for subject in subjects:
        if subject not in recorded:
            raise FormatError(f"holds no subject {subject}, only {_names(recorded)}", path=file)
        if subject not in table()["subjects"]:
            raise InvalidValue(
                f"subject {subject}: where its cameras stood is not known; known are "
                f"{', '.join(table()['subjects'])}"
            )
        actions = require_dict(recorded[subject], subject, file)
        for action, positions in actions.items():
            every = require_numbers(positions, (None, 32, 3), f"{subject} {action}", file)
            yield from _clips(subject, str(action), every[:, KEPT], detected)


def subjects_of(path: Path) -> tuple[str, ...]:
    """Whom data_3d_h36m.npz, or that of a folder, holds. Raises FormatError."""
    _, recorded = _recorded(path)
    return tuple(map(str, recorded))


def _recorded(path: Path) -> tuple[Path, dict[Any, Any]]:
    """The archive of the joints, and what it holds of each subject. Raises FormatError."""
    file = path / FILE if path.is_dir() else path
    return file, require_dict(Archive(file)["positions_3d"], "positions_3d", file)


def _clips(
    subject: str, action: str, positions: Array, detected: _Detected | None
) -> Iterator[Clip]:
    for which, told in enumerate(table()["cameras"]):
        name = f"{subject}/{action}/{told['id']}"
        seen = in_camera(positions, subject, which)
        size = (told["width"], told["height"])
        if detected is None:
            layout, image = by_name("h36m17"), project(seen, which)
        else:
            layout = detected.layout
            image = detected.points(subject, action, which, len(seen))
        yield Clip(
            name,
            subject,
            re.sub(r"[ _]?\d+$", "", action),
            track_of(layout, image, size, FPS),
            by_name("h36m17"),
            to_view(seen),
            lens(which),
            np.ones(len(seen), dtype=bool),
        )


class _Detected:
    """What a detector found."""

    def __init__(self, path: Path) -> None:
        archive = Archive(path)
        self.path = path
        self._every = require_dict(archive["positions_2d"], "positions_2d", path)
        self.layout = layout_of(archive)

    def points(self, subject: str, action: str, which: int, frames: int) -> Array:
        """(T, K, 2) [px] of one clip. Raises FormatError."""
        actions = require_dict(self._every.get(subject, {}), subject, self.path)
        what = f"{subject} {action}"
        cameras = actions.get(action)
        if not isinstance(cameras, (list, tuple, np.ndarray)) or len(cameras) <= which:
            raise FormatError(f"{what}: expected points of 4 cameras", path=self.path)
        found = require_numbers(cameras[which], (None, len(self.layout), 2), what, self.path)
        if len(found) < frames:
            raise FormatError(
                f"{what}: {len(found)} frames of points for {frames} of joints", path=self.path
            )
        return np.asarray(found[:frames])  # videos have a few frames more than the recording


def _points_file(folder: Path, points: str) -> Path:
    named = folder / f"data_2d_h36m_{points}.npz"
    if named.exists() or not Path(points).exists():
        return named
    return Path(points)


def _names(things: dict[Any, Any]) -> str:
    return ", ".join(map(str, things)) or "none"
