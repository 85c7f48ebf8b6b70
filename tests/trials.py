"""Trials of the accuracy benchmark whose truth is made of numbers, and landmarks drawn for them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from synthetic import CAMERA, CAMERA_AT, points_of, seen, standing, turn

from benchmarks.accuracy import motion
from benchmarks.accuracy.methods import Outcome
from benchmarks.accuracy.trial import Trial
from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion
from mocap.training import noise

FPS = 30.0
TIMES = np.arange(45) / FPS
STILL = noise.Mishaps(0.0, 0.1, 0.0, 0.1)


def walking() -> Motion:
    """Somebody who swings arms and legs, sideways on the whole: nothing is flat or at rest."""
    swing = 30 * np.sin(2 * np.pi * TIMES)
    motion = standing(
        TIMES,
        leftUpperLeg=turn("x", -20 + swing),
        rightUpperLeg=turn("x", -20 - swing),
        leftLowerLeg=turn("x", 25 + 0.5 * swing),
        leftLowerArm=turn("y", -40 + swing),
    )
    way = np.outer(TIMES, [0.6, 0.0, -0.3])
    return Motion(motion.skeleton, TIMES, motion.root + way, motion.rotations)


def trial_of(
    motion: Motion, track: LandmarkTrack | None = None, contacts: BoolArray | None = None
) -> Trial:
    track = track or seen(motion, marked=False)
    points = points_of(motion, marked=False)
    return Trial("walk", "motion", track, CAMERA, points, np.eye(3), CAMERA_AT, contacts)


WALK = walking()
TRIAL = trial_of(WALK)


def perfect(trial: Trial = TRIAL) -> Outcome:
    return Outcome(trial.joints, trial.soles, grounded=True)


def world_of(track: LandmarkTrack) -> Array:
    assert track.world is not None
    return track.world


def turned(outcome: Outcome, q: Array, shift: Array) -> Outcome:
    return Outcome(
        rotation.rotate(q, outcome.joints) + shift,
        rotation.rotate(q, outcome.soles) + shift,
        outcome.grounded,
    )


def drawn(seed: int, mishaps: noise.Mishaps | None = None) -> noise.Synthetic:
    return noise.seen_through(
        noise.fitted(motion.NOISE),
        TRIAL.view,
        TIMES,
        CAMERA,
        1.75,
        np.random.default_rng(seed),
        mishaps,
    )


def made_up(frames: int = 300) -> dict[str, Array]:
    """Joints as the archive of measured motion names them, of somebody who stands and nods."""
    motion = standing(np.arange(frames) / 60)
    positions, _ = motion.fk()
    at = {n: positions[:, motion.skeleton.index(n)] for n in motion.skeleton.names}
    up = np.array([0.0, 1.0, 0.0])
    found = {"hips": at["hips"], "spine": at["spine"], "thorax": at["chest"], "neck": at["neck"],
             "head": at["head"], "head_top": at["head"] + 0.2 * up}  # fmt: skip
    for side in ("left", "right"):
        for ours, theirs in (("UpperLeg", "hip"), ("LowerLeg", "knee"), ("Foot", "ankle"),
                             ("Toes", "toe"), ("UpperArm", "shoulder"), ("LowerArm", "elbow"),
                             ("Hand", "wrist")):  # fmt: skip
            found[f"{side[0]}_{theirs}"] = at[f"{side}{ours}"]
        found[f"{side[0]}_hand"] = at[f"{side}Hand"] - 0.08 * up
    return found


def archive(folder: Path) -> Path:
    joints = made_up()
    names = list(joints)
    stacked = np.stack([joints[n] for n in names], axis=1).astype(np.float32)
    clips = ["cmu_007_03", "cmu_007_11", "martial_04"]
    np.savez(folder / "cmu_joints_60hz.npz", **{c: stacked for c in clips})
    about = {"joints": names, "clips": {c: {} for c in clips}}
    (folder / "cmu_joints_60hz.json").write_text(json.dumps(about), encoding="utf-8")
    return folder
