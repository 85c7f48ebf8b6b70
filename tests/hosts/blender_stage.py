"""What tests of recording and import share: motions, a server that is none, armatures, the judge.

The judge is the package: its own resampling and forward kinematics say where every joint has to be.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blender_module import bpy

from exporters.json_take import dump
from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.motion import Motion
from mocap.skeleton import Skeleton
from mocap.take import Person, Take

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
MILLIMETRE = 1e-3

sys.path.insert(0, str(ROOT / "addons" / "blender"))


def module(name: str) -> Any:
    """A module of the add-on."""
    return importlib.import_module(f"mocap_bridge.{name}")


def empty_scene() -> Any:
    """An empty scene at 30 frames a second, and an add-on that remembers nothing."""
    module("live")._live.client = None
    module("recording")._recording.reset()
    module("offline")._offline.reset()
    module("preferences").held().python = ""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 30, 1.0
    return scene


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """Has the add-on registered throughout a test file that imports this fixture."""
    addon = importlib.import_module("mocap_bridge")
    addon.register()
    yield
    empty_scene()
    addon.unregister()


@pytest.fixture
def scene() -> Any:
    return empty_scene()


def dance(frames: int = 60, *, body: Skeleton | None = None, seed: int = 3) -> Motion:
    """A smooth motion of the humanoid, taken at uneven times."""
    random = np.random.default_rng(seed)
    body = body or skeletons.humanoid()
    times = np.cumsum(random.uniform(0.6, 1.7, frames)) / 33.0
    waves = random.normal(0, 0.35, (3, len(body), 3))
    waves[:, body.index("hips")] *= 0.4
    phase = 2 * np.pi * times[:, None] * np.array([0.4, 0.7, 1.1])
    turned = rotation.exp(np.einsum("tw,wjx->tjx", np.sin(phase), waves))
    walk = np.stack([np.sin(times), 0.05 * np.cos(3 * times), 0.7 * times], axis=-1)
    return Motion(body, times, body.offsets[0] + walk, turned)


def take_file(path: Path, *people: Motion) -> Path:
    take = Take(tuple(Person(i, motion) for i, motion in enumerate(people)))
    path.write_text("".join(dump(take)), encoding="ascii")
    return path


def as_skeleton(body: Skeleton) -> Any:
    """A skeleton of the package as the add-on has it."""
    parents = tuple(body.parents.tolist())
    return module("clips").Skeleton(body.names, parents, body.offsets.copy(), body.tips.copy())


def hello_of(people: Mapping[int, Skeleton]) -> Any:
    """The hello of a server to people of one skeleton, each with bones of their own lengths."""
    body = next(iter(people.values()))
    offsets = {i: tuple(map(tuple, own.offsets.tolist())) for i, own in people.items()}
    tips = {i: tuple(tip) for i, tip in enumerate(body.tips) if np.isfinite(tip).all()}
    return module("shared.messages").Hello(
        "test", body.names, tuple(body.parents.tolist()), next(iter(offsets.values())), tips,
        offsets, 30.0, 0.0,
    )  # fmt: skip


class FakeClient:
    """A connected client, of whose server only the hello and what is sent to it counts."""

    state, problem = "connected", ""
    latency, fps, dropped = 0.0, 30.0, 0

    def __init__(self, *people: Motion) -> None:
        self.status: dict[str, Any] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.greet(*people)

    def greet(self, *people: Motion) -> None:
        self.hello = hello_of({i: motion.skeleton for i, motion in enumerate(people)})

    def send(self, kind: str, **values: Any) -> int:
        self.sent.append((kind, values))
        return len(self.sent)

    def close(self) -> None:
        """As of a client."""


def pose_of(motion: Motion, frame: int) -> tuple[Array, Array]:
    """(3,) root [m] and (J, 4) rotations."""
    return motion.root[frame], motion.rotations[frame]


def frame_of(t: float, poses: dict[int, tuple[Array, Array]]) -> Any:
    """A frame as the client gives it."""
    messages = module("shared.messages")
    people = [
        messages.Person(i, "tracked", 1.0, tuple(root.tolist()), turned.ravel().tolist(), {})
        for i, (root, turned) in poses.items()
    ]
    return messages.Frame(0, t, tuple(people))


def connect(*people: Motion) -> FakeClient:
    client = FakeClient(*people)
    module("live")._live.client = client
    return client


def stream(*people: Motion, start: float = 100.0) -> None:
    """Push everything that people did into the recording."""
    recording = module("recording")
    for k, t in enumerate(people[0].times):
        poses = {i: pose_of(motion, k) for i, motion in enumerate(people)}
        recording.push(frame_of(start + t, poses), 7.0 + t)


def character(scene: Any, body: Skeleton, *, person: int = 0, name: str = "Hero") -> Any:
    """An armature in the bones of a skeleton that follows a person."""
    armature = module("rigs").create(scene, as_skeleton(body), name)
    item = scene.mocap_bridge.targets.add()
    item.person, item.armature = person, armature
    return armature


def joints(armature: Any, names: tuple[str, ...]) -> Array:
    """(J, 3) [m] where the bones begin, in our axes."""
    world = armature.matrix_world
    heads = np.array([world @ armature.pose.bones[name].head for name in names])
    return heads[:, [0, 2, 1]] * np.array([1.0, 1.0, -1.0])


def expected(motion: Motion, fps: float) -> Array:
    """(T, J, 3) [m] the joints at a constant rate from the first frame on."""
    return motion.resampled(fps=fps).fk()[0]


def assert_plays(scene: Any, armature: Any, places: Array, names: tuple[str, ...]) -> None:
    """Assert that the scene shows an armature at `places`, from its frame 1 on."""
    for k in np.unique(np.linspace(0, len(places) - 1, 9).astype(int)).tolist():
        scene.frame_set(1 + k)
        apart = np.abs(joints(armature, names) - places[k]).max()
        assert apart < 0.2 * MILLIMETRE, f"frame {k}: {apart * 1e3:.3f} mm"
