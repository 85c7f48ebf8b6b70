"""What our own lifter learns from: recordings, made-up motion, bodies, sessions, detections."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving import corpus
from synthetic import CAMERA, seen, standing

from mocap.errors import FormatError
from mocap.models.body_view import JOINTS as OURS
from mocap.training import detections
from mocap.training.corpus import JOINTS, Recording, apart, recordings
from mocap.training.detections import Detection
from mocap.training.gestures import gestures
from mocap.training.noise import fitted
from mocap.training.sessions import CHAINS, NONE, Variety, proportioned, session

SEEDS = st.integers(0, 2**31)
BONES = [(joint, parent) for joint, parent, _, _ in CHAINS]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    return recordings(corpus(tmp_path_factory.mktemp("corpus"), clips=3, frames=120))


def lengths(joints: dict[str, np.ndarray], bone: tuple[str, str]) -> np.ndarray:
    """(T,) [m] of a bone, given by its ends."""
    return np.linalg.norm(joints[bone[0]] - joints[bone[1]], axis=-1)


# ---- recordings


def test_recordings_are_read_by_name(clips: list[Recording]) -> None:
    assert [clip.name for clip in clips] == ["walk_00", "walk_01", "walk_02"]
    assert all(set(clip.joints) == set(JOINTS) and clip.fps == 30 for clip in clips)
    train, held = apart(clips, ["*_01", "nobody"])
    assert [c.name for c in train] == ["walk_00", "walk_02"]
    assert [c.name for c in held] == ["walk_01"]


def test_between_two_frames_joints_are_between(clips: list[Recording]) -> None:
    clip = clips[0]
    found = clip.at(np.array([0.0, 10.25, len(clip) - 1.0]))["l_wrist"]
    wrist = clip.joints["l_wrist"]
    np.testing.assert_allclose(found[0], wrist[0])
    np.testing.assert_allclose(found[1], 0.75 * wrist[10] + 0.25 * wrist[11])
    np.testing.assert_allclose(found[2], wrist[-1])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "walks.npz").unlink(), "found none"),
        (lambda f: (f / "walks.npz").write_bytes(b"PK\3\4 no"), "not recorded motion"),
        (lambda f: (f / "walks.json").write_text('{"joints": ["hips"], "clips": {}}'), "it has no"),
        (lambda f: (f / "walks.json").write_text("[1]"), "not recorded motion"),
        (lambda f: (f / "walks.json").write_text('{"joints": 3, "clips": {}}'), "not recorded"),
    ],
)
def test_files_that_are_none_are_told(tmp_path: Path, spoil: object, said: str) -> None:
    folder = corpus(tmp_path, clips=1, frames=30)
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(FormatError, match=said):
        recordings(folder)


def test_a_clip_with_holes_is_told(tmp_path: Path) -> None:
    folder = corpus(tmp_path, clips=1, frames=30)
    with np.load(folder / "walks.npz") as data:
        joints = data["walk_00"].copy()
    joints[3, 4] = np.nan
    np.savez(folder / "walks.npz", walk_00=joints)
    with pytest.raises(FormatError, match="not every joint has a place"):
        recordings(folder)


# ---- made-up motion and bodies


@given(SEEDS)
def test_made_up_bodies_neither_stretch_nor_sink(seed: int) -> None:
    joints = gestures(40, 1 / 30, np.random.default_rng(seed))
    assert set(joints) == set(JOINTS)
    for side in "lr":
        for bone in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist")):
            length = lengths(joints, (f"{side}_{bone[0]}", f"{side}_{bone[1]}"))
            assert np.ptp(length) < 1e-9
            assert 0.15 < length[0] < 0.7
    everything = np.stack(list(joints.values()), axis=1)
    assert np.isfinite(everything).all()
    np.testing.assert_allclose(everything[..., 1].min(axis=1), 0, atol=1e-9)
    steps = np.linalg.norm(np.diff(everything, axis=0), axis=-1)
    assert steps.max() < 1.0  # nobody leaps across the room in a thirtieth of a second


def test_knees_and_elbows_bend_the_way_they_can() -> None:
    for seed in range(30):
        joints = gestures(30, 1 / 30, np.random.default_rng(seed))
        for side in "lr":
            thigh = joints[f"{side}_knee"] - joints[f"{side}_hip"]
            shin = joints[f"{side}_ankle"] - joints[f"{side}_knee"]
            cosine = np.sum(thigh * shin, axis=-1) / (
                np.linalg.norm(thigh, axis=-1) * np.linalg.norm(shin, axis=-1)
            )
            assert np.degrees(np.arccos(cosine.min())) < 165  # the heel does not reach the seat


def test_somebody_else_does_the_same(clips: list[Recording]) -> None:
    joints = clips[0].joints
    rng = np.random.default_rng(4)
    assert proportioned(joints, 0.0, rng) is joints
    other = proportioned(joints, 1.0, rng)
    scales = {}
    for joint, parent in BONES:
        before, after = joints[joint] - joints[parent], other[joint] - other[parent]
        ratio = np.linalg.norm(after, axis=-1) / np.linalg.norm(before, axis=-1)
        np.testing.assert_allclose(after, before * ratio[:, None], atol=1e-12)  # the same way
        assert np.ptp(ratio) < 1e-9
        scales[joint] = ratio[0]
    for joint in ("knee", "wrist", "shoulder"):
        assert scales[f"l_{joint}"] == pytest.approx(scales[f"r_{joint}"], rel=1e-9)
    assert 0.02 < np.std(list(scales.values())) < 0.2


# ---- sessions


def test_the_same_chance_makes_the_same_session(clips: list[Recording]) -> None:
    one, same, other = (session(clips, fitted(), 40, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.features, same.features)
    np.testing.assert_array_equal(one.joints, same.joints)
    assert np.abs(one.joints - other.joints).max() > 0.01


def test_sessions_are_about_the_hips_and_of_the_size_of_bodies(clips: list[Recording]) -> None:
    rng = np.random.default_rng(0)
    flat = 0
    for _ in range(20):
        one = session(clips, fitted(), 30, rng)
        hips = one.joints[:, [OURS.index("left_hip"), OURS.index("right_hip")]]
        np.testing.assert_allclose(hips.mean(axis=1), 0, atol=1e-9)
        assert np.isfinite(one.features).all()
        assert 0.2 < np.linalg.norm(one.joints, axis=-1).max() < 1.6
        has = one.features[0, -1] > 0
        assert (np.abs(one.world).max() > 0) == has
        flat += not has
    assert 0 < flat < 10


def test_what_is_measured_with_errs_as_the_detector_does(clips: list[Recording]) -> None:
    rng = np.random.default_rng(0)
    off = []
    for _ in range(12):
        one = session(clips, fitted(), 30, rng, NONE)
        assert (one.features[:, -1] == 1).all()
        off.append(np.linalg.norm(one.world - one.joints, axis=-1).mean())
    assert 0.04 < np.mean(off) < 0.16
    exact = Variety(made_up=0, error=0, detector=1e-9, flat=0, focal=0, speed=0, body=0)
    calm = [session(clips, fitted(), 30, np.random.default_rng(i), exact) for i in range(6)]
    spread = [np.std(s.world - s.joints, axis=0).mean() for s in calm]
    assert min(spread) < np.mean(off)


# ---- detections


def test_detections_come_back(tmp_path: Path) -> None:
    motion = standing(np.arange(20) / 30)
    track = seen(motion)
    assert track.world is not None
    image = track.image.copy()
    image[5] = np.nan
    confidence = track.confidence.copy()
    confidence[5] = 0.0
    track = replace(track, image=image, confidence=confidence)
    joints = np.random.default_rng(0).normal(size=(20, 12, 3))
    path = tmp_path / "seen.npz"
    detections.save([Detection("a", track, CAMERA, joints), Detection("b", track, CAMERA, -joints)],
                    path)  # fmt: skip
    first, second = detections.load(path)
    assert (first.name, second.name) == ("a", "b")
    assert first.camera.size == CAMERA.size
    np.testing.assert_allclose(first.camera.focal, CAMERA.focal, rtol=1e-6)
    np.testing.assert_allclose(first.track.image, image, atol=1 / 32 + 1e-9)
    assert first.track.world is not None
    np.testing.assert_allclose(first.track.world, track.world, atol=2e-3)
    np.testing.assert_allclose(second.joints, -joints, atol=4e-3)


def test_the_detections_that_come_along_are_of_people() -> None:
    found = detections.load()
    assert len(found) >= 10
    assert detections.FILE.stat().st_size < 6_000_000
    for one in found:
        chains = ("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow")
        limbs = [(f"{s}_{a}", f"{s}_{b}") for s in ("left", "right") for a, b in chains]
        a, b = np.array([(OURS.index(start), OURS.index(end)) for start, end in limbs]).T
        length = np.linalg.norm(one.joints[:, a] - one.joints[:, b], axis=-1)
        assert np.ptp(length, axis=0).max() < 0.01  # as exactly as it is kept
        assert ((length > 0.2) & (length < 0.55)).all()


def test_another_file_is_told(tmp_path: Path) -> None:
    for name, content in (("a.npz", b"no"), ("b.npz", json.dumps({}).encode())):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FormatError, match="not a file of detections"):
            detections.load(tmp_path / name)
    np.savez(tmp_path / "c.npz", names=np.array(["a"]))
    with pytest.raises(FormatError, match="not a file of detections"):
        detections.load(tmp_path / "c.npz")
