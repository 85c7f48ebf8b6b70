"""The engine-free core of the Unity package, run by Mono: its own tests, and bodies as in mocap."""

from __future__ import annotations

import json
import re
import subprocess

import numpy as np
import pytest
import unity_build
from strategies import rotations
from unity_core import BODY, FPS, MIRROR_POSITION, MIRROR_ROTATION, Built, pose_at
from unity_core import built as built
from unity_core import pytestmark as pytestmark

from mocap import bone_map, rotation, skeletons
from mocap.arrays import Array
from mocap.retarget import Retargeter
from mocap.skeleton import Skeleton
from mocap.stream import protocol
from mocap.stream.frames import Cast


def test_its_own_tests(built: Built) -> None:
    tests = unity_build.compiled(
        "MocapBridge.Tests",
        sorted(unity_build.CORE_TESTS.glob("Core*.cs")),
        built.core.parent,
        references=["System", "System.Core", "nunit.framework", built.core],
    )
    said = unity_build.nunit(tests)
    ran = re.search(r"Tests run: (\d+), Errors: 0, Failures: 0", said)
    assert ran is not None, said
    assert int(ran.group(1)) > 150
    assert "Ignored: 0" in said  # also those that count what is allocated


def test_bones_are_called_as_in_the_bone_map(built: Built) -> None:
    said = subprocess.run(
        unity_build.with_mono(built.client, "bones"), capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in said.stdout.splitlines()]
    pairs = {theirs: unity for unity, theirs, _ in rows}
    assert pairs == dict(bone_map.by_name("unity").pairs)
    assert [row[0] for row in rows][54] == "UpperChest"
    vrm = skeletons.by_name("vrm")
    for unity, theirs, above in rows:
        if theirs in vrm.names:
            parent = vrm.parents[vrm.index(theirs)]
            assert (rows[int(above)][1] if int(above) >= 0 else None) == (
                vrm.names[parent] if parent >= 0 else None
            ), unity


def figure_of(random: np.random.Generator, lacking: tuple[str, ...]) -> tuple[Skeleton, Array]:
    """Somebody of other proportions, whose bones have axes at random.

    Returns:
        The skeleton whose bones rest in the axes of the world, and the turn (J, 4) that each bone
        of the avatar has at rest besides.
    """
    size = random.uniform(0.3, 2.0)
    keep = [i for i, name in enumerate(BODY.names) if name not in lacking]
    names = tuple(BODY.names[i] for i in keep)
    at = BODY.rest_positions * size
    at[:, 1] *= random.uniform(0.8, 1.2)  # legs and torso of other proportions than arms
    at[:, 1] += random.uniform(-0.01, 0.05)  # and other soles
    parents, offsets = [], []
    for i in keep:
        above = int(BODY.parents[i])
        while above >= 0 and above not in keep:
            above = int(BODY.parents[above])
        parents.append(keep.index(above) if above >= 0 else -1)
        offsets.append(at[i] - (at[above] if above >= 0 else 0))
    tips = np.full((len(keep), 3), np.nan)
    for n, i in enumerate(keep):
        if "Toes" in names[n] or (
            "Foot" in names[n] and names[n].replace("Foot", "Toes") in lacking
        ):
            tips[n] = [0.0, -at[i, 1], 0.05 * size]  # an avatar stands on its root
    skeleton = Skeleton(names, np.array(parents), np.array(offsets), tips)
    return skeleton, rotations(random, (len(names),))


@pytest.mark.parametrize(
    "lacking",
    [
        (),
        ("upperChest",),
        ("chest", "upperChest", "neck"),
        ("leftShoulder", "rightShoulder", "leftToes", "rightToes"),
    ],
)
def test_avatars_move_as_in_the_package(built: Built, lacking: tuple[str, ...]) -> None:
    random = np.random.default_rng(len(lacking))
    asked, wanted = [], []
    hello = json.loads(protocol.encode_hello(Cast({0: BODY}, FPS)))
    for seed in range(25):
        avatar, turns = figure_of(random, lacking)
        pose = pose_at(100.0 * seed, seed)
        judge = Retargeter(BODY, avatar)
        moved = judge.pose(pose)
        at, world = avatar.fk(moved.root, moved.rotations)
        rest = avatar.rest_positions
        unity = [bone_map.by_name("unity").pairs[name] for name in avatar.names]
        asked.append(
            {
                "hello": hello,
                "root": (pose.root * MIRROR_POSITION).tolist(),
                "rotations": (pose.rotations * MIRROR_ROTATION).tolist(),
                "avatar": {
                    name: [
                        (rest[i] * MIRROR_POSITION).tolist(),
                        (turns[i] * MIRROR_ROTATION).tolist(),
                    ]
                    for i, name in enumerate(unity)
                },
            }
        )
        turned = rotation.mul(world, turns) * MIRROR_ROTATION
        wanted.append((at[0] * MIRROR_POSITION, dict(zip(unity, turned, strict=True)), judge.scale))
    done = subprocess.run(
        unity_build.with_mono(built.client, "retarget"),
        input="".join(json.dumps(line) + "\n" for line in asked),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for answer, (hips, turned, scale) in zip(answers, wanted, strict=True):
        assert answer["scale"] == pytest.approx(scale, abs=1e-4)
        np.testing.assert_allclose(answer["hips"], hips, atol=1e-4)
        assert set(answer["rotations"]) == set(turned)
        for name, found in answer["rotations"].items():
            q = np.array(found) * np.sign(np.dot(found, turned[name]))
            np.testing.assert_allclose(q, turned[name], atol=1e-4, err_msg=name)
