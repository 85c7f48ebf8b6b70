"""Identities: through crossings, losses, returns and double detections."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from synthetic import seen, standing

from mocap.arrays import Array
from mocap.estimators import Tracker
from mocap.estimators.appearance import describe, likeness
from mocap.estimators.tracker import KNOWN, MOST_KNOWN, without_duplicates
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks

SHAPE = seen(standing(np.zeros(1))).image[0] - seen(standing(np.zeros(1))).image[0].mean(axis=0)
RED, BLUE = np.eye(128)[3], np.eye(128)[90]  # looks that have nothing in common
FPS = 30


def person(x: float, looks: Array | None = RED, y: float = 300.0, size: float = 1.0) -> Landmarks:
    image = SHAPE * size + [x, y]
    return Landmarks(MEDIAPIPE_POSE, image, None, np.full(33, 0.9), appearance=looks)


def ids_of(tracker: Tracker, frames: list[list[Landmarks]]) -> list[dict[float, int]]:
    """For each frame, the id of the person at each x (of the mean of the points)."""
    seen_ids = []
    for i, people in enumerate(frames):
        found = tracker.update(i / FPS, people).people
        seen_ids.append({round(float(p.image[:, 0].mean())): p.person for p in found})
    return seen_ids


def test_ids_count_from_zero_in_order_of_appearance() -> None:
    frames = [[person(100)], [person(101), person(500)]]
    assert ids_of(Tracker(), frames) == [{100: 0}, {101: 0, 500: 1}]


@pytest.mark.parametrize("looks", [(RED, BLUE), (RED, RED), (None, None)])
def test_two_who_cross_keep_their_ids(looks: tuple[Array | None, Array | None]) -> None:
    xs = np.arange(0, 600, 12)
    frames = [[person(float(x), looks[0]), person(float(600 - x), looks[1])] for x in xs]
    frames = [sorted(f, key=lambda p: p.image[0, 0]) for f in frames]  # the order says nothing
    ids = ids_of(Tracker(), frames)
    assert ids[0] == {0: 0, 600: 1}
    assert ids[-1] == {588: 0, 12: 1}


def test_two_who_turn_back_where_they_met_are_told_apart_by_their_clothes() -> None:
    away = list(np.arange(0, 290, 12.0))
    xs = away + away[::-1]
    frames = [[person(x, RED), person(600 - x, BLUE)] for x in xs]
    meeting = slice(len(away) - 3, len(away) + 3)
    for i in range(*meeting.indices(len(frames))):
        frames[i] = frames[i][:1]  # one hides the other
    ids = ids_of(Tracker(), frames)
    assert ids[-1] == {0: 0, 600: 1}


def test_a_short_loss_and_a_jump_within_reach() -> None:
    frames = [[person(100 + 5 * i)] for i in range(10)] + [[]] * 8 + [[person(200)]]
    assert ids_of(Tracker(), frames)[-1] == {200: 0}


def test_nobody_moves_across_the_room_in_no_time() -> None:
    frames = [[person(0)]] * 5 + [[person(3000)]]
    assert ids_of(Tracker(), frames)[-1] == {3000: 1}


def test_who_comes_back_after_long_is_known_by_the_clothes() -> None:
    both = [[person(100, RED), person(600, BLUE)]] * 10
    ids = ids_of(Tracker(), both + [[]] * 120 + [[person(600, RED)], [person(610, RED)]])
    assert ids[-1] == {610: 0}
    ids = ids_of(Tracker(), both + [[]] * 120 + [[person(600, np.eye(128)[50])]])
    assert ids[-1] == {600: 2}, "a stranger gets an id of their own"


def test_the_only_person_ever_seen_comes_back_as_the_same() -> None:
    ids = ids_of(Tracker(), [[person(100, None)]] * 10 + [[]] * 120 + [[person(500, None)]])
    assert ids[-1] == {500: 0}


def test_one_person_found_twice_is_one_person() -> None:
    clear, blurred = person(100), person(106)
    blurred = Landmarks(MEDIAPIPE_POSE, blurred.image, None, np.full(33, 0.5))
    assert without_duplicates([blurred, clear]) == [clear]
    assert len(without_duplicates([clear, person(300)])) == 2


def test_a_reset_tracker_is_as_good_as_new() -> None:
    frames = [[person(100 + i), person(500 - i, BLUE)] for i in range(10)]
    tracker = Tracker()
    first = ids_of(tracker, frames[::-1])
    tracker.reset()
    assert ids_of(tracker, frames) == ids_of(Tracker(), frames) != first


def size_of_state(tracker: Tracker) -> int:
    """[bytes] of all that it remembers."""
    return len(pickle.dumps(tracker))


def test_strays_are_forgotten_and_their_ids_never_given_again() -> None:
    tracker, crowd = Tracker(), [person(400.0 * x, None) for x in range(5)]
    given, sizes = set(), set()
    for i in range(2_000):
        given |= {p.person for p in tracker.update(2.0 * i, crowd).people}
        sizes.add(size_of_state(tracker) // 1000)
    assert given == set(range(10_000))
    assert max(sizes) - min(sizes) <= 1


def test_of_very_many_the_best_known_are_remembered() -> None:
    looks = np.eye(128)
    tracker, t = Tracker(), 0.0
    for i in range(3 * MOST_KNOWN):
        for _ in range(KNOWN if i else 10 * KNOWN):
            t += 1 / FPS
            tracker.update(t, [person(100.0, looks[i])])
        t += 10.0
    remembered = [
        i
        for i in range(3 * MOST_KNOWN)
        if tracker.update(t := t + 5.0, [person(500.0, looks[i])]).people[0].person == i
    ]
    assert remembered == [0, *range(2 * MOST_KNOWN + 1, 3 * MOST_KNOWN)]


def test_looks_tell_colours_apart_and_ignore_what_is_not_seen() -> None:
    track = seen(standing(np.zeros(1)))
    red = np.full((720, 640, 3), (200, 30, 30), dtype=np.uint8)
    blue = np.full((720, 640, 3), (30, 30, 200), dtype=np.uint8)
    all_seen, points = np.ones(33), track.image[0]
    a, b = describe(red, points, all_seen), describe(blue, points, all_seen)
    assert likeness(a, a) == pytest.approx(1.0)
    assert likeness(a, b) == pytest.approx(0.0)
    nothing = describe(red, points, np.zeros(33))
    assert likeness(a, nothing) is None
    outside = describe(red, points + 5000, all_seen)
    assert np.isfinite(outside).all()
