"""Figures of a training for TensorBoard."""

from __future__ import annotations

from pathlib import Path

from mocap.errors import MissingExtra
from mocap.training.keeping import Row


class Curves:
    """Writes each figure as a curve over the epochs.

    Args:
        folder: that `tensorboard --logdir` is to be shown.

    Raises:
        MissingExtra: TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from tensorboard.summary import Writer
        except ImportError:
            raise MissingExtra("tensorboard", "train", "curves of a training") from None
        self._writer = Writer(str(folder))

    def add(self, row: Row) -> None:
        """The figures of an epoch."""
        for name, value in row.items():
            if name not in ("epoch", "step"):
                self._writer.add_scalar(name, value, int(row["epoch"]))
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
