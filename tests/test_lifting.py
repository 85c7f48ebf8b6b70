"""Points without depth, people followed, lifted and solved: the seam between detectors, lifters and
the solve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pretend import somebody
from synthetic import CAMERA, CAMERA_AT, SIZE, points_of, seen, standing, turn

from mocap import lifting, rotation
from mocap.camera import Camera
from mocap.capture import CaptureSettings, capture, capture_landmarks
from mocap.errors import InvalidValue, NoPerson
from mocap.keypoints import Keypoints
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, LandmarkTrack, Layout, Observation
from mocap.layouts import by_name, mapped, track_in
from mocap.lifted import Lifted
from mocap.models.lifter import Lifter
from mocap.motion import Motion
from mocap.solve import SolveSettings, solve
from mocap.take import Person, Take

COCO, H36M = by_name("coco17"), by_name("h36m17")
TIMES = np.arange(45) / 30
WAVING = standing(
    TIMES,
    hips=turn("y", 25.0),
    leftUpperArm=turn("y", -60 - 20 * np.sin(4 * TIMES)),
    rightUpperLeg=turn("x", -30 * np.sin(3 * TIMES) ** 2),
    head=turn("y", 30 * np.sin(2 * TIMES)),
)


class Knows(Lifter):
    """Knows where the joints of a motion are, without ever looking."""

    name, licence, receptive_field = "knows", "none", 1
    inputs, outputs = H36M, H36M

    def __init__(self, motion: Motion, straight: bool = False) -> None:
        view = points_of(motion) - CAMERA_AT
        joints, _ = mapped(view, np.ones(view.shape[:2]), MEDIAPIPE_POSE, H36M)
        self.straight = straight
        if straight:  # as if the camera looked at the middle of the person
            ray = rotation.unit(CAMERA.rays(CAMERA.project(view)).mean(axis=1))
            ahead = rotation.between(ray, np.array([0.0, 0.0, -1.0]))
            joints = rotation.rotate(ahead[:, None], joints)
        self._joints = joints - joints[:, :1]

    def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
        assert track.layout == H36M
        assert np.isfinite(track.image).all()
        return Lifted(track.times, H36M.points, self._joints, np.full(17, 0.02))


def flat(motion: Motion, layout: str = "coco17") -> LandmarkTrack:
    """What a detector sees of a motion."""
    return track_in(replace(seen(motion), world=None), by_name(layout))


def frames_of(*tracks: LandmarkTrack, order: int = 1) -> tuple[Observation, ...]:
    """Everyone in every frame, in changing order, without ids."""
    return tuple(
        Observation(
            float(tracks[0].times[i]),
            tuple(
                Landmarks(t.layout, t.image[i], None, t.confidence[i], n)
                for n, t in enumerate(tracks[:: order if i % 2 else 1])
            ),
        )
        for i in range(len(tracks[0]))
    )


def keypoints(*tracks: LandmarkTrack, tracked: bool = False, order: int = 1) -> Keypoints:
    return Keypoints("test", tracks[0].layout, frames_of(*tracks, order=order), SIZE, tracked)


def joint(motion: Motion, bone: str) -> np.ndarray:
    return motion.fk()[0][:, motion.skeleton.index(bone)]


# --- who is who ----------------------------------------------------------------------------


def test_people_without_ids_are_followed() -> None:
    left, right = (
        track_in(replace(somebody(20, x=x, step=s), world=None), COCO)
        for x, s in ((-0.8, 0.01), (0.8, -0.01))
    )
    tracks, found = lifting.people_of(keypoints(left, right, order=-1), people=2)
    assert found == 2
    for track, expected in zip(tracks, (left, right), strict=True):
        assert np.allclose(track.image, expected.image, equal_nan=True)
        assert np.array_equal(track.confidence, expected.confidence)


def test_ids_of_the_detector_are_kept_in_order() -> None:
    left, right = (track_in(replace(somebody(9, x=x), world=None), COCO) for x in (-0.8, 0.8))
    tracks, _ = lifting.people_of(keypoints(left, right, tracked=True), people=2)
    assert [t.person for t in tracks] == [0, 1]
    only, found = lifting.people_of(keypoints(left, right, tracked=True), person="1")
    assert found == 2
    assert np.allclose(only[0].image, right.image, equal_nan=True)
    with pytest.raises(InvalidValue, match="no person 7; found: 0, 1"):
        lifting.people_of(keypoints(left, right), person="7")


def test_points_that_were_not_seen_stay_so() -> None:
    track = flat(WAVING)
    image, confidence = track.image.copy(), track.confidence.copy()
    random = np.random.default_rng(0)
    hidden = random.random(confidence.shape) < 0.3
    image[hidden], confidence[hidden] = np.nan, 0.0
    holes = replace(track, image=image, confidence=confidence)
    (found,), _ = lifting.people_of(keypoints(holes))
    assert np.allclose(found.image, image, equal_nan=True)
    assert np.array_equal(found.confidence, confidence)


def test_nobody_is_an_error() -> None:
    empty = Keypoints("test", COCO, (Observation(0.0, ()), Observation(0.1, ())), SIZE)
    with pytest.raises(NoPerson, match="any of the 2 frames of test"):
        lifting.people_of(empty)


# --- gaps ----------------------------------------------------------------------------------


def test_gaps_are_bridged_in_time_for_networks() -> None:
    track = flat(WAVING)
    image, confidence = track.image.copy(), track.confidence.copy()
    image[5:8, 3], confidence[5:8, 3] = np.nan, 0.0
    image[:2, 4], confidence[:2, 4] = 0.0, 0.0  # nothing
    image[3, 5], confidence[3, 5] = [350.0, 900.0], 0.0  # a guess, under the picture
    image[:, 16], confidence[:, 16] = np.nan, 0.0
    whole = lifting.without_gaps(replace(track, image=image, confidence=confidence))
    assert np.isfinite(whole.image).all()
    assert np.array_equal(whole.confidence, confidence)
    ends = track.image[[4, 8], 3]
    expected = ends[0] + np.outer([0.25, 0.5, 0.75], ends[1] - ends[0])
    assert np.allclose(whole.image[5:8, 3], expected)
    assert np.allclose(whole.image[:2, 4], track.image[2, 4])
    assert np.array_equal(whole.image[3, 5], image[3, 5])
    assert np.allclose(whole.image[:, 16], whole.image[:, :16].mean(axis=1))
    with pytest.raises(InvalidValue, match="no point was ever seen"):
        lifting.without_gaps(replace(track, confidence=np.zeros_like(confidence)))


# --- depth ---------------------------------------------------------------------------------


@pytest.mark.parametrize("straight", [False, True])
def test_lifted_points_are_where_an_estimator_with_depth_has_them(straight: bool) -> None:
    lifted = lifting.lift(flat(WAVING), Knows(WAVING, straight), CAMERA)
    perfect = seen(WAVING)
    assert lifted.layout == MEDIAPIPE_POSE
    assert lifted.world is not None
    assert perfect.world is not None
    for name in ("left_wrist", "right_ankle", "left_knee", "right_shoulder"):
        i = MEDIAPIPE_POSE.index(name)
        assert np.abs(lifted.world[:, i] - perfect.world[:, i]).max() < 0.02
        assert np.allclose(lifted.image[:, i], perfect.image[:, i])
        assert (lifted.confidence[:, i] == 1).all()
    hands = [MEDIAPIPE_POSE.index(f"left_{p}") for p in ("pinky", "index", "thumb")]
    assert (lifted.confidence[:, hands] == 0).all()


@pytest.mark.parametrize("layout", ["coco17", "openpose_coco18", "openpose_body25"])
def test_the_solve_of_lifted_points_is_as_good_as_with_depth(layout: str) -> None:
    (expected,) = solve([seen(WAVING)], CAMERA, SolveSettings(height=1.75))
    track = lifting.lift(flat(WAVING, layout), Knows(WAVING), CAMERA)
    (solved,) = solve([track], CAMERA, SolveSettings(height=1.75))
    for bone in ("leftHand", "leftLowerArm", "rightFoot", "leftToes", "head"):
        assert np.abs(joint(solved, bone) - joint(expected, bone)).max() < 0.06
    assert solved.contacts["leftFoot"].mean() > 0.9
    heads = [m.fk()[1][:, m.skeleton.index("head")] for m in (solved, WAVING)]
    assert np.degrees(rotation.angle(*heads)).max() < 20


def test_legs_out_of_the_picture_are_not_invented() -> None:
    track = flat(WAVING)
    legs = [i for i, p in enumerate(COCO.points) if "knee" in p or "ankle" in p]
    image, confidence = track.image.copy(), track.confidence.copy()
    image[:, legs], confidence[:, legs] = np.nan, 0.0
    half = replace(track, image=image, confidence=confidence)
    lifted = lifting.lift(half, Knows(WAVING), CAMERA)
    below = [i for i, p in enumerate(MEDIAPIPE_POSE.points)
             if any(word in p for word in ("knee", "ankle", "heel", "foot"))]  # fmt: skip
    assert (lifted.confidence[:, below] == 0).all()
    assert (lifted.confidence[:, MEDIAPIPE_POSE.index("left_wrist")] == 1).all()


def test_frames_without_anybody_stay_empty() -> None:
    track = flat(WAVING)
    image, confidence = track.image.copy(), track.confidence.copy()
    image[20:25], confidence[20:25] = np.nan, 0.0
    lifted = lifting.lift(replace(track, image=image, confidence=confidence), Knows(WAVING), CAMERA)
    assert (lifted.confidence[20:25] == 0).all()
    assert lifted.present.tolist() == [not 20 <= i < 25 for i in range(len(TIMES))]
    (solved,) = solve([lifted], CAMERA)
    assert np.isfinite(solved.root).all()


def test_what_a_lifter_says_helps_an_estimator_without_an_idea_of_depth() -> None:
    """Of the embedded estimator's own points, as a measurement beside its depth."""
    perfect = seen(WAVING)
    assert perfect.world is not None
    blind = replace(perfect, world=perfect.world * [1.0, 1.0, 0.3])
    settings = SolveSettings(height=1.75)
    (alone,) = solve([blind], CAMERA, settings)
    (helped,) = solve([blind], CAMERA, settings, [lifting.say(blind, Knows(WAVING), CAMERA)])

    def error(motion: Motion) -> float:
        bones = [motion.skeleton.index(b) for b in ("leftLowerArm", "leftHand", "rightFoot")]
        off = motion.fk()[0][:, bones] - WAVING.fk()[0][:, bones]
        return float(np.linalg.norm(off - off.mean(axis=(0, 1)), axis=-1).mean())

    assert error(helped) < 0.75 * error(alone)


def test_points_that_a_layout_does_not_tell_are_never_made_up() -> None:
    class Coco(Knows):
        inputs = COCO

    message = (
        "knows: takes points of coco17 and needs nose, left_eye, right_eye, left_ear, right_ear, "
        "which points of h36m17 do not tell"
    )
    with pytest.raises(InvalidValue, match=message):
        lifting.say(flat(WAVING, "h36m17"), Coco(WAVING), CAMERA)


def test_a_lifter_of_the_way_alone_makes_no_pose() -> None:
    class Way(Knows):
        outputs = Layout("root", ("hips",))

    message = "knows: gives hips, which is no pose; take another"
    with pytest.raises(InvalidValue, match=message):
        lifting.lift(flat(WAVING), Way(WAVING), CAMERA)
    with pytest.raises(InvalidValue, match=message):  # told before the file is missed
        capture("none.mp4", CaptureSettings(lifter=Way(WAVING)))


def test_a_take_tells_which_lifter_was_asked() -> None:
    perfect = seen(WAVING)
    assert perfect.world is not None
    blind = replace(perfect, world=perfect.world * [1, 1, 0.3])
    take = Take((Person(0, None, blind),), {"camera": CAMERA.to_dict()})
    none = CaptureSettings(lifter=None)
    alone = capture_landmarks(take, none).take
    helped = capture_landmarks(take, CaptureSettings(lifter=Knows(WAVING))).take
    assert helped.made["lifter"] == {"name": "knows", "licence": "none"}
    again = capture_landmarks(helped, none).take
    assert "lifter" not in again.made
    first, second, third = (t.people[0].motion for t in (alone, helped, again))
    assert first is not None
    assert second is not None
    assert third is not None
    np.testing.assert_array_equal(first.rotations, third.rotations)
    assert np.degrees(rotation.angle(first.rotations, second.rotations)).max() > 1
    assert capture_landmarks(helped).take.made["lifter"] == {"name": "body", "licence": "MIT"}


def test_a_lifter_must_keep_the_times() -> None:
    class Late(Knows):
        def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
            return replace(super().__call__(track, camera), times=track.times + 1)

    with pytest.raises(InvalidValue, match="knows: gave joints at other times"):
        lifting.lift(flat(WAVING), Late(WAVING), CAMERA)
