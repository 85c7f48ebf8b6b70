"""The page of a report: what is on it, its drawings, its size, and how it is written."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from commands import Command
from hypothesis import given
from hypothesis import strategies as st
from known_people import FEET, FPS, jumping, moved, take_of, truth_of
from known_people import file as file
from motions import seeds
from synthetic import seen, standing

from mocap.report import report
from mocap.report.curves import thinned, thinned_spans
from mocap.report.gates import Gate
from mocap.report.page import STYLE, page
from mocap.take import Person, Take


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
