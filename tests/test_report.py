"""Reports on motion whose figures are known beforehand: figures, gates, lines, the page."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from motions import seeds
from synthetic import seen, standing, turn

from exporters import Options, write
from mocap import rotation
from mocap.arrays import Array
from mocap.errors import InvalidValue, UnknownName
from mocap.motion import Motion, TrackState
from mocap.report import report, text
from mocap.report.body import JOINTS
from mocap.report.curves import thinned, thinned_spans
from mocap.report.gates import Gate
from mocap.report.meaning import MEANINGS, flat, meaning_of
from mocap.report.page import STYLE, page
from mocap.skeleton import Skeleton
from mocap.take import Person, Take
from mocap.truth import Truth

FPS = 30.0
FEET = ("leftFoot", "rightFoot")
FIGURES = Path(__file__).parent.parent / "docs" / "figures.md"


def still(frames: int = 60, stands: bool = True) -> Motion:
    """Someone who stands on the spot, with marks."""
    motion = standing(np.arange(frames) / FPS)
    return replace(motion, contacts={foot: np.full(frames, stands) for foot in FEET})


def moved(motion: Motion, by: Array) -> Motion:
    """The motion with its root elsewhere: by (T, 3) or (3,) [m]."""
    return replace(motion, root=motion.root + by)


def jumping(frames: int = 60, fps: float = FPS) -> Motion:
    """Someone whose feet leave the floor after 20 frames and are back for the 33rd."""
    since = np.clip(np.arange(frames) - 20, 0, 12) / fps
    height = 9.81 / 2 * since * (12 / fps - since)
    motion = moved(still(frames), np.outer(height, [0.0, 1.0, 0.0]))
    return replace(motion, contacts={foot: height == 0 for foot in FEET})


def take_of(*motions: Motion) -> Take:
    return Take(tuple(Person(i, motion) for i, motion in enumerate(motions)))


def figures_of(motion: Motion, truth: Truth | None = None) -> dict[str, Any]:
    return report(take_of(motion), truth)["people"][0]


def truth_of(motion: Motion, contacts: bool = True) -> Truth:
    """The motion itself as the truth."""
    positions, _ = motion.fk()
    index = [motion.skeleton.index(joint) for joint in JOINTS]
    marks = np.stack([motion.contacts[foot] for foot in FEET], axis=1) if contacts else None
    return Truth(tuple(JOINTS), motion.times, positions[:, index], marks)


# --- figures of any motion -----------------------------------------------------------------


def test_nothing_is_wrong_with_someone_who_stands() -> None:
    figures = flat(figures_of(still()))
    for name in ("jitter", "foot_slide_cm_s", "foot_slide_p95_cm_s", "penetration_cm", "leaps",
                 "penetration_worst_cm", "bone_length_variation_percent", "exchanges",
                 "airborne_percent", "jump_count", "held_percent", "lost_percent"):  # fmt: skip
        assert figures[name] == 0, name
    assert figures["tracked_percent"] == figures["standing_percent"] == 100
    assert {m.grade(figures[m.key]) for m in MEANINGS if m.key in figures} == {"good", None}


@given(st.floats(0, 50), st.floats(0, 2 * np.pi))
def test_slide_is_the_speed_of_all_that_stands(speed: float, direction: float) -> None:
    way = np.outer(np.arange(60) / FPS, [np.cos(direction), 0, np.sin(direction)])
    figures = figures_of(moved(still(), way * speed / 100))
    assert figures["foot_slide_cm_s"] == pytest.approx(speed, abs=0.006)
    assert figures["foot_slide_p95_cm_s"] == pytest.approx(speed, abs=0.006)


def test_a_foot_that_rolls_over_its_ball_does_not_slide() -> None:
    """The ankle moves, the toe joint stays: no slide, though the ankle is the lower for a while."""
    motion = still()
    lean = np.linspace(0, 40, 60)
    rolled = standing(motion.times, leftFoot=turn("x", lean), rightFoot=turn("x", lean))
    positions, _ = rolled.fk()
    toes = positions[:, rolled.skeleton.index("leftToes")]
    rolled = replace(moved(rolled, toes[0] - toes), contacts=motion.contacts)
    figures = figures_of(rolled)
    assert figures["foot_slide_cm_s"] == pytest.approx(0, abs=1e-6)


def test_slide_counts_only_while_the_person_is_seen() -> None:
    way = np.zeros((60, 3))
    way[30:, 0] = np.arange(30) * 0.1
    state = np.where(np.arange(60) < 30, TrackState.TRACKED, TrackState.HELD)
    figures = figures_of(replace(moved(still(), way), state=state))
    assert figures["foot_slide_cm_s"] == 0
    assert figures["held_percent"] == 50


def test_feet_below_the_floor_sink() -> None:
    depth = np.zeros((60, 3))
    depth[:15, 1] = -0.04
    figures = figures_of(moved(still(), depth))
    assert figures["penetration_cm"] == pytest.approx(1.0)
    assert figures["penetration_worst_cm"] == pytest.approx(4.0)
    assert figures_of(moved(still(), -depth))["penetration_worst_cm"] == 0


@pytest.mark.parametrize("fps", [25.0, 30.0, 60.0])
def test_a_jump_is_found_with_its_height(fps: float) -> None:
    motion = jumping()
    motion = replace(motion, times=np.arange(60) / fps)
    height = np.ptp(motion.root[:, 1]) * 100
    figures = figures_of(motion)
    assert len(figures["jumps"]) == figures["jump_count"] == 1
    jump = figures["jumps"][0]
    assert jump["height_cm"] == figures["jump_height_cm"] == pytest.approx(height, abs=0.051)
    assert 20 / fps < jump["from_s"] < jump["to_s"] < 33 / fps
    assert 0 < figures["airborne_percent"] <= 100 * 12 / 60


def test_feet_without_marks_that_are_low_are_not_in_the_air() -> None:
    assert figures_of(still(stands=False))["airborne_percent"] == 0
    flying = moved(still(stands=False), np.array([0.0, 1.0, 0.0]))
    figures = figures_of(flying)
    assert figures["airborne_percent"] == 100
    assert figures["jumps"] == []  # it never began
    assert "foot_slide_cm_s" not in figures


def test_a_leap_is_what_nobody_can() -> None:
    way = np.zeros((60, 3))
    way[20:, 2] = 1.0  # 30 m/s
    assert figures_of(moved(still(), way))["leaps"] == 1
    way[20:, 2] = 0.4  # 12 m/s
    assert figures_of(moved(still(), way))["leaps"] == 0
    unseen = np.where(np.arange(60) == 19, TrackState.HELD, TrackState.TRACKED)
    assert figures_of(replace(moved(still(), way * 9), state=unseen))["leaps"] == 0


def test_bones_that_stretch_are_told() -> None:
    motion = still()
    offsets = np.tile(motion.skeleton.offsets, (60, 1, 1))
    offsets[::2, motion.skeleton.index("leftLowerLeg")] *= 1.1
    found = figures_of(replace(motion, translations=offsets))["bone_length_variation_percent"]
    # one length of eight is 1 or 1.1 by turns
    assert found == pytest.approx(100 * 0.05 / 1.05 / 8, abs=0.006)


def test_sides_exchanged_show_where_it_begins_and_ends() -> None:
    """Of the raw landmarks and of the result, each for itself."""
    motion = standing(np.arange(30) / FPS, leftUpperLeg=turn("z", 20), rightUpperLeg=turn("z", -20))
    track = seen(motion)
    pairs = [track.layout.points.index(p.replace("left", "#").replace("right", "left")
             .replace("#", "right")) for p in track.layout.points]  # fmt: skip
    image = track.image.copy()
    image[10:15] = image[10:15][:, pairs]
    flipped = replace(track, image=image)
    figures = report(Take((Person(0, motion, flipped),)))["people"][0]
    assert figures["raw"]["exchanges"] == 2
    assert figures["exchanges"] == 0
    assert report(Take((Person(0, motion, track),)))["people"][0]["raw"]["exchanges"] == 0


@given(seeds)
def test_nobody_who_moves_at_human_speed_exchanges_sides(seed: int) -> None:
    random = np.random.default_rng(seed)
    t = np.arange(60) / FPS
    swing = random.uniform(20, 60) * np.sin(2 * np.pi * (random.uniform(0.5, 2) * t))
    walk = standing(t, leftUpperLeg=turn("x", swing), rightUpperLeg=turn("x", -swing),
                    leftUpperArm=turn("x", -swing), rightUpperArm=turn("x", swing))  # fmt: skip
    assert figures_of(walk)["exchanges"] == 0


def test_raw_landmarks_stand_beside_the_result() -> None:
    motion = still()
    track = seen(motion)
    random = np.random.default_rng(0)
    assert track.world is not None
    noisy = replace(track, world=track.world + random.normal(0, 0.01, track.world.shape))
    raw = report(Take((Person(0, motion, noisy),)))["people"][0]["raw"]
    assert raw["jitter"] > 100
    assert 1 < raw["bone_length_variation_percent"] < 10


# --- motion of any origin ------------------------------------------------------------------


def walking(frames: int = 90) -> Motion:
    """Someone who walks on the spot, without marks, lowest foot on the floor."""
    t = np.arange(frames) / FPS
    knee = np.maximum(0, 40 * np.sin(2 * np.pi * t)), np.maximum(0, -40 * np.sin(2 * np.pi * t))
    return standing(
        t, leftUpperLeg=turn("x", -1.3 * knee[0]), leftLowerLeg=turn("x", 2 * knee[0]),
        rightUpperLeg=turn("x", -1.3 * knee[1]), rightLowerLeg=turn("x", 2 * knee[1]),
    )  # fmt: skip


def test_feet_without_marks_stand_where_they_are_low_and_slow() -> None:
    figures = figures_of(walking())
    assert figures["standing_percent"] > 90
    assert figures["foot_slide_cm_s"] < 1
    assert figures["airborne_percent"] == 0
    marked = replace(walking(), contacts={foot: np.ones(90, bool) for foot in FEET})
    assert figures_of(marked)["foot_slide_cm_s"] > 10  # the marks are believed


def test_the_up_axis_of_a_file_does_not_matter() -> None:
    """A body whose rest pose lies in a world with +Z up has the figures of one that stands."""
    motion = walking()
    tip = turn("x", 90)
    body = motion.skeleton
    lying = Skeleton(
        body.names, body.parents, rotation.rotate(tip[None], body.offsets),
        rotation.rotate(tip[None], body.tips),
    )  # fmt: skip
    turned = rotation.mul(rotation.mul(tip, motion.rotations), rotation.inv(tip))
    root = rotation.rotate(tip[None], motion.root)
    expected = flat(figures_of(motion))
    found = flat(figures_of(Motion(lying, motion.times, root, turned)))
    for name in expected.keys() - {"height_m"}:
        assert found[name] == pytest.approx(expected[name], abs=0.011), name


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


def all_lost() -> Motion:
    motion = still()
    return replace(
        motion,
        state=np.full(len(motion), TrackState.LOST),
        confidence=np.zeros((len(motion), len(motion.skeleton))),
    )


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


# --- gates ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "failed"),
    [
        ("jitter>0", False),
        ("jitter >= 0", True),
        ("tracked<100", False),
        ("tracked_percent <=100", True),
        (" penetration > -1e-3 ", True),
        ("leaps<1", True),
    ],
)
def test_a_gate_fails_where_its_comparison_holds(gate: str, failed: bool) -> None:
    assert [v["failed"] for v in Gate.parse(gate).check(report(take_of(still())))] == [failed]


NO_GATES = "jitter >2 jitter> jitter=2 jitter>two jitter>nan jitter>inf jitter>1>2 jitter==1"


@pytest.mark.parametrize("gate", ["", *NO_GATES.split()])
def test_a_gate_that_is_none_is_named(gate: str) -> None:
    with pytest.raises(InvalidValue, match=f"gate {re.escape(repr(gate))}: expected a figure"):
        Gate.parse(gate)


def test_a_gate_is_for_everyone_who_has_the_figure() -> None:
    sliding = moved(still(), np.outer(np.arange(60) / FPS, [0.1, 0, 0]))
    figures = report(take_of(still(), sliding, all_lost()))
    verdicts = Gate.parse("foot_slide>2").check(figures)
    assert [(v["person"], v["failed"]) for v in verdicts] == [(0, False), (1, True)]


@pytest.mark.parametrize(
    ("gate", "needs"),
    [
        ("pa_mpjpe>50", "no pa_mpjpe_mm; it needs the truth: --truth FILE"),
        ("jump_height<10", "no jump_height_cm; nobody jumps"),
        ("raw_jitter>50", "no raw_jitter; it needs the raw landmarks"),
        ("contact_f1<90", "no contact_f1_percent; it needs a truth with contacts"),
    ],
)
def test_a_gate_on_what_the_take_does_not_have_says_so(gate: str, needs: str) -> None:
    with pytest.raises(InvalidValue, match=re.escape(f"gate {gate!r}: the take has {needs}")):
        Gate.parse(gate).check(report(take_of(still())))


# --- the page ------------------------------------------------------------------------------


def drawings(shown: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", shown, re.DOTALL)


def test_the_page_needs_nothing_else_and_is_the_same_on_every_run() -> None:
    motion, truth = jumping(), truth_of(jumping())
    take = Take((Person(0, motion, seen(motion)),), made={"source": "a&b.mp4"})
    figures = report(take, truth)
    shown = page(take, figures, truth, Gate.parse("jumps>0").check(figures), "<take>")
    assert shown == page(take, figures, truth, Gate.parse("jumps>0").check(figures), "<take>")
    rest = re.sub(r'xmlns(:xlink)?="[^"]*"', "", shown)
    for other in ("http", "<script", "src=", "url(//", "@import", "<link", "<image"):
        assert other not in rest, other
    assert "<title>&lt;take&gt;: motion report</title>" in shown
    assert "a&amp;b.mp4" in shown
    assert "jumps&gt;0" in shown
    for label in ("Foot slide", "Highest jump", "Pose error", "Jump height error"):
        assert f"<h4>{label}</h4>" in shown


def test_every_drawing_is_sound_and_takes_its_colours_from_the_page() -> None:
    motion = jumping()
    unsure = replace(motion, confidence=np.full((60, 22), 0.5))
    take = Take((Person(0, unsure, seen(motion)), Person(1, motion)))
    truth = truth_of(motion)
    shown = page(take, report(take, truth), truth)
    style = STYLE.read_text(encoding="utf-8")
    found = drawings(shown)
    assert len(found) == 2 * (6 + 4)  # each for a wide page and for a phone
    ids: list[str] = []
    for svg in found:
        ET.fromstring(svg)
        assert not re.search(r"#[0-9a-f]{6}\b", re.sub(r'(id|href)="[^"]*"', "", svg))
        assert set(re.findall(r"var\(--(\w+)\)", svg)) <= set(re.findall(r"--(\w+):", style))
        assert set(re.findall(r"url\(#(.*?)\)", svg)) <= set(re.findall(r' id="(.*?)"', svg))
        ids += re.findall(r' id="(.*?)"', svg)
    assert len(ids) == len(set(ids))


def test_ten_minutes_make_a_page_of_less_than_three_megabytes() -> None:
    frames = 18_000
    t = np.arange(frames) / FPS
    random = np.random.default_rng(0)
    motion = replace(
        moved(standing(t), random.normal(0, 0.5, (frames, 3))),
        state=random.integers(0, 3, frames),
        confidence=random.random((frames, 22)),
        contacts={foot: random.random(frames) < 0.5 for foot in FEET},
    )
    take = take_of(motion)
    assert len(page(take, report(take)).encode()) < 3e6


@given(seeds, st.integers(1, 400), st.integers(4, 60))
def test_a_thinned_curve_keeps_its_peaks_and_gaps(seed: int, frames: int, count: int) -> None:
    random = np.random.default_rng(seed)
    times, values = np.arange(frames) / FPS, random.normal(size=frames)
    t, v = thinned(times, values, count)
    assert len(t) <= max(count, 2)
    assert np.all(np.diff(t) > 0)
    assert np.isin(np.stack([t, v], 1), np.stack([times, values], 1)).all()
    assert (v.min(), v.max()) == (values.min(), values.max())
    values[frames // 3 : 2 * frames // 3] = np.nan
    if frames > count >= 12:
        assert np.isnan(thinned(times, values, count)[1]).any()


@given(st.lists(st.booleans(), min_size=2, max_size=200), st.integers(2, 50))
def test_thinned_spans_lie_apart_and_within(on: list[bool], count: int) -> None:
    times = np.arange(len(on)) / FPS
    found = thinned_spans(times, np.array(on), count)
    ends = [edge for start, length in found for edge in (start, start + length)]
    assert all(a < b + 1e-9 for a, b in pairwise(ends))
    assert not ends or (ends[0] >= 0 and ends[-1] <= len(on) / FPS + 1e-9)
    if len(on) <= count:
        assert sum(length for _, length in found) == pytest.approx(sum(on) / FPS)


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "take.json"
    write(take_of(jumping(), still()), path, Options())
    return path


def test_a_failed_gate_is_one_line_and_status_1(command: Command, file: Path) -> None:
    shown = command("report", file, "--fail-on", "jumps>0", "--fail-on", "lost > 5")
    assert shown.status == 1
    assert shown.err == ("mocap: person 0: jump_count is 1, which fails 'jumps>0' (limit 0)\n")
    assert shown.out.startswith("person 0: ")
    assert command("report", file, "--fail-on", "jumps>1").status == 0


def test_gates_are_part_of_the_json(command: Command, file: Path) -> None:
    shown = command("report", file, "--json", "--fail-on", "jumps>0")
    assert shown.status == 1
    gates = json.loads(shown.out)["gates"]
    assert gates[0] == {
        "gate": "jumps>0", "person": 0, "figure": "jump_count", "value": 1.0, "limit": 0.0,
        "failed": True,
    }  # fmt: skip
    assert [gate["failed"] for gate in gates] == [True, False]
    assert "gates" not in json.loads(command("report", file, "--json").out)


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("slide>1", "unknown figure 'slide'; known: "),
        ("foot_slide=1", "gate 'foot_slide=1': expected a figure, one of <= >= < >, and a number"),
        ("mpjpe>1", "the take has no mpjpe_mm; it needs the truth"),
    ],
)
def test_a_gate_that_cannot_be_told_is_status_2(
    command: Command, file: Path, gate: str, says: str
) -> None:
    shown = command("report", file, "--fail-on", gate)
    assert (shown.status, shown.out) == (2, "")
    assert says in shown.err
    assert shown.err.count("\n") == 1


def test_the_page_is_written(command: Command, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    shown = command("report", file, "--html", out)
    assert shown.status == 0
    assert shown.out.endswith(f"wrote {out}\n")
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]
    assert json.loads(command("report", file, "--html", out, "--json").out)["files"] == [str(out)]


def test_a_page_that_cannot_be_written_is_told_before_the_work(
    command: Command, file: Path, tmp_path: Path
) -> None:
    shown = command("report", file, "--html", tmp_path)
    assert (shown.status, shown.out) == (2, "")
    assert "it is a folder; give a file name" in shown.err
