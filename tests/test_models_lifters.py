"""Laws of lifters: edges, gaps, mirrors, parts, what is live, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import Numbers

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from small_lifters import SIZE, SMALL, clip, small  # noqa: E402

from mocap import layouts  # noqa: E402
from mocap.errors import EstimatorError, InvalidValue  # noqa: E402
from mocap.landmarks import LandmarkTrack  # noqa: E402
from mocap.models import LiveLifter, lifters  # noqa: E402
from mocap.models.registry import ARCHITECTURES  # noqa: E402
from mocap.models.running import TorchRunner  # noqa: E402

CAUSAL = ["martinez", "semgcn", "semgcn-nonlocal", "semgcn-linear", "causal"]
MANY = [name for name in SMALL if name not in CAUSAL] + ["causal"]


ALL = pytest.mark.parametrize("name", SMALL)


@ALL
@pytest.mark.parametrize("frames", [0, 1, 2, 5, 30])
def test_clips_of_any_length(name: str, frames: int) -> None:
    lifter = small(name)
    joints = lifter.lift(*clip(lifter, frames), SIZE)
    assert joints.shape == (frames, len(lifter.outputs), 3)
    assert np.isfinite(joints).all()
    if lifter.relative:
        assert not joints[:, lifter.outputs.index("hips")].any()


@ALL
def test_a_frame_depends_on_its_receptive_field_alone(name: str) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 31)
    before = lifter.lift(image, confidence, SIZE)
    changed = image.copy()
    changed[15] += 40
    differs = np.flatnonzero(
        np.abs(lifter.lift(changed, confidence, SIZE) - before).max(axis=(1, 2)) > 1e-6
    )
    reach = lifter.receptive_field - 1
    assert differs.min() >= (15 if lifter.causal else 15 - reach // 2)
    assert differs.max() <= (15 + reach if lifter.causal else 15 + reach // 2)
    assert 15 in differs


@pytest.mark.parametrize("name", MANY)
def test_a_clip_at_once_equals_each_frame_from_its_window(name: str) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 12)
    at_once = lifter.lift(image, confidence, SIZE)
    field = lifter.receptive_field
    after = 0 if lifter.causal else field // 2
    for frame in range(12):
        around = np.clip(np.arange(frame - field + 1, frame + 1) + after, 0, 11)
        alone = lifter.newest(image[around], confidence[around], SIZE, True)
        np.testing.assert_allclose(alone, at_once[frame], atol=1e-5)


@ALL
def test_a_clip_in_parts_is_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 20)
    whole = lifter.lift(image, confidence, SIZE)
    monkeypatch.setattr(lifters, "FRAMES", 7)
    monkeypatch.setattr(lifters, "WINDOWS", 6)
    np.testing.assert_allclose(lifter.lift(image, confidence, SIZE), whole, atol=1e-5)


@ALL
def test_a_mirrored_clip_is_lifted_to_the_mirrored_pose(name: str) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 6)
    pairs = layouts.mirror(lifter.inputs)
    mirrored = image[:, pairs] * np.array([-1.0, 1.0]) + np.array([SIZE[0], 0.0])
    back = lifter.lift(mirrored, confidence[:, pairs], SIZE)
    expected = back[:, layouts.mirror(lifter.outputs)] * [-1, 1, 1]
    joints = lifter.lift(image, confidence, SIZE)
    np.testing.assert_allclose(joints, expected, atol=1e-5)
    assert not np.allclose(joints, lifter.lift(image, confidence, SIZE, flip=False))


@ALL
def test_pixels_of_any_size(name: str) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 4)
    joints = lifter.lift(image, confidence, SIZE)
    twice = lifter.lift(2.0 * image, confidence, (SIZE[0] * 2, SIZE[1] * 2))
    np.testing.assert_allclose(twice, joints, atol=1e-5)


@pytest.mark.parametrize("name", CAUSAL)
def test_live_equals_the_clip_at_once(name: str) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 25)
    random = np.random.default_rng(3)
    lost = random.random(confidence.shape) < 0.2
    lost[:2, 3] = True  # a point is not seen before the third frame
    image[lost], confidence[lost] = np.nan, 0
    at_once = lifter.lift(image, confidence, SIZE)
    begin = int(np.argmax(np.isfinite(at_once).all(axis=(1, 2))))
    assert begin >= 2
    assert np.isnan(at_once[:begin]).all()
    live = LiveLifter(lifter)
    for _ in range(2):  # a reset one is as good as new
        for frame in range(25):
            joints = live(image[frame], confidence[frame], SIZE)
            np.testing.assert_allclose(joints, at_once[frame], atol=1e-5)
        live.reset()


def test_only_a_causal_lifter_is_live() -> None:
    with pytest.raises(InvalidValue, match="needs 4 frames from the future"):
        LiveLifter(small("videopose3d"))


def test_gaps_are_bridged_in_a_straight_line() -> None:
    lifter = small("videopose3d")
    image, confidence = clip(lifter, 20)
    image[5:9, 2] = image[5, 2] + np.arange(4)[:, None] * [3.0, -2.0]
    image[:3, 4] = image[3, 4]
    image[-2:, 4] = image[-3, 4]
    holes = image.copy()
    sure = confidence.copy()
    for frames, point in ((slice(6, 8), 2), (slice(0, 3), 4), (slice(18, 20), 4)):
        holes[frames, point], sure[frames, point] = np.nan, 0
    expected = lifter.lift(image, confidence, SIZE)
    np.testing.assert_allclose(lifter.lift(holes, sure, SIZE), expected, atol=1e-6)


def test_a_whole_track() -> None:
    lifter = small("videopose3d")
    image, confidence = clip(lifter, 7)
    track = LandmarkTrack(lifter.inputs, np.arange(7) / 30, image, None, confidence, SIZE)
    lifted = lifter(track)
    assert lifted.names == lifter.outputs.points
    np.testing.assert_array_equal(lifted.positions, lifter.lift(image, confidence, SIZE))
    other = layouts.by_name("h36m17")
    with pytest.raises(InvalidValue, match="expected points of coco17, got h36m17"):
        lifter(LandmarkTrack(other, np.arange(7) / 30, image, None, confidence, SIZE))


def run(features: Numbers) -> Numbers:
    """A network that gives x and y as they are, and their sum as the depth."""
    depth = features[..., :1] + features[..., 1:2]
    return np.concatenate([features[..., :2], depth], axis=-1).astype(np.float32)


def test_axes_and_units() -> None:
    h36m = layouts.by_name("h36m16")
    lifter = lifters.MovedFrameLifter(run, name="n", licence="MIT", inputs=h36m, outputs=h36m)
    image = np.full((1, 16, 2), (640.0, 360.0))  # the middle of the picture
    image[0, 3] = (1280, 720)  # lower right
    joints = lifter.lift(image, np.ones((1, 16)), SIZE, flip=False)
    # right, down and away are +x, -y and -z in view axes
    np.testing.assert_allclose(joints[0, 3], (1, -0.5625, -1.5625), atol=1e-6)
    assert not np.delete(joints[0], 3, axis=0).any()


def test_the_linear_baseline_is_fed_standard_deviations() -> None:
    mean, deviation = lifters._statistics(layouts.by_name("h36m17").points)
    seen: list[Numbers] = []

    def note(features: Numbers) -> Numbers:
        seen.append(features)
        return np.ones((len(features), 48), np.float32)

    lifter = lifters.StandardFrameLifter(
        note, name="n", licence="MIT", inputs=layouts.by_name("h36m16"),
        outputs=layouts.by_name("h36m17"),
    )  # fmt: skip
    points = np.delete(mean + deviation, 9, axis=0)[None]  # a picture as Human3.6M's
    joints = lifter.lift(points, np.ones((1, 16)), (1000, 1000), flip=False)
    np.testing.assert_allclose(seen[0], np.ones((1, 32)), atol=1e-5)
    expected = sum(lifters._statistics(layouts.by_name("h36m17").points[1:], "joints"))
    np.testing.assert_allclose(joints[0, 1:] * [1, -1, -1], expected, atol=1e-6)
    assert not joints[0, 0].any()
    # half as large, the same person
    lifter.lift(points / 2, np.ones((1, 16)), (500, 500), flip=False)
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-5)


@ALL
def test_what_cannot_be_lifted_is_told(name: str) -> None:
    lifter = small(name)
    image, confidence = clip(lifter, 4)
    point = lifter.inputs.points[2]
    with pytest.raises(InvalidValue, match=r"expected pixels above 0, got \(0, 720\)"):
        lifter.lift(image, confidence, (0, 720))
    with pytest.raises(InvalidValue, match=f"points of {lifter.inputs.name}.*expected shape"):
        lifter.lift(image[:, 1:], confidence, SIZE)
    with pytest.raises(InvalidValue, match="confidence: expected shape"):
        lifter.lift(image, confidence[1:], SIZE)
    broken = image.copy()
    broken[1, 2, 0] = np.nan
    with pytest.raises(InvalidValue, match=f"{point} of frame 1 is .*with confidence"):
        lifter.lift(broken, confidence, SIZE)
    broken[:, 2], confidence[:, 2] = np.nan, 0
    with pytest.raises(InvalidValue, match=f"{point} not seen in any of 4 frames"):
        lifter.lift(broken, confidence, SIZE)


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(InvalidValue, match="cannot run networks on 'abacus'"):
        TorchRunner("abacus")
    TorchRunner("auto")


def test_a_network_that_fails_is_told() -> None:
    network = ARCHITECTURES["videopose3d"].build({"widths": (3,), "channels": 8})
    with pytest.raises(EstimatorError, match="the network failed on cpu"):
        TorchRunner()(network)(np.zeros((1, 2, 17, 2), np.float32))


@given(st.integers(1, 30), st.integers(0, 1000))
@settings(max_examples=15)
def test_no_number_of_a_causal_clip_looks_ahead(cut: int, seed: int) -> None:
    lifter = small("causal")
    image, confidence = clip(lifter, 31, seed)
    image[np.random.default_rng(seed).random(confidence.shape) < 0.1] = np.nan
    confidence = np.where(np.isnan(image[..., 0]), 0.0, confidence)
    image[:1] = np.nan_to_num(image[:1], nan=300.0)
    whole = lifter.lift(image, confidence, SIZE)
    np.testing.assert_allclose(
        lifter.lift(image[:cut], confidence[:cut], SIZE), whole[:cut], atol=1e-5
    )
