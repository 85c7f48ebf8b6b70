"""AlphaPose: one JSON file of results, also after PoseFlow has followed people.

- a list of `{"image_id": "12.jpg", "keypoints": [x, y, c, ...], "score": s}`, 17 points (COCO),
  with `idx` if people were followed;
- `{"12.jpg": {"bodies": [{"joints": [...]}]}}` (`--format cmu`) or `{"12.jpg": {"people":
  [{"pose_keypoints_2d": [...]}]}}` (`--format open`), 18 points as of OpenPose;
- `{"12.jpg": [{"keypoints": [[x, y], ...], "scores": [...], "idx": n}]}` inside PoseFlow, or
  with keypoints as in the list.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mocap.errors import FormatError
from mocap.keypoints import openpose
from mocap.keypoints.found import Keypoints, frames_of, number, numbered, person, triples
from mocap.keypoints.names import frame_number, load_json
from mocap.landmarks import Landmarks, Layout
from mocap.layouts import by_name

NAME = "AlphaPose"
COCO = "coco17"


def is_results(document: Any) -> bool:
    """Whether a JSON document looks like results."""
    if isinstance(document, list):
        return all(isinstance(e, dict) and {"image_id", "keypoints"} <= set(e) for e in document)
    if isinstance(document, dict) and document:
        return all(
            isinstance(v, list) or (isinstance(v, dict) and bool(set(v) & set(openpose.PEOPLE)))
            for v in document.values()
        )
    return False


def read(path: Path, size: tuple[int, int], fps: float) -> Keypoints:
    """The points of a file.

    Args:
        path: the file.
        size: of the pictures [px].
        fps: of the frames.

    Raises:
        FormatError: it cannot be read as such.
    """
    document = load_json(path)
    if not is_results(document):
        raise FormatError(
            'expected a list of {"image_id", "keypoints", "score"}, or the people of each image',
            path=path,
        )
    if isinstance(document, list):
        return _of_list(document, size, fps, path)
    if all(isinstance(value, list) for value in document.values()):
        return _of_list(_flat(document, path), size, fps, path)
    return _of_documents(document, size, fps, path)


def _of_list(entries: list[Any], size: tuple[int, int], fps: float, path: Path) -> Keypoints:
    layout = by_name(COCO)
    found: dict[int, list[Landmarks]] = {}
    every_id = bool(entries)
    for entry in entries:
        at = _frame(entry["image_id"], path)
        somebody = person(triples(entry["keypoints"], layout, path), layout, path=path)
        people = found.setdefault(at, [])
        if somebody is not None:
            id = number(entry.get("idx"))
            every_id &= id is not None
            people.append(somebody.with_person(id or 0))
    return _keypoints(found, layout, every_id, size, fps, path)


def _flat(document: dict[str, list[Any]], path: Path) -> list[dict[str, Any]]:
    """The people of each image as a list of results."""
    entries = []
    for image, people in document.items():
        for somebody in people:
            if isinstance(somebody, dict) and "keypoints" in somebody and "scores" not in somebody:
                entries.append({**somebody, "image_id": image})
                continue
            try:
                points = np.array(somebody["keypoints"], dtype=np.float64).reshape(-1, 2)
                scores = np.array(somebody["scores"], dtype=np.float64).reshape(-1, 1)
                values = np.concatenate([points, scores], axis=1).ravel()
            except (KeyError, TypeError, ValueError, OverflowError):
                raise FormatError(
                    f"{image}: expected keypoints of everyone, 17 times x, y and confidence, or "
                    "(17, 2) with scores (17)",
                    path=path,
                ) from None
            entries.append({"image_id": image, "keypoints": values, "idx": somebody.get("idx")})
    return entries


def _of_documents(
    document: dict[str, Any], size: tuple[int, int], fps: float, path: Path
) -> Keypoints:
    found: dict[int, list[Landmarks]] = {}
    layout: Layout | None = None
    every_id = True
    for image, told in document.items():
        people, layout, with_ids = openpose.people_of(told, layout, path)
        found.setdefault(_frame(image, path), []).extend(people)
        every_id &= with_ids
    layout = layout or by_name(openpose.LAYOUTS[0])
    return _keypoints(found, layout, every_id, size, fps, path)


def _keypoints(
    found: dict[int, list[Landmarks]],
    layout: Layout,
    every_id: bool,
    size: tuple[int, int],
    fps: float,
    path: Path,
) -> Keypoints:
    if not every_id:
        found = {at: numbered(people) for at, people in found.items()}
    some = any(found.values())
    return Keypoints(NAME, layout, frames_of(found, fps, path), size, tracked=every_id and some)


def _frame(image: object, path: Path) -> int:
    at = frame_number(image) if isinstance(image, str) else number(image)
    if at is None:
        raise FormatError(f"no frame number in the image's name {str(image)[:40]!r}", path=path)
    return at
