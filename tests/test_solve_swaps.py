"""Left and right exchanged on purpose, and put right again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from synthetic import CAMERA, SIZE, seen, standing, turn
from walkers import arms, jump, lived, noisy, smoothstep, squat, walk

from mocap import rotation
from mocap.arrays import Array, IntArray
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.motion import Motion
from mocap.solve import LiveSolver, solve, swaps

TIMES = np.arange(120) / 30
BEGIN = 70
# an exchange of legs that begins while one is behind the other shows in no leap
BEGINS = {"turning": 60, "whirling": 60}
NAMES = MEDIAPIPE_POSE.points

MOVES: dict[str, Motion] = {
    "still": standing(TIMES),
    "walking": walk(TIMES, 0.35 * np.sin(2 * np.pi * TIMES / 3)).motion,
    "walking by": walk(TIMES, -1.4 + 0.7 * TIMES, heading=90.0).motion,
    "turning": standing(TIMES, hips=turn("y", 360 * TIMES / 4)),
    "whirling": standing(TIMES, hips=turn("y", 360 * TIMES / 1.3)),
    "arm swing": standing(TIMES, **arms(TIMES, 60 * np.sin(6 * TIMES), -60 * np.sin(6 * TIMES))),
    "jump": jump(TIMES).motion,
    "squat": squat(TIMES).motion,
}


def groups(point: str) -> set[str]:
    """Of what the point is a part, by itself."""
    limb = point.split("_", 1)[-1]
    return {
        name
        for name, of in {
            "arms": ("elbow", "wrist", "pinky", "index", "thumb"),
            "legs": ("knee", "ankle", "heel", "foot_index"),
        }.items()
        if limb in of
    }


def other(point: str) -> str:
    if "left" in point:
        return point.replace("left", "right")
    return point.replace("right", "left")


def exchanged(track: LandmarkTrack, frames: slice, what: str) -> LandmarkTrack:
    """The track as an estimator gives it that takes arms, legs or the whole body for that of the
    other side; a body taken for its back is mirrored in depth."""
    assert track.world is not None
    order = [
        NAMES.index(other(p)) if what == "body" or what in groups(p) else i
        for i, p in enumerate(NAMES)
    ]
    image, world, confidence = track.image.copy(), track.world.copy(), track.confidence.copy()
    image[frames], world[frames] = image[frames][:, order], world[frames][:, order]
    confidence[frames] = confidence[frames][:, order]
    if what == "body":
        world[frames, :, 2] *= -1
    return replace(track, image=image, world=world, confidence=confidence)


def expected(frames: slice, what: str) -> IntArray:
    """(T,) the hypothesis that undoes `exchanged`."""
    of = np.array([[part == what for part in ("body", "arms", "legs")]])
    found = np.zeros(len(TIMES), dtype=np.int64)
    found[frames] = int(np.flatnonzero((of == swaps.HYPOTHESES).all(axis=1))[0])
    return found


def causally(track: LandmarkTrack) -> IntArray:
    """(T,) the likeliest hypothesis when each frame had just come."""
    assert track.world is not None
    live, found = swaps.SwapFilter(NAMES), []
    for t, world, confidence in zip(track.times, track.world, track.confidence, strict=True):
        live.step(float(t), world, confidence)
        found.append(int(np.argmin(live.cost)))
    return np.array(found)


@cache
def views(name: str) -> dict[str, LandmarkTrack]:
    clean = seen(MOVES[name])
    return {"clean": clean, "noisy": noisy(clean, seed=1)}


def test_hypotheses_are_their_own_inverse() -> None:
    order = swaps.orders(NAMES)
    own = np.arange(len(NAMES))
    assert (np.take_along_axis(order, order, axis=1) == own).all()
    assert (order[0] == own).all()
    assert len(np.unique(order, axis=0)) == len(order)


@pytest.mark.parametrize("name", MOVES)
def test_what_is_right_stays_as_it_is(name: str) -> None:
    for track in views(name).values():
        found = swaps.find(track)
        assert not found.any()
        assert not causally(track).any()
        assert swaps.undone(track, found) is track


@pytest.mark.parametrize("frames", [1, 6, 40])
@pytest.mark.parametrize("what", ["arms", "legs", "body"])
@pytest.mark.parametrize("name", MOVES)
def test_an_exchange_is_undone_in_every_frame(name: str, what: str, frames: int) -> None:
    span = slice(BEGINS.get(name, BEGIN), BEGINS.get(name, BEGIN) + frames)
    track = views(name)["noisy" if frames > 1 else "clean"]
    wrong = exchanged(track, span, what)
    found = swaps.find(wrong)
    assert (found == expected(span, what)).all()
    right = swaps.undone(wrong, found)
    assert np.array_equal(np.array(right.world), np.array(track.world))
    assert np.array_equal(right.image, track.image)
    assert (right.confidence <= track.confidence).all()
    outside = np.r_[: span.start, span.stop : len(track)]
    assert (right.confidence[outside] == track.confidence[outside]).all()


@pytest.mark.parametrize("what", ["arms", "legs", "body"])
@pytest.mark.parametrize("name", ["walking", "arm swing", "whirling", "squat"])
def test_an_exchange_is_undone_as_it_comes(name: str, what: str) -> None:
    span = slice(BEGINS.get(name, BEGIN), BEGINS.get(name, BEGIN) + 40)
    for track in views(name).values():
        wrong = causally(exchanged(track, span, what)) != expected(span, what)
        assert wrong.sum() <= 2, "at once, or from the next frame on"


def test_one_exchange_after_another() -> None:
    track = noisy(seen(MOVES["walking"]), seed=2)
    wrong = exchanged(exchanged(track, slice(40, 60), "legs"), slice(60, 75), "body")
    wrong = exchanged(wrong, slice(90, 92), "arms")
    right = swaps.undone(wrong, swaps.find(wrong))
    assert right.world == pytest.approx(track.world)


def test_arms_and_legs_at_once() -> None:
    track = noisy(seen(MOVES["walking"]), seed=2)
    wrong = exchanged(exchanged(track, slice(40, 60), "legs"), slice(45, 55), "arms")
    right = swaps.undone(wrong, swaps.find(wrong))
    assert right.world == pytest.approx(track.world)


def crossing() -> Motion:
    """Forearms that cross before the chest, stay so for a while, and come back."""
    u = smoothstep((TIMES - 0.8) / 0.5) * smoothstep((3.2 - TIMES) / 0.5)
    locals_: dict[str, Array] = {}
    for side, sign in (("left", -1.0), ("right", 1.0)):
        upper = rotation.mul(turn("y", sign * 105 * u), turn("z", sign * 40))
        locals_ |= {f"{side}UpperArm": upper, f"{side}LowerArm": turn("y", sign * 65 * u)}
    return standing(TIMES, **locals_)


def test_arms_that_cross_stay_crossed() -> None:
    motion = crossing()
    hands = [motion.skeleton.index(f"{side}Hand") for side in ("left", "right")]
    left, right = motion.fk()[0][60, hands, 0]
    assert left < right, "the scene must cross the arms"
    for track in (seen(motion), noisy(seen(motion), seed=3)):
        assert not swaps.find(track).any()
        assert not causally(track).any()
        for what in ("arms", "legs", "body"):
            span = slice(50, 65)
            assert (swaps.find(exchanged(track, span, what)) == expected(span, what)).all()


def without(track: LandmarkTrack, frames: slice, points: slice = slice(None)) -> LandmarkTrack:
    """The track with some points unseen in some frames."""
    image, world, confidence = track.image.copy(), np.array(track.world), track.confidence.copy()
    for values in (image, world):
        values[frames, points] = np.nan
    confidence[frames, points] = 0.0
    return replace(track, image=image, world=world, confidence=confidence)


@pytest.mark.parametrize("what", ["arms", "legs", "body"])
def test_what_is_missing_meanwhile_does_not_matter(what: str) -> None:
    span = slice(50, 80)
    track = exchanged(noisy(seen(MOVES["walking"]), seed=1), span, what)
    wrist = NAMES.index("left_wrist")
    holes = without(without(track, slice(60, 65)), slice(70, 72), slice(wrist, wrist + 1))
    holes = without(holes, slice(90, 95), slice(0, 3))
    there = np.isfinite(np.array(holes.world)).any(axis=(1, 2))
    assert (swaps.find(holes) == expected(span, what))[there].all()


def test_after_a_long_gap_nothing_is_known() -> None:
    """Whoever comes back may be somebody else: what the filter thought before is forgotten."""
    live = swaps.SwapFilter(NAMES)
    track = exchanged(seen(MOVES["walking"]), slice(0, 20), "body")
    assert track.world is not None
    for i in (18, 19, 20, 21):
        live.step(float(track.times[i]), track.world[i], track.confidence[i])
    live.step(float(track.times[21]) + swaps.GAP + 0.1, track.world[22], track.confidence[22])
    fresh = swaps.SwapFilter(NAMES)
    fresh.step(0.0, track.world[22], track.confidence[22])
    assert live.cost == pytest.approx(fresh.cost)


def test_a_reset_filter_is_a_new_one() -> None:
    track = exchanged(seen(MOVES["walking"]), slice(70, 90), "legs")
    assert track.world is not None
    used = swaps.SwapFilter(NAMES)
    for i in range(60, 80):
        used.step(float(track.times[i]), track.world[i], track.confidence[i])
    used.reset()
    new = swaps.SwapFilter(NAMES)
    for i in range(30):
        frame = float(track.times[i]), track.world[i], track.confidence[i]
        assert (used.step(*frame) == new.step(*frame)).all()
        assert (used.cost == new.cost).all()


@pytest.mark.parametrize("frames", [0, 1])
def test_hardly_any_frames(frames: int) -> None:
    track = seen(standing(TIMES[:frames])) if frames else None
    if track is None:
        empty = np.zeros((0, 33, 2)), np.zeros((0, 33, 3)), np.zeros((0, 33))
        track = LandmarkTrack(MEDIAPIPE_POSE, np.zeros(0), *empty, size=SIZE)
    assert swaps.find(track).tolist() == [0] * frames


def places(track: LandmarkTrack) -> Array:
    (result,) = solve([track], CAMERA)
    return result.fk()[0]


@pytest.mark.parametrize("what", ["arms", "legs", "body"])
def test_a_whole_solve_hardly_feels_an_exchange(what: str) -> None:
    track = noisy(seen(MOVES["walking"]), seed=4)
    wrong = exchanged(track, slice(BEGIN, BEGIN + 20), what)
    assert np.abs(places(wrong) - places(track)).max() < 0.1


def test_a_live_solve_hardly_feels_an_exchange() -> None:
    track = noisy(seen(MOVES["walking"]), seed=4)
    wrong = exchanged(track, slice(BEGIN, BEGIN + 15), "body")
    right, found = (lived(LiveSolver(CAMERA), view).fk()[0] for view in (track, wrong))
    assert np.abs(found - right).max() < 0.15


@pytest.mark.parametrize("restless", ["left", "right"])
def test_who_fidgets_with_one_arm_is_not_taken_for_their_mirror_image(restless: str) -> None:
    """A point is as sure as it was seen to be, whatever it is taken for: an arm that shakes and is
    seen well does not shake less for being called the other one."""
    track = seen(standing(TIMES))
    assert track.world is not None
    rng = np.random.default_rng(0)
    world, confidence = track.world.copy(), track.confidence.copy()
    for i, name in enumerate(NAMES):
        if "arms" in groups(name):
            shaking = name.startswith(restless)
            world[:, i] += rng.normal(0, 0.08 * shaking, (len(TIMES), 3))
            confidence[:, i] = 1.0 if shaking else 0.3
    found = swaps.find(replace(track, world=world, confidence=confidence))
    assert not found.any()
