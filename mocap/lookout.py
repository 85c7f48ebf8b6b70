"""Following one person at full speed without overlooking that there are others.

A pose model that looks for one person is much faster than one that looks for several, but it
takes whoever it comes upon, and may change to somebody else without a word.
"""

from __future__ import annotations

from pathlib import Path

from mocap.estimators import Estimator, open_estimator
from mocap.estimators.tracker import without_duplicates
from mocap.frame import Frame
from mocap.landmarks import Landmarks

SEARCHED = 4  # people to look for, so that those wanted are chosen from all there are
INTERVAL = 5.0  # [s] between two looks for others
LIVE_INTERVAL = 2.0  # [s] the same where nobody can wait for what was overlooked
ALONE_AFTER = 10.0  # [s] for which at most one was found, after which one is followed again


def open_for(people: int, model: Path | None = None) -> Estimator:
    """An estimator to capture this many people with, out of perhaps more in the picture.

    Raises:
        EstimatorError: its model is missing or refused.
    """
    several = open_estimator(people=max(people, SEARCHED), model=model)
    if people > 1:
        return several
    return Lookout(open_estimator(model=model), several)


def open_live(people: int = 0, model: Path | None = None) -> Estimator:
    """An estimator to capture this many people with as they move; 0 is everyone.

    Raises:
        EstimatorError: its model is missing or refused.
    """
    if people:
        return open_estimator(people=people, model=model)
    return LiveLookout(open_estimator(model=model), open_estimator(people=SEARCHED, model=model))


class Lookout(Estimator):
    """Follows one person, and others too from the moment that somebody else is seen.

    Args:
        one: finds one person. Closed together with this.
        several: finds more, slower and less steadily; asked now and then. Closed together with
            this.
    """

    def __init__(self, one: Estimator, several: Estimator) -> None:
        self.name, self.licence, self.layout = one.name, one.licence, one.layout
        self.device = one.device
        self._one, self._several = one, several
        self._alone = True
        self._next = 0.0  # [s] when to look for others

    def __call__(self, frame: Frame) -> list[Landmarks]:
        followed = self._one(frame)
        if self._alone and frame.t < self._next:
            return followed
        self._next = frame.t + INTERVAL
        found = without_duplicates(self._several(frame))
        self._alone = self._alone and len(found) < 2
        others = (p for p in found if len(without_duplicates([*followed, p])) > len(followed))
        return followed if self._alone else [*followed, *others]

    def reset(self) -> None:
        self._one.reset()
        self._several.reset()
        self._alone, self._next = True, 0.0

    def close(self) -> None:
        self._one.close()
        self._several.close()


class LiveLookout(Lookout):
    """Follows one person with one model, or everyone with the other, as many as there are.

    Never with both for long: live, what takes twice as long shows half as many frames. It begins
    with everyone: who stands far away is not found in every frame, so a look may miss them.
    """

    def __init__(self, one: Estimator, several: Estimator) -> None:
        super().__init__(one, several)
        self._begin()

    def _begin(self) -> None:
        self._alone = False
        self._others: float | None = None  # [s] when more than one were last found

    def __call__(self, frame: Frame) -> list[Landmarks]:
        followed = self._one(frame) if self._alone else []
        if self._alone and frame.t < self._next:
            return followed
        self._next = frame.t + LIVE_INTERVAL
        found = without_duplicates(self._several(frame))
        if len(found) > 1 or self._others is None:
            self._others = frame.t
        was_alone, self._alone = self._alone, frame.t - self._others >= ALONE_AFTER
        return followed if was_alone and self._alone else found

    def reset(self) -> None:
        super().reset()
        self._begin()
