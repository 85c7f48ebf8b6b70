"""The report as lines for a person to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MANY = 6  # jumps that need no list


def text(figures: dict[str, Any]) -> str:
    """The report as lines for a person to read."""
    return "\n".join(line for person in figures["people"] for line in _lines(person))


def _lines(p: dict[str, Any]) -> Iterator[str]:
    yield (
        f"person {p['id']}: {p['frames']} frames, {p['seconds']:.1f} s at {p['fps']:g} fps, "
        f"{p['height_m']:.2f} m tall, travels {p['travel_m']:.1f} m"
    )
    yield (
        f"  seen        {p['tracked_percent']:g} % tracked, {p['held_percent']:g} % held, "
        f"{p['lost_percent']:g} % lost"
    )
    unseen = [f"{limb} {share:g} %" for limb, share in p["unseen_percent"].items() if share >= 1]
    if unseen:
        yield f"  not seen    {', '.join(unseen)} (at rest)"
    if p["leaps"]:
        yield f"  leaps       {p['leaps']}, faster than anyone can: people mixed up?"
    raw = p.get("raw", {})
    if "jitter" in p:
        yield f"  jitter      {p['jitter']:g} x 10 m/s^3{_before(raw, 'jitter')}"
    yield from _feet(p)
    if "bone_length_variation_percent" in p:
        share = p["bone_length_variation_percent"]
        said = "constant" if share < 0.1 else f"vary by {share:g} %"
        before = _before(raw, "bone_length_variation_percent", "vary by {:g} %")
        yield f"  bones       {said}{before}"
    if p.get("exchanges") or raw.get("exchanges"):
        yield (f"  left/right  exchanged {p.get('exchanges', 0)} times{_before(raw, 'exchanges')}")
    if "accuracy" in p:
        yield from _accuracy(p["accuracy"])


def _before(raw: dict[str, float], key: str, form: str = "{:g}") -> str:
    """What the raw landmarks have instead."""
    return f"  (raw landmarks: {form.format(raw[key])})" if key in raw else ""


def _feet(p: dict[str, Any]) -> Iterator[str]:
    if "penetration_cm" not in p:
        return
    slide = (
        f"slide {p['foot_slide_cm_s']:g} cm/s while standing (p95 {p['foot_slide_p95_cm_s']:g}; "
        f"{p['standing_percent']:g} % of the time)"
        if "foot_slide_cm_s" in p
        else "never seen standing"
    )
    yield (
        f"  feet        {slide}, sink {p['penetration_cm']:g} cm "
        f"(at worst {p['penetration_worst_cm']:g})"
    )
    if p.get("airborne_percent"):
        yield f"  in the air  {p['airborne_percent']:g} % of the time{_jumps(p['jumps'])}"


def _jumps(jumps: list[dict[str, float]]) -> str:
    heights = [jump["height_cm"] for jump in jumps]
    if not heights:
        return ""
    if len(heights) > MANY:
        return f"; {len(heights)} jumps of {min(heights):g} to {max(heights):g} cm"
    return f"; jumps of {', '.join(f'{height:g}' for height in heights)} cm"


def _accuracy(a: dict[str, float]) -> Iterator[str]:
    yield (
        f"  truth       PA-MPJPE {a['pa_mpjpe_mm']:g} mm, MPJPE {a['mpjpe_mm']:g} mm, "
        f"whole clip {a['clip_mm']:g} mm (rigid {a['clip_rigid_mm']:g})"
    )
    share = f", {a['root_error_percent']:g} % of travel" if "root_error_percent" in a else ""
    yield (
        f"              root {a['root_error_mm']:g} mm{share}, tilt {a['tilt_degrees']:g} "
        f"degrees, left/right flipped {a['flipped_percent']:g} %, "
        f"true jitter {a['true_jitter']:g}"
    )
    if "planted_slide_cm_s" in a:
        yield (
            f"              truly planted feet slide {a['planted_slide_cm_s']:g} cm/s, sink "
            f"{a['planted_penetration_cm']:g} cm, float {a['planted_float_cm']:g} cm; contacts "
            f"{a['contact_precision_percent']:g} % right, {a['contact_recall_percent']:g} % found"
        )
    if "true_jumps" in a:
        yield (
            f"              {a['true_jumps']:g} jumps, {a['missed_jumps']:g} missed, height off "
            f"by {a['jump_height_error_cm']:g} cm"
        )
