"""What the panel says, as pieces of HTML. Names and notes come from anywhere: all are escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from mocap.panel.figure import PEOPLE
from mocap.panel.gauges import Quality

GREEN, AMBER, RED, GREY = "#4cc38a", "#f0a04b", "#ef6262", "#8a919e"
LONGEST = 28  # characters on a line
STATES = {"running": GREEN, "starting": AMBER, "waiting": AMBER, "ended": GREY}
STAGES = {"read": "#5fafef", "estimate": "#f0a04b", "solve": "#4cc38a"}


def state(status: Mapping[str, Any]) -> str:
    """What runs, on what, and whether it is being recorded."""
    name = str(status.get("state", ""))
    lines = [f"<b>{_dot(STATES.get(name, GREY))} {escape(name)}</b> {_people(status)}"]
    for key in ("source", "estimator", "device"):
        if status.get(key):
            lines.append(f"{_small(key)} {escape(shortened(str(status[key])))}")
    return _block("<br>".join(lines))


def shortened(text: str) -> str:
    """The end of a long text, which tells more than its beginning: paths and addresses."""
    return text if len(text) <= LONGEST else f"…{text[1 - LONGEST :]}"


def _people(status: Mapping[str, Any]) -> str:
    people = len(status.get("people") or ())
    return f"<span style='opacity:.7'>· {people} {'person' if people == 1 else 'people'}</span>"


def recording(status: Mapping[str, Any]) -> str:
    """Whether a take is being recorded, and how much of it there is."""
    now = status.get("recording")
    if not now:
        return _block(f"{_dot(GREY)} <span style='opacity:.7'>not recording</span>")
    return _block(
        f"<b style='color:{RED}'>● REC</b> <b>{escape(str(now['name']))}</b><br>"
        f"{clock(float(now['seconds']))} · {int(now['frames'])} frames"
    )


def clock(seconds: float) -> str:
    """Minutes and seconds, as on a stopwatch."""
    tenths = max(0, round(seconds * 10))
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def countdown(seconds: float) -> str:
    """How long until those who calibrate must stand still."""
    if seconds > 0:
        said = f"T-pose in <b style='font-size:1.6em;color:{AMBER}'>{int(seconds) + 1}</b>"
    else:
        said = f"<b style='font-size:1.2em;color:{AMBER}'>hold still …</b>"
    return _block(said)


def gauges(
    status: Mapping[str, Any], quality: Mapping[int, Quality], browsers: int | None = None
) -> str:
    """Speed, latency by stage, losses, clients; for each person how good the motion is."""
    source = status.get("source_fps")
    rate = f"{float(status.get('fps') or 0):.1f}" + (f" of {float(source):.0f}" if source else "")
    said = {
        "frames/s": rate,
        "dropped": status.get("dropped"),
        "clients": status.get("clients"),
        "browsers": browsers,
    }
    cells = [
        f"<td>{_small(name)}<br><b>{escape(str(value))}</b></td>"
        for name, value in said.items()
        if value is not None
    ]
    html = _table(["".join(cells)]) + _latency(status.get("latency") or {})
    if quality:
        head = ("person", "jitter", "slide cm/s", "seen", "sure")
        lines = [
            f"<td>{_dot(person_colour(id))} {id}</td><td>{q.jitter:.1f}</td>"
            f"<td>{_number(q.foot_slide, 1)}</td><td>{q.seen:.0%}</td><td>{q.confidence:.0%}</td>"
            for id, q in sorted(quality.items())
        ]
        html += _table(["".join(f"<td>{_small(name)}</td>" for name in head), *lines])
    return _block(html)


def _latency(latency: Mapping[str, Any]) -> str:
    """A bar of the stages, as long as each takes, and their numbers."""
    known = {s: float(latency[s]) for s in STAGES if isinstance(latency.get(s), int | float)}
    total = isinstance(latency.get("total"), int | float)
    if not known and not total:
        return ""
    bar = "".join(
        f"<div style='flex:{max(ms, 0.01):.2f};background:{STAGES[stage]}'></div>"
        for stage, ms in known.items()
    )
    words = " ".join(
        f"<span style='color:{STAGES[stage]}'>{stage} <b>{ms:.1f}</b></span>"
        for stage, ms in known.items()
    )
    return (
        f"<div>{_small('latency ms')} <b>{_number(latency.get('total'), 1)}</b></div>"
        "<div style='display:flex;height:6px;border-radius:3px;overflow:hidden;margin:.3em 0'>"
        f"{bar}</div><div style='display:flex;justify-content:space-between'>{words}</div>"
    )


def person_colour(id: int) -> str:
    """The colour of a person's figure."""
    red, green, blue = PEOPLE[id % len(PEOPLE)].tolist()
    return f"rgb({red},{green},{blue})"


def notes(said: Sequence[tuple[bool, str]]) -> str:
    """The last messages, newest first; errors are told by their colour."""
    return _block(
        "<br>".join(
            f"<span style='color:{RED if wrong else GREY}'>{escape(text)}</span>"
            for wrong, text in reversed(said)
        )
    )


def outcome(text: str, wrong: bool) -> str:
    """What came of the last thing done."""
    return _block(f"<span style='color:{RED if wrong else GREEN}'>{escape(text)}</span>")


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else "-"


def _dot(colour: str) -> str:
    return f"<span style='color:{colour}'>●</span>"


def _block(html: str) -> str:
    return (
        "<div style='font-size:.86em;line-height:1.55;padding:.2em .75em .35em;"
        f"font-variant-numeric:tabular-nums;overflow-wrap:anywhere'>{html}</div>"
    )


def _small(name: str) -> str:
    return f"<span style='opacity:.55'>{escape(name)}</span>"


def _table(rows: Sequence[str]) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table style='width:100%;border-spacing:0;margin:.2em 0 .5em'>{body}</table>"
