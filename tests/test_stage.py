"""A stage: who is where in its pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import standing, turn

from mocap.arrays import Array
from mocap.errors import InvalidValue
from mocap.figure import LEFT, MIDDLE, PEOPLE, RIGHT, TRAIL, Figure, Palette, palettes
from mocap.motion import Motion
from mocap.rotation import identity
from mocap.skeleton import Skeleton
from mocap.stage import FADED, VIEWS, Image, Stage, View

SIZE = (240, 200)


def walker(frames: int = 9, **locals_: Array) -> Motion:
    """Somebody who goes ahead and a little to the left, arms out."""
    motion = standing(np.arange(frames) / 30, leftUpperArm=turn("z", 0), **locals_)
    way = np.outer(np.arange(frames), [0.05, 0.0, 0.2])
    return replace(motion, root=motion.root + way)


def where(picture: Image, colour: tuple[int, int, int]) -> Array:
    """(N, 2) [px] x and y of a colour."""
    near = np.abs(picture.astype(int) - colour).max(axis=2) < 25
    return np.argwhere(near)[:, ::-1].astype(float)


def middle(picture: Image, colour: tuple[int, int, int]) -> Array:
    found = where(picture, colour)
    assert len(found) > 10
    return np.asarray(found.mean(axis=0))


@pytest.mark.parametrize("name", [*VIEWS, "45", "-170.5"])
def test_everyone_is_in_every_view_all_the_time(name: str) -> None:
    motion = walker()
    stage = Stage([Figure.of(motion)], SIZE, View.parse(name))
    pixels, depth = stage._project(motion.fk()[0])
    assert (depth > 0).all()
    assert ((pixels > 0) & (pixels < stage._size)).all()
    assert np.ptp(pixels.reshape(-1, 2), axis=0).max() > 0.5 * stage._size.min()  # nor tiny


def test_people_stand_upright_and_face_as_the_view_says() -> None:
    figure = Figure.of(walker(1))
    for name, left_is_right in (("front", True), ("back", False)):
        picture = Stage([figure], SIZE, View.parse(name)).draw(0)
        left, right = middle(picture, LEFT), middle(picture, RIGHT)
        assert bool(left[0] > right[0]) is left_is_right
        head = where(picture, MIDDLE)[:, 1].min()
        assert head < min(left[1], right[1])
    feet = walker(1).fk()[0][0]
    ahead = [feet[walker(1).skeleton.index(bone)] for bone in ("leftFoot", "leftToes")]
    for name, axis, sign in (("side", 0, 1), ("left", 0, -1), ("top", 1, 1)):
        pixels, _ = Stage([figure], SIZE, View.parse(name))._project(np.array(ahead))
        assert sign * (pixels[1] - pixels[0])[axis] > 3


def test_a_camera_that_goes_along_keeps_people_in_the_middle() -> None:
    motion = walker(40)
    figure = Figure.of(motion)
    still, along = (
        Stage([figure], SIZE, View.parse("side"), centre) for centre in (None, motion.root)
    )
    places = [middle(along.draw(i), RIGHT)[0] for i in (0, 20, 39)]
    assert np.ptp(places) < 4
    assert np.ptp([middle(still.draw(i), RIGHT)[0] for i in (0, 20, 39)]) > 60
    heights = [np.ptp(where(s.draw(0), RIGHT)[:, 1]) for s in (along, still)]
    assert heights[0] > 1.5 * heights[1]


def test_feet_that_stand_and_what_was_not_seen_are_told_apart() -> None:
    motion = standing(np.arange(2) / 30)
    stands = replace(motion, contacts={"leftFoot": np.array([False, True])})
    stage = Stage([Figure.of(stands)], SIZE)
    green = [len(where(stage.draw(i), TRAIL)) for i in (0, 1)]
    assert green[1] > green[0] + 20
    confidence = np.ones((2, len(motion.skeleton)))
    confidence[1, motion.skeleton.index("leftUpperArm")] = 0
    unseen = Stage([Figure.of(replace(motion, confidence=confidence))], SIZE)
    assert len(where(unseen.draw(1), FADED)) > len(where(unseen.draw(0), FADED)) + 15


def test_several_people_have_colours_of_their_own() -> None:
    assert palettes(1) == [Palette()]
    several = palettes(7)
    assert [p.middle for p in several] == [*PEOPLE, PEOPLE[0]]
    assert len({p.middle for p in several[:6]}) == 6
    for palette in several:
        assert sum(palette.left) > sum(palette.middle) > sum(palette.right)


def test_limbs_without_length_or_place_are_left_out() -> None:
    skeleton = Skeleton(
        ("a", "b", "c"), np.array([-1, 0, 0]), np.array([[0, 1, 0], [0, 0, 0], [0.0, 0.5, 0]]),
        np.full((3, 3), np.nan),
    )  # fmt: skip
    motion = Motion(skeleton, np.zeros(1), np.array([[0.0, 1.0, 0.0]]), identity(1, 3))
    figure = Figure.of(motion)
    assert figure.limbs.shape == (1, 1, 2, 3)
    Stage([replace(figure, limbs=np.full((1, 1, 2, 3), np.nan))], SIZE).draw(0)
    bare = replace(figure, limbs=np.zeros((1, 0, 2, 3)), widths=np.zeros(0), colours=())
    Stage([replace(bare, seen=np.zeros((1, 0), bool), stands=np.zeros((1, 0), bool))], SIZE).draw(0)


def test_what_carries_the_hips_is_no_part_of_the_body() -> None:
    offsets = np.array([[0.0, 0.0, 0.0], [0.0, 0.9, 0.0], [0.0, 0.2, 0.0]])
    tips = np.array([[np.nan] * 3] * 2 + [[0.0, 1.0, 0.0]])
    skeleton = Skeleton(("place", "hips", "spine"), np.array([-1, 0, 1]), offsets, tips)
    figure = Figure.of(Motion(skeleton, np.zeros(1), np.zeros((1, 3)), identity(1, 3)))
    np.testing.assert_allclose(figure.limbs[0, :, 0, 1], [0.9, 1.1])
    np.testing.assert_allclose(figure.way, [[0.0, 0.9, 0.0]])


@pytest.mark.parametrize("text", ["behind", "", "nan", "1e9", "12deg"])
def test_what_is_no_view_is_told(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"expected front, side, .* degrees"):
        View.parse(text)


@given(st.floats(-360, 360))
def test_degrees_are_a_view(degrees: float) -> None:
    np.testing.assert_allclose(View.parse(repr(degrees)).turn, np.radians(degrees))
