"""Our own lifter: what it sees, what it makes of that, and what must not matter to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import CAMERA, CAMERA_AT, points_of, seen, standing, turn
from walkers import frames_of

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.errors import FormatError, InvalidValue
from mocap.landmarks import LandmarkTrack
from mocap.layouts import by_name, track_in
from mocap.lifted import Lifted
from mocap.models.body_lifter import BodyLifter
from mocap.models.body_network import BodyNetwork, both_ways, shapes
from mocap.models.body_view import (
    JOINTS,
    MIRRORED_JOINTS,
    WIDTH,
    body_view,
    mirrored,
    mirrored_joints,
)
from mocap.models.lifter import LiveLifting
from mocap.models.numbers import State
from mocap.solve import LiveSolver

TIMES = np.arange(60) / 30
TRACK = seen(standing(TIMES))


def weights(seed: int, channels: int = 8, blocks: int = 2) -> State:
    rng = np.random.default_rng(seed)
    state = {n: rng.normal(0, 0.3, shape) for n, shape in shapes(channels, blocks).items()}
    return {n: np.abs(v) + 0.5 if n.endswith("running_var") else v for n, v in state.items()}


def lifter(seed: int = 0, *, causal: bool = False) -> BodyLifter:
    return BodyLifter(BodyNetwork.of(weights(seed), causal), "ours", "MIT")


def untaught() -> BodyLifter:
    """One that corrects nothing."""
    state = {name: np.zeros_like(v) for name, v in weights(0).items()}
    return BodyLifter(BodyNetwork.of(state, causal=False), "untaught", "MIT")


def written_out(state: State, features: Array, causal: bool) -> Array:
    """(T - R + 1, 48) what the network says, one frame, channel and tap at a time."""

    def layer(x: Array, name: str, norm: str | None, dilation: int) -> Array:
        weight = state[f"{name}.weight"]
        taps = weight.shape[2]
        rows = []
        for t in range(len(x) - (taps - 1) * dilation):
            row = sum(weight[:, :, k] @ x[t + k * dilation] for k in range(taps))
            if norm is None:
                rows.append(row + state[f"{name}.bias"])
                continue
            scaled = (row - state[f"{norm}.running_mean"]) / np.sqrt(
                state[f"{norm}.running_var"] + 1e-5
            )
            rows.append(np.maximum(scaled * state[f"{norm}.weight"] + state[f"{norm}.bias"], 0))
        return np.array(rows)

    hidden = layer(features, "first", "first_norm", 1)
    for i, dilation in enumerate((3, 9, 27)):
        if f"reach.{i}.weight" not in state:
            break
        grown = layer(hidden, f"reach.{i}", f"reach_norm.{i}", dilation)
        grown = layer(grown, f"mix.{i}", f"mix_norm.{i}", 1)
        hidden = hidden[2 * dilation if causal else dilation :][: len(grown)] + grown
    return layer(hidden, "last", None, 1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("blocks", "reach"), [(1, 9), (2, 27), (3, 81)])
def test_the_network_is_what_it_says(causal: bool, blocks: int, reach: int) -> None:
    state = weights(1, blocks=blocks)
    rng = np.random.default_rng(2)
    features, world = rng.normal(size=(reach + 5, WIDTH)), rng.normal(size=(reach + 5, 12, 3))
    network = BodyNetwork.of(state, causal)
    assert network.receptive_field == reach
    joints, sigma = network(features, world)
    expected = written_out(state, features, causal).reshape(-1, 12, 4)
    before = reach - 1 if causal else reach // 2
    assert joints.shape == (6, 12, 3)
    np.testing.assert_allclose(joints, world[before:][:6] + expected[..., :3], atol=1e-4)
    np.testing.assert_allclose(np.log(sigma / 0.05), expected[..., 3], atol=1e-4)
    newest, unsure = network.newest(features[2 : 2 + reach], world[2 : 2 + reach])
    np.testing.assert_allclose(newest[0], joints[2], atol=1e-5)
    np.testing.assert_allclose(unsure[0], sigma[2], rtol=1e-4)


def test_what_is_taught_is_what_runs() -> None:
    torch = pytest.importorskip("torch", reason="the network is taught in PyTorch")
    from mocap.models.body_module import BodyModule

    rng = np.random.default_rng(3)
    features = rng.normal(size=(90, WIDTH)).astype(np.float32)
    world = rng.normal(size=(90, 12, 3)).astype(np.float32)
    for causal, blocks in ((False, 2), (True, 2), (True, 3)):
        module = BodyModule(16, blocks, causal).eval()
        ours = weights(4, 16, blocks)
        state = {k: torch.from_numpy(v) for k, v in ours.items()}
        module.load_state_dict(state, strict=False)
        with torch.no_grad():
            joints, unsure = module(torch.from_numpy(features)[None], torch.from_numpy(world)[None])
        same, sigma = BodyNetwork.of(ours, causal)(features, world)
        np.testing.assert_allclose(joints[0], same, atol=1e-4)
        np.testing.assert_allclose(unsure[0], np.log(sigma / 0.05), atol=1e-4)


def test_a_causal_one_knows_nothing_of_the_future() -> None:
    later = TRACK.image.copy()
    later[40:] += 25.0
    changed = replace(TRACK, image=later)
    for causal in (True, False):
        ours = lifter(causal=causal)
        off = np.abs(ours(changed, CAMERA).positions - ours(TRACK, CAMERA).positions).max(
            axis=(1, 2)
        )
        assert (off[:40] == 0).all() == causal
        assert off[40:].min() > 0


def frame(i: int, track: LandmarkTrack = TRACK) -> LandmarkTrack:
    assert track.world is not None
    part = slice(i, i + 1)
    return replace(
        track, times=track.times[part], image=track.image[part], world=track.world[part],
        confidence=track.confidence[part],
    )  # fmt: skip


def test_frame_by_frame_it_says_the_same_as_of_the_clip() -> None:
    ours = lifter(causal=True)
    whole = ours(TRACK, CAMERA)
    live = ours.live(CAMERA)
    for _ in range(2):
        said = [live(frame(i)) for i in range(len(TRACK))]
        np.testing.assert_allclose(
            np.concatenate([s.positions for s in said]), whole.positions, atol=1e-5
        )
        np.testing.assert_allclose(np.concatenate([s.sigma for s in said]), whole.sigma, rtol=1e-4)
        live.reset()  # equal to a new one
    with pytest.raises(InvalidValue, match="needs a causal lifter"):
        lifter().live(CAMERA)


def test_live_at_another_rate_it_sees_the_same_motion() -> None:
    ours = lifter(6, causal=True)
    fast = seen(standing(np.arange(120) / 60))
    live = ours.live(CAMERA)
    said = [live(frame(i, fast)) for i in range(len(fast))]
    whole = ours(TRACK, CAMERA)
    off = np.linalg.norm(said[100].positions[0] - whole.positions[50], axis=-1)
    assert off.max() < 0.01


def test_the_live_solve_listens_to_it() -> None:
    """An estimator that makes everything shallow, and a lifter that knows better."""
    reach = turn("y", -45 - 35 * np.sin(4 * TIMES))  # towards the camera
    moving = standing(TIMES, leftUpperArm=reach)
    track = seen(moving)
    assert track.world is not None
    blind = replace(track, world=track.world * [1.0, 1.0, 0.3])

    class Knows(LiveLifting):
        def reset(self) -> None:
            pass

        def __call__(self, one: LandmarkTrack) -> Lifted:
            at = int(np.argmin(np.abs(track.times - one.times[0])))
            index = [track.layout.index(j) for j in JOINTS]
            joints = points_of(moving)[at, index] - CAMERA_AT
            return Lifted(one.times, JOINTS, joints[None], np.full((1, 12), 0.02))

    def error(told: LiveLifting | None) -> float:
        live = LiveSolver(CAMERA, look_ahead=0, lifter=told)
        poses = [live.push(t, landmarks) for t, landmarks in frames_of(blind)]
        truth = points_of(moving)[:, track.layout.index("left_wrist")]
        off = []
        for i, pose in enumerate(poses):
            if pose is not None and i > 10:
                joints, _ = live.skeleton.fk(pose.root, pose.rotations)
                hand = joints[live.skeleton.index("leftHand")] - pose.root
                hips = points_of(moving)[i, [23, 24]].mean(axis=0)
                off.append(np.linalg.norm(hand - (truth[i] - hips)))
        return float(np.mean(off))

    assert error(Knows()) < 0.8 * error(None)


def test_nobody_tells_a_person_from_their_mirror_image() -> None:
    ours = lifter()
    view = body_view(TRACK, CAMERA)
    joints, sigma = both_ways(ours._network, view.features, view.world)
    other, unsure = both_ways(ours._network, mirrored(view.features), mirrored_joints(view.world))
    np.testing.assert_allclose(mirrored_joints(other), joints, atol=1e-6)
    np.testing.assert_allclose(unsure[:, MIRRORED_JOINTS], sigma, rtol=1e-5)


def test_untaught_it_repeats_the_estimator() -> None:
    said = untaught()(TRACK, CAMERA)
    assert TRACK.world is not None
    index = [TRACK.layout.index(j) for j in JOINTS]
    turn = body_view(TRACK, CAMERA).turn
    expected = rotation.rotate(rotation.inv(turn)[:, None], TRACK.world[:, index])
    hips = expected[:, [JOINTS.index(f"{s}_hip") for s in ("left", "right")]].mean(axis=1)
    np.testing.assert_allclose(said.positions, expected - hips[:, None], atol=1e-9)
    np.testing.assert_allclose(said.sigma, 0.05)


@given(st.floats(0.4, 3.0), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_neither_zoom_nor_where_the_camera_looks_matters(zoom: float, x: float, y: float) -> None:
    """The same rays in another picture; a camera that looks elsewhere sees rays that are turned."""
    view = body_view(TRACK, CAMERA)
    zoomed = Camera(CAMERA.size, CAMERA.focal * zoom, CAMERA.center)
    image = (TRACK.image - CAMERA.center) * zoom + CAMERA.center
    again = body_view(replace(TRACK, image=image), zoomed)
    np.testing.assert_allclose(again.features, view.features, atol=1e-9)

    looking = rotation.mul(
        rotation.axis_angle([0.0, 1.0, 0.0], x), rotation.axis_angle([1.0, 0, 0], y)
    )
    rays = rotation.rotate(looking, CAMERA.rays(TRACK.image))
    away = body_view(replace(TRACK, image=CAMERA.project(rays)), CAMERA)
    roll = np.abs(away.features - view.features).max()
    assert roll < 0.12  # straight again, but for a lean of the picture at its sides


def test_points_that_nobody_saw_say_nothing() -> None:
    flat = replace(TRACK, world=None)
    hand = [flat.layout.index(f"left_{p}") for p in ("index", "wrist")]
    confidence = flat.confidence.copy()
    confidence[:, hand] = 0.0
    image = flat.image.copy()
    image[:, hand] = np.nan
    one = body_view(replace(flat, confidence=confidence), CAMERA).features
    other = body_view(replace(flat, confidence=confidence, image=image), CAMERA).features
    np.testing.assert_array_equal(one, other)
    assert (one[:, -1] == 0).all()


def test_points_of_other_detectors_are_lifted() -> None:
    flat = track_in(replace(TRACK, world=None), by_name("coco17"))
    said = lifter()(track_in(flat, TRACK.layout), CAMERA)
    assert np.isfinite(said.positions).all()
    with pytest.raises(InvalidValue, match="expected points of mediapipe_pose, got coco17"):
        lifter()(flat, CAMERA)


@pytest.mark.parametrize("rate", [12.0, 25.0, 60.0])
def test_other_frame_rates_are_seen_at_the_one_it_knows(rate: float) -> None:
    ours = lifter(5)
    times = np.arange(int(2 * rate)) / rate
    said = ours(seen(standing(times)), CAMERA)
    known = ours(seen(standing(np.arange(60) / 30)), CAMERA)
    assert said.positions.shape == (len(times), 12, 3)
    middle = np.argmin(np.abs(times - 1.0))
    off = np.linalg.norm(said.positions[middle] - known.positions[30], axis=-1)
    assert off.max() < 0.03


def test_gaps_and_single_frames() -> None:
    image, confidence = TRACK.image.copy(), TRACK.confidence.copy()
    assert TRACK.world is not None
    world = TRACK.world.copy()
    image[20:25], world[20:25], confidence[20:25] = np.nan, np.nan, 0.0
    said = lifter()(replace(TRACK, image=image, world=world, confidence=confidence), CAMERA)
    assert np.isfinite(said.positions).all()
    one = LandmarkTrack(
        TRACK.layout, TIMES[:1], TRACK.image[:1], TRACK.world[:1], TRACK.confidence[:1], TRACK.size
    )
    assert lifter()(one).positions.shape == (1, 12, 3)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda state: state.pop("mix.1.weight"),
            "mix.1.weight: expected .8, 8, 1., found nothing",
        ),
        (lambda state: state.update(more=np.zeros(3)), "more: expected nothing, found .3,."),
        (lambda state: state.clear(), "first.weight"),
        (lambda state: state.update({"last.bias": np.zeros(7)}), "last.bias: expected .48,."),
    ],
)
def test_weights_of_something_else_are_refused(change: object, found: str) -> None:
    state = weights(0)
    change(state)  # type: ignore[operator]
    with pytest.raises(FormatError, match=found):
        BodyNetwork.of(state, causal=False, path=Path("x.safetensors"))
