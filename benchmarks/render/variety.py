"""Clips by number, drawn by chance: people, motions, cameras, rooms and lights as they come.

What an estimator says of them teaches a lifter its ways. Nothing of the split `test` is in them:
motions are those of `tune`, and parts of recordings that are kept for learning.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

import numpy as np

from .body import BodyShape
from .camera import Camera
from .clips import CLIPS, ROOMS, Clip, Light
from .dance import dance, recordings
from .motions import MOTIONS
from .person import Person
from .skeleton import LANDMARK_NAMES
from .truth import make_truth, solve_clip

PREFIX = "made_"
SECONDS = 3.0
SCALE, SAMPLES = 0.75, 1  # of the picture, and of a pixel: many clips matter more than fine ones
HELD_OUT = ("cmu_005_*", "cmu_007_*", "martial_*", "salsa_03", "salsa_18")  # of the recordings
HAND_WRITTEN = sorted(
    {clip.motion for clip in CLIPS.values() if clip.split == "tune"} - {"salsa_steps"}
)
BODIES = [clip.body for clip in CLIPS.values()]
EDGE = 0.6  # [s] at both ends of a recording, of which nothing is shown
MARGIN = 0.02  # of the picture stays free
NEAREST = 0.6  # [m] to the lens
CLOSE = 200  # from this number on the camera is on a desk, and legs are out of the picture
NOSE, HIP = LANDMARK_NAMES.index("nose"), LANDMARK_NAMES.index("left_hip")
UPPER = [i for i, n in enumerate(LANDMARK_NAMES) if any(p in n for p in ("ear", "shoulder", "hip"))]


def clip(number: int) -> Clip:
    """The clip of a number, always the same; of made-up motion alone if no recordings are there.

    Raises:
        ValueError: nobody can stand far enough away to be in the picture all the time.
    """
    rng = np.random.default_rng(number)
    name = f"{PREFIX}{number:04d}"
    folder = recordings()
    recorded = _recorded(folder) if (folder / "motion").is_dir() else {}
    if recorded and rng.random() < 0.5:
        source = sorted(recorded)[rng.integers(len(recorded))]
        start = rng.uniform(EDGE, recorded[source] - SECONDS - EDGE)
        MOTIONS[name] = dance(source, float(start), yaw=float(rng.uniform(-180, 180)))
        side = 0.0
    else:
        source = HAND_WRITTEN[rng.integers(len(HAND_WRITTEN))]
        whole = next(c.seconds for c in CLIPS.values() if c.motion == source)
        start = rng.uniform(0, max(whole - SECONDS, 0))
        MOTIONS[name] = _part(source, float(start), whole)
        side = float(rng.uniform(-180, 180) if rng.random() < 0.7 else rng.uniform(-40, 40))
        side *= 0.3 if number >= CLOSE else 1.0
    close = number >= CLOSE
    camera = Camera(
        elevation=float(rng.uniform(0.9, 1.6) if close else rng.uniform(0.5, 2.3)),
        yaw=side,
        roll=float(rng.normal(0, 3)),
        focal=float(rng.uniform(1.05, 1.9)),
    )
    if rng.random() < 0.4:
        camera = replace(camera, width=640, height=480)
    light = Light(float(rng.uniform(-60, 60)), float(rng.uniform(0.5, 1.1)))
    room = ROOMS[rng.integers(len(ROOMS))]
    drawn = Clip(name, SECONDS, "tune", _body(rng), camera, room, light)
    return replace(drawn, camera=_stepped_back(drawn, float(rng.normal()), close))


def _part(motion: str, start: float, whole: float):
    """A hand-written motion from a time on."""
    return lambda t, _: MOTIONS[motion](start + t, whole)


@lru_cache
def _recorded(folder: Path) -> dict[str, float]:
    """Recordings that are long enough and may be learnt from, and their lengths [s]."""
    about = json.loads((folder / "motion" / "cmu_joints_60hz.json").read_text(encoding="utf-8"))
    lengths = {name: told["frames"] / told["fps"] for name, told in about["clips"].items()}
    return {
        name: seconds
        for name, seconds in lengths.items()
        if seconds > SECONDS + 3 * EDGE and not any(fnmatch(name, held) for held in HELD_OUT)
    }


def _body(rng: np.random.Generator) -> BodyShape:
    """Somebody in somebody else's clothes."""
    one, other = (BODIES[rng.integers(len(BODIES))] for _ in range(2))
    return replace(
        one,
        height=float(np.clip(rng.normal(1.74, 0.09), 1.5, 1.98)),
        girth=float(np.clip(rng.normal(1.02, 0.08), 0.88, 1.25)),
        shorts=bool(rng.random() < 0.3),
        skin=other.skin,
        shirt=other.shirt,
        trousers=tuple(rng.uniform(0.15, 0.7, 3)),
    )


def _stepped_back(clip: Clip, tilted: float, close: bool) -> Camera:
    """The camera of a clip, as near as it may stand to see everything, or if close, the body from
    the hips up.

    Args:
        tilted: degrees by which it looks past the person's middle.

    Raises:
        ValueError: it would stand too far away, or is close to somebody who lies.
    """
    points, middle, least = (UPPER, 1.25, 1.0) if close else (slice(None), 0.9, 2.2)
    person = Person(clip.body)
    solved, contacts = solve_clip(clip, person)
    for distance in np.arange(least, 9.0, 0.2):
        tilt = float(np.degrees(np.arctan2(clip.camera.elevation - middle, distance))) + tilted
        camera = replace(clip.camera, distance=float(distance), tilt=tilt)
        size = camera.scaled(SCALE)
        truth = make_truth(replace(clip, camera=camera), person, solved, contacts, size)
        depth = (truth.landmarks - truth.camera_position) @ truth.camera_rotation[2]
        if close and (truth.landmarks[:, NOSE, 1] < truth.landmarks[:, HIP, 1]).any():
            raise ValueError(f"{clip.motion}: nobody lies before a desk")
        free = MARGIN * np.array(size)
        pixels = truth.pixels[:, points]
        inside = (pixels > free) & (pixels < np.array(size) - free)
        if depth.max() < -NEAREST and inside.all():
            return camera
    raise ValueError(f"{clip.motion}: leaves every picture")
