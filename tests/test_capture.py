"""Footage in, a take out: people who come and go, cross and turn, at any rate and in any shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import clips
import numpy as np
import pytest
from footage import set_display_matrix, write_film
from pretend import Pictures, Pretending, blank_film, somebody
from synthetic import standing

import mocap.capture
from mocap.capture import (
    Captured,
    CaptureSettings,
    capture,
    capture_landmarks,
    notes_on_speed,
    public_name,
)
from mocap.detect import Detected, detect
from mocap.errors import FormatError, InvalidValue, NoPerson, SourceError
from mocap.landmarks import LandmarkTrack
from mocap.lookout import open_for
from mocap.motion import Motion, TrackState
from mocap.people import follow
from mocap.solve import SolveSettings
from mocap.sources.video import VideoSource
from mocap.take import Person, Take


def motions(captured: Captured) -> list[Motion]:
    return [p.motion for p in captured.take.people if p.motion is not None]


def alone(captured: Captured) -> Motion:
    (motion,) = motions(captured)
    return motion


def across(track: LandmarkTrack | None) -> np.ndarray:
    """(T,) [px] where somebody is across the picture; NaN where they are not seen."""
    assert track is not None
    return track.image[..., 0].mean(axis=1)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("walk") / "walk.mp4", clips.person()[90:115])


@pytest.fixture(scope="module")
def walked(walk: Path) -> Motion:
    return alone(capture(walk))


def test_a_person_is_captured(walked: Motion) -> None:
    assert len(walked) == 25
    assert (walked.state == TrackState.TRACKED).all()
    assert 1.5 < walked.skeleton.height < 1.95


def test_a_rotated_video_gives_what_an_upright_one_gives(
    walk: Path, walked: Motion, tmp_path: Path
) -> None:
    lying = [np.ascontiguousarray(np.rot90(image)) for image in clips.person()[90:115]]
    turned = write_film(tmp_path / "turned.mp4", lying)
    set_display_matrix(turned, (0, 1, -1, 0))
    captured = capture(turned)
    track = captured.take.people[0].landmarks
    assert track is not None
    assert track.size == clips.SIZE
    apart = np.linalg.norm(alone(captured).fk()[0] - walked.fk()[0], axis=-1)
    assert np.median(apart) < 0.03


def test_processes_give_what_one_gives(walk: Path, walked: Motion) -> None:
    motion = alone(capture(walk, CaptureSettings(workers=2)))
    np.testing.assert_array_equal(motion.times, walked.times)
    assert np.median(np.linalg.norm(motion.fk()[0] - walked.fk()[0], axis=-1)) < 0.03


def test_who_leaves_and_returns_is_the_same_person(tmp_path: Path) -> None:
    images = [*clips.person()[90:105], *clips.empty(25), *clips.person()[105:120]]
    captured = capture(write_film(tmp_path / "away.mp4", images))
    motion = alone(captured)
    assert [p.id for p in captured.take.people] == [0]
    assert captured.notes == ()
    states = [TrackState(s).name for s in motion.state]
    assert states == ["TRACKED"] * 15 + ["HELD"] * 15 + ["LOST"] * 10 + ["TRACKED"] * 15
    positions, rotations = motion.fk()
    assert np.isfinite(positions).all()
    assert np.isfinite(rotations).all()
    assert np.linalg.norm(np.diff(motion.root, axis=0), axis=1).max() < 0.3


@pytest.mark.parametrize(("fps", "frames"), [(5, 12), (1000, 12), (30, 1)])
def test_any_rate_and_length(tmp_path: Path, fps: int, frames: int) -> None:
    images = clips.person()[90:210:6][:frames] if fps == 5 else clips.person()[90 : 90 + frames]
    motion = alone(capture(write_film(tmp_path / "film.mp4", images, fps=fps)))
    np.testing.assert_allclose(motion.times, np.arange(frames) / fps, atol=1e-4)
    assert np.isfinite(motion.fk()[0]).all()


def test_a_folder_of_images(tmp_path: Path) -> None:
    import cv2

    for i, image in enumerate(clips.person()[90:98]):
        cv2.imwrite(str(tmp_path / f"image{i}.png"), image[..., ::-1])
    motion = alone(capture(tmp_path, CaptureSettings(fps=10)))
    np.testing.assert_allclose(motion.times, np.arange(8) / 10)


@pytest.mark.parametrize("size", [(8, 48), (270, 360)])
def test_nobody_in_the_picture(tmp_path: Path, size: tuple[int, int]) -> None:
    film = write_film(tmp_path / "room.mp4", [np.full((*size[::-1], 3), 90, np.uint8)] * 5)
    with pytest.raises(NoPerson, match=rf"in 5 frames of {size[0]}x{size[1]} pixels"):
        capture(film)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people beside one another; the smaller, on the right, leaves before the end."""
    images = [*clips.two(range(90, 110)), *clips.one_of_two(range(110, 116))]
    return write_film(tmp_path_factory.mktemp("two") / "two.mp4", images)


@pytest.fixture(scope="module")
def two_seen(two: Path) -> Detected:
    with VideoSource(two) as source, open_for(2) as estimator:
        return detect(source, estimator)


def test_the_one_seen_longest_is_kept_and_a_note_tells_of_the_other(two: Path) -> None:
    captured = capture(two)
    assert across(captured.take.people[0].landmarks)[-1] < 270
    assert (alone(captured).state == TrackState.TRACKED).all()
    (note,) = captured.notes
    assert "2 people were seen" in note
    assert "--people 2 keeps all" in note


def followed(seen: Detected, person: str) -> LandmarkTrack:
    (track,), found = follow(seen.sightings, seen.size, person=person)
    assert found == 2
    return track


def test_the_largest_or_any_can_be_chosen(two_seen: Detected) -> None:
    largest = followed(two_seen, "largest")
    other = followed(two_seen, str(1 - largest.person))
    assert np.nanmedian(across(largest)) < 270 < np.nanmedian(across(other))
    with pytest.raises(InvalidValue, match=r"no person 7; found: 0, 1, .*largest"):
        followed(two_seen, "7")


def test_ids_are_stable_where_people_cross(tmp_path: Path) -> None:
    film = write_film(tmp_path / "crossing.mp4", clips.crossing(40))
    captured = capture(film, CaptureSettings(people=2))
    assert [p.id for p in captured.take.people] == [0, 1]
    ways = [across(p.landmarks) for p in captured.take.people]
    ends = sorted((way[np.isfinite(way)][0], way[np.isfinite(way)][-1]) for way in ways)
    assert ends[0][0] < 200 < 340 < ends[0][1]
    assert ends[1][1] < 200 < 340 < ends[1][0]


def test_fewer_people_than_asked_for_are_told(tmp_path: Path, pretending: Pretending) -> None:
    pretending(somebody())
    captured = capture(blank_film(tmp_path / "film.mp4"), CaptureSettings(people=3))
    assert captured.notes == ("only one person was seen, 3 were asked for",)


def test_whoever_flashes_up_beside_others_is_no_person(
    tmp_path: Path, pretending: Pretending
) -> None:
    pretending(somebody(), somebody(3, first=8, x=-0.7))
    captured = capture(blank_film(tmp_path / "film.mp4"), CaptureSettings(people=2))
    assert len(captured.take.people) == 1


def test_a_part_of_the_footage(tmp_path: Path, pretending: Pretending) -> None:
    opened = pretending(somebody())
    captured = capture(blank_film(tmp_path / "film.mp4"), CaptureSettings(start=0.2, stop=0.5))
    np.testing.assert_allclose(alone(captured).times, np.arange(6, 15) / 30, atol=1e-4)
    assert [seer.closed for seer in opened] == [1]
    with pytest.raises(SourceError, match=r"film.mp4: no pictures from 3 s to the end"):
        capture(tmp_path / "film.mp4", CaptureSettings(start=3))


def test_what_a_camera_gave_before_it_was_unplugged_is_kept(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretending(somebody())
    camera = Pictures(12, error=SourceError("webcam: it was unplugged"))
    monkeypatch.setattr(mocap.capture, "open_source", lambda *_, **__: camera)
    captured = capture("0")
    assert len(alone(captured)) == 12
    (note,) = captured.notes
    assert note.startswith("ended early, at 0.37 s: webcam: it was unplugged")
    assert not captured.interrupted


def test_an_interrupt_before_anything_was_seen_is_one(
    pretending: Pretending, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretending(somebody())
    film = Pictures(0, error=KeyboardInterrupt())
    monkeypatch.setattr(mocap.capture, "open_source", lambda *_, **__: film)
    with pytest.raises(KeyboardInterrupt):
        capture("film")


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0},
        {"person": "bob"},
        {"person": "-1"},
        {"person": "1", "people": 2},
        {"workers": 0},
        {"start": -1.0},
        {"stop": 0.0},
        {"start": 2.0, "stop": 1.0},
    ],
)
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        CaptureSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"fov": 300.0}, {"camera": Path("none.json")}])
def test_a_wrong_camera_shows_before_the_work(
    tmp_path: Path, pretending: Pretending, wrong: dict[str, object]
) -> None:
    opened = pretending(somebody())
    with pytest.raises((InvalidValue, FormatError)):
        capture(blank_film(tmp_path / "film.mp4", 2), CaptureSettings(**wrong))  # type: ignore[arg-type]
    assert opened == []


@pytest.fixture(scope="module")
def recorded() -> Take:
    left, right = somebody(), replace(somebody(x=-0.7, step=0.01), person=1)
    return Take((Person(0, landmarks=left), Person(1, landmarks=right)))


def test_a_take_is_solved_again_with_everyone(recorded: Take) -> None:
    captured = capture_landmarks(recorded, CaptureSettings(solve=SolveSettings(height=1.5)))
    assert [round(m.skeleton.height, 3) for m in motions(captured)] == [1.5, 1.5]


@pytest.mark.parametrize(
    ("settings", "ids"),
    [({"people": 1}, [0]), ({"person": "1"}, [1]), ({}, [0, 1])],
)
def test_people_of_a_take(recorded: Take, settings: dict[str, object], ids: list[int]) -> None:
    captured = capture_landmarks(recorded, CaptureSettings(**settings))  # type: ignore[arg-type]
    assert [p.id for p in captured.take.people] == ids


def test_a_part_of_a_take(recorded: Take) -> None:
    captured = capture_landmarks(recorded, CaptureSettings(start=0.2, stop=0.5))
    assert [len(m) for m in motions(captured)] == [9, 9]
    with pytest.raises(InvalidValue, match=r"from 0.00 to 0.63 s"):
        capture_landmarks(recorded, CaptureSettings(start=3))


def test_what_a_take_cannot_give(recorded: Take) -> None:
    with pytest.raises(InvalidValue, match="no person 7; found: 0, 1"):
        capture_landmarks(recorded, CaptureSettings(person="7"))
    with pytest.raises(InvalidValue, match="works on footage"):
        capture_landmarks(recorded, CaptureSettings(model=Path("any.task")))
    solved_only = Take((Person(0, motion=motions(capture_landmarks(recorded))[0]),))
    with pytest.raises(InvalidValue, match=r"no landmarks .* mocap convert"):
        capture_landmarks(solved_only)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/ann/dance.mp4", "dance.mp4"),
        ("0", "0"),
        ("rtsp://ann:secret@10.0.0.7:554/live?token=abc", "rtsp://10.0.0.7/live"),
    ],
)
def test_a_take_gives_away_no_folders_and_passwords(source: str, name: str) -> None:
    assert public_name(source) == name


def test_a_leap_that_nobody_can_make_is_told() -> None:
    times = np.arange(10) / 30
    still = standing(times)
    assert notes_on_speed(Take((Person(0, still),))) == []
    leap = replace(still, root=still.root + np.outer(times > 0.2, [5.0, 0.0, 0.0]))
    (note,) = notes_on_speed(Take((Person(0, leap),)))
    assert "person 0 leaps at 0.2 s" in note
