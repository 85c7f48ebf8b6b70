"""The live connection inside Blender: a real server, timers ticked by hand, real armatures.

Blender as a module fires no timers; `tick` is what they call.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import protocol_cases
import pytest
from blender_module import bpy
from blender_stage import module
from golden_stage import GOLDEN, GOLDEN_CAST, Stage, ticked_until
from golden_stage import stage as stage
from stages import Obedient

from mocap import skeletons
from mocap.stream.access import Access
from mocap.stream.commands import Calibrate, Record, Set, Stop
from mocap.stream.frames import Cast, LiveFrame
from mocap.stream.server import WebSocketServer

NEAR = 2e-4  # [m]: single precision over a chain of bones


@pytest.fixture(scope="module")
def addon() -> Iterator[ModuleType]:
    """The add-on, registered as in a checkout."""
    mocap_bridge = importlib.import_module("mocap_bridge")
    mocap_bridge.register()
    yield mocap_bridge
    mocap_bridge.unregister()


@pytest.fixture
def live(addon: ModuleType) -> Iterator[Any]:
    """The module of the connection, in an empty file."""
    live = module("live")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield live
    live.stop()


def ticked(live: Any, stage: Stage, frames: int = 3) -> None:
    """Tick until so many more frames came."""
    before = live.client().received
    ticked_until(live, lambda: live.client().received >= before + frames, stage)


def connected(live: Any, stage: Stage) -> Any:
    """The scene's settings, once the first frames came."""
    settings = bpy.context.scene.mocap_bridge
    settings.url = stage.server.url
    assert bpy.ops.mocap_bridge.connect() == {"FINISHED"}
    ticked_until(live, lambda: live.state()["people"], stage)
    return settings


def followers(live: Any, stage: Stage) -> list[Any]:
    """Names of new skeletons that follow each of the people on stage."""
    connected(live, stage)
    names = []
    for person in (0, 7):
        bpy.ops.mocap_bridge.skeleton_create(person=person)
        names.append(bpy.context.scene.mocap_bridge.targets[-1].armature.name)
    ticked(live, stage)
    return names


def heads(name: str) -> dict[str, Any]:
    """Where the bones of an armature are in the world [m], on our axes."""
    bpy.context.view_layer.update()
    armature = bpy.data.objects[name]
    found = {}
    for bone in armature.pose.bones:
        x, y, z = armature.matrix_world @ bone.head
        found[bone.name] = np.array([x, z, -y])
    return found


def expected() -> list[dict[str, Any]]:
    """Where the golden people are."""
    return [protocol_cases.positions(person, GOLDEN_CAST) for person in GOLDEN.people]


def in_pose_of(name: str, person: int) -> bool:
    """Whether a skeleton stands as one of the golden people does."""
    places = expected()[person].items()
    return all(np.linalg.norm(heads(name)[bone] - place) < NEAR for bone, place in places)


def in_pose(names: list[str]) -> bool:
    """Whether the skeletons stand as the golden people do."""
    return all(in_pose_of(name, person) for person, name in enumerate(names))


def relax(names: list[str]) -> None:
    """Bring skeletons back to rest."""
    for name in names:
        for bone in bpy.data.objects[name].pose.bones:
            bone.rotation_quaternion = (1, 0, 0, 0)
            bone.location = (0, 0, 0)
    assert not in_pose(names)


def edit(name: str) -> None:
    """Bring an armature into edit mode, and no other that happens to be selected."""
    for one in bpy.context.view_layer.objects:
        one.select_set(one.name == name)
    bpy.context.view_layer.objects.active = bpy.data.objects[name]
    bpy.ops.object.mode_set(mode="EDIT")


def held() -> dict[str, list[str]]:
    """What the file holds: names of everything."""
    kinds = ("objects", "armatures", "actions", "collections", "scenes", "texts", "meshes")
    return {kind: sorted(getattr(bpy.data, kind).keys()) for kind in kinds}


def test_golden_people_move_skeletons(live: Any, stage: Stage) -> None:
    names = followers(live, stage)
    assert in_pose(names)
    state = live.state()
    assert state["people"] == [(0, "tracked"), (7, "held")]
    assert state["problem"] == ""
    assert state["text"].startswith("mocap ")
    assert state["fps"] > 0
    ticked_until(live, lambda: live.state()["latency_ms"] is not None, stage)


def test_connecting_and_disconnecting_leave_nothing(live: Any, stage: Stage) -> None:
    before = held()
    assert not bpy.ops.mocap_bridge.disconnect.poll()
    connected(live, stage)
    assert bpy.app.timers.is_registered(live.tick)
    assert not bpy.ops.mocap_bridge.connect.poll()
    bpy.ops.mocap_bridge.disconnect()
    assert not bpy.app.timers.is_registered(live.tick)
    assert live.client() is None
    assert live.tick() is None
    assert live.state()["text"] == "not connected"
    assert held() == before


def test_commands_reach_the_server(live: Any, stage: Stage, session: Obedient) -> None:
    assert not bpy.ops.mocap_bridge.server_record.poll()
    assert live.send("stop") == 0
    connected(live, stage)
    bpy.ops.mocap_bridge.server_record(name="jump")
    ticked_until(live, lambda: live.state()["message"] == "the server records jump")
    bpy.ops.mocap_bridge.server_stop()
    ticked_until(live, lambda: "take1.jsonl" in live.state()["message"])
    bpy.ops.mocap_bridge.calibrate(delay=1.0, height=1.75)
    ticked_until(live, lambda: live.state()["message"] == "stand in a T-pose")
    bpy.ops.mocap_bridge.set_option(smoothing=False)
    ticked_until(live, lambda: live.state()["message"] == "smoothing is False now")
    bpy.ops.mocap_bridge.server_record(name="full")
    ticked_until(live, lambda: live.state()["message"] == "the disk is full")
    assert session.told == [
        Record("jump"), Stop(), Calibrate(1.75, 1.0), Set("smoothing", False), Record("full"),
    ]  # fmt: skip


def test_whatever_a_server_answers_can_be_shown() -> None:
    words = module("shared.words")
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for of in ("record", "stop", "calibrate", "set", "later", deep, None):
        message = {"type": "ack", "of": of, "take": deep, "file": deep, "value": deep}
        assert isinstance(words.sentence(message), str)


def test_a_file_is_loaded_while_connected(live: Any, stage: Stage, tmp_path: Path) -> None:
    names = followers(live, stage)
    relax(names)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    for _ in range(2):
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
        assert not in_pose(names)
        ticked(live, stage)
        assert in_pose(names)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    ticked(live, stage)
    assert live.client().state == "connected"
    assert live.state()["problem"] == ""


def test_undo_while_connected(live: Any, stage: Stage) -> None:
    names = followers(live, stage)
    for word in ("one", "two"):
        bpy.data.objects[names[0]]["word"] = word
        bpy.ops.ed.undo_push(message=word)
        ticked(live, stage)
    for step in (bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.undo):
        assert step() == {"FINISHED"}
        ticked(live, stage)
        assert in_pose(names)
        assert live.state()["problem"] == ""
    assert bpy.data.objects[names[0]]["word"] == "one"


def test_an_armature_in_edit_mode_is_left_alone(live: Any, stage: Stage) -> None:
    names = followers(live, stage)
    relax(names)
    edit(names[0])
    data = bpy.data.objects[names[0]].data
    before = [tuple(bone.head) for bone in data.edit_bones]
    ticked(live, stage)
    assert [tuple(bone.head) for bone in data.edit_bones] == before
    assert tuple(bpy.data.objects[names[1]].pose.bones[1].rotation_quaternion) != (1, 0, 0, 0)
    bpy.ops.object.mode_set(mode="OBJECT")
    ticked(live, stage)
    assert in_pose(names)


def test_bones_and_armatures_go_while_live(live: Any, stage: Stage) -> None:
    names = followers(live, stage)
    edit(names[0])
    bones = bpy.data.objects[names[0]].data.edit_bones
    bones.remove(bones["leftHand"])
    bpy.ops.object.mode_set(mode="OBJECT")
    ticked(live, stage)
    places = heads(names[0])
    assert np.linalg.norm(places["rightHand"] - expected()[0]["rightHand"]) < NEAR
    bpy.data.objects.remove(bpy.data.objects[names[0]])
    ticked(live, stage)
    assert in_pose_of(names[1], 1)
    bpy.data.armatures.remove(bpy.data.objects[names[1]].data)  # takes the object with it
    ticked(live, stage)
    bpy.context.scene.mocap_bridge.targets.clear()
    ticked(live, stage)
    assert live.state()["problem"] == ""


def test_disabled_while_connected(addon: ModuleType, live: Any, stage: Stage) -> None:
    handlers = [getattr(bpy.app.handlers, name) for name in live.HANDLERS]
    names = followers(live, stage)
    before = held()
    addon.unregister()
    try:
        assert not bpy.app.timers.is_registered(live.tick)
        assert not any(live.forget in handler for handler in handlers)
        assert live.client() is None
        assert not hasattr(bpy.types.Scene, "mocap_bridge")
        assert held() == before
        assert in_pose(names)
        assert live.tick() is None
    finally:
        addon.register()
    assert live.client() is None


def test_nothing_moves_while_rendering(
    live: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = followers(live, stage)
    relax(names)
    monkeypatch.setattr(live, "is_rendering", lambda: True)
    ticked(live, stage)
    assert not in_pose(names)
    monkeypatch.undo()
    ticked(live, stage)
    assert in_pose(names)


def test_a_failure_is_told_and_the_next_frame_comes(
    live: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = importlib.import_module("mocap_bridge.targets")
    names = followers(live, stage)
    relax(names)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("of bones")

    monkeypatch.setattr(targets, "apply_frame", fail)
    ticked(live, stage)
    assert "ZeroDivisionError: of bones" in live.state()["problem"]
    assert live.client().state == "connected"
    monkeypatch.undo()
    ticked(live, stage)
    assert live.state()["problem"] == ""
    assert in_pose(names)
    assert "Traceback" not in capsys.readouterr().err


def test_a_target_that_cannot_follow_is_told(live: Any, stage: Stage) -> None:
    settings = connected(live, stage)
    bpy.ops.object.armature_add()
    target = settings.targets.add()
    target.armature = bpy.context.object
    ticked(live, stage)
    assert bpy.context.object.name in live.state()["problem"]
    target.enabled = False
    ticked(live, stage)
    assert live.state()["problem"] == ""


def test_the_server_goes_and_comes_back(live: Any, session: Obedient) -> None:
    with WebSocketServer(session, port=0) as server:
        port = server.port
        names = followers(live, Stage(server, session))
    ticked_until(live, lambda: live.client().state == "waiting")
    assert live.state()["problem"]
    assert live.state()["text"] == "waiting for the server"
    live._live.frame_at -= live.STALE
    ticked_until(live, lambda: not live.state()["people"])
    relax(names)
    with WebSocketServer(session, port=port) as server:
        stage = Stage(server, session)
        ticked_until(live, lambda: live.state()["people"], stage)
        ticked(live, stage)
        assert in_pose(names)
        assert live.state()["problem"] == ""


def test_other_people_come(live: Any, stage: Stage) -> None:
    """A hello with other lengths: the skeletons of before follow on, nothing breaks."""
    followers(live, stage)
    body = skeletons.humanoid()
    stage.server.open(Cast({0: body.scaled(0.5)}, 30.0))
    stage.frame = LiveFrame(0, 0.0, GOLDEN.people[:1])
    ticked_until(live, lambda: live.state()["people"] == [(0, "tracked")], stage)
    assert live.state()["problem"] == ""


def test_a_wrong_token_is_told_and_ends_it(live: Any, session: Obedient) -> None:
    with WebSocketServer(session, port=0, access=Access(token="the-right-one")) as server:
        bpy.context.scene.mocap_bridge.url = server.url
        bpy.ops.mocap_bridge.connect()
        ticked_until(live, lambda: live.client() is None)
        assert "asks for a token" in live.state()["problem"]
        bpy.context.scene.mocap_bridge.token = "the-right-one"
        bpy.ops.mocap_bridge.connect()
        assert live.state()["problem"] == ""
        ticked_until(live, lambda: live.client().state == "connected")
        live.stop()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "", "ws://127.0.0.1:0"])
def test_a_wrong_address_is_told_at_once(live: Any, url: str) -> None:
    bpy.context.scene.mocap_bridge.url = url
    with pytest.raises(RuntimeError, match="expected one like"):
        bpy.ops.mocap_bridge.connect()
    assert live.client() is None
    assert "expected one like" in live.state()["problem"]


def test_nobody_there_is_told_and_tried_again(live: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    bpy.context.scene.mocap_bridge.url = f"127.0.0.1:{port}"
    bpy.ops.mocap_bridge.connect()
    ticked_until(live, lambda: live.client().state == "waiting")
    assert "start `mocap live`" in live.state()["problem"]
    assert live.tick() == live.IDLE


def test_garbage_is_told(live: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bpy.context.scene.mocap_bridge.url = f"127.0.0.1:{listener.getsockname()[1]}"
        bpy.ops.mocap_bridge.connect()
        live.tick()
        plug, _ = listener.accept()
        with plug:
            plug.sendall(b"SSH-2.0-OpenSSH\r\n" * 1000)
            ticked_until(live, lambda: live.state()["problem"])
    assert "something else than `mocap live`" in live.state()["problem"]


@pytest.mark.skipif(
    bpy.app.version < (4, 2) or getattr(bpy.app, "online_access", True),
    reason="this Blender lets everything out",
)
def test_another_computer_needs_online_access(live: Any) -> None:
    bpy.context.scene.mocap_bridge.url = "ws://192.0.2.1:8765"
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.mocap_bridge.connect()
    assert live.client() is None


def test_a_recording_gets_every_frame(live: Any, stage: Stage) -> None:
    recording = importlib.import_module("mocap_bridge.recording")
    names = followers(live, stage)
    bpy.ops.mocap_bridge.record_start()
    ticked(live, stage, frames=1)  # from here on all of them are wanted
    before, kept = live.client().received, len(recording._recording)
    ticked(live, stage, frames=20)
    assert len(recording._recording) - kept == live.client().received - before
    bpy.ops.mocap_bridge.record_stop()
    assert not recording.active()
    assert bpy.data.objects[names[0]].animation_data.action is not None
    ticked(live, stage)
    assert in_pose(names)
