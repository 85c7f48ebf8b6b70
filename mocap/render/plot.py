"""Tracks of joints drawn over time. Everything here that is drawn is drawn by Matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mocap.arrays import Array
from mocap.render.tracks import Track

AXES = ("left, m", "up, m", "ahead, m")
WIDE, ROW = 11.0, 1.75  # [inch] of the whole, and of one row
RASTER = 130  # dots per inch of a picture
INK, SOFT, GRID, PAPER = "#1d2331", "#677085", "#e3e6ee", "#ffffff"
STYLES: dict[str, dict[str, Any]] = {
    "raw": {"color": "#9aa3b5", "linestyle": "", "marker": "o", "markersize": 2.6, "mew": 0},
    "take": {"color": "#2a70b8", "linewidth": 1.7},
    "filtered": {"color": "#d65f26", "linewidth": 1.6},
    "interpolated": {
        "color": "#1f8a59", "linestyle": "", "marker": "o", "markersize": 3.4, "mew": 0
    },
    "other": {"color": "#b04f9e", "linewidth": 1.4, "linestyle": (0, (4, 2))},
}  # fmt: skip
ORDER = {"raw": 1, "other": 2, "take": 3, "filtered": 4, "interpolated": 5}


def save_plot(path: Path, tracks: Mapping[str, Sequence[Track]], title: str) -> None:
    """Write the tracks of each joint, three rows for each: left, up, ahead.

    Args:
        path: .png, .svg or .pdf.
        tracks: of each joint.
        title: above it.

    Raises:
        OSError: it cannot be written.
    """
    import matplotlib

    style: Any = {
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": SOFT,
        "axes.edgecolor": GRID,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "svg.hashsalt": "tracks",
        "svg.fonttype": "none",
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user's own settings are
        matplotlib.rcParams.update(style)
        figure = _drawn(tracks, title)
        figure.savefig(path, dpi=RASTER, facecolor=PAPER)


def _drawn(tracks: Mapping[str, Sequence[Track]], title: str) -> Any:
    from matplotlib.figure import Figure

    rows = 3 * len(tracks)
    head = 0.95  # [inch] for title and legend
    figure = Figure(figsize=(WIDE, ROW * rows + head + 0.4))
    tall = float(figure.get_figheight())
    grid = figure.add_gridspec(
        rows, 1, left=0.075, right=0.985, top=1 - head / tall, bottom=0.5 / tall, hspace=0.14
    )
    axes: list[Any] = []
    for row in range(rows):
        axes.append(figure.add_subplot(grid[row], sharex=axes[0] if axes else None))
    for k, (joint, drawn) in enumerate(tracks.items()):
        three = axes[3 * k : 3 * k + 3]
        for axis, row in enumerate(three):
            _row(row, drawn, axis)
        three[0].text(
            0.008, 0.9, joint, transform=three[0].transAxes, va="top", weight="bold", fontsize=11
        )
        if k:
            three[0].spines["top"].set_visible(True)
            three[0].spines["top"].set_color(SOFT)
    for row in axes[:-1]:
        row.tick_params(labelbottom=False)
    axes[-1].set_xlabel("time, s")
    figure.text(0.075, 1 - 0.3 / tall, title, fontsize=13, weight="bold", va="center")
    handles = {line.get_label(): line for row in axes for line in row.get_lines()}
    figure.legend(
        handles.values(),
        handles.keys(),
        loc="center left",
        bbox_to_anchor=(0.068, 1 - 0.68 / tall),
        ncols=max(len(handles), 1),
        frameon=False,
        markerscale=1.8,
        borderaxespad=0,
        handlelength=1.8,
    )
    figure.align_ylabels(axes)
    return figure


def _row(row: Any, tracks: Sequence[Track], axis: int) -> None:
    """One coordinate of one joint."""
    for track in tracks:
        style = STYLES[track.kind]
        row.plot(
            track.times, track.places[:, axis], label=track.label, zorder=ORDER[track.kind], **style
        )
    known = np.concatenate([_shown(track, axis) for track in tracks] or [np.zeros(1)])
    if len(known):
        middle, span = (known.min() + known.max()) / 2, max(float(np.ptp(known)), 0.1)
        row.set_ylim(middle - 0.65 * span, middle + 0.65 * span)
    row.set_axisbelow(True)
    row.set_ylabel(AXES[axis])
    row.grid(color=GRID, linewidth=0.8)
    row.margins(x=0.01)
    for edge in ("top", "right"):
        row.spines[edge].set_visible(False)
    row.tick_params(length=0)


def _shown(track: Track, axis: int) -> Array:
    """What must be in a row: of points as they were found not the wildest, which would flatten the
    rest."""
    values = track.places[:, axis]
    values = values[np.isfinite(values)]
    if track.kind != "raw" or not len(values):
        return values
    return np.percentile(values, [2, 98])
