"""Figures as tables: plain for the terminal, Markdown for the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.accuracy.scores import ROUNDING, TARGETS, Figures, mean

PLAIN = (  # figures without a target: name, title
    ("mpjpe_mm", "MPJPE mm"),
    ("root_error_mm", "root mm"),
    ("planted_height_cm", "stand cm"),
    ("limb_swapped_percent", "limbs %"),
)
COLUMNS = (
    *[(t.figure, t.title) for t in TARGETS[:2]],
    PLAIN[0],
    PLAIN[1],
    *[(t.figure, t.title) for t in TARGETS[2:6]],
    PLAIN[2],
    *[(t.figure, t.title) for t in TARGETS[6:]],
    PLAIN[3],
)
Rows = list[list[str]]


def summary(means: Mapping[str, Figures]) -> Rows:
    """A row for each method; figures with a target carry + when it is met and - when not."""
    rows = [["", *[title for _, title in COLUMNS]]]
    targets = {t.figure: t for t in TARGETS}
    for method, figures in means.items():
        row = [method]
        for name, _ in COLUMNS:
            limit = targets[name].limit(method, means) if name in targets else None
            mark = ""
            if limit is not None and name in figures:
                mark = " +" if figures[name] <= limit + ROUNDING else " -"
            row.append(number(figures.get(name)) + mark)
        rows.append(row)
    true = next((f["true_jitter"] for f in means.values() if "true_jitter" in f), None)
    slide = next(
        (f["true_foot_slide_cm_s"] for f in means.values() if "true_foot_slide_cm_s" in f), None
    )
    known = {"jitter": true, "foot_slide_cm_s": slide}
    rows.append(
        ["truth", *[number(known.get(name)) if name in known else "" for name, _ in COLUMNS]]
    )
    return rows


def aims(means: Mapping[str, Figures]) -> Rows:
    """A row for each method that has targets: what each figure should be at most."""
    rows = [["at most", *[t.title for t in TARGETS]]]
    for method in means:
        limits = [t.limit(method, means) for t in TARGETS]
        if any(limit is not None for limit in limits):
            rows.append([method, *[number(limit) for limit in limits]])
    return rows


def by_clip(scores: Mapping[str, Mapping[str, Figures]], figure: str) -> Rows:
    """A row for each clip and a column for each method.

    Args:
        scores: figures by clip and method.
        figure: the one to show.
    """
    methods = list(dict.fromkeys(m for of in scores.values() for m in of))
    rows = [["", *methods]]
    for clip, of in scores.items():
        rows.append([clip, *[number(of.get(m, {}).get(figure)) for m in methods]])
    return rows


def everything(of: Mapping[str, Figures]) -> Rows:
    """A row for each figure and a column for each method."""
    names = list(dict.fromkeys(name for figures in of.values() for name in figures))
    return [["", *of], *[[n, *[number(f.get(n)) for f in of.values()]] for n in names]]


def differences(means: Mapping[str, Figures]) -> Rows:
    """A row for each way of running the solve; after the first, what it changes."""
    shown = [(t.figure, t.title) for t in TARGETS]
    rows = [["", *[title for _, title in shown]]]
    first: Figures | None = None
    for name, figures in means.items():
        row = [name]
        for figure, _ in shown:
            cell = number(figures.get(figure))
            if first is not None and figure in figures and figure in first:
                cell += f" ({figures[figure] - first[figure]:+.1f})"
            row.append(cell)
        first = first or figures
        rows.append(row)
    return rows


def means_of(scores: Mapping[str, Mapping[str, Figures]]) -> dict[str, Figures]:
    """For each method the mean over the clips."""
    methods = list(dict.fromkeys(m for of in scores.values() for m in of))
    return {m: mean([of[m] for of in scores.values() if m in of]) for m in methods}


def number(value: float | None) -> str:
    """Three digits that count; a point for what is not known."""
    if value is None:
        return "."
    return (
        f"{value:.0f}"
        if abs(value) >= 100
        else f"{value:.1f}"
        if abs(value) >= 10
        else f"{value:.2f}"
    )


def plain(rows: Sequence[Sequence[str]]) -> str:
    """Columns in line, the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    head, *rest = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *rest])
