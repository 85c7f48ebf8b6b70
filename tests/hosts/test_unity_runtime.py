"""The Unity package's components, inspectors and importers, compiled and run by Mono on a stand-in
for Unity, in scenes of their own and against a real server."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import unity_build
from stages import Obedient
from waiting import free_port

from exporters import bvh, json_take
from exporters.format import Options
from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.motion import Pose
from mocap.stream.frames import Cast, LiveFrame, LivePerson
from mocap.stream.server import WebSocketServer
from mocap.stream.sink import Sink
from mocap.stream.vmc_sink import VmcSink, target_of
from mocap.threads import Worker

TESTS = Path(__file__).parent.parent
STUB = TESTS / "unity_stub"
PACKAGE = unity_build.PACKAGE
BASE = ("System", "System.Core")
EXACT = 1e-4  # [rad, m]
OWN = ("Bodies", "AvatarTests", "ImportTests")  # of the package, besides those of the core

pytestmark = unity_build.NEEDED


@dataclass(frozen=True)
class Built:
    """Assemblies of the package and of the stand-in, in one folder.

    Attributes:
        references: all of them, for whoever is compiled against them.
    """

    folder: Path
    references: tuple[str | Path, ...]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Everything that Unity would compile, without a warning."""
    folder = tmp_path_factory.mktemp("unity")
    references: list[str | Path] = list(BASE)
    core = unity_build.core(folder)
    for name, sources in (
        ("UnityEngine", STUB / "UnityEngine"),
        ("UnityEditor", STUB / "UnityEditor"),
        ("MocapBridge", PACKAGE / "Runtime"),
        ("MocapBridge.Editor", PACKAGE / "Editor"),
    ):
        if name == "MocapBridge":
            references.append(core)
        made = unity_build.compiled(
            name, sorted(sources.glob("*.cs")), folder, references=references
        )
        references.append(made)
    return Built(folder, tuple(references))


def test_the_sample_compiles(built: Built, tmp_path: Path) -> None:
    sources = sorted((PACKAGE / "Samples~" / "LiveAvatar").glob("*.cs"))
    assert sources
    unity_build.compiled("Sample", sources, tmp_path, references=built.references)


def test_the_script_of_the_page_compiles(built: Built, tmp_path: Path) -> None:
    page = (unity_build.ROOT / "docs" / "unity.md").read_text("utf-8")
    (script,) = re.findall(r"^```csharp\n(.*?)^```", page, re.M | re.S)
    (tmp_path / "Greeter.cs").write_text(script)
    sources = [tmp_path / "Greeter.cs"]
    unity_build.compiled("Greeter", sources, tmp_path, references=built.references)


def test_all_tests_of_the_package_are_one_assembly(built: Built, tmp_path: Path) -> None:
    sources = sorted((PACKAGE / "Tests" / "Editor").glob("*.cs"))
    references = [*built.references, "nunit.framework"]
    unity_build.compiled("MocapBridge.Tests", sources, tmp_path, references=references)


def test_components_and_inspectors(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package's own tests of everything above the core, and scenes that play."""
    folders = (TESTS / "unity_runtime", PACKAGE / "Samples~" / "LiveAvatar")
    sources = [PACKAGE / "Tests" / "Editor" / f"{name}.cs" for name in OWN]
    sources += [path for folder in folders for path in sorted(folder.glob("*.cs"))]
    tests = unity_build.compiled(
        "MocapBridge.Tests",
        sources,
        built.folder,
        references=[*built.references, "nunit.framework"],
    )
    take = TESTS / "golden" / "journal" / "dance.json"
    written = bvh.write(json_take.read(take, Options()), tmp_path / "dance.bvh", Options())
    monkeypatch.setenv("MOCAP_TAKE", str(take))
    monkeypatch.setenv("MOCAP_BVH", str(written[0]))
    said = unity_build.nunit(tests)
    assert "Failures: 0" in said
    assert "Ignored: 0" in said


@pytest.fixture(scope="module")
def scene(built: Built) -> Path:
    """The program that plays a scene."""
    folder = built.folder / "scene"
    folder.mkdir()
    for path in built.references:
        if isinstance(path, Path):
            (folder / path.name).write_bytes(path.read_bytes())
    sources = [PACKAGE / "Tests" / "Editor" / "Bodies.cs", TESTS / "unity_scene" / "Scene.cs"]
    # under this name it may use what the assemblies keep for tests
    return unity_build.compiled(
        "MocapBridge.Tests", sources, folder, references=built.references, program=True
    )


BODY = skeletons.humanoid()


def pose_of(seed: int) -> Pose:
    """Every joint turned by something."""
    random = np.random.default_rng(seed)
    turns = rotation.exp(random.uniform(-1.0, 1.0, (len(BODY), 3)))
    return Pose(t=0.0, root=random.uniform([-1, 0.7, -1], [1, 1.1, 1]), rotations=turns)


@contextmanager
def posing(sink: Sink, poses: dict[int, Pose]) -> Iterator[None]:
    """People who keep their pose, sixty times a second."""
    over = threading.Event()
    begun = time.monotonic()

    def play() -> None:
        for seq in itertools.count(1):
            if over.wait(1 / 60):
                return
            t = time.monotonic() - begun
            people = (LivePerson(i, replace(pose, t=t)) for i, pose in poses.items())
            sink.write(LiveFrame(seq, t, tuple(people)))

    sink.open(Cast(dict.fromkeys(poses, BODY), fps=60.0))
    worker = Worker("poser", play)
    try:
        yield
    finally:
        over.set()
        worker.join()
        assert worker.error is None


def played(scene: Path, *arguments: str) -> dict[str, Any]:
    """What a scene says that has played for a second."""
    done = subprocess.run(
        unity_build.with_mono(scene, *arguments),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def in_unity(turns: Array) -> Array:
    """Rotations (..., 4) in Unity's axes, by the page of conventions."""
    return turns * [1.0, -1.0, -1.0, 1.0]


def check(character: dict[str, Any], pose: Pose) -> None:
    """Every bone is turned from its T-pose as the person's is, and the hips are where they are."""
    wanted = in_unity(BODY.to_global(pose.rotations))
    assert set(character["bones"]) == set(BODY.names)
    for name, turn in zip(BODY.names, wanted, strict=True):
        assert rotation.angle(np.array(character["bones"][name]), turn) < EXACT, name
    assert character["hips"] == pytest.approx(pose.root * [-1.0, 1.0, 1.0], abs=0.02)
    assert character["hips"][0] == pytest.approx(-pose.root[0], abs=EXACT)


@pytest.mark.parametrize("encoding", ["binary", "json"])
def test_characters_follow_a_server(scene: Path, encoding: str) -> None:
    poses = {2: pose_of(2), 5: pose_of(5)}
    with WebSocketServer(Obedient(), port=0) as server, posing(server, poses):
        told = played(scene, encoding, server.url, "2")
    assert (told["state"], told["problem"]) == ("Connected", "")
    assert [character["person"] for character in told["characters"]] == [2, 5]
    for character in told["characters"]:
        check(character, poses[character["person"]])


def test_a_character_follows_vmc(scene: Path) -> None:
    port = free_port()
    poses = {0: pose_of(7)}
    with VmcSink(target_of(f"127.0.0.1:{port}")) as sink, posing(sink, poses):
        told = played(scene, "vmc", str(port), "1")
    check(told["characters"][0], poses[0])
