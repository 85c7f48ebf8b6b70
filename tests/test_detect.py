"""A whole source through an estimator: nothing lost, in one process or in several."""

from __future__ import annotations

from pathlib import Path

import clips
import numpy as np
import pytest
from footage import write_film
from hypothesis import given
from hypothesis import strategies as st
from pretend import BLANK, Pictures, Seer, blank_film, somebody
from synthetic import SIZE

from mocap import lookout
from mocap.detect import INTERRUPTED, Detected, chunks, detect, detect_in_parallel
from mocap.errors import EstimatorError, SourceError
from mocap.frame import Frame
from mocap.lookout import Lookout
from mocap.sources import SourceWarning
from mocap.sources.video import timestamps

SOMEBODY = [somebody(100)]


def times_of(found: Detected) -> list[float]:
    return [s.t for s in found.sightings]


def test_every_frame_is_seen_once_and_counted() -> None:
    told: list[int] = []
    found = detect(Pictures(20), Seer(SOMEBODY), told.append)
    assert times_of(found) == [i / 30 for i in range(20)]
    assert all(len(s.people) == 1 for s in found.sightings)
    assert sum(told) == 20
    assert found.cut_short is None
    assert not found.interrupted


@pytest.mark.parametrize("live", [False, True])
def test_it_stops_in_time(live: bool) -> None:
    found = detect(Pictures(40, live=live), Seer(SOMEBODY), until=0.5)
    assert all(t < 0.5 for t in times_of(found))
    assert found.cut_short is None


def test_what_came_before_an_unplugged_camera_is_kept() -> None:
    unplugged = SourceError("webcam: no picture for 5 s; it was unplugged")
    found = detect(Pictures(7, error=unplugged), Seer(SOMEBODY))
    assert len(found.sightings) == 7
    assert found.cut_short == str(unplugged)
    assert not found.interrupted


def test_what_came_before_an_interrupt_is_kept() -> None:
    def press(_: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    left = 5
    found = detect(Pictures(20), Seer(SOMEBODY), press)
    assert len(found.sightings) == 5
    assert found.interrupted
    assert found.cut_short == INTERRUPTED


def test_a_source_that_fails_at_once_is_an_error() -> None:
    with pytest.raises(SourceError, match="gone"):
        detect(Pictures(0, error=SourceError("gone")), Seer(SOMEBODY))


@given(
    frames=st.integers(1, 2000),
    fps=st.sampled_from([5.0, 29.97, 1000.0]),
    workers=st.integers(1, 8),
    warm_up=st.integers(0, 60),
)
def test_chunks_cover_every_frame_once(frames: int, fps: float, workers: int, warm_up: int) -> None:
    times = np.arange(frames) / fps
    parts = chunks(times, workers, warm_up)
    inside = [times[(times >= start) & (times < stop)] for _, start, stop in parts]
    np.testing.assert_array_equal(np.concatenate(inside), times)
    for before, start, _ in parts:
        assert np.sum((times >= before) & (times < start)) == min(warm_up, np.sum(times < start))


def damaged_film(folder: Path) -> Path:
    """Thirty frames of somebody walking, of which the last third is cut off."""
    whole = folder / "whole.mp4"
    images = clips.person()[90:120]
    write_film(whole, images, options={"g": "10"}, container={"movflags": "faststart"})
    cut = folder / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    return cut


def test_what_a_damaged_file_still_holds_is_seen_by_several_processes(tmp_path: Path) -> None:
    film = damaged_film(tmp_path)
    told: list[int] = []
    with pytest.warns(SourceWarning, match="ends early|damaged"):
        found = detect_in_parallel(film, timestamps(film), clips.SIZE, 2, 1, None, told.append)
    assert 10 <= len(found.sightings) < 30
    assert all(len(s.people) == 1 for s in found.sightings)
    assert np.diff(times_of(found)).min() > 0
    assert sum(told) >= len(found.sightings)


def test_a_model_that_several_processes_cannot_open(tmp_path: Path) -> None:
    film, model = blank_film(tmp_path / "film.mp4"), tmp_path / "none.task"
    with pytest.raises(EstimatorError, match=r"no model file .*none\.task"):
        detect_in_parallel(film, timestamps(film), SIZE, 2, 1, model)


def look(estimator: Lookout, frames: range) -> list[int]:
    """How many people an estimator sees in each frame."""
    return [len(estimator(Frame(i / 30, BLANK))) for i in frames]


def test_somebody_alone_costs_a_look_for_others_now_and_then() -> None:
    one, several = Seer([somebody(300)], 1), Seer([somebody(300)])
    assert look(Lookout(one, several), range(300)) == [1] * 300
    assert len(one.asked) == 300
    np.testing.assert_allclose(np.diff(several.asked), lookout.INTERVAL)


def test_others_are_seen_from_the_first_look_that_finds_them() -> None:
    people = [somebody(300), somebody(220, first=80, x=-0.7)]
    seen = look(Lookout(Seer(people, 1), Seer(people)), range(300))
    first = seen.index(2)
    assert 80 <= first <= 80 + lookout.INTERVAL * 30
    assert seen[first:] == [2] * (300 - first)


def test_the_one_who_is_followed_is_not_seen_twice() -> None:
    here, there = somebody(30, step=0.0), somebody(30, x=-0.7, step=0.0)
    nearly_here = somebody(30, x=0.01, step=0.0)
    lookout = Lookout(Seer([here], 1), Seer([nearly_here, there]))
    people = lookout(Frame(0.0, BLANK))
    assert len(people) == 2
    np.testing.assert_array_equal(people[0].image, here.image[0])
    np.testing.assert_array_equal(people[1].image, there.image[0])


def test_a_lookout_that_is_reset_is_as_new() -> None:
    people = [somebody(30), somebody(30, x=-0.7)]
    one, several = Seer(people, 1), Seer(people)
    lookout = Lookout(one, several)
    assert look(lookout, range(5)) == [2] * 5
    lookout.reset()
    assert (one.resets, several.resets) == (1, 1)
    assert look(lookout, range(5)) == [2] * 5
    lookout.close()
    assert (one.closed, several.closed) == (1, 1)
