"""Feet and faces where lifters give none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import CAMERA, CAMERA_AT, points_of, seen, standing, turn

from mocap.completion import GUESSED, completed
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.layouts import by_name
from mocap.motion import Motion

TIMES = np.arange(5) / 30
INDEX = {name: i for i, name in enumerate(MEDIAPIPE_POSE.points)}
FEET = [INDEX[f"{s}_{p}"] for s in ("left", "right") for p in ("heel", "foot_index")]
FACE = list(range(11))
MARKS = [INDEX[p] for p in by_name("coco17").points[:5]]


def completed_from(
    motion: Motion, *, headless: bool = False
) -> tuple[LandmarkTrack, LandmarkTrack]:
    """A perfect track, and one whose face and feet were left out and made again; of the face
    the picture has what COCO has, and of the head the lifter knows nothing if it is headless."""
    whole = seen(motion)
    assert whole.world is not None
    world, image = np.array(whole.world), np.array(whole.image)
    confidence = np.array(whole.confidence)
    head = world[:, [INDEX["left_ear"], INDEX["right_ear"]]].mean(axis=1)
    world[:, FEET + FACE] = np.nan
    picture = confidence.copy()
    lost = [i for i in FEET + FACE if i not in MARKS]
    image[:, lost], picture[:, lost] = np.nan, 0.0
    confidence[:, FEET + FACE] = 0.0
    bare = replace(whole, world=world, image=image, confidence=confidence)
    return whole, completed(bare, picture, head * np.nan if headless else head)


POSES = {
    "standing": standing(TIMES),
    "turned": standing(TIMES, hips=turn("y", 70.0)),
    "head to the side": standing(TIMES, head=turn("y", 40.0)),
    "head down": standing(TIMES, head=turn("x", 25.0)),
    "half a squat": standing(
        TIMES,
        **{f"{s}UpperLeg": turn("x", -45.0) for s in ("left", "right")},
        **{f"{s}LowerLeg": turn("x", 65.0) for s in ("left", "right")},
        **{f"{s}Foot": turn("x", -20.0) for s in ("left", "right")},
    ),
}


@pytest.mark.parametrize("pose", POSES)
def test_a_head_that_no_lifter_knows_is_where_the_picture_has_it(pose: str) -> None:
    (whole, made), (_, known) = (completed_from(POSES[pose], headless=h) for h in (True, False))
    assert whole.world is not None
    assert made.world is not None
    assert known.world is not None
    off = made.world[:, FACE] - whole.world[:, FACE]
    assert np.linalg.norm(off, axis=-1).max() < 0.10
    assert np.linalg.norm(off[..., :2], axis=-1).max() < 0.05
    # it looks the same way
    shift = made.world[:, FACE] - known.world[:, FACE]
    np.testing.assert_allclose(shift, np.broadcast_to(shift[:, :1], shift.shape), atol=1e-9)
    assert np.array_equal(made.confidence, known.confidence)


@pytest.mark.parametrize("pose", POSES)
def test_feet_and_faces_are_about_where_they_were(pose: str) -> None:
    whole, made = completed_from(POSES[pose])
    assert whole.world is not None
    assert made.world is not None
    off = np.linalg.norm(made.world - whole.world, axis=-1)
    assert off[:, FEET].max() < 0.06
    assert off[:, FACE].max() < 0.05
    pixels = np.linalg.norm(made.image - whole.image, axis=-1)
    height = np.ptp(whole.image[0, :, 1])
    assert pixels[:, FEET + FACE].max() < 0.06 * height
    assert made.confidence[:, FEET] == pytest.approx(GUESSED)
    assert (made.confidence[:, FACE] > 0).all()
    # what was known is left alone
    others = [i for i in range(33) if i not in FEET + FACE]
    assert np.array_equal(made.world[:, others], whole.world[:, others])
    assert np.array_equal(made.image[:, others + MARKS], whole.image[:, others + MARKS])


def test_who_turns_their_back_has_no_face() -> None:
    whole = seen(standing(TIMES, hips=turn("y", 180.0)))
    assert whole.world is not None
    world, picture = np.array(whole.world), np.array(whole.confidence)
    head = world[:, [INDEX["left_ear"], INDEX["right_ear"]]].mean(axis=1)
    world[:, FACE] = np.nan
    picture[:, [i for i in FACE if "ear" not in MEDIAPIPE_POSE.points[i]]] = 0.0
    confidence = np.where(np.isin(np.arange(33), FACE), 0.0, picture)
    made = completed(replace(whole, world=world, confidence=confidence), picture, head)
    assert (made.confidence[:, FACE] == 0).all()
    assert made.world is not None
    assert np.isnan(made.world[:, FACE]).all()


def test_without_shins_there_are_no_feet() -> None:
    whole = seen(standing(TIMES))
    assert whole.world is not None
    world = np.array(whole.world)
    legs = [INDEX[f"{s}_{p}"] for s in ("left", "right") for p in ("knee", "ankle")]
    world[:, FEET + legs] = np.nan
    confidence = np.where(np.isnan(world).any(-1), 0.0, whole.confidence)
    made = completed(replace(whole, world=world, confidence=confidence), confidence, world[:, 0])
    assert (made.confidence[:, FEET] == 0).all()
    flat = replace(whole, world=None)
    assert completed(flat, flat.confidence, world[:, 0]) is flat


def test_points_of_the_lifter_itself_are_never_replaced() -> None:
    whole = seen(standing(TIMES))
    made = completed(whole, whole.confidence, np.zeros((len(TIMES), 3)))
    assert np.array_equal(made.world, whole.world)  # type: ignore[arg-type]
    assert np.array_equal(made.confidence, whole.confidence)


def test_a_picture_without_anybody_is_left_empty() -> None:
    whole = seen(standing(TIMES))
    assert whole.world is not None
    world, image = np.array(whole.world), np.array(whole.image)
    confidence = np.array(whole.confidence)
    world[2], image[2], confidence[2] = np.nan, np.nan, 0.0
    world[:, FEET] = np.nan
    confidence[:, FEET] = 0.0
    bare = replace(whole, world=world, image=image, confidence=confidence)
    made = completed(bare, confidence, world[:, 0])
    assert (made.confidence[2] == 0).all()
    assert np.isnan(made.image[2]).all()
    assert (made.confidence[[0, 1, 3, 4]][:, FEET] > 0).all()


def test_the_people_of_these_tests_are_seen_whole() -> None:
    """So that nothing above holds for want of points."""
    for motion in POSES.values():
        assert (seen(motion).confidence == 1).all()
        assert (CAMERA.project(points_of(motion) - CAMERA_AT) > 0).all()
