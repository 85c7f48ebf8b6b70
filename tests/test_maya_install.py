"""The Maya module as it is installed: what lies where, and the installer on a home of its own."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import mocap

ROOT = Path(__file__).parent.parent
ADDON = ROOT / "addons" / "maya"
MODULE = ADDON / "mocap_bridge"
PACKAGE = MODULE / "scripts" / "mocap_bridge_maya"
INSTALLER = ADDON / "install_mocap_bridge.py"
OLDEST = (3, 7)  # the Python of Maya 2022
THREADS = {"threading", "_thread", "concurrent", "multiprocessing", "asyncio"}
HOSTED = {  # who may import Maya, and who Qt
    "maya": {
        "dock.py",
        "host.py",
        "humanik.py",
        "maya_keys.py",
        "maya_nodes.py",
        "maya_scene.py",
        "mocap_bridge_plugin.py",
        "prefs.py",
        "shelf.py",
        "userSetup.py",
        "install_mocap_bridge.py",
    },
    "PySide6": {"qt.py"},
    "PySide2": {"qt.py"},
    "mocap_bridge_maya": {"mocap_bridge_plugin.py", "install_mocap_bridge.py"},
}
SOURCES = sorted([*MODULE.rglob("*.py"), INSTALLER])


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install_mocap_bridge", INSTALLER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["install_mocap_bridge"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def installer() -> Iterator[Any]:
    before = dict(sys.modules)
    yield loaded()
    sys.modules.pop("install_mocap_bridge", None)
    sys.modules.update(before)  # it lets go of the module, which other tests hold


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """What a zip of the module unpacks to: with the data, which a checkout has elsewhere."""
    folder = tmp_path / "unpacked folder"
    folder.mkdir()
    for name in ("mocap_bridge.mod", "install_mocap_bridge.py"):
        shutil.copy(ADDON / name, folder)
    shutil.copytree(MODULE, folder / "mocap_bridge", ignore=shutil.ignore_patterns("__pycache__"))
    data = folder / "mocap_bridge" / "scripts" / "mocap_bridge_maya" / "data"
    shutil.copytree(ROOT / "mocap" / "data" / "bone_maps", data / "bone_maps")
    return folder


def run(script: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "USERPROFILE": str(home)}
    environment.pop("MAYA_APP_DIR", None)
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def installed(home: Path) -> Path:
    (mod,) = home.rglob("mocap_bridge.mod")
    return mod.parent


def test_from_nothing_to_installed_and_back(unpacked: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    script = unpacked / "install_mocap_bridge.py"
    done = run(script, home)
    assert done.returncode == 0, done.stderr
    modules = installed(home)
    assert modules.name == "modules"
    assert (modules / "mocap_bridge.mod").read_text() == (ADDON / "mocap_bridge.mod").read_text()
    ours = {p.relative_to(unpacked) for p in (unpacked / "mocap_bridge").rglob("*") if p.is_file()}
    there = {p.relative_to(modules) for p in (modules / "mocap_bridge").rglob("*") if p.is_file()}
    assert there == ours
    (modules / "other.mod").write_text("+ Other 1.0 ./other\n")
    stale = modules / "mocap_bridge" / "scripts" / "mocap_bridge_maya" / "of_an_earlier_version.py"
    stale.write_text("")
    assert run(script, home).returncode == 0
    assert not stale.exists()
    done = run(script, home, "--uninstall")
    assert done.returncode == 0
    assert sorted(path.name for path in modules.iterdir()) == ["other.mod"]
    assert "not installed" in run(script, home, "--uninstall").stdout


def test_what_is_installed_finds_its_bone_maps(
    unpacked: Path, tmp_path: Path, installer: Any
) -> None:
    installer.install(tmp_path / "modules", source=unpacked)
    scripts = tmp_path / "modules" / "mocap_bridge" / "scripts"
    code = (
        "from mocap_bridge_maya import commands\n"
        "from mocap_bridge_maya.shared import bone_maps\n"
        "print(*sorted(bone_maps.tables()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(scripts)},
        capture_output=True,
        text=True,
        check=True,
    )
    maps = {path.stem for path in (ROOT / "mocap" / "data" / "bone_maps").glob("*.json")}
    assert set(done.stdout.split()) == maps


def test_linked_nothing_is_copied(unpacked: Path, tmp_path: Path, installer: Any) -> None:
    target = tmp_path / "modules"
    mod = installer.install(target, link=True, source=unpacked)
    assert [path.name for path in target.iterdir()] == ["mocap_bridge.mod"]
    assert mod.read_text().split(None, 3)[3].strip() == (unpacked / "mocap_bridge").as_posix()
    assert installer.uninstall(target)
    assert (unpacked / "mocap_bridge").is_dir()


def test_a_checkout_is_linked(tmp_path: Path, installer: Any) -> None:
    mod = installer.install(tmp_path / "modules")
    assert MODULE.as_posix() in mod.read_text()
    assert not (tmp_path / "modules" / "mocap_bridge").exists()


def test_maya_app_dir_is_honoured(
    tmp_path: Path, installer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAYA_APP_DIR", str(tmp_path))
    assert installer.modules_folder() == tmp_path / "modules"


@pytest.mark.parametrize(
    ("platform", "ending"),
    [
        ("linux", "maya/modules"),
        ("darwin", "Library/Preferences/Autodesk/maya/modules"),
        ("win32", "Documents/maya/modules"),
    ],
)
def test_where_maya_looks(
    platform: str, ending: str, installer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAYA_APP_DIR", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert installer.modules_folder().as_posix().endswith(ending)


def test_what_is_in_the_way_is_told_and_kept(
    unpacked: Path, tmp_path: Path, installer: Any
) -> None:
    target = tmp_path / "modules"
    (target / "mocap_bridge").mkdir(parents=True)
    (target / "mocap_bridge" / "mine.txt").write_text("dear to me")
    with pytest.raises(installer.InstallError, match="is no Mocap Bridge"):
        installer.install(target, source=unpacked)
    with pytest.raises(installer.InstallError, match="is no Mocap Bridge"):
        installer.uninstall(target)
    assert (target / "mocap_bridge" / "mine.txt").read_text() == "dear to me"
    (tmp_path / "file").write_text("")
    with pytest.raises(installer.InstallError, match="cannot write"):
        installer.install(tmp_path / "file", source=unpacked)
    with pytest.raises(installer.InstallError, match="unpack the whole zip first"):
        installer.install(tmp_path / "x", source=tmp_path)
    with pytest.raises(installer.InstallError, match="delete it yourself"):
        installer.uninstall(ADDON)
    assert MODULE.is_dir()


def test_unpacked_where_it_is_wanted(unpacked: Path, installer: Any) -> None:
    assert installer.install(unpacked, source=unpacked) == unpacked / "mocap_bridge.mod"
    assert (unpacked / "mocap_bridge").is_dir()


def test_the_command_line_tells_what_is_wrong(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    script = unpacked / "install_mocap_bridge.py"
    done = run(script, tmp_path, "--folder", str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stderr.startswith("install_mocap_bridge: cannot write")
    assert "Traceback" not in done.stderr


class Dialogs:
    """As much of maya.cmds as a drop needs; answers as the test says."""

    def __init__(self, home: Path, answer: str, folder: Path | None = None) -> None:
        self.home, self.answer, self.folder = home, answer, folder
        self.told: list[str] = []
        self.asked: list[str] = []
        self.loaded: list[str] = []

    def internalVar(self, userAppDir: bool) -> str:
        assert userAppDir
        return f"{self.home}/"

    def confirmDialog(self, message: str, button: list[str], **_more: Any) -> str:
        if len(button) > 1:
            self.asked.append(message)
            return self.answer
        self.told.append(message)
        return button[0]

    def fileDialog2(self, **_more: Any) -> list[str] | None:
        return None if self.folder is None else [str(self.folder)]

    def workspaceControl(self, *_names: str, exists: bool) -> bool:
        return not exists

    def pluginInfo(self, *_names: str, query: bool, loaded: bool) -> bool:
        return not (query and loaded)

    def loadModule(self, load: str) -> None:
        self.loaded.append(load)
        raise RuntimeError(f"{load} is loaded already")  # which must not be the end

    def loadPlugin(self, name: str, quiet: bool) -> None:
        self.loaded.append(name)
        raise RuntimeError(f"there is no Maya to load {name} {quiet}")


def dropped(installer: Any, dialogs: Dialogs, monkeypatch: pytest.MonkeyPatch) -> None:
    maya = ModuleType("maya")
    maya.cmds = dialogs  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "maya", maya)
    monkeypatch.setattr(sys, "path", list(sys.path))
    installer.onMayaDroppedPythonFile(None)


def test_dropping_it_into_a_viewport(
    unpacked: Path, tmp_path: Path, installer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "HERE", unpacked)
    monkeypatch.setattr(installer.install, "__defaults__", (False, unpacked))
    home, other = tmp_path / "maya", tmp_path / "other"
    cancelled = Dialogs(home, installer.CANCEL)
    dropped(installer, cancelled, monkeypatch)
    assert "install_mocap_bridge" not in sys.modules  # a newer one that is dropped must be read
    assert not home.exists()
    assert not cancelled.told
    here = Dialogs(home, installer.INSTALL)
    dropped(installer, here, monkeypatch)
    assert (home / "modules" / "mocap_bridge" / "plug-ins").is_dir()
    mod, plugin = map(Path, here.loaded)
    assert mod == (home / "modules" / "mocap_bridge.mod").resolve()
    assert plugin == mod.parent / "mocap_bridge" / "plug-ins" / "mocap_bridge_plugin.py"
    assert plugin.is_file()
    assert here.told[0].startswith("It is installed. Start Maya anew")
    dropped(installer, Dialogs(home, installer.ELSEWHERE, other), monkeypatch)
    assert (other / "mocap_bridge.mod").is_file()
    gone = Dialogs(home, installer.REMOVE)
    dropped(installer, gone, monkeypatch)
    assert gone.told == ["It is removed."]
    assert not list((home / "modules").iterdir())


# What lies there.


def test_the_module_file_names_what_is_there() -> None:
    (line,) = (ADDON / "mocap_bridge.mod").read_text().splitlines()
    assert line == f"+ MocapBridge {mocap.__version__} ./mocap_bridge"
    for folder in ("plug-ins", "scripts", "icons"):
        assert any((MODULE / folder).iterdir())
    text = (MODULE / "plug-ins" / "mocap_bridge_plugin.py").read_text()
    assert f'VERSION = "{mocap.__version__}"' in text


def test_the_shelf_has_its_icons() -> None:
    text = (PACKAGE / "shelf.py").read_text()
    for icon in re.findall(r'"(\w+\.png)"', text):
        assert (MODULE / "icons" / icon).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_it_needs_nothing_but_maya(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = [(node.module or "").split(".")[0]]
        for name in found:
            known = name in sys.stdlib_module_names or path.name in HOSTED.get(name, ())
            assert known, f"{path.name} imports {name}"
            assert name not in THREADS, f"{path.name} imports {name}"


def test_the_plug_in_has_every_command_that_it_tells_of() -> None:
    text = (MODULE / "plug-ins" / "mocap_bridge_plugin.py").read_text()
    tree = ast.parse(text)
    told = set(re.findall(r"\bmocapBridge\w*", ast.get_docstring(tree) or ""))
    named = set(re.findall(r'Action\(\s*"(\w+)"', text))
    flags = set(re.findall(r'"(-\w\w+)"', text))
    assert told == named | {"mocapBridgeChange"}
    told_flags = set(re.findall(r" (-\w\w+)", ast.get_docstring(tree) or ""))
    assert told_flags <= flags
    host = ast.parse((PACKAGE / "host.py").read_text())
    functions = {
        node.name: {argument.arg for argument in node.args.args}
        for node in host.body
        if isinstance(node, ast.FunctionDef)
    }
    for name, given in re.findall(r"host\.(\w+), \(?((?:[^()]|\([^()]*\))*)\)", text):
        wanted = set(re.findall(r'"-(\w\w+)"', given))
        assert wanted <= functions[name], f"{name} takes no {wanted - functions[name]}"
