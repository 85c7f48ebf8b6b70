"""What is pure of the Maya module runs alike under every Python that Maya brings."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from maya_fake import SCRIPTS
from maya_stage import Stage
from stages import Obedient
from test_maya_legacy import points_of, walking

from mocap.stream.server import WebSocketServer

PACKAGE = SCRIPTS / "mocap_bridge_maya"
EXERCISE = Path(__file__).parent / "maya_exercise.py"
GOLDEN = Path(__file__).parent / "golden"
FILES = [GOLDEN / name for name in ("journal/dance.json", "journal/dance.jsonl", "orders.bvh")]
PYTHONS = ("3.7", "3.9", "3.10", "3.11")  # of Maya 2022, 2023, 2024, 2025 and 2026
HOST = ("maya_scene", "maya_nodes", "maya_keys")  # what imports Maya, of the core
PURE = sorted(
    path
    for path in PACKAGE.glob("*.py")
    if path.stem
    in (
        *("scene", "euler", "joints", "names", "body", "retarget", "rig", "own"),
        *("skeleton_make", "resample", "bake", "upright", "take_import"),
        *("bvh_clips", "bvh_import", "legacy", "legacy_points", "legacy_pose"),
    )
)


def imported(source: Path) -> Iterator[str]:
    """The top names of what a file imports, "" for its own package; fails if Python 3.7 would."""
    for node in ast.walk(ast.parse(source.read_text(), feature_version=(3, 7))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "" if node.level else (node.module or "").split(".")[0]


@pytest.mark.parametrize("source", PURE, ids=lambda path: path.stem)
def test_the_core_is_python_3_7_and_the_standard_library_alone(source: Path) -> None:
    assert set(imported(source)) - {""} <= sys.stdlib_module_names
    tree = ast.parse(source.read_text())
    names = {n.names[0].name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level}
    assert not names & set(HOST)


@pytest.mark.parametrize("name", HOST)
def test_what_talks_to_maya_is_python_3_7(name: str) -> None:
    assert set(imported(PACKAGE / f"{name}.py")) - {"", "maya"} <= sys.stdlib_module_names


def exercised(python: str, older: Path) -> str:
    """What the package says under a Python."""
    command = [python, "-B", str(EXERCISE), str(SCRIPTS), *map(str, FILES), str(older)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 3d_data.json."""
    frames = enumerate(zip(*walking(6), strict=True))
    path = tmp_path_factory.mktemp("older") / "3d_data.json"
    path.write_text(json.dumps({str(n): points_of(root, turned) for n, (root, turned) in frames}))
    return path


def interpreter(version: str) -> str:
    """A Python of this version; skips the test if there is none."""
    found = shutil.which(f"python{version}")
    kept = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for python in [*([found] if found else []), *map(str, kept)]:
        # what pyenv puts in the way may lead nowhere
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip(f"no Python {version} on this machine")


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_of_maya_gets_the_same(version: str, older: Path) -> None:
    told = exercised(interpreter(version), older)
    assert told == exercised(sys.executable, older)
    assert "rotateX" in told


def followed(python: str) -> str:
    """What a live session under a Python says, while a server shows a pose again and again."""
    obedient = Obedient()
    with WebSocketServer(obedient, port=0) as server:
        stage = Stage(server, obedient)
        command = [python, "-B", str(EXERCISE), str(SCRIPTS), server.url]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        with subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            while running.poll() is None:
                stage.play()
                time.sleep(0.01)
            said, complained = running.communicate()
    assert running.returncode == 0, complained
    return said


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_of_maya_follows_a_server(version: str) -> None:
    told = followed(interpreter(version))
    assert "Person7:hips follows person 7" in told
    assert "translateY" in told
    assert told == followed(sys.executable)
