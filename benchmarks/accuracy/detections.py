"""What the estimator says of a video, kept, since asking it again takes minutes."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

import numpy as np

from mocap.detect import detect
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.lookout import open_for
from mocap.people import follow
from mocap.sources.video import VideoSource

CACHE = Path(os.environ.get("MOCAP_BENCH_CACHE", Path.home() / ".cache" / "mocap-bench"))
FORMAT = 1  # of the kept files; one more whenever what is in them changes
MODEL = "blazepose-full"


def key(video: Path) -> str:
    """Tells apart what was estimated: from other pictures, by another model or release."""
    content = hashlib.sha256(video.read_bytes()).hexdigest()[:16]
    return f"{content}-{MODEL}-{version('mediapipe')}-{FORMAT}"


def landmarks_of(video: Path, cache: Path) -> LandmarkTrack:
    """The track of the one person in a video, estimated frame by frame in order, or kept.

    Raises:
        MocapError: the video cannot be read, or nobody is in it.
    """
    kept = cache / f"{key(video)}.npz"
    if not kept.is_file():
        print(f"estimating {video.name} ...", flush=True)
        save(estimated(video), kept)
    return load(kept)


def estimated(video: Path) -> LandmarkTrack:
    """The track of the one person in a video, estimated now."""
    with VideoSource(video) as source, open_for(1) as estimator:
        found = detect(source, estimator)
    tracks, _ = follow(found.sightings, found.size)
    return tracks[0]


def save(track: LandmarkTrack, path: Path) -> None:
    """Keep a track, whole or not at all."""
    assert track.world is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.stem}.part.npz")
    np.savez_compressed(
        beside, times=track.times, image=track.image, world=track.world,
        confidence=track.confidence, size=track.size,
    )  # fmt: skip
    beside.replace(path)


def load(path: Path) -> LandmarkTrack:
    """A track that was kept."""
    with np.load(path, allow_pickle=False) as data:
        width, height = map(int, data["size"])
        return LandmarkTrack(
            MEDIAPIPE_POSE, data["times"], data["image"], data["world"], data["confidence"],
            (width, height),
        )  # fmt: skip
