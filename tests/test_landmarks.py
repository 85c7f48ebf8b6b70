"""Landmarks, tracks, frames and takes: missing is NaN with confidence 0, errors name the cause."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds

from mocap.errors import InvalidValue, UnknownName
from mocap.frame import Frame
from mocap.landmarks import (
    LAYOUTS,
    Landmarks,
    LandmarkTrack,
    Layout,
    Observation,
    layout_by_name,
)
from mocap.take import Person, Take

PAIR = Layout("pair", ("left_end", "right_end"), (("left_end", "right_end"),))
SIZE = (640, 480)


def seen(person: int = 0, value: float = 1.0, **other: Any) -> Landmarks:
    values: dict[str, Any] = {
        "image": np.full((2, 2), value),
        "world": np.full((2, 3), value),
        "confidence": np.full(2, 0.5),
    }
    return Landmarks(PAIR, person=person, **{**values, **other})


def track(**other: Any) -> LandmarkTrack:
    values: dict[str, Any] = {
        "times": np.arange(3.0),
        "image": np.zeros((3, 2, 2)),
        "world": np.zeros((3, 2, 3)),
        "confidence": np.ones((3, 2)),
    }
    return LandmarkTrack(PAIR, size=SIZE, **{**values, **other})


# --- layouts -------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_names_each_point_once_and_draws_lines_between_them(layout: Layout) -> None:
    assert layout_by_name(layout.name) is layout
    assert len(layout) == len(set(layout.points))
    assert [layout.index(p) for p in layout.points] == list(range(len(layout)))
    assert {p for line in layout.lines for p in line} <= set(layout.points)
    assert len({frozenset(line) for line in layout.lines}) == len(layout.lines)
    sides = [p for p in layout.points if "left" in p]
    assert {p.replace("left", "right") for p in sides} <= set(layout.points)


def test_mediapipe_has_its_33_points_in_its_order() -> None:
    layout = layout_by_name("mediapipe_pose")
    assert len(layout) == 33
    known = {"nose": 0, "left_shoulder": 11, "right_wrist": 16, "left_hip": 23, "right_ankle": 28}
    assert {name: layout.index(name) for name in known} == known


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownName, match=r"landmark layout 'none'; known: .*mediapipe_pose"):
        layout_by_name("none")
    with pytest.raises(UnknownName, match="point of pair 'nose'; known: left_end, right_end"):
        PAIR.index("nose")


# --- landmarks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"image": np.zeros((3, 2))}, r"image points: expected shape \(2, 2\), got \(3, 2\)"),
        ({"world": np.zeros((2, 2))}, r"world points: expected shape \(2, 3\), got \(2, 2\)"),
        ({"confidence": np.zeros(3)}, r"confidence: expected shape \(2,\), got \(3,\)"),
        ({"confidence": np.array([0, np.nan])}, "confidence: expected numbers from 0 to 1"),
        ({"confidence": np.array([0, 1.5])}, "confidence: expected numbers from 0 to 1"),
        ({"appearance": np.zeros((2, 2))}, r"appearance: expected shape \('any',\)"),
        ({"person": -1}, "person id: expected 0 or more, got -1"),
    ],
)
def test_what_is_wrong_with_landmarks_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        seen(**wrong)


def test_another_person_has_the_same_points() -> None:
    one = seen(3, appearance=np.ones(4))
    other = one.with_person(7)
    assert (one.person, other.person) == (3, 7)
    for name in ("image", "world", "confidence", "appearance"):
        np.testing.assert_array_equal(getattr(other, name), getattr(one, name))
        with pytest.raises(ValueError, match="read-only"):
            getattr(other, name)[0] = 0


def test_depth_may_be_missing() -> None:
    assert seen(world=None).world is None


# --- tracks --------------------------------------------------------------------------------


@given(st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=8), seeds)
def test_a_track_collects_one_person_and_leaves_nan_where_unseen(
    frames: list[set[int]], seed: int
) -> None:
    random = np.random.default_rng(seed)
    observations = [
        Observation(0.04 * i, tuple(seen(p, random.random()) for p in random.permutation([*ids])))
        for i, ids in enumerate(frames)
    ]
    for person in range(4):
        if not any(person in ids for ids in frames):
            with pytest.raises(InvalidValue, match=f"person {person} is in none of {len(frames)}"):
                LandmarkTrack.from_observations(observations, person, SIZE)
            continue
        found = LandmarkTrack.from_observations(observations, person, SIZE)
        assert (found.person, found.size, len(found)) == (person, SIZE, len(frames))
        assert found.present.tolist() == [person in ids for ids in frames]
        assert found.world is not None
        for i, observation in enumerate(observations):
            assert found.times[i] == observation.t
            there = [p for p in observation.people if p.person == person]
            if there:
                np.testing.assert_array_equal(found.image[i], there[0].image)
                np.testing.assert_array_equal(found.world[i], there[0].world)
                np.testing.assert_array_equal(found.confidence[i], there[0].confidence)
            else:
                assert np.isnan(found.image[i]).all()
                assert np.isnan(found.world[i]).all()
                assert (found.confidence[i] == 0).all()


def test_a_track_without_depth_has_none() -> None:
    flat = [Observation(0.0, (seen(world=None),)), Observation(1.0, ())]
    assert LandmarkTrack.from_observations(flat, 0, SIZE).world is None
    mixed = [Observation(0.0, (seen(),)), Observation(1.0, (seen(world=None),))]
    world = LandmarkTrack.from_observations(mixed, 0, SIZE).world
    assert world is not None
    assert np.isnan(world[1]).all()


def test_present_is_any_whole_point() -> None:
    image = np.zeros((3, 2, 2))
    image[1, 0] = np.nan  # one point left
    image[2, :, 0] = np.nan  # halves of points left
    assert track(image=image).present.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"times": np.array([0, np.nan, 2])}, r"times: expected finite .*nan at index \(1,\)"),
        ({"image": np.zeros((2, 2, 2))}, r"image points: .*\(3, 2, 2\), got \(2, 2, 2\)"),
        ({"world": np.zeros((3, 2, 2))}, r"world points: .*\(3, 2, 3\), got \(3, 2, 2\)"),
        ({"confidence": np.zeros((3, 3))}, r"confidence: .*\(3, 2\), got \(3, 3\)"),
        ({"confidence": np.full((3, 2), 2.0)}, "confidence: expected numbers from 0 to 1"),
    ],
)
def test_what_is_wrong_with_a_track_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        track(**wrong)


# --- frames and takes ----------------------------------------------------------------------


def test_a_frame_is_a_colour_picture_at_a_time() -> None:
    frame = Frame(0.5, np.zeros((480, 640, 3), np.uint8))
    assert frame.size == (640, 480)
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0] = 1
    with pytest.raises(InvalidValue, match=r"image: expected shape .*3\), got \(480, 640\)"):
        Frame(0.5, np.zeros((480, 640), np.uint8))
    with pytest.raises(InvalidValue, match=r"image: expected shape .*3\), got \(480, 640, 4\)"):
        Frame(0.5, np.zeros((480, 640, 4), np.uint8))
    with pytest.raises(InvalidValue, match=r"frame time: expected a finite .* got nan"):
        Frame(np.nan, np.zeros((480, 640, 3), np.uint8))


def test_a_take_has_each_person_once() -> None:
    one, two = Person(1, landmarks=track()), Person(2, landmarks=track())
    take = Take((one, two))
    assert take.person(2) is two
    with pytest.raises(InvalidValue, match=r"no person 3 in the take; there are \[1, 2\]"):
        take.person(3)
    with pytest.raises(InvalidValue, match=r"every person id must be used once, got \[1, 2, 1\]"):
        Take((one, two, one))
    with pytest.raises(InvalidValue, match="person 5: expected a motion, landmarks or both"):
        Person(5)
