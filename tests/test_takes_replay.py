"""Replaying: a recorded take comes again as it came, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from motions import degrees_apart
from pretend import somebody
from recordings import CLOCK, STARTED, golden, random_pose, same_pose, small
from walkers import walk

import exporters
from exporters import FormatWarning
from mocap import skeletons
from mocap.errors import FormatError, UnknownName
from mocap.landmarks import MEDIAPIPE_POSE, Observation
from mocap.motion import Motion
from mocap.stream.frames import Cast, LiveFrame
from mocap.take import Person, Take
from mocap.takes.recorder import Recorder
from mocap.takes.replay import Event, replay


def walking(frames: int = 30) -> Motion:
    times = np.arange(frames) / 30
    return walk(times, 0.3 * times).motion


def frames_of(events: list[Event]) -> list[LiveFrame]:
    return [event for event in events if isinstance(event, LiveFrame)]


def written(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def test_a_journal_comes_again_bit_for_bit(tmp_path: Path) -> None:
    events = list(replay(written(tmp_path / "a.jsonl", small())))
    kinds = [type(event) for event in events]
    assert kinds == [Cast, *[Observation, LiveFrame] * 4]
    for i, frame in enumerate(frames_of(events)):
        assert (frame.seq, frame.t) == (i, CLOCK + i / 30)
        (person,) = frame.people
        assert (person.id, person.pose.t) == (0, frame.t)
        same_pose(person.pose, random_pose(i, 2))


def test_what_is_recorded_of_a_replay_is_the_same_recording(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", golden())
    again = tmp_path / "b.jsonl"
    recorder = Recorder(
        again, name="dance", note="second try", made={"source": "webcam"}, layout=MEDIAPIPE_POSE,
        size=(640, 480), started=STARTED, clock=CLOCK,
    )  # fmt: skip
    with recorder:
        for event in replay(path):
            if isinstance(event, Cast):
                recorder.open(event)
            elif isinstance(event, Observation):
                recorder.saw(event)
            else:
                recorder.write(event)
    lines = [line for line in golden() if not line.startswith(b'{"note"')]
    assert again.read_bytes() == b"".join(lines)


def test_a_cast_comes_before_the_frames_of_its_people(tmp_path: Path) -> None:
    on_stage: set[int] = set()
    changes = 0
    for event in replay(written(tmp_path / "a.jsonl", golden())):
        if isinstance(event, Cast):
            on_stage, changes = set(event.skeletons), changes + 1
        elif isinstance(event, LiveFrame):
            assert {person.id for person in event.people} <= on_stage
    assert changes == 2


def test_a_journal_that_was_cut_off_is_played_to_where_it_goes(tmp_path: Path) -> None:
    data = b"".join(small())
    path = written(tmp_path / "a.jsonl", [data[: len(data) * 2 // 3]])
    with pytest.warns(FormatWarning, match="cut off"):
        events = list(replay(path))
    assert 0 < len(frames_of(events)) < 4


def test_a_take_is_played_as_it_is_read(tmp_path: Path) -> None:
    track = somebody(20)
    motion = replace(walking(), times=walking().times + 0.5)
    late = Person(2, motion, replace(track, person=2))
    take = Take((late, Person(0, walking(10))))
    exporters.write(take, tmp_path / "a.json")
    read = exporters.read(tmp_path / "a.json")
    events = list(replay(tmp_path / "a.json"))
    first = events[0]
    assert isinstance(first, Cast)
    assert list(first.skeletons) == [0, 2]
    assert first.fps == pytest.approx(30.0)
    times = [event.t for event in events if isinstance(event, LiveFrame)]
    assert times == sorted(set(times))
    for person in read.people:
        poses = [p.pose for e in frames_of(events) for p in e.people if p.id == person.id]
        assert person.motion is not None
        assert len(poses) == len(person.motion)
        for got, expected in zip(poses, person.motion, strict=True):
            assert got.t == expected.t
            same_pose(got, expected)
    seen = [e for e in events if isinstance(e, Observation) and e.people]
    assert [e.t for e in seen] == track.times.tolist()
    assert {p.person for e in seen for p in e.people} == {2}


def test_motion_of_another_rig_is_brought_to_the_humanoid(tmp_path: Path) -> None:
    from mocap.rigs import rig

    exporters.write(rig("mixamo").take(Take((Person(0, walking()),))), tmp_path / "a.bvh")
    first, *rest = replay(tmp_path / "a.bvh")
    assert isinstance(first, Cast)
    assert first.skeleton.names == skeletons.humanoid().names
    got = np.array([frame.people[0].pose.rotations for frame in frames_of(rest)])
    expected = walking().skeleton.to_global(walking().rotations)
    limbs = [first.skeleton.index(b) for b in ("leftLowerLeg", "rightLowerArm", "head")]
    assert degrees_apart(first.skeleton.to_global(got)[:, limbs], expected[:, limbs]) < 0.1


def test_what_cannot_be_played(tmp_path: Path) -> None:
    exporters.write(Take((Person(0, landmarks=somebody(5)),)), tmp_path / "a.json")
    written(tmp_path / "b.jsonl", [line for line in small() if not line.startswith(b'{"frame"')])
    for name in ("a.json", "b.jsonl"):
        with pytest.raises(FormatError, match="no motion to play"):
            list(replay(tmp_path / name))
    with pytest.raises(FormatError, match="cannot read"):
        list(replay(tmp_path / "missing.jsonl"))
    with pytest.raises(UnknownName):
        list(replay(tmp_path / "a.txt"))
