"""Feet held in place by inverse kinematics: what must be still is, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from scipy.ndimage import gaussian_filter1d
from synthetic import CAMERA, seen, standing, turn
from walkers import Walker, jump, noisy, one_leg, squat, walk

from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.motion import Motion
from mocap.solve import feet, solve
from mocap.solve.foot_lock import LET_GO, FootLock

TIMES = np.arange(90) / 30
SIDES = ("left", "right")
SEEN = np.ones((len(TIMES), 2), dtype=bool)

MOVES: dict[str, Walker] = {
    "to and fro": walk(TIMES, 0.4 * np.sin(2 * np.pi * TIMES / 3)),
    "past the camera": walk(TIMES, -1.0 + 0.7 * TIMES, heading=90.0),
    "jump": jump(TIMES),
    "squat": squat(TIMES),
    "kick": one_leg(TIMES, kick=True),
}


def shaken(motion: Motion, seed: int, metres: float = 0.006, degrees: float = 0.4) -> Motion:
    """The motion as a fit leaves it: root and bones a little off, smoothly."""
    random = np.random.default_rng(seed)

    def smooth(*shape: int) -> Array:
        wave = gaussian_filter1d(random.normal(size=(len(motion), *shape)), 2.0, axis=0)
        return np.asarray(wave / wave.std())

    off = rotation.exp(np.radians(degrees) * smooth(len(motion.skeleton), 3))
    return replace(
        motion,
        root=motion.root + metres * smooth(3),
        rotations=rotation.mul(motion.rotations, off),
    )


def both_parts(stands: BoolArray) -> BoolArray:
    """(T, 2, 2) heel and toes of feet (T, 2) that stand flat."""
    return np.repeat(stands[..., None], 2, axis=2)


def locked(motion: Motion, stands: BoolArray, in_sight: BoolArray = SEEN) -> Motion:
    root, local = feet.locked(
        motion.times,
        motion.root,
        motion.rotations,
        stands,
        in_sight[: len(motion)],
        motion.skeleton,
    )
    return replace(motion, root=root, rotations=local)


def soles(motion: Motion) -> feet.Soles:
    return feet.soles(*motion.fk(), motion.skeleton)


def slides(motion: Motion, stands: BoolArray) -> Array:
    """[m] by how much heels and tips move from one frame to the next while a foot stands in both
    and for a while before and after."""
    within = stands.copy()
    for _ in range(3):
        within[1:] &= within[:-1].copy()
    for _ in range(3):
        within[:-1] &= within[1:].copy()
    found = soles(motion)
    steps = [np.linalg.norm(np.diff(p, axis=0), axis=-1) for p in (found.heels, found.tips)]
    return np.concatenate([step[within[1:] & within[:-1]] for step in steps])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", MOVES)
def test_feet_that_stand_do_not_move(name: str, seed: int) -> None:
    walker = MOVES[name]
    loose = shaken(walker.motion, seed)
    held = locked(loose, both_parts(walker.stands))
    assert slides(loose, walker.stands).max() > 0.003, "the scene must slide"
    assert slides(held, walker.stands).max() < 0.001
    assert soles(held).lowest[..., 1].min() > -1e-4, "nothing is below the floor"
    low = soles(held).lowest[..., 1][walker.stands]
    assert np.percentile(low, 90) < 0.002, "and those that stand are on it"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["to and fro", "past the camera", "kick"])
def test_feet_that_are_said_to_stand_do_not_move_in_a_whole_solve(name: str, seed: int) -> None:
    (result,) = solve([noisy(seen(MOVES[name].motion), seed)], CAMERA)
    found = soles(result)
    steps = [np.linalg.norm(np.diff(p, axis=0), axis=-1) for p in (found.heels, found.tips)]
    on = np.stack([result.contacts[f"{side}Foot"] for side in SIDES], axis=1)
    # a foot may roll, on its heel or its toes
    assert np.minimum(*steps)[on[1:] & on[:-1]].max() < 0.003


@pytest.mark.parametrize("name", MOVES)
def test_bones_keep_their_length_and_knees_bend_forwards(name: str) -> None:
    walker = MOVES[name]
    held = locked(shaken(walker.motion, 3), both_parts(walker.stands))
    positions, world = held.fk()
    for side in SIDES:
        hip, knee, ankle = (
            held.skeleton.index(f"{side}{b}") for b in ("UpperLeg", "LowerLeg", "Foot")
        )
        shin = rotation.rotate(
            rotation.inv(world[:, hip]), positions[:, ankle] - positions[:, knee]
        )
        bend = np.degrees(np.arctan2(-shin[:, 2], -shin[:, 1]))
        assert bend.min() > -8.0, "forwards no more than the fit had it"
        for a, b in ((hip, knee), (knee, ankle)):
            long = np.linalg.norm(positions[:, b] - positions[:, a], axis=1)
            assert np.ptp(long) < 1e-9


@pytest.mark.parametrize("name", MOVES)
def test_a_perfect_motion_stays_as_it_is(name: str) -> None:
    walker = MOVES[name]
    held = locked(walker.motion, both_parts(walker.stands))
    assert np.abs(held.fk()[0] - walker.motion.fk()[0]).max() < 0.004


def test_nothing_changes_while_no_foot_stands() -> None:
    still = standing(TIMES)
    high = shaken(replace(still, root=still.root + [0.0, 0.5, 0.0]), 0)
    held = locked(high, np.zeros((len(TIMES), 2, 2), dtype=bool))
    assert np.abs(held.root - high.root).max() < 1e-4
    assert rotation.angle(held.rotations, high.rotations).max() < 1e-6


def test_a_correction_ends_soon_after_standing() -> None:
    walker = MOVES["jump"]
    loose = shaken(walker.motion, 0)
    held = locked(loose, both_parts(walker.stands))
    away = np.min(np.abs(TIMES[:, None] - TIMES[walker.stands[:, 0]][None]), axis=1)
    free = away > feet.FADE + 2 / 30
    assert free.any()
    upper = [i for i, name in enumerate(held.skeleton.names) if "Leg" not in name
             and "Foot" not in name and "Toes" not in name]  # fmt: skip
    apart = np.abs(held.fk()[0] - loose.fk()[0])[free]
    assert apart.max() < 0.01
    assert apart[:, upper].max() < 0.01


def test_legs_nobody_saw_are_left_alone() -> None:
    loose = shaken(standing(TIMES), 0, degrees=2.0)
    stands = np.zeros((len(TIMES), 2, 2), dtype=bool)
    stands[:, 1] = True
    held = locked(loose, stands, np.repeat([[False, True]], len(TIMES), axis=0))
    left = [loose.skeleton.index(f"left{b}") for b in ("UpperLeg", "LowerLeg", "Foot", "Toes")]
    assert rotation.angle(held.rotations[:, left], loose.rotations[:, left]).max() < 1e-6


@given(seeds, st.floats(0.0, 3.0))
def test_goals_out_of_reach_break_nothing(seed: int, far: float) -> None:
    random = np.random.default_rng(seed)
    motion = shaken(standing(TIMES[:12]), seed, degrees=8.0)
    local = motion.rotations.copy()
    positions, world = motion.skeleton.fk(motion.root, local)
    goal = positions[:, motion.skeleton.index("leftFoot")] + random.normal(0, far, (12, 3))
    if seed % 3 == 0:
        goal[0] = positions[0, motion.skeleton.index("leftUpperLeg")]  # at the hip itself
    before = world.copy()
    on = random.random(12) < 0.8
    left_only = np.stack([on, np.zeros(12, dtype=bool)], axis=1)
    feet.reach_for(positions, world, np.stack([goal, goal], axis=1), motion.skeleton, left_only)
    assert np.isfinite(world).all()
    assert np.linalg.norm(world, axis=-1) == pytest.approx(1.0)
    assert (world[~on] == before[~on]).all()
    turned = np.abs(world - before).max(axis=(0, 2)) > 0
    assert {motion.skeleton.names[i] for i in np.flatnonzero(turned)} <= {
        "leftUpperLeg",
        "leftLowerLeg",
    }
    after, _ = motion.skeleton.fk(motion.root, motion.skeleton.to_local(world))
    hip, ankle = (motion.skeleton.index(f"left{b}") for b in ("UpperLeg", "Foot"))
    reach = np.linalg.norm(goal - positions[:, hip], axis=1)
    there = on & (reach < 0.859) & (reach > 0.01)
    assert np.abs(after[there, ankle] - goal[there]).max(initial=0.0) < 1e-6
    short = on & (reach > 0.861)
    to = rotation.unit(goal - positions[:, hip])[short]
    assert (
        np.abs(rotation.unit(after[:, ankle] - after[:, hip])[short] - to).max(initial=0.0) < 1e-3
    )


@pytest.mark.parametrize("name", ["past the camera", "jump", "kick"])
def test_the_mirror_image_gives_the_mirror_image(name: str) -> None:
    walker = MOVES[name]
    loose = shaken(walker.motion, 4)
    stands = both_parts(walker.stands)
    stands[:, 0, 0] &= TIMES < 1.5  # and not all of a foot
    held, mirrored = locked(loose, stands), locked(loose.mirrored(), stands[:, ::-1])
    expected = held.mirrored()
    assert np.abs(expected.root - mirrored.root).max() < 1e-9
    assert rotation.angle(expected.rotations, mirrored.rotations).max() < 1e-6


def test_what_stands_only_for_a_moment_does_not_stand() -> None:
    planted = np.zeros((len(TIMES), 2, 2))
    planted[10:12, 0] = 1.0
    planted[30:60, 1] = 0.9
    planted[70:80, 1, 1] = 0.4
    on = feet.standing(TIMES, planted)
    assert not on[:, 0].any()
    assert on[30:60, 1].all()
    assert on.sum() == 60


def test_fade() -> None:
    on = (TIMES > 1.0) & (TIMES < 1.5)
    weight = feet.fade(TIMES, on)
    assert (weight[on] == 1).all()
    assert weight[~on].max() < 1
    assert not weight[(TIMES < 1.0 - feet.FADE) | (TIMES > 1.5 + feet.FADE)].any()
    assert (np.diff(weight[TIMES < 1.2]) >= 0).all()
    assert not feet.fade(TIMES, np.zeros_like(on)).any()


def streamed(lock: FootLock, motion: Motion, planted: Array) -> Motion:
    """The motion through a lock, frame by frame."""
    both = np.array([True, True])
    found = [
        lock(float(t), root[None], local[None], on, both, motion.skeleton)
        for t, root, local, on in zip(
            motion.times, motion.root, motion.rotations, planted, strict=True
        )
    ]
    return replace(
        motion,
        root=np.concatenate([f[0] for f in found]),
        rotations=np.concatenate([f[1] for f in found]),
    )


def test_a_reset_lock_is_a_new_one() -> None:
    walker = MOVES["past the camera"]
    loose, planted = shaken(walker.motion, 0), both_parts(walker.stands).astype(float)
    used = FootLock()
    streamed(used, loose, planted)
    used.reset()
    a, b = streamed(used, loose, planted), streamed(FootLock(), loose, planted)
    # but for the last bit, which depends on where arrays lie in memory
    np.testing.assert_allclose(a.root, b.root, atol=1e-12)
    np.testing.assert_allclose(a.rotations, b.rotations, atol=1e-12)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", MOVES)
def test_live_feet_that_stand_hardly_move_and_never_sink(name: str, seed: int) -> None:
    walker = MOVES[name]
    loose = shaken(walker.motion, seed)
    held = streamed(FootLock(), loose, both_parts(walker.stands).astype(float))
    assert soles(held).lowest[..., 1].min() > -1e-4
    settled = walker.stands.copy()
    for _ in range(round(feet.FADE * 30) + 2):
        settled[1:] &= settled[:-1].copy()
    assert np.mean(slides(held, settled)) < 0.3 * np.mean(slides(loose, settled))


@pytest.mark.parametrize("seed", range(6))
def test_a_foot_does_not_pop_when_it_is_planted_or_let_go(seed: int) -> None:
    random = np.random.default_rng(seed)
    motion = shaken(standing(TIMES[:45]), seed, metres=0.03, degrees=1.0)
    planted = np.repeat(random.random((9, 2, 2)) > 0.5, 5, axis=0).astype(float)
    held = streamed(FootLock(), motion, planted)
    feet_ = [motion.skeleton.index(f"{side}Foot") for side in SIDES]
    shift = (held.fk()[0] - motion.fk()[0])[:, feet_]
    own = np.linalg.norm(np.diff(motion.fk()[0][:, feet_], axis=0), axis=-1)
    popped = np.linalg.norm(np.diff(shift, axis=0), axis=-1) - own
    # a correction comes and goes within FADE, and is never longer than what is let go
    assert popped.max() < LET_GO * (1 / 30) / feet.FADE + 0.02
    assert np.linalg.norm(shift, axis=-1).max() < 2 * LET_GO


def test_a_spot_far_away_is_given_up() -> None:
    """A foot that moves away although it is said to stand drags nobody along."""
    still = standing(TIMES)
    away = replace(still, root=still.root + np.outer(TIMES, [0.5, 0.0, 0.0]))
    held = streamed(FootLock(), away, np.ones((len(TIMES), 2, 2)))
    left = still.skeleton.index("leftFoot")
    shift = np.linalg.norm((held.fk()[0] - away.fk()[0])[:, left], axis=-1)
    assert shift.max() < 2 * LET_GO


def test_a_turning_foot_is_levelled_without_turning_back() -> None:
    """Levelling takes away pitch and roll but not where the foot faces."""
    tilted = standing(TIMES, leftFoot=rotation.mul(turn("y", 30.0), turn("x", 15.0)))
    world = tilted.skeleton.to_global(tilted.rotations)
    on = np.ones((len(TIMES), 2))
    feet.level(world, on, on, tilted.skeleton)
    foot = tilted.skeleton.index("leftFoot")
    up, ahead = (rotation.rotate(world[:, foot], np.eye(3)[i][None]) for i in (1, 2))
    assert up[:, 1] == pytest.approx(1.0)
    assert np.degrees(np.arctan2(ahead[:, 0], ahead[:, 2])) == pytest.approx(30.0, abs=1e-6)
