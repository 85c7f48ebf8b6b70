"""Points in NumPy archives.

- `kpts` (T, 17, 2) px: video-to-pose3D, one person;
- `positions_2d` {video: {"custom": [(T, 17, 2)]}} and `metadata`: data sets of VideoPose3D for
  one's own videos, data_2d_custom_*.npz, one person in each video;
- `boxes`, `keypoints` [frame][class] (people, 4, 17) and `metadata`: Detectron on one video, rows
  x, y, logit and probability.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mocap.archives import Archive, require_dict, require_numbers
from mocap.arrays import Array
from mocap.errors import FormatError
from mocap.keypoints.found import Keypoints, frames_of, number, numbered, person, with_confidence
from mocap.landmarks import Landmarks, Layout
from mocap.layouts import by_name

NAMED = {"coco": "coco17", "h36m": "h36m17", "mpii": "mpii16"}  # layouts as metadata call them
CLASS = 1  # of people, as Detectron counts
Size = tuple[int, int]


def size_of(path: Path, clip: str | None = None) -> Size | None:
    """[px] width and height that an archive tells of its pictures, None if it tells none.

    Raises:
        FormatError: it is no such archive.
    """
    archive = Archive(path)
    if "metadata" not in archive:
        return None
    told = archive["metadata"]
    if isinstance(told, dict) and "positions_2d" in archive:
        videos = told.get("video_metadata")
        told = videos.get(_clip(archive, clip)[0]) if isinstance(videos, dict) else None
    if not isinstance(told, dict):
        return None
    width, height = (number(_plain(told.get(key))) for key in ("w", "h"))
    return None if width is None or height is None else (width, height)


def read(path: Path, size: Size, fps: float, clip: str | None = None) -> Keypoints:
    """The points of an archive.

    Args:
        path: the file.
        size: of the pictures [px].
        fps: of the frames.
        clip: which video, of an archive of several.

    Raises:
        FormatError: no such archive, or it holds several videos and none is named.
    """
    archive = Archive(path)
    if clip is not None and "positions_2d" not in archive:
        raise FormatError(f"is of one video, so there is no video {clip!r} in it", path=path)
    if "kpts" in archive:
        points = require_numbers(archive["kpts"], (None, 17, 2), "kpts", path)
        return _one_person("video-to-pose3D", points, by_name("coco17"), size, fps, path)
    if "positions_2d" in archive:
        _, points = _clip(archive, clip)
        layout = layout_of(archive, unsaid="coco")
        points = require_numbers(points, (None, len(layout), 2), "positions_2d", path)
        return _one_person("VideoPose3D", points, layout, size, fps, path)
    if "keypoints" in archive and "boxes" in archive:
        return _detectron(archive, size, fps)
    raise FormatError(
        f"holds {', '.join(archive) or 'nothing'}; expected kpts, positions_2d, or keypoints and "
        "boxes",
        path=path,
    )


def _one_person(
    detector: str, points: Array, layout: Layout, size: Size, fps: float, path: Path
) -> Keypoints:
    found: dict[int, list[Landmarks]] = {}
    for at, values in enumerate(with_confidence(points)):
        somebody = person(values, layout, path=path)
        found[at] = [] if somebody is None else [somebody]
    return Keypoints(detector, layout, frames_of(found, fps, path), size, tracked=True)


def _clip(archive: Archive, clip: str | None) -> tuple[str, Any]:
    """The name and the points of one video of a data set of one's own."""
    path = archive.path
    videos = require_dict(archive["positions_2d"], "positions_2d", path)
    if clip is None and len(videos) == 1:
        clip = str(next(iter(videos)))
    if clip is None or clip not in videos:
        wanted = "" if clip is None else f"no video {clip!r}; "
        held = ", ".join(map(str, videos)) or "no videos"
        raise FormatError(f"{wanted}it holds {held}; name one of them as --clip", path=path)
    ways = require_dict(videos[clip], f"positions_2d of {clip}", path)
    cameras = next(iter(ways.values()), None)
    if not isinstance(cameras, (list, tuple, np.ndarray)) or len(ways) != 1 or len(cameras) != 1:
        raise FormatError(
            f"{clip}: expected one array of points, under 'custom'; Human3.6M and the like are "
            "read by mocap evaluate",
            path=path,
        )
    return clip, cameras[0]


def layout_of(archive: Archive, unsaid: str | None = None) -> Layout:
    """The layout that the metadata of an archive name.

    Args:
        archive: of VideoPose3D.
        unsaid: what they mean if they do not; None if they must.

    Raises:
        FormatError: they name none that is known.
    """
    told = archive.get("metadata", {})
    name = told.get("layout_name", unsaid) if isinstance(told, dict) else unsaid
    if not isinstance(name, str) or name not in NAMED:
        raise FormatError(
            f"points of the layout {name!r}; known are {', '.join(NAMED)}", path=archive.path
        )
    return by_name(NAMED[name])


def _detectron(archive: Archive, size: Size, fps: float) -> Keypoints:
    path, layout = archive.path, by_name("coco17")
    found: dict[int, list[Landmarks]] = {}
    for at, classes in enumerate(_rows(archive["keypoints"], path)):
        every = _rows(classes, path)
        people = every[CLASS] if len(every) > CLASS else []
        found[at] = []
        for rows in _rows(people, path):
            x, y, _, probability = require_numbers(rows, (4, 17), "keypoints", path)
            somebody = person(np.stack([x, y, probability], axis=1), layout, path=path)
            if somebody is not None:
                found[at].append(somebody)
        found[at] = numbered(found[at])
    return Keypoints("Detectron", layout, frames_of(found, fps, path), size)


def _rows(value: Any, path: Path) -> Any:
    if not isinstance(value, (list, tuple, np.ndarray)) or np.ndim(value) == 0:
        raise FormatError("keypoints: expected people of every frame and class", path=path)
    return value


def _plain(value: Any) -> Any:
    """A number that NumPy may have wrapped."""
    return (
        value.item() if isinstance(value, (np.generic, np.ndarray)) and value.size == 1 else value
    )
