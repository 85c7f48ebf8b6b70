"""A file played as if it were a camera, on a clock of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from clocks import Time
from footage import number_of, numbered, write_film
from hypothesis import given
from hypothesis import strategies as st

from mocap.frame import Frame
from mocap.sources import Source
from mocap.sources.paced import Paced
from mocap.sources.video import VideoSource

SOON = 60.0  # [s] far longer than anything here takes
STEP = 1 / 25


class Film(Source):
    """Numbered frames at 25 per second, each of which takes a while to decode."""

    name, size, fps, live, frame_count = "film", (64, 48), 25.0, False, 40

    def __init__(self, time: Time, decode: float = 0.0, frames: int = 40, t: float = 0.0) -> None:
        self.time, self.decode, self.frames, self.first = time, decode, frames, t
        self.stuck: dict[int, float] = {}
        self.closed = 0

    def __iter__(self) -> Iterator[Frame]:
        for i in range(self.frames):
            self.time.t += self.decode + self.stuck.get(i, 0.0)
            yield Frame(self.first + i * STEP, numbered(i))

    def close(self) -> None:
        self.closed += 1


def played(film: Film, count: int, *, loop: bool = False, work: float = 0.0) -> list[list[float]]:
    """Of each frame: its number, its t, and when it came, from the first on."""
    time = film.time
    rows, began = [], None
    for frame in islice(Paced(film, loop=loop, now=time.now, sleep=time.sleep), count):
        began = time.t if began is None else began
        rows.append([number_of(frame.image), frame.t, time.t - began])
        time.t += work
    return rows


@given(decode=st.floats(0, 0.9 * STEP), first=st.floats(0, 1000))
def test_every_frame_comes_when_its_time_has_come(decode: float, first: float) -> None:
    rows = np.array(played(Film(Time(), decode, t=first), 100))
    np.testing.assert_array_equal(rows[:, 0], np.arange(40))
    np.testing.assert_allclose(rows[:, 1], np.arange(40) * STEP, atol=1e-9)
    np.testing.assert_allclose(rows[:, 2], rows[:, 1], atol=1e-9)


def test_in_a_loop_times_go_on() -> None:
    rows = np.array(played(Film(Time(), 0.01, frames=10), 35, loop=True))
    np.testing.assert_array_equal(rows[:, 0], np.arange(35) % 10)
    np.testing.assert_allclose(rows[:, 1], np.arange(35) * STEP)
    np.testing.assert_allclose(rows[:, 2], rows[:, 1])


def test_who_is_slow_misses_frames_but_is_shown_none_that_is_old() -> None:
    rows = np.array(played(Film(Time(), 0.002), 100, work=0.13))
    assert 8 <= len(rows) <= 14
    assert (np.diff(rows[:, 0]) >= 2).all()
    np.testing.assert_allclose(rows[:, 1], rows[:, 0] * STEP, atol=1e-9)
    assert (rows[:, 2] - rows[:, 1]).max() <= STEP + 1e-9


def test_a_moment_of_delay_is_caught_up_with() -> None:
    film = Film(Time(), 0.005)
    film.stuck[10] = 0.3
    rows = np.array(played(film, 100))
    missing = set(range(40)) - set(rows[:, 0].astype(int))
    assert missing == set(range(10, 10 + len(missing)))
    assert 5 <= len(missing) <= 9
    np.testing.assert_allclose(rows[-5:, 2], rows[-5:, 0] * STEP)


def test_what_decodes_too_slowly_is_played_slowly_and_completely() -> None:
    rows = np.array(played(Film(Time(), 2.5 * STEP), 100))
    assert len(rows) >= 35
    np.testing.assert_allclose(rows[:, 2], rows[:, 1], atol=1.5 * STEP)
    assert np.diff(rows[:, 1]).min() > 0
    assert rows[-1, 1] > 2 * 39 * STEP


@given(st.lists(st.floats(0, 2), min_size=40, max_size=40), st.booleans(), st.floats(0, 0.1))
def test_times_only_grow_and_are_about_the_true_ones(
    delays: list[float], loop: bool, work: float
) -> None:
    film = Film(Time())
    film.stuck = dict(enumerate(delays))
    rows = np.array(played(film, 60, loop=loop, work=work))
    assert (np.diff(rows[:, 1]) > 0).all()
    assert (np.abs(rows[:, 2] - rows[:, 1]) <= STEP + 1e-9).all()


def test_nothing_to_loop_ends() -> None:
    assert played(Film(Time(), frames=0), 5, loop=True) == []


def test_it_is_live_and_otherwise_like_the_film(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", [numbered(i) for i in range(12)])
    inner, time = VideoSource(path), Time()
    source = Paced(inner, loop=True, now=time.now, sleep=time.sleep)
    assert source.live
    assert source.frame_count is None
    for field in ("name", "size", "fps", "focal_35mm"):
        assert getattr(source, field) == getattr(inner, field)
    frames = list(islice(source, 30))
    assert [number_of(f.image) for f in frames] == [i % 12 for i in range(30)]
    np.testing.assert_allclose([f.t for f in frames], np.arange(30) / 30, atol=1e-3)


def test_closing_wakes_it() -> None:
    film = Film(Time(), frames=2)
    source = Paced(film, now=lambda: 0.0)  # the second frame's time never comes
    frames = iter(source)
    next(frames)
    rest: list[Frame] = []
    reader = threading.Thread(target=lambda: rest.extend(frames))
    slow = Paced(film, now=lambda: 0.0)
    film.stuck[1] = 0.0
    reader.start()
    source.close()
    reader.join(SOON)
    assert not reader.is_alive()
    assert rest == []
    assert film.closed >= 1
    slow.close()
    assert list(slow) == []


@pytest.mark.parametrize("when", [0, 3])
def test_nothing_comes_after_closing(when: int) -> None:
    time = Time()
    source = Paced(Film(time), now=time.now, sleep=time.sleep)
    frames = iter(source)
    list(islice(frames, when))
    source.close()
    source.close()
    assert list(frames) == []
