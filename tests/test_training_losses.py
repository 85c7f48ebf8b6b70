"""Losses against closed forms, and the projection against that of the data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="an extra brings PyTorch")
torch.set_num_threads(1)

from mocap.datasets import h36m  # noqa: E402
from mocap.models.lifters import on_screen  # noqa: E402
from mocap.training import losses  # noqa: E402
from mocap.training.examples import screen_lens  # noqa: E402

rng = np.random.default_rng(3)


def tensor(*shape: int) -> Any:
    return torch.from_numpy(rng.standard_normal(shape))


def test_distances() -> None:
    truth = tensor(4, 3, 17, 3)
    shift = torch.tensor([0.3, 0.0, 0.4], dtype=truth.dtype)
    assert losses.mpjpe(truth + shift, truth).item() == pytest.approx(0.5)
    assert losses.mse(truth + shift, truth).item() == pytest.approx(0.25 / 3)
    assert losses.velocity(truth + shift, truth).item() == pytest.approx(0.0, abs=1e-12)
    ramp = torch.arange(3)[:, None, None] * shift
    assert losses.velocity(truth + ramp, truth).item() == pytest.approx(0.5)
    weight = torch.tensor([1.0, 2.0, 3.0, 6.0])[:, None, None].expand(4, 3, 17)
    assert losses.weighted_mpjpe(truth + shift, truth, weight).item() == pytest.approx(1.5)


def test_the_middle_and_all_frames_count_alike() -> None:
    truth = tensor(2, 5, 17, 3)
    shift = torch.tensor([0.0, 3.0, 4.0], dtype=truth.dtype)
    said = losses.middle_and_all(truth[:, 2:3] + shift, truth, truth)
    assert said.item() == pytest.approx(5.0)
    assert losses.middle_and_all(truth[:, 2:3], truth + shift, truth).item() == pytest.approx(5.0)


def test_bone_lengths_differ_by_a_factor() -> None:
    bones = [(0, 1), (1, 2), (0, 3)]
    joints = tensor(6, 4, 3)
    lengths = losses.bone_lengths(joints, bones)
    for (a, b), length in zip(bones, lengths, strict=True):
        assert length.item() == pytest.approx((joints[:, a] - joints[:, b]).norm(dim=-1).mean())
    difference = losses.bone_length_difference(joints, joints * 1.5, bones)
    assert difference.item() == pytest.approx(lengths.mean().item() / 2)


@pytest.mark.parametrize("which", range(4))
def test_points_are_seen_through_lenses_as_the_data_set_says(which: int) -> None:
    camera = h36m.lens(which)
    points = rng.uniform([-1, -1, 2], [1, 1, 6], (50, 17, 3))
    lens = torch.from_numpy(screen_lens(camera).astype(np.float64))
    assert camera.distortion.all()  # each of them counts
    expected = on_screen(h36m.project(points, which), camera.size)
    seen = losses.projected(torch.from_numpy(points), lens[None, None])
    np.testing.assert_allclose(seen.numpy(), expected, atol=1e-6)
    root = torch.from_numpy(points[:, :1])
    about = torch.from_numpy(points) - root
    truth = torch.from_numpy(expected)
    each = lens.expand(50, 9)
    assert losses.reprojection(about, root, each, truth).item() < 1e-6
    off = truth + torch.tensor([0.03, 0.04])
    assert losses.reprojection(about, root, each, off).item() == pytest.approx(0.05, rel=1e-4)


def test_what_is_far_outside_is_cut_off_and_still_teaches() -> None:
    lens = torch.tensor([1.0, 1, 0, 0, 0, 0, 0, 0, 0])
    points = torch.tensor([[5.0, 0.5, 1.0], [0.0, 0.0, 0.0]], requires_grad=True)
    seen = losses.projected(points, lens)
    assert seen.tolist() == [[1.0, 0.5], [0.0, 0.0]]
    seen.sum().backward()
    assert torch.isfinite(points.grad).all()
