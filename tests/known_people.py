"""People whose figures are known beforehand, their takes, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic import standing, turn

from exporters import Options, write
from mocap.arrays import Array
from mocap.motion import Motion, TrackState
from mocap.report import report
from mocap.report.body import JOINTS
from mocap.take import Person, Take
from mocap.truth import Truth

FPS = 30.0
FEET = ("leftFoot", "rightFoot")


def still(frames: int = 60, stands: bool = True) -> Motion:
    """Someone who stands on the spot, with marks."""
    motion = standing(np.arange(frames) / FPS)
    return replace(motion, contacts={foot: np.full(frames, stands) for foot in FEET})


def moved(motion: Motion, by: Array) -> Motion:
    """The motion with its root elsewhere: by (T, 3) or (3,) [m]."""
    return replace(motion, root=motion.root + by)


def jumping(frames: int = 60, fps: float = FPS) -> Motion:
    """Someone whose feet leave the floor after 20 frames and are back for the 33rd."""
    since = np.clip(np.arange(frames) - 20, 0, 12) / fps
    height = 9.81 / 2 * since * (12 / fps - since)
    motion = moved(still(frames), np.outer(height, [0.0, 1.0, 0.0]))
    return replace(motion, contacts={foot: height == 0 for foot in FEET})


def walking(frames: int = 90) -> Motion:
    """Someone who walks on the spot, without marks, lowest foot on the floor."""
    t = np.arange(frames) / FPS
    knee = np.maximum(0, 40 * np.sin(2 * np.pi * t)), np.maximum(0, -40 * np.sin(2 * np.pi * t))
    return standing(
        t, leftUpperLeg=turn("x", -1.3 * knee[0]), leftLowerLeg=turn("x", 2 * knee[0]),
        rightUpperLeg=turn("x", -1.3 * knee[1]), rightLowerLeg=turn("x", 2 * knee[1]),
    )  # fmt: skip


def all_lost() -> Motion:
    motion = still()
    return replace(
        motion,
        state=np.full(len(motion), TrackState.LOST),
        confidence=np.zeros((len(motion), len(motion.skeleton))),
    )


def take_of(*motions: Motion) -> Take:
    return Take(tuple(Person(i, motion) for i, motion in enumerate(motions)))


def truth_of(motion: Motion, contacts: bool = True) -> Truth:
    """The motion itself as the truth."""
    positions, _ = motion.fk()
    index = [motion.skeleton.index(joint) for joint in JOINTS]
    marks = np.stack([motion.contacts[foot] for foot in FEET], axis=1) if contacts else None
    return Truth(tuple(JOINTS), motion.times, positions[:, index], marks)


def figures_of(motion: Motion, truth: Truth | None = None) -> dict[str, Any]:
    return report(take_of(motion), truth)["people"][0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A take of somebody who jumps and somebody who stands."""
    path = tmp_path / "take.json"
    write(take_of(jumping(), still()), path, Options())
    return path
