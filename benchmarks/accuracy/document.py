"""docs/accuracy.md, written from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy import motion, plots, tables
from benchmarks.accuracy.run import Results
from mocap.training.noise import about

DOCS = Path(__file__).parents[2] / "docs"
PROSE = Path(__file__).parent  # head.md and limits.md, which hold no figures
BARS = "accuracy.png"

FAMILIES = {
    "rendered": "Rendered people: real videos of people who do not exist, estimated by MediaPipe.",
    "prototype": "Earlier rendered clips, made while the benchmark was designed.",
    "motion": "Measured motion of real people before cameras that never were. The landmarks are "
    "made up by the noise model.",
}


def write(
    known: Results, assumed: Results | None, split: str, command: str, docs: Path = DOCS
) -> Path:
    """Write docs/accuracy.md and its pictures.

    Args:
        known: run with the true cameras.
        assumed: run with the default camera.
        split: of the clips.
        command: that made this.
        docs: the folder.
    """
    means = {family: tables.means_of(scores) for family, scores in known.scores.items()}
    plots.bars(means, docs / "images" / BARS)
    parts = [_prose("head.md", command=command), f"![](images/{BARS})\n"]
    for family, scores in known.scores.items():
        parts.append(f"## {_title(family)}: {len(scores)} clips of `{split}`\n")
        parts.append(FAMILIES[family] + "\n")
        if family == "motion":
            parts.append(_about_noise())
        parts.append("True camera:\n\n" + _markdown(tables.summary(means[family])))
        parts.append("Targets:\n\n" + _markdown(tables.aims(means[family])))
        if assumed is not None and family in assumed.scores:
            guessed = tables.means_of(assumed.scores[family])
            parts.append(
                "Camera not known, 60 degrees across the long side assumed:\n\n"
                + _markdown(tables.summary(guessed))
            )
        for figure, title in (("pa_mpjpe_mm", "PA mm"), ("clip_mm", "clip mm")):
            parts.append(f"{title}, clip by clip:\n\n" + _markdown(tables.by_clip(scores, figure)))
    for name, (trial, outcomes) in known.kept.items():
        picture = f"accuracy_{name}.png"
        plots.curves(trial, outcomes, docs / "images" / picture)
        parts.append(f"## Before and after: {name}\n\n![](images/{picture})\n")
    if any(known.ablated.values()):
        parts.append("## What each part of the solve is worth\n")
        parts += _ablations(known)
    parts.append(_prose("limits.md", split=split))
    path = docs / "accuracy.md"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _about_noise() -> str:
    """How well the noise model does what the estimator does."""
    told = about(motion.NOISE)
    text = f"The noise model was fitted on {', '.join(told['clips'])}."
    if not told["check"]:
        return text + "\n"
    return (
        f"{text} On {', '.join(told['checked_on'])}, which it never saw, the raw method scores on "
        "real estimates and on made-up ones without mishaps:\n\n"
        + _markdown(tables.everything(told["check"]))
    )


def _prose(name: str, **filled: str) -> str:
    return (PROSE / name).read_text(encoding="utf-8").format(**filled)


def _ablations(results: Results) -> list[str]:
    return [
        f"{_title(family)}, the whole-clip solve with one part turned off:\n\n"
        + _markdown(tables.differences(tables.means_of(scores)))
        for family, scores in results.ablated.items()
    ]


def _title(family: str) -> str:
    return {"rendered": "Rendered people", "prototype": "Earlier rendered clips",
            "motion": "Measured motion"}[family]  # fmt: skip


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    return tables.markdown(rows) + "\n"
