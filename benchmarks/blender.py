"""How much of Blender's time the add-on takes: each frame live, and writing a take as an action.

    python -m benchmarks.blender [--frames 300] [--bake 10000] [--json blender.json]

Needs Blender's module bpy. Live is what happens in the timer once a frame is read off the socket:
finding the armatures, retargeting, and giving them their pose; what Blender then makes of it (its
dependency graph) is a figure of its own. The take has 55 bones: body, fingers, eyes and jaw.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import statistics
import sys
import time
import types
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from mocap import rotation, skeletons
from mocap.arrays import Array
from mocap.skeleton import Skeleton

sys.path.insert(0, str(Path(__file__).parents[1] / "addons" / "blender"))

from mocap_bridge import bake, clips, rigs, targets  # type: ignore[import-not-found]
from mocap_bridge.shared import messages  # type: ignore[import-not-found]

LIVE_TARGET, BAKE_TARGET = 1.0, 5.0  # [ms] a frame and person, [s] of the whole take
FACE = ("leftEye", "rightEye", "jaw")


def full_body() -> Skeleton:
    """All 55 human bones."""
    body = skeletons.by_name("vrm")
    head = body.index("head")
    return Skeleton(
        (*body.names, *FACE),
        np.append(body.parents, [head] * 3),
        np.vstack([body.offsets, [[0.03, 0.07, 0.08], [-0.03, 0.07, 0.08], [0, 0.01, 0.06]]]),
        np.vstack([body.tips, np.full((len(FACE), 3), np.nan)]),
        "full body",
    )


def told(skeleton: Skeleton) -> Any:
    parents = tuple(skeleton.parents.tolist())
    return clips.Skeleton(skeleton.names, parents, skeleton.offsets, skeleton.tips)


def dance(skeleton: Skeleton, frames: int) -> tuple[Array, Array]:
    """Root (T, 3) and rotations (T, J, 4) of somebody who moves smoothly and never the same."""
    random = np.random.default_rng(0)
    at = np.arange(frames)[:, None, None] / 30
    pace = random.uniform(0.5, 3.0, (len(skeleton), 3))
    swing = 0.5 * np.sin(pace * at + random.uniform(0, 6, (len(skeleton), 3)))
    root = skeleton.offsets[0] + np.sin(at[:, 0] * [0.7, 2.0, 0.9]) * [1.0, 0.03, 1.0]
    return root, rotation.exp(swing)


def generated_rig(_: Skeleton) -> Any:
    """A generated Rigify rig; its generator talks, which is kept off the figures."""
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_basic_human_metarig_add()
    bpy.ops.pose.rigify_generate()
    return bpy.context.object


def created(skeleton: Skeleton) -> Any:
    return rigs.create(bpy.context.scene, told(skeleton), "Person")


def live(make: Any, people: int, frames: int) -> dict[str, float]:
    """Median and 95th percentile [ms] of a frame and person, and the median of what Blender
    itself does with it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    targets.reset()
    body = skeletons.humanoid()
    armatures = [make(body) for _ in range(people)]
    lines = [
        types.SimpleNamespace(
            person=person, armature=armature, bones=[], reference="", scale="LEGS",
            scale_factor=1.0, root="BONE", in_place=False, enabled=True,
        )
        for person, armature in enumerate(armatures)
    ]  # fmt: skip
    for line in lines:
        pairs = targets.map_of(line.armature).pairs
        line.bones = [types.SimpleNamespace(human=h, bone=b) for h, b in pairs.items()]
    scene = types.SimpleNamespace(
        mocap_bridge=types.SimpleNamespace(targets=lines), objects=bpy.context.scene.objects
    )
    offsets = tuple(map(tuple, body.offsets.tolist()))
    hello = messages.Hello(
        "mocap", body.names, tuple(body.parents.tolist()), offsets, {},
        {person: offsets for person in range(people)}, 30.0, 0.0,
    )  # fmt: skip
    root, rotations = dance(body, frames)
    ours, blenders = [], []
    for i in range(frames):
        person: Any = (tuple(root[i].tolist()), rotations[i].ravel().tolist(), {})
        seen = tuple(messages.Person(number, "tracked", 1.0, *person) for number in range(people))
        begin = time.perf_counter()
        problem = targets.apply_frame(scene, messages.Frame(i, i / 30, seen), hello)
        middle = time.perf_counter()
        bpy.context.view_layer.update()
        ours.append(1e3 * (middle - begin) / people)
        blenders.append(1e3 * (time.perf_counter() - middle) / people)
        if problem:
            raise RuntimeError(problem)
    warm, depsgraph = sorted(ours[10:]), statistics.median(blenders[10:])
    return {
        "median": statistics.median(warm),
        "p95": warm[int(0.95 * len(warm))],
        "depsgraph": depsgraph,
    }


def baking(frames: int) -> dict[str, float]:
    """Seconds to retarget a take of 55 bones and write it as an action."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    body = full_body()
    armature = created(body)
    root, rotations = dance(body, frames)
    scene = bpy.context.scene
    clip = clips.Clip(0, told(body), np.arange(frames) / bake.frame_rate(scene), root, rotations)
    begin = time.perf_counter()
    rigged = targets.rigged_of(armature, clip.skeleton, rigs.Settings(()))
    read = time.perf_counter()
    rigged.pose(root, rotations)
    posed = time.perf_counter()
    bake.bake(scene, [(rigged, clip)], "take", 1)
    return {
        "bones": len(rigged.bones),
        "prepare": read - begin,
        "retarget": posed - read,
        "bake": time.perf_counter() - posed,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--bake", type=int, default=10_000, help="frames of the take")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()

    figures: dict[str, Any] = {"blender": bpy.app.version_string, "live": {}}
    for name, make, people in (
        ("own skeleton", created, 1),
        ("own skeletons", created, 4),
        ("Rigify rig", generated_rig, 1),
    ):
        figures["live"][f"{people} {name}"] = live(make, people, arguments.frames)
    figures["bake"] = baking(arguments.bake)

    print(f"\nBlender {figures['blender']}: ms a frame and person")
    print(f"{'':18} {'median':>8} {'p95':>8} {'depsgraph':>10}")
    for name, ms in figures["live"].items():
        print(f"{name:18} {ms['median']:8.3f} {ms['p95']:8.3f} {ms['depsgraph']:10.3f}")
    print(f"(at most {LIVE_TARGET} besides the depsgraph)")
    took = figures["bake"]
    print(
        f"a take of {arguments.bake} frames and {took['bones']} bones as an action: "
        f"{took['bake']:.2f} s, of which retargeting {took['retarget']:.2f} s "
        f"(at most {BAKE_TARGET})"
    )
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    # some versions hang at exit for whatever is still registered
    atexit.register(lambda: (sys.stdout.flush(), os._exit(0)))
    sys.exit(main())
