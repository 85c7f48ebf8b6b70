"""Names, skeletons, takes, recordings and keys of the Maya module, in a scene that calculates."""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_fake import NAME, FakeScene
from maya_people import dance, fk, person, rig
from mocap_bridge_maya import bake, own, scene, skeleton_make, take_import
from mocap_bridge_maya.names import joint_names, legal, unique
from mocap_bridge_maya.resample import resampled
from mocap_bridge_maya.rig import Rigged, rest_of
from mocap_bridge_maya.scene import SceneError
from mocap_bridge_maya.shared.clip import Clip
from mocap_bridge_maya.shared.errors import RigError, TakeError
from mocap_bridge_maya.shared.messages import Frame, Hello, Person
from mocap_bridge_maya.shared.recording import Recording
from mocap_bridge_maya.shared.sources import skeleton_of

import exporters
from exporters import Options
from mocap import skeletons
from mocap.motion import Motion

JOURNAL = Path(__file__).parent / "golden" / "journal"
PERSON = person()


def clip_of(frames=20, fps=30.0, seed=0, number=0, skeleton=PERSON):
    roots, rotations = dance(skeleton, frames, seed)
    times = array("d", [n / fps for n in range(frames)])
    flat = array("d", rotations.ravel().tolist())
    return Clip(number, skeleton, times, array("d", roots.ravel().tolist()), flat)


# Names.


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Left Arm", "Left_Arm"),
        ("mixamorig:Hips", "Hips"),
        ("|a|b:c", "c"),
        ("3rd", "_3rd"),
        ("Hüfte.L", "Hufte_L"),
        ("腰", "joint"),
        ("", "joint"),
        ("a--b", "a_b"),
    ],
)
def test_names_become_legal(name, expected):
    assert legal(name) == expected


@given(st.lists(st.text(max_size=8), max_size=12), st.sampled_from(["", "take1"]))
def test_all_names_are_legal_and_each_comes_once(names, namespace):
    found = joint_names(names, {"joint", "take1:joint"}.__contains__, namespace)
    assert len(set(found)) == len(names)
    assert all(NAME.fullmatch(name) for name in found)
    assert not {"joint", "take1:joint"} & set(found)
    assert all(name.startswith(f"{namespace}:") for name in found if namespace)


def test_numbers_go_on_where_they_are():
    taken = {"hips", "hips1", "spine03"}
    assert unique("hips", taken.__contains__) == "hips2"
    assert unique("spine03", taken.__contains__) == "spine4"


# Time units.


@pytest.mark.parametrize(
    ("fps", "name", "rate"),
    [
        (30.0003, "ntsc", 30),
        (29.97, "29.97fps", 29.97),
        (1 / 0.0333667, "29.97fps", 29.97),
        (60.0, "ntscf", 60),
        (59.94, "59.94fps", 59.94),
        (23.976, "23.976fps", 23.976),
        (24.0, "film", 24),
        (120.0, "120fps", 120),
    ],
)
def test_time_units_have_mayas_names(fps, name, rate):
    assert scene.time_unit(fps) == (name, rate)


@pytest.mark.parametrize("fps", [0.0, 37.0, 1e9, math.nan])
def test_rates_that_maya_lacks_are_told(fps):
    with pytest.raises(SceneError, match="no time unit of"):
        scene.time_unit(fps)


# Skeletons.


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("unit", ["cm", "m", "in"])
def test_a_made_skeleton_stands_in_t_pose_and_moves_as_the_person(up, unit):
    stage = FakeScene(up=up, unit=unit)
    made = skeleton_make.create(stage, PERSON, "Person 0")
    assert stage.things[made.group].name == "Person_0"
    rest = PERSON.rest_positions()

    def in_scene(place):
        x, y, z = 100 * np.array(place)
        return [x, -z, y] if up == "z" else [x, y, z]

    for bone, place in zip(PERSON.names, rest, strict=True):
        np.testing.assert_allclose(stage.place(made.joints[bone]), in_scene(place), atol=1e-9)
    tip = PERSON.tips[PERSON.names.index("head")]
    np.testing.assert_allclose(
        stage.place(made.ends["head"]),
        in_scene(np.add(rest[PERSON.names.index("head")], tip)),
        atol=1e-9,
    )
    rigged = Rigged(stage, made.root, PERSON)
    root, rotations = (x[0] for x in dance(PERSON, 1, 1))
    rigged.apply(root, rotations.ravel().tolist())
    places, _ = fk(PERSON, root, rotations)
    for bone, place in zip(PERSON.names, places, strict=True):
        np.testing.assert_allclose(stage.place(made.joints[bone]), in_scene(place), atol=1e-6)


def test_a_second_skeleton_has_names_of_its_own_and_one_undo_takes_it_back():
    stage = FakeScene()
    first = skeleton_make.create(stage, PERSON, "hips")
    second = skeleton_make.create(stage, PERSON, "hips", namespace="b")
    assert stage.things[first.root].name == "hips"
    assert stage.things[first.group].name == "hips1"
    assert stage.things[second.root].name == "b:hips"
    assert len(rest_of(stage, second.root)) == len(PERSON.names) + len(second.ends)
    stage.undo()
    assert stage.exists(first.root)
    assert not stage.exists(second.root)


# Clips at the rate of a scene.


@given(
    st.integers(1, 40),
    st.floats(5.0, 130.0),
    st.floats(10.0, 120.0),
    st.floats(-0.5, 0.5),
)
def test_resampling_is_that_of_the_program(frames, fps, wanted, start):
    clip = clip_of(frames, fps, frames)
    known = skeletons.humanoid()
    motion = Motion(
        known,
        np.array(clip.times),
        np.array(clip.root).reshape(-1, 3),
        np.array(clip.rotations).reshape(frames, -1, 4),
    )
    found = resampled(clip, wanted, start)
    expected = motion.resampled(times=np.array(found.times))
    np.testing.assert_allclose(np.reshape(found.root, (-1, 3)), expected.root, atol=1e-9)
    dots = np.sum(
        np.reshape(found.rotations, expected.rotations.shape) * expected.rotations, axis=-1
    )
    np.testing.assert_allclose(np.abs(dots), 1.0, atol=1e-9)
    np.testing.assert_allclose(found.times, start + np.arange(len(found)) / wanted)
    assert found.times[-1] <= max(clip.times[-1], start) + 2e-3 / wanted


def test_a_clip_of_the_scenes_rate_stays_as_it_is():
    clip = clip_of(50, 24.0)
    assert resampled(clip, 24.0).rotations is clip.rotations


# Takes and recordings in files.


@pytest.mark.parametrize("name", ["dance.json", "dance.jsonl", "cut.jsonl"])
def test_takes_become_skeletons_that_move_as_they_say(name):
    stage = FakeScene(rate=30)
    loaded = take_import.load(stage, JOURNAL / name, rate="EXACT")
    clips, _ = take_import.clips_of(JOURNAL / name)
    assert len(loaded.roots) == len(clips)
    for made, clip in zip(loaded.made, clips, strict=True):
        bones = len(clip.skeleton)
        for n in (0, len(clip) - 1):
            stage.go_to(1 + (clip.times[n] - clips[0].times[0]) * 30)
            places, _ = fk(
                clip.skeleton,
                clip.root[3 * n : 3 * n + 3],
                np.reshape(clip.rotations, (-1, bones, 4))[n],
            )
            for bone, place in zip(clip.skeleton.names, places, strict=True):
                np.testing.assert_allclose(stage.place(made.joints[bone]), 100 * place, atol=1e-6)


def test_several_people_of_a_take_begin_together():
    stage = FakeScene(rate=25)
    clips = [clip_of(20, 25.0, 1, 0), clip_of(20, 25.0, 2, 3)]
    later = array("d", [t + 0.4 for t in clips[1].times])
    clips[1] = replace(clips[1], times=later)
    loaded = own.load(stage, clips, "dance", namespace="ns")
    assert stage.key_frames(loaded.roots[0], "rotateX") == pytest.approx(range(1, 21))
    # who comes later stands still until then
    assert stage.key_frames(loaded.roots[1], "rotateX") == pytest.approx(range(1, 31))
    names = [stage.things[one.group].name for one in loaded.made]
    assert names == ["ns0:dance_person0", "ns3:dance_person3"]
    with pytest.raises(TakeError, match="RESAMPLE, SCENE, EXACT"):
        own.load(stage, clips, "dance", rate="other")


@pytest.mark.parametrize(("rate", "expected"), [(29.8, 30), (25.1, 25), (24.0, 24), (7.0, 7.0)])
def test_jittering_capture_times_have_a_usual_rate(rate, expected):
    random = np.random.default_rng(1)
    times = array("d", (np.arange(300) / rate + random.uniform(0, 0.005, 300)).tolist())
    assert own.rate_of(times) == pytest.approx(expected, rel=1e-3)
    assert own.rate_of(times[:1]) == 30


def test_bones_that_move_in_their_parents_move_in_the_scene():
    clips, _ = take_import.clips_of(JOURNAL.parent / "orders.bvh", "CM")
    motion = exporters.read(JOURNAL.parent / "orders.bvh", Options(unit="cm")).people[0].motion
    stage = FakeScene(rate=30)
    made = own.load(stage, clips, "orders", rate="SCENE").made[0]
    assert stage.rate == 25
    for n, places in enumerate(motion.fk()[0]):
        stage.go_to(1 + n)
        for bone, place in zip(motion.skeleton.names, places, strict=True):
            np.testing.assert_allclose(stage.place(made.joints[bone]), 100 * place, atol=1e-6)


# Recordings of the stream.


def hello_of(people):
    offsets = tuple(PERSON.offsets)
    tips = {i: tip for i, tip in enumerate(PERSON.tips) if tip is not None}
    return Hello(
        "mocap", PERSON.names, PERSON.parents, offsets, tips, dict.fromkeys(people, offsets), 30, 0
    )


def frame_of(seq, t, people):
    root, rotations = (x[0] for x in dance(PERSON, 1, seq))
    some = [Person(i, "tracked", 1.0, tuple(root), rotations.ravel().tolist(), {}) for i in people]
    return Frame(seq, t, tuple(some))


def test_a_recording_is_written_at_the_scenes_rate_from_capture_times():
    stage = FakeScene(rate=24)
    nodes = rig(stage, PERSON, seed=3)
    rigged = Rigged(stage, nodes["hips"], skeleton_of(hello_of([0]), 0))
    recording, hello = Recording(), hello_of([0])
    recording.push(frame_of(0, 5.0, [0]), 0.0, hello)
    assert len(recording) == 0  # nothing runs
    recording.begin("walk", 7)
    times = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.06, 60)) + 100
    for seq, t in enumerate(times):
        recording.push(frame_of(seq, float(t), [0]), float(t), hello)
        recording.push(frame_of(seq, float(t), [0]), float(t), hello)  # again: left out
    assert len(recording) == 60
    (clip,) = recording.clips()
    assert clip.times[-1] == pytest.approx(times[-1] - times[0])
    frames = bake.write(stage, [(rigged, clip)], recording.first)
    assert frames == int(recording.seconds * 24 + 1e-3) + 1
    keys = stage.key_frames(nodes["leftUpperArm"], "rotateX")
    np.testing.assert_allclose(keys, 7 + np.arange(frames))
    assert stage.key_frames(nodes["leftUpperArm"], "translateX") == []
    stage.go_to(7)
    root, rotations = (x[0] for x in dance(PERSON, 1, 0))
    places, _ = fk(PERSON, root, rotations)
    for bone, place in zip(PERSON.names, places, strict=True):
        np.testing.assert_allclose(stage.place(nodes[bone]), 100 * place, atol=1e-6)
    assert stage.undo() == "Write motion"
    assert stage.key_frames(nodes["leftUpperArm"], "rotateX") == []


def test_keys_outside_a_recording_stay():
    stage = FakeScene(rate=24)
    nodes = rig(stage, PERSON)
    rigged = Rigged(stage, nodes["hips"], PERSON)
    bake.write(stage, [(rigged, clip_of(48, 24.0))], 1)
    bake.write(stage, [(rigged, clip_of(10, 24.0, 5))], 20)
    np.testing.assert_allclose(stage.key_frames(nodes["hips"], "rotateY"), np.arange(1, 49))
    assert stage.range == (1.0, 48.0)
    with pytest.raises(TakeError, match="no character"):
        bake.write(stage, [], 1)
    stage.delete([nodes["leftHand"]])
    with pytest.raises(RigError):
        bake.write(stage, [(rigged, clip_of(10))], 1)


def test_a_server_that_starts_anew_and_bones_that_change():
    recording, hello = Recording(), hello_of([0])
    recording.begin("take", 1)
    recording.push(frame_of(0, 50.0, [0]), 10.0, hello)
    recording.push(frame_of(1, 1.0, [0]), 12.0, hello_of([0]))
    assert recording.seconds == pytest.approx(2.0)
    other = hello._replace(bones=tuple(reversed(hello.bones)))
    recording.push(frame_of(2, 2.0, [0]), 13.0, other)
    assert re.match("the recording ended early: the bones changed", recording.problem)
    recording.reset()
    with pytest.raises(TakeError, match="nobody was seen"):
        recording.clips()
