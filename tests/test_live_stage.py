"""The live stage: who is on it, where they are, and what a T-pose tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import CAMERA, seen, standing, turn
from walkers import frames_of, noisy, walk

from mocap import rotation
from mocap.arrays import Array
from mocap.body_filters import parse
from mocap.camera import Camera
from mocap.errors import InvalidValue, Refused
from mocap.landmarks import LandmarkTrack, Layout
from mocap.layouts import by_name
from mocap.lifted import Lifted
from mocap.live.calibration import Placement, placement
from mocap.live.stage import AWAY, MOST_PEOPLE, REMEMBERED, Stage, StageSettings, Step
from mocap.models.lifter import Lifter
from mocap.motion import Motion, Pose, TrackState
from mocap.nobody import FEWEST
from mocap.people import GHOST
from mocap.skeletons import humanoid
from mocap.stream.frames import LiveFrame

STEP = 1 / 30
Z = np.array([0.0, 0.0, 1.0])


def at(x: float, frames: int = 40, turned: float = 0.0, **locals_: Array) -> LandmarkTrack:
    """Somebody who stands aside [m], turned by so many degrees."""
    motion = standing(STEP * np.arange(frames), hips=turn("y", turned), **locals_)
    return seen(replace(motion, root=motion.root + [x, 0.0, 0.0]))


def t_pose(frames: int = 75, turned: float = 0.0, **bent: Array) -> LandmarkTrack:
    arms = {f"{side}UpperArm": rotation.identity() for side in ("left", "right")}
    return at(0.0, frames, turned, **{**arms, **bent})


def performed(stage: Stage, *tracks: LandmarkTrack, first: float = 0.0) -> list[Step]:
    """The steps of tracks that begin together at some time."""
    return [
        stage.step(first + t, [p for _, p in people if p is not None])
        for (t, _), people in (
            (people[0], people) for people in zip(*map(frames_of, tracks), strict=True)
        )
    ]


def frames(steps: list[Step]) -> list[LiveFrame]:
    return [step.frame for step in steps if step.frame is not None]


def alike(a: list[LiveFrame], b: list[LiveFrame]) -> bool:
    return len(a) == len(b) and all(
        f.seq == g.seq
        and f.t == g.t
        and [p.id for p in f.people] == [p.id for p in g.people]
        and all((p.pose.rotations == q.pose.rotations).all() and (p.pose.root == q.pose.root).all()
                for p, q in zip(f.people, g.people, strict=True))
        for f, g in zip(a, b, strict=True)
    )  # fmt: skip


def test_every_frame_comes_in_order_so_many_frames_later() -> None:
    stage = Stage(CAMERA, StageSettings(look_ahead=3))
    steps = performed(stage, at(0.0, 20))
    shown = frames(steps) + stage.flush()
    assert [step.frame is None for step in steps] == [i < 3 for i in range(20)]
    np.testing.assert_allclose([frame.t for frame in shown], STEP * np.arange(20))
    assert [frame.seq for frame in shown] == list(range(1, 21))
    assert stage.flush() == []


def test_somebody_comes_on_stage_once_they_are_no_mistake() -> None:
    steps = performed(Stage(CAMERA), at(0.0, 20))
    first = next(i for i, step in enumerate(steps) if step.appeared)
    assert steps[first].appeared == (0,)
    assert GHOST <= first * STEP < GHOST + (FEWEST + 1) * STEP
    assert all(not step.observation.people for step in steps[:first])
    assert all([p.person for p in step.observation.people] == [0] for step in steps[first:])


def test_a_stray_detection_never_comes_on_stage() -> None:
    stage = Stage(CAMERA)
    stray = frames_of(at(0.8, 3))
    for i in range(60):
        people = [stray[i % 3][1]] if i % 20 < 3 else []
        step = stage.step(i * STEP, [p for p in people if p is not None])
        assert not step.appeared
        assert step.frame is None or not step.frame.people


def test_the_cast_is_told_at_first_and_whenever_it_changes() -> None:
    steps = performed(Stage(CAMERA), at(0.0, 80))
    told = [(i, step.cast) for i, step in enumerate(steps) if step.cast is not None]
    casts = [sorted(cast.skeletons) for _, cast in told]
    assert casts == [[], [0], [0]]  # nobody, somebody, their skeleton settled
    last = told[-1][1]
    for step in steps[told[-1][0] :]:
        assert step.cast in (None, last)


def test_two_people_keep_their_distance() -> None:
    stage = Stage(CAMERA)
    steps = performed(stage, at(-0.5), at(0.6))
    last = frames(steps)[-1]
    left, right = (person.pose.root for person in last.people)
    assert [person.id for person in last.people] == [0, 1]
    # each is taken for 1.70 m tall in place of 1.75: nearer to the camera by that
    np.testing.assert_allclose(abs(right[0] - left[0]), 1.1 * 1.70 / 1.75, atol=0.03)
    np.testing.assert_allclose(
        [left[1], right[1]], humanoid().offsets[0, 1] * 1.70 / 1.75, atol=0.03
    )


def test_only_so_many_come_on_stage() -> None:
    stage = Stage(CAMERA, StageSettings(people=1))
    steps = performed(stage, at(-0.5), at(0.6))
    assert {len(step.observation.people) for step in steps} == {0, 1}
    stage.retune(StageSettings(people=2))
    steps = performed(stage, at(-0.5), at(0.6), first=2.0)
    assert stage.ids == [0, 1]
    stage.retune(StageSettings(people=1))
    performed(stage, at(-0.5), at(0.6), first=4.0)
    assert stage.ids == [0]


def test_someone_lost_leaves_and_is_known_when_they_come_back() -> None:
    stage = Stage(CAMERA)
    performed(stage, at(0.0, 70))
    away = [stage.step(70 * STEP + i * STEP, []) for i in range(round((AWAY + 1.5) / STEP))]
    states = [f.people[0].pose.state if f.people else None for f in frames(away)]
    order = [TrackState.TRACKED, TrackState.HELD, TrackState.LOST, None]
    assert [s for i, s in enumerate(states) if i == 0 or s != states[i - 1]] == order
    assert away[-1].frame is not None
    assert not away[-1].frame.people
    back = performed(stage, at(0.1), first=away[-1].frame.t + 1.0)
    assert not any(step.appeared for step in back)
    assert stage.ids == [0]
    assert back[-1].frame is not None
    assert [p.id for p in back[-1].frame.people] == [0]
    times = [frame.t for frame in frames(back)]
    # none of the frames that waited when they left
    assert all(p.pose.t == f.t for f in frames(back) for p in f.people)
    assert (np.diff(times) > 0).all()


def test_look_ahead_changes_without_going_back_in_time() -> None:
    stage = Stage(CAMERA, StageSettings(look_ahead=3))
    track = at(0.0, 20)
    steps = performed(stage, track)
    for ahead in (0, 5, 2):
        stage.retune(StageSettings(look_ahead=ahead))
        steps += performed(stage, track, first=steps[-1].observation.t + STEP)
    times = np.array([frame.t for frame in frames(steps)])
    assert (np.diff(times) > 0).all()
    assert steps[-1].frame is not None
    np.testing.assert_allclose(steps[-1].observation.t - steps[-1].frame.t, 2 * STEP)
    assert all(p.pose.t == f.t for f in frames(steps) for p in f.people)


@pytest.mark.parametrize(("fps", "ahead"), [(60, 3), (30, 3), (12, 2), (6, 1), (3, 0)])
def test_where_frames_come_slowly_it_looks_less_far_ahead(fps: int, ahead: int) -> None:
    stage = Stage(CAMERA, StageSettings(look_ahead=3))
    _, person = frames_of(at(0.0, 1))[0]
    assert person is not None
    steps = [stage.step(i / fps, [person]) for i in range(40)]
    last = steps[-1]
    assert last.frame is not None
    assert round((last.observation.t - last.frame.t) * fps) == ahead
    assert (np.diff([frame.t for frame in frames(steps)]) > 0).all()
    assert [p.id for p in last.frame.people] == [0]


def test_it_does_not_change_its_mind_at_every_frame() -> None:
    stage = Stage(CAMERA, StageSettings(look_ahead=3))
    random, t, seen_ahead = np.random.default_rng(1), 0.0, []
    for _ in range(300):
        t += 0.067 + random.normal(0, 0.004)
        step = stage.step(t, [])
        seen_ahead.append(stage._look_ahead)
        assert step.frame is None or step.frame.t <= t
    assert np.count_nonzero(np.diff(seen_ahead)) <= 2


def test_a_filter_is_put_in_and_taken_out() -> None:
    wave = np.arange(60) * STEP
    arms = {"rightUpperArm": turn("z", 40 + 30 * np.sin(12 * wave))}
    motion = standing(wave, **arms)
    track = noisy(seen(motion), 3)

    def roughness(settings: StageSettings) -> float:
        stage = Stage(CAMERA)
        stage.retune(settings)
        shown = frames(performed(stage, track))
        roots = np.array([f.people[0].pose.root for f in shown if f.people])
        return float(np.abs(np.diff(roots, 3, axis=0)).mean())

    assert roughness(StageSettings(filter=parse("one_euro:min_cutoff=0.5,beta=0"))) < 0.5 * (
        roughness(StageSettings())
    )


@pytest.mark.parametrize(
    "wrong", [{"people": -1}, {"people": MOST_PEOPLE + 1}, {"look_ahead": 6}, {"look_ahead": -1}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidValue, match=next(iter(wrong))):
        StageSettings(**wrong)  # type: ignore[arg-type]


def test_a_filter_that_needs_what_follows_is_refused() -> None:
    with pytest.raises(InvalidValue):
        StageSettings(filter=parse("gaussian"))


def test_a_lifter_that_gives_no_pose_is_refused() -> None:
    class Trajectory(Lifter):
        name, licence, receptive_field, causal = "trajectory", "none", 1, True
        inputs, outputs = by_name("coco17"), Layout("root", ("hips",))

        def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
            raise AssertionError("asked before it was refused")

    with pytest.raises(InvalidValue, match="trajectory: gives hips, which is no pose; take anoth"):
        Stage(CAMERA, lifter=Trajectory())


def test_a_reset_stage_equals_a_new_one() -> None:
    walking = noisy(seen(walk(STEP * np.arange(25), 0.2 * STEP * np.arange(25)).motion), 5)
    used = Stage(CAMERA)
    performed(used, at(0.3, 70))
    used.reset()
    assert alike(frames(performed(used, walking)), frames(performed(Stage(CAMERA), walking)))


def test_it_remembers_only_so_many() -> None:
    stage = Stage(CAMERA)
    tracks = [frames_of(at(x, 12))[0][1] for x in (-0.9, 0.0, 0.9)]
    t = 0.0
    for round_ in range(3 * REMEMBERED):
        for _ in range(10):
            t += STEP
            person = tracks[round_ % 3]
            assert person is not None
            looks = np.zeros(64)
            looks[round_ % 64] = 1.0  # nobody looks like anybody before
            stage.step(t, [replace(person, appearance=looks)])
        t += AWAY + 2
        stage.step(t, [])
    assert len(stage._known) <= REMEMBERED + 1


# -- calibration


def shown(stage: Stage, track: LandmarkTrack, first: float) -> Pose:
    last = frames(performed(stage, track, first=first))[-1]
    return last.people[0].pose


@pytest.mark.parametrize("turned", [0.0, 20.0, -15.0])
def test_a_t_pose_puts_its_person_at_the_origin_facing_ahead(turned: float) -> None:
    stage = Stage(CAMERA)
    performed(stage, at(0.4))
    performed(stage, t_pose(turned=turned), first=3.0)
    assert stage.calibrate(1.9) == [0]
    pose = shown(stage, t_pose(20, turned), 6.0)
    np.testing.assert_allclose(pose.root[[0, 2]], 0.0, atol=0.03)
    ahead = rotation.rotate(pose.rotations[0], Z)
    # MediaPipe's own noise is not in here: what is left is the fit's
    assert np.degrees(np.arccos(ahead @ Z)) < 4.0


def test_a_known_height_sets_the_size_of_everything() -> None:
    stage = Stage(CAMERA)
    performed(stage, t_pose())
    before = shown(stage, t_pose(20), 3.0)
    stage.calibrate(1.9)
    steps = performed(stage, t_pose(20), first=5.0)
    (cast,) = [step.cast for step in steps if step.cast is not None][-1:]
    assert cast.skeletons[0].height == pytest.approx(1.9)
    pose = frames(steps)[-1].people[0].pose
    assert pose.root[1] == pytest.approx(before.root[1] * 1.9 / 1.7, abs=0.02)
    stage.retune(replace(stage.settings, look_ahead=1))  # keeps what it learnt
    steps = performed(stage, t_pose(20), first=7.0)
    assert not any(step.cast for step in steps)


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        ({"leftUpperArm": turn("z", -60)}, "left arm"),
        ({"rightLowerArm": turn("y", 90)}, "right elbow"),
        ({"leftUpperLeg": turn("x", -60), "leftLowerLeg": turn("x", 60)}, "left leg"),
    ],
)
def test_other_poses_are_refused_and_change_nothing(bent: dict[str, Array], said: str) -> None:
    stage, other = Stage(CAMERA), Stage(CAMERA)
    for each in (stage, other):
        performed(each, t_pose(**bent))
    with pytest.raises(Refused, match=said):
        stage.calibrate(1.9)
    after = at(0.0, 20)
    assert alike(
        frames(performed(stage, after, first=5.0)), frames(performed(other, after, first=5.0))
    )


def test_arms_that_pass_through_a_t_pose_do_not_make_one() -> None:
    times = STEP * np.arange(75)
    swing = 30 * np.sin(2 * np.pi * times / 0.8)
    waving = {f"{side}UpperArm": turn("z", s * swing) for side, s in (("left", 1), ("right", -1))}
    stage = Stage(CAMERA)
    performed(stage, at(0.0, 75, **waving))
    with pytest.raises(Refused, match="arm still"):
        stage.calibrate()


def test_a_glimpse_is_not_enough() -> None:
    skeleton = humanoid()
    pose = Pose(0.0, skeleton.offsets[0], rotation.identity(len(skeleton)))
    with pytest.raises(Refused, match="long enough"):
        placement([replace(pose, t=t) for t in (0.0, 0.2, 0.4)], skeleton)


def test_nobody_cannot_be_calibrated() -> None:
    with pytest.raises(Refused, match="nobody"):
        Stage(CAMERA).calibrate()


def test_who_is_half_seen_is_asked_to_step_back() -> None:
    track = t_pose()
    legs = [
        i for i, p in enumerate(track.layout.points) if "ankle" in p or "foot" in p or "heel" in p
    ]
    confidence = track.confidence.copy()
    confidence[:, legs] = 0
    stage = Stage(CAMERA)
    performed(stage, replace(track, confidence=confidence))
    with pytest.raises(Refused, match="foot is not seen"):
        stage.calibrate()


def test_a_placement_turns_and_moves_whole_bodies() -> None:
    """The stage sees the same body: every joint turned and moved alike."""
    skeleton = humanoid()
    motion: Motion = walk(STEP * np.arange(9), 0.3 * np.arange(9) * STEP, heading=35).motion
    where = Placement(0.7, np.array([1.0, 0.2, -2.0]))
    before = motion.fk()[0]
    back = rotation.axis_angle([0.0, 1.0, 0.0], -0.7)
    for i in range(len(motion)):
        after = skeleton.fk(where.root(motion.root[i]), where.rotations(motion.rotations[i]))[0]
        np.testing.assert_allclose(after, rotation.rotate(back, before[i] - where.place), atol=1e-9)


def test_the_placement_of_a_perfect_t_pose_is_exact() -> None:
    skeleton = humanoid()
    q = rotation.identity(len(skeleton))
    q[0] = turn("y", 50)
    root = skeleton.offsets[0] + [2.0, 0.4, 1.0]
    found = placement([Pose(i / 5, root, q) for i in range(6)], skeleton)
    assert np.degrees(found.heading) == pytest.approx(50)
    np.testing.assert_allclose(found.place, [2.0, 0.4, 1.0], atol=0.02)
