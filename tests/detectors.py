"""Files as other detectors write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mocap.landmarks import LandmarkTrack
from mocap.layouts import by_name, track_in


def flat(image: np.ndarray, confidence: np.ndarray) -> list[float]:
    """x, y, c of each point in a row; zeros for what was not seen."""
    seen = (confidence > 0)[:, None]
    return np.where(seen, np.column_stack([np.nan_to_num(image), confidence]), 0.0).ravel().tolist()


def points_of(track: LandmarkTrack, layout: str, frame: int) -> list[float]:
    found = track_in(track, by_name(layout))
    return flat(found.image[frame], found.confidence[frame])


def openpose_document(people: Sequence[list[float]], ids: Sequence[int] | None = None) -> Any:
    return {
        "version": 1.3,
        "people": [
            {
                "person_id": [-1 if ids is None else ids[i]],
                "pose_keypoints_2d": points,
                "face_keypoints_2d": [],
                "hand_left_keypoints_2d": [],
                "hand_right_keypoints_2d": [],
                "pose_keypoints_3d": [],
            }
            for i, points in enumerate(people)
        ],
    }


def write_openpose(
    folder: Path, documents: Sequence[Any], first: int = 0, name: str = "clip2"
) -> Path:
    """A folder of OpenPose; None leaves a frame out, text is written as it is."""
    folder.mkdir(exist_ok=True)
    for i, document in enumerate(documents):
        if document is not None:
            text = document if isinstance(document, str) else json.dumps(document)
            (folder / f"{name}_{first + i:012d}_keypoints.json").write_text(text)
    return folder


def write_alphapose(
    path: Path, people: Sequence[Sequence[list[float]]], ids: Sequence[Sequence[int]] | None = None
) -> Path:
    """Results of AlphaPose, people of each frame."""
    results: list[dict[str, Any]] = []
    for frame, everyone in enumerate(people):
        for i, points in enumerate(everyone):
            entry = {
                "image_id": f"{frame}.jpg",
                "category_id": 1,
                "keypoints": points,
                "score": 3.1,
            }
            results.append(entry if ids is None else {**entry, "idx": ids[frame][i]})
    path.write_text(json.dumps(results))
    return path
