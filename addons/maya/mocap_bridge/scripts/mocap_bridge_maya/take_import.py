"""Takes (.json) and recordings (.jsonl) as new skeletons, and any file's motion as clips."""

from __future__ import annotations

from pathlib import Path

from . import bvh_clips, legacy_points, legacy_pose, own
from .own import Loaded
from .scene import Scene
from .shared import takes
from .shared.bvh import Bvh
from .shared.clip import Clip
from .shared.errors import TakeError
from .upright import upright


def load(
    scene: Scene,
    path: str | Path,
    rate: str = "RESAMPLE",
    first: float = 1.0,
    namespace: str = "",
) -> Loaded:
    """Make a skeleton for each person of a take or recording, with their motion.

    Args:
        scene: gets them.
        path: of a .json or .jsonl file.
        rate, first, namespace: as of `own.load`.

    Raises:
        TakeError: the file cannot be read.
        SceneError: the scene cannot have the rate.
    """
    found = takes.read(path)
    if isinstance(found, Bvh):
        raise TakeError(f"{Path(path).name}: expected a take or a recording")
    return own.load(scene, found.clips, Path(path).stem, rate, first, namespace, found.notes)


def clips_of(
    path: str | Path, unit: str = "AUTO", fps: float = 30.0
) -> tuple[tuple[Clip, ...], tuple[str, ...]]:
    """The motion of any file that is known, for rigs that are there.

    Args:
        path: of a .json, .jsonl or .bvh file, or of a `3d_data.json`.
        unit: of a BVH: "AUTO", "CM" or "M".
        fps: of a `3d_data.json`, which does not tell it.

    Returns:
        The clips, upright on the floor, and sentences about the file.

    Raises:
        TakeError: the file cannot be read.
    """
    if Path(path).name.lower() == legacy_points.NAMES[0]:
        points = legacy_points.read(path)
        return (legacy_pose.clip_of(points, fps),), ()
    found = takes.read(path, unit)
    if isinstance(found, Bvh):
        clips = tuple(bvh_clips.clip_of(found, n) for n in range(len(found.people)))
        return tuple(upright(clip) for clip in clips), found.notes
    return found.clips, found.notes
