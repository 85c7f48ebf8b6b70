"""The older `3d_data.json` and `2d_data.json`: upright, facing front, on the floor, as seen."""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maya_fake import FakeScene
from maya_people import dance, fk, person
from mocap_bridge_maya import bake, legacy, legacy_points, take_import
from mocap_bridge_maya.legacy_points import JOINTS
from mocap_bridge_maya.rig import Rigged
from mocap_bridge_maya.shared.errors import TakeError

from mocap import rotation

PERSON = person()
OF = {"neck": "neck", "spine": "spine", "head": "head"}


def points_of(root, rotations, tilt=0.0):
    """[mm] 32 points as the older program wrote them: z up, y into the picture, by a camera that
    looks down by `tilt` [rad]."""
    places, turned = fk(PERSON, root, rotations)
    at = dict(zip(PERSON.names, places, strict=True))
    top = at["head"] + rotation.rotate(turned[PERSON.names.index("head")], np.array([0, 0.2, 0]))
    row = {}
    for name, number in JOINTS.items():
        x, y, z = top if name == "top" else at[name]
        c, s = math.cos(tilt), math.sin(tilt)
        y, z = c * y - s * z, s * y + c * z
        row[number] = [1000 * x + 37.0, -1000 * z + 900.0, 1000 * y - 210.0]
    for number in range(32):
        row.setdefault(number, [11.0, 22.0, 33.0])
    row[0] = [5.0, 5.0, 5.0]  # networks that work relative to the hips leave these at a mean
    return {str(n): {"translate": list(map(float, at))} for n, at in sorted(row.items())}


def write(folder, frames, name="3d_data.json"):
    path = folder / name
    path.write_text(json.dumps({str(n): row for n, row in frames.items()}))
    return path


def walking(frames=30, turn=0.5):
    roots, rotations = dance(PERSON, frames, 3, turn)
    for bone in ("hips", "leftUpperLeg", "leftLowerLeg", "rightUpperLeg", "rightLowerLeg"):
        rotations[:, PERSON.names.index(bone)] = [0, 0, 0, 1]
    roots[:] = PERSON.offsets[0]
    return roots, rotations


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("tilt", [0.0, 0.35, -0.2])
def test_a_body_stands_upright_faces_front_and_points_as_it_was_seen(up, tilt, tmp_path):
    roots, rotations = walking()
    frames = {
        n: points_of(r, q, tilt) for n, (r, q) in enumerate(zip(roots, rotations, strict=True))
    }
    scene = FakeScene(up=up)
    loaded = legacy.load(scene, write(tmp_path, frames))
    made = loaded.made[0]
    assert loaded.frames == len(frames)
    for n in (0, 11, 29):
        scene.go_to(1 + n)
        places, _ = fk(PERSON, roots[n], rotations[n])
        at = dict(zip(PERSON.names, places, strict=True))
        for a, b in (
            ("leftUpperArm", "leftLowerArm"),
            ("leftLowerArm", "leftHand"),
            ("rightUpperArm", "rightLowerArm"),
            ("leftUpperLeg", "leftLowerLeg"),
            ("rightLowerLeg", "rightFoot"),
            ("rightUpperLeg", "leftUpperLeg"),
        ):
            way = scene.place(made.joints[b]) - scene.place(made.joints[a])
            if up == "z":
                way = np.array([way[0], way[2], -way[1]])
            want = at[b] - at[a]
            angle = way @ want / np.linalg.norm(way) / np.linalg.norm(want)
            assert angle > math.cos(math.radians(3 if tilt else 1)), (a, b)
        foot = scene.place(made.joints["leftFoot"])[1 if up == "y" else 2]
        assert 3 < foot < 11


def test_the_lower_foot_stays_on_the_floor_whatever_the_file_says(tmp_path):
    roots, rotations = dance(PERSON, 12, 7, 0.6)
    frames = {n: points_of(r, q) for n, (r, q) in enumerate(zip(roots, rotations, strict=True))}
    for n, row in frames.items():
        for point in row.values():
            point["translate"][2] += 300.0 * math.sin(n)
    scene = FakeScene()
    made = legacy.load(scene, write(tmp_path, frames)).made[0]
    for n in range(12):
        scene.go_to(1 + n)
        low = min(scene.place(made.joints[f"{side}Foot"])[1] for side in ("left", "right"))
        assert 2 < low < 14


def test_frames_keep_their_numbers_and_gaps_are_bridged(tmp_path):
    roots, rotations = walking(5)
    frames = {
        n: points_of(r, q) for n, r, q in zip((7, 8, 10, 12, 13), roots, rotations, strict=True)
    }
    scene = FakeScene(rate=30)
    loaded = legacy.load(scene, write(tmp_path, frames), first=101)
    assert loaded.frames == 7
    assert scene.key_frames(loaded.roots[0], "rotateX") == pytest.approx(range(101, 108))
    slow = legacy.load(scene, write(tmp_path, frames), fps=15)
    assert slow.frames == 13


def test_lengths_do_not_change_and_do_not_follow_outliers(tmp_path):
    roots, rotations = walking()
    frames = {n: points_of(r, q) for n, (r, q) in enumerate(zip(roots, rotations, strict=True))}
    frames[4]["19"]["translate"] = [1e5, 0.0, 0.0]
    scene = FakeScene()
    made = legacy.load(scene, write(tmp_path, frames)).made[0]
    for bone, length in (("leftHand", 25), ("leftLowerLeg", 43), ("rightLowerArm", 28)):
        found = scene.things[made.joints[bone]].translate
        assert np.linalg.norm(found) == pytest.approx(length, abs=0.01)


def test_locators_stand_where_the_points_were(tmp_path):
    roots, rotations = walking(4)
    frames = {n: points_of(r, q) for n, (r, q) in enumerate(zip(roots, rotations, strict=True))}
    scene = FakeScene(up="z")
    made = legacy.load(scene, write(tmp_path, frames), locators=True).made[0]
    scene.go_to(3)
    for name in ("leftHand", "rightFoot"):
        locator = scene.find(f"points_{name}")
        np.testing.assert_allclose(scene.place(locator), scene.place(made.joints[name]), atol=4)


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\0" * 9


def test_pictures_stand_behind_the_person_in_the_persons_size(tmp_path):
    roots, rotations = walking(4)
    frames = {n: points_of(r, q) for n, (r, q) in enumerate(zip(roots, rotations, strict=True), 3)}
    path = write(tmp_path, frames)
    flat = {"1": [400, 200], "8": [390, 304], "11": [410, 304], "0": [0, 0]}
    row = {number: {"translate": at} for number, at in flat.items()}
    write(tmp_path, {n: row for n in frames}, "2d_data.json")
    folder = tmp_path / "image_plane"
    folder.mkdir()
    for n in (3, 4, 5):
        (folder / f"image.{n}.png").write_bytes(png(800, 600))
    (folder / "notes.txt").write_text("no picture")
    scene = FakeScene()
    made = legacy.load(scene, path, first=10).made[0]
    picture = next(thing.picture for thing in scene.things.values() if thing.picture)
    assert (picture.number, picture.first) == (3, 10)
    assert picture.path.endswith("image.3.png")
    pixel = picture.size[0] / 800
    assert picture.size[1] == pytest.approx(600 * pixel)
    rest = PERSON.rest_positions()
    torso = rest[PERSON.names.index("neck")][1] - rest[0][1]
    assert 104 * pixel == pytest.approx(100 * torso, rel=0.05)
    scene.go_to(10)
    hips = scene.place(made.root)
    assert picture.centre[0] + (400 - 400) * pixel == pytest.approx(hips[0], abs=0.1)
    assert picture.centre[1] + (300 - 304) * pixel == pytest.approx(hips[1], abs=0.1)
    assert picture.centre[2] < -100

    flat_scene = FakeScene()
    loaded = legacy.load(flat_scene, tmp_path / "2d_data.json")
    assert loaded.frames == 4
    assert flat_scene.find("points2d_neck")
    assert flat_scene.find("points2d_nose") is None  # never seen
    assert legacy.load(FakeScene(), path, pictures=False).frames == 4


def test_it_moves_an_existing_rig(tmp_path):
    from maya_people import rig

    roots, rotations = walking()
    frames = {n: points_of(r, q) for n, (r, q) in enumerate(zip(roots, rotations, strict=True))}
    clips, _ = take_import.clips_of(write(tmp_path, frames), fps=24)
    scene = FakeScene()
    nodes = rig(scene, PERSON, seed=2)
    rigged = Rigged(scene, nodes["hips"], clips[0].skeleton)
    assert bake.write(scene, [(rigged, clips[0])], 1) == 30
    scene.go_to(12)
    places, _ = fk(PERSON, roots[11], rotations[11])
    way = places[PERSON.names.index("leftHand")] - places[PERSON.names.index("leftLowerArm")]
    seen = scene.place(nodes["leftHand"]) - scene.place(nodes["leftLowerArm"])
    assert way @ seen / np.linalg.norm(way) / np.linalg.norm(seen) > 0.99


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1]", "expected an object of frames"),
        ("{}", "no frame with points"),
        ('{"a": {}}', "frames by their number, got 'a'"),
        ('{"0": {"0": {"translate": [1, 2]}, "1": {"translate": [1, 2, 3]}}}', "all"),
        ('{"0": {"0": {"translate": [1, 2, 3]}}}', "frame 0: point 1 is missing"),
        ('{"0": {"0": {"translate": [1, true, 3]}}}', "expected numbers"),
        ('{"0": {"0": [1, 2, 3]}}', "expected points as"),
        ('{"0": {"0": {"translate": [1, 2, NaN]}}}', "not a JSON number"),
    ],
)
def test_what_is_none_is_told(text, told, tmp_path):
    path = tmp_path / "3d_data.json"
    path.write_text(text)
    scene = FakeScene()
    with pytest.raises(TakeError, match=told):
        legacy.load(scene, path)
    assert scene.things == {}


@given(st.recursive(st.none() | st.integers() | st.text(), lambda c: st.dictionaries(st.text(), c)))
def test_garbage_raises_nothing_else(document):
    with pytest.raises(TakeError):
        legacy_points.loads(json.dumps(document).encode())
