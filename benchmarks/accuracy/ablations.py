"""The whole-clip solve with one part of it turned off, to see what the part is worth.

An ablation is a context in which the solve lacks a part, and that gives the settings to run it
with. Most make the standard deviation of a residual infinite (`off`), larger (`looser`) or another
(`weighed`); a choice of the user is another value of `SolveSettings` (`chosen`); what nobody can
choose is a constant of a module of mocap.solve, replaced for a while (`constant`).
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from mocap.solve import SolveSettings

Ablation = Callable[[SolveSettings], AbstractContextManager[SolveSettings]]


def chosen(**changes: Any) -> Ablation:
    """Other values of settings."""

    @contextmanager
    def context(settings: SolveSettings) -> Iterator[SolveSettings]:
        yield replace(settings, **changes)

    return context


def off(*residuals: str) -> Ablation:
    """Residuals, by the names of their weights, that may be off by any amount."""
    return looser(math.inf, *residuals)


def looser(factor: float, *residuals: str) -> Ablation:
    """Residuals, by the names of their weights, that may be off by so many times more."""

    @contextmanager
    def context(settings: SolveSettings) -> Iterator[SolveSettings]:
        weights = settings.weights
        changes: dict[str, Any] = {}
        for name in residuals:
            sigma = getattr(weights, name)
            if isinstance(sigma, dict):
                changes[name] = {kind: factor * value for kind, value in sigma.items()}
            else:
                changes[name] = factor * sigma
        yield replace(settings, weights=replace(weights, **changes))

    return context


def weighed(**sigmas: Any) -> Ablation:
    """Other standard deviations of residuals, by the names of their weights."""

    @contextmanager
    def context(settings: SolveSettings) -> Iterator[SolveSettings]:
        yield replace(settings, weights=replace(settings.weights, **sigmas))

    return context


def constant(module: str, name: str, value: Any) -> Ablation:
    """Another value of a module's constant, which must exist."""

    @contextmanager
    def context(settings: SolveSettings) -> Iterator[SolveSettings]:
        place = importlib.import_module(module)
        before = getattr(place, name)
        setattr(place, name, value)
        try:
            yield settings
        finally:
            setattr(place, name, before)

    return context


ABLATIONS: dict[str, Ablation] = {
    "no lifter": constant("benchmarks.accuracy.methods", "LIFTED", False),
    "no directions in 3D": off("vector", "vector_depth", "first_depth"),
    "directions trusted evenly": constant("mocap.solve.fit", "FIRST", 0),
    "picture not robust": off("image_outlier"),
    "no acceleration": off("root", "lively"),
    "bones 10x looser": looser(10, "length"),
    "no hinge of the knee": off("knee"),
    "no anatomy": off("knee", "pelvis", "shoulders", "clavicle", "foot"),
    "no contacts": constant("mocap.solve.fit", "CONTACTS_AT", ()),
    "feet may slip": off("slip"),
    "no floor": off("floor", "sink"),
    "no balance": off("balance"),
    "no upright spine": off("upright"),
    "any tilt of the camera": weighed(pitch=90.0, roll=90.0),
    "no smoothing": chosen(smoothing=False),
}
