"""The folder of takes: whatever they are called, they lie in it, each under a name of its own."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from recordings import CLOCK, PAIR, header, small

from exporters.journal_lines import header_line
from mocap.errors import InvalidValue
from mocap.takes.folder import LONGEST, TakeFolder, safe_name

AWKWARD = st.lists(
    st.sampled_from(["..", ".", "/", "\\", ":", "\0", " ", "CON", "nul.txt", "~", "-", "%2e", "a"])
    | st.text(max_size=3)
).map("".join)


@given(st.text() | AWKWARD)
@example("../../etc/passwd")
@example("..\\..\\boot.ini")
@example("C:\\dance")
@example("com1.take")
@example("con .x")
@example("a" * 5000)
@example("é" * 119 + "..")
@example("\ud800")
@example("dance.jsonl:stream")
@example("\u202egnp.exe")
def test_any_name_becomes_a_safe_one(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode("utf-8")) <= LONGEST
    assert safe == unicodedata.normalize("NFC", safe)
    assert not set(safe) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(c)[0] == "C" for c in safe)
    assert safe[0] not in ".- "
    assert safe[-1] not in ". "
    assert ".." not in safe
    assert not PureWindowsPath(safe).is_reserved()
    assert not PureWindowsPath(f"{safe}.jsonl").is_reserved()
    folder = Path("/takes")
    assert (folder / f"{safe}.jsonl").resolve().parent == folder.resolve()
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Dance 1", "Dance 1"),
        ("Tänzer (2) & ドラマ", "Tänzer (2) & ドラマ"),
        ("A\u0308rger", "Ärger"),
        ("a/b\\c", "a_b_c"),
        ("...hidden", "hidden"),
        ("--help", "help"),
        ("v1.2", "v1.2"),
        ("NUL", "take_NUL"),
        ("lpt9.final", "take_lpt9.final"),
        ("concert", "concert"),
        ("../..", "take"),
        ("", "take"),
    ],
)
def test_names_stay_as_near_as_can_be(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_new_take_lies_in_the_folder_under_a_name_of_its_own(tmp_path: Path) -> None:
    folder = TakeFolder(tmp_path / "takes")
    assert folder.new("a") == tmp_path / "takes" / "a.jsonl"
    assert folder.list() == []
    assert not folder.path.exists()
    folder.path.mkdir()
    (folder.path / "a.jsonl").touch()
    (folder.path / "B.bvh").touch()  # made from a take that is gone
    (folder.path / "c.jsonl").symlink_to("nowhere")
    assert folder.new("a").name == "a_2.jsonl"
    assert folder.new("A").name == "A_2.jsonl"
    assert folder.new("b").name == "b_2.jsonl"
    assert folder.new("c").name == "c_2.jsonl"
    (folder.path / "a_2.jsonl").touch()
    assert folder.new("a").name == "a_3.jsonl"
    long = "x" * 500
    (folder.path / folder.new(long).name).touch()
    assert folder.new(long).name == "x" * (LONGEST - 2) + "_2.jsonl"


def test_a_take_without_a_name_is_called_after_its_time(tmp_path: Path) -> None:
    name = TakeFolder(tmp_path).new().name
    assert re.fullmatch(r"take_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.jsonl", name)


def write(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(b"".join(lines))


def test_the_list_tells_what_there_is(tmp_path: Path) -> None:
    head = header(PAIR, name="Later/on", note="n")
    head = replace(head, started=head.utc(CLOCK + 60))
    write(tmp_path / "b.jsonl", [header_line(head), *small(7)[1:-1]])
    write(tmp_path / "a.jsonl", small(4))
    write(tmp_path / "broken.jsonl", [b"hello\n"])
    write(tmp_path / "other.json", small(4))
    (tmp_path / "folder.jsonl").mkdir()
    outside = tmp_path.parent / f"{tmp_path.name}_outside.jsonl"
    write(outside, small(4))
    (tmp_path / "link.jsonl").symlink_to(outside)
    assert [take.to_dict() for take in TakeFolder(tmp_path).list()] == [
        {
            "name": "b",
            "title": "Later/on",
            "note": "n",
            "started": "2026-11-21T14:04:02.123Z",
            "seconds": 0.2,
            "people": 1,
            "complete": False,
        },
        {
            "name": "a",
            "title": "dance",
            "note": "second try",
            "started": "2026-11-21T14:03:02.123Z",
            "seconds": 0.1,
            "people": 1,
            "complete": True,
        },
    ]


def test_takes_are_found_by_name_and_nothing_else_is(tmp_path: Path) -> None:
    inside = tmp_path / "takes"
    inside.mkdir()
    write(tmp_path / "secret.jsonl", small(4))
    write(inside / "Tänzer.jsonl", small(4))
    (inside / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    folder = TakeFolder(inside)
    assert folder.path_of("Tänzer") == inside / "Tänzer.jsonl"
    assert folder.path_of("TA\u0308NZER") == inside / "Tänzer.jsonl"
    for name in ("../secret", str(tmp_path / "secret"), "link", "", ".", "\0", "Tänzer.jsonl"):
        with pytest.raises(InvalidValue, match=r"there are: Tänzer$"):
            folder.path_of(name)


def test_a_folder_given_by_a_link_is_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert TakeFolder(tmp_path / "link").new("a") == tmp_path / "real" / "a.jsonl"
