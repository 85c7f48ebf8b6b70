"""Where clips to learn from come from: data sets, and motion before new cameras in every epoch."""

from __future__ import annotations

import fnmatch
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mocap.datasets import DATASETS, dataset, h36m
from mocap.errors import FormatError, InvalidValue
from mocap.training.config import Config
from mocap.training.examples import Examples, examples
from mocap.training.forms import Form
from mocap.training.projected import Move, views
from mocap.training.seen import Seen, of_clip
from mocap.training.trainers import Data

MOTION = "motion"
H36M = "h36m"
TRAIN_3DHP = "data_train_3dhp.npz"
SUBJECTS = ("S1", "S5", "S6", "S7", "S8")  # of Human3.6M, for training
TENTH = 10  # one in so many is held out where nobody says which


class Source(ABC):
    """What a network learns from.

    Attributes:
        about: it in words, the same for the same data.
    """

    about: str

    @abstractmethod
    def epoch(self, epoch: int) -> Data:
        """What is shown in an epoch, the same each time it is asked for."""

    @abstractmethod
    def held_out(self) -> Examples:
        """What networks are compared with."""


def recognised(path: Path) -> str:
    """Which data set it is. Raises FormatError."""
    if not path.exists():
        raise FormatError("no such file or folder", path=path)
    if (path / h36m.FILE).exists() or path.name == h36m.FILE:
        return H36M
    if (path / TRAIN_3DHP).exists() or "3dhp" in path.name:
        return "3dhp"
    folder = path if path.is_dir() else path.parent
    pairs = any(p.with_suffix(".npz").is_file() for p in folder.glob("*.json"))
    if pairs or path.suffix.lower() == ".bvh" or next(path.glob("**/*.bvh"), None):
        return MOTION
    raise FormatError(
        f"not known by its files; say which it is with --dataset {'|'.join(DATASETS)}", path=path
    )


class MovingSource(Source):
    """Motion, each clip before other cameras in every epoch."""

    def __init__(self, every: Sequence[Move], config: Config, form: Form) -> None:
        names = [move.name for move in every]
        self.config = config
        self.form = form
        held = _held_out(names, config.held_out)
        self._held = [m for m in every if m.name in held]
        self._blind = _chosen(every, config.unlabelled, held)
        unknown = {m.name for m in self._blind}
        self._known = _chosen(every, config.train, held | unknown)
        _require(self._known, self._held, config, names)
        frames = sum(len(m.positions) for m in self._known)
        self.about = (
            f"motion: {len(self._known)} clips, {frames} frames"
            + (f", and {len(self._blind)} without their joints" if self._blind else "")
            + f"; {len(self._held)} clips held out; "
            f"{zlib.crc32(chr(10).join(names).encode()):08x}"
        )

    def epoch(self, epoch: int) -> Data:
        blind = self._seen(self._blind, epoch + 1) if self._blind else None
        return Data(self._seen(self._known, epoch + 1), blind)

    def held_out(self) -> Examples:
        return self._seen(self._held, 0)

    def _seen(self, some: Sequence[Move], draw: int) -> Examples:
        config, form = self.config, self.form
        clips: list[Seen] = []
        for move in some:
            rng = np.random.default_rng([config.seed, draw, zlib.crc32(move.name.encode())])
            clips += views(
                move,
                form.inputs,
                form.outputs,
                rng,
                rate=config.rate,
                noise=config.noise,
                dropout=config.dropout,
                room=config.room,
            )
        return examples(clips, form)


class FixedSource(Source):
    """A data set: the same clips in every epoch, its subjects apart."""

    def __init__(
        self, path: Path, name: str, points: str | None, config: Config, form: Form
    ) -> None:
        chosen = dataset(name)
        if name == H36M:
            held = config.held_out or h36m.TEST
            there = h36m.subjects_of(path)  # a part of the data set may do
            wanted = [s for s in (*SUBJECTS, *h36m.TEST) if s in there]
            every = list(h36m.read(path, points, wanted))
        else:
            held = config.held_out
            learned = path / TRAIN_3DHP
            every = list(chosen.clips(learned if learned.exists() else path, points))
        subjects = sorted({clip.subject for clip in every})
        out = _held_out(subjects, held)
        blind = {s for s in subjects if s not in out and _fits(s, config.unlabelled)}
        known = {s for s in subjects if s not in out | blind and _fits(s, config.train)}
        _require(known, out, config, subjects)

        def of(some: set[str]) -> Examples:
            clips = [clip for clip in every if clip.subject in some]
            seen = (of_clip(c, form.inputs, form.outputs, config.rate) for c in clips)
            return examples([one for stretches in seen for one in stretches], form)

        self._data = Data(of(known), of(blind) if blind else None)
        self._held = of(out)
        self.about = (
            f"{chosen.title}{f' with points of {points}' if points else ''}: "
            f"{', '.join(sorted(known))}, {len(self._data.known)} frames"
            + (f", and {', '.join(sorted(blind))} without their joints" if blind else "")
            + f"; {', '.join(sorted(out))} held out"
        )

    def epoch(self, epoch: int) -> Data:
        return self._data

    def held_out(self) -> Examples:
        return self._held


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _held_out(names: Sequence[str], patterns: Sequence[str]) -> set[str]:
    """Names held out: those that fit, or each tenth if nobody says which."""
    if patterns:
        return {name for name in names if _fits(name, patterns)}
    return set(sorted(names)[TENTH - 1 :: TENTH] or sorted(names)[-1:])


def _chosen(every: Sequence[Move], patterns: Sequence[str], less: set[str]) -> list[Move]:
    return [m for m in every if m.name not in less and _fits(m.name, patterns)]


def _require(known: object, held: object, config: Config, names: Sequence[str]) -> None:
    some = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    if not known:
        raise InvalidValue(
            f"nothing is left to learn from, of {some}, with train {list(config.train)} and "
            f"held_out {list(config.held_out)}"
        )
    if not held:
        raise InvalidValue(f"held_out: {list(config.held_out)} fits none of {some}")
