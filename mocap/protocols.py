"""How the literature measures lifted joints: errors of frames, and tables of them.

All compare joints (T, J, 3) [m] about their root with the truth about its own, frame by frame, in
millimetres.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mocap.arrays import Array, BoolArray
from mocap.errors import InvalidValue
from mocap.metrics import pa_errors

PCK = 150.0  # [mm] within which a joint counts as found
THRESHOLDS: Array = np.arange(0.0, PCK + 1, 5.0)  # [mm] of the curve


def distances(points: Array, truth: Array) -> Array:
    """(T, J) [mm] between joints."""
    return np.linalg.norm(points - truth, axis=-1) * 1000


def mpjpe(points: Array, truth: Array) -> Array:
    """(T,) [mm] mean per joint position error, protocol 1."""
    return distances(points, truth).mean(axis=-1)


def n_mpjpe(points: Array, truth: Array) -> Array:
    """(T,) [mm] the same with the best size for each frame, protocol 3.

    Rhodin et al., "Unsupervised Geometry-Aware Representation for 3D Human Pose Estimation", 2018.
    """
    size = (points * truth).sum(axis=(1, 2)) / np.maximum((points**2).sum(axis=(1, 2)), 1e-12)
    return mpjpe(size[:, None, None] * points, truth)


def mpjve(points: Array, truth: Array) -> Array:
    """(T - 1,) [mm per frame] error of the joints' steps from frame to frame.

    Pavllo et al., "3D human pose estimation in video with temporal convolutions", 2019.
    """
    return mpjpe(np.diff(points, axis=0), np.diff(truth, axis=0))


def pck(errors: Array, threshold: float = PCK) -> float:
    """[%] of joints nearer than the threshold [mm], of errors [mm] of any shape."""
    return float((errors < threshold).mean() * 100)


def auc(errors: Array) -> float:
    """[%] mean of PCK over THRESHOLDS."""
    near = np.searchsorted(np.sort(errors, axis=None), THRESHOLDS, side="left")
    return float(near.mean() / errors.size * 100)


class Measured(NamedTuple):
    """Errors of the frames of a clip that count."""

    p1: Array  # (T,) [mm] MPJPE
    p2: Array  # (T,) [mm] PA-MPJPE
    p3: Array  # (T,) [mm] N-MPJPE
    velocity: Array  # (S,) [mm per frame] MPJVE, of steps between frames that follow one another
    joints: Array  # (T J,) [mm] of single joints


def measure(points: Array, truth: Array, counted: BoolArray) -> Measured:
    """The errors of a clip.

    Args:
        points, truth: (T, J, 3) [m] the same joints, about the root.
        counted: (T,) frames that count.

    Raises:
        InvalidValue: different shapes, or what is not a number in a frame that counts.
    """
    if points.shape != truth.shape:
        raise InvalidValue(
            f"joints: expected {truth.shape[0]} frames of {truth.shape[1]}, as the truth has, got "
            f"{points.shape[0]} of {points.shape[1]}"
        )
    bad = counted & ~(np.isfinite(points) & np.isfinite(truth)).all(axis=(1, 2))
    if bad.any():
        raise InvalidValue(f"joints: not a number at frame {int(np.argmax(bad))}")
    steps = counted[1:] & counted[:-1]
    here, there = points[counted], truth[counted]
    return Measured(
        mpjpe(here, there),
        pa_errors(here, there) if len(here) else np.zeros(0),
        n_mpjpe(here, there),
        mpjve(points, truth)[steps],
        distances(here, there).ravel(),
    )


COLUMNS = {
    "mpjpe_mm": "MPJPE",
    "pa_mpjpe_mm": "PA-MPJPE",
    "n_mpjpe_mm": "N-MPJPE",
    "mpjve_mm": "MPJVE",
    "pck_percent": "PCK",
    "auc_percent": "AUC",
}


@dataclass(frozen=True)
class Table:
    """Figures of each action and of all.

    Attributes:
        rows: for each action the figures of COLUMNS and "frames".
        mean: of the rows, each counting once, as the literature has it.
        overall: over all frames.
    """

    rows: Mapping[str, Mapping[str, float]]
    mean: Mapping[str, float]
    overall: Mapping[str, float]


def table(clips: Iterable[tuple[str, Measured]]) -> Table:
    """The table of clips, each with its action. Raises InvalidValue if no frame counts."""
    by_action: dict[str, list[Measured]] = {}
    for action, measured in clips:
        if len(measured.p1):
            by_action.setdefault(action, []).append(measured)
    if not by_action:
        raise InvalidValue("nothing to measure: no frame counts")
    rows = {action: _figures(by_action[action]) for action in sorted(by_action)}
    mean = {
        key: float(np.mean([row[key] for row in rows.values() if key in row]))
        for key in COLUMNS
        if any(key in row for row in rows.values())
    }
    everything = [measured for clips_ in by_action.values() for measured in clips_]
    return Table(rows, mean, _figures(everything))


def _figures(clips: Sequence[Measured]) -> dict[str, float]:
    together = Measured(*(np.concatenate(part) for part in zip(*clips, strict=True)))
    figures = {
        "frames": len(together.p1),
        "mpjpe_mm": float(together.p1.mean()),
        "pa_mpjpe_mm": float(together.p2.mean()),
        "n_mpjpe_mm": float(together.p3.mean()),
        "pck_percent": pck(together.joints),
        "auc_percent": auc(together.joints),
    }
    if len(together.velocity):
        figures["mpjve_mm"] = float(together.velocity.mean())
    return figures


def text(found: Table, group: str = "action") -> str:
    """The table as lines to be read."""
    shown = [key for key in COLUMNS if key in found.mean]
    rows = {**found.rows, "mean": found.mean, "all frames": found.overall}
    wide = max(len(name) for name in (*rows, group))
    lines = ["  ".join([group.ljust(wide), *(COLUMNS[key].rjust(8) for key in shown)])]
    for name, row in rows.items():
        cells = [f"{row[key]:8.2f}" if key in row else " " * 8 for key in shown]
        lines.append("  ".join([name.ljust(wide), *cells]))
    return "\n".join(lines)
