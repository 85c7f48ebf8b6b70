"""Filters on motion: feet that stand stay where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from filtering import BOTH_FEET, EACH, RATES, assert_same
from motions import millimetres_apart
from synthetic import standing

from mocap import metrics, rotation
from mocap.arrays import Array
from mocap.body_filters import Butterworth, Filter, OneEuro
from mocap.motion import Motion
from mocap.skeletons import humanoid
from mocap.smoothing import bones_to_feet, smoothed


def crouching(times: Array, root: Array, heading: Array) -> Motion:
    """Both feet exactly planted below a root (T, 3) [m] and heading (T, 4) that move."""
    motion = standing(times, hips=heading)
    body, q = motion.skeleton, motion.rotations.copy()
    forwards = np.array([1.0, 0.0, 0.0])
    for side in ("left", "right"):
        thigh, shin, foot = (body.index(side + b) for b in ("UpperLeg", "LowerLeg", "Foot"))
        a, b = (np.linalg.norm(body.offsets[i]) for i in (shin, foot))
        way = body.rest_positions[foot] - root - rotation.rotate(heading, body.offsets[thigh])
        far = np.linalg.norm(way, axis=1)
        lift = np.arccos((a * a + far * far - b * b) / (2 * a * far))
        bend = np.pi - np.arccos((a * a + b * b - far * far) / (2 * a * b))
        aim = rotation.between(np.array([0.0, -1.0, 0.0]), way)
        leg = rotation.mul(aim, rotation.axis_angle(forwards, -lift))
        q[:, thigh] = rotation.mul(rotation.inv(heading), leg)
        q[:, shin] = rotation.axis_angle(forwards, bend)
        q[:, foot] = rotation.inv(rotation.mul(leg, q[:, shin]))
    stands = np.ones(len(times), dtype=bool)
    return replace(motion, root=root, rotations=q, contacts={foot: stands for foot in BOTH_FEET})


def planted(fps: float, speed: str) -> Motion:
    """Slow: swaying with noise of 5 mm and a degree. Fast: bouncing 0.3 m deep, three times in two
    seconds."""
    times, random = np.arange(0, 4, 1 / fps), np.random.default_rng(0)
    turns = 2 * np.pi * times * (0.5 if speed == "slow" else 1.5)
    root = np.tile(humanoid().offsets[0] - [0.0, 0.08, 0.0], (len(times), 1))
    heading = 0.2 * np.sin(turns)
    if speed == "slow":
        root += 0.1 * np.stack([np.sin(turns), 0 * turns, np.cos(turns) / 2], axis=1)
        root += random.normal(0, 0.005, root.shape)
        heading += random.normal(0, 0.02, len(times))
    else:
        root[:, 1] -= 0.15 * (1 - np.cos(turns))
    return crouching(times, root, rotation.axis_angle(np.array([0.0, 1.0, 0.0]), heading))


@EACH
@RATES
@pytest.mark.parametrize("speed", ["slow", "fast"])
def test_planted_feet_stay(filter: Filter, fps: float, speed: str) -> None:
    motion = planted(fps, speed)
    feet = [motion.skeleton.index(foot) for foot in BOTH_FEET]
    stands = np.ones((len(motion), 2), dtype=bool)
    before, after = (m.fk()[0][:, feet] for m in (motion, smoothed(motion, filter)))
    assert metrics.foot_slide(before, stands, fps) < 1e-3
    assert metrics.foot_slide(after, stands, fps) < 1.5  # [cm/s]
    assert millimetres_apart(after, before) < 6


def test_feet_that_nobody_named_stay_too() -> None:
    """In a file without contacts, of a skeleton that is known; others have none."""
    motion = planted(30, "fast")
    assert_same(smoothed(replace(motion, contacts={}), OneEuro()), smoothed(motion, OneEuro()), 0.0)
    strange = motion.skeleton.replace(names=[f"b{i}" for i in range(len(motion.skeleton))])
    moved = smoothed(replace(motion, skeleton=strange, contacts={}), Butterworth())
    assert_same(moved, smoothed(motion, Butterworth()), 0.0)


def test_bones_to_the_feet() -> None:
    body = humanoid()
    legs = {"hips", *(s + b for s in ("left", "right") for b in ("UpperLeg", "LowerLeg", "Toes"))}
    legs |= set(BOTH_FEET)
    carrying = bones_to_feet(body, BOTH_FEET)
    assert {name for name, on in zip(body.names, carrying, strict=True) if on} == legs
    assert not bones_to_feet(body, ["no such bone"]).any()
