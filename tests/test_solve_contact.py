"""Which feet stand, of people in whom it is known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from synthetic import CAMERA, seen, standing, turn
from walkers import Walker, in_place, jump, lived, noisy, on_feet, one_leg, squat, walk

from mocap.arrays import Array, BoolArray
from mocap.motion import Motion
from mocap.solve import LiveSolver, solve
from mocap.solve.contact import runs

TIMES = np.arange(120) / 30
EDGE = 3  # frames about a change in which either is right

MOVES: dict[str, Walker] = {
    "to and fro": walk(TIMES, 0.4 * np.sin(2 * np.pi * TIMES / 4)),
    "past the camera": walk(TIMES, -1.4 + 0.7 * TIMES, heading=90.0),
    "jump": jump(TIMES),
    "squat": squat(TIMES),
    "one leg": one_leg(TIMES),
    "kick": one_leg(TIMES, kick=True),
}


@cache
def solved(name: str, seed: int | None) -> Motion:
    track = seen(MOVES[name].motion)
    (result,) = solve([track if seed is None else noisy(track, seed)], CAMERA)
    return result


def found(result: Motion) -> BoolArray:
    """(T, 2) whether the left and the right foot stand."""
    return np.stack([result.contacts["leftFoot"], result.contacts["rightFoot"]], axis=1)


def precision_and_recall(found: BoolArray, stands: BoolArray) -> tuple[float, float]:
    """Of the frames that are not close to a change."""
    judged = np.ones_like(stands)
    for foot in range(2):
        for change in np.flatnonzero(np.diff(stands[:, foot])):
            judged[max(0, change + 1 - EDGE) : change + 1 + EDGE, foot] = False
    right = float((found & stands & judged).sum())
    return (
        right / max((found & judged).sum(), 1),
        right / max((stands & judged).sum(), 1),
    )


@pytest.mark.parametrize("seed", [None, 0, 1])
@pytest.mark.parametrize("name", MOVES)
def test_feet_that_stand_are_found(name: str, seed: int | None) -> None:
    precision, recall = precision_and_recall(found(solved(name, seed)), MOVES[name].stands)
    assert precision > 0.9
    assert recall > 0.9


@pytest.mark.parametrize("name", ["past the camera", "jump", "kick"])
def test_live_too(name: str) -> None:
    result = lived(LiveSolver(CAMERA), noisy(seen(MOVES[name].motion[:75]), 0))
    late = slice(10, None)  # when the floor is known
    precision, recall = precision_and_recall(found(result)[late], MOVES[name].stands[:75][late])
    assert precision > 0.9
    assert recall > 0.8


@pytest.mark.parametrize("name", ["one leg", "kick"])
def test_a_leg_held_in_the_air_does_not_stand(name: str) -> None:
    for seed in (None, 0):
        up = ~MOVES[name].stands[:, 0]
        high = np.flatnonzero(up)[4:-4]
        assert not found(solved(name, seed))[high, 0].any()
        assert found(solved(name, seed))[:, 1].mean() > 0.95


def test_the_feet_of_someone_who_squats_stand() -> None:
    for seed in (None, 0):
        assert found(solved("squat", seed)).mean() > 0.95
        low = solved("squat", seed).root[:, 1]
        assert np.ptp(low) == pytest.approx(np.ptp(MOVES["squat"].motion.root[:, 1]), abs=0.06)


@pytest.mark.parametrize("seed", [None, 0, 1])
def test_a_jump_keeps_its_height_and_leaves_the_floor(seed: int | None) -> None:
    result, truth = solved("jump", seed), MOVES["jump"]
    scale = result.skeleton.height / truth.motion.skeleton.height
    before = np.median(result.root[:8, 1])
    true = np.ptp(truth.motion.root[:, 1]) - (0.9 - truth.motion.root[:, 1].min())
    assert (result.root[:, 1].max() - before) / scale == pytest.approx(true, rel=0.15)
    flying = np.flatnonzero(~truth.stands[:, 0])[1:-1]
    assert not found(result)[flying].any()


def test_a_body_in_flight_falls_freely() -> None:
    result = solved("jump", None)
    flying = np.flatnonzero(~MOVES["jump"].stands[:, 0])[2:-2]
    scale = result.skeleton.height / 1.75
    fall = np.polyfit(TIMES[flying], result.root[flying, 1] / scale, 2)[0] * 2
    assert fall == pytest.approx(-9.81, rel=0.15)


@pytest.mark.parametrize("way", ["on the back", "on the belly", "on the side", "on the hands"])
def test_those_who_do_not_stand_on_their_feet(way: str) -> None:
    hips = {
        "on the back": turn("x", -90.0),
        "on the belly": turn("x", 90.0),
        "on the side": turn("z", -90.0),
        "on the hands": turn("z", 180.0),
    }[way]
    still = standing(TIMES[:45], hips=hips)
    up = 1.2 if way == "on the hands" else 0.15
    lying = replace(still, root=np.broadcast_to([0.0, up, 0.0], still.root.shape))
    for seed in (None, 0):
        track = seen(lying)
        (result,) = solve([track if seed is None else noisy(track, seed)], CAMERA)
        assert not found(result).any()


def test_who_slides_does_not_stand() -> None:
    """Both feet off at once in a straight line, as on ice."""
    away = np.outer(-1.0 + TIMES[:60], [1.0, 0.0, 0.0])
    still = standing(TIMES[:60])
    (result,) = solve([seen(replace(still, root=still.root + away))], CAMERA)
    assert found(result).mean() < 0.1


def test_shifting_from_foot_to_foot_keeps_both() -> None:
    sway = 0.06 * np.sin(2 * np.pi * TIMES)
    root = np.stack([sway, np.full(len(TIMES), 0.88), 0 * TIMES], axis=1)
    motion = on_feet(TIMES, root, in_place(TIMES))
    (result,) = solve([noisy(seen(motion), 0)], CAMERA)
    assert found(result).mean() > 0.95
    assert np.ptp(result.root[:, 0]) == pytest.approx(0.12, abs=0.03)


def test_runs() -> None:
    on = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1], dtype=bool)
    assert runs(on) == [slice(0, 2), slice(3, 4), slice(6, 9)]
    assert runs(~on) == [slice(2, 3), slice(4, 6)]
    assert runs(np.zeros(3, dtype=bool)) == []
    none: Array = np.zeros(0)
    assert runs(none > 0) == []
