"""3d_data.json and 2d_data.json of 3d-pose-baseline's fork for Maya."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pretend import somebody
from synthetic import standing, turn

import exporters
from exporters import FormatWarning, Options
from exporters.baseline import POINTS, TOLD, dumps, points_of
from mocap import rotation
from mocap.arrays import Array
from mocap.errors import FormatError, OutputError, UnknownName
from mocap.keypoints import is_keypoints, read_keypoints
from mocap.keypoints.baseline import loads
from mocap.layouts import by_name
from mocap.motion import Motion
from mocap.panel.export import AS_CAPTURED, export
from mocap.rigs import rig
from mocap.solve import motion_of_joints
from mocap.take import Person, Take

# [mm] somebody 1.7 m tall in a T-pose before a level camera, as the file has it: x to the right of
# the picture, y into it, z up; who faces the camera has their left at the right of the picture
T_POSE = {
    0: (0, 0, 930), 1: (-90, 0, 930), 2: (-90, 0, 500), 3: (-90, 0, 70),
    6: (90, 0, 930), 7: (90, 0, 500), 8: (90, 0, 70),
    12: (0, 0, 1160), 13: (0, 0, 1440), 14: (0, -30, 1540), 15: (0, -10, 1700),
    17: (175, 0, 1400), 18: (455, 0, 1400), 19: (705, 0, 1400),
    25: (-175, 0, 1400), 26: (-455, 0, 1400), 27: (-705, 0, 1400),
}  # fmt: skip


def golden(frames: int = 2, moved: dict[int, Any] | None = None) -> dict[str, Any]:
    """The object of a file made by hand; the points that mean nothing are anywhere."""
    places = {i: (7.5, -3.0, 11.0) for i in range(32)} | T_POSE
    places |= moved or {}
    row = {str(i): {"translate": list(places[i])} for i in range(32)}
    return {str(n): json.loads(json.dumps(row)) for n in range(frames)}


def saved(folder: Path, document: Any, name: str = "3d_data.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def motion_in(path: Path, options: Options | None = None) -> Motion:
    motion = exporters.read(path, options or Options(source_fps=30)).people[0].motion
    assert motion is not None
    return motion


def dancer(frames: int = 40) -> Motion:
    """Somebody who turns, bends an arm and a knee, and goes ahead."""
    times = np.arange(frames) / 30
    swing = np.sin(4 * times)
    motion = standing(
        times,
        hips=turn("y", 60 * times),
        leftUpperArm=rotation.mul(turn("x", 40 * swing), turn("z", -70)),
        rightLowerArm=turn("y", 45 + 30 * swing),
        leftUpperLeg=turn("x", -15 * (1 + swing)),
        leftLowerLeg=turn("x", 20 * (1 + swing)),
    )
    return replace(motion, root=motion.root + np.outer(times, [0.2, 0.0, 0.5]))


def test_a_file_made_by_hand(tmp_path: Path) -> None:
    motion = motion_in(saved(tmp_path, golden()), Options(source_fps=25))
    np.testing.assert_allclose(motion.times, [0.0, 0.04])
    at, _ = motion.fk()
    for i, (x, y, z) in T_POSE.items():
        if POINTS[i] in motion.skeleton and i != 12:
            found = at[0, motion.skeleton.index(POINTS[i])]
            np.testing.assert_allclose(found, [x / 1000, z / 1000, -y / 1000], atol=1e-3)
    # the back has a joint more than the file; the one that the file has is the upper
    chest = at[0, motion.skeleton.index("chest")]
    np.testing.assert_allclose(chest, [0, 1.16, 0], atol=1e-3)
    tips = motion.skeleton.tip_positions(*motion.fk())[0]
    np.testing.assert_allclose(tips[motion.skeleton.index("head")], [0.0, 1.70, 0.01], atol=2e-3)


def test_left_is_left_and_ahead_is_towards_the_camera(tmp_path: Path) -> None:
    # the left hand before the chest, towards the camera
    motion = motion_in(
        saved(tmp_path, golden(moved={18: (175, -280, 1400), 19: (175, -530, 1400)}))
    )
    at, _ = motion.fk()
    hand = at[0, motion.skeleton.index("leftHand")]
    np.testing.assert_allclose(hand, [0.175, 1.4, 0.53], atol=1e-3)


def test_the_structure_is_that_of_the_fork(tmp_path: Path) -> None:
    path = tmp_path / "3d_data.json"
    exporters.write(Take((Person(0, dancer(3)),)), path)
    text = path.read_text()
    document = json.loads(text)
    assert text == json.dumps(document)  # as Python's json writes it, byte for byte
    assert list(document) == ["0", "1", "2"]
    for row in document.values():
        assert list(row) == [str(i) for i in range(32)]
        assert all(list(point) == ["translate"] for point in row.values())
        assert all(len(p["translate"]) == 3 for p in row.values())
        assert all(type(n) is float for p in row.values() for n in p["translate"])


def test_points_are_where_the_bones_are() -> None:
    motion = standing(np.zeros(1))
    found = points_of(motion)[0]
    at = motion.fk()[0][0]
    for i in (1, 2, 3, 6, 7, 8, 13, 14, 17, 18, 19, 25, 26, 27):
        x, y, z = at[motion.skeleton.index(POINTS[i])] * 1000
        np.testing.assert_allclose(found[i], [x, -z, y], atol=1e-6)
    np.testing.assert_allclose(found[0], (found[1] + found[6]) / 2, atol=1e-6)
    np.testing.assert_array_equal(found[11], found[0])
    assert (found[[5, 10], 1] < found[[3, 8], 1] - 100).all()  # toes point to the front
    assert found[:, 2].min() > -1


@pytest.mark.parametrize("skeleton", [None, "mixamo", "rigify", "cmu"])
def test_what_was_written_is_read_again(tmp_path: Path, skeleton: str | None) -> None:
    take = Take((Person(0, dancer()),))
    if skeleton is not None:
        take = rig(skeleton).take(take)
    path = tmp_path / "3d_data.json"
    exporters.write(take, path)
    found, motion = points_of(motion_in(path)), take.people[0].motion
    assert motion is not None
    expected = points_of(motion)
    shift = (expected - found)[:, list(TOLD)]
    # the height over the floor is told anew; places begin at 0
    shift -= shift[0, 0]
    assert np.linalg.norm(shift, axis=2).max() < 8.0  # [mm]
    again = tmp_path / "again.3d_data.json"
    exporters.write(exporters.read(path, Options(source_fps=30)), again)
    third = points_of(motion_in(again))[:, list(TOLD)]
    np.testing.assert_allclose(third, found[:, list(TOLD)], atol=0.6)


def test_a_camera_that_looks_down_is_levelled(tmp_path: Path) -> None:
    expected = motion_in(saved(tmp_path, golden())).fk()[0]
    for degrees in (-25.0, -10.0, 12.0, 30.0):
        tilt = turn("x", degrees)
        row = {i: rotation.rotate(tilt, np.array(p)).tolist() for i, p in T_POSE.items()}
        found = motion_in(saved(tmp_path, golden(moved=row))).fk()[0]
        np.testing.assert_allclose(found, expected, atol=0.03)


def test_heights_of_the_fork_are_those_in_the_picture(tmp_path: Path) -> None:
    document, ours = golden(90), golden(90)
    for n in range(90):
        for made in (document, ours):
            for point in made[str(n)].values():
                # they come nearer, and jump for a third of a second
                point["translate"][2] += 3 * n + (200 if 40 <= n < 50 else 0)
        ours[str(n)]["16"] = ours[str(n)]["13"]
    heights = {}
    for name, made in (("fork", document), ("ours", ours)):
        motion = motion_in(saved(tmp_path, made))
        heights[name] = motion.fk()[0][:, motion.skeleton.index("leftFoot"), 1]
    standing_still = np.delete(heights["fork"], np.s_[36:54])
    assert np.abs(standing_still - 0.07).max() < 0.06
    assert heights["fork"][45] > 0.2
    assert np.ptp(heights["ours"]) > 0.25


def test_missing_points_and_frames(tmp_path: Path) -> None:
    document = golden(12)
    moved = json.loads(json.dumps(document["0"]))
    for point in moved.values():
        point["translate"][0] += 600
    for n in range(5, 12):
        document[str(n)] = moved
    document["2"], document["3"] = None, {}
    del document["4"]
    document["1"] = {k: v for k, v in document["1"].items() if k != "19"}
    motion = motion_in(saved(tmp_path, document), Options(source_fps=10))
    np.testing.assert_allclose(motion.times, [0.0, 0.1, *np.arange(5, 12) / 10])
    even = tmp_path / "even.bvh"
    exporters.write(Take((Person(0, motion),)), even, Options(interpolation="linear"))
    np.testing.assert_allclose(
        motion_in(even).root[:, 0], [0, 0, 0.15, 0.3, 0.45, *[0.6] * 7], atol=1e-3
    )


def test_several_people_have_a_file_each(tmp_path: Path) -> None:
    two = Take((Person(0, dancer(2)), Person(3, dancer(2))))
    written = exporters.write(two, tmp_path / "walk.3d_data.json")
    assert [p.name for p in written] == ["person0.walk.3d_data.json", "person3.walk.3d_data.json"]
    assert len(motion_in(written[1])) == 2


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("3d_data.json", "3d_data"), ("2D_Data.json", "2d_data"), ("walk.3d_data.json", "3d_data"),
        ("a_2d_data.json", "2d_data"), ("my3d_data.json", "json"), ("3d_data.jsonl", "jsonl"),
        ("data.json", "json"), ("3d_data.json.json", "json"), ("3d_data.bvh", "bvh"),
    ],
)  # fmt: skip
def test_names_tell_the_format(name: str, format: str) -> None:
    assert exporters.format_of(name).name in (format, "journal" if format == "jsonl" else format)


def test_a_format_by_name_goes_before_that_of_the_file(tmp_path: Path) -> None:
    take = Take((Person(0, dancer(3)),))
    path = tmp_path / "points.json"
    exporters.write(take, path, name="3d_data")
    with pytest.raises(FormatError, match="not a take"):
        exporters.read(path)
    with pytest.warns(FormatWarning, match=r"does not tell its rate; taken to be 30 frames"):
        assert len(exporters.read(path, name="3d_data").people) == 1
    mistaken = tmp_path / "3d_data.json"
    exporters.write(take, mistaken, name="json")
    with pytest.raises(FormatError, match=r"this is a mocap-take, .* --input-format json"):
        exporters.read(mistaken)
    assert len(exporters.read(mistaken, name="json").people) == 1
    with pytest.raises(
        UnknownName, match=r"unknown file format 'fbx'; known: 2d_data, 3d_data, bvh"
    ):
        exporters.write(take, path, name="fbx")


# --- in the picture ------------------------------------------------------------------------


def test_points_in_the_picture_both_ways(tmp_path: Path) -> None:
    track = somebody(5)
    path = tmp_path / "2d_data.json"
    exporters.write(Take((Person(0, landmarks=track),)), path)
    document = json.loads(path.read_text())
    assert list(document) == [str(n) for n in range(5)]
    assert list(document["0"]) == [str(i) for i in range(18)]
    nose = track.image[0, track.layout.index("nose")]
    np.testing.assert_allclose(document["0"]["0"]["translate"], nose, atol=0.01)
    shoulders = [track.layout.index(f"{side}_shoulder") for side in ("left", "right")]
    neck = track.image[0, shoulders].mean(axis=0)
    np.testing.assert_allclose(document["0"]["1"]["translate"], neck, atol=0.01)
    with pytest.warns(FormatWarning, match=r"how large the pictures were; taken to be \d+x\d+"):
        again = exporters.read(path, Options(source_fps=30)).people[0].landmarks
    assert again is not None
    assert again.layout == by_name("openpose_coco18")
    np.testing.assert_allclose(again.image[0, 0], nose, atol=0.01)
    np.testing.assert_allclose(again.times, track.times, atol=1e-6)


def test_points_that_were_not_seen_are_at_the_corner(tmp_path: Path) -> None:
    track = somebody(3)
    confidence, image = track.confidence.copy(), track.image.copy()
    wrist = track.layout.index("left_wrist")
    confidence[1, wrist], image[1, wrist] = 0.0, np.nan
    path = tmp_path / "2d_data.json"
    unseen = replace(track, confidence=confidence, image=image)
    exporters.write(Take((Person(0, landmarks=unseen),)), path)
    assert json.loads(path.read_text())["1"]["7"]["translate"] == [0.0, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again = exporters.read(path).people[0].landmarks
    assert again is not None
    assert np.isnan(again.image[1, 7]).all()
    assert again.confidence[1, 7] == 0
    assert again.confidence[0, 7] == 1


def test_a_lifter_can_take_points_in_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "2d_data.json"
    exporters.write(Take((Person(0, landmarks=somebody(4)),)), path)
    assert is_keypoints(path)
    found = read_keypoints(path, size=(640, 720))
    assert found.detector == "3d-pose-baseline"
    assert [len(frame.people) for frame in found.frames] == [1] * 4
    solid = tmp_path / "3d_data.json"
    exporters.write(Take((Person(0, dancer(2)),)), solid)
    take = tmp_path / "take.json"
    exporters.write(Take((Person(0, landmarks=somebody(4)),)), take)
    assert not is_keypoints(solid)
    assert not is_keypoints(take)


# --- bad input -----------------------------------------------------------------------------


def bent(change: Any) -> bytes:
    document = golden()
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"[1]", "expected points by frame"),
        (b"{}", "no points in it"),
        (b'{"0": null}', "no points in it"),
        (b'{"a": {}}', "expected frames by their number.*got 'a'"),
        (b'{"0": {"0": {"translate": [NaN, 0, 0]}}}', "NaN is not a JSON number"),
        (b'{"0": {"0": {"translate": [1e300, 0, 0]}}}', "expected numbers up to"),
        (b'{"0": {"0": {"translate": [true, 0, 0]}}}', "frame 0, point 0: expected numbers"),
        (b'{"0": {"0": {"rotate": [0, 0, 0]}}}', "frame 0: expected points by number"),
        (b'{"0": [1, 2]}', "frame 0: expected points by number"),
        (b'{"0": {"99": {"translate": [0, 0, 0]}}}', "frame 0: expected points 0 to 31, got 99"),
        (bent(lambda d: d["1"]["3"].update(translate=[1, 2])), r"all \[x, y, z\] or all \[x, y\]"),
        (bent(lambda d: d["0"].clear() or d["1"].pop("17")), "point 17 .leftUpperArm. is in no fr"),
        (b'{"0": ' * 5000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "3d_data.json"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=rf"3d_data.json.*{message}"):
        exporters.read(path)


def test_files_that_are_missing_or_of_the_other_kind(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot read"):
        exporters.read(tmp_path / "3d_data.json")
    with pytest.raises(FormatError, match="holds points with depth"):
        exporters.read(saved(tmp_path, golden(), "2d_data.json"))
    flat = {"0": {"0": {"translate": [3, 4]}}}
    with pytest.raises(FormatError, match="holds points without depth"):
        exporters.read(saved(tmp_path, flat))
    with pytest.raises(OutputError, match="nobody in the take has a solved motion"):
        exporters.write(Take((Person(0, landmarks=somebody(2)),)), tmp_path / "3d_data.json")
    with pytest.raises(OutputError, match="the take holds no landmarks"):
        exporters.write(Take((Person(0, dancer(2)),)), tmp_path / "2d_data.json")


places = st.lists(st.floats(-1e6, 1e6) | st.just(0.0), min_size=3, max_size=3)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["0", "1", "17", "translate", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(document=junk)
def test_anything_is_read_or_refused(document: Any) -> None:
    try:
        found = loads(json.dumps(document).encode())
    except FormatError:
        return
    assert found.points.shape[1:] in ((32, 3), (18, 2))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(places, min_size=32, max_size=32), min_size=1, max_size=3))
def test_any_points_make_a_motion(tmp_path: Path, rows: list[list[list[float]]]) -> None:
    path = tmp_path / "3d_data.json"
    path.write_text(dumps(np.array(rows)))
    motion = motion_in(path)  # which is finite, or could not have been made
    assert len(motion) == len(rows)


def test_joints_must_be_complete() -> None:
    with pytest.raises(ValueError, match="joints: missing spine, neck"):
        motion_of_joints(np.zeros(1), {})


# --- as a command --------------------------------------------------------------------------


def test_converting(tmp_path: Path, command: Command) -> None:
    path = saved(tmp_path, golden(3))
    done = command("convert", path, tmp_path / "out.bvh", "--input-fps", "50", "--fps", "100")
    assert done.status == 0, done.err
    motion = motion_in(tmp_path / "out.bvh")
    assert len(motion) == 5
    done = command("convert", tmp_path / "out.bvh", tmp_path / "a.json", "--format", "3d_data")
    assert done.status == 0, done.err
    done = command("convert", tmp_path / "a.json", tmp_path / "b.bvh", "--input-format", "3d_data")
    assert done.status == 0, done.err
    done = command("convert", tmp_path / "a.json", tmp_path / "c.bvh")
    assert done.status == 2
    assert "not a take" in done.err


def test_the_panel_gives_files_names_that_are_known_again(tmp_path: Path) -> None:
    take = Take((Person(0, dancer(2)),))
    (path,) = export(take, "walk", tmp_path, "3d_data", AS_CAPTURED)
    assert path.name == "walk.3d_data.json"
    assert len(motion_in(path)) == 2


def test_arrays_of_the_writer_are_those_of_the_reader() -> None:
    points: Array = np.arange(2 * 32 * 3, dtype=float).reshape(2, 32, 3) / 7
    found = loads(dumps(points).encode())
    np.testing.assert_allclose(found.points, points, atol=5e-4)
    np.testing.assert_array_equal(found.numbers, [0, 1])
