"""The plots of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mocap.arrays import Array, BoolArray
from mocap.metrics import spans
from mocap.motion import TrackState
from mocap.report.body import SEGMENT_NAMES, SIDES
from mocap.report.curves import Curves, thinned, thinned_spans
from mocap.report.sheet import COLOURS, Canvas, bars, locator, panels, single, time_axis

if TYPE_CHECKING:
    from mocap.report.sheet import Axes, Figure

STATES = {TrackState.TRACKED: "good", TrackState.HELD: "fair", TrackState.LOST: "poor"}
SLIDE_SHOWN = 40  # [cm/s] faster than this a foot swings
MARGIN = 0.5  # [m] of floor around the way, seen from above
PRINTS = 250  # of each foot that a picture from above can hold


def seen(curves: Curves, canvas: Canvas) -> Figure:
    """Whether the person was seen, and how well each limb."""
    rows = [14, *([14] if curves.events else []), *[20] * len(curves.limbs)]
    figure, axes = panels(canvas, rows, gap=canvas.font * 1.9)
    strip, *others = axes
    _strip(strip)
    _title(strip, canvas, "found")
    for state, colour in STATES.items():
        _bars(strip, curves.times, curves.state == state, canvas, colour, (0, 1))
    if curves.events:
        _events(others.pop(0), curves, canvas)
    for row, (limb, confidence) in zip(others, curves.limbs.items(), strict=True):
        colour = next((side for side in SIDES if side in limb), "body")
        t, share = thinned(curves.times, confidence, canvas.points // 2)
        row.fill_between(t, 0, share, color=COLOURS[colour], alpha=0.3, linewidth=0)
        row.plot(t, share, color=COLOURS[colour], linewidth=1.1)
        _strip(row)
        row.set_ylim(0, 1.05)
        row.axhline(0, color=COLOURS["grid"], linewidth=1)
        _title(row, canvas, limb)
    time_axis(axes, curves.times, canvas)
    return figure


def feet(curves: Curves, canvas: Canvas) -> Figure:
    """Which foot stands, how high each is and how fast it moves along the floor."""
    assert curves.stands is not None
    assert curves.heights is not None
    assert curves.speeds is not None
    true = curves.true_stands
    height = 74 if canvas.small else 84
    figure, axes = panels(canvas, [30 if true is None else 60, *[height] * 4], canvas.font * 2.4)
    _contacts(axes[0], curves, canvas)
    top = max(float(np.nanmax(curves.heights)) * 100 * 1.08, 12.0)
    bottom = min(float(np.nanmin(curves.heights)) * 100 * 1.08, -2.0)
    for foot, side in enumerate(SIDES):
        row = axes[1 + foot]
        _panel(row)
        _bars(row, curves.times, curves.stands[:, foot], canvas, side, (bottom, top), alpha=0.14)
        row.axhline(0, color=COLOURS["soft"], linewidth=0.8)
        _line(row, curves, curves.heights[:, foot] * 100, canvas, side)
        row.set_ylim(bottom, top)
        _title(row, canvas, f"{side} foot over the floor, cm", side)
        row = axes[3 + foot]
        _panel(row)
        _bars(row, curves.times, curves.stands[:, foot], canvas, side, (0, SLIDE_SHOWN), alpha=0.14)
        row.axhline(2, color=COLOURS["good"], linewidth=1, linestyle=(0, (4, 3)))
        _line(row, curves, np.minimum(curves.speeds[:, foot], SLIDE_SHOWN * 1.5), canvas, side)
        row.set_ylim(0, SLIDE_SHOWN)
        _title(row, canvas, f"{side} foot along the floor, cm/s", side)
    time_axis(axes, curves.times, canvas)
    return figure


def hips(curves: Curves, canvas: Canvas) -> Figure:
    """How high the hips are, with jumps."""
    figure, axes = panels(canvas, [120], canvas.font * 2.4)
    row = axes[0]
    _panel(row)
    _title(row, canvas, "hips over the floor, m")
    if curves.true_height is not None:
        t, values = thinned(curves.times, curves.true_height, canvas.points)
        row.plot(t, values, color=COLOURS["soft"], linewidth=1.2, linestyle=(0, (3, 2)))
    _line(row, curves, curves.hips[:, 1], canvas, "body")
    low, high = row.get_ylim()
    middle, span = (low + high) / 2, max(high - low, 0.3)
    row.set_ylim(middle - span / 2, middle + span * 0.62)
    few = len(curves.jumps) <= (12 if not canvas.small else 5)
    for jump in curves.jumps:
        row.axvspan(jump["from_s"], jump["to_s"], color=COLOURS["body"], alpha=0.14, linewidth=0)
        if few:
            at = (jump["from_s"] + jump["to_s"]) / 2
            row.annotate(
                f"{jump['height_cm']:.0f} cm", (at, middle + span * 0.6), ha="center", va="top",
                fontsize=canvas.font - 1, color=COLOURS["body"],
            )  # fmt: skip
    time_axis(axes, curves.times, canvas)
    return figure


def errors(curves: Curves, canvas: Canvas) -> Figure:
    """Errors against the truth over time."""
    assert curves.errors is not None
    figure, axes = panels(canvas, [90, 90], canvas.font * 2.4)
    rows = (
        ("pose error after the best fit of each frame, mm", curves.errors.pose, 50.0),
        ("error of the hips' place after one fit for the clip, mm", curves.errors.root, None),
    )
    for row, (title, values, good) in zip(axes, rows, strict=True):
        _panel(row)
        t, shown = thinned(curves.errors.times, values, canvas.points)
        row.fill_between(t, 0, shown, color=COLOURS["body"], alpha=0.14, linewidth=0)
        row.plot(t, shown, color=COLOURS["body"], linewidth=1.3)
        if good is not None:
            row.axhline(good, color=COLOURS["good"], linewidth=1, linestyle=(0, (4, 3)))
        row.set_ylim(0, max(float(values.max()) * 1.1, 60.0))
        _title(row, canvas, title if not canvas.small else title.split(" after")[0] + ", mm")
    time_axis(axes, curves.times, canvas)
    return figure


def path(curves: Curves, canvas: Canvas) -> Figure:
    """The way of the hips from above, where the feet stood, and where the person faced."""
    figure, row = single(canvas, 380 if not canvas.small else 330)
    every = max(len(curves.times) // (2 * canvas.points), 1)
    way = curves.hips[::every, [0, 2]]
    if curves.places is not None and curves.stands is not None:
        for foot, side in enumerate(SIDES):
            prints = _prints(curves.places[:, foot], curves.stands[:, foot] & curves.tracked)
            row.plot(*prints.T, "o", color=COLOURS[side], alpha=0.45, markersize=7, mew=0)
    row.plot(*way.T, color=COLOURS["body"], linewidth=1.6)
    middle = (way.max(axis=0) + way.min(axis=0)) / 2
    box = row.get_window_extent()
    reach = (way.max(axis=0) - middle + MARGIN) / (box.width, box.height)
    wide, tall = reach.max() * box.width, reach.max() * box.height
    for name, at, fill, side in (("start", 0, "paper", "right"), ("end", -1, "body", "left")):
        spot, ahead = curves.hips[at, [0, 2]], curves.facing[at] * tall * 0.25
        style = {"arrowstyle": "-|>", "color": COLOURS["ink"], "lw": 1.4, "mutation_scale": 12}
        row.annotate("", tuple(spot + ahead), tuple(spot), arrowprops=style)
        row.plot(*spot, "o", mfc=COLOURS[fill], mec=COLOURS["body"], markersize=9, mew=2)
        aside = canvas.font * (0.8 if side == "left" else -0.8)
        row.annotate(
            name, tuple(spot), xytext=(aside, -canvas.font * 0.9), textcoords="offset points",
            ha=side, va="center", fontsize=canvas.font, color=COLOURS["ink"],
        )  # fmt: skip
    row.set_xlim(middle[0] + wide, middle[0] - wide)  # seen from above, +X is to the left
    row.set_ylim(middle[1] - tall, middle[1] + tall)
    _panel(row, both=True)
    row.set_xlabel("x, m")
    row.set_ylabel("z, m")
    return figure


def bones(curves: Curves, canvas: Canvas) -> Figure:
    """Lengths of the limbs: how the raw landmarks spread, and what they are in the result."""
    figure, row = single(canvas, 380 if not canvas.small else 330, left=76)
    for i in range(8):
        name, side = SEGMENT_NAMES[i // 2], SIDES[i % 2]
        y = -(i // 2) * 1.0 + (0.16 if side == "left" else -0.16)
        if curves.raw_lengths is not None:
            p5, p25, p50, p75, p95 = np.percentile(
                curves.raw_lengths[:, i] * 100, [5, 25, 50, 75, 95]
            )
            row.plot([p5, p95], [y, y], color=COLOURS[side], linewidth=2, solid_capstyle="round")
            row.plot(
                [p25, p75], [y, y], color=COLOURS[side], alpha=0.45, linewidth=11,
                solid_capstyle="butt",
            )  # fmt: skip
            row.plot([p50], [y], "|", color=COLOURS[side], markersize=11, mew=2)
        row.plot(
            curves.lengths[i] * 100, y, "D", mfc=COLOURS["ink"], mec=COLOURS["paper"],
            markersize=7, mew=1.2,
        )  # fmt: skip
        if side == "left":
            row.axhline(y - 0.66, color=COLOURS["grid"], linewidth=0.8)
            row.text(
                -0.02, y - 0.16, name, transform=row.get_yaxis_transform(), ha="right",
                va="center", fontsize=canvas.font, color=COLOURS["ink"],
            )  # fmt: skip
    _panel(row, both=True)
    row.grid(False, axis="y")
    row.set_yticks([])
    row.set_ylim(-3.5, 0.5)
    low, high = row.get_xlim()
    row.set_xlim(low - 1, high + 1)
    row.set_xlabel("length, cm")
    return figure


# --- parts ---------------------------------------------------------------------------------


def _panel(row: Axes, both: bool = False) -> None:
    row.spines[["top", "right", "left"]].set_visible(False)
    row.grid(True, axis="both" if both else "y", color=COLOURS["grid"], linewidth=0.8)
    row.set_axisbelow(True)
    row.tick_params(length=0, pad=5)
    row.yaxis.set_major_locator(locator(6 if both else 3))
    if both:
        row.spines["bottom"].set_visible(False)
        row.xaxis.set_major_locator(locator(6))


def _strip(row: Axes) -> None:
    row.spines[:].set_visible(False)
    row.set_yticks([])
    row.set_ylim(0, 1)


def _title(row: Axes, canvas: Canvas, text: str, colour: str = "ink") -> None:
    row.annotate(
        text, (0, 1), xycoords="axes fraction", xytext=(0, canvas.font * 0.45),
        textcoords="offset points", fontsize=canvas.font, color=COLOURS[colour], va="bottom",
    )  # fmt: skip


def _line(row: Axes, curves: Curves, values: Array, canvas: Canvas, colour: str) -> None:
    """A curve, faint where the person was not seen."""
    for which, alpha in ((curves.tracked, 1.0), (~curves.tracked, 0.35)):
        shown = np.where(which, values, np.nan)
        if np.isfinite(shown).any():
            t, shown = thinned(curves.times, shown, canvas.points)
            mark = "o" if np.isfinite(shown).sum() == 1 else ""
            row.plot(
                t, shown, color=COLOURS[colour], alpha=alpha, linewidth=1.3, marker=mark,
                solid_joinstyle="round",
            )  # fmt: skip


def _bars(
    row: Axes, times: Array, on: BoolArray, canvas: Canvas, colour: str,
    between: tuple[float, float], alpha: float = 1.0,
) -> None:  # fmt: skip
    """The spans that are on (T,), from one height to another."""
    found = thinned_spans(times, on, canvas.points)
    bars(row, found, between, COLOURS[colour], alpha)


def _contacts(row: Axes, curves: Curves, canvas: Canvas) -> None:
    assert curves.stands is not None
    _strip(row)
    beside = -6 / (canvas.width - canvas.left - canvas.right)
    for foot, side in enumerate(SIDES):
        told = [(side[0].upper(), side, curves.stands[:, foot], 1.0)]
        if curves.true_stands is not None:
            told.append(("true", "soft", curves.true_stands[:, foot], 0.4))
        for i, (label, colour, on, alpha) in enumerate(told):
            top = 2 - foot - (0.08 + i * 0.44 if len(told) > 1 else 0.12)
            middle = top - (0.2 if len(told) > 1 else 0.38)
            _bars(row, curves.times, on, canvas, side, (2 * middle - top, top), alpha)
            row.text(
                beside, middle, label, ha="right", va="center", color=COLOURS[colour],
                transform=row.get_yaxis_transform(), fontsize=canvas.font - 1,
            )  # fmt: skip
    row.set_ylim(0, 2)
    _title(row, canvas, "on the floor")


def _events(row: Axes, curves: Curves, canvas: Canvas) -> None:
    _strip(row)
    row.axhline(0.5, color=COLOURS["grid"], linewidth=1)
    for name, times in curves.events.items():
        before = name.endswith("before")
        some = times[:: max(len(times) // canvas.points, 1)]
        row.plot(
            some, np.full(len(some), 0.5), "|" if before else "D",
            color=COLOURS["soft" if before else "poor"], markersize=10 if before else 5, mew=1.4,
        )  # fmt: skip
    _title(row, canvas, ", ".join(curves.events))


def _prints(places: Array, stands: BoolArray) -> Array:
    """(N, 2) [m] where a foot stood."""
    found = [places[a:b].mean(axis=0) for a, b in spans(stands)]
    return np.array(found[:: max(len(found) // PRINTS, 1)]).reshape(-1, 2)
