"""People are kept, things are not, whatever the estimator says of them."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from pretend import landmarks_of, somebody
from synthetic import SIZE

from mocap import rotation
from mocap.detect import Sighting
from mocap.landmarks import MEDIAPIPE_POSE, Landmarks, Observation
from mocap.nobody import (
    FEWEST,
    FORGOTTEN,
    LATEST,
    UNLIKE,
    UNSTEADY,
    Doorkeeper,
    is_thing,
    length_deviation,
    misfit,
    rows,
    without_things,
)
from mocap.people import follow

PERSON = somebody(40, step=0.01)


def people(frames: int = 40, noise: float = 0.0, seed: int = 0) -> list[Landmarks]:
    """Somebody, frame after frame, with noise on every point [m], also in the picture."""
    random = np.random.default_rng(seed)
    found = []
    for t in PERSON.times[:frames]:
        (one,) = landmarks_of(PERSON, t)
        assert one.world is not None
        height = np.ptp(one.image[:, 1])
        world = one.world + random.normal(0, noise, one.world.shape)
        image = one.image + random.normal(0, noise / 1.7 * height, one.image.shape)
        found.append(replace(one, world=world, image=image))
    return found


def table(frames: int = 40, seed: int = 0) -> list[Landmarks]:
    """A thing at one place, seen as another body in each frame."""
    random = np.random.default_rng(seed)
    (one,) = landmarks_of(PERSON, 0.0)
    place = np.array([420, 300]) + random.normal(0, 12, (33, 2))
    found = []
    for _ in range(frames):
        world = random.normal(0, 0.25, (33, 3))
        image = place + random.normal(0, 4, (33, 2))
        found.append(Landmarks(MEDIAPIPE_POSE, image, world, one.confidence))
    return found


def sightings(*everyone: Sequence[Landmarks]) -> list[Sighting]:
    return [Sighting(i / 30, tuple(row)) for i, row in enumerate(zip(*everyone, strict=True))]


def test_a_table_beside_somebody_is_left_out() -> None:
    somebody_else = people()
    found = without_things(sightings(table(), somebody_else))
    assert [len(s.people) for s in found] == [1] * 40
    assert all(s.people[0] is p for s, p in zip(found, somebody_else, strict=True))
    tracks, count = follow(sightings(table(), people()), SIZE, people=2)
    assert (len(tracks), count) == (1, 1)


def test_a_table_before_somebody_comes_is_left_out() -> None:
    mixed = [*table(20), *people(20)]
    found = without_things([Sighting(i / 30, (p,)) for i, p in enumerate(mixed)])
    assert [len(s.people) for s in found] == [0] * 20 + [1] * 20


def test_nobody_is_left_out_who_is_the_only_one() -> None:
    seen = sightings(table())
    assert without_things(seen) == seen
    assert without_things([]) == []


@given(seeds, st.floats(0, 0.025))
def test_somebody_badly_measured_is_kept(seed: int, noise: float) -> None:
    seen = sightings(people(noise=noise, seed=seed), table(seed=seed))
    for sighting in without_things(seen):
        assert len(sighting.people) == 1
        assert np.ptp(sighting.people[0].image[:, 1]) > 100


def test_one_broken_law_proves_nothing() -> None:
    random = np.random.default_rng(0)
    growing = [
        replace(p, world=p.world * k, image=p.image)
        for p, k in zip(people(), random.uniform(0.5, 2, 40), strict=True)
        if p.world is not None
    ]
    assert length_deviation(np.array([p.world for p in growing]), MEDIAPIPE_POSE) > UNSTEADY
    assert not is_thing(growing)
    distorted = [replace(p, image=p.image[::-1]) for p in people()]
    worlds, images = (np.array([getattr(p, n) for p in distorted]) for n in ("world", "image"))
    assert np.median(misfit(worlds, images)) > UNLIKE
    assert not is_thing(distorted)


def test_too_few_frames_prove_nothing() -> None:
    assert not is_thing(table(FEWEST - 1))
    assert is_thing(table(FEWEST))
    assert not is_thing([replace(p, world=None) for p in table()])


@given(seeds, st.floats(0.1, 10), st.floats(-500, 500))
def test_a_body_seen_from_afar_fits_its_picture(seed: int, scale: float, shift: float) -> None:
    random = np.random.default_rng(seed)
    world = random.normal(size=(5, 33, 3))
    image = scale * world[..., :2] * [1, -1] + shift
    np.testing.assert_allclose(misfit(world, image), 0, atol=1e-6)
    assert (misfit(world, random.normal(size=(5, 33, 2))) > 0.5).all()


@given(seeds)
def test_bones_keep_their_length_however_a_body_turns(seed: int) -> None:
    random = np.random.default_rng(seed)
    (one,) = landmarks_of(PERSON, 0.0)
    assert one.world is not None
    turns = rotation.normalize(random.normal(size=(20, 1, 4)))
    turned = rotation.rotate(turns, one.world)
    assert length_deviation(turned, MEDIAPIPE_POSE) < 1e-6
    stretch = random.normal(0, 0.3, 20)
    stretched = turned * np.exp(stretch)[:, None, None]
    assert length_deviation(stretched, MEDIAPIPE_POSE) == pytest.approx(stretch.std())


def test_rows_hold_every_detection_once() -> None:
    random = np.random.default_rng(1)
    a, b = people(), [replace(p, image=p.image + [230, 0]) for p in people()]
    seen = [
        Sighting(i / 30, tuple(p for p in (a[i], b[i]) if random.uniform() < 0.8))
        for i in range(40)
    ]
    found = list(rows(seen))
    assert len(found) == 2
    held = sorted(place for row in found for place in row)
    assert held == [(i, j) for i, s in enumerate(seen) for j in range(len(s.people))]
    apart = [*seen[:5], *(Sighting(s.t + 1, s.people) for s in seen[5:])]
    assert len(list(rows(apart))) == 4


def let_in(
    door: Doorkeeper, *everyone: Sequence[Landmarks], start: float = 0.0
) -> list[tuple[int, ...]]:
    """Who is let in frame by frame, the first of everyone being person 0, the next 1."""
    seen = []
    for i, row in enumerate(zip(*everyone, strict=True)):
        people = tuple(p.with_person(id) for id, p in enumerate(row))
        observation = door(Observation(start + i / 30, people))
        assert observation.t == start + i / 30
        seen.append(tuple(p.person for p in observation.people))
    return seen


@given(seeds, st.floats(0, 0.025))
def test_live_people_are_let_in_and_a_table_never(seed: int, noise: float) -> None:
    seen = let_in(Doorkeeper(), table(seed=seed), people(noise=noise, seed=seed))
    assert seen == [()] * (FEWEST - 1) + [(1,)] * (41 - FEWEST)


def test_live_as_in_a_whole_take() -> None:
    for everyone in (table(), people(), people(noise=0.05), table(seed=3)):
        for i, seen in enumerate(let_in(Doorkeeper(), everyone)):
            row = everyone[max(0, i + 1 - LATEST) : i + 1]
            assert bool(seen) == (len(row) >= FEWEST and not is_thing(row))


def test_a_mistake_of_a_few_frames_is_never_let_in() -> None:
    assert let_in(Doorkeeper(), people(FEWEST - 1)) == [()] * (FEWEST - 1)


def test_who_was_away_for_a_while_does_not_wait_again() -> None:
    door = Doorkeeper()
    let_in(door, table(), people())
    assert let_in(door, table(), people(), start=5.0) == [(1,)] * 40
    assert let_in(door, table(), people(), start=5.0 + 2 * FORGOTTEN)[0] == ()


def test_somebody_who_stands_where_a_table_was_is_let_in_at_once_after_a_gap() -> None:
    door = Doorkeeper()
    assert set(let_in(door, table())) == {()}
    assert let_in(door, people(), start=3.0)[FEWEST - 1 :] == [(0,)] * (41 - FEWEST)


def test_a_doorkeeper_who_is_reset_is_as_new_and_one_of_long_service_remembers_little() -> None:
    door = Doorkeeper()
    first = let_in(door, people())
    door.reset()
    assert let_in(door, people()) == first
    (one,) = people(1)
    sizes = []
    for id in range(2000):
        door(Observation(10.0 + id, (one.with_person(id),)))
        sizes.append(len(pickle.dumps(door)))
    assert max(sizes[200:]) - min(sizes[200:]) < 1000
