"""Small files of exactly the formats of the gated data sets."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from synthetic import points_of, standing, turn

from mocap.datasets.h36m import KEPT
from mocap.landmarks import MEDIAPIPE_POSE
from mocap.layouts import by_name, mapped

FRAMES = 12


def person(layout: str, frames: int = FRAMES, turned: float = 0.0) -> np.ndarray:
    """(T, J, 3) [m] somebody who waves, +Y up; what the layout has and nobody knows is 0."""
    times = np.arange(frames) / 30
    motion = standing(
        times, hips=turn("y", turned), leftUpperArm=turn("y", -60 - 20 * np.sin(4 * times))
    )
    points, sure = points_of(motion), np.ones((frames, 33))
    found, _ = mapped(points, sure, MEDIAPIPE_POSE, by_name(layout))
    return np.nan_to_num(found)


def write_h36m(folder: Path, subjects: tuple[str, ...] = ("S9", "S11")) -> Path:
    """data_3d_h36m.npz: float32 (T, 32, 3) m, z up."""
    positions: Any = {}
    for i, subject in enumerate(subjects):
        positions[subject] = {}
        for j, action in enumerate(("Directions", "Directions 1", "WalkDog")):
            every = np.zeros((FRAMES, 32, 3), np.float32)
            upright = person("h36m17", turned=60.0 * i + 20.0 * j)
            every[:, KEPT] = upright[..., [2, 0, 1]]  # +Y up to z up
            positions[subject][action] = every
    np.savez_compressed(folder / "data_3d_h36m.npz", positions_3d=positions)
    return folder / "data_3d_h36m.npz"


def write_h36m_points(
    folder: Path, points: dict[str, dict[str, list[np.ndarray]]], layout: str = "h36m"
) -> Path:
    metadata: Any = {
        "layout_name": layout,
        "num_joints": 17,
        "keypoints_symmetry": [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]],
    }
    path = folder / "data_2d_h36m_cpn_ft_h36m_dbb.npz"
    np.savez_compressed(path, positions_2d=points, metadata=metadata)  # type: ignore[arg-type]
    return path


def three_dhp(frames: int = FRAMES) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points [px], joints [mm] in camera axes, and which frames count."""
    joints = person("mpi_inf_3dhp17", frames) * [1, -1, -1] + [0, 1, 4]
    image = joints[..., :2] / joints[..., 2:] * 1500 + 1024
    valid = np.ones(frames)
    valid[3] = 0
    return image, joints * 1000, valid


def write_3dhp(folder: Path) -> Path:
    image, joints, valid = three_dhp()
    told: Any = {
        name: {"data_2d": image, "data_3d": joints, "valid": valid} for name in ("TS1", "TS5")
    }
    np.savez_compressed(folder / "data_test_3dhp.npz", data=told)
    return folder / "data_test_3dhp.npz"


def write_3dhp_training(folder: Path, subjects: Sequence[str] = ("S1",)) -> Path:
    image, joints, _ = three_dhp()
    view = {"data_2d": image, "data_3d": joints}
    told: Any = {f"{subject} Seq1": [{"0": view, "8": view}, 25] for subject in subjects}
    np.savez_compressed(folder / "data_train_3dhp.npz", data=told)
    return folder / "data_train_3dhp.npz"


def write_annotations(folder: Path, name: str = "TS1") -> Path:
    """annot_data.mat as MATLAB 5 writes it: coordinates x joints x people x frames."""
    from scipy.io import savemat

    image, joints, valid = three_dhp()
    (folder / name).mkdir(parents=True)
    savemat(
        folder / name / "annot_data.mat",
        {
            "annot2": np.moveaxis(image, 0, -1).swapaxes(0, 1)[:, :, None],
            "annot3": np.moveaxis(joints, 0, -1).swapaxes(0, 1)[:, :, None],
            "univ_annot3": np.moveaxis(joints, 0, -1).swapaxes(0, 1)[:, :, None],
            "valid_frame": valid[:, None],
            "activity_annotation": np.ones((len(valid), 1)),
        },
    )
    return folder / name / "annot_data.mat"


def write_3dpw(path: Path, people: int = 2, protocol: int = 2) -> Path:
    """A sequence of 3DPW: world +Y up, a camera 4 m in front that moves to the side."""
    joints = person("smpl24")
    poses = np.tile(np.diag([1.0, -1.0, -1.0, 1.0]), (FRAMES, 1, 1))
    poses[:, :3, 3] = [0, 1, 4]
    poses[:, 0, 3] = np.linspace(0, 0.3, FRAMES)
    lens = np.array([[1960.0, 0, 540], [0, 1960, 960], [0, 0, 1]])
    coco, _ = mapped(joints, np.ones((FRAMES, 24)), by_name("smpl24"), by_name("openpose_coco18"))
    seen = coco @ np.swapaxes(poses[:, :3, :3], 1, 2) + poses[:, None, :3, 3]
    known = np.isfinite(seen).all(axis=-1)
    pixels = (seen @ lens.T)[..., :2] / seen[..., 2:]
    rows = np.where(known[..., None], np.dstack([pixels, np.full(known.shape, 0.8)]), 0.0)
    valid = np.ones(FRAMES, int)
    valid[0] = 0
    told = {
        "sequence": "downtown_walking_00",
        "betas": [np.zeros(10)] * people,
        "poses": [np.zeros((FRAMES, 72))] * people,
        "trans": [np.zeros((FRAMES, 3))] * people,
        "genders": ["m"] * people,
        "poses2d": [np.swapaxes(rows, 1, 2)] * people,
        "jointPositions": [joints.reshape(FRAMES, 72)] * people,
        "img_frame_ids": np.arange(FRAMES),
        "cam_poses": poses,
        "campose_valid": [valid] * people,
        "cam_intrinsics": lens,
    }
    path.write_bytes(pickle.dumps(told, protocol))
    return path
