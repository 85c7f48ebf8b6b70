"""Import and offline capture of the add-on, in Blender as a module."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from blender_module import bpy
from blender_stage import (
    as_skeleton,
    assert_plays,
    character,
    dance,
    expected,
    joints,
    module,
    take_file,
)
from blender_stage import registered as registered
from blender_stage import scene as scene
from recordings import of_motion

import exporters
from mocap import rotation, skeletons
from mocap.motion import Motion
from mocap.retarget import Retargeter, retarget
from mocap.skeleton import Skeleton
from mocap.take import Person, Take

DIRECTION = 0.05  # [degrees] between bones here and there
STEP = 0.08  # [m] by which the add-on may place a body otherwise, so that its own feet stand


def journal_file(path: Path, motion: Motion) -> Path:
    path.write_bytes(b"".join(of_motion(motion)))
    return path


def bvh_file(path: Path, motion: Motion) -> Path:
    even = motion.resampled(fps=30.0)
    exporters.write(Take((Person(0, even),)), path)
    return path


def assert_points(scene: Any, armature: Any, motion: Motion) -> None:
    """Assert that the bones of another body point where the package makes them point, from frame 1
    of the scene on, and that it is where it should be but for what its legs need."""
    body, places = motion.skeleton, motion.fk()[0]
    below = [i for i, parent in enumerate(body.parents.tolist()) if parent >= 0]
    above = body.parents[below]
    for k in np.unique(np.linspace(0, len(places) - 1, 9).astype(int)).tolist():
        scene.frame_set(1 + k)
        found = joints(armature, body.names)
        a, b = (rotation.unit(at[below] - at[above]) for at in (found, places[k]))
        assert np.degrees(2 * np.arcsin(np.linalg.norm(a - b, axis=-1) / 2)).max() < DIRECTION
        assert np.abs(found[0] - places[k][0]).max() < STEP


FILES: dict[str, Callable[[Path, Motion], Path]] = {
    "json": take_file,
    "jsonl": journal_file,
    "bvh": bvh_file,
}


@pytest.mark.parametrize("suffix", list(FILES))
@pytest.mark.parametrize("onto", ["NEW", "TARGETS", "ACTIVE"])
def test_import(scene: Any, tmp_path: Path, suffix: str, onto: str) -> None:
    motion = dance()
    path = FILES[suffix](tmp_path / f"jump.{suffix}", motion)
    target = skeletons.by_name("mixamo")
    if onto == "TARGETS":
        armature = character(scene, target)
    elif onto == "ACTIVE":
        armature = module("rigs").create(scene, as_skeleton(target), "Hero")
        bpy.context.view_layer.objects.active = armature
    outcome = bpy.ops.mocap_bridge.import_take(filepath=str(path), onto=onto)
    assert outcome == {"FINISHED"}
    assert list(bpy.data.actions.keys()) == ["jump"]
    even = motion.resampled(fps=30.0)
    if onto == "NEW":
        armature = bpy.data.objects["Person"]
        assert_plays(scene, armature, even.fk()[0], even.skeleton.names)
        return
    assert_points(scene, armature, Retargeter(motion.skeleton, target)(even))


def test_several_people_at_once(scene: Any, tmp_path: Path) -> None:
    people = dance(seed=1), dance(seed=2)
    path = take_file(tmp_path / "two.json", *people)
    assert bpy.ops.mocap_bridge.import_take(filepath=str(path), onto="NEW") == {"FINISHED"}
    start = min(float(m.times[0]) for m in people)
    for i, motion in enumerate(people):
        armature = bpy.data.objects[f"Person {i}"]
        assert armature.animation_data.action.name == f"two Person {i}"
        # all begin at the moment when the first of them does
        frames = int((motion.times[-1] - start) * 30 + 1e-3) + 1
        places = motion.resampled(times=start + np.arange(frames) / 30).fk()[0]
        assert_plays(scene, armature, places, motion.skeleton.names)


def test_people_go_to_the_characters_of_their_numbers(scene: Any, tmp_path: Path) -> None:
    people = dance(seed=1), dance(seed=2), dance(seed=3)
    path = take_file(tmp_path / "three.json", *people)
    second = character(scene, people[0].skeleton, person=1, name="Second")
    bpy.ops.mocap_bridge.import_take(filepath=str(path), onto="TARGETS")
    assert list(bpy.data.actions.keys()) == ["three"]
    start = float(people[1].times[0])
    places = people[1].resampled(times=start + np.arange(20) / 30).fk()[0]
    assert_plays(scene, second, places, people[0].skeleton.names)
    bpy.ops.mocap_bridge.import_take(filepath=str(path), onto="TARGETS", person=2)
    start = float(people[2].times[0])
    places = people[2].resampled(times=start + np.arange(20) / 30).fk()[0]
    assert_plays(scene, second, places, people[0].skeleton.names)


def test_the_object_may_travel(scene: Any, tmp_path: Path) -> None:
    motion = dance()
    armature = character(scene, motion.skeleton)
    scene.mocap_bridge.targets[0].root = "OBJECT"
    path = take_file(tmp_path / "walk.json", motion)
    bpy.ops.mocap_bridge.import_take(filepath=str(path), onto="TARGETS")
    assert_plays(scene, armature, expected(motion, 30.0), motion.skeleton.names)
    scene.frame_set(40)
    assert armature.location.length > 0.3


def test_faults_are_one_clear_line(scene: Any, tmp_path: Path) -> None:
    def refused(message: str, **wanted: Any) -> None:
        with pytest.raises(RuntimeError, match=message) as caught:
            bpy.ops.mocap_bridge.import_take(**wanted)
        told = str(caught.value).strip().removeprefix("Error: ")
        assert "\n" not in told
        assert "Traceback" not in told
        assert not bpy.data.actions

    path = take_file(tmp_path / "a.json", dance(3))
    good = str(path)
    refused("b.json: cannot read: No such file", filepath=str(tmp_path / "b.json"))
    (tmp_path / "broken.json").write_text("{}")
    refused("broken.json: not a take", filepath=str(tmp_path / "broken.json"))
    refused("person 4 is not in it, only person 0", filepath=good, person=4)
    refused("no character follows person 0", filepath=good, onto="TARGETS")
    refused("no armature is active", filepath=good, onto="ACTIVE")
    chain = Skeleton(("a", "b"), np.array([-1, 0]), np.array([[0, 0, 0], [0, 1.0, 0]]))
    module("rigs").create(scene, as_skeleton(chain), "Chain")
    bpy.context.view_layer.objects.active = bpy.data.objects["Chain"]
    refused("Chain: cannot tell which bones are which", filepath=good, onto="ACTIVE")


@pytest.mark.parametrize("name", ["cmu_12_01_walk.bvh", "cmu_characterCreator_002_01.bvh"])
def test_files_of_other_programs(scene: Any, shared_data: Path, name: str) -> None:
    path = shared_data / "bvh" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    target = skeletons.by_name("mixamo")
    armature = character(scene, target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        motion = exporters.read(path).people[0].motion
    assert motion is not None
    scene.render.fps = round(motion.fps)
    assert bpy.ops.mocap_bridge.import_take(filepath=str(path), onto="TARGETS") == {"FINISHED"}
    assert_points(scene, armature, retarget(motion, target)[:100])


# -- offline


OUTSIDE = """#!{python}
import pathlib, shutil, sys, time
arguments = sys.argv[sys.argv.index("capture") + 1:]
video, out = arguments[0], arguments[arguments.index("-o") + 1]
mode = pathlib.Path(video).read_text()
for i in range(5):
    bar = f"estimate:  {{i * 20}}%|##| {{i}}/5 [00:00<00:00]"
    print(bar, end="\\r", file=sys.stderr, flush=True)
    time.sleep(0.02)
if mode == "fail":
    print("mocap: note: a note", file=sys.stderr)
    sys.exit("mocap: nobody was found in the footage")
if mode == "crash":
    raise RuntimeError("boom")
while mode == "hang":
    time.sleep(0.05)
print("mocap: note: the light is dim", file=sys.stderr)
shutil.copy({take!r}, out)
"""


@pytest.fixture
def outside(tmp_path: Path) -> Callable[[str], SimpleNamespace]:
    """A mocap command that stands in for the real one, and a video that says what it does."""
    take = take_file(tmp_path / "made.json", dance())

    def make(mode: str) -> SimpleNamespace:
        program, video = tmp_path / "mocap", tmp_path / f"{mode}.mp4"
        program.write_text(OUTSIDE.format(python=sys.executable, take=str(take)))
        program.chmod(0o755)
        video.write_text(mode)
        module("preferences").held().python = str(program)
        return SimpleNamespace(program=program, video=video)

    return make


def captured(video: Path, patience: float = 30.0, **wanted: Any) -> tuple[str, list[float]]:
    """What the modal operator does, without events; the sentence at the end and the shares."""
    offline = module("offline")
    capture = offline._offline.begin(str(video), ["--people", "1"])
    shares: list[float] = []
    until = time.monotonic() + patience
    while time.monotonic() < until:
        told = offline.look(bpy.context, capture, **{"onto": "NEW", **wanted})
        if told is not None:
            return told, shares
        shares.append(offline.state()["share"])
        time.sleep(0.005)
    raise AssertionError("the capture did not end")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_a_video_is_captured_outside(scene: Any, outside: Any) -> None:
    made = outside("works")
    told, shares = captured(made.video)
    assert "works" in told
    assert "the light is dim" in told
    known = [share for share in shares if share is not None]
    assert known == sorted(known)
    assert len(set(known)) > 1
    motion = dance()
    armature = bpy.data.objects["Person"]
    assert armature.animation_data.action.name == "works"
    assert_plays(scene, armature, expected(motion, 30.0), motion.skeleton.names)
    assert not module("offline").active()
    assert module("offline").state()["text"] == told


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_what_goes_wrong_outside_is_one_clear_line(scene: Any, outside: Any) -> None:
    error = module("shared.errors").TakeError
    with pytest.raises(error, match=r"^nobody was found in the footage$"):
        captured(outside("fail").video)
    with pytest.raises(error, match=r"ended with status 1: RuntimeError: boom$"):
        captured(outside("crash").video)
    made = outside("works")
    with pytest.raises(error, match=r"none\.mp4: there is no such file"):
        captured(made.video.with_name("none.mp4"))
    module("preferences").held().python = str(made.video)
    with pytest.raises(error, match="is no program"):
        captured(made.video)
    module("preferences").held().python = "/nowhere/mocap"
    with pytest.raises(error, match="there is no such program; install mocap-bridge"):
        captured(made.video)
    assert not bpy.data.actions
    assert not module("offline").active()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_a_capture_is_cancelled_at_once(scene: Any, outside: Any) -> None:
    offline = module("offline")
    made = outside("hang")
    capture = offline._offline.begin(str(made.video), [])
    while capture.share != pytest.approx(0.8):
        assert offline.look(bpy.context, capture, onto="NEW") is None
        time.sleep(0.01)
    assert offline.active()
    folder = capture._folder
    assert bpy.ops.mocap_bridge.capture_cancel() == {"FINISHED"}
    assert not offline.active()
    assert capture._process.poll() is not None
    assert not folder.exists()
    with pytest.raises(module("shared.errors").TakeError, match="cancelled"):
        offline.look(bpy.context, capture, onto="NEW")


def test_a_python_or_a_folder_may_be_chosen(tmp_path: Path) -> None:
    outside = module("outside")
    assert outside.program(sys.executable) == [sys.executable, "-m", "mocap"]
    home = tmp_path / "bin"
    home.mkdir()
    (home / "mocap").write_text("")
    (home / "mocap").chmod(0o755)
    assert outside.program(str(tmp_path)) == [str(home / "mocap")]
