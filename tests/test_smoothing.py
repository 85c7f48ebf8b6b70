"""Filters on motion: nothing fast is lost, noise is, and what does not belong is not blended."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from filtering import EACH, RATES, assert_same, few, moving, noisy
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart, motions, seeds
from synthetic import standing, turn

from mocap import filters, metrics, rotation
from mocap.arrays import Array
from mocap.body_filters import Butterworth, Filter, Gaussian, OneEuro, Unfiltered
from mocap.motion import Motion, TrackState
from mocap.smoothing import GAP, smoothed, smoothed_take, stretches
from mocap.take import Person, Take

# --- what fast motion keeps, and what noise does not --------------------------------------------


def swinging(times: Array) -> tuple[Motion, int]:
    """A straight arm raised to the side that swings twice a second, its hand 0.6 m to and fro."""
    base = standing(times)
    hand = base.skeleton.index("leftHand")
    rest = base.skeleton.rest_positions
    length = np.linalg.norm(rest[hand] - rest[base.skeleton.index("leftUpperArm")])
    angle = np.degrees(0.6 / length) * np.sin(4 * np.pi * times)
    return standing(times, leftUpperArm=turn("y", angle)), hand


@EACH
@RATES
def test_a_fast_arm_keeps_its_swing(filter: Filter, fps: float) -> None:
    times = np.arange(0, 3, 1 / fps)
    motion, hand = swinging(times)
    middle = slice(fps, 2 * fps)
    shoulder = motion.skeleton.index("leftUpperArm")
    before, after = (m.fk()[0][middle, hand] for m in (motion, smoothed(motion, filter)))
    assert np.ptp(before[:, 2]) > 0.9  # [m]
    assert np.ptp(after[:, 2]) > 0.95 * np.ptp(before[:, 2])
    angles = [
        2 * np.arctan2(m.rotations[middle, shoulder, 1], m.rotations[middle, shoulder, 3])
        for m in (motion, smoothed(motion, filter))
    ]
    assert np.ptp(angles[1]) > 0.95 * np.ptp(angles[0])


@EACH
@RATES
def test_a_body_that_sways_fast_keeps_its_way(filter: Filter, fps: float) -> None:
    times = np.arange(0, 3, 1 / fps)
    base, way = standing(times), 0.6 * np.sin(4 * np.pi * times)
    swaying = replace(base, root=base.root + np.outer(way, [1.0, 0.0, 0.0]))
    after = smoothed(swaying, filter).root[:, 0]
    middle = slice(fps, 2 * fps)
    assert np.ptp(after[middle]) > 0.95 * np.ptp(way[middle])
    turned = np.exp(4j * np.pi * times)[middle]
    assert abs(np.angle(np.mean(after[middle] * turned.conj()) * 1j, deg=True)) < 1  # no lag


@EACH
@RATES
def test_noise_is_reduced(filter: Filter, fps: float) -> None:
    still = standing(np.arange(0, 10, 1 / fps))
    shaken = noisy(still, seed=0)
    calm = smoothed(shaken, filter)
    for before, after in (
        (np.std(shaken.root - still.root), np.std(calm.root - still.root)),
        [rotation.angle(m.rotations, still.rotations).mean() for m in (shaken, calm)],
    ):
        assert after < 0.85 * before
    jitter = [metrics.jitter(m.fk()[0], fps) for m in (shaken, calm)]
    assert jitter[1] < 0.7 * jitter[0]


# --- laws ------------------------------------------------------------------------------------


@EACH
@few
@given(motions())
def test_anything_can_be_smoothed(filter: Filter, motion: Motion) -> None:
    """Half turns from frame to frame, moving bones, any states; the rest stays as it is."""
    after = smoothed(motion, filter)
    np.testing.assert_array_equal(after.state, motion.state)
    np.testing.assert_array_equal(after.confidence, motion.confidence)
    assert all((after.contacts[foot] == on).all() for foot, on in motion.contacts.items())
    assert np.isfinite(after.root).all()
    assert (np.sum(after.rotations[1:] * after.rotations[:-1], axis=-1) > -1e-9).all()


@EACH
@few
@given(seeds)
def test_rest_stays(filter: Filter, seed: int) -> None:
    motion = moving(seed)
    still = replace(
        motion,
        root=np.broadcast_to(motion.root[0], motion.root.shape),
        rotations=np.broadcast_to(motion.rotations[0], motion.rotations.shape),
    )
    assert_same(smoothed(still, filter), still)


@EACH
@few
@given(seeds)
def test_a_mirrored_motion_smoothed_is_the_smoothed_one_mirrored(filter: Filter, seed: int) -> None:
    motion = moving(seed)
    assert_same(smoothed(motion.mirrored(), filter), smoothed(motion, filter).mirrored())


@EACH
@few
@given(seeds)
def test_signs_do_not_matter(filter: Filter, seed: int) -> None:
    motion = moving(seed)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (*motion.rotations.shape[:2], 1))
    flipped = replace(motion, rotations=motion.rotations * signs)
    assert_same(smoothed(flipped, filter), smoothed(motion, filter))


@EACH
@few
@given(seeds)
def test_axes_do_not_matter(filter: Filter, seed: int) -> None:
    motion = moving(seed)
    random = np.random.default_rng(seed)
    way, own = rotation.exp(random.normal(0, 2, (2, 3)))
    first = np.arange(len(motion.skeleton)) == 0

    def elsewhere(m: Motion) -> Motion:
        """Carried away and turned round as a whole."""
        turned = np.where(first[:, None], rotation.mul(way, m.rotations), m.rotations)
        return replace(m, root=rotation.rotate(way, m.root) + own[:3], rotations=turned)

    assert_same(smoothed(elsewhere(motion), filter), elsewhere(smoothed(motion, filter)))


@EACH
@few
@given(seeds)
def test_backwards_is_the_same(filter: Filter, seed: int) -> None:
    motion = moving(seed, frames=40)

    def backwards(m: Motion) -> Motion:
        return replace(
            m,
            times=-m.times[::-1],
            root=m.root[::-1],
            rotations=m.rotations[::-1],
            contacts={foot: on[::-1] for foot, on in m.contacts.items()},
        )

    # what the ends of a Butterworth filter forget is 1e-6 of what comes before them
    back = backwards(smoothed(backwards(motion), filter))
    assert_same(back, smoothed(motion, filter), metres=1e-4, degrees=1e-2)


@EACH
@pytest.mark.parametrize("turns", [0.25, 1.0, 2.5])
def test_a_steady_turn_is_not_shrunk(filter: Filter, turns: float) -> None:
    """Up to a pirouette of two and a half turns a second; at the ends it may be a little off."""
    times = np.arange(0, 3, 1 / 60)
    spin = standing(times, hips=turn("y", 360 * turns * times))
    after = smoothed(spin, filter)
    assert degrees_apart(after.rotations[30:-30], spin.rotations[30:-30]) < 0.05
    assert degrees_apart(after.rotations, spin.rotations) < 6


@EACH
@pytest.mark.parametrize("frames", [0, 1, 2])
def test_few_frames(filter: Filter, frames: int) -> None:
    motion = moving(3, frames=max(frames, 1))[:frames]
    after = smoothed(motion, filter)
    assert len(after) == frames
    if not isinstance(filter, OneEuro):  # of two frames, each smooths the other
        assert_same(after, motion, metres=1e-5, degrees=0.2)


@EACH
def test_bones_that_move_are_smoothed_as_the_root_is(filter: Filter) -> None:
    motion = noisy(standing(np.arange(60) / 30), seed=0, radians=0.0)
    moved = np.tile(motion.skeleton.offsets, (60, 1, 1))
    moved[:, 5] = motion.root
    after = smoothed(replace(motion, translations=moved), filter)
    assert after.translations is not None
    np.testing.assert_allclose(after.translations[:, 5], after.root, atol=1e-12)
    np.testing.assert_allclose(np.delete(after.translations, 5, 1), np.delete(moved, 5, 1))


@few
@given(seeds, st.floats(0.5, 12))
def test_the_root_is_smoothed_as_a_signal(seed: int, cutoff: float) -> None:
    motion = moving(seed)
    root = smoothed(motion, Butterworth(cutoff)).root
    np.testing.assert_array_equal(root, filters.butterworth(motion.times, motion.root, cutoff))


def test_none_is_nothing() -> None:
    motion = moving(0)
    assert smoothed(motion, Unfiltered()) is motion


# --- gaps ------------------------------------------------------------------------------------


def parts(times: Array, states: str) -> list[int]:
    letters = {"t": TrackState.TRACKED, "h": TrackState.HELD, "l": TrackState.LOST}
    state = np.array([letters[letter] for letter in states])
    return [part.stop - part.start for part in stretches(times, state)]


@pytest.mark.parametrize(
    ("states", "lengths"),
    [
        ("tttttttttt", [10]),
        ("tthhttttht", [10]),  # a short while out of sight
        ("tthhhhhhtt", [8, 2]),  # held for longer than GAP
        ("tthhhllltt", [5, 3, 2]),
        ("lllltttttt", [4, 6]),
        ("hhhhtttttt", [4, 6]),
        ("llllllllll", [10]),
    ],
)
def test_stretches(states: str, lengths: list[int]) -> None:
    assert parts(np.arange(10) / 10, states) == lengths


def test_stretches_end_where_there_are_no_frames() -> None:
    times = np.arange(6) / 10
    assert parts(times + (times > 0.25) * GAP, "tttttt") == [3, 3]
    assert parts(times + (times > 0.25) * (GAP - 0.11), "tttttt") == [6]
    assert parts(np.zeros(0), "") == []


@EACH
def test_nothing_blends_over_a_long_gap(filter: Filter) -> None:
    """Somebody comes back a metre away and turned: both sides are as if there were no other."""
    times = np.arange(90) / 30
    motion = noisy(standing(times), seed=1)
    state = np.full(90, TrackState.TRACKED)
    state[40:44], state[44:65] = TrackState.HELD, TrackState.LOST
    elsewhere = (times > 64.5 / 30)[:, None]
    motion = replace(
        motion,
        state=state,
        root=motion.root + elsewhere * [1.0, 0.0, 0.0],
        rotations=rotation.mul(
            rotation.exp(elsewhere[..., None] * [0.0, 2.0, 0.0]), motion.rotations
        ),
    )
    after = smoothed(motion, filter)
    for part in (slice(0, 44), slice(44, 65), slice(65, 90)):
        assert_same(after[part], smoothed(motion[part], filter), 1e-9)
    assert np.diff(after.root[[64, 65], 0])[0] == pytest.approx(1.0, abs=0.03)


def test_a_take_tells_what_was_done_to_it() -> None:
    take = Take((Person(0, moving(0)),), {"source": "film.mp4"})
    assert smoothed_take(take, Unfiltered()) is take
    once = smoothed_take(take, Gaussian())
    assert once.made == {"source": "film.mp4", "filter": "gaussian:sigma=0.02"}
    twice = smoothed_take(once, Butterworth())
    assert twice.made["filter"] == "gaussian:sigma=0.02 then butterworth:cutoff=6"
    (person,) = once.people
    assert person.motion is not None
    np.testing.assert_array_equal(person.motion.root, smoothed(moving(0), Gaussian()).root)
