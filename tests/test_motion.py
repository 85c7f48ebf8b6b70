"""Laws of motion: other times, other side, poses and back; and what may not be a motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import degrees_apart, motions, seeds
from strategies import rotations

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.motion import Motion, Pose, TrackState
from mocap.skeleton import Skeleton

EXACT = 1e-6  # [degrees]
BONE = Skeleton(("bone",), np.array([-1]), np.zeros((1, 3)))
MIRROR = np.diag([-1.0, 1.0, 1.0])

irregular = st.lists(st.floats(0.001, 0.5), min_size=1, max_size=8).map(np.cumsum)
wanted = st.lists(st.floats(-1, 5), min_size=1, max_size=20, unique=True).map(sorted)


def assert_same(a: Motion, b: Motion, atol: float = 0.0) -> None:
    assert a.skeleton.names == b.skeleton.names
    np.testing.assert_array_equal(a.skeleton.offsets, b.skeleton.offsets)
    np.testing.assert_allclose(a.times, b.times, rtol=0, atol=atol)
    np.testing.assert_allclose(a.root, b.root, rtol=0, atol=atol)
    assert degrees_apart(a.rotations, b.rotations) < EXACT
    assert (a.translations is None) == (b.translations is None)
    if a.translations is not None and b.translations is not None:
        np.testing.assert_allclose(a.translations, b.translations, rtol=0, atol=atol)
    np.testing.assert_array_equal(a.state, b.state)
    np.testing.assert_array_equal(a.confidence, b.confidence)
    assert a.contacts.keys() == b.contacts.keys()
    for foot, on in a.contacts.items():
        np.testing.assert_array_equal(on, b.contacts[foot])


def steady(times: Array, speed: Array, spin: Array) -> Motion:
    """One bone that travels at `speed` [m/s] and turns by `spin` [rad/s]."""
    return Motion(
        BONE,
        times=times,
        root=times[:, None] * speed,
        rotations=rotation.exp(times[:, None, None] * spin),
        translations=times[:, None, None] * (2 * speed),
    )


@st.composite
def sided_motions(draw: st.DrawFn) -> Motion:
    """Motions of lopsided people: the trees of the package with other offsets."""
    random = np.random.default_rng(draw(seeds))
    skeleton = skeletons.by_name(draw(st.sampled_from(skeletons.names())))
    shape = (draw(st.integers(1, 3)), len(skeleton))
    feet = [n for n in skeleton.names if "foot" in n.lower()]
    return Motion(
        skeleton.replace(offsets=random.normal(size=skeleton.offsets.shape)),
        times=np.arange(shape[0]) / 30,
        root=random.normal(size=(shape[0], 3)),
        rotations=rotations(random, shape),
        translations=random.normal(size=(*shape, 3)) if draw(st.booleans()) else None,
        state=random.integers(0, 3, shape[0]),
        confidence=random.random(shape),
        contacts={foot: random.random(shape[0]) < 0.5 for foot in feet},
    )


# --- other times ---------------------------------------------------------------------------


@given(motions())
def test_at_its_own_times_a_motion_is_itself(motion: Motion) -> None:
    assert_same(motion.resampled(times=motion.times), motion, 1e-14)
    if len(motion) > 1:
        assert_same(motion.resampled(fps=motion.fps), motion, 1e-12)


@given(motions(), st.integers(2, 5))
def test_to_a_multiple_of_the_rate_and_back_is_itself(motion: Motion, factor: int) -> None:
    finer = motion.resampled(fps=motion.fps * factor)
    assert len(finer) == (len(motion) - 1) * factor + 1
    assert_same(finer.resampled(times=motion.times), motion, 1e-12)
    assert_same(finer[::factor], motion, 1e-12)


@given(seeds, st.floats(1.5, 4))
def test_to_any_higher_rate_and_back_is_close(seed: int, factor: float) -> None:
    random, t = np.random.default_rng(seed), np.arange(31) / 30
    wave = np.sin(2 * np.pi * t[:, None] + random.uniform(0, 6, 3))
    motion = Motion(BONE, t, 0.5 * wave, rotation.exp(wave)[:, None])
    back = motion.resampled(fps=30 * factor).resampled(times=t)
    # a frame in the middle of a finer step is cut by a quarter of its bend times that step
    cut = (2 * np.pi / 30) ** 2 / (4 * factor)
    within = back.times <= t[-1] - 1 / 30  # the finer rate may end before the last frame
    assert np.abs(back.root - motion.root)[within].max() < 0.51 * cut
    assert degrees_apart(back.rotations[within], motion.rotations[within]) < np.degrees(3 * cut)


@given(irregular, wanted, seeds)
def test_steady_motion_stays_steady(times: Array, at: list[float], seed: int) -> None:
    """Whatever the frame times were and are to be; beyond the ends it stands still."""
    speed, spin = np.random.default_rng(seed).normal(0, 1.0, (2, 3))
    spin *= min(1.0, 3.0 / np.linalg.norm(spin))  # less than a half turn a frame
    resampled = steady(times, speed, spin).resampled(times=at)
    np.testing.assert_array_equal(resampled.times, at)
    inside = np.clip(at, times[0], times[-1])
    np.testing.assert_allclose(resampled.root, inside[:, None] * speed, atol=1e-12)
    np.testing.assert_allclose(
        resampled.translations, inside[:, None, None] * (2 * speed), atol=1e-12
    )
    assert degrees_apart(resampled.rotations, rotation.exp(inside[:, None, None] * spin)) < EXACT


@given(motions(), st.floats(0.001, 10))
def test_one_frame_stands_still(motion: Motion, later: float) -> None:
    one = motion[:1]
    moved = one.resampled(times=[one.times[0] - later, one.times[0], one.times[0] + later])
    for i in range(3):
        assert_same(moved[i : i + 1].resampled(times=one.times), one, 1e-15)
    assert one.fps == 30.0
    assert one.duration == 0.0
    assert len(one.resampled(fps=60)) == 1


@given(seeds)
def test_half_way_is_half_the_turn_and_half_the_path(seed: int) -> None:
    random = np.random.default_rng(seed)
    q, root = rotations(random, (2, 1)), random.normal(size=(2, 3))
    middle = Motion(BONE, np.array([1.0, 2.0]), root, q).resampled(times=[1.5])
    np.testing.assert_allclose(middle.root[0], root.mean(axis=0))
    half = rotation.angle(q[0], q[1]) / 2
    np.testing.assert_allclose(rotation.angle(q[0], middle.rotations[0]), half, atol=1e-12)
    np.testing.assert_allclose(rotation.angle(middle.rotations[0], q[1]), half, atol=1e-12)


def test_states_confidences_and_contacts_are_of_the_nearest_frame() -> None:
    motion = Motion(
        BONE,
        times=np.array([0.0, 1.0, 3.0]),
        root=np.zeros((3, 3)),
        rotations=rotation.identity(3, 1),
        state=np.array([TrackState.LOST, TrackState.HELD, TrackState.TRACKED]),
        confidence=np.array([[0.0], [0.5], [1.0]]),
        contacts={"bone": np.array([True, False, True])},
    )
    resampled = motion.resampled(times=[-1, 0.4, 0.6, 1.9, 2.1, 9])
    assert resampled.state.tolist() == [0, 0, 1, 1, 2, 2]
    assert resampled.confidence.ravel().tolist() == [0, 0, 0.5, 0.5, 1, 1]
    assert resampled.contacts["bone"].tolist() == [True, True, False, False, True, True]


@pytest.mark.parametrize(("fps", "frames"), [(30, 31), (60, 61), (24, 25), (25, 26), (29.97, 30)])
def test_a_rate_runs_from_the_first_frame_to_the_last(fps: float, frames: int) -> None:
    t = 7.0 + np.arange(31) / 30
    resampled = steady(t, np.ones(3), np.zeros(3)).resampled(fps=fps)
    np.testing.assert_allclose(resampled.times, 7.0 + np.arange(frames) / fps)
    assert resampled.fps == pytest.approx(fps)


def test_rate_is_of_the_usual_frame() -> None:
    """One long gap, as of a camera that stalled, does not change it."""
    motion = steady(np.array([0, 0.04, 0.08, 2.0, 2.04]), np.ones(3), np.ones(3))
    assert motion.fps == pytest.approx(25)
    assert motion.duration == 2.04


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give either fps or times"),
        ({"fps": 30, "times": [0.0]}, "give either fps or times"),
        ({"fps": 0}, "fps: expected a positive rate, got 0"),
        ({"fps": -30}, "fps: expected a positive rate, got -30"),
        ({"fps": np.nan}, "fps: expected a positive rate, got nan"),
        ({"times": [0.0, 0.0]}, "times: expected increasing seconds"),
    ],
)
def test_times_that_make_no_sense_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        steady(np.arange(3.0), np.ones(3), np.ones(3)).resampled(**arguments)


# --- frames and poses ----------------------------------------------------------------------


@given(motions())
def test_poses_make_the_same_motion_again(motion: Motion) -> None:
    again = Motion.from_poses(motion.skeleton, list(motion))
    assert_same(again, motion)
    np.testing.assert_array_equal(again.rotations, motion.rotations)


@given(motions(), st.slices(6))
def test_a_slice_has_the_poses_of_its_frames(motion: Motion, frames: slice) -> None:
    forwards = slice(frames.start, frames.stop, abs(frames.step or 1))
    part = motion[forwards]
    assert len(part) == len(range(len(motion))[forwards])
    if len(part):
        assert_same(part, Motion.from_poses(motion.skeleton, list(motion)[forwards]))


def test_no_frames_are_a_motion() -> None:
    nothing = Motion.from_poses(BONE, [])
    assert len(nothing) == len(list(nothing)) == 0
    assert nothing.duration == 0.0
    assert len(nothing.resampled(fps=30)) == len(nothing.mirrored()) == 0
    assert nothing.fk()[0].shape == (0, 1, 3)


@given(motions())
def test_kinematics_of_a_motion_are_those_of_its_poses(motion: Motion) -> None:
    positions, world = motion.fk()
    for i, pose in enumerate(motion):
        at, turns = motion.skeleton.fk(pose.root, pose.rotations, pose.translations)
        np.testing.assert_array_equal(positions[i], at)
        np.testing.assert_array_equal(world[i], turns)


# --- mirror --------------------------------------------------------------------------------


@given(sided_motions())
def test_mirror_image_does_on_the_right_what_was_done_on_the_left(motion: Motion) -> None:
    mirrored, pairs = motion.mirrored(), motion.skeleton.mirror_indices
    positions, world = motion.fk()
    there, turns = mirrored.fk()
    np.testing.assert_allclose(there, positions[:, pairs] @ MIRROR, atol=1e-12)
    expected = MIRROR @ rotation.to_matrix(world[:, pairs]) @ MIRROR
    np.testing.assert_allclose(rotation.to_matrix(turns), expected, atol=1e-12)
    np.testing.assert_array_equal(mirrored.confidence, motion.confidence[:, pairs])
    np.testing.assert_array_equal(mirrored.state, motion.state)
    for foot, on in motion.contacts.items():
        other = motion.skeleton.names[pairs[motion.skeleton.index(foot)]]
        assert other != foot
        np.testing.assert_array_equal(mirrored.contacts[other], on)


@given(sided_motions())
def test_mirrored_twice_is_itself(motion: Motion) -> None:
    assert_same(motion.mirrored().mirrored(), motion)


# --- validation ----------------------------------------------------------------------------

TWO = Skeleton(("a", "b"), np.array([-1, 0]), np.zeros((2, 3)))


def good() -> dict[str, Any]:
    return {
        "times": np.arange(3.0),
        "root": np.zeros((3, 3)),
        "rotations": rotation.identity(3, 2),
        "translations": np.zeros((3, 2, 3)),
        "state": np.full(3, 2),
        "confidence": np.ones((3, 2)),
        "contacts": {"b": np.zeros(3, bool)},
    }


def changed(name: str, index: Any, value: float) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        values = good()
        values[name][index] = value
        return values

    return make


def given_as(name: str, value: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {**good(), name: value}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (changed("times", 1, 5.0), "times: expected increasing .* got 5.0 before 2.0 at frame 1"),
        (changed("times", 2, 1.0), "times: expected increasing .* got 1.0 before 1.0 at frame 1"),
        (changed("times", 1, np.nan), r"times: expected finite numbers, got nan at index \(1,\)"),
        (changed("root", (2, 1), np.inf), r"root: expected finite .* inf at index \(2, 1\)"),
        (changed("rotations", (0, 1, 2), np.nan), r"rotations: .*nan at index \(0, 1, 2\)"),
        (changed("rotations", (1, 0, 3), 1.1), "rotations: expected unit .* norm 1.1"),
        (changed("rotations", (1, 0), 0.0), "rotations: expected unit quaternions, .* norm 0"),
        (changed("translations", (0, 0, 0), np.nan), r"translations: .*nan at index \(0, 0, 0\)"),
        (changed("confidence", (0, 0), 1.5), "confidence: expected numbers from 0 to 1"),
        (changed("confidence", (0, 0), np.nan), "confidence: expected numbers from 0 to 1"),
        (given_as("root", np.zeros((3, 2))), r"root: expected shape \(3, 3\), got \(3, 2\)"),
        (given_as("root", np.zeros((4, 3))), r"root: expected shape \(3, 3\), got \(4, 3\)"),
        (given_as("rotations", np.zeros((3, 2, 3))), r"rotations: .*\(3, 2, 4\), got \(3, 2, 3\)"),
        (given_as("rotations", rotation.identity(3, 1)), r"\(3, 2, 4\), got \(3, 1, 4\)"),
        (given_as("translations", np.zeros((3, 3))), r"translations: .*\(3, 2, 3\), got \(3, 3\)"),
        (given_as("state", np.zeros(2)), r"state: expected shape \(3,\), got \(2,\)"),
        (given_as("confidence", np.ones(3)), r"confidence: expected shape \(3, 2\), got \(3,\)"),
        (given_as("contacts", {"b": np.ones(2)}), r"contacts\[b\]: expected shape \(3,\)"),
    ],
)
def test_what_is_wrong_is_named(make: Callable[[], dict[str, Any]], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Motion(TWO, **make())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"root": np.zeros(2)}, r"root: expected shape \(3,\), got \(2,\)"),
        ({"rotations": np.zeros((2, 3))}, r"rotations: expected shape \('any', 4\), got \(2, 3\)"),
        ({"translations": np.zeros((3, 3))}, r"translations: .*\(2, 3\), got \(3, 3\)"),
        ({"confidence": np.ones(3)}, r"confidence: expected shape \(2,\), got \(3,\)"),
        ({"confidence": np.array([0, -0.5])}, "confidence: expected numbers from 0 to 1"),
    ],
)
def test_what_is_wrong_with_a_pose_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Pose(**{"t": 0.0, "root": np.zeros(3), "rotations": rotation.identity(2), **wrong})


def test_values_cannot_change_but_their_source_can() -> None:
    source = good()
    motion = Motion(TWO, **source)
    for holder in (motion, motion.pose(0), motion[:2], motion.mirrored()):
        for name in ("root", "rotations", "translations", "confidence"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(holder, name)[0] = 0.5
    for array in (motion.times, motion.state, motion.contacts["b"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    for name in ("times", "root", "rotations", "translations", "state", "confidence"):
        source[name][0] = 0
    source["contacts"]["b"][0] = True
    source["contacts"]["c"] = None
    assert list(motion.contacts) == ["b"]


def test_what_is_not_said_is_tracked_and_seen() -> None:
    motion = Motion(TWO, np.arange(3.0), np.zeros((3, 3)), rotation.identity(3, 2))
    assert (motion.state == TrackState.TRACKED).all()
    assert (motion.confidence == 1).all()
    assert motion.translations is None
    assert motion.contacts == {}
    pose = Pose(0.0, np.zeros(3), rotation.identity(2))
    assert pose.state is TrackState.TRACKED
    assert (pose.confidence == 1).all()
