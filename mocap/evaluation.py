"""Lifters, and predictions of others, measured on data sets by the protocols of the literature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mocap.archives import Archive, require_numbers
from mocap.arrays import Array
from mocap.datasets.clip import Clip, to_view
from mocap.datasets.matlab import load_matlab
from mocap.datasets.registry import Dataset
from mocap.errors import FormatError, InvalidValue
from mocap.lifting import say
from mocap.protocols import Measured, Table, measure, table

if TYPE_CHECKING:
    from mocap.models.lifter import Lifter

HIPS = ("left_hip", "right_hip")  # whose middle is the root, of joints without one
NAMES = "names"  # of the joints, in a file of predictions

# the joints (T, J, 3) [m] of a clip in view axes, and their names
Predict = Callable[[Clip], tuple[Array, tuple[str, ...]]]
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    Attributes:
        table: the figures.
        joints: the names of the joints that were compared in every clip.
        clips: how many.
        notes: sentences about what was left out.
    """

    table: Table
    joints: tuple[str, ...]
    clips: int
    notes: tuple[str, ...] = ()


def evaluate(
    dataset: Dataset,
    path: Path,
    predict: Predict,
    points: str | None = None,
    progress: Progress = lambda _: None,
) -> Evaluation:
    """Measure predictions on a data set.

    Args:
        dataset: with its protocol.
        path: of its files.
        predict: gives the joints of a clip.
        points: which detector's points, of a data set that has several.
        progress: told how many more clips are done.

    Raises:
        FormatError: the data set or the predictions cannot be read.
        InvalidValue: they do not fit.
    """
    measured: list[tuple[str, Measured]] = []
    every: list[tuple[str, ...]] = []
    left_out: set[str] = set()
    silent = idle = 0
    for clip in dataset.clips(path, points):
        if not clip.counted.any():
            idle += 1
            progress(1)
            continue
        try:
            found, names = predict(clip)
        except InvalidValue as error:
            raise InvalidValue(f"{clip.name}: {error}") from None
        compared = common(dataset, clip, names)
        every.append(compared)
        left_out |= set(dataset.evaluated or clip.joints.points) - set(compared)
        a = rooted(found, names, compared, dataset.root)
        b = rooted(clip.positions, clip.joints.points, compared, dataset.root)
        if a.shape == b.shape:
            known = np.isfinite(a).all(axis=(1, 2)) & np.isfinite(b).all(axis=(1, 2))
            silent += int((clip.counted & ~known).sum())
            counted = clip.counted & known
        else:
            counted = clip.counted
        try:
            measured.append((clip.action, measure(a, b, counted)))
        except InvalidValue as error:
            raise InvalidValue(f"{clip.name}: {error}") from None
        progress(1)
    notes = []
    if left_out:
        notes.append(
            f"not compared, or not in every clip, as only one side has them: "
            f"{', '.join(sorted(left_out))}"
        )
    if silent:
        notes.append(f"{silent} frames have no joints, predicted or true, and were left out")
    if idle:
        notes.append(f"{idle} clips have no frame that counts, and were left out")
    shared = tuple(name for name in (every or [()])[0] if all(name in of for of in every))
    return Evaluation(table(measured), shared, len(measured), tuple(notes))


def common(dataset: Dataset, clip: Clip, names: tuple[str, ...]) -> tuple[str, ...]:
    """The joints to compare: those that count, and that both sides have. Raises InvalidValue."""
    wanted = dataset.evaluated or clip.joints.points
    both = tuple(n for n in wanted if n in names and n in clip.joints.points)
    if len(both) < 3:
        raise InvalidValue(
            f"{dataset.title} has {', '.join(wanted)}, which are not among the predicted "
            f"{', '.join(names)}"
        )
    return both


def rooted(positions: Array, names: tuple[str, ...], wanted: tuple[str, ...], root: str) -> Array:
    """(T, N, 3) the wanted ones of joints (T, J, 3), about the root."""
    roots = [names.index(n) for n in ((root,) if root in names else HIPS) if n in names]
    if not roots:
        raise InvalidValue(f"joints: expected {root} or the hips among {', '.join(names)}")
    origin = positions[:, roots].mean(axis=1, keepdims=True)
    return positions[:, [names.index(n) for n in wanted]] - origin


def by_lifter(lifter: Lifter) -> Predict:
    """Predictions of a lifter."""

    def predict(clip: Clip) -> tuple[Array, tuple[str, ...]]:
        said = say(clip.track, lifter, clip.camera)
        return said.positions, said.names

    return predict


def by_file(path: Path) -> Predict:
    """Predictions from a file.

    An .npz has an array (T, J, 3) [m] for each clip by its name, in camera axes (x right, y down,
    z forward), and perhaps `names` of the J joints, else they are those of the truth. A .mat is
    as programs for MPI-INF-3DHP write it: (3, 17, 1, T) [mm] for each sequence.

    Raises:
        FormatError: it cannot be read.
    """
    scale, arrays, names = 1.0, dict[str, Array](), None
    if path.suffix.lower() == ".mat":
        scale = 1e-3
        for name, value in load_matlab(path).items():
            every = require_numbers(value, (None,) * np.ndim(value), name, path)
            if every.ndim < 3 or every.shape[0] != 3:
                raise FormatError(f"{name}: expected 3 x 17 x 1 x T numbers", path=path)
            flat = every.reshape(3, every.shape[1], -1)
            arrays[name] = np.moveaxis(flat, -1, 0).swapaxes(1, 2)
    else:
        archive = Archive(path)
        for name in archive:
            if name == NAMES:
                names = tuple(map(str, np.ravel(archive[name])))
            else:
                arrays[name] = require_numbers(archive[name], (None, None, 3), name, path)
    return _by_arrays(arrays, names, scale, path)


def _by_arrays(
    arrays: Mapping[str, Array], names: tuple[str, ...] | None, scale: float, path: Path
) -> Predict:
    def predict(clip: Clip) -> tuple[Array, tuple[str, ...]]:
        if clip.name not in arrays:
            some = ", ".join(list(arrays)[:3]) or "nothing"
            raise FormatError(f"holds no {clip.name!r}, only {some} ...", path=path)
        said = names or clip.joints.points
        found = arrays[clip.name]
        if found.shape[1] != len(said):
            raise FormatError(
                f"{clip.name}: expected {len(said)} joints, got {found.shape[1]}", path=path
            )
        return to_view(found * scale), said

    return predict
