"""Weights: the lists, the folders, what is fetched and how, and the command without PyTorch."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from commands import Command

from mocap import weights
from mocap.errors import FormatError, InvalidValue, OutputError, SourceError, UnknownName
from mocap.fetch import fetch
from mocap.weights import Entry

ROOT = Path(__file__).parent.parent
FILE = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(FILE).hexdigest()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder."""
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "own"))
    return tmp_path / "own"


@dataclass
class Served:
    """A file on a server of this computer, and how the server behaves."""

    url: str = ""
    data: bytes = FILE
    etag: str | None = '"one"'
    ranges: bool = True
    off: int = 0  # bytes by which the part that it sends is not the one asked for
    cut: int | None = None  # bytes after which the connection ends
    status: int = 0
    says_length: bool = True
    moved_to: str = "/network.bin"
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def served() -> Iterator[Served]:
    told = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            told.asked.append(wanted)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", told.moved_to)
                self.end_headers()
                return
            if told.status:
                self.send_error(told.status)
                return
            begin = 0
            if wanted and told.ranges and self.headers.get("If-Range") == told.etag:
                begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if begin >= len(told.data):
                    self.send_error(416)
                    return
            self.send_response(206 if begin else 200)
            if begin:
                begin += told.off
                whole = f"{len(told.data) - 1}/{len(told.data)}"
                self.send_header("Content-Range", f"bytes {begin}-{whole}")
            if told.etag:
                self.send_header("ETag", told.etag)
            if told.says_length:
                self.send_header("Content-Length", str(len(told.data) - begin))
            self.end_headers()
            self.wfile.write(told.data[begin : told.cut])

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/network.bin"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_whole(served: Served, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    target = tmp_path / "new" / "network.bin"
    found = fetch(served.url, target, sha256=SHA256, progress=lambda *now: told.append(now))
    assert found == SHA256
    assert target.read_bytes() == FILE
    assert left(target.parent) == ["network.bin"]
    assert told[-1] == (len(FILE), len(FILE))
    fetch(served.url, target, sha256=SHA256)
    assert len(served.asked) == 1  # it was there already


def test_what_broke_off_goes_on(served: Served, tmp_path: Path) -> None:
    target = tmp_path / "network.bin"
    served.cut = 300_000
    with pytest.raises(SourceError, match="broke off after 300000 of 1024000 bytes"):
        fetch(served.url, target, sha256=SHA256)
    assert not target.exists()
    served.cut = None
    assert fetch(served.url, target, sha256=SHA256) == SHA256
    assert served.asked == [None, "bytes=300000-"]
    assert target.read_bytes() == FILE
    assert left(tmp_path) == ["network.bin"]


def test_another_part_than_was_asked_for_is_not_joined(served: Served, tmp_path: Path) -> None:
    target = tmp_path / "network.bin"
    served.cut, served.off = 300_000, -100
    with pytest.raises(SourceError):
        fetch(served.url, target, sha256=SHA256)
    served.cut = None
    assert fetch(served.url, target, sha256=SHA256) == SHA256
    assert served.asked == [None, "bytes=300000-", None]


@pytest.mark.parametrize("change", ["another file", "no marks", "no ranges", "another address"])
def test_parts_of_two_files_are_never_joined(served: Served, tmp_path: Path, change: str) -> None:
    target = tmp_path / "network.bin"
    other = bytes(len(FILE))
    served.data, served.cut = other, 300_000
    if change == "no marks":
        served.etag = None
    with pytest.raises(SourceError):
        fetch(served.url, target, sha256=SHA256)
    served.data, served.cut = FILE, None
    if change == "another file":
        served.etag = '"two"'
    elif change == "no ranges":
        served.ranges = False
    elif change == "another address":
        served.url = served.url.replace(".bin", ".two")
    assert fetch(served.url, target, sha256=SHA256) == SHA256
    assert target.read_bytes() == FILE


def test_a_part_that_is_all_is_enough(served: Served, tmp_path: Path) -> None:
    target = tmp_path / "network.bin"
    served.cut = 300_000
    with pytest.raises(SourceError):
        fetch(served.url, target, sha256=SHA256)
    served.cut = None
    (tmp_path / ".network.bin.part").write_bytes(FILE)
    assert fetch(served.url, target, sha256=SHA256) == SHA256


def test_another_file_than_was_promised_is_thrown_away(served: Served, tmp_path: Path) -> None:
    target = tmp_path / "network.bin"
    target.write_bytes(b"before")
    with pytest.raises(FormatError, match=f"expected sha256 {'0' * 64}, got {SHA256}"):
        fetch(served.url, target, sha256="0" * 64)
    assert target.read_bytes() == b"before"
    assert left(tmp_path) == ["network.bin"]


def test_a_server_that_does_not_say_how_long(served: Served, tmp_path: Path) -> None:
    served.says_length = False
    assert fetch(served.url, tmp_path / "a", sha256=SHA256) == SHA256


def test_a_file_that_moved(served: Served, tmp_path: Path) -> None:
    url = served.url.replace("network.bin", "moved")
    assert fetch(url, tmp_path / "a", sha256=SHA256) == SHA256


def test_servers_that_refuse_or_are_not_there(served: Served, tmp_path: Path) -> None:
    served.status = 404
    with pytest.raises(SourceError, match="the server says 404 Not Found"):
        fetch(served.url, tmp_path / "a", sha256=SHA256)
    with pytest.raises(SourceError, match="refused"):
        fetch("http://127.0.0.1:1/a", tmp_path / "a", sha256=SHA256)
    assert not list(tmp_path.glob("*a*"))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "network", "https://"])
def test_addresses_that_are_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="expected an address with https://"):
        fetch(url, tmp_path / "a", sha256=SHA256)


def test_plain_http_wants_a_checksum(served: Served, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="plain http can be tampered with"):
        fetch(served.url, tmp_path / "a")
    with pytest.raises(InvalidValue, match="expected 64 small hexadecimal digits, got 'abc'"):
        fetch(served.url, tmp_path / "a", sha256="abc")
    assert served.asked == []


def test_https_never_leads_to_plain_http_without_a_checksum(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_tls(handler: urllib.request.HTTPSHandler, request: urllib.request.Request) -> Any:
        return handler.do_open(http.client.HTTPConnection, request)

    monkeypatch.setattr(urllib.request.HTTPSHandler, "https_open", without_tls)
    secure = served.url.replace("http://", "https://")
    assert fetch(secure, tmp_path / "a") == SHA256
    moved = secure.replace("network.bin", "moved")
    served.moved_to = "/network.bin"
    assert fetch(moved, tmp_path / "b") == SHA256
    served.moved_to = served.url
    with pytest.raises(InvalidValue, match=rf"{moved} leads elsewhere: {served.url}: plain http"):
        fetch(moved, tmp_path / "c")
    assert left(tmp_path) == ["a", "b"]
    assert fetch(moved, tmp_path / "c", sha256=SHA256) == SHA256


def test_a_redirect_to_what_is_no_web_address(served: Served, tmp_path: Path) -> None:
    served.moved_to = "ftp://localhost/network.bin"
    url = served.url.replace("network.bin", "moved")
    with pytest.raises(InvalidValue, match="leads elsewhere: expected an address with https://"):
        fetch(url, tmp_path / "a", sha256=SHA256)


def test_a_folder_that_cannot_be_written(served: Served, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        fetch(served.url, tmp_path / "taken" / "a", sha256=SHA256)


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("linux", {}, ".local/share/mocap-bridge/weights"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/mocap-bridge/weights"),
        ("linux", {"XDG_DATA_HOME": "not/absolute"}, ".local/share/mocap-bridge/weights"),
        ("darwin", {}, "Library/Application Support/mocap-bridge/weights"),
        ("win32", {"LOCALAPPDATA": "/app"}, "/app/mocap-bridge/weights"),
        ("win32", {}, "AppData/Local/mocap-bridge/weights"),
    ],
)
def test_the_folder_is_where_the_system_has_such_things(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    system: str,
    environment: dict[str, str],
    expected: str,
) -> None:
    for name in (weights.VARIABLE, "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert weights.own_folder() == tmp_path / expected


def test_weights_are_kept_replaced_and_found(folder: Path) -> None:
    entry = Entry("mine", "pstmo", file="mine.safetensors", licence="MIT")
    path = weights.add(entry, b"one")
    assert path == folder / "mine.safetensors"
    weights.add(replace(entry, name="other", file="other.bin"), b"three")
    weights.add(entry, b"two")
    found = weights.by_name("mine")
    assert found.path == path
    assert found.entry.size == 3
    weights.verify(found)
    assert path.read_bytes() == b"two"
    assert [e.name for e in weights.read_manifest(folder)] == ["other", "mine"]
    path.write_bytes(b"Two")
    with pytest.raises(FormatError, match="damaged or exchanged"):
        weights.verify(found)
    path.write_bytes(b"")
    with pytest.raises(FormatError, match="expected 3 bytes, found 0"):
        weights.verify(found)
    path.unlink()
    assert weights.by_name("mine").path is None


def test_ones_own_stand_before_those_that_came_with_the_package(folder: Path) -> None:
    before = weights.by_name("semgcn-gt")
    assert before.path is None
    weights.add(replace(before.entry, file="semgcn-gt.safetensors"), b"x")
    assert weights.by_name("semgcn-gt").path == folder / "semgcn-gt.safetensors"
    assert [f.entry.name for f in weights.every()].count("semgcn-gt") == 1
    with pytest.raises(UnknownName, match=r"unknown weights .nothing.; known: .*semgcn-gt"):
        weights.by_name("nothing")


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[]",
        '{"format": "other", "version": 1, "weights": []}',
        '{"format": "mocap-weights", "version": 2, "weights": []}',
        '{"format": "mocap-weights", "version": 1, "weights": [{}]}',
        '{"format": "mocap-weights", "version": 1, "weights": [3]}',
        '{"format": "mocap-weights", "version": 1, "weights": [{"name": "../a"}]}',
        '{"format": "mocap-weights", "version": 1, "weights": [{"name": "a", "file": "../a"}]}',
        '{"format": "mocap-weights", "version": 1, "weights": [{"name": "a", "file": "/a"}]}',
        '{"format": "mocap-weights", "version": 1, "weights": [{"name": "a", "sha256": "1"}]}',
        '{"format": "mocap-weights", "version": 1, "weights": [{"name": "a", "size": "1"}]}',
    ],
)
def test_lists_that_are_none(folder: Path, told: str) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text(told)
    with pytest.raises(FormatError, match=r"manifest\.json"):
        weights.every()


def test_a_list_of_tomorrow_may_say_more(folder: Path) -> None:
    folder.mkdir()
    told = {"format": "mocap-weights", "version": 1, "weights": [{"name": "a", "smell": "nice"}]}
    (folder / "manifest.json").write_text(json.dumps(told))
    assert weights.read_manifest(folder) == [Entry("a")]


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("MIT", True),
        ("Apache-2.0", True),
        ("CC-BY-4.0", True),
        ("CC-BY-NC-4.0", False),
        ("CC BY-NC-SA 4.0", False),
        ("non-commercial research only", False),
        ("unknown", False),
    ],
)
def test_licences_that_are_not_for_everyone(licence: str, free: bool) -> None:
    assert bool(Entry("a", licence=licence).restriction) is not free


def test_what_comes_with_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert weights.shipped_folder() == ROOT / "weights"
    for entry in weights.read_manifest(ROOT / "weights"):
        assert entry.licence != "unknown"
        assert entry.source
        if entry.file:  # ours to ship
            assert entry.licence == "MIT"
            assert entry.size < 25_000_000
            weights.verify(weights.Found(entry, ROOT / "weights" / entry.file))
    monkeypatch.setattr(weights, "PACKAGE", tmp_path / "mocap")
    with pytest.raises(FormatError, match=re.escape(str(tmp_path / "weights"))):
        weights.shipped_folder()


def test_a_wheel_brings_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling builds wheels")
    (wheel,) = builders.WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    here = weights.every()
    monkeypatch.setattr(weights, "PACKAGE", tmp_path / "installed" / "mocap")
    there = weights.every()
    assert [found.entry for found in there] == [found.entry for found in here]
    for found in there:
        if found.path is not None:
            weights.verify(found)


def test_the_command_lists_weights_and_licences(command: Command, folder: Path) -> None:
    shown = command("weights", "list")
    assert shown.status == 0
    assert re.search(r"videopose3d-coco +videopose3d +coco17 +CC-BY-NC-4.0 +fetch", shown.out)
    assert re.search(r"semgcn-gt +semgcn +h36m16 +Apache-2.0 +by hand", shown.out)
    assert str(folder) in shown.out
    assert "not for commercial use" in shown.err
    told = {one["name"]: one for one in json.loads(command("weights", "list", "--json").out)}
    assert told["videopose3d-coco"]["restriction"]
    assert not told["semgcn-gt"]["restriction"]
    assert told["semgcn-gt"]["path"] is None


def test_the_command_fetches_any_file(command: Command, folder: Path, served: Served) -> None:
    shown = command("weights", "fetch", served.url, "--sha256", SHA256.upper())
    target = folder / "downloads" / "network.bin"
    assert (shown.status, shown.out, shown.err) == (0, f"fetched {target}\n", "")
    assert target.read_bytes() == FILE
    told = json.loads(command("weights", "fetch", served.url, "--sha256", SHA256, "--json").out)
    assert told == {"file": str(target), "sha256": SHA256}


def test_the_command_says_how_to_get_what_only_a_person_can(command: Command) -> None:
    shown = command("weights", "fetch", "pstmo-s-wild")
    assert shown.status == 2
    assert "https://github.com/paTRICK-swk/P-STMO" in shown.err
    assert "mocap weights import PSTMOS_no_refine_48_5137_in_the_wild.pth" in shown.err


def test_the_command_verifies(command: Command, folder: Path) -> None:
    weights.add(Entry("mine", file="mine.bin", licence="MIT"), b"one")
    weights.add(Entry("other", file="other.bin", licence="MIT"), b"two")
    shown = command("weights", "verify", "mine")
    assert (shown.status, shown.out) == (0, "mine: as it should be\n")
    (folder / "other.bin").write_bytes(b"too")
    shown = command("weights", "verify")
    assert shown.status == 2
    assert "mine: as it should be" in shown.out
    assert "other.bin: expected sha256" in shown.err
    told = json.loads(command("weights", "verify", "--json").out)
    assert {one["name"]: bool(one["fault"]) for one in told}["other"]
    assert command("weights", "verify", "semgcn-gt").status == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fetch", "nothing"), "unknown weights 'nothing'"),
        (("fetch", "https://localhost/"), "names no file"),
        (("import", "nothing.pth", "--arch", "pstmo"), "there is no such file"),
        ((), "required"),
    ],
)
def test_what_the_command_is_told_wrongly(
    command: Command, arguments: tuple[str, ...], message: str
) -> None:
    shown = command("weights", *arguments)
    assert shown.status == 2
    assert message in shown.err
    assert shown.err.count("\n") == 1
