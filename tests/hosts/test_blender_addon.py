"""The add-on in Blender as a module: the official validator, and the life of an installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from blender_module import bpy

import mocap.addon

SCRIPT = Path(__file__).with_name("blender_install.py")
PATIENCE = 300.0  # [s] for Blender to begin and end on a busy machine
NOTHING = {
    "enabled": False,
    "panels": [],
    "classes": [],
    "operators": [],
    "settings": False,
    "preferences": False,
    "timers": [],
    "handlers": [],
    "menus": 0,
}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mocap.addon.pack("blender", tmp_path_factory.mktemp("addon"))


def official(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Blender's own tool for extensions."""
    scripts = Path(bpy.utils.system_resource("SCRIPTS"))
    tool = scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
    return subprocess.run(
        [sys.executable, tool, *map(str, arguments)],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.skipif(bpy.app.version < (4, 2), reason="extensions began with Blender 4.2")
def test_the_official_validator_finds_nothing_wrong(packed: Path) -> None:
    outcome = official("validate", packed)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.skipif(bpy.app.version < (4, 2), reason="extensions began with Blender 4.2")
def test_the_official_builder_takes_the_same_files(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    outcome = official(
        "build", "--source-dir", tmp_path / "mocap_bridge", "--output-filepath", tmp_path / "o.zip"
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    with zipfile.ZipFile(packed) as ours, zipfile.ZipFile(tmp_path / "o.zip") as theirs:
        packed_names = {name.removeprefix("mocap_bridge/") for name in ours.namelist()}
        assert packed_names == {name for name in theirs.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def stages(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("home")
    outcome = subprocess.run(
        [sys.executable, SCRIPT, packed],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**os.environ, "HOME": str(home), "BLENDER_USER_RESOURCES": str(home / "blender")},
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "Traceback" not in outcome.stderr, outcome.stderr
    found: dict[str, Any] = json.loads(outcome.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("stage", ["installed", "enabled", "enabled again", "installed again"])
def test_once_enabled_everything_is_there(stages: dict[str, Any], stage: str) -> None:
    there = stages[stage]
    assert there["enabled"]
    assert there["settings"]
    assert there["preferences"]
    assert "MOCAPBRIDGE_PT_main" in there["panels"]
    assert there["operators"]
    assert there == stages["installed"]


@pytest.mark.parametrize("stage", ["before", "disabled", "uninstalled"])
def test_once_disabled_nothing_is_left(stages: dict[str, Any], stage: str) -> None:
    assert stages[stage] == NOTHING


def test_settings_are_saved_with_the_file_and_the_token_is_not(stages: dict[str, Any]) -> None:
    expected = {"url": "ws://elsewhere:1", "humans": ["hips"], "secret in file": False}
    assert stages["reopened"] == expected
