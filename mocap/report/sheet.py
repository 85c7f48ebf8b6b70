"""Sheets to draw on, for a wide page or a phone, and how they become SVG for the page.

Everything that asks for Matplotlib is here. Colours are written as CSS variables of the page, so
that one drawing serves light and dark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mocap.arrays import Array
from mocap.report.curves import Curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure

# each stands for the CSS variable of its name; page.css says how they look
COLOURS = {
    "ink": "#1d2331",
    "soft": "#677085",
    "grid": "#e3e6ee",
    "paper": "#fefefe",
    "left": "#d65f26",
    "right": "#2a70b8",
    "body": "#7450c4",
    "good": "#2c9a68",
    "fair": "#d4941a",
    "poor": "#cd3c4e",
}


@dataclass(frozen=True)
class Canvas:
    """What a drawing is for.

    Attributes:
        name: for ids and CSS.
        width: [px].
        left, right: [px] beside the axes.
        font: [px].
        points: of a curve at most.
    """

    name: str
    width: int
    left: int
    right: int
    font: float
    points: int

    def sharing(self, share: float) -> Canvas:
        """The same with a share of the points."""
        return replace(self, points=max(int(self.points * share), 60))

    @property
    def small(self) -> bool:
        """Whether it is for a phone."""
        return self.name == "phone"


Drawing: TypeAlias = "Callable[[Curves, Canvas], Figure]"
WIDE = Canvas("wide", 1040, 52, 16, 12.5, 1000)
HALF = Canvas("half", 508, 52, 16, 12.5, 1000)
PHONE = Canvas("phone", 360, 40, 10, 11.5, 420)


def drawn(draw: Drawing, curves: Curves, canvas: Canvas, name: str) -> str:
    """One plot as an SVG element without size, with ids of its own, the same on every run."""
    import matplotlib

    style: Any = {
        "svg.hashsalt": f"{name} {canvas.name} {draw.__name__}",
        "svg.fonttype": "none",  # the page's own letters
        "font.family": "DejaVu Sans",  # which comes with Matplotlib: measured alike everywhere
        "font.size": canvas.font,
        "axes.edgecolor": COLOURS["grid"],
        "axes.labelcolor": COLOURS["soft"],
        "text.color": COLOURS["ink"],
        "xtick.color": COLOURS["soft"],
        "ytick.color": COLOURS["soft"],
        "xtick.labelsize": canvas.font - 1,
        "ytick.labelsize": canvas.font - 1,
        "path.simplify": True,
        "axes.unicode_minus": True,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user's own settings are
        matplotlib.rcParams.update(style)
        figure = draw(curves, canvas)
        buffer = io.StringIO()
        keys = ("Date", "Creator", "Format", "Type")
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(keys))
    return _fit_for_page(buffer.getvalue())


def panels(canvas: Canvas, heights: Sequence[float], gap: float) -> tuple[Figure, list[Axes]]:
    """Axes below one another, `gap` [px] above each for its title, and room for the time."""
    from matplotlib.figure import Figure

    below = canvas.font * 3.2
    tall = sum(heights) + gap * len(heights) + below
    figure = Figure(figsize=(canvas.width / 72, tall / 72), dpi=72)
    figure.patch.set_visible(False)
    axes, top = [], tall
    across = canvas.left / canvas.width
    width = (canvas.width - canvas.left - canvas.right) / canvas.width
    for height in heights:
        top -= gap + height
        axes.append(figure.add_axes((across, top / tall, width, height / tall)))
        axes[-1].patch.set_visible(False)
    return figure, axes


def single(canvas: Canvas, tall: float, left: float | None = None) -> tuple[Figure, Axes]:
    """One pair of axes with room for both labels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(canvas.width / 72, tall / 72), dpi=72)
    figure.patch.set_visible(False)
    left, below = left or canvas.left + 8, canvas.font * 3.4
    width = (canvas.width - left - canvas.right) / canvas.width
    row = figure.add_axes((left / canvas.width, below / tall, width, (tall - below - 8) / tall))
    row.patch.set_visible(False)
    return figure, row


def bars(
    row: Axes,
    found: Sequence[tuple[float, float]],
    between: tuple[float, float],
    colour: str,
    alpha: float,
) -> None:
    """Spans (start, length) from one height to another, as one shape: short to write."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if found:
        low, high = between
        corners = [[(a, low), (a + b, low), (a + b, high), (a, high), (a, low)] for a, b in found]
        shape = Path.make_compound_path_from_polys(np.array(corners))
        row.add_patch(PathPatch(shape, facecolor=colour, alpha=alpha, linewidth=0))


def locator(count: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(count, steps=[1, 2, 5, 10])


def time_axis(axes: Sequence[Axes], times: Array, canvas: Canvas) -> None:
    """The same time under all rows, told under the last."""
    from matplotlib.ticker import FuncFormatter

    start, end = float(times[0]), float(times[-1])
    if end - start < 1e-3:
        start, end = start - 0.5, end + 0.5
    long = end - start > 150
    for row in axes:
        row.set_xlim(start, end)
        row.tick_params(axis="x", labelbottom=row is axes[-1], length=0, pad=6)
        row.xaxis.set_major_locator(locator(10 if not canvas.small else 5))
        if long:
            row.xaxis.set_major_locator(_minutes(end - start, 10 if not canvas.small else 5))
            row.xaxis.set_major_formatter(
                FuncFormatter(lambda t, _: f"{int(t // 60)}:{int(t % 60):02d}")
            )
    axes[-1].set_xlabel("time, min:s" if long else "time, s")


def _minutes(span: float, count: int) -> Any:
    """Ticks at whole minutes or halves, at most about `count`."""
    from matplotlib.ticker import MultipleLocator

    steps = (15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
    return MultipleLocator(next((s for s in steps if span / s <= count), 14400))


def _fit_for_page(svg: str) -> str:
    """An SVG document as an element for a page: no header, fewer digits, colours by name."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", svg, count=1)
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda id: id[0] if id[1] in used else "", svg)
    svg = re.sub(
        r'\bd="([^"]*)"',
        lambda d: 'd="' + re.sub(r"-?\d+\.\d+", _short, " ".join(d[1].split())) + '"',
        svg,
    )
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    return re.sub(r">\s+<", "><", svg).strip()


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
