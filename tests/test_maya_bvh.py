"""BVH files in Maya: the file's own angles, whatever its channel order, rate, axes and names."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_fake import FakeScene
from maya_people import dance, fk, person, pointing, rig
from mocap_bridge_maya import bake, bvh_import, take_import
from mocap_bridge_maya.rig import Rigged
from mocap_bridge_maya.scene import SceneError
from mocap_bridge_maya.shared.errors import TakeError

import exporters
import exporters.bvh
from exporters import Options
from mocap import skeletons
from mocap.motion import Motion
from mocap.retarget import Retargeter

GOLDEN = Path(__file__).parent / "golden" / "orders.bvh"
ORDERS = ["".join(order) for order in itertools.permutations("XYZ")]


def joint(name, order, offset, inside="", root=False):
    places = "Xposition Yposition Zposition " if root else ""
    channels = places + " ".join(f"{axis}rotation" for axis in order)
    return (
        f"{'ROOT' if root else 'JOINT'} {name}\n{{\nOFFSET {' '.join(map(str, offset))}\n"
        f"CHANNELS {6 if root else 3} {channels}\n{inside or 'End Site { OFFSET 0 9 0 }'}\n}}\n"
    )


def file_of(path, text, rows, step=1 / 24):
    body = "\n".join(" ".join(f"{n:.6f}" for n in row) for row in rows)
    text = f"HIERARCHY\n{text}MOTION\nFrames: {len(rows)}\nFrame Time: {step:.8f}\n{body}\n"
    path.write_text(text)
    return path


def column(axis, degrees):
    """(3, 3) a turn for columns."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    m = np.eye(3)
    j, k = ((1, 2), (2, 0), (0, 1))["XYZ".index(axis)]
    m[j, j] = m[k, k] = c
    m[k, j], m[j, k] = s, -s
    return m


@pytest.mark.parametrize("order", ORDERS)
def test_channels_in_any_order_turn_as_the_file_multiplies_them(order, tmp_path):
    random = np.random.default_rng(len(order))
    second = order[1:] + order[:1]
    inner = joint("tip", order, (0, 20, 5))
    text = joint("base", order, (0, 90, 0), joint("mid", second, (10, 0, 3), inner), root=True)
    rows = random.uniform(-170, 170, (5, 12))
    scene = FakeScene()
    loaded = bvh_import.load(scene, file_of(tmp_path / "a.bvh", text, rows), unit="CM")
    made = loaded.made[0]
    assert scene.things[made.root].order == order[::-1].lower()
    for n, row in enumerate(rows):
        scene.go_to(1 + n)
        place, turn = row[:3], np.eye(3)
        for k, (bone, own) in enumerate((("base", order), ("mid", second), ("tip", order))):
            if k:
                place = place + turn @ ((10, 0, 3), (0, 20, 5))[k - 1]
            for axis, angle in zip(own, row[3 + 3 * k : 6 + 3 * k], strict=True):
                turn = turn @ column(axis, angle)
            np.testing.assert_allclose(scene.place(made.joints[bone]), place, atol=1e-4)
            np.testing.assert_allclose(scene.turn(made.joints[bone]), turn.T, atol=1e-6)


def test_the_golden_file_with_every_kind_of_channel():
    scene = FakeScene(rate=25)
    made = bvh_import.load(scene, GOLDEN, unit="CM").made[0]
    motion = exporters.read(GOLDEN, Options(unit="cm")).people[0].motion
    for n in range(2):
        scene.go_to(1 + n)
        places, _ = motion.fk()
        for bone, place in zip(motion.skeleton.names, places[n], strict=True):
            np.testing.assert_allclose(scene.place(made.joints[bone]), 100 * place, atol=1e-6)
    assert [scene.things[n].name for n in made.joints.values()] == [
        "Hips", "Spine", "Left_Arm", "Left_Hand", "Left_Leg",
    ]  # fmt: skip


def test_angles_are_those_of_the_file_and_never_spin(tmp_path):
    text = joint("base", "ZXY", (0, 90, 0), root=True)
    rows = [[0, 90, 0, a, 5, 10] for a in (170.0, 178.0, -174.0, -166.0)]
    rows += [[0, 90, 0, 14.0 - 3, 175.0, -170.0]]  # the other triple of -169, 5, 10
    scene = FakeScene()
    made = bvh_import.load(scene, file_of(tmp_path / "a.bvh", text, rows), unit="CM").made[0]
    seen = []
    for n in range(5):
        scene.go_to(1 + n)
        seen.append([scene.get(made.root, f"rotate{axis}") for axis in "ZXY"])
    np.testing.assert_allclose(seen[:4], [[a, 5, 10] for a in (170, 178, 186, 194)], atol=1e-9)
    np.testing.assert_allclose(seen[4], [191, 5, 10], atol=1e-9)


def test_rates(tmp_path):
    text = joint("base", "ZXY", (0, 90, 0), root=True)
    rows = [[n, 90, 0, 2.0 * n, 0, 0] for n in range(31)]
    path = file_of(tmp_path / "a.bvh", text, rows, 1 / 30)
    scene = FakeScene(rate=24)
    loaded = bvh_import.load(scene, path, unit="CM", first=10)
    root = loaded.roots[0]
    np.testing.assert_allclose(scene.key_frames(root, "rotateZ"), np.arange(10, 35))
    assert (loaded.frames, scene.range) == (25, (1.0, 34.0))
    assert loaded.notes == ("30 frames a second became 24",)
    scene.go_to(18)  # a third of a second later
    assert scene.get(root, "rotateZ") == pytest.approx(20.0, abs=1e-5)
    assert scene.get(root, "translateX") == pytest.approx(10.0, abs=1e-5)

    loaded = bvh_import.load(scene, path, rate="EXACT", unit="CM")
    np.testing.assert_allclose(
        scene.key_frames(loaded.roots[0], "rotateZ"), 1 + np.arange(31) * 24 / 30, atol=1e-5
    )
    loaded = bvh_import.load(scene, path, rate="SCENE", unit="CM")
    assert scene.rate == 30
    np.testing.assert_allclose(scene.key_frames(loaded.roots[0], "rotateX"), np.arange(1, 32))
    odd = file_of(tmp_path / "b.bvh", text, rows, 1 / 37)
    with pytest.raises(SceneError, match=r"no time unit of 37"):
        bvh_import.load(scene, odd, rate="SCENE", unit="CM")
    with pytest.raises(TakeError, match="RESAMPLE, SCENE, EXACT"):
        bvh_import.load(scene, path, rate="FASTER")


def test_a_rate_written_with_few_digits_is_the_scenes(tmp_path):
    text = joint("base", "ZXY", (0, 90, 0), root=True)
    rows = [[0, 90, 0, 0.1 * n, 0, 0] for n in range(1000)]
    scene = FakeScene(rate=30)
    loaded = bvh_import.load(scene, file_of(tmp_path / "a.bvh", text, rows, 0.033333), unit="CM")
    assert loaded.notes == ()
    assert len(scene.key_frames(loaded.roots[0], "rotateZ")) == 1000


def test_several_people_have_skeletons_and_names_of_their_own(tmp_path):
    text = "".join(joint("mixamorig:Hips", "ZXY", (x, 90, 0), root=True) for x in (0, 50))
    rows = [[0, 90, 0, 1, 2, 3, 50, 90, 0, 4, 5, 6]] * 2
    path = file_of(tmp_path / "two dancers.bvh", text, rows)
    scene = FakeScene()
    loaded = bvh_import.load(scene, path, unit="CM")
    assert [scene.things[root].name for root in loaded.roots] == ["Hips", "Hips1"]
    groups = [scene.things[one.group].name for one in loaded.made]
    assert groups == ["two_dancers_person0", "two_dancers_person1"]
    scene.go_to(1)
    assert scene.get(loaded.roots[1], "rotateZ") == pytest.approx(4)
    assert scene.get(loaded.roots[1], "translateX") == pytest.approx(50)
    again = bvh_import.load(scene, path, unit="CM", namespace="b")
    assert [scene.things[root].name for root in again.roots] == ["b0:Hips", "b1:Hips"]
    assert scene.undo() == "Import two dancers.bvh"
    assert not scene.exists(again.roots[0])
    assert scene.exists(loaded.roots[0])


@pytest.mark.parametrize("unit", ["mm", "cm", "m", "in"])
@pytest.mark.parametrize("up", ["y", "z"])
def test_units_and_axes_of_the_scene(unit, up, tmp_path):
    text = joint("base", "ZXY", (0, 90, 0), root=True)
    path = file_of(tmp_path / "a.bvh", text, [[10, 90, 20, 0, 0, 0]])
    scene = FakeScene(up=up, unit=unit)
    root = bvh_import.load(scene, path, unit="CM").roots[0]
    scene.go_to(1)
    np.testing.assert_allclose(
        scene.place(root), [10, 90, 20] if up == "y" else [10, -20, 90], atol=1e-9
    )
    shown = {"mm": 900, "cm": 90, "m": 0.9, "in": 90 / 2.54}[unit]
    assert scene.get(root, "translateY") == pytest.approx(shown)


def motion_of(skeleton, frames=40, fps=24.0, seed=0):
    roots, rotations = dance(skeleton, frames, seed)
    known = skeletons.humanoid()
    return Motion(known, np.arange(frames) / fps, roots, rotations)


@pytest.mark.parametrize("up", ["y", "z"])
def test_a_file_moves_an_existing_rig(up, tmp_path):
    own = person()
    motion = motion_of(own)
    path = tmp_path / "dance.bvh"
    path.write_bytes(b"".join(exporters.bvh.dump(motion)))
    clips, _ = take_import.clips_of(path)
    scene = FakeScene(up=up)
    group = scene.add("g", "transform", rotate=(math.pi / 2 if up == "z" else 0.0, 0.0, 0.0))
    nodes = rig(scene, own, seed=5, group=group)
    rigged = Rigged(scene, nodes["hips"], clips[0].skeleton)
    frames = bake.write(scene, [(rigged, clips[0])], 1)
    assert frames == len(motion)
    for n in (0, 7, 39):
        scene.go_to(1 + n)
        places, _ = fk(own, motion.root[n], motion.rotations[n])
        seen = pointing(scene, nodes, own)
        way = places[own.names.index("leftHand")] - places[own.names.index("leftLowerArm")]
        way = way / np.linalg.norm(way)
        want = way if up == "y" else np.array([way[0], -way[2], way[1]])
        np.testing.assert_allclose(seen["leftLowerArm"], want, atol=1e-3)


@pytest.mark.parametrize("target", ["mixamo", "ue5", "cmu", "vrm"])
def test_rigs_move_as_files_that_the_program_exports(target):
    """The same motion on the same bones by `mocap.retarget`, to a hundredth of a millimetre."""
    own, known = person(), skeletons.by_name(target)
    motion = motion_of(own, 6, seed=4)
    want = Retargeter(motion.skeleton, known).motion(motion)
    places, _ = want.fk()
    like = type(own)(
        known.names,
        known.parents,
        tuple(tuple(row) for row in known.offsets.tolist()),
        (None,) * len(known.names),
    )
    scene = FakeScene()
    nodes = rig(scene, like, seed=9)
    rigged = Rigged(scene, nodes[known.names[0]], own)
    for n in range(len(motion)):
        rigged.apply(motion.root[n].tolist(), motion.rotations[n].ravel().tolist())
        for i, bone in enumerate(known.names):
            np.testing.assert_allclose(
                scene.place(nodes[bone]), 100 * places[n, i], atol=1e-3, err_msg=bone
            )


@given(st.binary(max_size=300))
def test_garbage_is_told_and_changes_nothing(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bvh") / "a.bvh"
    path.write_bytes(b"HIERARCHY\nROOT a\n" + data)
    scene = FakeScene()
    with pytest.raises(TakeError, match=r"^a\.bvh: "):
        bvh_import.load(scene, path)
    assert scene.things == {}


def test_a_file_that_stands_along_z_is_turned_upright(tmp_path):
    own = person()
    motion = motion_of(own, 10)
    lines = b"".join(exporters.bvh.dump(motion)).decode()
    text, _, _ = lines.partition("MOTION")
    turned, rows = [], []
    for line in text.splitlines():
        if line.strip().startswith("OFFSET"):
            x, y, z = map(float, line.split()[1:])
            line = f"OFFSET {x} {-z} {y}"
        turned.append(line)
    count = sum(int(line.split()[1]) for line in turned if line.strip().startswith("CHANNELS"))
    for n in range(10):
        row = [0.0] * count
        row[:3] = [n, 0.0, 93.0]
        rows.append(row)
    text = "\n".join(turned)[len("HIERARCHY\n") :] + "\n"
    path = file_of(tmp_path / "z.bvh", text, rows)
    for up, head in (("y", 1), ("z", 2)):
        scene = FakeScene(up=up)
        loaded = bvh_import.load(scene, path)
        made = loaded.made[0]
        scene.go_to(1)
        rise = scene.place(made.joints["head"]) - scene.place(made.root)
        assert np.argmax(rise) == head
        assert "stands along +Z" in loaded.notes[-1]


def test_a_file_without_frames_is_a_skeleton(tmp_path):
    text = joint("base", "ZXY", (0, 90, 0), joint("arm", "XYZ", (10, 0, 0)), root=True)
    scene = FakeScene()
    loaded = bvh_import.load(scene, file_of(tmp_path / "a.bvh", text, []), unit="CM")
    np.testing.assert_allclose(scene.place(loaded.made[0].joints["arm"]), [10, 90, 0])
    assert loaded.frames == 0
    assert scene.key_frames(loaded.roots[0], "rotateX") == []
