"""Made-up motion: joints that wander within what bodies can do.

Recorded motion mostly stands and walks. Whoever learns from it alone believes that nobody squats,
sits or lies, and lifts such people towards standing; these poses teach otherwise. They need not
look like anything that somebody does, only be possible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.rotation import axis_angle, mul, rotate
from mocap.training.corpus import Joints
from mocap.training.noise import wander

X, Y, Z = np.eye(3)
POSTURES = {"stand": 0.35, "squat": 0.25, "low": 0.16, "sit": 0.12, "free": 0.12}
SIDES = (("l", 1.0), ("r", -1.0))
SLOWNESS = (0.12, 0.8)  # [s] time constants of joints
STRIDE = 0.5  # [m] people wander about their place


@dataclass(frozen=True)
class _Build:
    """Lengths of a body [m]."""

    thigh: float
    shin: float
    upper_arm: float
    forearm: float
    trunk: float
    hips: float
    shoulders: float


USUAL = _Build(0.44, 0.42, 0.29, 0.26, 0.50, 0.095, 0.18)


class _Wandering:
    """Angles over time, each by chance how far and how fast."""

    def __init__(self, frames: int, dt: float, rng: np.random.Generator) -> None:
        self._frames, self._dt, self._rng = frames, dt, rng

    def __call__(self, low: float, high: float, rest: float, lively: float = 1.0) -> Array:
        """(T,) [rad] between two angles [degrees], about one between `rest` and anywhere."""
        rng = self._rng
        middle = rest + (rng.uniform(low, high) - rest) * lively * rng.random()
        size = 0.28 * (high - low) * lively * rng.random()
        slowness = float(np.exp(rng.uniform(*np.log(SLOWNESS))))
        signal = middle + size * wander(self._frames, self._dt / slowness, (), rng)
        centre, half = (low + high) / 2, (high - low) / 2
        bounded: Array = centre + half * np.tanh((signal - centre) / half)
        return np.radians(bounded)


def gestures(frames: int, dt: float, rng: np.random.Generator) -> Joints:
    """Joints (T, 3) [m] of a body about its place, its lowest point on the floor.

    Args:
        frames: T.
        dt: [s] between them.
        rng: where chance comes from.
    """
    build = _Build(*(value * float(np.exp(rng.normal(0, 0.07))) for value in vars(USUAL).values()))
    angle = _Wandering(frames, dt, rng)
    posture = str(rng.choice(list(POSTURES), p=list(POSTURES.values())))
    legs, lean = _legs(posture, angle, rng)
    hips = _hips(posture, lean, angle, rng)
    found = {"hips": np.zeros((frames, 3))}
    chest = _put_trunk(found, build, hips, lean, angle)
    for side, sign in SIDES:
        _put_leg(found, build, side, sign, hips, legs[side], angle)
        _put_arm(found, build, side, sign, chest, angle)
    way = STRIDE * rng.random() * wander(frames, dt / 0.6, (3,), rng)
    way[:, 1] = -np.min([place[:, 1] for place in found.values()], axis=0)
    return {name: place + way for name, place in found.items()}


def _legs(
    posture: str, angle: _Wandering, rng: np.random.Generator
) -> tuple[dict[str, tuple[Array, Array, Array]], Array]:
    """Hip flexion, hip abduction and knee flexion of each leg, and the lean of the trunk [rad]."""
    legs = {}
    both = angle(0, 125, 0) if posture == "squat" else None
    for side, _ in SIDES:
        if both is not None:
            knee = both * rng.uniform(0.95, 1.15) + angle(-8, 8, 0)
            legs[side] = knee * rng.uniform(0.6, 1.0) + angle(-6, 6, 0), angle(0, 30, 8), knee
        elif posture == "sit":
            legs[side] = angle(60, 110, 88), angle(-5, 35, 8), angle(40, 115, 90)
        elif posture == "low":
            legs[side] = angle(-15, 120, 20), angle(-8, 40, 5), angle(0, 130, 20)
        else:
            legs[side] = angle(-25, 110, 2, 0.5), angle(-10, 50, 3, 0.5), angle(0, 120, 5, 0.5)
    lean = angle(-10, 60, 5, 0.8) if both is None else both * rng.uniform(0.1, 0.5)
    return legs, lean


def _hips(posture: str, lean: Array, angle: _Wandering, rng: np.random.Generator) -> Array:
    """(T, 4) how the hips are turned in the room."""
    found = mul(axis_angle(Z, angle(-12, 12, 0, 0.6)), axis_angle(X, 0.4 * lean))
    if posture == "low":  # on the belly, on the back, on all fours
        pitch = np.radians(
            rng.choice([rng.uniform(60, 100), -rng.uniform(60, 100), rng.uniform(20, 60)])
        )
        roll = np.radians(rng.normal(0, 25))
        found = mul(axis_angle(Z, roll), mul(axis_angle(X, pitch + angle(-12, 12, 0)), found))
    turning = 0.7 if rng.random() < 0.5 else 0.1
    facing = rng.uniform(0, 2 * np.pi) + 2 * angle(-90, 90, 0, turning)
    return mul(axis_angle(Y, facing), found)


def _put_trunk(found: Joints, build: _Build, hips: Array, lean: Array, angle: _Wandering) -> Array:
    """Spine, neck and head; returns (T, 4) how the chest is turned."""
    bend = _turned(
        0.6 * lean + angle(-12, 20, 0, 0.5), angle(-40, 40, 0, 0.7), angle(-25, 25, 0, 0.6)
    )
    chest = mul(hips, bend)
    found["spine"] = found["hips"] + rotate(hips, 0.2 * build.trunk * Y)
    found["thorax"] = found["spine"] + rotate(chest, 0.5 * build.trunk * Y)
    found["neck"] = found["spine"] + rotate(chest, 0.8 * build.trunk * Y)
    nod = _turned(angle(-40, 45, 0, 0.7), angle(-70, 70, 0, 0.7), angle(-25, 25, 0, 0.6))
    head = mul(chest, nod)
    found["head"] = found["neck"] + rotate(head, 0.1 * Y)
    found["head_top"] = found["head"] + rotate(head, 0.19 * Y)
    return chest


def _put_leg(
    found: Joints,
    build: _Build,
    side: str,
    sign: float,
    hips: Array,
    leg: tuple[Array, Array, Array],
    angle: _Wandering,
) -> None:
    flexed, spread, bent = leg
    found[f"{side}_hip"] = found["hips"] + rotate(hips, sign * build.hips * X)
    thigh = mul(hips, _turned(-flexed, sign * angle(-25, 30, 5, 0.5), sign * spread))
    found[f"{side}_knee"] = found[f"{side}_hip"] + rotate(thigh, -build.thigh * Y)
    shin = mul(thigh, axis_angle(X, bent))
    found[f"{side}_ankle"] = found[f"{side}_knee"] + rotate(shin, -build.shin * Y)
    foot = mul(
        shin,
        mul(axis_angle(X, angle(-25, 30, 0, 0.6)), axis_angle(Y, sign * angle(-5, 20, 8, 0.5))),
    )
    found[f"{side}_toe"] = found[f"{side}_ankle"] + rotate(foot, np.array([0.0, -0.07, 0.13]))


def _put_arm(
    found: Joints, build: _Build, side: str, sign: float, chest: Array, angle: _Wandering
) -> None:
    """An arm that hangs, raised sideways and swung to the front, with a bent elbow."""
    shrug = np.sin(angle(-60, 90, 0, 0.5))[:, None] * np.array([0.0, 0.03, 0.0])
    outwards = np.array([sign * build.shoulders, -0.02, 0.0])
    found[f"{side}_shoulder"] = found["neck"] + rotate(chest, outwards + shrug)
    raised = mul(
        axis_angle(Y, -sign * angle(-40, 120, 10)), axis_angle(Z, sign * angle(0, 165, 12))
    )
    upper = mul(chest, raised)
    found[f"{side}_elbow"] = found[f"{side}_shoulder"] + rotate(upper, -build.upper_arm * Y)
    bend = mul(axis_angle(Y, sign * angle(-90, 60, 0)), axis_angle(X, -angle(0, 145, 25)))
    lower = mul(upper, bend)
    found[f"{side}_wrist"] = found[f"{side}_elbow"] + rotate(lower, -build.forearm * Y)
    hand = mul(
        lower, mul(axis_angle(Z, angle(-20, 20, 0, 0.7)), axis_angle(X, angle(-40, 40, 0, 0.7)))
    )
    found[f"{side}_hand"] = found[f"{side}_wrist"] + rotate(hand, -0.08 * Y)


def _turned(forward: Array, twist: Array, aside: Array) -> Array:
    """(T, 4) twisted about y, then bent about x, then about z."""
    return rotation.mul(
        axis_angle(Z, aside), rotation.mul(axis_angle(X, forward), axis_angle(Y, twist))
    )
