"""Tilted cameras, quick movement, and people who do anything but stand upright in full view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import CAMERA, seen, standing, turn
from walkers import arms, lived, noisy, walk

from mocap import rotation
from mocap.arrays import Array
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion
from mocap.solve import LiveSolver, SolveSettings, solve
from mocap.solve.feet import soles

TALL = SolveSettings(height=1.75)
FASTEST = 13.0  # [m/s]


def tilt(result: Motion, truth: Motion) -> float:
    """[degrees] between up and what the solve takes for it: by which one turn, of all frames, the
    trunk of the result is off."""
    hips = [m.fk()[1][:, m.skeleton.index("upperChest")] for m in (result, truth)]
    off = rotation.rotate(rotation.mul(hips[0], rotation.inv(hips[1])), np.array([[0.0, 1.0, 0.0]]))
    up = rotation.unit(off.mean(axis=0))
    return float(np.degrees(np.arccos(np.clip(up[1], -1.0, 1.0))))


@pytest.mark.parametrize("heading", [0.0, 45.0, 90.0])
@pytest.mark.parametrize(
    ("pitch", "roll"), [(-15.0, 0.0), (0.0, 0.0), (15.0, 0.0), (0.0, 6.0), (15.0, -6.0)]
)
def test_whoever_walks_walks_upright_and_on_the_level(
    pitch: float, roll: float, heading: float
) -> None:
    times = np.arange(100) / 30
    walker = walk(times, -0.6 * np.cos(2 * np.pi * times / 8), heading=heading)
    at = np.array([0.0, 0.9 + 4.2 * np.tan(np.radians(pitch)), 4.2])
    track = seen(walker.motion, at=at, pitch=pitch, roll=roll)
    assert track.confidence.min() == 1.0, "the scene must be in the picture"
    (result,) = solve([track], CAMERA, TALL)
    assert tilt(result, walker.motion) < 3.0
    assert np.ptp(result.root[:, 1]) < 0.05, "the floor does not slope"
    stand = np.stack([result.contacts["leftFoot"], result.contacts["rightFoot"]], axis=1)
    low = soles(*result.fk(), result.skeleton).lowest[..., 1]
    assert stand.mean() > 0.4
    assert np.abs(low[stand]).max() < 0.01
    travel = np.linalg.norm(result.root[-1] - result.root[0])
    true = np.linalg.norm(walker.motion.root[-1] - walker.motion.root[0])
    assert travel == pytest.approx(true, rel=0.15)


def reach(motion: Motion) -> Array:
    """(T, 3) [m] of the right hand from the hips, for a body of 1.75 m, without the first and
    last half second."""
    positions = motion.fk()[0] * 1.75 / motion.skeleton.height
    return np.asarray(positions[15:-15, motion.skeleton.index("rightHand")] - positions[15:-15, 0])


def arm_swing(times: Array, hertz: float, way: str) -> Motion:
    """An arm stretched out that swings half a metre to either side: up and down beside the body,
    or to the camera and away from it."""
    phase = np.sin(2 * np.pi * hertz * times)
    if way == "across":
        return standing(times, rightUpperArm=turn("z", 75 * phase))
    return standing(times, rightUpperArm=rotation.mul(turn("x", -75 * phase), turn("z", 80.0)))


def kept(result: Motion, truth: Motion) -> float:
    """Share of a swing's width."""
    true = np.ptp(reach(truth), axis=0)
    axis = int(np.argmax(true))
    return float(np.ptp(reach(result)[:, axis]) / true[axis])


@pytest.mark.parametrize("way", ["across", "in depth"])
@pytest.mark.parametrize("clean", [True, False])
def test_a_quick_swing_keeps_its_width(way: str, clean: bool) -> None:
    truth = arm_swing(np.arange(90) / 30, 2.0, way)
    track = seen(truth) if clean else noisy(seen(truth), 0)
    (result,) = solve([track], CAMERA)
    assert 0.95 < kept(result, truth) < 1.05


@pytest.mark.parametrize("way", ["across", "in depth"])
def test_live_too(way: str) -> None:
    truth = arm_swing(np.arange(75) / 30, 2.0, way)
    assert 0.93 < kept(lived(LiveSolver(CAMERA), seen(truth)), truth) < 1.07


@pytest.mark.parametrize("way", ["across", "in depth"])
def test_a_slow_swing_is_not_touched(way: str) -> None:
    truth = arm_swing(np.arange(90) / 30, 1.0, way)
    (result,) = solve([seen(truth)], CAMERA)
    assert kept(result, truth) == pytest.approx(1.0, abs=0.03)


TIMES = np.arange(45) / 30
SWAYING = arms(TIMES, 20 * np.sin(3 * TIMES), -20 * np.sin(3 * TIMES))


def posed(hips: Array, root: tuple[float, float, float]) -> Motion:
    still = standing(TIMES, hips=hips, **SWAYING)
    return replace(still, root=np.broadcast_to(root, still.root.shape))


POSED: dict[str, Motion] = {
    "on the side": posed(turn("z", -90.0), (-0.5, 0.15, 0.0)),
    "on the back, across": posed(rotation.mul(turn("y", 90.0), turn("x", -90.0)), (0.0, 0.15, 0.0)),
    "on the back, feet first": posed(turn("x", -90.0), (0.0, 0.15, 0.0)),
    "on the back, head first": posed(
        rotation.mul(turn("y", 180.0), turn("x", -90.0)), (0.0, 0.15, 0.0)
    ),
    "on the belly": posed(rotation.mul(turn("y", 90.0), turn("x", 90.0)), (0.0, 0.15, 0.0)),
    "on the hands": posed(turn("z", 180.0), (0.0, 1.2, 0.0)),
    "bowed": posed(turn("x", 80.0), (0.0, 0.93, 0.0)),
    "from behind": posed(turn("y", 180.0), (0.0, 0.93, 0.0)),
}


def hips_off(result: Motion, truth: Motion) -> Array:
    """(T,) [degrees]."""
    return np.asarray(np.degrees(rotation.angle(result.fk()[1][:, 0], truth.fk()[1][:, 0])))


def limbs_off(result: Motion, truth: Motion) -> Array:
    """(T, J) [m] about the hips, for a body of 1.75 m."""
    a, b = (m.fk()[0] * 1.75 / m.skeleton.height for m in (result, truth))
    return np.asarray(np.linalg.norm((a - a[:, :1]) - (b - b[:, :1]), axis=-1))


def fastest(motion: Motion) -> float:
    """[m/s] of any joint."""
    steps = np.linalg.norm(np.diff(motion.fk()[0], axis=0), axis=-1)
    return float((steps / np.diff(motion.times)[:, None]).max())


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("name", POSED)
def test_people_stay_as_they_lie_or_stand(name: str, seed: int | None) -> None:
    truth = POSED[name]
    track = seen(truth) if seed is None else noisy(seen(truth), seed)
    (result,) = solve([track], CAMERA)
    assert hips_off(result, truth).max() < 20.0
    assert limbs_off(result, truth).mean() < 0.06
    assert fastest(result) < FASTEST
    assert result.fk()[0][..., 1].min() > -0.15, "nobody lies under the floor"


@pytest.mark.parametrize("name", ["on the side", "on the back, head first", "from behind"])
def test_live_they_do_too(name: str) -> None:
    truth = POSED[name]
    result = lived(LiveSolver(CAMERA), seen(truth))
    assert hips_off(result, truth)[10:].max() < 20.0
    assert limbs_off(result, truth)[10:].mean() < 0.06
    assert fastest(result) < FASTEST


VIEWS: dict[str, dict[str, Array]] = {
    "half out of the picture": {"at": np.array([1.15, 1.3, 2.2])},
    "half out of the picture, on the other side": {"at": np.array([-1.15, 1.3, 2.2])},
    "as small as a thumb": {"at": np.array([0.0, 1.3, 30.0])},
    "larger than the picture": {"at": np.array([0.0, 1.3, 1.3])},
    "only the legs": {"at": np.array([0.0, 0.2, 1.4])},
}


@pytest.mark.parametrize("name", VIEWS)
def test_plausible_in_any_view(name: str) -> None:
    truth = standing(TIMES, **SWAYING)
    track = seen(truth, **VIEWS[name])  # type: ignore[arg-type]
    (whole,) = solve([track], CAMERA)
    live = lived(LiveSolver(CAMERA), track)
    for result in (whole, live):
        positions = result.fk()[0]
        assert np.isfinite(positions).all()
        assert fastest(result) < FASTEST
        assert 0.5 < result.root[:, 1].min() <= result.root[:, 1].max() < 1.2
        assert np.abs(result.root - result.root[0]).max() < 0.3


def test_legs_hang_down_from_a_trunk_nobody_sees() -> None:
    truth = standing(TIMES, **SWAYING)
    track = seen(truth, at=np.array([0.0, 0.2, 1.4]))
    for result in (solve([track], CAMERA)[0], lived(LiveSolver(CAMERA), track)):
        for bone in ("leftUpperLeg", "rightLowerLeg"):
            i = result.skeleton.index(bone)
            down = rotation.rotate(result.fk()[1][10:, i], np.array([[0.0, -1.0, 0.0]]))
            assert np.degrees(np.arccos(-down[:, 1])).max() < 30.0


def test_small_on_the_screen_is_fitted_as_well() -> None:
    truth = standing(TIMES, **SWAYING)
    (result,) = solve([seen(truth, at=np.array([0.0, 1.3, 30.0]))], CAMERA)
    assert limbs_off(result, truth).mean() < 0.04


def thinned(track: LandmarkTrack, share: float, seed: int) -> LandmarkTrack:
    """The track with a share of all points unseen."""
    random = np.random.default_rng(seed)
    gone = random.random(track.confidence.shape) < share
    return replace(track, confidence=np.where(gone, 0.0, track.confidence))


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_points_that_come_and_go(share: float) -> None:
    truth = walk(TIMES, 0.5 * TIMES, heading=50.0).motion
    (result,) = solve([thinned(seen(truth), share, 0)], CAMERA)
    assert fastest(result) < FASTEST
    assert limbs_off(result, truth).mean() < 0.08
