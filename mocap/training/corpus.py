"""Recorded motion to learn from: joints of people, measured.

The format is that of a pair of files, NAME.npz with joints (N, 22, 3) [m] of each clip, +Y up,
whose first frame is the rest pose, and NAME.json with the joints' names and the rate of each clip.
Made for the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu, NSF EIA-0196217).
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy.ndimage import median_filter

from mocap.arrays import Array
from mocap.errors import FormatError

JOINTS = (
    "hips", "spine", "thorax", "neck", "head", "head_top",
    *(f"{side}_{joint}" for side in "lr"
      for joint in ("hip", "knee", "ankle", "toe", "shoulder", "elbow", "wrist", "hand")),
)  # fmt: skip
GLITCH = 9  # frames
LEAP = 0.04  # [m] off the median over so many frames

Joints = dict[str, Array]  # (T, 3) [m] by name, +Y up


@dataclass(frozen=True, eq=False)
class Recording:
    """One clip.

    Attributes:
        name: of the clip.
        fps: frames a second.
        joints: (N, 3) [m] of each of JOINTS.
    """

    name: str
    fps: float
    joints: Joints

    def __len__(self) -> int:
        return len(self.joints["hips"])

    def at(self, frames: Array) -> Joints:
        """The joints at frames (T,), whole or between two, linearly."""
        before = np.clip(np.floor(frames).astype(int), 0, max(len(self) - 2, 0))
        after = np.minimum(before + 1, len(self) - 1)
        share = (frames - before)[:, None]
        return {name: p[before] * (1 - share) + p[after] * share for name, p in self.joints.items()}


def recordings(folder: Path) -> list[Recording]:
    """Every clip of every pair of files in a folder, by name.

    Raises:
        FormatError: there is none, or a file is not as above.
    """
    found = []
    for description in sorted(folder.glob("*.json")):
        archive = description.with_suffix(".npz")
        if archive.is_file():
            found += _pair(archive, description)
    if not found:
        raise FormatError(
            "expected recorded motion, a pair of NAME.npz and NAME.json; found none", path=folder
        )
    return found


def _pair(archive: Path, description: Path) -> list[Recording]:
    try:
        about = json.loads(description.read_text(encoding="utf-8"))
        names, clips = list(about["joints"]), dict(about["clips"])
        lacking = sorted(set(JOINTS) - set(names))
        if lacking:
            raise FormatError(f"joints: it has no {', '.join(lacking)}", path=description)
        found = []
        with np.load(BytesIO(archive.read_bytes()), allow_pickle=False) as data:
            for clip in sorted(clips):
                joints = data[clip].astype(np.float64)
                if joints.ndim != 3 or joints.shape[1:] != (len(names), 3) or len(joints) < 2:
                    raise FormatError(
                        f"{clip}: expected (N, {len(names)}, 3) of 2 frames or more, got "
                        f"{joints.shape}", path=archive,
                    )  # fmt: skip
                if not np.isfinite(joints).all():
                    raise FormatError(f"{clip}: not every joint has a place", path=archive)
                moved = repaired(joints[1:])
                places = {n: moved[:, names.index(n)] for n in JOINTS}
                found.append(Recording(clip, float(clips[clip]["fps"]), places))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadZipFile) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"not recorded motion: {error}", path=archive) from None
    return found


def apart(
    clips: Sequence[Recording], held_out: Sequence[str]
) -> tuple[list[Recording], list[Recording]]:
    """Clips to learn from, and those whose names match one of some patterns, to validate with."""
    held = [any(fnmatch.fnmatch(clip.name, pattern) for pattern in held_out) for clip in clips]
    both = list(zip(clips, held, strict=True))
    return [clip for clip, out in both if not out], [clip for clip, out in both if out]


def repaired(joints: Array) -> Array:
    """Joints (N, J, 3) [m] less the places to which one leaps for a few frames."""
    calm = median_filter(joints, size=(GLITCH, 1, 1), mode="nearest")
    off = np.linalg.norm(joints - calm, axis=-1, keepdims=True) > LEAP
    return np.where(off, calm, joints)
