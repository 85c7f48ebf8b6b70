"""Reading in a thread: order, errors, early ends, and the newest frame of a live source."""

import threading
import warnings
from itertools import count

import numpy as np
import pytest
from footage import number_of, numbered, write_film
from hypothesis import given, settings
from hypothesis import strategies as st

from mocap.errors import InvalidValue, SourceError
from mocap.frame import Frame
from mocap.sources import Source, SourceWarning, prefetch
from mocap.sources.prefetch import Prefetched
from mocap.sources.video import VideoSource

IMAGE = np.zeros((2, 2, 3), np.uint8)
SOON = 60.0  # far longer than anything here takes


class Numbers(Source):
    """Frames at t = 0, 1, 2, ...; what it does at a number can be given."""

    def __init__(self, frames=None, *, live=False, at=None):
        self.name, self.size, self.fps, self.frame_count = "numbers", (2, 2), 30.0, frames
        self.live = live
        self.closed = threading.Event()
        self.read = 0
        self._frames, self._at = frames, at or {}

    def __iter__(self):
        for i in range(self._frames) if self._frames is not None else count():
            if i in self._at:
                self._at[i]()
            self.read = i + 1
            yield Frame(float(i), IMAGE)

    def close(self):
        self.closed.set()


def fail():
    raise SourceError("unplugged")


@settings(deadline=None, max_examples=30)
@given(frames=st.integers(0, 30), depth=st.integers(1, 8))
def test_every_frame_of_a_file_comes_in_order(frames, depth):
    with Prefetched(Numbers(frames), depth) as source:
        assert [frame.t for frame in source] == list(range(frames))
        assert [frame.t for frame in source] == list(range(frames))
        assert source.dropped == 0


def test_it_is_a_source_like_the_one_within(tmp_path):
    path = write_film(tmp_path / "clip.mp4", [numbered(i) for i in range(20)])
    inner = VideoSource(path)
    with Prefetched(inner) as source:
        for field in ("name", "size", "fps", "frame_count", "live"):
            assert getattr(source, field) == getattr(inner, field)
        assert [number_of(frame.image) for frame in source] == list(range(20))


def test_only_so_much_is_read_ahead():
    inner = Numbers()
    source = Prefetched(inner, depth=3)
    frames = iter(source)
    for i in range(10):
        assert next(frames).t == i
        assert inner.read <= i + 1 + 3 + 1  # taken, waiting, and one in hand
    source.close()


@pytest.mark.parametrize("live", [False, True])
def test_an_error_comes_after_the_frames_before_it(live):
    source = Prefetched(Numbers(10, at={5: fail}, live=live))
    seen = []

    def consume():
        for frame in source:
            seen.append(frame.t)

    with pytest.raises(SourceError, match="unplugged"):
        consume()
    assert seen[-1] == 4
    assert live or seen == [0, 1, 2, 3, 4]
    source.close()


def test_a_warning_of_the_source_is_seen():
    def warn():
        warnings.warn("the file ends early", SourceWarning, stacklevel=2)

    with pytest.warns(SourceWarning, match="ends early"):
        assert len(list(Prefetched(Numbers(5, at={3: warn})))) == 5


@pytest.mark.parametrize("live", [False, True])
def test_leaving_early_ends_the_reader(live):
    inner = Numbers(live=live)
    with Prefetched(inner) as source:
        for frame in source:
            if frame.t >= 3:
                break
    assert inner.closed.is_set()
    assert not any(thread.name == "read numbers" for thread in threading.enumerate())


def test_closing_ends_a_loop_in_another_thread():
    never = threading.Event()
    started = threading.Event()
    inner = Numbers(at={2: lambda: (started.set(), never.wait(SOON))}, live=True)
    source = Prefetched(inner)
    loop = threading.Thread(target=lambda: list(source))
    loop.start()
    assert started.wait(SOON)
    threading.Timer(0.05, never.set).start()
    source.close()
    loop.join(SOON)
    assert not loop.is_alive()
    assert inner.closed.is_set()


def test_close_does_not_wait_for_a_stuck_driver(monkeypatch):
    monkeypatch.setattr(prefetch, "PATIENCE", 0.01)
    stuck = threading.Event()
    inner = Numbers(at={1: lambda: stuck.wait(SOON)}, live=True)
    source = Prefetched(inner)
    assert next(iter(source)).t == 0
    source.close()
    assert not inner.closed.is_set()  # never under the hands of the reader
    with pytest.raises(SourceError, match="still waiting"):
        next(iter(source))
    stuck.set()
    assert inner.closed.wait(SOON)  # the reader does it when it comes loose


def test_close_without_a_loop():
    inner = Numbers(3)
    source = Prefetched(inner)
    source.close()
    source.close()
    assert inner.closed.is_set()


def test_of_a_live_source_the_newest_comes():
    taken, shown = threading.Event(), threading.Event()
    # The camera shows 0, waits until it is taken, then shows 1 ... 9 while nobody looks.
    inner = Numbers(live=True, at={1: lambda: taken.wait(SOON), 10: shown.set, 11: fail})
    source = Prefetched(inner)
    frames = iter(source)
    assert next(frames).t == 0
    taken.set()
    assert shown.wait(SOON)
    rest = []
    with pytest.raises(SourceError, match="unplugged"):
        rest.extend(frame.t for frame in frames)
    del frames
    assert source.dropped + len(rest) + 1 == 11
    assert source.dropped >= 8


def test_live_frames_come_once_and_forward():
    source = Prefetched(Numbers(3000, live=True))
    times = [frame.t for frame in source]
    assert times == sorted(set(times))
    assert times[-1] == 2999
    assert source.dropped + len(times) == 3000


def test_depth_is_checked():
    with pytest.raises(InvalidValue, match="depth"):
        Prefetched(Numbers(1), 0)
