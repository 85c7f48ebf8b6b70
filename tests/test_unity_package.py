"""The Unity package by its files alone: what Unity would stumble over, without Unity."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import unity_meta

import mocap

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "unity_bridge"
ASSEMBLIES = sorted(PACKAGE.rglob("*.asmdef"))
SOURCES = sorted(PACKAGE.rglob("*.cs"))
COMPONENTS = ("MocapReceiver", "MocapAvatar", "MocapRecorder", "MocapGizmos", "MocapSkeleton")
GUID = re.compile(r"^fileFormatVersion: 2\nguid: ([0-9a-f]{32})\n")


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_every_file_has_its_meta_and_no_meta_is_left_over() -> None:
    assert unity_meta.faults() == [], "python tests/unity_meta.py --write puts it right"


def test_what_the_lint_finds(tmp_path: Path) -> None:
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE, copy)
    assert unity_meta.faults(copy) == []
    (copy / "Runtime" / "New.cs").write_text("")
    (copy / "README.md").unlink()
    (copy / "Editor.meta").write_text("guid: 0\n")
    assert sorted(unity_meta.faults(copy)) == [
        "Editor.meta says something else than it should",
        "README.md.meta belongs to nothing",
        f"{Path('Runtime') / 'New.cs.meta'} is missing",
    ]
    unity_meta.write(copy)
    assert unity_meta.faults(copy) == []


def test_guids_are_unique_and_those_of_their_paths() -> None:
    guids = {}
    for path in PACKAGE.rglob("*.meta"):
        found = GUID.match(path.read_text("utf-8"))
        assert found, named(path)
        guids[found[1]] = named(path)
    assert len(guids) == len(list(PACKAGE.rglob("*.meta")))
    # released once, a GUID must never change: scenes of users refer to scripts by it
    assert guids["92806a76d2e988e5201e0f2eb0d9edd5"] == "Runtime/MocapReceiver.cs.meta"


def test_hidden_folders_have_no_meta() -> None:
    for hidden in PACKAGE.glob("*~"):
        assert not list(hidden.rglob("*.meta"))
        assert not hidden.with_name(hidden.name + ".meta").exists()


def test_the_manifest() -> None:
    manifest = read(PACKAGE / "package.json")
    assert manifest["version"] == mocap.__version__
    assert manifest["name"] == unity_meta.NAME
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9-]+){2,}", manifest["name"])
    assert manifest["unity"] == "2021.3"
    assert manifest["license"] == "MIT"
    assert all(name.startswith("com.unity.modules.") for name in manifest["dependencies"])
    for sample in manifest["samples"]:
        assert set(sample) == {"displayName", "description", "path"}
        assert sample["path"].startswith("Samples~/")
        assert list((PACKAGE / sample["path"]).glob("*.cs"))
        assert (PACKAGE / sample["path"] / "README.md").is_file()
    assert {s["path"] for s in manifest["samples"]} == {
        named(path) for path in (PACKAGE / "Samples~").iterdir()
    }


@pytest.mark.parametrize("path", ASSEMBLIES, ids=named)
def test_assemblies(path: Path) -> None:
    assembly = read(path)
    assert assembly["name"] == path.stem
    known = {p.stem for p in ASSEMBLIES} | {"UnityEngine.TestRunner", "UnityEditor.TestRunner"}
    assert set(assembly.get("references", [])) <= known
    assert assembly.get("noEngineReferences", False) == (path.stem == "MocapBridge.Core")
    in_editor = path.stem in ("MocapBridge.Editor", "MocapBridge.Tests")
    assert assembly.get("includePlatforms", []) == (["Editor"] if in_editor else [])
    if path.stem == "MocapBridge.Tests":
        assert assembly["defineConstraints"] == ["UNITY_INCLUDE_TESTS"]
        assert assembly["precompiledReferences"] == ["nunit.framework.dll"]
        assert assembly["overrideReferences"] is True
        assert assembly["autoReferenced"] is False


def test_all_assemblies_are_there() -> None:
    assert {path.stem for path in ASSEMBLIES} == {
        "MocapBridge.Core",
        "MocapBridge",
        "MocapBridge.Editor",
        "MocapBridge.Tests",
        "MocapBridge.Samples.LiveAvatar",
    }


def test_the_core_knows_nothing_of_unity() -> None:
    for path in (PACKAGE / "Runtime" / "Core").rglob("*.cs"):
        assert not re.search(r"\busing Unity|\bUnityEngine\.\w+\(", path.read_text("utf-8")), path


def test_players_need_nothing_of_the_editor() -> None:
    for path in (PACKAGE / "Runtime").rglob("*.cs"):
        assert "UnityEditor" not in path.read_text("utf-8"), named(path)


@pytest.mark.parametrize("name", COMPONENTS)
def test_components_are_where_unity_looks_for_them(name: str) -> None:
    text = (PACKAGE / "Runtime" / f"{name}.cs").read_text("utf-8")
    assert re.search(rf"^    public sealed class {name} : MonoBehaviour$", text, re.M)
    assert f'[AddComponentMenu("Mocap Bridge/Mocap {name.removeprefix("Mocap")}")]' in text


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_sources_are_plain(path: Path) -> None:
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert b"\t" not in data
    assert data.endswith(b"\n")
    assert not re.search(rb"[ ]+\n", data)


def test_the_documentation_in_the_package_is_that_of_the_project() -> None:
    inside = PACKAGE / "Documentation~" / "mocap-bridge.md"
    text = inside.read_text("utf-8")
    assert text == (ROOT / "docs" / "unity.md").read_text("utf-8")
    assert not re.search(r"\]\((?!https?://)", text), "a link that leads nowhere in the package"


def test_the_licence_is_the_project_s() -> None:
    assert (PACKAGE / "LICENSE.md").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


def test_the_changelog_tells_of_this_version() -> None:
    text = (PACKAGE / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in text or f"## [{mocap.__version__}]" in text
