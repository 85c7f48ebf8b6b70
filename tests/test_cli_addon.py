"""The add-ons that `mocap addon` packs: what is in them, and that every install makes the same."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import Command

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


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_the_zip_holds_the_folder_the_data_and_nothing_else(tmp_path: Path) -> None:
    found = names(mocap.addon.pack("blender", tmp_path))
    ours = {f"mocap_bridge/{p.name}" for p in ADDON.iterdir() if p.is_file()}
    data = {
        f"mocap_bridge/data/{kind}/{path.name}"
        for kind in ("bone_maps", "skeletons")
        for path in (ROOT / "mocap" / "data" / kind).glob("*.json")
    }
    assert set(found) == ours | data
    assert {"mocap_bridge/__init__.py", "mocap_bridge/blender_manifest.toml"} <= ours
    assert found == sorted(found)


def test_what_is_packed_is_what_lies_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(mocap.addon.pack("blender", tmp_path)) as archive:
        for inside, path in mocap.addon.contents("blender"):
            assert archive.read(inside) == path.read_bytes()


def test_the_same_bytes_at_another_time_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mocap.addon.pack("blender", tmp_path / "a").read_bytes()
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "addons", copy / "addons")
    shutil.copytree(ROOT / "mocap" / "data", copy / "data")
    for path in copy.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1e9, 1e9))
    cache = copy / "addons" / "blender" / "mocap_bridge" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "panel.cpython-310.pyc").write_bytes(b"made by an interpreter")
    monkeypatch.setattr(mocap.addon, "PACKAGE", copy)  # as where a wheel was installed
    assert mocap.addon.sources() == copy / "addons"
    assert mocap.addon.pack("blender", tmp_path / "b").read_bytes() == first


def test_a_wheel_brings_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling builds wheels")
    (wheel,) = builders.WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    here = mocap.addon.pack("blender", tmp_path / "a").read_bytes()
    monkeypatch.setattr(mocap.addon, "PACKAGE", tmp_path / "installed" / "mocap")
    assert mocap.addon.pack("blender", tmp_path / "b").read_bytes() == here


def test_the_wheel_takes_the_add_ons_to_where_they_are_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    forced = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert forced["addons"] == "mocap/addons"


def test_without_add_ons_the_error_says_where_they_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mocap.addon, "PACKAGE", tmp_path / "mocap")
    with pytest.raises(OutputError, match=re.escape(str(tmp_path / "addons"))):
        mocap.addon.pack("blender", tmp_path)


@pytest.mark.parametrize("host", ["maya", "unity", "Blender", "", "../blender"])
def test_an_unknown_program_is_told_those_that_are_known(host: str, command: Command) -> None:
    outcome = command("addon", host)
    assert outcome.status == 2
    assert outcome.err == f"mocap: unknown add-on {host!r}; known: blender\n"
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


def test_the_command_for_programs(tmp_path: Path, command: Command) -> None:
    told = json.loads(command("addon", "blender", "-o", tmp_path, "--json").out)
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
    assert manifest["id"] == mocap.addon.ROOT == ADDON.name


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
