"""Points of other detectors, read from files such as they write them."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from detectors import flat, openpose_document, points_of, write_alphapose, write_openpose
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pretend import somebody
from synthetic import SIZE

from mocap.errors import FormatError, InvalidValue, MocapError
from mocap.keypoints import Keypoints, is_keypoints, read_keypoints
from mocap.keypoints.found import parsed_size
from mocap.keypoints.names import frame_number
from mocap.layouts import by_name, track_in

LEFT, RIGHT = somebody(6, x=-0.7), somebody(6, x=0.7)
ON_DISK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path, **options: Any) -> Keypoints:
    return read_keypoints(path, **{"size": SIZE, **options})


def documents(layout: str = "openpose_body25") -> list[Any]:
    """Two people in six frames."""
    return [
        openpose_document([points_of(person, layout, i) for person in (LEFT, RIGHT)])
        for i in range(6)
    ]


# --- OpenPose ------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["openpose_body25", "openpose_coco18"])
def test_a_folder_of_openpose_is_its_points(layout: str, tmp_path: Path) -> None:
    found = read(write_openpose(tmp_path / "json", documents(layout)), fps=25.0)
    expected = track_in(LEFT, by_name(layout))
    assert (found.detector, found.layout.name, found.size) == ("OpenPose", layout, SIZE)
    assert [f.t for f in found.frames] == pytest.approx([i / 25 for i in range(6)])
    assert [len(f.people) for f in found.frames] == [2] * 6
    assert not found.tracked
    for i, frame in enumerate(found.frames):
        one = frame.people[0]
        assert one.world is None
        assert np.allclose(one.image, expected.image[i], equal_nan=True)
        assert np.array_equal(one.confidence, expected.confidence[i])
        assert np.array_equal(np.isnan(one.image).any(axis=1), one.confidence == 0)


def test_gaps_empty_frames_and_numbers_are_kept(tmp_path: Path) -> None:
    parts: list[Any] = documents()
    parts[1], parts[2] = None, {"version": 1.3, "people": []}
    parts[4]["people"][1]["pose_keypoints_2d"] = []  # a face without a body
    found = read(write_openpose(tmp_path / "json", parts, first=7), fps=10.0)
    assert [f.t for f in found.frames] == pytest.approx([0.7, 0.8, 0.9, 1.0, 1.1, 1.2])
    assert [len(f.people) for f in found.frames] == [2, 0, 0, 2, 1, 2]


def test_old_names_and_points_without_confidence_are_read(tmp_path: Path) -> None:
    points = np.reshape(points_of(LEFT, "openpose_coco18", 0), (18, 3))
    old = {"people": [{"pose_keypoints": points.ravel().tolist()}]}
    bare = {"people": [{"pose_keypoints_2d": points[:, :2].ravel().tolist()}]}
    joints = {"version": "AlphaPose v0.2", "bodies": [{"joints": points.ravel().tolist()}]}
    found = read(write_openpose(tmp_path / "json", [old, bare, joints]))
    for frame in found.frames:
        assert np.allclose(frame.people[0].image, points[:, :2])
        assert np.array_equal(frame.people[0].confidence, points[:, 2])


def test_ids_of_the_detector_are_believed_if_everyone_has_one(tmp_path: Path) -> None:
    parts = [
        openpose_document([points_of(p, "openpose_body25", i) for p in (LEFT, RIGHT)], [4, 2])
        for i in range(3)
    ]
    found = read(write_openpose(tmp_path / "ids", parts))
    assert found.tracked
    assert [p.person for p in found.frames[0].people] == [2, 4]
    parts[1]["people"][0]["person_id"] = [-1]
    assert not read(write_openpose(tmp_path / "some", parts)).tracked


def test_broken_files_are_named_and_skipped_or_stop_all(tmp_path: Path) -> None:
    parts: list[Any] = documents()
    whole = json.dumps(parts[2])
    parts[2], parts[3] = whole[: len(whole) // 2], {"people": [{"pose_keypoints_2d": [1, 2, 3]}]}
    folder = write_openpose(tmp_path / "json", parts)
    found = read(folder)
    assert [len(f.people) for f in found.frames] == [2, 2, 0, 0, 2, 2]
    (note,) = found.notes
    assert "2 of 6 files" in note
    assert "clip2_000000000002_keypoints.json" in note
    assert "expected 75 or 50 numbers for openpose_body25, got 3" in note
    with pytest.raises(FormatError, match=r"clip2_000000000002_keypoints\.json: line 1"):
        read(folder, broken="stop")
    with pytest.raises(InvalidValue, match="skip or stop"):
        read(folder, broken="hide")


def test_a_folder_of_nothing_but_broken_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="none of its 2 JSON files"):
        read(write_openpose(tmp_path / "json", ["", "[1"]))


def test_names_must_number_frames_of_one_clip(tmp_path: Path) -> None:
    folder = write_openpose(tmp_path / "json", documents())
    (folder / "other_000000000001_keypoints.json").write_text('{"people": []}')
    with pytest.raises(FormatError, match=r"both frame 1; give a folder of one clip"):
        read(folder)
    (folder / "other_000000000001_keypoints.json").rename(folder / "notes.json")
    with pytest.raises(FormatError, match=r"no frame number in the name 'notes.json'"):
        read(folder)
    (folder / "notes.json").rename(folder / "clip2_900000000000_keypoints.json")
    with pytest.raises(FormatError, match="numbers from 0 to 900000000000 for 7 frames"):
        read(folder, broken="skip")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("clip2_000000000012_keypoints.json", 12),
        ("clip.mp4_000000000007_keypoints.json", 7),
        ("0005.png", 5),
        ("12", 12),
        ("frame.0042.jpg", 42),
        ("pose.json", None),
        ("9" * 40, None),
    ],
)
def test_the_last_digits_of_a_name_number_the_frame(name: str, number: int | None) -> None:
    assert frame_number(name) == number


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0)])
def test_shares_of_the_picture_become_pixels(low: float, high: float, tmp_path: Path) -> None:
    """As OpenPose writes them with --keypoint_scale 3 and 4."""
    parts = documents()
    pixels = np.array(parts[0]["people"][0]["pose_keypoints_2d"]).reshape(-1, 3)
    for part in parts:
        for person in part["people"]:
            points = np.array(person["pose_keypoints_2d"]).reshape(-1, 3)
            seen = points[:, 2] > 0
            points[seen, :2] = low + points[seen, :2] / SIZE * (high - low)
            person["pose_keypoints_2d"] = points.ravel().tolist()
    found = read(write_openpose(tmp_path / "json", parts))
    one = found.frames[0].people[0]
    assert np.allclose(one.image[one.confidence > 0], pixels[pixels[:, 2] > 0, :2])
    assert any("shares of the picture" in note for note in found.notes)


# --- how large the pictures were -----------------------------------------------------------


def test_the_size_is_asked_for_if_nothing_tells_it(tmp_path: Path) -> None:
    folder = write_openpose(tmp_path / "json", documents())
    with pytest.raises(InvalidValue, match=r"how large the pictures were.*--image-size"):
        read_keypoints(folder)
    with pytest.raises(InvalidValue, match="0x480"):
        read_keypoints(folder, size=(0, 480))
    with pytest.raises(InvalidValue, match=r"outside of 64x48 pixels.*true size"):
        read_keypoints(folder, size=(64, 48))
    points = track_in(LEFT, by_name("coco17")).image
    archive = custom(tmp_path / "a.npz", {"a.mp4": points}, size=(0, 0))
    with pytest.raises(
        InvalidValue, match=r"a\.npz: .* got 0x0; give the true one as --image-size"
    ):
        read_keypoints(archive)
    assert read_keypoints(archive, size=SIZE).size == SIZE


def test_the_size_is_read_from_pictures_beside(tmp_path: Path) -> None:
    folder = write_openpose(tmp_path / "json", documents())
    Image.new("RGB", SIZE).save(folder / "clip2_000000000000_rendered.png")
    found = read_keypoints(folder)
    assert found.size == SIZE
    assert any("640x720" in note for note in found.notes)


def test_a_size_is_two_numbers() -> None:
    assert parsed_size(" 1920X1080 ") == (1920, 1080)
    for wrong in ("1920", "x", "1920x-3", "1e3x2", "99999999x1", ""):
        with pytest.raises(InvalidValue, match="1920x1080"):
            parsed_size(wrong)


# --- AlphaPose -----------------------------------------------------------------------------


def coco(frames: int = 6) -> list[list[list[float]]]:
    return [[points_of(p, "coco17", i) for p in (LEFT, RIGHT)] for i in range(frames)]


def test_results_of_alphapose_are_their_points(tmp_path: Path) -> None:
    people = coco()
    people[2] = []
    found = read(write_alphapose(tmp_path / "alphapose-results.json", people))
    assert (found.detector, found.layout.name, found.tracked) == ("AlphaPose", "coco17", False)
    assert [len(f.people) for f in found.frames] == [2, 2, 0, 2, 2, 2]
    expected = track_in(LEFT, by_name("coco17"))
    assert np.allclose(found.frames[3].people[0].image, expected.image[3], equal_nan=True)


def test_results_that_were_followed_keep_their_ids(tmp_path: Path) -> None:
    ids = [[5, 3], [5, 3], [3, 5], [5, 3], [5, 5], [3, 5]]
    found = read(write_alphapose(tmp_path / "alphapose-results.json", coco(), ids))
    assert found.tracked
    assert [[p.person for p in f.people] for f in found.frames] == [[3, 5]] * 4 + [[5], [3, 5]]


@pytest.mark.parametrize(("key", "points"), [("bodies", "joints"), ("people", "pose_keypoints_2d")])
def test_the_other_formats_of_alphapose_are_of_openpose(
    key: str, points: str, tmp_path: Path
) -> None:
    values = points_of(LEFT, "openpose_coco18", 0)
    path = tmp_path / "alphapose-results.json"
    document = {f"{i}.jpg": {"version": "0.2", key: [{points: values}]} for i in (3, 4)}
    path.write_text(json.dumps(document))
    found = read(path)
    assert found.layout.name == "openpose_coco18"
    assert [f.t for f in found.frames] == pytest.approx([3 / 30, 4 / 30])
    assert flat(found.frames[0].people[0].image, found.frames[0].people[0].confidence) == (
        pytest.approx(values)
    )


def test_poseflow_is_read(tmp_path: Path) -> None:
    points = np.reshape(points_of(LEFT, "coco17", 0), (17, 3))
    entry = {"keypoints": points[:, :2].tolist(), "scores": points[:, 2:].tolist(), "idx": 4}
    path = tmp_path / "poseflow.json"
    path.write_text(json.dumps({"0.jpg": [entry], "1.jpg": []}))
    found = read(path)
    assert found.tracked
    assert found.frames[0].people[0].person == 4
    assert np.allclose(found.frames[0].people[0].image, points[:, :2])


def test_people_of_each_image_may_be_as_in_the_list(tmp_path: Path) -> None:
    people = coco(3)
    people[1] = []
    listed = read(write_alphapose(tmp_path / "list.json", people, [[1, 2], [], [2, 1]]))
    document: dict[str, list[dict[str, Any]]] = {f"{i}.jpg": [] for i in range(3)}
    for entry in json.loads((tmp_path / "list.json").read_text()):
        document[entry.pop("image_id")].append(entry)
    (tmp_path / "images.json").write_text(json.dumps(document))
    found = read(tmp_path / "images.json")
    assert found.tracked
    assert found.layout == listed.layout
    assert [[p.person for p in f.people] for f in found.frames] == [[1, 2], [], [1, 2]]
    for a, b in zip(found.frames, listed.frames, strict=True):
        for p, q in zip(a.people, b.people, strict=True):
            np.testing.assert_array_equal(p.image, q.image)
            np.testing.assert_array_equal(p.confidence, q.confidence)
    (tmp_path / "images.json").write_text('{"1.jpg": [{"score": 2}]}')
    with pytest.raises(FormatError, match=r"1\.jpg: expected keypoints of everyone, 17 times x, y"):
        read(tmp_path / "images.json")


def test_results_without_anybody_are_told(tmp_path: Path) -> None:
    path = tmp_path / "alphapose-results.json"
    path.write_text("[]")
    assert is_keypoints(path)
    with pytest.raises(FormatError, match="no frames in it"):
        read(path)


def test_confidences_above_one_are_sure(tmp_path: Path) -> None:
    values = np.reshape(points_of(LEFT, "coco17", 0), (17, 3))
    values[:, 2] = 5.5
    found = read(write_alphapose(tmp_path / "a.json", [[values.ravel().tolist()]]))
    assert (found.frames[0].people[0].confidence == 1).all()


# --- archives ------------------------------------------------------------------------------


def test_kpts_of_video_to_pose3d(tmp_path: Path) -> None:
    track = track_in(LEFT, by_name("coco17"))
    image = track.image.copy()
    image[2] = 0.0
    np.savez(tmp_path / "a.npz", kpts=image)
    found = read(tmp_path / "a.npz", fps=25)
    assert (found.detector, found.tracked) == ("video-to-pose3D", True)
    assert [len(f.people) for f in found.frames] == [1, 1, 0, 1, 1, 1]
    assert np.allclose(found.frames[5].people[0].image, track.image[5])
    with pytest.raises(InvalidValue, match="how large"):
        read_keypoints(tmp_path / "a.npz")


def custom(
    path: Path,
    videos: dict[str, np.ndarray],
    layout: str = "coco",
    size: tuple[int, int] = SIZE,
) -> Path:
    """As prepare_data_2d_custom.py of VideoPose3D writes it."""
    metadata = {
        "layout_name": layout,
        "num_joints": 17,
        "keypoints_symmetry": [[1, 3], [2, 4]],
        "video_metadata": {name: {"w": size[0], "h": size[1]} for name in videos},
    }
    positions = {name: {"custom": [points.astype("float32")]} for name, points in videos.items()}
    np.savez_compressed(path, positions_2d=positions, metadata=metadata)  # type: ignore[arg-type]
    return path


def test_a_data_set_of_own_videos_tells_its_size(tmp_path: Path) -> None:
    left, right = (track_in(track, by_name("coco17")).image for track in (LEFT, RIGHT))
    path = custom(tmp_path / "data_2d_custom_my.npz", {"a.mp4": left, "b.mp4": right})
    with pytest.raises(FormatError, match=r"a\.mp4, b\.mp4; name one of them as --clip"):
        read_keypoints(path)
    found = read_keypoints(path, clip="b.mp4")
    assert (found.detector, found.size, found.layout.name) == ("VideoPose3D", SIZE, "coco17")
    assert np.allclose(found.frames[1].people[0].image, right[1], atol=1e-4)
    alone = read_keypoints(custom(tmp_path / "one.npz", {"a.mp4": left}, "h36m"))
    assert alone.layout.name == "h36m17"
    with pytest.raises(FormatError, match="'unheard'; known are coco"):
        read_keypoints(custom(tmp_path / "odd.npz", {"a.mp4": left}, "unheard"))


def test_a_clip_is_named_only_where_there_are_several(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", kpts=track_in(LEFT, by_name("coco17")).image)
    with pytest.raises(FormatError, match=r"is of one video, so there is no video 'b\.mp4' in it"):
        read_keypoints(tmp_path / "a.npz", size=SIZE, clip="b.mp4")
    folder = write_openpose(tmp_path / "json", documents())
    with pytest.raises(
        InvalidValue, match=r"is of one video; --clip b\.mp4 names one of an archive"
    ):
        read_keypoints(folder, size=SIZE, clip="b.mp4")


def test_detectron_of_one_video(tmp_path: Path) -> None:
    """As infer_video_d2.py of VideoPose3D writes it."""
    points = [np.reshape(points_of(p, "coco17", 0), (17, 3)) for p in (LEFT, RIGHT)]
    rows = np.array([[p[:, 0], p[:, 1], np.zeros(17), p[:, 2]] for p in points], np.float32)
    keypoints = np.empty((3, 2), dtype=object)
    boxes = np.empty((3, 2), dtype=object)
    for frame in range(3):
        keypoints[frame, 0], boxes[frame, 0] = [], []
        keypoints[frame, 1] = rows[: 2 - frame] if frame < 2 else []
        boxes[frame, 1] = np.ones((2 - frame, 5)) if frame < 2 else []
    segments = np.array([None] * 3, dtype=object)
    metadata: Any = {"w": SIZE[0], "h": SIZE[1]}
    np.savez_compressed(
        tmp_path / "a.mp4.npz", boxes=boxes, segments=segments, keypoints=keypoints,
        metadata=metadata,
    )  # fmt: skip
    found = read_keypoints(tmp_path / "a.mp4.npz")
    assert (found.detector, found.size) == ("Detectron", SIZE)
    assert [len(f.people) for f in found.frames] == [2, 1, 0]
    assert np.allclose(found.frames[0].people[1].image, points[1][:, :2], atol=1e-3)


def test_archives_run_nothing(tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> Any:
            return eval, ("1",)

    np.savez(tmp_path / "a.npz", kpts=np.array([Runs()], dtype=object))
    with pytest.raises(FormatError, match=r"kpts: wants to build builtins\.eval"):
        read(tmp_path / "a.npz")


# --- what is what --------------------------------------------------------------------------


def test_points_are_told_from_pictures_videos_and_takes(tmp_path: Path) -> None:
    folder = write_openpose(tmp_path / "json", documents())
    results = write_alphapose(tmp_path / "results.json", coco())
    np.savez(tmp_path / "a.npz", kpts=np.ones((2, 17, 2)))
    take = tmp_path / "take.json"
    take.write_text('{"format": "mocap-take", "version": 1, "people": []}')
    (tmp_path / "empty").mkdir()
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", (8, 8)).save(pictures / "1.png")
    (pictures / "camera.json").write_text("{}")
    assert [is_keypoints(p) for p in (folder, results, tmp_path / "a.npz")] == [True] * 3
    others = (take, tmp_path / "empty", tmp_path / "none.json", Path(__file__), pictures)
    assert [is_keypoints(p) for p in others] == [False] * 5


def test_a_single_frame_of_openpose_is_read(tmp_path: Path) -> None:
    folder = write_openpose(tmp_path / "json", documents()[:1], first=5)
    (file,) = folder.iterdir()
    assert read(file).frames[0].t == pytest.approx(5 / 30)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["people", "bodies", "joints", "pose_keypoints_2d", "person_id",
                             "image_id", "keypoints", "idx", "scores", "1.jpg", "2.jpg"]),
            inner, max_size=4,
        ),
    ),
    max_leaves=20,
)  # fmt: skip
NUMBERS = st.one_of(st.floats(), st.integers(), st.sampled_from([0, 0.0, -1, 1e300, 10**400]))


@ON_DISK
@given(JSON, st.lists(NUMBERS, min_size=51, max_size=51))
def test_any_json_gives_points_or_one_of_our_errors(
    tmp_path: Path, document: Any, numbers: list[Any]
) -> None:
    path = tmp_path / "clip_000000000003_keypoints.json"
    person = {"people": [{"pose_keypoints_2d": [*numbers, 1, 2, 3]}]}
    listed = [{"image_id": "1.jpg", "keypoints": numbers, "score": 1, "idx": 2}]
    for value in (document, [document], {"people": document}, person, listed):
        path.write_text(json.dumps(value))
        for place in (path, tmp_path):
            with contextlib.suppress(MocapError):
                found = read(place)
                for frame in found.frames:
                    for someone in frame.people:
                        seen = someone.confidence > 0
                        assert seen.any()
                        assert np.isfinite(someone.image[seen]).all()
                        assert np.isnan(someone.image[~seen]).all()


@ON_DISK
@given(st.binary(max_size=80))
def test_any_bytes_give_points_or_one_of_our_errors(tmp_path: Path, data: bytes) -> None:
    for name in ("a_1.json", "a.npz"):
        (tmp_path / name).write_bytes(data)
        with contextlib.suppress(MocapError):
            read(tmp_path / name)


@ON_DISK
@given(st.data())
def test_damaged_archives_give_points_or_one_of_our_errors(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = custom(tmp_path / "a.npz", {"a.mp4": np.ones((3, 17, 2))})
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole))
    with contextlib.suppress(MocapError):
        read_keypoints(path)
