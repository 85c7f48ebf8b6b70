"""Filters on motion: nothing fast is lost, noise is, and what does not belong is not blended."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motions import degrees_apart, millimetres_apart, motions, seeds
from synthetic import standing, turn

from mocap import filters, metrics, rotation
from mocap.arrays import Array
from mocap.body_filters import (
    FILTERS,
    Butterworth,
    Filter,
    Gaussian,
    OneEuro,
    Savgol,
    Unfiltered,
    parse,
)
from mocap.errors import InvalidValue, UnknownName
from mocap.motion import Motion, TrackState
from mocap.skeletons import humanoid
from mocap.smoothing import (
    GAP,
    LiveFilter,
    bones_to_feet,
    smoothed,
    smoothed_take,
    stretches,
)
from mocap.take import Person, Take

BOTH_FEET = ("leftFoot", "rightFoot")
SMOOTHING = [kind() for kind in FILTERS.values() if kind is not Unfiltered]
LIVE = [Unfiltered(), OneEuro(), Butterworth()]
EACH = pytest.mark.parametrize("filter", SMOOTHING, ids=lambda f: f.name)
EACH_LIVE = pytest.mark.parametrize("filter", LIVE, ids=lambda f: f.name)
few = settings(max_examples=20)
RATES = pytest.mark.parametrize("fps", [24, 30, 60])


def noisy(motion: Motion, seed: int, metres: float = 0.005, radians: float = 0.02) -> Motion:
    random = np.random.default_rng(seed)
    turns = rotation.exp(random.normal(0, radians, (*motion.rotations.shape[:2], 3)))
    return replace(
        motion,
        root=motion.root + random.normal(0, metres, motion.root.shape),
        rotations=rotation.mul(turns, motion.rotations),
    )


def moving(seed: int, frames: int = 20) -> Motion:
    """The humanoid in smooth random motion with noise, at uneven times, its feet known."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.01, 0.1, frames))
    base = standing(times)
    ways = np.cumsum(random.normal(0, 0.15, base.rotations.shape[:2] + (3,)), axis=0)
    return replace(
        base,
        root=base.root + np.cumsum(random.normal(0, 0.02, (frames, 3)), axis=0),
        rotations=rotation.mul(rotation.exp(ways), base.rotations),
        contacts={foot: random.random(frames) < 0.5 for foot in BOTH_FEET},
    )


def assert_same(a: Motion, b: Motion, metres: float = 1e-6, degrees: float = 1e-4) -> None:
    np.testing.assert_array_equal(a.times, b.times)
    assert millimetres_apart(a.root, b.root) <= 1e3 * metres
    assert degrees_apart(a.rotations, b.rotations) <= degrees
    assert (a.translations is None) == (b.translations is None)
    if a.translations is not None and b.translations is not None:
        assert millimetres_apart(a.translations, b.translations) <= 1e3 * metres


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


# --- feet ------------------------------------------------------------------------------------


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


# --- live ------------------------------------------------------------------------------------


def pushed(live: LiveFilter, motion: Motion) -> Motion:
    return Motion.from_poses(motion.skeleton, [live.push(pose) for pose in motion])


@EACH_LIVE
@few
@given(seeds, seeds)
def test_a_reset_filter_is_a_new_one(filter: Filter, one: int, other: int) -> None:
    before, motion = moving(one), moving(other)
    live = LiveFilter(filter, motion.skeleton, BOTH_FEET)
    pushed(live, before)
    live.reset()
    again, new = (
        pushed(live, motion),
        pushed(LiveFilter(filter, motion.skeleton, BOTH_FEET), motion),
    )
    np.testing.assert_array_equal(again.root, new.root)
    np.testing.assert_array_equal(again.rotations, new.rotations)


@EACH_LIVE
@few
@given(motions())
def test_any_poses_can_be_smoothed_live(filter: Filter, motion: Motion) -> None:
    after = pushed(LiveFilter(filter, motion.skeleton), motion)
    np.testing.assert_array_equal(after.state, motion.state)
    assert (after.translations is None) == (motion.translations is None)


@EACH_LIVE
@few
@given(seeds)
def test_streamed_equals_batched(filter: Filter, seed: int) -> None:
    """Each stretch of poses, through the causal filters of whole signals."""
    motion = moving(seed, frames=30)
    state = np.random.default_rng(seed).choice([s.value for s in TrackState], 30, p=[0.1, 0.2, 0.7])
    motion = replace(motion, state=state)
    one_by_one = pushed(LiveFilter(filter, motion.skeleton, BOTH_FEET), motion)
    for part in stretches(motion.times, motion.state):
        times, root, q = motion.times[part], motion.root[part], motion.rotations[part]
        if isinstance(filter, Butterworth):
            root, q = (
                filters.streamed(filters.Butterworth(filter.cutoff, 1 / 30), times, signal)
                for signal in (root, rotation.continuous(q))
            )
        elif isinstance(filter, OneEuro):
            body = filters.OneEuroBody(2.0, 8.0, 1.0, bones_to_feet(motion.skeleton, BOTH_FEET))
            whole = [body(t, p[None], r) for t, p, r in zip(times, root, q, strict=True)]
            root, q = np.array([p[0] for p, _ in whole]), np.array([r for _, r in whole])
        batched = replace(motion[part], root=root, rotations=rotation.normalize(q))
        assert_same(one_by_one[part], batched, 1e-9)


@pytest.mark.parametrize("filter", [OneEuro(), Butterworth()], ids=lambda f: f.name)
def test_live_noise_is_reduced_and_lag_is_short(filter: Filter) -> None:
    times = np.arange(300) / 30
    still = standing(times)
    shaken = noisy(still, seed=0)
    calm = pushed(LiveFilter(filter, still.skeleton), shaken)
    assert np.std(calm.root - still.root) < 0.8 * np.std(shaken.root - still.root)
    walking = replace(still, root=still.root + np.outer(1.5 * times, [0.0, 0.0, 1.0]))
    late = walking.root - pushed(LiveFilter(filter, still.skeleton), walking).root
    assert late[-1, 2] / 1.5 < 0.05  # [s]


@EACH_LIVE
def test_live_time_must_grow(filter: Filter) -> None:
    motion = moving(0)
    live = LiveFilter(filter, motion.skeleton)
    live.push(motion.pose(1))
    for again in (1, 0):
        with pytest.raises(InvalidValue, match="expected times to grow"):
            live.push(motion.pose(again))
    live.push(motion.pose(2))  # a refused pose changes nothing


@pytest.mark.parametrize("filter", [Savgol(), Gaussian()], ids=lambda f: f.name)
def test_what_does_not_run_live(filter: Filter) -> None:
    with pytest.raises(InvalidValue, match=r"known live: none, one_euro, butterworth"):
        LiveFilter(filter, humanoid())
    with pytest.raises(InvalidValue, match="positive rate"):
        LiveFilter(OneEuro(), humanoid(), fps=0.0)


# --- by name ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("none", Unfiltered()),
        ("butterworth", Butterworth()),
        ("butterworth:cutoff=6", Butterworth(6.0)),
        ("gaussian:sigma=0.05", Gaussian(0.05)),
        ("savgol:window=0.25,order=3", Savgol(0.25, 3)),
        (" one_euro : min_cutoff=2, beta = 3 ", OneEuro(2.0, 3.0)),
    ],
)
def test_a_filter_by_its_text(spec: str, meant: Filter) -> None:
    assert parse(spec) == meant
    assert parse(str(meant)) == meant


def test_the_text_of_a_filter() -> None:
    assert [str(kind()) for kind in FILTERS.values()] == [
        "none",
        "one_euro:min_cutoff=2,beta=8,d_cutoff=1",
        "butterworth:cutoff=6",
        "savgol:window=0.25,order=3",
        "gaussian:sigma=0.02",
    ]


@given(st.floats(0.01, 1e6), st.floats(0, 1e6))
def test_every_parameter_survives_as_text(cutoff: float, beta: float) -> None:
    for made in (Butterworth(cutoff), Gaussian(cutoff), OneEuro(cutoff, beta)):
        assert parse(str(made)) == made


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("kalman", r"unknown filter 'kalman'; known: butterworth, gaussian, none, one_euro, sav"),
        ("", "unknown filter ''; known: butterworth"),
        ("butterworth:sigma=1", "unknown parameter of butterworth 'sigma'; known: cutoff"),
        ("butterworth:6", "unknown parameter of butterworth '6'; known: cutoff"),
        ("none:x=1", "unknown parameter of none 'x'; known: none at all"),
        ("butterworth:cutoff", "expected cutoff=NUMBER, got 'cutoff'; usual is butterworth:cutoff"),
        ("butterworth:cutoff=fast", "expected cutoff=NUMBER, got 'cutoff=fast'"),
        ("butterworth:cutoff=0", "expected a cut-off of at least 0.01 Hz"),
        ("butterworth:cutoff=-1", "expected cutoff to be a number of at least 0, got -1"),
        ("butterworth:cutoff=nan", "expected cutoff to be a number of at least 0, got nan"),
        ("butterworth:cutoff=6,cutoff=7", "cutoff is given twice"),
        ("gaussian:sigma=0", "expected a sigma above 0 s"),
        ("savgol:window=0", "expected a window above 0 s"),
        ("savgol:order=2.5", "expected order to be a whole number, got 2.5"),
        ("savgol:order=inf", "expected order to be a whole number, got inf"),
        ("one_euro:min_cutoff=0", "expected cut-offs above 0 Hz"),
    ],
)
def test_a_text_that_means_nothing(spec: str, told: str) -> None:
    with pytest.raises((InvalidValue, UnknownName), match=told):
        parse(spec)


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
