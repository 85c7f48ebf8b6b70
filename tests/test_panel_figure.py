"""The jointed figure, the words, the picture and the gauges of the panel: what needs no server."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motions import motions
from pretend_live import PretendSession
from synthetic import CAMERA, seen, standing
from walkers import walk

from mocap import metrics, rotation, skeletons
from mocap.errors import OutputError
from mocap.frame import Frame
from mocap.landmarks import Landmarks
from mocap.motion import Motion, Pose, TrackState
from mocap.panel import words
from mocap.panel.export import AS_CAPTURED, export, writable_formats
from mocap.panel.figure import GREY, LIT, Parts, Shape, ball, figure, limb
from mocap.panel.follow import Follow
from mocap.panel.gauges import SECONDS, Gauges, Quality
from mocap.panel.picture import TALLEST, WIDEST, drawn
from mocap.panel.scene import FOV, framing
from mocap.take import Person, Take

HUMANOID = skeletons.humanoid()


def surface(parts: Parts, shape: Shape, motion: Motion, frame: int = 0) -> np.ndarray:
    """(N, V, 3) [m] where the vertices of all parts are."""
    positions, world = motion.fk()
    places, turns = parts.placed(positions[frame], world[frame])
    scaled = parts.scales[:, None] * shape.vertices
    return places[:, None] + rotation.rotate(turns[:, None], scaled)


def at_rest() -> Motion:
    still = rotation.identity(1, len(HUMANOID))
    return Motion(HUMANOID, np.zeros(1), HUMANOID.offsets[:1], still)


@pytest.mark.parametrize("shape", [ball(), limb()], ids=["ball", "limb"])
def test_a_shape_is_closed_but_for_its_poles_and_faces_outwards(shape: Shape) -> None:
    edges = np.concatenate([shape.faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    _, counts = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    assert set(counts) <= {1, 2}
    a, b, c = np.moveaxis(shape.vertices[shape.faces], 1, 0)
    # at the poles the ring is a point, so that nothing is open; the volume tells the side
    volume = float((a * np.cross(b, c)).sum() / 6)
    radius = np.hypot(shape.vertices[:, 0], shape.vertices[:, 2])
    assert 0.5 < volume <= 4 / 3 * np.pi
    assert radius.max() == pytest.approx(1, abs=0.02)
    assert radius[[0, -1]] == pytest.approx([0, 0], abs=1e-9)


def test_the_figure_stands_on_the_floor_as_tall_as_its_skeleton() -> None:
    balls, limbs = figure(HUMANOID)
    all_of_it = np.concatenate(
        [
            surface(balls, ball(), at_rest()).reshape(-1, 3),
            surface(limbs, limb(), at_rest()).reshape(-1, 3),
        ]
    )
    low, high = all_of_it[:, 1].min(), all_of_it[:, 1].max()
    assert low == pytest.approx(0, abs=0.005)
    assert high == pytest.approx(HUMANOID.height, abs=0.03)
    # left and right are mirror images
    assert all_of_it[:, 0].min() == pytest.approx(-all_of_it[:, 0].max(), abs=1e-6)


def test_the_visor_is_where_the_face_is() -> None:
    balls, _ = figure(HUMANOID)
    places = surface(balls, ball(), at_rest())
    head = (balls.bones == HUMANOID.index("head")) & ~balls.visor
    assert places[balls.visor][..., 2].max() > places[head][..., 2].max() + 0.005


@given(motions(names=st.sampled_from(HUMANOID.names)))
def test_every_part_keeps_its_place_in_its_bone(motion: Motion) -> None:
    for parts in figure(motion.skeleton):
        positions, world = motion.fk()
        for frame in range(len(motion)):
            places, turns = parts.placed(positions[frame], world[frame])
            back = rotation.inv(world[frame][parts.bones])
            inside = rotation.rotate(back, places - positions[frame][parts.bones])
            assert inside == pytest.approx(parts.centres, abs=1e-6)
            assert rotation.angle(rotation.mul(back, turns), parts.turns) == pytest.approx(
                0, abs=1e-5
            )


def test_limbs_end_where_the_next_bone_begins() -> None:
    _, limbs = figure(HUMANOID)
    positions, world = at_rest().fk()
    places, turns = limbs.placed(positions[0], world[0])
    ends = places + rotation.rotate(turns, limbs.scales * [0.0, 1.0, 0.0])
    for bone, end in zip(limbs.bones, ends, strict=True):
        children = positions[0][list(HUMANOID.children[bone])]
        assert np.linalg.norm(children - end, axis=1).min() < 1e-9


def colours_of(pose: Pose, bone: str, person: int = 0) -> np.ndarray:
    balls, _ = figure(HUMANOID)
    mine = (balls.bones == HUMANOID.index(bone)) & ~balls.joints & ~balls.visor
    return balls.colours(HUMANOID, pose, person)[mine]


def test_colours_tell_who_it_is_and_how_it_is_known() -> None:
    pose = at_rest().pose(0)
    seen_, other = colours_of(pose, "hips"), colours_of(pose, "hips", person=1)
    held = colours_of(replace(pose, state=TrackState.HELD), "hips")
    lost = colours_of(replace(pose, state=TrackState.LOST), "hips")
    assert not np.array_equal(seen_, other)
    assert np.ptp(seen_[0].astype(int)) > np.ptp(held[0].astype(int)) > np.ptp(lost[0].astype(int))
    assert np.array_equal(lost[0], GREY)
    confidence = np.ones(len(HUMANOID))
    confidence[HUMANOID.index("hips")] = 0
    unseen = replace(pose, confidence=confidence)
    assert np.array_equal(colours_of(unseen, "hips"), held)
    assert np.array_equal(colours_of(unseen, "head"), colours_of(pose, "head"))


def test_a_foot_that_stands_is_lit_with_its_toes() -> None:
    pose = replace(at_rest().pose(0), contacts={"leftFoot": True, "rightFoot": False})
    for bone in ("leftFoot", "leftToes"):
        assert np.array_equal(colours_of(pose, bone)[0], LIT)
    assert not np.array_equal(colours_of(pose, "rightFoot")[0], LIT)
    away = replace(pose, state=TrackState.LOST)
    assert np.array_equal(colours_of(away, "leftFoot")[0], GREY)


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_the_camera_has_everybody_in_its_picture(numbers: list[float]) -> None:
    corners = np.array(numbers).reshape(2, 3)
    box = np.array([corners.min(axis=0), corners.max(axis=0)])
    box[0, 1], box[1, 1] = 0.0, max(box[1, 1], 1.0)
    position, target = framing(box)
    assert position[2] > box[1, 2], "it sees people from the front"
    ahead = (target - position) / np.linalg.norm(target - position)
    side = np.cross(ahead, [0, 1, 0])
    side /= np.linalg.norm(side)
    for corner in np.stack(np.meshgrid(*box.T), axis=-1).reshape(-1, 3):
        way = corner - position
        depth = way @ ahead
        assert depth > 0
        assert abs(way @ side) / depth < np.tan(FOV / 2)
        assert abs(way @ np.cross(side, ahead)) / depth < np.tan(FOV / 2)


def test_cameras_stay_while_people_stay_and_come_along_when_they_go() -> None:
    follow, place = Follow(), np.zeros(3)
    for x in (0.0, 0.3, -0.3, 0.45):
        assert not follow.step(np.array([x, 0.9, 0.0]), 0.1).any()
    steps = [follow.step(np.array([2.0, 1.5, -1.0]), 0.1) for _ in range(60)]
    place = np.sum(steps, axis=0)
    assert place == pytest.approx([2.0, 0.0, -1.0], abs=0.06), "over the floor alone"
    speeds = np.linalg.norm(steps, axis=1)
    assert (np.diff(speeds) <= 1e-12).all(), "calmly"
    assert not follow.gliding
    follow.reset()
    assert not follow.step(np.array([9.0, 0.0, 9.0]), 0.1).any()


def test_gauges_are_the_measures_of_a_report_over_the_last_seconds() -> None:
    walker = walk(np.arange(300) / 30, np.arange(300) / 60)
    contacts = {"leftFoot": walker.stands[:, 0], "rightFoot": walker.stands[:, 1]}
    motion = replace(walker.motion, contacts=contacts)
    gauges, (positions, _) = Gauges(motion.skeleton), motion.fk()
    assert gauges.quality() is None
    for i in range(len(motion)):
        gauges.push(motion.pose(i), positions[i])
    last = motion.times >= motion.times[-1] - SECONDS - 1e-9
    quality = gauges.quality()
    assert quality is not None
    assert quality.jitter == pytest.approx(metrics.jitter(positions[last], 30.0))
    assert quality.foot_slide == pytest.approx(0, abs=1e-6)
    assert quality.confidence == quality.seen == 1
    gauges.reset()
    assert gauges.quality() is None


def test_gauges_begin_again_when_the_clock_does() -> None:
    motion = standing(np.arange(20) / 30)
    gauges, (positions, _) = Gauges(motion.skeleton), motion.fk()
    for i in (*range(20), 0):
        gauges.push(motion.pose(i), positions[i])
    assert gauges.quality() is None


@given(st.text())
def test_nothing_that_is_told_can_be_html(text: str) -> None:
    evil = f"<img src=x onerror=alert(1)>{text}"
    status = {
        "state": evil, "source": evil, "estimator": evil, "device": evil, "clients": evil,
        "recording": {"name": evil, "seconds": 1, "frames": 2}, "dropped": evil,
    }  # fmt: skip
    assert "<img" not in words.state(status)
    for html in (
        words.recording(status),
        words.gauges(status, {}),
        words.notes([(True, evil)]),
        words.outcome(evil, False),
    ):
        assert "<img" not in html
        assert evil in unescape(html)


@given(st.text())
def test_a_long_text_keeps_its_end(text: str) -> None:
    short = words.shortened(text)
    assert len(short) <= words.LONGEST
    assert text.endswith(short.removeprefix("…")) or short == text


def test_words_say_what_is_known_and_nothing_else() -> None:
    status = PretendSession().status()
    quality = {0: Quality(1.25, None, 0.5, 1.0)}
    html = words.gauges(status, quality)
    for part in ("29.8 of 30", "estimate <b>26.4", "35.2", "50%", "100%", "<td>-</td>"):
        assert part in html
    assert "latency" not in words.gauges({"fps": 3.0}, {})
    assert words.clock(61.26) == "1:01.3"
    assert words.clock(59.96) == "1:00.0"
    assert ">3<" in words.countdown(2.4)
    assert "hold still" in words.countdown(-0.1)


def test_the_picture_is_small_has_landmarks_and_leaves_the_frame_alone() -> None:
    track = seen(standing(np.zeros(1)))
    assert track.world is not None
    image = np.full((CAMERA.size[1], CAMERA.size[0], 3), 60, np.uint8)
    frame = Frame(0.0, image)
    person = Landmarks(track.layout, track.image[0], track.world[0], track.confidence[0])
    small = drawn(frame, [person])
    assert small.shape[0] <= TALLEST
    assert small.shape[1] <= WIDEST
    nose = person.image[track.layout.index("nose")] * small.shape[0] / image.shape[0]
    x, y = np.round(nose).astype(int)
    assert (small[y - 2 : y + 3, x - 2 : x + 3] != 60).any(), "a landmark where it is"
    assert (small[:5] == 60).all()
    assert (frame.image == 60).all()
    assert (drawn(frame, []) == 60).all()


def test_a_person_nobody_saw_a_point_of_is_drawn_as_nothing() -> None:
    track = seen(standing(np.zeros(1)))
    nowhere = np.full((len(track.layout), 2), np.nan)
    person = Landmarks(track.layout, nowhere, None, np.zeros(len(track.layout)))
    frame = Frame(0.0, np.full((100, 100, 3), 60, np.uint8))
    assert (drawn(frame, [person]) == 60).all()


def test_a_take_is_exported_beside_its_journal(tmp_path) -> None:  # type: ignore[no-untyped-def]
    take = Take((Person(0, standing(np.arange(4) / 30)),))
    assert writable_formats()[:2] == ["bvh", "json"]  # the first is what a panel offers
    plain = export(take, "jump", tmp_path, "bvh", AS_CAPTURED)
    other = export(take, "jump", tmp_path, "bvh", "mixamo")
    assert [p.name for p in (*plain, *other)] == ["jump.bvh", "jump_mixamo.bvh"]
    assert "mixamorig" in other[0].read_text()
    with pytest.raises(OutputError, match=r"expected one of .*bvh.*got 'doc'"):
        export(take, "jump", tmp_path, "doc", AS_CAPTURED)
