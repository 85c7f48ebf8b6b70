"""Estimators by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mocap.errors import UnknownName
from mocap.estimators.base import Estimator

DEFAULT = "blazepose"


def _blazepose(people: int, model: Path | None) -> Estimator:
    from mocap.estimators.blazepose import BlazePose

    return BlazePose(people, model)


# each entry imports its own packages when it is called
ESTIMATORS: dict[str, Callable[[int, Path | None], Estimator]] = {"blazepose": _blazepose}


def open_estimator(
    name: str = DEFAULT, *, people: int = 1, model: str | Path | None = None
) -> Estimator:
    """An estimator ready to run.

    Args:
        name: one of ESTIMATORS.
        people: how many people to look for at most.
        model: a model file in place of the estimator's own.

    Raises:
        UnknownName: no such estimator.
        EstimatorError: its model is missing or refused.
    """
    if name not in ESTIMATORS:
        raise UnknownName("estimator", name, ESTIMATORS)
    return ESTIMATORS[name](people, None if model is None else Path(model))
