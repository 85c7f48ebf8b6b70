"""Data sets of the literature, from small files of their formats."""

from __future__ import annotations

import contextlib
import json
import pickle
import struct
from pathlib import Path
from typing import Any

import dataset_files as made
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from motions import seeds
from scipy.io import savemat
from scipy.spatial.transform import Rotation

import exporters
from mocap.camera import Camera
from mocap.datasets import DATASETS, Clip, corpus, dataset, h36m
from mocap.datasets.clip import to_view
from mocap.datasets.matlab import load_matlab
from mocap.errors import FormatError, InvalidValue, MocapError, UnknownName
from mocap.evaluation import by_file, by_lifter, evaluate
from mocap.landmarks import LandmarkTrack, Layout
from mocap.layouts import by_name
from mocap.lifted import Lifted
from mocap.models.lifter import Lifter

ON_DISK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CAMERA_FACTS = h36m.table()["cameras"]


def clips(name: str, path: Path, points: str | None = None) -> list[Clip]:
    return list(dataset(name).clips(path, points))


class Recalls(Lifter):
    """Knows the truth of every clip, and is off by so much."""

    name, licence, receptive_field = "recalls", "none", 1

    def __init__(self, every: list[Clip], off: float = 0.0, layout: Layout | None = None) -> None:
        self.inputs = layout or every[0].track.layout
        self.outputs = every[0].joints
        self._left = iter(every)
        self._off = off

    def __call__(self, track: LandmarkTrack, camera: Camera | None = None) -> Lifted:
        assert np.isfinite(track.image).all()
        clip = next(self._left)
        root = clip.positions[:, [clip.joints.index("hips")]]
        wrong = np.full((len(self.outputs), 1), self._off) * [0.6, 0.0, 0.8]
        wrong[clip.joints.index("hips")] = 0
        places = clip.positions - root + wrong
        return Lifted(track.times, self.outputs.points, places, np.full(len(self.outputs), 0.05))


# --- Human3.6M -----------------------------------------------------------------------------


@given(seeds)
def test_the_cameras_are_rotations_that_look_at_the_middle_of_the_room(seed: int) -> None:
    random = np.random.default_rng(seed)
    spot = random.uniform([-0.5, -0.5, 0.5], [0.5, 0.5, 1.5], (5, 3))
    for subject, places in h36m.table()["subjects"].items():
        for which, place in enumerate(places):
            turn = Rotation.from_quat(place["orientation"])
            seen = h36m.in_camera(spot, subject, which)
            assert np.allclose(seen, turn.inv().apply(spot - place["position"]))
            assert (seen[:, 2] > 2).all()
            size = np.array([CAMERA_FACTS[which]["width"], CAMERA_FACTS[which]["height"]])
            assert (np.abs(h36m.project(seen, which) - size / 2) < 0.45 * size).all()


@pytest.mark.parametrize("which", range(4))
def test_points_are_projected_as_the_data_set_defines(which: int) -> None:
    told = CAMERA_FACTS[which]
    x, y, z = 0.4, -0.7, 3.0
    u, v = x / z, y / z
    r2 = u * u + v * v
    k1, k2, k3 = told["radial"]
    p1, p2 = told["tangential"]
    bent = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3 + p1 * u + p2 * v
    expected = [
        told["focal"][0] * (u * bent + p1 * r2) + told["center"][0],
        told["focal"][1] * (v * bent + p2 * r2) + told["center"][1],
    ]
    assert h36m.project(np.array([x, y, z]), which) == pytest.approx(expected)
    assert h36m.project(np.array([0.0, 0.0, 2.0]), which) == pytest.approx(told["center"])
    # our own camera bends nearly alike
    view = to_view(np.array([x, y, z]))
    ray = h36m.lens(which).rays(h36m.project(np.array([x, y, z]), which))
    assert ray == pytest.approx(view / -view[2], abs=2e-3)


def test_human36m_is_every_action_in_four_cameras(tmp_path: Path) -> None:
    path = made.write_h36m(tmp_path)
    found = clips("h36m", path)
    assert len(found) == 2 * 3 * 4
    assert [c.name for c in found[:5]] == [
        "S9/Directions/54138969", "S9/Directions/55011271", "S9/Directions/58860488",
        "S9/Directions/60457274", "S9/Directions 1/54138969",
    ]  # fmt: skip
    assert {c.action for c in found} == {"Directions", "WalkDog"}
    for clip in found:
        assert clip.track.layout.name == clip.joints.name == "h36m17"
        assert np.diff(clip.track.times) == pytest.approx(1 / 50)
        # up is up, and the head is over the hips
        rise = clip.positions[:, clip.joints.index("head_top")] - clip.positions[:, 0]
        assert (rise[:, 1] > 0.3).all()
        assert (clip.track.image[:, 10, 1] < clip.track.image[:, 0, 1]).all()
    assert clips("h36m", tmp_path)[7].name == found[7].name


def test_points_of_a_detector_are_cut_to_the_recording(tmp_path: Path) -> None:
    path = made.write_h36m(tmp_path, ("S9", "S11"))
    truth = clips("h36m", path)
    more = np.zeros((3, 17, 2))
    points: dict[str, dict[str, list[np.ndarray]]] = {}
    for clip in truth:
        subject, action, _ = clip.name.split("/")
        noisy = np.concatenate([clip.track.image + 1.0, more]).astype(np.float32)
        points.setdefault(subject, {}).setdefault(action, []).append(noisy)
    made.write_h36m_points(tmp_path, points)
    found = clips("h36m", path, "cpn_ft_h36m_dbb")
    assert np.allclose(found[5].track.image, truth[5].track.image + 1.0, atol=1e-3)
    with pytest.raises(FormatError, match=r"data_2d_h36m_other\.npz: cannot read"):
        clips("h36m", path, "other")
    del points["S11"]["WalkDog"]
    made.write_h36m_points(tmp_path, points)
    with pytest.raises(FormatError, match="S11 WalkDog: expected points of 4 cameras"):
        clips("h36m", path, "cpn_ft_h36m_dbb")
    points["S9"]["Directions"][0] = points["S9"]["Directions"][0][:5]
    made.write_h36m_points(tmp_path, points)
    with pytest.raises(FormatError, match=f"5 frames of points for {made.FRAMES}"):
        clips("h36m", path, "cpn_ft_h36m_dbb")
    made.write_h36m_points(tmp_path, points, layout="unheard")
    with pytest.raises(FormatError, match="'unheard'; known are coco, h36m, mpii"):
        clips("h36m", path, "cpn_ft_h36m_dbb")


def test_a_subject_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no subject S11, only S9"):
        clips("h36m", made.write_h36m(tmp_path, ("S9",)))


# --- MPI-INF-3DHP --------------------------------------------------------------------------


def test_3dhp_is_read_from_all_its_formats(tmp_path: Path) -> None:
    image, joints, valid = made.three_dhp()
    test = clips("3dhp", made.write_3dhp(tmp_path))
    training = clips("3dhp", made.write_3dhp_training(tmp_path))
    original = clips("3dhp", made.write_annotations(tmp_path / "mat"))
    folder = clips("3dhp", tmp_path / "mat")
    assert [c.name for c in test] == ["TS1", "TS5"]
    assert [c.name for c in training] == ["S1 Seq1/0", "S1 Seq1/8"]
    assert [c.name for c in original] == [c.name for c in folder] == ["TS1"]
    assert [c.track.size for c in test] == [(2048, 2048), (1920, 1080)]
    for clip in (*test, *training, *original):
        assert np.allclose(clip.track.image, image)
        assert np.allclose(clip.positions, joints / 1000 * [1, -1, -1])
    assert np.array_equal(test[0].counted, valid == 1)
    assert np.array_equal(original[0].counted, valid == 1)
    assert training[0].counted.all()


def test_matlab_7_3_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "annot_data.mat"
    for data in (
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(64),
        b"\x89HDF\r\n\x1a\n" + bytes(600),
    ):
        path.write_bytes(data)
        with pytest.raises(FormatError, match=r"h5py.*-v7"):
            clips("3dhp", path)
    savemat(path, {"annot2": np.ones((2, 5, 1, 3)), "annot3": np.ones((3, 17, 1, 3))})
    with pytest.raises(FormatError, match="annot2: expected 2 x 17 x 1 x T numbers, got 2 x 5"):
        clips("3dhp", path)
    savemat(path, {"annot2": np.ones((2, 17, 1, 3))})
    with pytest.raises(FormatError, match="'annot3', only annot2"):
        clips("3dhp", path)


NUMBERS = hnp.arrays(
    st.sampled_from(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]),
    hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4),
)


@ON_DISK
@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True), NUMBERS), st.booleans()
)
def test_arrays_of_matlab_come_back_as_scipy_wrote_them(
    tmp_path: Path, arrays: dict[str, np.ndarray], packed: bool
) -> None:
    others = {"text": "abc", "cells": np.array([1, "a"], object), "record": {"x": 1.0}, "i": 1j}
    savemat(tmp_path / "a.mat", {**arrays, **{f"Z{k}": v for k, v in others.items()}},
            do_compression=packed)  # fmt: skip
    back = load_matlab(tmp_path / "a.mat")
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert np.array_equal(back[name], array, equal_nan=array.dtype.kind == "f")


def test_matlab_files_of_the_other_byte_order_are_read(tmp_path: Path) -> None:
    def element(kind: int, data: bytes) -> bytes:
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    inner = (
        element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 2, 3))
        + struct.pack(">HHcxxx", 1, 1, b"x") + element(3, struct.pack(">6h", *range(-3, 3)))
    )  # fmt: skip
    header = b"MATLAB 5.0".ljust(124) + struct.pack(">H", 0x100) + b"MI"
    (tmp_path / "a.mat").write_bytes(header + element(14, inner))
    (array,) = load_matlab(tmp_path / "a.mat").values()
    assert array.tolist() == [[-3.0, -1.0, 1.0], [-2.0, 0.0, 2.0]]


# --- 3DPW ----------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_3dpw_is_everyone_through_a_moving_camera(protocol: int, tmp_path: Path) -> None:
    path = made.write_3dpw(tmp_path / "downtown_walking_00.pkl", protocol=protocol)
    found = clips("3dpw", tmp_path)
    assert [c.name for c in found] == ["downtown_walking_00/0", "downtown_walking_00/1"]
    clip = found[0]
    assert clip.track.size == (1080, 1920)
    assert not clip.counted[0]
    assert clip.counted[1:].all()
    # the joints, seen through the camera, are where the points are
    assert clip.camera is not None
    knee, point = clip.joints.index("left_knee"), clip.track.layout.index("left_knee")
    assert np.allclose(clip.camera.project(clip.positions[:, knee]), clip.track.image[:, point])
    assert clip.track.confidence[0, point] == 0.8
    assert clip.track.confidence[0, clip.track.layout.index("nose")] == 0
    assert len(clips("3dpw", path)) == 2


def test_3dpw_runs_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(FormatError, match=r"a\.pkl: wants to build os\.system"):
        clips("3dpw", path)
    path.write_bytes(pickle.dumps({"poses2d": []}))
    with pytest.raises(
        FormatError, match="no jointPositions, campose_valid, cam_poses, cam_intrinsics"
    ):
        clips("3dpw", path)


# --- a corpus of motion --------------------------------------------------------------------


def test_a_corpus_of_bvh_is_seen_by_four_cameras(tmp_path: Path) -> None:
    from synthetic import standing, turn

    from mocap.take import Person, Take

    times = np.arange(10) / 30
    motion = standing(times, leftUpperArm=turn("y", -40.0))
    exporters.write(Take((Person(0, motion),)), tmp_path / "wave_01.bvh")
    found = clips("motion", tmp_path)
    assert [c.name for c in found] == [f"wave_01/{a}" for a in (0, 90, 180, 270)]
    assert {c.action for c in found} == {"wave"}
    at, _ = motion.fk()
    knee = at[:, motion.skeleton.index("leftLowerLeg")]
    elbow = at[:, motion.skeleton.index("leftLowerArm")]
    for clip in found:
        span = clip.positions[:, clip.joints.index("left_elbow")] - clip.positions[
            :, clip.joints.index("left_knee")
        ]  # fmt: skip
        assert np.linalg.norm(span, axis=-1) == pytest.approx(
            np.linalg.norm(elbow - knee, axis=-1), abs=1e-4
        )
        assert span[:, 1] == pytest.approx((elbow - knee)[:, 1], abs=0.35)
        assert (clip.track.image > 0).all()
        assert (clip.track.image < 1000).all()
    # from behind, left and right are the other way round
    left = found[0].joints.index("left_hip")
    right = found[0].joints.index("right_hip")
    across = [c.positions[0, left, 0] - c.positions[0, right, 0] for c in found]
    assert across[0] > 0.1
    assert across[2] == pytest.approx(-across[0])


def test_joints_that_a_skeleton_lacks_are_not_asked_for(tmp_path: Path) -> None:
    layout = by_name("motion22")
    positions = np.array(made.person("motion22"))
    positions[:, layout.index("spine")] = np.nan
    for clip in corpus.views("x", layout, positions, 30.0):
        assert "spine" not in clip.joints.points
        assert len(clip.joints) == 21
        assert np.isfinite(clip.positions).all()
        assert (clip.track.confidence == 1).all()


def test_a_corpus_of_joints_names_them_its_own_way(tmp_path: Path) -> None:
    names = ["hips", "l_hip", "r_hip", "l_toe", "head"]
    random = np.random.default_rng(0)
    np.savez(tmp_path / "c.npz", jump_02=random.normal(size=(5, 5, 3)).astype(np.float32))
    table = {"joints": names, "clips": {"jump_02": {"fps": 60.0}}}
    (tmp_path / "c.json").write_text(json.dumps(table))
    found = clips("motion", tmp_path / "c.npz")
    assert len(found) == 4
    assert len(found[0].positions) == 4  # the first frame is the rest pose
    assert found[0].joints.points == ("hips", "left_hip", "right_hip", "left_foot_index", "head")
    assert np.diff(found[0].track.times) == pytest.approx(1 / 60)
    np.savez(tmp_path / "c.npz", jump_02=np.zeros((1, 5, 3)))
    with pytest.raises(FormatError, match="clip jump_02: holds the rest pose alone"):
        clips("motion", tmp_path / "c.npz")
    (tmp_path / "c.json").write_text('{"joints": ["a"], "clips": {}}')
    with pytest.raises(FormatError, match="clip jump_02"):
        clips("motion", tmp_path / "c.npz")
    (tmp_path / "c.json").unlink()
    with pytest.raises(FormatError, match=r"c\.json: tells its joints"):
        clips("motion", tmp_path / "c.npz")


@given(seeds)
def test_a_camera_sees_what_it_looks_at(seed: int) -> None:
    random = np.random.default_rng(seed)
    way = np.cumsum(random.normal(0, 0.3, (20, 1, 3)), axis=0) * [1, 0, 1]
    positions = random.uniform([-0.4, 0, -0.4], [0.4, 1.8, 0.4], (20, 22, 3)) + way
    for clip in corpus.views("x", by_name("motion22"), positions, 30.0):
        assert (clip.positions[..., 2] < 0).all()
        assert ((clip.track.image >= 0) & (clip.track.image <= 1000)).all()
        assert np.linalg.norm(clip.positions[:, 0] - clip.positions[:, 1], axis=-1) == (
            pytest.approx(np.linalg.norm(positions[:, 0] - positions[:, 1], axis=-1))
        )


# --- evaluation ----------------------------------------------------------------------------


def files_of(name: str, folder: Path) -> Path:
    if name == "motion":
        names = list(by_name("motion22").points)
        np.savez(folder / "c.npz", walk_1=made.person("motion22"))
        table = {"joints": names, "clips": {"walk_1": {"fps": 60}}}
        (folder / "c.json").write_text(json.dumps(table))
        return folder / "c.npz"
    if name == "3dpw":
        return made.write_3dpw(folder / "a.pkl")
    return made.write_h36m(folder) if name == "h36m" else made.write_3dhp(folder)


@pytest.mark.parametrize("name", DATASETS)
def test_a_lifter_that_is_right_has_no_error_and_one_that_is_off_has_its_own(
    name: str, tmp_path: Path
) -> None:
    path, chosen = files_of(name, tmp_path), dataset(name)
    every = clips(name, path)
    right = evaluate(chosen, path, by_lifter(Recalls(every)))
    assert right.clips == len(every)
    assert right.table.mean["mpjpe_mm"] == pytest.approx(0, abs=1e-6)
    assert right.table.mean["pck_percent"] == 100
    assert right.table.mean["auc_percent"] == pytest.approx(3000 / 31)
    assert right.table.overall["frames"] == sum(c.counted.sum() for c in every)
    off = evaluate(chosen, path, by_lifter(Recalls(every, off=0.1)))
    # the root itself is not off, where it counts
    share = 1 - ("hips" in off.joints) / len(off.joints)
    assert off.table.mean["mpjpe_mm"] == pytest.approx(100 * share, abs=1e-3)
    assert off.table.mean["mpjve_mm"] == pytest.approx(0, abs=1e-6)
    assert off.table.mean["pa_mpjpe_mm"] < 60
    if name == "3dhp":
        assert len(off.joints) == 14
        assert off.table.mean["auc_percent"] == pytest.approx(10 / 31 * 100)


def test_predictions_of_others_are_read_from_files(tmp_path: Path) -> None:
    path, chosen = made.write_h36m(tmp_path), dataset("h36m")
    every = clips("h36m", path)
    file = tmp_path / "predictions.npz"
    np.savez(file, **{c.name: to_view(c.positions) for c in every})
    assert evaluate(chosen, path, by_file(file)).table.overall["mpjpe_mm"] == pytest.approx(0)
    np.savez(file, **{c.name: to_view(c.positions)[:, :3] for c in every},
             names=np.array(by_name("h36m17").points[:3]))  # fmt: skip
    few = evaluate(chosen, path, by_file(file))
    assert few.joints == ("hips", "right_hip", "right_knee")
    assert any("head_top" in note for note in few.notes)
    np.savez(file, nothing=np.zeros((2, 17, 3)))
    with pytest.raises(FormatError, match="holds no 'S9/Directions/54138969', only nothing"):
        evaluate(chosen, path, by_file(file))


def test_predictions_for_3dhp_are_read_from_matlab(tmp_path: Path) -> None:
    path = made.write_3dhp(tmp_path)
    _, joints, _ = made.three_dhp()
    whole = np.moveaxis(joints, 0, -1).swapaxes(0, 1)[:, :, None]  # 3 x 17 x 1 x T
    savemat(tmp_path / "inference_data.mat", {"TS1": whole + 7.0, "TS5": whole})
    found = evaluate(dataset("3dhp"), path, by_file(tmp_path / "inference_data.mat"))
    assert found.table.overall["mpjpe_mm"] == pytest.approx(0, abs=1e-6)


def test_frames_without_joints_are_left_out_and_told(tmp_path: Path) -> None:
    path = made.write_3dhp(tmp_path)
    every = clips("3dhp", path)
    file = tmp_path / "p.npz"
    places = {c.name: to_view(c.positions) for c in every}
    places["TS1"] = places["TS1"].copy()
    places["TS1"][:5] = np.nan
    np.savez(file, **places)
    found = evaluate(dataset("3dhp"), path, by_file(file))
    assert found.table.rows["TS1"]["frames"] == made.FRAMES - 5
    assert any("4 frames have no joints" in note for note in found.notes)  # one does not count


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    path = made.write_3dhp(tmp_path)
    with pytest.raises(UnknownName, match="data set 'none'; known: 3dhp"):
        dataset("none")
    with pytest.raises(InvalidValue, match="points of its own"):
        clips("3dhp", path, "cpn")
    with pytest.raises(FormatError, match="no such file or folder; expected data_test_3dhp"):
        clips("3dhp", tmp_path / "none")
    file = tmp_path / "p.npz"
    np.savez(file, TS1=np.zeros((made.FRAMES, 2, 3)), names=np.array(["a", "b"]))
    with pytest.raises(InvalidValue, match="which are not among the predicted a, b"):
        evaluate(dataset("3dhp"), path, by_file(file))


# --- damage --------------------------------------------------------------------------------


@ON_DISK
@given(st.sampled_from(["h36m", "3dhp", "3dpw"]), st.data())
def test_damaged_files_give_clips_or_one_of_our_errors(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    path = files_of(name, tmp_path)
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole))
    with contextlib.suppress(MocapError):
        clips(name, path)


@ON_DISK
@given(st.data())
def test_damaged_annotations_give_clips_or_one_of_our_errors(
    tmp_path: Path, data: st.DataObject
) -> None:
    (tmp_path / "m").mkdir(exist_ok=True)
    path = tmp_path / "m" / "TS1" / "annot_data.mat"
    if not path.exists():
        made.write_annotations(tmp_path / "m")
        path.with_suffix(".whole").write_bytes(path.read_bytes())
    whole = bytearray(path.with_suffix(".whole").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, min(len(whole), 2000) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole))
    with contextlib.suppress(MocapError):
        clips("3dhp", path)


@ON_DISK
@given(st.binary(max_size=60), st.dictionaries(
    st.sampled_from(["joints", "clips", "x"]),
    st.one_of(
        st.none(), st.integers(), st.lists(st.sampled_from(["hips", "l_toe", "head", "head"])),
        st.dictionaries(
            st.sampled_from(["walk", "x"]),
            st.one_of(st.none(), st.fixed_dictionaries({"fps": st.one_of(st.floats(), st.text())})),
        ),
    ),
), st.integers(0, 4))  # fmt: skip
def test_any_corpus_gives_clips_or_one_of_our_errors(
    tmp_path: Path, data: bytes, table: Any, joints: int
) -> None:
    np.savez(tmp_path / "c.npz", walk=np.ones((3, joints, 3)))
    (tmp_path / "c.json").write_text(json.dumps(table))
    (tmp_path / "a.bvh").write_bytes(b"HIERARCHY\n" + data)
    (tmp_path / "p.npz").write_bytes(data)
    (tmp_path / "p.mat").write_bytes(data)
    for path in (tmp_path / "c.npz", tmp_path / "a.bvh"):
        with contextlib.suppress(MocapError):
            clips("motion", path)
    for path in (tmp_path / "p.npz", tmp_path / "p.mat", tmp_path / "c.npz"):
        with contextlib.suppress(MocapError):
            evaluate(dataset("motion"), tmp_path / "c.npz", by_file(path))


VALUES = st.recursive(
    st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=3),
        st.sampled_from([np.zeros((4, 17, 2)), np.zeros((4, 17, 3)), np.ones(4), np.zeros((4, 72)),
                         np.zeros((4, 3, 18)), np.zeros((4, 4, 4)), np.eye(3), np.zeros(0)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["S9", "S11", "Eating", "TS1", "data_2d", "data_3d", "valid", "0"]),
            inner, max_size=4,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@ON_DISK
@given(VALUES, VALUES)
def test_any_contents_give_clips_or_one_of_our_errors(
    tmp_path: Path, first: Any, second: Any
) -> None:
    held = np.array(None, dtype=object)
    held[()] = first
    np.savez(tmp_path / "a.npz", positions_3d=held, data=held)
    for name in ("h36m", "3dhp"):
        with contextlib.suppress(MocapError):
            clips(name, tmp_path / "a.npz")
    keys = ("jointPositions", "poses2d", "cam_poses", "cam_intrinsics", "campose_valid")
    good = pickle.loads(made.write_3dpw(tmp_path / "a.pkl").read_bytes())
    for key in keys:
        (tmp_path / "a.pkl").write_bytes(pickle.dumps({**good, key: [second, first]}))
        with contextlib.suppress(MocapError):
            clips("3dpw", tmp_path / "a.pkl")
