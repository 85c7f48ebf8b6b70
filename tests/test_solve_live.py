"""The live solve: as it comes, what the whole solve finds when all is over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import CAMERA, seen, standing, turn
from test_solve import DEGENERATE, hidden
from walkers import arms, frames_of, jump, lived, noisy, walk

from mocap import rotation
from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.landmarks import Landmarks, LandmarkTrack
from mocap.motion import Motion, Pose, TrackState
from mocap.solve import LiveSolver, SolveSettings, solve
from mocap.solve.feet import soles

TIMES = np.arange(40) / 30
WALK = walk(TIMES, 0.3 * np.sin(2 * np.pi * TIMES / 3)).motion


def through(live: LiveSolver, track: LandmarkTrack) -> list[Pose | None]:
    """What a solver gives for each frame of a track."""
    return [live.push(t, landmarks) for t, landmarks in frames_of(track)]


def alike(a: list[Pose], b: list[Pose]) -> bool:
    return len(a) == len(b) and all(
        p.t == q.t
        and p.state == q.state
        and dict(p.contacts) == dict(q.contacts)
        and (p.root == q.root).all()
        and (p.rotations == q.rotations).all()
        and (p.confidence == q.confidence).all()
        for p, q in zip(a, b, strict=True)
    )


def places(motion: Motion) -> Array:
    """(T, J, 3) [m] of the joints, about the hips."""
    positions = motion.fk()[0]
    return np.asarray(positions - positions[:, :1])


@pytest.mark.parametrize("ahead", [0, 1, 3, 5])
def test_each_frame_gets_its_pose_so_many_frames_later(ahead: int) -> None:
    live = LiveSolver(CAMERA, look_ahead=ahead)
    track = seen(WALK[:15])
    poses = through(live, track)
    assert [pose is None for pose in poses] == [i < ahead for i in range(15)]
    given = [pose for pose in poses if pose is not None]
    rest = live.flush()
    assert len(rest) == ahead
    assert [pose.t for pose in given + rest] == track.times.tolist()
    assert all(pose.state == TrackState.TRACKED for pose in given + rest)
    assert live.flush() == []


def test_fewer_frames_than_are_waited_for() -> None:
    live = LiveSolver(CAMERA, look_ahead=5)
    assert through(live, seen(WALK[:3])) == [None] * 3
    assert [pose.t for pose in live.flush()] == TIMES[:3].tolist()


@pytest.mark.parametrize("ahead", [-1, 6])
def test_a_look_ahead_out_of_range_is_refused(ahead: int) -> None:
    with pytest.raises(InvalidValue, match="look_ahead"):
        LiveSolver(CAMERA, look_ahead=ahead)


def test_a_reset_solver_is_a_new_one() -> None:
    live = LiveSolver(CAMERA)
    lived(live, noisy(seen(WALK), 1))
    live.reset()
    track = noisy(seen(WALK[:20]), 2)
    again = [p for p in through(live, track) if p] + live.flush()
    fresh = LiveSolver(CAMERA)
    first = [p for p in through(fresh, track) if p] + fresh.flush()
    assert alike(again, first)
    assert (live.skeleton.offsets == fresh.skeleton.offsets).all()


def test_two_people_do_not_feel_each_other() -> None:
    tracks = (noisy(seen(WALK[:20]), 1), noisy(seen(standing(TIMES[:20])), 2))
    alone = [[p for p in through(LiveSolver(CAMERA), track) if p] for track in tracks]
    both = [LiveSolver(CAMERA), LiveSolver(CAMERA)]
    together: list[list[Pose]] = [[], []]
    for frames in zip(*map(frames_of, tracks), strict=True):
        for live, (t, landmarks), found in zip(both, frames, together, strict=True):
            pose = live.push(t, landmarks)
            if pose is not None:
                found.append(pose)
    assert alike(alone[0], together[0])
    assert alike(alone[1], together[1])


def test_nobody_yet() -> None:
    live = LiveSolver(CAMERA, look_ahead=2)
    poses = through(live, hidden(seen(WALK[:20]), slice(0, 10)))
    assert poses[:12] == [None] * 12
    assert [p.t for p in poses[12:] if p is not None] == TIMES[10:18].tolist()
    assert LiveSolver(CAMERA).flush() == []


@pytest.mark.parametrize("ahead", [0, 3])
def test_a_short_loss_holds_the_pose(ahead: int) -> None:
    live = LiveSolver(CAMERA, look_ahead=ahead)
    poses = through(live, hidden(seen(WALK[:30]), slice(15, 25)))
    found = [p for p in poses if p is not None] + live.flush()
    last = found[14]
    for pose in found[15:25]:
        assert pose.state == TrackState.HELD
        assert (pose.root == last.root).all()
        assert rotation.angle(pose.rotations, last.rotations).max() < 1e-6
        assert not pose.confidence.any()
        assert not any(pose.contacts.values())
    assert found[26].state == TrackState.TRACKED


def test_a_long_loss_ends_at_rest_and_the_return_is_whole() -> None:
    times = np.arange(85) / 30
    truth = standing(times, leftUpperArm=turn("z", 0.0))
    track = hidden(seen(truth), slice(20, 65))
    live = LiveSolver(CAMERA)
    poses = [p for p in through(live, track) if p is not None] + live.flush()
    arm = live.skeleton.index("leftUpperArm")
    raised = np.degrees([rotation.angle(p.rotations[arm], rotation.identity()) for p in poses])
    states = [p.state for p in poses]
    assert set(states[20:34]) == {TrackState.HELD}
    assert set(states[37:65]) == {TrackState.LOST}
    assert raised[60] == pytest.approx(75.0, abs=2.0)
    assert np.abs(np.diff(raised[:65])).max() < 10, "the arm sinks without a jump"
    assert set(states[65:]) == {TrackState.TRACKED}
    assert raised[-1] < 5, "it is up again"
    assert poses[-1].root == pytest.approx(poses[19].root, abs=0.05)
    assert all(np.isfinite(p.root).all() for p in poses)


@pytest.mark.parametrize("fps", [5, 30])
@pytest.mark.parametrize("ahead", [1, 5])
def test_who_returns_while_frames_still_wait(fps: int, ahead: int) -> None:
    """At few frames per second, or when the camera stalls, a long loss is over before the last
    poses from before it are given."""
    times = np.arange(16) / fps
    track = hidden(seen(standing(times)), slice(8, 12))
    stalled = replace(track, times=np.where(times > times[11], times + 1.0, times))
    live = LiveSolver(CAMERA, look_ahead=ahead)
    poses = [p for p in through(live, stalled) if p is not None] + live.flush()
    assert [p.t for p in poses] == stalled.times.tolist()
    assert max(np.abs(p.root - poses[0].root).max() for p in poses) < 0.08


@pytest.mark.parametrize("ahead", [0, 5])
def test_a_camera_that_stalls(ahead: int) -> None:
    times = TIMES[:20] + 0.8 * (np.arange(20) > 9)
    live = LiveSolver(CAMERA, look_ahead=ahead)
    poses = [p for p in through(live, seen(standing(times))) if p is not None] + live.flush()
    assert [p.t for p in poses] == times.tolist()
    assert max(np.abs(p.root - poses[0].root).max() for p in poses) < 0.08


def frame(track: LandmarkTrack, i: int) -> Landmarks:
    landmarks = frames_of(track)[i][1]
    assert landmarks is not None
    return landmarks


@pytest.mark.parametrize("later", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("there", [True, False])
def test_times_must_grow(later: float, there: bool) -> None:
    live = LiveSolver(CAMERA)
    track = seen(WALK[:3])
    live.push(1.0, frame(track, 0))
    with pytest.raises(InvalidValue, match="later"):
        live.push(1.0 + later, frame(track, 1) if there else None)
    live.push(1.1, frame(track, 1))
    assert [p.t for p in live.flush()] == [1.0, 1.1], "the solver goes on"


def test_points_without_depth_are_refused() -> None:
    live = LiveSolver(CAMERA)
    landmarks = frame(seen(WALK[:1]), 0)
    with pytest.raises(InvalidValue, match="no depth"):
        live.push(0.0, replace(landmarks, world=None))
    live.push(0.0, landmarks)
    assert len(live.flush()) == 1, "the solver goes on"


def test_points_that_are_missing() -> None:
    """NaN, or no confidence, in some points, in all of them, in single frames and for good."""
    random = np.random.default_rng(0)
    live = LiveSolver(CAMERA)
    for i, (t, landmarks) in enumerate(frames_of(noisy(seen(WALK), 0))):
        assert landmarks is not None
        image, world = landmarks.image.copy(), np.array(landmarks.world)
        confidence = landmarks.confidence.copy()
        gone = random.random(33) < (0.3 if i % 7 else 1.0)
        gone[15] = i > 10
        if i % 2:
            image[gone], world[gone] = np.nan, np.nan
        confidence[gone] = 0.0
        if i % 5 == 0:
            world[:3] = np.nan  # and some that the estimator claims to have seen
        pose = live.push(t, Landmarks(landmarks.layout, image, world, confidence))
        if pose is not None:
            assert np.isfinite(pose.root).all()
            assert np.isfinite(pose.rotations).all()
    assert len(live.flush()) == 3


def test_frames_without_any_point_are_frames_without_the_person() -> None:
    m = frame(seen(WALK[:1]), 0)
    nowhere = m.image * np.nan, np.array(m.world) * np.nan
    blind = Landmarks(m.layout, *nowhere, np.zeros_like(m.confidence))
    track = seen(WALK[:20])
    found: list[list[Pose]] = []
    for nobody in (None, blind):
        live = LiveSolver(CAMERA)
        poses = [live.push(t, nobody if 8 < i < 12 else m)
                 for i, (t, m) in enumerate(frames_of(track))]  # fmt: skip
        found.append([p for p in poses if p is not None])
    assert alike(found[0], found[1])


@pytest.mark.parametrize("what", DEGENERATE)
def test_hardly_any_input_gives_finite_poses(what: str) -> None:
    track = DEGENERATE[what](seen(standing(TIMES[:20])))  # type: ignore[no-untyped-call]
    live = LiveSolver(CAMERA)
    poses = [p for p in through(live, track) if p is not None] + live.flush()
    assert all(np.isfinite(p.root).all() and np.isfinite(p.rotations).all() for p in poses)
    assert live.skeleton.height == pytest.approx(1.70)
    if what in ("nothing ever seen", "no confidence"):
        assert poses == []


def test_more_look_ahead_gives_less_jitter() -> None:
    track = noisy(seen(standing(TIMES, **arms(TIMES, 20 * TIMES, 0 * TIMES))), 0)

    def jitter(ahead: int) -> float:
        found = places(lived(LiveSolver(CAMERA, look_ahead=ahead), track))
        return float(np.linalg.norm(np.diff(found[10:-6], 3, axis=0), axis=-1).mean())

    none, few, most = (jitter(ahead) for ahead in (0, 2, 5))
    assert few < 0.7 * none
    assert most < 0.9 * few


@pytest.mark.parametrize("ahead", [0, 3])
def test_a_clean_view_gives_about_what_the_whole_solve_gives(ahead: int) -> None:
    times = np.arange(90) / 30
    motion = walk(times, 0.3 * np.sin(2 * np.pi * times / 3)).motion
    track = seen(motion)
    (whole,) = solve([track], CAMERA)
    live = lived(LiveSolver(CAMERA, look_ahead=ahead), track)
    apart = np.linalg.norm(places(live) - places(whole), axis=-1)[30:]
    assert apart.mean() < 0.03
    travel = live.root - live.root[30], whole.root - whole.root[30]
    assert np.abs(travel[0] - travel[1])[30:].max() < 0.12


@pytest.mark.parametrize("ahead", [0, 3])
def test_they_stand_on_the_floor_from_the_first_frame(ahead: int) -> None:
    live = LiveSolver(CAMERA, look_ahead=ahead)
    for t, landmarks in frames_of(seen(WALK)):
        pose = live.push(t, landmarks)
        if pose is not None:
            body = live.skeleton.fk(pose.root[None], pose.rotations[None])
            assert abs(soles(*body, live.skeleton).lowest[..., 1].min()) < 0.05


def test_someone_without_legs_in_the_picture_stands_about_on_the_floor() -> None:
    """As at a desk: where the floor is nobody knows, but nobody is under it either."""
    near = seen(standing(np.arange(75) / 30), at=np.array([0.0, 1.4, 1.2]))
    live = LiveSolver(CAMERA)
    for t, landmarks in frames_of(near):
        pose = live.push(t, landmarks)
        if pose is not None:
            body = live.skeleton.fk(pose.root[None], pose.rotations[None])
            assert abs(soles(*body, live.skeleton).lowest[..., 1].min()) < 0.12


@pytest.mark.parametrize("fps", [8, 30])
def test_the_skeleton_changes_once(fps: int) -> None:
    live = LiveSolver(CAMERA, look_ahead=1)
    heights = []
    for t, landmarks in frames_of(noisy(seen(standing(np.arange(int(2.6 * fps)) / fps)), 0)):
        if live.push(t, landmarks) is not None:
            heights.append(float(np.abs(live.skeleton.offsets).sum()))
    changes = np.flatnonzero(np.diff(heights))
    assert len(changes) == 1
    assert changes[0] / fps == pytest.approx(2.0, abs=0.3)


def test_how_long_a_pose_is_held_does_not_change_what_is_seen() -> None:
    track = noisy(seen(WALK), 0)
    usual, none = (
        lived(LiveSolver(CAMERA, SolveSettings(hold=hold)), track) for hold in (0.5, 0.0)
    )
    assert (usual.root == none.root).all()


def test_who_is_lost_in_the_air_comes_to_rest_on_the_floor() -> None:
    times = np.arange(40) / 30
    leap = jump(times, begin=0.8)
    last = int(np.argmin(leap.stands[:, 0])) + 6
    live = LiveSolver(CAMERA, look_ahead=0)
    through(live, seen(leap.motion[:last]))
    gone = [live.push((last + i) / 30, None) for i in range(45)]

    def sole(pose: Pose | None) -> float:
        assert pose is not None
        joints = live.skeleton.fk(pose.root[None], pose.rotations[None])
        return float(soles(*joints, live.skeleton).lowest[..., 1].min())

    assert sole(gone[0]) > 0.1
    assert gone[-1] is not None
    assert gone[-1].state == TrackState.LOST
    assert abs(sole(gone[-1])) < 1e-3
    assert np.abs(np.diff([sole(pose) for pose in gone])).max() < 0.1
