"""Gates: comparisons of figures that make `mocap report` fail, and that command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from commands import Command
from known_people import FPS, all_lost, moved, still, take_of
from known_people import file as file

from mocap.errors import InvalidValue
from mocap.report import report
from mocap.report.gates import Gate


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


# --- the command ---------------------------------------------------------------------------


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
