"""Figures of motion that are known beforehand: of feet, of the body, of landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_people import FEET, FPS, figures_of, jumping, moved, still, walking
from motions import seeds
from synthetic import seen, standing, turn

from mocap import rotation
from mocap.motion import Motion, TrackState
from mocap.report import report
from mocap.report.meaning import MEANINGS, flat
from mocap.skeleton import Skeleton
from mocap.take import Person, Take

# --- feet ----------------------------------------------------------------------------------


@given(st.floats(0, 50), st.floats(0, 2 * np.pi))
def test_slide_is_the_speed_of_all_that_stands(speed: float, direction: float) -> None:
    way = np.outer(np.arange(60) / FPS, [np.cos(direction), 0, np.sin(direction)])
    figures = figures_of(moved(still(), way * speed / 100))
    assert figures["foot_slide_cm_s"] == pytest.approx(speed, abs=0.006)
    assert figures["foot_slide_p95_cm_s"] == pytest.approx(speed, abs=0.006)


def test_a_foot_that_rolls_over_its_ball_does_not_slide() -> None:
    """The ankle moves, the toe joint stays: no slide, though the ankle is the lower for a while."""
    motion = still()
    lean = np.linspace(0, 40, 60)
    rolled = standing(motion.times, leftFoot=turn("x", lean), rightFoot=turn("x", lean))
    positions, _ = rolled.fk()
    toes = positions[:, rolled.skeleton.index("leftToes")]
    rolled = replace(moved(rolled, toes[0] - toes), contacts=motion.contacts)
    figures = figures_of(rolled)
    assert figures["foot_slide_cm_s"] == pytest.approx(0, abs=1e-6)


def test_slide_counts_only_while_the_person_is_seen() -> None:
    way = np.zeros((60, 3))
    way[30:, 0] = np.arange(30) * 0.1
    state = np.where(np.arange(60) < 30, TrackState.TRACKED, TrackState.HELD)
    figures = figures_of(replace(moved(still(), way), state=state))
    assert figures["foot_slide_cm_s"] == 0
    assert figures["held_percent"] == 50


def test_feet_below_the_floor_sink() -> None:
    depth = np.zeros((60, 3))
    depth[:15, 1] = -0.04
    figures = figures_of(moved(still(), depth))
    assert figures["penetration_cm"] == pytest.approx(1.0)
    assert figures["penetration_worst_cm"] == pytest.approx(4.0)
    assert figures_of(moved(still(), -depth))["penetration_worst_cm"] == 0


@pytest.mark.parametrize("fps", [25.0, 30.0, 60.0])
def test_a_jump_is_found_with_its_height(fps: float) -> None:
    motion = jumping()
    motion = replace(motion, times=np.arange(60) / fps)
    height = np.ptp(motion.root[:, 1]) * 100
    figures = figures_of(motion)
    assert len(figures["jumps"]) == figures["jump_count"] == 1
    jump = figures["jumps"][0]
    assert jump["height_cm"] == figures["jump_height_cm"] == pytest.approx(height, abs=0.051)
    assert 20 / fps < jump["from_s"] < jump["to_s"] < 33 / fps
    assert 0 < figures["airborne_percent"] <= 100 * 12 / 60


def test_feet_without_marks_that_are_low_are_not_in_the_air() -> None:
    assert figures_of(still(stands=False))["airborne_percent"] == 0
    flying = moved(still(stands=False), np.array([0.0, 1.0, 0.0]))
    figures = figures_of(flying)
    assert figures["airborne_percent"] == 100
    assert figures["jumps"] == []  # it never began
    assert "foot_slide_cm_s" not in figures


def test_feet_without_marks_stand_where_they_are_low_and_slow() -> None:
    figures = figures_of(walking())
    assert figures["standing_percent"] > 90
    assert figures["foot_slide_cm_s"] < 1
    assert figures["airborne_percent"] == 0
    marked = replace(walking(), contacts={foot: np.ones(90, bool) for foot in FEET})
    assert figures_of(marked)["foot_slide_cm_s"] > 10  # the marks are believed


# --- the body ------------------------------------------------------------------------------


def test_nothing_is_wrong_with_someone_who_stands() -> None:
    figures = flat(figures_of(still()))
    for name in ("jitter", "foot_slide_cm_s", "foot_slide_p95_cm_s", "penetration_cm", "leaps",
                 "penetration_worst_cm", "bone_length_variation_percent", "exchanges",
                 "airborne_percent", "jump_count", "held_percent", "lost_percent"):  # fmt: skip
        assert figures[name] == 0, name
    assert figures["tracked_percent"] == figures["standing_percent"] == 100
    assert {m.grade(figures[m.key]) for m in MEANINGS if m.key in figures} == {"good", None}


def test_a_leap_is_what_nobody_can() -> None:
    way = np.zeros((60, 3))
    way[20:, 2] = 1.0  # 30 m/s
    assert figures_of(moved(still(), way))["leaps"] == 1
    way[20:, 2] = 0.4  # 12 m/s
    assert figures_of(moved(still(), way))["leaps"] == 0
    unseen = np.where(np.arange(60) == 19, TrackState.HELD, TrackState.TRACKED)
    assert figures_of(replace(moved(still(), way * 9), state=unseen))["leaps"] == 0


def test_bones_that_stretch_are_told() -> None:
    motion = still()
    offsets = np.tile(motion.skeleton.offsets, (60, 1, 1))
    offsets[::2, motion.skeleton.index("leftLowerLeg")] *= 1.1
    found = figures_of(replace(motion, translations=offsets))["bone_length_variation_percent"]
    # one length of eight is 1 or 1.1 by turns
    assert found == pytest.approx(100 * 0.05 / 1.05 / 8, abs=0.006)


def test_the_up_axis_of_a_file_does_not_matter() -> None:
    """A body whose rest pose lies in a world with +Z up has the figures of one that stands."""
    motion = walking()
    tip = turn("x", 90)
    body = motion.skeleton
    lying = Skeleton(
        body.names, body.parents, rotation.rotate(tip[None], body.offsets),
        rotation.rotate(tip[None], body.tips),
    )  # fmt: skip
    turned = rotation.mul(rotation.mul(tip, motion.rotations), rotation.inv(tip))
    root = rotation.rotate(tip[None], motion.root)
    expected = flat(figures_of(motion))
    found = flat(figures_of(Motion(lying, motion.times, root, turned)))
    for name in expected.keys() - {"height_m"}:
        assert found[name] == pytest.approx(expected[name], abs=0.011), name


# --- sides, and raw landmarks --------------------------------------------------------------


def test_sides_exchanged_show_where_it_begins_and_ends() -> None:
    """Of the raw landmarks and of the result, each for itself."""
    motion = standing(np.arange(30) / FPS, leftUpperLeg=turn("z", 20), rightUpperLeg=turn("z", -20))
    track = seen(motion)
    pairs = [track.layout.points.index(p.replace("left", "#").replace("right", "left")
             .replace("#", "right")) for p in track.layout.points]  # fmt: skip
    image = track.image.copy()
    image[10:15] = image[10:15][:, pairs]
    flipped = replace(track, image=image)
    figures = report(Take((Person(0, motion, flipped),)))["people"][0]
    assert figures["raw"]["exchanges"] == 2
    assert figures["exchanges"] == 0
    assert report(Take((Person(0, motion, track),)))["people"][0]["raw"]["exchanges"] == 0


@given(seeds)
def test_nobody_who_moves_at_human_speed_exchanges_sides(seed: int) -> None:
    random = np.random.default_rng(seed)
    t = np.arange(60) / FPS
    swing = random.uniform(20, 60) * np.sin(2 * np.pi * (random.uniform(0.5, 2) * t))
    walk = standing(t, leftUpperLeg=turn("x", swing), rightUpperLeg=turn("x", -swing),
                    leftUpperArm=turn("x", -swing), rightUpperArm=turn("x", swing))  # fmt: skip
    assert figures_of(walk)["exchanges"] == 0


def test_raw_landmarks_stand_beside_the_result() -> None:
    motion = still()
    track = seen(motion)
    random = np.random.default_rng(0)
    assert track.world is not None
    noisy = replace(track, world=track.world + random.normal(0, 0.01, track.world.shape))
    raw = report(Take((Person(0, motion, noisy),)))["people"][0]["raw"]
    assert raw["jitter"] > 100
    assert 1 < raw["bone_length_variation_percent"] < 10
