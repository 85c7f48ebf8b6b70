"""The data sets by name, and what their protocols count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mocap.datasets import corpus, h36m, mpi_inf_3dhp, threedpw
from mocap.datasets.clip import Clip
from mocap.errors import FormatError, InvalidValue, UnknownName
from mocap.layouts import by_name

Read = Callable[[Path, "str | None"], Iterator[Clip]]


@dataclass(frozen=True)
class Dataset:
    """A data set and its protocol.

    Attributes:
        name: as the command takes it.
        title: as its authors call it.
        files: what is to be given, for messages.
        read: its clips, from a path and the name of the detector whose points are wanted.
        root: the joint that is put in its place before errors are measured.
        evaluated: the joints that count; None counts all.
        group: what a row of the table is.
    """

    name: str
    title: str
    files: str
    read: Read
    root: str = "hips"
    evaluated: tuple[str, ...] | None = None
    group: str = "action"

    def clips(self, path: Path, points: str | None = None) -> Iterator[Clip]:
        """Its clips, one after the other.

        Raises:
            FormatError: no such files, or broken ones.
        """
        if not path.exists():
            raise FormatError(f"no such file or folder; expected {self.files}", path=path)
        return self.read(path, points)


def _alone(read: Callable[[Path], Iterator[Clip]], name: str) -> Read:
    """A reader of a data set that has its own points."""

    def reads(path: Path, points: str | None) -> Iterator[Clip]:
        if points is not None:
            raise InvalidValue(f"{name}: has points of its own; got {points!r}")
        return read(path)

    return reads


def _h36m(path: Path, points: str | None) -> Iterator[Clip]:
    return h36m.read(path, points)


DATASETS = {
    d.name: d
    for d in (
        Dataset("h36m", "Human3.6M", "data_3d_h36m.npz, or its folder", _h36m),
        Dataset(
            "3dhp",
            "MPI-INF-3DHP",
            "data_test_3dhp.npz, an annot_data.mat, or a folder of either",
            _alone(mpi_inf_3dhp.read, "3dhp"),
            evaluated=by_name(mpi_inf_3dhp.LAYOUT).points[: mpi_inf_3dhp.EVALUATED],
            group="sequence",
        ),
        Dataset(
            "3dpw",
            "3DPW",
            "a sequence (.pkl), or a folder of them",
            _alone(threedpw.read, "3dpw"),
            group="sequence",
        ),
        Dataset(
            "motion",
            "a corpus of motion",
            "a folder of BVH files, or an .npz of joints with its .json",
            _alone(corpus.read, "motion"),
            group="kind",
        ),
    )
}


def dataset(name: str) -> Dataset:
    """A data set. Raises UnknownName."""
    try:
        return DATASETS[name]
    except KeyError:
        raise UnknownName("data set", name, DATASETS) from None
