"""Cameras and streams that are lost and come back, on a clock of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clocks import Time
from footage import numbered, write_film
from hypothesis import given
from hypothesis import strategies as st

from mocap.errors import SourceError
from mocap.frame import Frame
from mocap.sources import Source, camera, devices, reading
from mocap.sources.live import open_live_source
from mocap.sources.paced import Paced
from mocap.sources.prefetch import Prefetched
from mocap.sources.steady import LATEST, SOONEST, Steady

SOON = 60.0  # [s] far longer than anything here takes
STEP = 1 / 25


class Webcam(Source):
    """Gives so many frames from t = 0 on, then it is unplugged."""

    fps, live, frame_count = 25.0, True, None

    def __init__(
        self, time: Time, frames: int, size: tuple[int, int] = (64, 48), name: str = "webcam"
    ) -> None:
        self.time, self.frames, self.size, self.name = time, frames, size, name
        self.closed = 0

    def __iter__(self) -> Iterator[Frame]:
        for i in range(self.frames):
            self.time.t += STEP
            yield Frame(i * STEP, numbered(i, self.size))
        self.time.t += 5.0
        raise SourceError(f"{self.name}: no picture for 5 s; it was unplugged")

    def close(self) -> None:
        self.closed += 1


class Plug:
    """Opens one webcam after another; where there is a text, it cannot be opened."""

    def __init__(self, time: Time, *webcams: Webcam | str) -> None:
        self.time, self.webcams = time, iter(webcams)
        self.opened: list[Webcam] = []
        self.tried: list[float] = []

    def __call__(self) -> Webcam:
        self.tried.append(self.time.t)
        there = next(self.webcams)
        if isinstance(there, str):
            raise SourceError(there)
        assert all(webcam.closed for webcam in self.opened), "a device is opened by one only"
        self.opened.append(there)
        return there


def steady(plug: Plug, told: list[str] | None = None) -> Steady:
    tell: Callable[[str], object] = (lambda _: None) if told is None else told.append
    return Steady(plug, tell, now=plug.time.now, sleep=plug.time.sleep)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.data())
def test_times_go_on_by_what_really_passed(lives: list[int], data: st.DataObject) -> None:
    time = Time()
    webcams: list[Webcam | str] = [Webcam(time, lives[0])]
    for frames in lives[1:]:
        webcams += ["camera 0 cannot be opened"] * data.draw(st.integers(0, 5))
        webcams.append(Webcam(time, frames))
    source = steady(Plug(time, *webcams))
    told, came = [], []
    for frame in islice(source, sum(lives)):
        told.append(frame.t)
        came.append(time.t)
    np.testing.assert_allclose(told, np.array(came) - came[0], atol=1e-9)
    assert source.live
    assert source.size == (64, 48)


def test_it_waits_longer_each_time_and_tells_what_is_new() -> None:
    time, told = Time(), list[str]()
    away, other = "camera 0 cannot be opened", "permission denied"
    plug = Plug(time, Webcam(time, 3), *[away] * 5, other, Webcam(time, 3), Webcam(time, 1))
    list(islice(steady(plug, told), 7))
    waits = np.diff(plug.tried[1:8])
    np.testing.assert_allclose(waits, [1.0, 2.0, 4.0, LATEST, LATEST, LATEST])
    assert told == [
        "webcam: no picture for 5 s; it was unplugged; trying to open it again",
        "camera 0 cannot be opened; trying again",
        "permission denied; trying again",
        "webcam: back after 22.5 s",
        "webcam: no picture for 5 s; it was unplugged; trying to open it again",
        "webcam: back after 0.5 s",
    ]


def test_what_opens_but_shows_nothing_is_not_tried_without_pause() -> None:
    time = Time()
    plug = Plug(time, Webcam(time, 1), *[Webcam(time, 0) for _ in range(6)], Webcam(time, 1))
    list(islice(steady(plug), 2))
    pauses = np.diff(plug.tried[1:]) - 5.0
    np.testing.assert_allclose(pauses, [2 * SOONEST, 2.0, 4.0, LATEST, LATEST, LATEST])
    assert [webcam.closed for webcam in plug.opened] == [1] * 7 + [0]


def test_the_first_time_it_must_be_there() -> None:
    with pytest.raises(SourceError, match="cameras found: none"):
        steady(Plug(Time(), "camera 0 cannot be opened; cameras found: none"))


def test_another_camera_in_its_place_is_not_taken() -> None:
    time, told = Time(), list[str]()
    other = Webcam(time, 5, name="laptop")
    plug = Plug(time, Webcam(time, 1), other, Webcam(time, 1))
    assert len(list(islice(steady(plug, told), 2))) == 2
    assert "webcam: there is laptop in its place; trying again" in told
    assert other.closed == 1


@pytest.mark.parametrize("size", [(128, 96), (32, 24), (128, 48), (20, 48)])
def test_another_size_is_brought_to_the_first(size: tuple[int, int]) -> None:
    time, told = Time(), list[str]()
    plug = Plug(time, Webcam(time, 1), Webcam(time, 256, size))
    frames = list(islice(steady(plug, told), 257))
    assert {frame.size for frame in frames} == {(64, 48)}
    assert f"; it gives {size[0]}x{size[1]} now, which is brought to 64x48" in told[-1]
    bright = frames[256].image[..., 0] > 125  # all columns are bright
    scale = min(64 / size[0], 48 / size[1])
    shown = (round(size[0] * scale), round(size[1] * scale))
    assert bright.any(axis=0).sum() == shown[0]
    assert bright.any(axis=1).sum() == shown[1]
    np.testing.assert_array_equal(bright, bright[::-1, ::-1])


def test_closing_ends_the_waiting() -> None:
    time, waiting = Time(), threading.Event()
    plug = Plug(time, Webcam(time, 1), *["away"] * 1000)
    source = Steady(plug, lambda _: waiting.set(), now=time.now)
    seen: list[Frame] = []
    reader = threading.Thread(target=lambda: seen.extend(source))
    reader.start()
    assert waiting.wait(SOON)
    source.close()
    reader.join(SOON)
    assert not reader.is_alive()
    assert len(seen) == 1
    assert plug.opened[0].closed >= 1
    assert list(source) == []


def test_a_reader_stuck_in_a_driver_closes_when_it_comes_loose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    stuck, loose = threading.Event(), threading.Event()

    class Stuck(Webcam):
        def __iter__(self) -> Iterator[Frame]:
            stuck.set()
            assert loose.wait(SOON)
            yield Frame(0.0, numbered(0))

    time = Time()
    plug = Plug(time, Stuck(time, 1))
    source = steady(plug)
    seen: list[Frame] = []
    reader = threading.Thread(target=lambda: seen.extend(source))
    reader.start()
    assert stuck.wait(SOON)
    source.close()
    assert plug.opened[0].closed == 0, "never under the hands of the reader"
    loose.set()
    reader.join(SOON)
    assert plug.opened[0].closed == 1


def test_the_newest_frame_is_what_is_read_ahead() -> None:
    time = Time()
    with Prefetched(steady(Plug(time, *[Webcam(time, 50) for _ in range(20_000)]))) as source:
        times = [frame.t for frame in islice(source, 20)]
    assert times == sorted(set(times))


def test_files_are_played_and_cameras_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = write_film(tmp_path / "film.mp4", [numbered(i) for i in range(4)])
    with open_live_source(film, loop=True) as source:
        assert isinstance(source, Paced)
        assert len(list(islice(source, 6))) == 6
    time = Time()
    monkeypatch.setattr(camera, "CameraSource", lambda *a, **k: Webcam(time, 1))
    with open_live_source("0") as source:
        assert isinstance(source, Steady)
    with pytest.raises(SourceError, match="webcam: only files and folders can be played in a"):
        open_live_source("0", loop=True)


@pytest.mark.parametrize(
    ("what", "names", "later", "opened"),
    [
        ("1", {0: "laptop", 1: "webcam"}, {0: "webcam", 1: "laptop"}, 0),
        ("1", {0: "webcam", 1: "webcam"}, {0: "webcam", 1: "webcam"}, 1),
        ("webc", {0: "laptop", 1: "webcam"}, {0: "laptop", 2: "webcam"}, 2),
        ("1", {}, {}, 1),
        ("1", {0: "laptop", 1: "webcam"}, {0: "laptop"}, None),
    ],
)
def test_a_camera_is_found_again_by_its_name(
    what: str,
    names: dict[int, str],
    later: dict[int, str],
    opened: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time, asked, told = Time(), list[Any](), list[str]()
    known = names

    def opens(which: int | str, **options: Any) -> Webcam:
        asked.append((which, options))
        name = known.get(which, f"camera {which}") if isinstance(which, int) else "webcam"
        return Webcam(time, 1, name=name)

    monkeypatch.setattr(camera, "CameraSource", opens)
    monkeypatch.setattr(devices, "device_names", lambda: known)
    source = open_live_source(what, size=(64, 48), fps=25, tell=told.append)
    assert isinstance(source, Steady)
    frames = iter(source)
    next(frames)
    known = later
    if opened is not None:
        next(frames)
        assert asked[-1] == (opened, {"size": (64, 48), "fps": 25})
        return
    reader = threading.Thread(target=lambda: list(frames))
    reader.start()
    while not any("webcam: not connected; cameras: laptop" in line for line in told):
        reader.join(0.01)
    source.close()
    reader.join(SOON)
    assert len(asked) == 1, "no other camera is even switched on"
