"""Rendered clips drawn by chance, for lifters to learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.render import dance, variety
from benchmarks.render.clips import CLIPS
from benchmarks.render.person import Person
from benchmarks.render.truth import make_truth, solve_clip


@pytest.fixture(autouse=True)
def _no_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(dance.FOLDER_VARIABLE, str(tmp_path))


def test_a_number_is_always_the_same_clip_and_everything_is_in_the_picture() -> None:
    for number in (1, 4):
        clip, again = variety.clip(number), variety.clip(number)
        assert clip == again
        person = Person(clip.body)
        solved, contacts = solve_clip(clip, person)
        size = clip.camera.scaled(variety.SCALE)
        truth = make_truth(clip, person, solved, contacts, size)
        assert truth.check() < 1e-3
        assert (truth.pixels > 0).all()
        assert (truth.pixels < np.array(size)).all()
    assert variety.clip(1) != variety.clip(4)


def test_nothing_of_what_is_reported_is_learnt_from() -> None:
    tested = {clip.motion for clip in CLIPS.values() if clip.split != "tune"}
    shared = {"kick", "march", "squat"}  # in both splits, by other people before other cameras
    assert set(variety.HAND_WRITTEN) & tested == shared
    from benchmarks.accuracy.motion import CHOSEN

    for pattern, _ in CHOSEN["test"]:
        assert any(pattern.startswith(held.rstrip("*")) for held in variety.HELD_OUT)
