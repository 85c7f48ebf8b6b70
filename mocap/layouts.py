"""Landmark layouts of other detectors and of data sets, and points from one to another.

The table is mocap/data/layouts.json. Points are the same if their names are. What a layout lacks,
such as the middle of the hips, is the mean of points that it has; what cannot be had is NaN with
confidence 0.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array, IntArray
from mocap.errors import InvalidValue, UnknownName
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack, Layout
from mocap.skeleton import mirrored_name

TABLE = Path(__file__).parent / "data" / "layouts.json"

Weights = dict[str, float]  # points, and how much of each


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@cache
def known() -> dict[str, Layout]:
    """All layouts by name."""
    told = _table()["layouts"]
    layouts = [
        Layout(name, tuple(of["points"]), tuple((a, b) for a, b in of["lines"]))
        for name, of in told.items()
    ]
    return {layout.name: layout for layout in (MEDIAPIPE_POSE, *layouts)}


def by_name(name: str) -> Layout:
    """A layout. Raises UnknownName."""
    try:
        return known()[name]
    except KeyError:
        raise UnknownName("landmark layout", name, known()) from None


def mirror(layout: Layout) -> IntArray:
    """(K,) which point each one is in the mirror. Raises InvalidValue if one has no other side."""
    try:
        return np.array([layout.index(mirrored_name(point)) for point in layout.points])
    except UnknownName as error:
        raise InvalidValue(f"{layout.name} cannot be mirrored: {error}") from None


def mapped(points: Array, confidence: Array, source: Layout, target: Layout) -> tuple[Array, Array]:
    """Points of one layout as those of another.

    Args:
        points: (..., K, D) of the source layout, NaN where unknown.
        confidence: (..., K).

    Returns:
        (..., N, D) and (..., N) of the target layout; a mean is as sure as the least sure of its
        points. NaN and 0 for what was not seen.
    """
    shape = (*points.shape[:-2], len(target), points.shape[-1])
    found, sure = np.full(shape, np.nan), np.zeros(shape[:-1])
    for i, ways in enumerate(_ways(source.points, target.points)):
        for weights in ways:
            index = [source.index(name) for name in weights]
            share = np.array(list(weights.values()))
            value = np.einsum("...kd,k->...d", points[..., index, :], share)
            least = confidence[..., index].min(axis=-1)
            take = (sure[..., i] == 0) & (least > 0) & np.isfinite(value).all(axis=-1)
            found[..., i, :] = np.where(take[..., None], value, found[..., i, :])
            sure[..., i] = np.where(take, least, sure[..., i])
    return found, sure


def track_in(track: LandmarkTrack, target: Layout) -> LandmarkTrack:
    """A track in another layout."""
    if track.layout == target:
        return track
    image, confidence = mapped(track.image, track.confidence, track.layout, target)
    world = None
    if track.world is not None:
        world, _ = mapped(track.world, track.confidence, track.layout, target)
    return LandmarkTrack(target, track.times, image, world, confidence, track.size, track.person)


def available(source: Layout, target: Layout) -> tuple[str, ...]:
    """The points of the target that the source can give."""
    ways = _ways(source.points, target.points)
    return tuple(p for p, found in zip(target.points, ways, strict=True) if found)


@cache
def _ways(source: tuple[str, ...], target: tuple[str, ...]) -> list[list[Weights]]:
    """For each point of the target, how it follows from those of the source; the best first."""
    return [_ways_to(name, frozenset(source), ()) for name in target]


def _ways_to(name: str, source: frozenset[str], asked: tuple[str, ...]) -> list[Weights]:
    ways: list[Weights] = [{name: 1.0}] if name in source else []
    if name in asked:
        return ways
    for rule in _table()["means"].get(name, ()):
        parts = rule if isinstance(rule, dict) else dict.fromkeys(rule, 1 / len(rule))
        known_parts = [_ways_to(part, source, (*asked, name)) for part in parts]
        for combination in product(*known_parts):
            total: Weights = {}
            for share, way in zip(parts.values(), combination, strict=True):
                for point, weight in way.items():
                    total[point] = total.get(point, 0.0) + share * weight
            if total not in ways:
                ways.append(total)
    return ways
