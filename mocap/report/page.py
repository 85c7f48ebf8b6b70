"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from mocap.motion import Motion
from mocap.report import plots, sheet
from mocap.report.curves import Curves, curves
from mocap.report.figures import moving
from mocap.report.meaning import (
    FLOOR,
    MEANINGS,
    MOTION,
    PATH,
    PLANT,
    POSE,
    SEEN,
    Meaning,
    flat,
)
from mocap.take import Person, Take
from mocap.truth import Truth

STYLE = Path(__file__).parent / "page.css"
GROUPS = (  # in an order that fills three columns evenly
    ("Was the person seen?", SEEN),
    ("How do the feet meet the floor?", FLOOR),
    ("How does it move?", MOTION),
    ("Against the truth: the pose", POSE),
    ("Against the truth: the path", PATH),
    ("Against the truth: the feet", PLANT),
)
BEFORE = {
    "jitter": "raw_jitter",
    "bone_length_variation_percent": "raw_bone_length_variation_percent",
    "exchanges": "raw_exchanges",
}
ROOMY = 2  # people whose plots may have all their points; more share them


def page(
    take: Take,
    figures: dict[str, Any],
    truth: Truth | None = None,
    verdicts: Sequence[Mapping[str, Any]] = (),
    title: str = "",
) -> str:
    """An HTML document.

    Args:
        take: has a motion.
        figures: its report.
        truth: of the first person, if that is in the report.
        verdicts: of gates.
        title: what the take is called.

    Raises:
        InvalidValue: as `report`.
    """
    people = moving(take)
    sections = [
        _person(person, motion, own, truth if i == 0 else None, len(people))
        for i, ((person, motion), own) in enumerate(zip(people, figures["people"], strict=True))
    ]
    name = escape(title or "a take")
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}: motion report</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<p class=over>Motion report</p>\n<h1>{name}</h1>\n{_made(take)}"
        f"{_contents(figures)}</header>\n{_gates(verdicts)}{''.join(sections)}"
        "<footer><p>Grades compare with what is usual for one camera: a hint, no verdict. The "
        "footage beside the skeleton (<code>--preview</code>) tells more than any figure.</p>"
        "</footer>\n</main>\n</body>\n</html>\n"
    )


def _made(take: Take) -> str:
    estimator = take.made.get("estimator")
    model = estimator if isinstance(estimator, Mapping) else {}
    parts = [
        take.made.get("source"),
        " ".join(str(model[key]) for key in ("name", "model") if key in model),
        str(take.made.get("created", "")).partition("T")[0],
    ]
    return f"<p class=made>{escape(' · '.join(str(p) for p in parts if p))}</p>\n"


def _contents(figures: dict[str, Any]) -> str:
    people = figures["people"]
    if len(people) < 2:
        return ""
    links = "".join(f'<a href="#person-{p["id"]}">Person {p["id"]}</a>' for p in people)
    return f"<nav>{links}</nav>\n"


def _gates(verdicts: Sequence[Mapping[str, Any]]) -> str:
    if not verdicts:
        return ""
    rows = "".join(
        f"<tr class={'poor' if v['failed'] else 'good'}><td>{'failed' if v['failed'] else 'passed'}"
        f"<td>person {v['person']}<td><code>{escape(str(v['gate']))}</code><td>{v['value']:g}"
        for v in verdicts
    )
    failed = sum(bool(v["failed"]) for v in verdicts)
    said = f"{failed} of {len(verdicts)} failed" if failed else "all passed"
    return f"<section class=gates><h2>Gates: {said}</h2><table>{rows}</table></section>\n"


def _person(
    person: Person, motion: Motion, own: dict[str, Any], truth: Truth | None, people: int
) -> str:
    values = flat(own)
    facts = (
        f"{own['seconds']:.1f} s, {own['frames']} frames at {own['fps']:g} a second · "
        f"{own['height_m']:.2f} m tall · travels {own['travel_m']:.1f} m"
    )
    drawings = "" if len(motion) < 2 else _plots(person, motion, truth, people)
    return (
        f'<section class=person id="person-{own["id"]}">\n<h2>Person {own["id"]}</h2>\n'
        f"<p class=made>{facts}</p>\n{_summary(values)}{_groups(values)}{drawings}"
        f"{_table(values)}</section>\n"
    )


def _summary(values: dict[str, float]) -> str:
    """The result in a sentence or two."""
    graded = [(m, m.grade(values[m.key])) for m in MEANINGS if m.key in values]
    counts = {g: [m for m, grade in graded if grade == g] for g in ("good", "fair", "poor")}
    total = sum(map(len, counts.values()))
    said = f"<b>{len(counts['good'])} of {total}</b> graded figures are good"
    if counts["poor"]:
        names = ", ".join(m.label.lower() for m in counts["poor"])
        said += f"; poor: {escape(names)}"
    shares = "".join(
        f'<i class={grade} style="flex:{len(of)}"></i>' for grade, of in counts.items() if of
    )
    return f"<p class=summary>{said}.</p>\n<p class=share aria-hidden=true>{shares}</p>\n"


def _groups(values: dict[str, float]) -> str:
    """The figures, grouped by what they answer."""
    boxes = "".join(
        f"<section class=box>\n<h3>{title}</h3>\n"
        f"{''.join(_row(m, values) for m in shown)}</section>\n"
        for title, group in GROUPS
        if (shown := [m for m in group if m.key in values])
    )
    return f"<div class=groups>\n{boxes}</div>\n"


def _row(meaning: Meaning, values: dict[str, float]) -> str:
    value = values[meaning.key]
    grade = meaning.grade(value)
    badge = f"<b class={grade}>{grade}</b>" if grade else ""
    before = BEFORE.get(meaning.key)
    raw = f"<small>raw: {_number(values[before])}</small>" if before in values else ""
    unit = f" <small>{meaning.unit}</small>" if meaning.unit else ""
    return (
        f"<div class=row><div><h4>{meaning.label}</h4><p>{escape(meaning.sentence)}</p></div>"
        f"<div class=value><p>{_number(value)}{unit}</p>{badge}{raw}</div></div>\n"
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(values: dict[str, float]) -> str:
    """Every figure under the name that gates and programs use."""
    rows = "".join(
        f"<tr><td><code>{m.key}</code><td>{values[m.key]:g} {m.unit}<td>{escape(m.label)}"
        for m in MEANINGS
        if m.key in values
    )
    return f"<details><summary>All figures by name</summary><table>{rows}</table></details>\n"


# --- plots ---------------------------------------------------------------------------------


def _plots(person: Person, motion: Motion, truth: Truth | None, people: int) -> str:
    found = curves(person, motion, truth)
    share = min(1.0, ROOMY / people)
    figure = _Figures(found, f"person {person.id}", share)
    dashed = "" if truth is None else " The dashed line is the truth."
    parts = [
        figure.show(
            plots.path, "The way, from above",
            "Dots are places where a foot stood; arrows show where the hips face. Dots of one "
            "foot close together are steps on the spot, or a slide.", half=True,
        ),
        figure.show(
            plots.bones, "Lengths of the limbs",
            _bones_caption(found), half=True,
        ),
    ]  # fmt: skip
    both = f"<div class=two>{''.join(parts)}</div>\n"
    rest = []
    if found.stands is not None:
        rest.append(figure.show(
            plots.feet, "The feet",
            "Coloured while a foot counts as standing. Then the upper curves should lie on zero, "
            "and the lower ones under the dashed line at 2 cm/s. They leave the picture while a "
            "foot swings.",
        ))  # fmt: skip
    rest.append(figure.show(
        plots.hips, "The height of the hips",
        f"Smooth for a walk; jumps are shaded, with the rise from the take-off.{dashed}",
    ))  # fmt: skip
    if found.errors is not None:
        rest.append(figure.show(
            plots.errors, "Errors over time",
            "Single hills are moments worth a look in the footage. Under the dashed line a pose "
            "is close for one camera.",
        ))  # fmt: skip
    if found.limbs or found.events or not found.tracked.all():
        limbs = " Below, how sure the estimator was of each limb, from nothing to all."
        rest.append(figure.show(
            plots.seen, "What was seen",
            "Found: <i class='key good'></i> tracked, <i class='key fair'></i> bridged, "
            "<i class='key poor'></i> lost, at rest."
            f"{limbs if found.limbs else ''}{_event_caption(found)}",
        ))  # fmt: skip
    return f"<h3>Over time and space</h3>\n{_legend()}{both}{''.join(rest)}"


def _bones_caption(found: Curves) -> str:
    if found.raw_lengths is None:
        return "Diamonds are the lengths in the result, the same in all frames."
    return (
        "Bars are where the raw landmarks spread (half of the frames, and nine tenths); diamonds "
        "are the result, the same in all frames."
    )


def _event_caption(found: Curves) -> str:
    if not found.events:
        return ""
    return " Red marks are sudden changes that nobody makes; grey ones were in the raw landmarks."


def _legend() -> str:
    return (
        "<p class=legend><i class='key left'></i> left <i class='key right'></i> right "
        "<i class='key body'></i> body</p>\n"
    )


class _Figures:
    """Figures of one person, each for a wide page and for a phone."""

    def __init__(self, found: Curves, name: str, share: float) -> None:
        self._found = found
        self._name = name
        self._share = share

    def show(self, draw: sheet.Drawing, title: str, caption: str, half: bool = False) -> str:
        """A figure with its title and a caption, which is HTML."""
        canvases: Iterable[sheet.Canvas] = (sheet.HALF if half else sheet.WIDE, sheet.PHONE)
        drawn = "".join(
            f"<div class={'narrow' if canvas is sheet.PHONE else 'wide'} role=img "
            f'aria-label="{escape(title)}">'
            + sheet.drawn(draw, self._found, canvas.sharing(self._share), self._name)
            + "</div>"
            for canvas in canvases
        )
        return f"<figure><h4>{title}</h4><figcaption>{caption}</figcaption>{drawn}</figure>\n"
