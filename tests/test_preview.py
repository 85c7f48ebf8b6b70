"""Pictures and movies of a take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from pretend import BLANK, blank_film, somebody

from mocap.capture import capture_landmarks
from mocap.errors import SourceError
from mocap.figure import LEFT, RIGHT, SIDES, Figure
from mocap.movie import save_movie
from mocap.preview import HEIGHT, contact_sheet, draw_landmarks, preview, save_picture
from mocap.sources.video import probe
from mocap.stage import Stage
from mocap.take import Person, Take


@pytest.fixture(scope="module")
def take() -> Take:
    return capture_landmarks(Take((Person(0, landmarks=somebody(12)),))).take


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return blank_film(tmp_path_factory.mktemp("film") / "film.mp4", 20)


def test_footage_and_skeleton_side_by_side_at_the_times_of_the_take(take: Take, film: Path) -> None:
    shown = list(preview(take, film))
    np.testing.assert_allclose([t for t, _ in shown], np.arange(12) / 30, atol=1e-4)
    width = round(HEIGHT * BLANK.shape[1] / BLANK.shape[0] / 2) * 2
    for _, picture in shown:
        assert picture.shape == (HEIGHT, width + HEIGHT, 3)
        for half in (picture[:, :width], picture[:, width:]):
            for colour in (LEFT, RIGHT):
                assert (np.abs(half.astype(int) - colour).max(axis=2) < 30).sum() > 20


def test_a_part_of_the_footage_is_found_again(film: Path) -> None:
    late = replace(somebody(12), times=somebody(12, first=6).times)
    part = capture_landmarks(Take((Person(0, landmarks=late),))).take
    np.testing.assert_allclose(
        [t for t, _ in preview(part, film)], np.arange(6, 18) / 30, atol=1e-4
    )


@pytest.mark.parametrize(("frames", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (12, 2, 2)])
def test_a_contact_sheet(film: Path, frames: int, rows: int, columns: int) -> None:
    short = capture_landmarks(Take((Person(0, landmarks=somebody(frames)),))).take
    (_, one), *_ = preview(short, film)
    sheet = contact_sheet(short, film)
    assert sheet.shape == (rows * one.shape[0], columns * one.shape[1], 3)


def test_other_footage_is_told(film: Path) -> None:
    late = capture_landmarks(Take((Person(0, landmarks=somebody(5, first=100)),))).take
    with pytest.raises(SourceError, match=r"film.mp4: has no pictures at the times of the take"):
        contact_sheet(late, film)
    with pytest.raises(OSError, match="no pictures"):
        save_movie(film.parent / "none.mp4", preview(late, film), 30.0)


def test_points_that_were_not_seen_are_not_drawn() -> None:
    track = somebody(1)
    unseen = replace(
        track,
        image=np.full_like(track.image, np.nan),
        confidence=np.zeros_like(track.confidence),
    )
    picture = BLANK.copy()
    draw_landmarks(picture, unseen, 0)
    assert not picture.any()
    draw_landmarks(picture, track, 0)
    assert picture.any()


def test_left_and_right_have_their_colours() -> None:
    assert SIDES.of("leftUpperArm") == SIDES.of("mouth_left") == LEFT
    assert SIDES.of("RightFoot") == RIGHT
    assert SIDES.of("head") not in (LEFT, RIGHT)


def test_everyone_is_on_the_stage_all_the_time() -> None:
    other = replace(somebody(x=-0.7), person=1)
    people = Take((Person(0, landmarks=somebody()), Person(1, landmarks=other)))
    motions = [p.motion for p in capture_landmarks(people).take.people if p.motion is not None]
    stage = Stage([Figure.of(motion) for motion in motions], (HEIGHT, HEIGHT))
    for motion in motions:
        positions, _ = motion.fk()
        pixels, depth = stage._project(positions)
        assert (depth > 0).all()
        assert ((pixels >= 0) & (pixels <= stage._size)).all()


@pytest.mark.parametrize("codecs", [{"libx264"}, set()])
def test_a_movie_keeps_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codecs: set[str]
) -> None:
    monkeypatch.setattr(av, "codecs_available", codecs)
    times = [0.0, 1 / 30, 0.5, 0.501]
    path = tmp_path / "film.mp4"
    save_movie(path, ((t, np.full((64, 48, 3), 99, np.uint8)) for t in times), 30.0)
    assert probe(path).size == (48, 64)
    with av.open(str(path)) as movie:
        shown = [frame.time for frame in movie.decode(video=0)]
    np.testing.assert_allclose(shown, times, atol=1e-4)


def test_a_movie_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        save_movie(tmp_path / "none" / "film.mp4", [(0.0, BLANK)], 30.0)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_picture_can_be_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bild ä{suffix}"
    save_picture(path, np.full((30, 40, 3), (250, 100, 10), np.uint8))
    data = np.frombuffer(path.read_bytes(), np.uint8)
    pixel = cv2.imdecode(data, cv2.IMREAD_COLOR)[15, 20, ::-1]
    np.testing.assert_allclose(pixel, (250, 100, 10), atol=3)
