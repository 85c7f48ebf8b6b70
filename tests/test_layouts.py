"""Points from one layout to another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds

from mocap import layouts
from mocap.errors import InvalidValue, UnknownName
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack, Layout
from mocap.skeleton import mirrored_name

NAMES = sorted(layouts.known())
EACH = pytest.mark.parametrize("name", NAMES)
H36M_PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15)
H36M_LEFT, H36M_RIGHT = (4, 5, 6, 11, 12, 13), (1, 2, 3, 14, 15, 16)
COCO_LEFT, COCO_RIGHT = (1, 3, 5, 7, 9, 11, 13, 15), (2, 4, 6, 8, 10, 12, 14, 16)


@EACH
def test_a_layout_names_each_point_once_and_draws_lines_between_them(name: str) -> None:
    layout = layouts.by_name(name)
    assert layout.name == name
    assert len(layout) == len(set(layout.points))
    assert {p for line in layout.lines for p in line} <= set(layout.points)
    assert len({frozenset(line) for line in layout.lines}) == len(layout.lines)


@EACH
def test_a_layout_in_the_mirror_is_itself(name: str) -> None:
    layout = layouts.by_name(name)
    other = layouts.mirror(layout)
    assert np.array_equal(other[other], np.arange(len(layout)))
    assert [layout.points[i] for i in other] == [mirrored_name(p) for p in layout.points]


def test_sizes_and_sides_are_those_of_the_data_sets() -> None:
    for name in NAMES:
        if name[-2:].isdecimal():
            assert len(layouts.by_name(name)) == int(name[-2:])
    for name, left, right in (
        ("h36m17", H36M_LEFT, H36M_RIGHT),
        ("coco17", COCO_LEFT, COCO_RIGHT),
        ("mpi_inf_3dhp17", (5, 6, 7, 11, 12, 13), (2, 3, 4, 8, 9, 10)),
    ):
        other = layouts.mirror(layouts.by_name(name))
        assert set(left) == {i for i, p in enumerate(layouts.by_name(name).points) if "left" in p}
        assert sorted(other[list(left)]) == sorted(right)


def test_human36m_is_its_tree_and_part_of_what_was_recorded() -> None:
    h36m = layouts.by_name("h36m17")
    tree = {(h36m.points[a], h36m.points[b]) for b, a in enumerate(H36M_PARENTS) if a >= 0}
    assert set(h36m.lines) == tree
    kept = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
    recorded = layouts.by_name("h36m32")
    assert tuple(recorded.points[i] for i in kept) == h36m.points
    assert tuple(p for p in h36m.points if p != "neck_nose") == layouts.by_name("h36m16").points


def test_body_25_is_coco_18_with_the_hips_between_and_feet_after() -> None:
    points = layouts.by_name("openpose_body25").points
    assert points[:8] + points[9:19] == layouts.by_name("openpose_coco18").points
    assert points[8] == "hips"


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownName, match=r"'none'; known: body12, coco17, h36m16"):
        layouts.by_name("none")


def test_a_layout_of_one_side_has_no_mirror_image() -> None:
    with pytest.raises(
        InvalidValue, match="half cannot be mirrored: unknown point of half 'right_knee'"
    ):
        layouts.mirror(Layout("half", ("left_knee",)))


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), seeds)
def test_points_of_one_name_are_the_same_and_others_lie_between(
    source: str, target: str, seed: int
) -> None:
    random = np.random.default_rng(seed)
    a, b = layouts.by_name(source), layouts.by_name(target)
    points, sure = random.normal(size=(3, len(a), 2)), random.uniform(0.1, 1, (3, len(a)))
    found, confidence = layouts.mapped(points, sure, a, b)
    assert np.array_equal(np.isnan(found).any(-1), confidence == 0)
    for i, name in enumerate(b.points):
        if name in a.points:
            assert np.allclose(found[:, i], points[:, a.index(name)])
            assert np.allclose(confidence[:, i], sure[:, a.index(name)])
    # a mean moves and scales with its points, whatever its weights
    moved, _ = layouts.mapped(3 * points + [5, 7], sure, a, b)
    assert np.allclose(moved, 3 * found + [5, 7], equal_nan=True)


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), seeds)
def test_what_was_not_seen_is_never_made_up(source: str, target: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = layouts.by_name(source), layouts.by_name(target)
    points, sure = random.normal(size=(4, len(a), 2)), random.uniform(0.1, 1, (4, len(a)))
    hidden = random.random((4, len(a))) < 0.5
    points[hidden], sure[hidden] = np.nan, 0.0
    found, confidence = layouts.mapped(points, sure, a, b)
    assert np.array_equal(np.isnan(found).any(-1), confidence == 0)
    none, nothing = layouts.mapped(np.full_like(points, np.nan), np.zeros_like(sure), a, b)
    assert np.isnan(none).all()
    assert not nothing.any()


def test_coco_gives_all_of_human36m() -> None:
    coco, h36m = layouts.by_name("coco17"), layouts.by_name("h36m17")
    random = np.random.default_rng(0)
    points, sure = random.normal(size=(17, 2)), np.linspace(0.2, 1, 17)
    found, confidence = layouts.mapped(points, sure, coco, h36m)

    def mean(*names: str) -> np.ndarray:
        return points[[coco.index(name) for name in names]].mean(axis=0)

    hips, shoulders = ("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")
    assert np.allclose(found[0], mean(*hips))
    assert np.allclose(found[7], mean(*hips, *shoulders))
    assert np.allclose(found[8], mean(*shoulders))
    assert np.allclose(found[9], mean("nose"))
    assert confidence[0] == sure[coco.index("left_hip")]
    assert (confidence > 0).all()
    # above the ears by as much of the way from the shoulders as a head has
    neck = mean(*shoulders)
    assert np.allclose(found[10] - neck, 1.6 * (mean("left_ear", "right_ear") - neck))


def test_a_second_best_way_is_taken_where_the_best_was_not_seen() -> None:
    body = layouts.by_name("openpose_body25")
    points, sure = np.zeros((2, 25, 2)), np.ones((2, 25))
    points[:, body.index("hips")] = [1.0, 0.0]
    points[:, body.index("left_hip")] = [4.0, 0.0]
    points[1, body.index("hips")], sure[1, body.index("hips")] = np.nan, 0.0
    found, _ = layouts.mapped(points, sure, body, layouts.by_name("h36m17"))
    assert found[:, 0, 0].tolist() == [1.0, 2.0]


def test_a_track_keeps_all_but_its_points() -> None:
    coco = layouts.by_name("coco17")
    track = LandmarkTrack(coco, np.arange(2.0), np.ones((2, 17, 2)), np.ones((2, 17, 3)),
                          np.ones((2, 17)), (64, 48), 3)  # fmt: skip
    moved = layouts.track_in(track, MEDIAPIPE_POSE)
    assert layouts.track_in(track, coco) is track
    assert (moved.size, moved.person, moved.layout) == ((64, 48), 3, MEDIAPIPE_POSE)
    assert moved.world is not None
    assert (moved.confidence > 0).sum() == 2 * 17
    assert set(layouts.available(coco, MEDIAPIPE_POSE)) == set(coco.points)
