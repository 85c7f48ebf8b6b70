"""Feet that stand stay where they are: the last millimetres, by inverse kinematics of the legs.

The fit brings planted feet to a near stop. Here each sole is held in its place for as long as it
stands, the correction fades in before and out after, and no sole is below the floor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.rotation import between, dot, mul, rotate, unit
from mocap.skeleton import Skeleton
from mocap.solve.body import SIDES
from mocap.solve.contact import runs

HEEL = np.array([0.0, -0.07, -0.06])  # [m] of a 1.75 m body, from the ankle to under the heel
PLANTED = 0.5  # probability from which a sole is taken to stand
SHORTEST = 0.08  # [s] it stands at least
ASTRAY = 0.03  # [m] a sole may be off its spot at the beginning and end of standing, by the fit
PIVOT = np.radians(30)  # a foot that turns by more while it stands does so on purpose
FADE = 0.12  # [s] over which a correction comes and goes outside of standing
NOTHING = 1e-4  # [m] below which a foot need not be moved
REACH = 0.99999  # share of the leg's length that is never exceeded
REACHING = 0.04  # [s] over which a root comes along smoothly
REACHES = 8  # rounds of bringing it along
X, Y, Z = np.eye(3)


@dataclass(frozen=True)
class Soles:
    """Where the soles are.

    Attributes:
        heels, tips: (T, 2, 3) [m] under the heels and at the tips of the toes, left and right.
        balls: (T, 2, 3) [m] under the balls of the feet.
    """

    heels: Array
    tips: Array
    balls: Array

    @property
    def lowest(self) -> Array:
        """(T, 2, 3) [m] the lowest point of each sole."""
        every = np.stack([self.heels, self.balls, self.tips])
        pick = every[..., 1].argmin(axis=0)
        return np.take_along_axis(every, pick[None, ..., None], axis=0)[0]


def soles(positions: Array, world: Array, skeleton: Skeleton) -> Soles:
    """The soles of a pose, from the result of `fk`."""
    feet, toes = (bones_of(skeleton, part) for part in ("Foot", "Toes"))
    heel = HEEL * skeleton.height / 1.75
    ends = skeleton.tips[toes]
    return Soles(
        heels=positions[:, feet] + rotate(world[:, feet], heel),
        tips=positions[:, toes] + rotate(world[:, toes], ends),
        balls=positions[:, toes] + ends * Y,
    )


def bones_of(skeleton: Skeleton, part: str) -> list[int]:
    """The bone of this kind on the left and on the right."""
    return [skeleton.index(f"{side}{part}") for side in SIDES]


def standing(times: Array, planted: Array) -> BoolArray:
    """(T, 2, 2) whether heel and toes of each foot stand, of probabilities (T, 2, 2); for a
    while at least."""
    on = planted > PLANTED
    for foot in range(2):
        for part in range(2):
            for run in runs(on[:, foot, part]):
                if times[run.stop - 1] - times[run.start] < SHORTEST:
                    on[run, foot, part] = False
    return on


def steady(part: Array, run: slice) -> slice:
    """A run of frames without those at either end in which a sole (T, 3) is still, or already,
    on its way."""
    spot = np.median(part[run], axis=0)
    near = np.flatnonzero(np.linalg.norm((part[run] - spot)[:, [0, 2]], axis=1) < ASTRAY)
    return slice(run.start + int(near[0]), run.start + int(near[-1]) + 1) if len(near) else run


def steadied(stands: BoolArray, found: Soles) -> BoolArray:
    """Which heels and toes stand (T, 2, 2), without the frames at either end of standing in which
    a sole is still, or already, on its way."""
    kept = stands.copy()
    for foot in range(2):
        for run in runs(stands[:, foot].any(axis=1)):
            toes = stands[run, foot, 1]
            if toes.all() or not toes.any():
                near = steady((found.tips if toes.all() else found.heels)[:, foot], run)
                kept[run.start : near.start, foot] = kept[near.stop : run.stop, foot] = False
    return kept


def locked(
    times: Array, root: Array, local: Array, stands: BoolArray, seen: BoolArray, skeleton: Skeleton
) -> tuple[Array, Array]:
    """Root (T, 3) [m] and local rotations (T, J, 4) with standing feet held in place.

    Args:
        stands: (T, 2, 2) whether heel and toes stand.
        seen: (T, 2) whether a leg was seen; others are left alone.
        skeleton: the humanoid; its floor is y = 0.
    """
    world = skeleton.to_global(local)
    flat = np.stack([fade(times, stands[:, i].all(axis=1)) for i in range(2)], axis=1)
    pressed = np.stack([fade(times, stands[:, i, 1]) for i in range(2)], axis=1)
    level(world, flat, pressed, skeleton)
    _hold_headings(times, world, stands.all(axis=2), skeleton)
    positions = skeleton.positions(root, world)
    found = soles(positions, world, skeleton)
    shift = np.zeros((len(times), 2, 3))
    for foot in range(2):
        shift[:, foot] = _hold(times, found.heels[:, foot], found.tips[:, foot], stands[:, foot])
        depth = -np.minimum(found.lowest[:, foot, 1] + shift[:, foot, 1], 0.0)
        shift[:, foot, 1] += depth
        shift[~seen[:, foot], foot] = 0.0
    goals = positions[:, bones_of(skeleton, "Foot")] + shift
    along = _brought_along(times, positions, goals, skeleton)
    root, positions = root + along, positions + along[:, None]
    away = np.linalg.norm(goals - positions[:, bones_of(skeleton, "Foot")], axis=2) > NOTHING
    reach_for(positions, world, goals, skeleton, seen & away)
    return root, skeleton.to_local(world)


def level(world: Array, flat: Array, pressed: Array, skeleton: Skeleton) -> None:
    """Turn feet that stand on heel and toes level, and toes that stand alone, in place.

    Args:
        world: (T, J, 4) global rotations.
        flat: (T, 2) how far each foot stands on both.
        pressed: (T, 2) how far its toes stand.
    """
    bones = bones_of(skeleton, "Foot") + bones_of(skeleton, "Toes")
    weight = np.concatenate([flat, pressed], axis=1)
    if not weight.any():
        return
    q = world[:, bones]
    ahead = rotate(q, Z)
    turned = mul(between(ahead, ahead * [1.0, 0.0, 1.0]), q)
    upright = mul(between(rotate(turned, Y), Y), turned)
    world[:, bones] = rotation.slerp(q, upright, weight)


def fade(times: Array, on: BoolArray) -> Array:
    """(T,) 1 while on, falling smoothly to 0 over FADE before and after."""
    if not on.any():
        return np.zeros(len(times))
    where = times[on]
    after = np.clip(np.searchsorted(where, times), 0, len(where) - 1)
    away = np.minimum(np.abs(times - where[after]), np.abs(times - where[np.maximum(after - 1, 0)]))
    u = np.clip(1 - away / FADE, 0.0, 1.0)
    return np.asarray(u * u * (3 - 2 * u))


def _hold_headings(times: Array, world: Array, flat: BoolArray, skeleton: Skeleton) -> None:
    """Turn feet about the vertical, in place, so that those that stand flat (T, 2) do not pivot."""
    for foot, side in enumerate(SIDES):
        bones = [skeleton.index(f"{side}Foot"), skeleton.index(f"{side}Toes")]
        ahead = rotate(world[:, bones[0]], Z[None])
        heading = np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2]))
        turn = np.zeros(len(times))
        for run in runs(flat[:, foot]):
            if np.ptp(heading[run]) > PIVOT:
                continue
            inside = np.zeros(len(times), dtype=bool)
            inside[run] = True
            back = np.median(heading[run]) - heading
            # outside of standing the correction of its first and last frame fades away
            back[: run.start], back[run.stop :] = back[run.start], back[run.stop - 1]
            turn += np.where(inside | ~flat[:, foot], fade(times, inside), 0.0) * back
        about = rotation.axis_angle(Y, turn)
        world[:, bones] = mul(about[:, None], world[:, bones])


def _hold(times: Array, heel: Array, tip: Array, stands: BoolArray) -> Array:
    """(T, 3) by how much to move one foot so that its heel and tip (T, 3) stay in place while
    they stand (T, 2): on the floor, at the middle of where they were.

    The toes stay down as a heel rolls up, so they say where the foot is whenever they stand; a
    heel that stands alone goes on from there.
    """
    total, share = np.zeros((len(times), 3)), np.zeros((len(times), 1))
    anywhere = stands.any(axis=1)
    for run in runs(anywhere):
        on_toes = np.flatnonzero(stands[run, 1]) + run.start
        part = tip if len(on_toes) else heel
        frames = on_toes if len(on_toes) else np.arange(run.start, run.stop)
        pull = np.median(part[frames], axis=0) * [1.0, 0.0, 1.0] - part
        if len(on_toes):
            for edge, beside in (
                (on_toes[0], slice(run.start, on_toes[0])),
                (on_toes[-1], slice(on_toes[-1] + 1, run.stop)),
            ):
                pull[beside] = heel[edge] + pull[edge] - heel[beside]
                pull[beside, 1] = -heel[beside, 1]
        # outside of standing the correction of its first and last frame fades away
        pull[: run.start], pull[run.stop :] = pull[run.start], pull[run.stop - 1]
        inside = np.zeros(len(times), dtype=bool)
        inside[run] = True
        weight = np.where(inside | ~anywhere, fade(times, inside), 0.0)[:, None]
        total += weight * pull
        share += weight
    return np.asarray(total / np.maximum(share, 1.0))


def _brought_along(times: Array, positions: Array, goals: Array, skeleton: Skeleton) -> Array:
    """(T, 3) [m] by how much the root must come along for both ankles to reach their goals
    (T, 2, 3)."""
    along = np.zeros((len(times), 3))
    frames = REACHING / float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    for _ in range(REACHES):
        pull = np.zeros_like(along)
        for foot, side in enumerate(SIDES):
            thigh, shin, ankle = (
                skeleton.index(f"{side}{b}") for b in ("UpperLeg", "LowerLeg", "Foot")
            )
            longest = REACH * np.linalg.norm(skeleton.offsets[[shin, ankle]], axis=1).sum()
            to = goals[:, foot] - positions[:, thigh] - along
            distance = np.linalg.norm(to, axis=1, keepdims=True)
            pull += to / np.maximum(distance, 1e-6) * np.maximum(distance - longest, 0.0)
        if not pull.any():
            break
        if frames:
            pull = gaussian_filter1d(pull, frames, axis=0, mode="nearest")
        along = along + pull
    return along


def reach_for(
    positions: Array, world: Array, goals: Array, skeleton: Skeleton, on: BoolArray
) -> None:
    """Turn thighs and shins, in place in `world` (T, J, 4), so that the ankles are at their goals
    (T, 2, 3) or as near as the legs reach, where they are `on` (T, 2); a knee bends in the plane
    in which it bent."""
    frame, side = np.nonzero(on)
    if len(frame) == 0:
        return
    thigh, shin, foot = (
        np.array(bones_of(skeleton, part))[side] for part in ("UpperLeg", "LowerLeg", "Foot")
    )
    hip, knee, ankle = (positions[frame, bone] for bone in (thigh, shin, foot))
    goal = goals[frame, side]
    upper, lower = (
        np.linalg.norm(skeleton.offsets[bone], axis=1, keepdims=True) for bone in (shin, foot)
    )
    to = goal - hip
    far = np.linalg.norm(to, axis=1, keepdims=True)
    distance = np.clip(far, np.abs(upper - lower) + 1e-3, REACH * (upper + lower))
    along = np.where(far > 1e-6, to / np.maximum(far, 1e-6), -Y)
    before = unit(ankle - hip)
    bend = knee - hip
    bend = bend - dot(bend, before) * before
    # a straight leg bends where its thigh faces
    straight = dot(bend, bend) < (0.02 * upper) ** 2
    if straight.any():
        ahead = rotate(world[frame, thigh], Z)
        bend = np.where(straight, ahead - dot(ahead, before) * before, bend)
    bend = rotate(between(before, along), unit(bend))
    share = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - share**2, 0.0))
    new_knee = hip + share * along + height * bend
    new_ankle = hip + distance * along
    was = np.array([knee - hip, ankle - knee])
    turn = between(was, np.array([new_knee - hip, new_ankle - new_knee]))
    world[frame, thigh] = mul(turn[0], world[frame, thigh])
    world[frame, shin] = mul(turn[1], world[frame, shin])
