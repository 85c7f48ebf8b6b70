"""What hosts read of takes is what the package reads; faults are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocap_bridge import takes  # type: ignore[import-not-found]
from mocap_bridge.shared import json_take  # type: ignore[import-not-found]
from mocap_bridge.shared.errors import TakeError  # type: ignore[import-not-found]
from mocap_bridge.takes import take_of  # type: ignore[import-not-found]
from motions import motions
from reading import GOLDEN, assert_same, json_of, moving_people, standing

import exporters.json_take
from mocap.motion import Motion


@given(st.lists(motions(), min_size=1, max_size=2))
def test_takes_are_read_as_the_package_reads_them(people: list[Motion]) -> None:
    data = json_of(*people)
    expected = moving_people(exporters.json_take.loads(data))
    clips = take_of(json_take.loads(data)).clips
    assert [clip.person for clip in clips] == list(expected)
    for clip in clips:
        assert_same(clip, expected[clip.person])


def test_a_take_beside_landmarks() -> None:
    data = (GOLDEN / "journal" / "dance.json").read_bytes()
    expected = moving_people(exporters.json_take.loads(data))
    found = takes.read(GOLDEN / "journal" / "dance.json")
    assert [clip.person for clip in found.clips] == list(expected)
    for clip in found.clips:
        assert_same(clip, expected[clip.person])


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    """A change of a document: the value at a path."""

    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("format", value="other"), "not a take"),
        (put("format", value="mocap-journal"), "ending .jsonl"),
        (put("version", value=2), "version: expected 1, got 2; a newer version of this add-on"),
        (put("version", value=True), "version: expected 1, got True"),
        (put("unit", value="cm"), 'unit: expected "m"'),
        (put("axes", "up", value="+Z"), "axes: expected"),
        (put("people", value=[]), "nobody is in it"),
        (put("people", 0, value=7), r"people\[0\]: expected an object"),
        (put("people", 0, "id", value=None), r"people\[0\].id: missing"),
        (put("people", 0, "id", value=1.5), r"people\[0\].id: expected a whole number"),
        (put("people", 0, "skeleton", "bones", value=[]), "at least one bone"),
        (put("people", 0, "skeleton", "bones", 2, "parent", value="x"), "unknown 'x'"),
        (put("people", 0, "skeleton", "bones", 2, "parent", value=None), "one root"),
        (put("people", 0, "skeleton", "bones", -1, "name", value="hips"), "used twice"),
        (put("people", 0, "skeleton", "bones", 2, "offset", value=[1]), "expected bones with"),
        (put("people", 0, "root", value=[]), r"people\[0\].root: expected 3 rows"),
        (put("people", 0, "root", 1, value=[0, 0]), r"people\[0\].root\[1\]: expected 3 numbers"),
        (put("people", 0, "root", 1, 1, value=None), r"people\[0\].root: expected a list of num"),
        (put("people", 0, "root", 1, 1, value=10**400), r"people\[0\].root: .* up to 1e\+12"),
        (put("people", 0, "rotations", 1, 3, value=0.5), r"people\[0\].rotations: expected unit"),
        (put("times", value=[0, 0, 1]), "times: expected increasing"),
        (put("times", 0, value="0"), "times: expected a list of numbers"),
    ],
)
def test_faults_of_takes_are_named(change: Callable[[Any], None], message: str) -> None:
    document = json.loads(json_of(standing(3)))
    change(document)
    with pytest.raises(TakeError, match=message):
        json_take.loads(json.dumps(document).encode())


def test_landmarks_alone_are_no_motion() -> None:
    document = json.loads(json_of(standing(2)))
    del document["people"][0]["skeleton"]
    with pytest.raises(TakeError, match="only landmarks; mocap capture solves them"):
        json_take.loads(json.dumps(document).encode())


def test_faults_begin_with_the_name_of_the_file(tmp_path: Path) -> None:
    for name, data, message in (
        ("none.json", None, "none.json: cannot read: No such file or directory"),
        ("a.json", b'{\n"a": }', "a.json: line 2: not JSON: Expecting value"),
        ("a.jsonl", b"{}\n", "a.jsonl: not a journal"),
        ("a.bvh", b"HIERARCHY\n", "a.bvh: not a BVH file"),
        ("a.fbx", b"", "a.fbx: expected a file of .json, .jsonl, .bvh"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(TakeError, match=message) as caught:
            takes.read(tmp_path / name)
        assert "\n" not in str(caught.value)
