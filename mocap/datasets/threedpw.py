"""3DPW: one pickle for each sequence, with the joints of SMPL and points of OpenPose.

Keys used, P people and T frames: `sequence`, `jointPositions` [P] (T, 72) m in the world,
`poses2d` [P] (T, 3, 18) x, y, confidence, `cam_poses` (T, 4, 4) world to camera, `cam_intrinsics`
(3, 3), `campose_valid` [P] (T,). The pickles are of Python 2. von Marcard et al., "Recovering
Accurate 3D Human Pose in The Wild Using IMUs and a Moving Camera", 2018.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mocap import safe_pickle
from mocap.archives import require_dict, require_numbers
from mocap.camera import Camera
from mocap.datasets.clip import Clip, to_view, track_of
from mocap.errors import FormatError, InvalidValue
from mocap.layouts import by_name

FPS = 30.0
EACH = ("jointPositions", "poses2d", "campose_valid")  # lists with an entry for each person


def read(path: Path) -> Iterator[Clip]:
    """Everyone in a sequence, or in all of a folder.

    Raises:
        FormatError: no such files, or broken ones.
    """
    files = sorted(path.glob("**/*.pkl")) if path.is_dir() else [path]
    if not files:
        raise FormatError("no sequences (.pkl) in it", path=path)
    for file in files:
        yield from _sequence(file)


def _sequence(path: Path) -> Iterator[Clip]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read: {error.strerror or error}", path=path) from None
    told = require_dict(safe_pickle.load(data, path=path), "a sequence", path)
    missing = [key for key in (*EACH, "cam_poses", "cam_intrinsics") if key not in told]
    if missing:
        raise FormatError(f"holds no {', '.join(missing)}", path=path)
    name = str(told.get("sequence", path.stem))
    poses = require_numbers(told["cam_poses"], (None, 4, 4), "cam_poses", path)
    camera = _camera(told["cam_intrinsics"], path)
    people = {key: _people(told[key], key, path) for key in EACH}
    if len({len(of) for of in people.values()}) != 1:
        raise FormatError(f"{name}: its lists are of different numbers of people", path=path)
    for person in range(len(people["jointPositions"])):
        joints = _of(people, "jointPositions", person, (len(poses), 72), path)
        found = _of(people, "poses2d", person, (len(poses), 3, 18), path)
        valid = _of(people, "campose_valid", person, (len(poses),), path) > 0
        yield _clip(
            f"{name}/{person}", name, joints.reshape(-1, 24, 3), found, valid, poses, camera
        )


def _clip(
    name: str, sequence: str, joints: Any, found: Any, valid: Any, poses: Any, camera: Camera
) -> Clip:
    seen = joints @ np.swapaxes(poses[:, :3, :3], 1, 2) + poses[:, None, :3, 3]
    image, confidence = np.swapaxes(found[:, :2], 1, 2), found[:, 2]
    known = np.isfinite(image).all(axis=-1) & (np.nan_to_num(confidence) > 0)
    image = np.where(known[..., None], image, np.nan)
    track = track_of(by_name("openpose_coco18"), image, camera.size, FPS)
    sure = np.where(known, np.clip(np.nan_to_num(confidence), 0.0, 1.0), 0.0)
    return Clip(
        name,
        sequence,
        sequence,
        replace(track, confidence=sure),
        by_name("smpl24"),
        to_view(seen),
        camera,
        valid & known.any(axis=1),
    )


def _camera(told: Any, path: Path) -> Camera:
    matrix = require_numbers(told, (3, 3), "cam_intrinsics", path)
    center = matrix[:2, 2]
    # no size is recorded; the principal point is the middle of the picture
    if not (np.isfinite(center).all() and (center > 0).all() and (center < 1e5).all()):
        raise FormatError("cam_intrinsics: no principal point inside a picture", path=path)
    size = (round(2 * float(center[0])), round(2 * float(center[1])))
    try:
        return Camera(size, matrix[[0, 1], [0, 1]], center)
    except InvalidValue as error:
        raise FormatError(f"cam_intrinsics: {error}", path=path) from None


def _people(value: Any, key: str, path: Path) -> Any:
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise FormatError(f"{key}: expected a list of people", path=path)
    return value


def _of(people: dict[str, Any], key: str, person: int, shape: tuple[int, ...], path: Path) -> Any:
    return require_numbers(people[key][person], shape, f"{key} of person {person}", path)
