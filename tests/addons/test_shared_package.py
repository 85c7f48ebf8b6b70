"""What all Python hosts carry: equal copies, no package but Python's own, from Python 3.7 on."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace

import maya_fake  # noqa: F401  puts the module where Python finds it
import protocol_cases
import pytest

ADDONS = Path(__file__).parents[2] / "addons"
SHARED = ADDONS / "shared"
SOURCES = sorted(SHARED.glob("*.py"))
COPIES = [
    ADDONS / "blender" / "mocap_bridge" / "shared",
    ADDONS / "maya" / "mocap_bridge" / "scripts" / "mocap_bridge_maya" / "shared",
]
GOLDEN = Path(__file__).parents[1] / "golden"
FILES = [GOLDEN / name for name in ("journal/dance.json", "journal/dance.jsonl", "orders.bvh")]
WAITS = {"threading", "asyncio", "ssl", "multiprocessing", "concurrent"}  # a host must never wait
PYTHONS = ("3.7", "3.9", "3.10")  # of Maya 2022 and 2023, and of Blender 3.6

# reads everything and says what it found, exactly
EXERCISE = """
import json, sys
from shared import bone_guess, bone_maps, bones, bvh, client, decoding, drives, errors, frames
from shared import gathering, recording, stance, takes, words

files, messages = sys.argv[1:-2], sys.argv[-2:]
for path in files:
    held = takes.read(path)
    if isinstance(held, bvh.Bvh):
        print(held.width, len(held), held.scale, held.notes, list(held.rows))
        people = [(person.skeleton, person.channels, person.column) for person in held.people]
    else:
        people = [(c.skeleton, list(c.root), list(c.rotations), list(c.times)) for c in held.clips]
    for skeleton, *numbers in people:
        print(skeleton, skeleton.rest_positions(), numbers)
        try:
            found = bone_maps.detect(skeleton)
            print(found, bone_guess.from_names(skeleton), bone_guess.from_shape(skeleton))
            at, parents = skeleton.rest_positions(), skeleton.parents
            stands = stance.stance_of(found.pairs, skeleton.names, parents, at, [None] * len(at))
            print(stands, stands.stand, drives.drives_of(stands.index, stands.index, parents))
        except errors.RigError as error:
            print(error)
hello, frame = (open(path, "rb").read() for path in messages)
hello = decoding.decode_hello(decoding.loads(hello))
seen = frames.decode_frame(frame, hello, True)
print(hello, seen, client.Client("127.0.0.1:1").state)
kept = recording.Recording()
kept.begin("take", 1)
kept.push(seen, 0.0, hello)
for clip in kept.clips():
    print(clip.skeleton, list(clip.root), list(clip.rotations))
print(words.people(kept.clips()), [words.spoken(bone) for bone in bones.BONES])
print(words.is_elsewhere("192.168.0.2"), words.sentence({"of": "set", "option": "a", "value": 1}))
"""


def test_what_is_said() -> None:
    words = importlib.import_module("mocap_bridge_maya.shared.words")
    clips = [SimpleNamespace(person=number) for number in (3, 4, 7)]
    assert words.people(clips[:1]) == "person 3"
    assert words.people(clips) == "persons 3, 4 and 7"
    assert words.spoken("leftUpperArm") == "Left upper arm"
    assert words.is_elsewhere("ws://192.168.0.2:8765")
    for here in ("localhost", "127.0.0.1:9", "no address at all"):
        assert not words.is_elsewhere(here)
    assert words.sentence({"type": "error", "message": "no"}) == "no"
    assert words.sentence({"of": "record", "take": "a"}) == "the server records a"
    assert words.sentence({"of": "record", "take": []}) == "the server records ?"
    assert words.sentence({}) == ""


@pytest.mark.parametrize("copy", COPIES, ids=lambda path: path.parent.name)
def test_copies_of_hosts_are_equal(copy: Path) -> None:
    """If not: copy addons/shared/*.py there."""
    kept = {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}
    assert kept == {path.name: path.read_bytes() for path in SOURCES}


def imported(source: Path) -> Iterator[str]:
    """The top names of what a file imports, "" for its own package; fails if Python 3.7 would."""
    for node in ast.walk(ast.parse(source.read_text(), feature_version=(3, 7))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "" if node.level else (node.module or "").split(".")[0]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_is_python_3_7_and_the_standard_library_alone(source: Path) -> None:
    names = set(imported(source))
    assert names - {""} <= sys.stdlib_module_names
    assert not names & WAITS


def below(source: Path) -> set[str]:
    """The files of the package that one imports, also while it runs."""
    nodes = [n for n in ast.walk(ast.parse(source.read_text())) if isinstance(n, ast.ImportFrom)]
    own = [node for node in nodes if node.level]
    return {name for n in own for name in ([n.module] if n.module else [a.name for a in n.names])}


def test_no_file_is_imported_by_what_it_imports() -> None:
    """Raises CycleError and names them if any do."""
    imports = {source.stem: below(source) for source in SOURCES}
    assert set().union(*imports.values()) <= set(imports)
    assert set(TopologicalSorter(imports).static_order()) == set(imports)


def test_every_file_is_in_the_table_of_the_architecture() -> None:
    text = (ADDONS.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("| modules of `addons/shared/` |")[1].split("\n\n")[0]
    named = re.findall(r"`(\w+)`", table)
    assert sorted(named) == [source.stem for source in SOURCES if source.stem != "__init__"]


def exercised(python: str) -> str:
    """What the package says under a Python."""
    messages = [protocol_cases.FOLDER / name for name in ("hello.json", "frame.bin")]
    command = [python, "-B", "-c", EXERCISE, *map(str, FILES), *map(str, messages)]
    environment = {**os.environ, "PYTHONPATH": str(ADDONS), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def expected() -> str:
    return exercised(sys.executable)


@pytest.mark.parametrize("version", PYTHONS)
def test_old_pythons_read_the_same(version: str) -> None:
    found = shutil.which(f"python{version}")
    kept = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for python in [*([found] if found else []), *map(str, kept)]:
        # what pyenv puts in the way may lead nowhere
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            assert exercised(python) == expected()
            return
    pytest.skip(f"no Python {version} on this machine")
