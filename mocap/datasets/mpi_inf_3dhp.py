"""MPI-INF-3DHP: archives as P-STMO introduced them, and the original annotations.

- data_test_3dhp.npz: `data` {"TS1": {"data_2d": (T, 17, 2) px, "data_3d": (T, 17, 3) mm,
  "valid": (T,)}};
- data_train_3dhp.npz: `data` {"S1 Seq1": [{camera: {"data_2d", "data_3d"}}, fps]};
- TS1/annot_data.mat with `annot2`, `annot3`, `valid_frame`, of MATLAB 5 to 7.

Joints are in camera axes: x right, y down, z forward. Mehta et al., "Monocular 3D Human Pose
Estimation In The Wild Using Improved CNN Supervision", 2017.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mocap.archives import Archive, require_dict, require_numbers
from mocap.arrays import Array
from mocap.datasets.clip import Clip, to_view, track_of
from mocap.datasets.matlab import load_matlab
from mocap.errors import FormatError
from mocap.layouts import by_name

LAYOUT = "mpi_inf_3dhp17"
FPS = 25.0  # where nothing tells; of the test set it is not recorded
SIZE = (2048, 2048)
SIZES = {"TS5": (1920, 1080), "TS6": (1920, 1080)}
# the protocol counts the joints before pelvis, spine and head
EVALUATED = 14


def read(path: Path) -> Iterator[Clip]:
    """Every sequence of an archive, of an annot_data.mat, or of a folder of either.

    Raises:
        FormatError: no such files, or broken ones.
    """
    if path.is_dir():
        archive = path / "data_test_3dhp.npz"
        if archive.exists():
            yield from read(archive)
            return
        files = sorted(path.glob("**/annot_data.mat"))
        if not files:
            raise FormatError("neither data_test_3dhp.npz nor annot_data.mat in it", path=path)
        for file in files:
            yield annotated(file)
    elif path.suffix.lower() == ".mat":
        yield annotated(path)
    else:
        yield from _archive(path)


def _archive(path: Path) -> Iterator[Clip]:
    for name, told in require_dict(Archive(path)["data"], "data", path).items():
        if isinstance(told, dict):
            valid = told.get("valid")
            yield _clip(str(name), str(name), told, valid, FPS, path)
            continue
        if not isinstance(told, (list, tuple, np.ndarray)) or len(told) != 2:
            raise FormatError(f"{name}: expected [cameras, fps] or a dict", path=path)
        fps = float(require_numbers(told[1], (), f"{name}: fps", path))
        if not fps > 0:
            raise FormatError(f"{name}: expected a rate above 0, got {fps:g}", path=path)
        for camera, view in require_dict(told[0], str(name), path).items():
            yield _clip(f"{name}/{camera}", str(name), view, None, fps, path)


def _clip(name: str, action: str, told: Any, valid: Any, fps: float, path: Path) -> Clip:
    told = require_dict(told, name, path)
    missing = [key for key in ("data_2d", "data_3d") if key not in told]
    if missing:
        raise FormatError(f"{name}: holds no {' and no '.join(missing)}", path=path)
    image = require_numbers(told["data_2d"], (None, 17, 2), f"{name}: data_2d", path)
    joints = require_numbers(told["data_3d"], (None, 17, 3), f"{name}: data_3d", path)
    return _whole(name, action, image, joints, valid, fps, path)


def _whole(
    name: str, action: str, image: Array, joints: Array, valid: Any, fps: float, path: Path
) -> Clip:
    if len(image) != len(joints):
        raise FormatError(
            f"{name}: {len(image)} frames of points and {len(joints)} of joints", path=path
        )
    counted = np.ones(len(image), dtype=bool)
    if valid is not None:
        flags = np.ravel(np.asarray(valid))
        counted = require_numbers(flags, (len(image),), f"{name}: valid", path) == 1
    layout = by_name(LAYOUT)
    return Clip(
        name,
        name.split(" ")[0].split("/")[0],
        action,
        track_of(layout, image, SIZES.get(name, SIZE), fps),
        layout,
        to_view(joints / 1000),
        None,
        counted,
    )


def annotated(path: Path) -> Clip:
    """One annot_data.mat of the test set, named after its folder.

    Raises:
        FormatError: not such a file; or MATLAB 7.3, which is HDF5.
    """
    told = load_matlab(path)
    arrays = []
    for key, dimensions in (("annot2", 2), ("annot3", 3)):
        if key not in told:
            raise FormatError(f"holds no {key!r}, only {', '.join(told)}", path=path)
        # coordinates x joints x people x frames
        array = require_numbers(np.atleast_3d(told[key]), _matlab_shape(told[key]), key, path)
        array = array.reshape(array.shape[0], array.shape[1], -1)
        if array.shape[:2] != (dimensions, 17):
            raise FormatError(
                f"{key}: expected {dimensions} x 17 x 1 x T numbers, got "
                f"{' x '.join(map(str, np.shape(told[key])))}",
                path=path,
            )
        arrays.append(np.moveaxis(array, -1, 0).swapaxes(1, 2))
    name = path.parent.name
    return _whole(name, name, arrays[0], arrays[1], told.get("valid_frame"), FPS, path)


def _matlab_shape(value: Any) -> tuple[int | None, ...]:
    """Any shape of three or four dimensions."""
    return (None,) * max(3, np.ndim(value))
