"""Rendered people with exact truth: those of benchmarks/render, and earlier clips like them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.accuracy.detections import landmarks_of
from benchmarks.accuracy.trial import Trial, at_times
from benchmarks.render.clips import CLIPS
from benchmarks.render.truth import CANONICAL, Truth
from mocap.arrays import Array
from mocap.camera import Camera

OPENCV = np.diag([1.0, -1.0, -1.0])  # axes x right, y down, z forward, to view axes


def clips_of(split: str) -> list[str]:
    """Names of the clips of a split."""
    return [name for name, clip in CLIPS.items() if clip.split == split]


def render(name: str, folder: Path) -> bool:
    """Render a clip, which takes minutes; whether it could be done. It needs Blender's bpy, and
    some clips need recorded motion."""
    if importlib.util.find_spec("bpy") is None:
        return False
    subprocess.run([sys.executable, "-m", "benchmarks.render", name, str(folder)], check=True)
    return is_there(name, folder)


def is_there(name: str, folder: Path) -> bool:
    """Whether a clip is rendered already."""
    return (folder / f"{name}.mp4").is_file() and (folder / f"{name}.truth.npz").is_file()


def rendered(name: str, folder: Path, cache: Path) -> Trial:
    """A clip of benchmarks.render and its truth.

    Args:
        name: of the clip.
        folder: where NAME.mp4 and NAME.truth.npz are.
        cache: where what was estimated is kept.
    """
    truth = Truth.load(folder / f"{name}.truth.npz")
    track = landmarks_of(folder / f"{name}.mp4", cache)
    on = at_times(track.times, truth.times, truth.contacts.astype(float)) > 0.5
    return Trial(
        name,
        "rendered",
        track,
        camera_of(truth.K, truth.size),
        at_times(track.times, truth.times, truth.landmarks.astype(np.float64)),
        truth.camera_rotation,
        truth.camera_position,
        on,
        truth.height,
    )


def prototype(video: Path, cache: Path) -> Trial:
    """An earlier clip with its truth beside it: `world` (T, 33, 3) [m] with z up, and a camera
    `K`, `R`, `t` of OpenCV, `size`, `fps`, `height`."""
    with np.load(video.with_suffix(".npz")) as data:
        points = data["world"].astype(np.float64) @ CANONICAL.T
        times = np.arange(len(points)) / float(data["fps"])
        camera, height = camera_of(data["K"], data["size"]), float(data["height"])
        turn, position = OPENCV @ data["R"] @ CANONICAL.T, CANONICAL @ -data["R"].T @ data["t"]
    track = landmarks_of(video, cache)
    points = at_times(track.times, times, points)
    return Trial(video.stem, "prototype", track, camera, points, turn, position, height=height)


def camera_of(intrinsics: Array, size: Array) -> Camera:
    """The camera of a matrix (3, 3) [px] and a picture size (2,)."""
    focal = np.array([intrinsics[0, 0], intrinsics[1, 1]])
    return Camera((int(size[0]), int(size[1])), focal, intrinsics[:2, 2])
