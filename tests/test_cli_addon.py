"""The add-ons that `mocap addon` packs: what is in them, and that every install makes the same."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from commands import Command

import mocap
import mocap.addon
from mocap.errors import OutputError, UnknownName

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli", reason="tomllib came with Python 3.11")

ROOT = Path(__file__).parent.parent
ADDON = ROOT / "addons" / "blender" / "mocap_bridge"
OLDEST = (3, 10)  # the Python of Blender 3.6
BROUGHT = {"bpy", "bpy_extras", "mathutils", "numpy", "addon_utils", "rigify"}  # by Blender
THREADS = {"threading", "_thread", "concurrent", "multiprocessing", "asyncio"}
SOURCES = sorted(ADDON.rglob("*.py"))


HOSTS = pytest.mark.parametrize("host", mocap.addon.HOSTS)
FOLDERS = ("addons", "unity_bridge")  # of everything that is packed


def unpacked(path: Path) -> dict[str, bytes]:
    """The contents of a package, by name, in their order."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        found = {m.name: archive.extractfile(m) for m in archive.getmembers()}
        return {name: file.read() for name, file in found.items() if file is not None}


def test_the_zip_holds_the_folder_the_data_and_nothing_else(tmp_path: Path) -> None:
    found = list(unpacked(mocap.addon.pack("blender", tmp_path)))
    ours = {
        f"mocap_bridge/{path.relative_to(ADDON).as_posix()}"
        for path in ADDON.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    data = {
        f"mocap_bridge/data/{kind}/{path.name}"
        for kind in ("bone_maps", "skeletons")
        for path in (ROOT / "mocap" / "data" / kind).glob("*.json")
    }
    assert set(found) == ours | data
    assert {"mocap_bridge/__init__.py", "mocap_bridge/blender_manifest.toml"} <= ours


def test_packages_hold_what_their_programs_look_for(tmp_path: Path) -> None:
    maya = unpacked(mocap.addon.pack("maya", tmp_path))
    top = {f"mocap_bridge_maya/{name}" for name in ("install_mocap_bridge.py", "mocap_bridge.mod")}
    assert top <= set(maya)
    scripts = "mocap_bridge_maya/mocap_bridge/scripts/mocap_bridge_maya"
    assert {f"{scripts}/__init__.py", f"{scripts}/data/bone_maps/mixamo.json"} <= set(maya)
    assert "mocap_bridge_maya/tests_mayapy/run.py" in maya  # for those who have a Maya
    shelf = maya[f"{scripts}/shelf.py"].decode()
    named = re.findall(r"press (\w+) on the shelf (\w+)", mocap.addon.HOSTS["maya"].steps[1])
    assert all(f'"{word}",' in shelf or f'NAME = "{word}"' in shelf for word in named[0])
    unity = unpacked(mocap.addon.pack("unity", tmp_path))
    assert {"package/package.json", "package/package.json.meta"} <= set(unity)


@HOSTS
def test_what_is_packed_is_what_lies_there(host: str, tmp_path: Path) -> None:
    found = unpacked(mocap.addon.pack(host, tmp_path))
    assert found == {inside: path.read_bytes() for inside, path in mocap.addon.contents(host)}
    assert list(found) == sorted(found)


@HOSTS
def test_the_same_bytes_at_another_time_and_place(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mocap.addon.pack(host, tmp_path / "a").read_bytes()
    copy = tmp_path / "copy"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder)
    shutil.copytree(ROOT / "mocap" / "data", copy / "data")
    for path in copy.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1e9, 1e9))
    cache = copy / mocap.addon.host_of(host).folder / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "panel.cpython-310.pyc").write_bytes(b"made by an interpreter")
    (cache.parent / ".DS_Store").write_bytes(b"made by a desktop")
    monkeypatch.setattr(mocap.addon, "PACKAGE", copy)  # as where a wheel was installed
    assert mocap.addon.source(mocap.addon.host_of(host)).is_relative_to(copy)
    assert mocap.addon.pack(host, tmp_path / "b").read_bytes() == first


def test_a_wheel_brings_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling builds wheels")
    (wheel,) = builders.WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    here = {h: mocap.addon.pack(h, tmp_path / "a").read_bytes() for h in mocap.addon.HOSTS}
    monkeypatch.setattr(mocap.addon, "PACKAGE", tmp_path / "installed" / "mocap")
    for host, packed in here.items():
        assert mocap.addon.pack(host, tmp_path / "b").read_bytes() == packed


def test_the_wheel_takes_the_add_ons_to_where_they_are_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    forced = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {folder: forced[folder] for folder in FOLDERS} == {f: f"mocap/{f}" for f in FOLDERS}


@HOSTS
def test_without_add_ons_the_error_says_where_they_would_be(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mocap.addon, "PACKAGE", tmp_path / "mocap")
    place = tmp_path / mocap.addon.host_of(host).folder
    with pytest.raises(OutputError, match=re.escape(str(place))):
        mocap.addon.pack(host, tmp_path)


@pytest.mark.parametrize("host", ["godot", "Blender", "", "../blender"])
def test_an_unknown_program_is_told_those_that_are_known(host: str, command: Command) -> None:
    outcome = command("addon", host)
    assert outcome.status == 2
    assert outcome.err == f"mocap: unknown add-on {host!r}; known: blender, maya, unity\n"
    with pytest.raises(UnknownName):
        mocap.addon.pack(host, Path())


def test_the_command_says_what_it_wrote_and_how_to_install_it(
    tmp_path: Path, command: Command
) -> None:
    outcome = command("addon", "blender", "-o", tmp_path / "new" / "folder")
    (path,) = (tmp_path / "new" / "folder").iterdir()
    assert outcome.status == 0
    assert outcome.out.startswith(f"wrote {path}\n")
    assert outcome.out.count(path.name) == 3  # written, and installed in new and in old Blender


@HOSTS
def test_the_command_for_programs(host: str, tmp_path: Path, command: Command) -> None:
    told = json.loads(command("addon", host, "-o", tmp_path, "--json").out)
    assert Path(told["file"]).is_file()
    assert all("{" not in step for step in told["install"])


def test_a_file_in_the_way_is_told(tmp_path: Path, command: Command) -> None:
    (tmp_path / "taken").write_text("")
    outcome = command("addon", "blender", "-o", tmp_path / "taken")
    assert outcome.status == 2
    assert "is a file, no folder" in outcome.err


def test_everyone_means_the_same_version() -> None:
    manifest = tomllib.loads((ADDON / "blender_manifest.toml").read_text(encoding="utf-8"))
    tree = ast.parse((ADDON / "__init__.py").read_text(encoding="utf-8"))
    (info,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "bl_info"
    )
    assert manifest["version"] == mocap.__version__
    assert ".".join(map(str, info["version"])) == mocap.__version__
    assert manifest["id"] == mocap.addon.NAME == ADDON.name
    module = (ROOT / "addons" / "maya" / "mocap_bridge.mod").read_text(encoding="utf-8")
    assert f"+ MocapBridge {mocap.__version__} ./mocap_bridge\n" in module
    package = json.loads((ROOT / "unity_bridge" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == mocap.__version__


def test_the_licence_is_told_where_it_changes() -> None:
    manifest = tomllib.loads((ADDON / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    text = (ADDON / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text
    assert "MIT" in (ADDON.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_add_on_needs_nothing_but_blender(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = [(node.module or "").split(".")[0]]
        for name in found:
            assert name in BROUGHT | set(sys.stdlib_module_names), f"{path.name} imports {name}"
            assert name not in THREADS, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_classes_are_named_as_blender_asks(path: Path) -> None:
    kinds = {"Operator": "OT", "Panel": "PT", "PropertyGroup": "PG", "UIList": "UL", "Menu": "MT"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        bases = [b.attr for b in getattr(node, "bases", ()) if isinstance(b, ast.Attribute)]
        for base in set(bases) & set(kinds):
            assert node.name.startswith(f"MOCAPBRIDGE_{kinds[base]}_"), node.name  # type: ignore[attr-defined]
