"""Reports as a whole: on takes of any kind, against the truth, and what every figure means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_people import (
    FPS,
    all_lost,
    figures_of,
    jumping,
    moved,
    still,
    take_of,
    truth_of,
    walking,
)
from synthetic import seen

from mocap import rotation
from mocap.errors import InvalidValue, UnknownName
from mocap.motion import Motion
from mocap.report import report, text
from mocap.report.meaning import MEANINGS, flat, meaning_of
from mocap.report.page import page
from mocap.skeleton import Skeleton
from mocap.take import Person, Take
from mocap.truth import Truth

# --- takes of any kind ---------------------------------------------------------------------


def without_torso() -> Motion:
    """A rig whose limbs hang on its hips: nobody can say how it stands."""
    body = still().skeleton
    kept = [n for n in body.names if n not in ("spine", "chest", "upperChest", "neck", "head")]
    kept = [n for n in kept if "Shoulder" not in n]
    index = [body.index(n) for n in kept]
    at = body.rest_positions
    parents = [kept.index(p) if (p := body.parent(n)) in kept else 0 for n in kept]
    parents[0] = -1
    above = [at[index[p]] if p >= 0 else np.zeros(3) for p in parents]
    offsets = at[index] - above
    rig = Skeleton(tuple(kept), np.array(parents), offsets, body.tips[index])
    q = rotation.identity(20, len(rig))
    return Motion(rig, np.arange(20) / FPS, np.tile(offsets[0], (20, 1)), q)


ODD: dict[str, Callable[[], Take]] = {
    "no frame": lambda: take_of(still()[:0]),
    "one frame": lambda: take_of(still()[:1]),
    "two frames": lambda: take_of(still()[:2]),
    "everyone lost": lambda: take_of(all_lost()),
    "one lost": lambda: take_of(all_lost(), still()),
    "feet unknown": lambda: take_of(without_torso()),
    "no marks": lambda: take_of(walking()),
    "one frame without marks": lambda: take_of(walking()[:1]),
    "jumps": lambda: take_of(jumping(), jumping()),
    "raw, one frame": lambda: Take((Person(0, still()[:1], seen(still()[:1])),)),
    "raw": lambda: Take((Person(3, still(), seen(still())), Person(5, still()))),
    "landmarks of another": lambda: Take((Person(0, still()), Person(1, None, seen(still())))),
}
EACH_ODD = pytest.mark.parametrize("take", [make() for make in ODD.values()], ids=list(ODD))


@EACH_ODD
def test_every_take_has_a_report_in_lines_in_json_and_as_a_page(take: Take) -> None:
    figures = report(take)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    moving = [p.id for p in take.people if p.motion is not None]
    assert re.findall(r"^person (\d+)", text(figures), re.MULTILINE) == list(map(str, moving))
    shown = page(take, figures)
    assert re.findall(r"<h2>Person (\d+)", shown) == list(map(str, moving))
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", shown)


def test_what_cannot_be_told_is_absent_and_no_zero() -> None:
    lost, one, feet = (
        flat(report(ODD[name]())["people"][0])
        for name in ("everyone lost", "one frame", "feet unknown")
    )
    for name in ("jitter", "foot_slide_cm_s", "airborne_percent", "exchanges"):
        assert name not in lost
    assert lost["lost_percent"] == 100
    assert "jitter" not in one
    assert "jitter" in feet
    assert not {"standing_percent", "penetration_cm", "foot_slide_cm_s"} & feet.keys()


# --- against the truth ---------------------------------------------------------------------


def test_the_truth_itself_has_no_error() -> None:
    motion = jumping()
    accuracy = figures_of(motion, truth_of(motion))["accuracy"]
    for name in ("pa_mpjpe_mm", "mpjpe_mm", "n_mpjpe_mm", "clip_mm", "clip_rigid_mm",
                 "root_error_mm", "acceleration_error", "flipped_percent", "planted_slide_cm_s",
                 "planted_penetration_cm", "planted_float_cm", "missed_jumps",
                 "jump_height_error_cm"):  # fmt: skip
        assert accuracy[name] == 0, name
    for name in ("precision", "recall", "f1"):
        assert accuracy[f"contact_{name}_percent"] == 100
    assert accuracy["true_jumps"] == 1


def test_feet_are_judged_while_the_truth_has_them_on_the_floor() -> None:
    """A jump not captured at all; then one in the air by mistake; then a slide and a sink."""
    flat_out = figures_of(still(), truth_of(jumping()))["accuracy"]
    assert flat_out["missed_jumps"] == 1
    height = float(np.ptp(jumping().root[:, 1]) * 100)
    assert flat_out["jump_height_error_cm"] == pytest.approx(height, abs=0.006)
    on = float(np.mean(jumping().contacts["leftFoot"]))
    assert flat_out["contact_precision_percent"] == pytest.approx(100 * on, abs=0.006)
    assert flat_out["contact_recall_percent"] == 100
    rash = figures_of(jumping(), truth_of(still()))["accuracy"]
    assert rash["contact_recall_percent"] == pytest.approx(100 * on, abs=0.006)
    assert "true_jumps" not in rash
    way = np.outer(np.arange(60) / FPS, [0.03, 0, 0.04]) - [0.0, 0.02, 0.0]
    off = figures_of(moved(still(stands=False), way), truth_of(still()))["accuracy"]
    assert off["planted_slide_cm_s"] == pytest.approx(5.0)
    assert off["planted_penetration_cm"] == pytest.approx(2.0)
    assert off["planted_float_cm"] == 0
    assert off["contact_f1_percent"] == 0


def test_a_truth_without_contacts_says_nothing_of_feet() -> None:
    accuracy = figures_of(still(), truth_of(still(), contacts=False))["accuracy"]
    assert "pa_mpjpe_mm" in accuracy
    assert not [name for name in accuracy if name.startswith(("planted", "contact", "true_jumps"))]


def test_the_truth_is_of_the_first_person() -> None:
    first, second = report(take_of(still(), still()), truth_of(still()))["people"]
    assert "accuracy" in first
    assert "accuracy" not in second


def test_a_truth_of_another_time_is_refused() -> None:
    truth = truth_of(still())
    late = Truth(truth.names, truth.times + 100, truth.positions, truth.contacts)
    with pytest.raises(InvalidValue, match=r"from 100\.00 to 101\.97 s; needed are"):
        report(take_of(still()), late)


# --- meaning -------------------------------------------------------------------------------


FIGURES = Path(__file__).parent.parent / "docs" / "figures.md"


def full() -> dict[str, Any]:
    """A report with every figure there is."""
    motion = jumping()
    way = np.outer(np.arange(60) / FPS, [1.0, 0, 0])
    motion = moved(motion, way)
    return report(Take((Person(0, motion, seen(motion)),)), truth_of(motion))


def test_every_figure_has_a_meaning_and_stands_in_the_document() -> None:
    person = full()["people"][0]
    shown = FIGURES.read_text(encoding="utf-8")
    assert flat(person).keys() == {m.key for m in MEANINGS}
    for key in {*person, *person["raw"], *person["accuracy"]} - {"id", "raw", "accuracy"}:
        assert f"`{key}`" in shown, key
    for m in MEANINGS:
        assert m.alias in shown or m.alias.startswith(("raw_", "unseen_")), m.alias


def test_names_are_told_apart() -> None:
    names = [name for m in MEANINGS for name in {m.key, m.alias}]
    assert len(names) == len(set(names))
    assert meaning_of("foot_slide") is meaning_of("foot_slide_cm_s")
    with pytest.raises(UnknownName, match=r"unknown figure 'slide'; known: .*foot_slide, "):
        meaning_of("slide")


@pytest.mark.parametrize("meaning", [m for m in MEANINGS if m.good is not None], ids=str)
def test_grades_go_one_way(meaning: Any) -> None:
    order = ["good", "fair", "poor"]
    values = np.linspace(0, 200, 401)
    grades = [order.index(meaning.grade(v)) for v in (values[::-1] if meaning.rising else values)]
    assert grades == sorted(grades)
    assert meaning.grade(meaning.good) == "good"
    assert meaning.grade(meaning.fair) in ("good", "fair")
