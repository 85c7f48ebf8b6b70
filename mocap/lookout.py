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


def open_for(people: int, model: Path | None = None) -> Estimator:
    """An estimator to capture this many people with, out of perhaps more in the picture.

    Raises:
        EstimatorError: its model is missing or refused.
    """
    several = open_estimator(people=max(people, SEARCHED), model=model)
    if people > 1:
        return several
    return Lookout(open_estimator(model=model), several)


class Lookout(Estimator):
    """Follows one person, and others too from the moment that somebody else is seen.

    Args:
        one: finds one person. Closed together with this.
        several: finds more, slower and less steadily; asked now and then. Closed together with
            this.
    """

    def __init__(self, one: Estimator, several: Estimator) -> None:
        self.name, self.licence, self.layout = one.name, one.licence, one.layout
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
