"""One followed quickly or everyone slowly, as many as there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pretend import BLANK, Seer, somebody

from mocap import lookout
from mocap.estimators import Estimator
from mocap.frame import Frame
from mocap.lookout import ALONE_AFTER, LIVE_INTERVAL, LiveLookout, open_live

ALWAYS = somebody(1500, step=0.0)
BEFORE = round(ALONE_AFTER * 30)  # frames until somebody alone counts as alone


def look(estimator: Estimator, frames: range) -> list[int]:
    """How many people an estimator sees in each frame."""
    return [len(estimator(Frame(i / 30, BLANK))) for i in frames]


def visitor(first: int, frames: int) -> Seer:
    """Sees somebody all the time, and a second person for a while."""
    return Seer([ALWAYS, somebody(frames, first=first, x=-0.7, step=0.0)])


def test_somebody_alone_is_soon_followed_by_the_fast_model() -> None:
    one, several = Seer([ALWAYS], 1), Seer([ALWAYS])
    estimator = LiveLookout(one, several)
    assert look(estimator, range(1000)) == [1] * 1000
    assert several.asked[: BEFORE + 1] == [i / 30 for i in range(BEFORE + 1)]
    np.testing.assert_allclose(np.diff(several.asked[BEFORE + 1 :]), LIVE_INTERVAL)
    assert one.asked == [i / 30 for i in range(BEFORE + 1, 1000)]


def test_two_from_the_first_frame_are_two_from_the_first_frame() -> None:
    one, several = Seer([ALWAYS], 1), visitor(0, 600)
    assert look(LiveLookout(one, several), range(600)) == [2] * 600
    assert one.asked == [], "never both"


def test_who_comes_in_is_seen_at_the_next_look_and_stays() -> None:
    comes, frames = BEFORE + 95, 400
    one, several = Seer([ALWAYS], 1), visitor(comes, frames)
    estimator = LiveLookout(one, several)
    seen = look(estimator, range(1500))
    first = seen.index(2)
    assert comes <= first <= comes + LIVE_INTERVAL * 30
    assert seen[first : comes + frames] == [2] * (comes + frames - first)
    assert set(seen[:first]) == set(seen[comes + frames :]) == {1}
    both = {t for t in one.asked if t in several.asked}
    assert len(both) <= 1500 / 30 / LIVE_INTERVAL
    back = min(t for t in one.asked if t > (comes + frames) / 30)
    assert back == pytest.approx((comes + frames - 1) / 30 + ALONE_AFTER + 1 / 30)


def test_a_moment_out_of_sight_changes_nothing() -> None:
    gone = [somebody(100, x=-0.7, step=0.0), somebody(600, first=350, x=-0.7, step=0.0)]
    one, several = Seer([ALWAYS], 1), Seer([ALWAYS, *gone])
    look(LiveLookout(one, several), range(900))
    assert one.asked == []


def test_reset_it_is_as_new() -> None:
    one, several = Seer([ALWAYS], 1), visitor(BEFORE + 50, 200)
    estimator = LiveLookout(one, several)
    first = look(estimator, range(700))
    asked = (list(one.asked), list(several.asked))
    estimator.reset()
    assert (one.resets, several.resets) == (1, 1)
    one.asked.clear()
    several.asked.clear()
    assert look(estimator, range(700)) == first
    assert (one.asked, several.asked) == asked
    estimator.close()
    assert (one.closed, several.closed) == (1, 1)


@pytest.mark.parametrize(("people", "opened"), [(0, [1, 4]), (1, [1]), (2, [2]), (6, [6])])
def test_how_many_are_looked_for(
    people: int, opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, Path | None]] = []

    def opens(*, people: int = 1, model: Path | None = None) -> Seer:
        asked.append((people, model))
        return Seer([], people)

    monkeypatch.setattr(lookout, "open_estimator", opens)
    model = Path("heavy.task")
    estimator = open_live(people, model)
    assert asked == [(n, model) for n in opened]
    assert isinstance(estimator, LiveLookout) == (people == 0)
