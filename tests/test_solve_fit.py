"""The fit as a whole: it descends, it finds what is true, and cutting up a clip changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from synthetic import CAMERA, seen, standing, turn
from walkers import arms, noisy, squat, walk

from mocap import rotation
from mocap.arrays import Array
from mocap.landmarks import LandmarkTrack
from mocap.motion import Motion
from mocap.solve import SolveSettings, Weights, fit, solve
from mocap.solve.body import INDEX, LENGTHS, OF_LENGTH, POINTS, REST, SOLES, TO_MARK, reached
from mocap.solve.estimate import ROOT, SHARED, UNKNOWNS, Estimate, Measured, tangents
from mocap.solve.lengths import expected_lengths
from mocap.solve.measure import measured
from mocap.solve.normal import NormalEquations
from mocap.solve.points import prepare
from mocap.solve.root import start

TIMES = np.arange(60) / 30
TALL = SolveSettings(height=1.75)
JOINTS = {
    "knee": "LowerLeg",
    "ankle": "Foot",
    "elbow": "LowerArm",
    "wrist": "Hand",
}


def begun(track: LandmarkTrack) -> tuple[Measured, Estimate, Array]:
    """What the fit of a track begins with."""
    view = measured(prepare(track, CAMERA))
    expected = expected_lengths(TALL)
    return view, start(view, expected), expected


def fitted(track: LandmarkTrack, weights: Weights | None = None) -> Estimate:
    view, first, expected = begun(track)
    whole = [slice(0, len(view))]
    return fit.fit(view, first, expected, whole, weights or Weights()).estimate


def errors(estimate: Estimate, truth: Motion) -> Array:
    """(T, 8) [m] of the joints of the limbs about the hips, the camera being level."""
    true = truth.fk()[0]
    pairs = [
        (POINTS.index(f"{side}_{point}"), truth.skeleton.index(f"{side}{bone}"))
        for side in ("left", "right")
        for point, bone in JOINTS.items()
    ]
    upright = rotation.between(estimate.up, np.array([0.0, 1.0, 0.0]))
    found = rotation.rotate(upright, estimate.joints - estimate.root[:, None])
    mine, theirs = zip(*pairs, strict=True)
    return np.asarray(np.linalg.norm(found[:, mine] - (true - true[:, :1])[:, theirs], axis=-1))


def own_kind(directions: Array, root: Array, lengths: Array) -> tuple[Measured, Estimate]:
    """A body that is just as the fit knows it, and a perfect view of it."""
    frames = len(directions)
    up = np.array([0.0, 1.0, 0.0])
    truth = Estimate(root, directions, lengths, up, 0.0, 1.0)
    floor = -float(truth.joints[:, list(SOLES), 1].min())
    marks = reached(root, directions, lengths, TO_MARK)
    view = Measured(
        times=np.arange(frames) / 30,
        rays=-marks[..., :2] / marks[..., 2:],
        seen=np.ones(marks.shape[:2]),
        vectors=directions,
        known=np.ones(directions.shape[:2]),
        lifted=np.zeros_like(directions),
        lifted_sigma=np.full(directions.shape[:2], np.inf),
        sight=rotation.unit(root),
        planted=np.zeros((frames, 2, 2)),
        flight=np.zeros(frames),
    )
    return view, replace(truth, floor=floor)


# what is believed of bodies as such
BELIEFS = ("balance", "upright", "pelvis", "shoulders", "clavicle", "foot", "knee")


@pytest.mark.parametrize("believing", [True, False])
@pytest.mark.parametrize("swing", [0.0, 0.3])
def test_its_own_kind_is_fitted_to_the_millimetre(swing: float, believing: bool) -> None:
    """Level feet, as the fit takes all feet to be, and arms at rest or swinging slowly."""
    expected = expected_lengths(TALL)
    rest = REST.copy()
    for side in ("left", "right"):
        toe, heel = INDEX[f"{side}_toe"], INDEX[f"{side}_heel"]
        down = expected[OF_LENGTH[heel]] * rest[heel, 1] / expected[OF_LENGTH[toe]]
        rest[toe] = [0.0, down, np.sqrt(1 - down**2)]
    directions = np.repeat(rest[None], 60, axis=0)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        turned = rotation.exp(np.outer(sign * swing * np.sin(2 * TIMES), [1.0, 0.0, 0.0]))
        for bone in ("upper_arm", "forearm"):
            i = INDEX[f"{side}_{bone}"]
            directions[:, i] = rotation.rotate(turned, directions[:, i])
    root = np.repeat([[0.1, -0.3, -3.0]], 60, axis=0)
    view, truth = own_kind(directions, root, expected)
    off = {name: np.inf for name in BELIEFS}
    weights = Weights() if believing else replace(Weights(), **off)  # type: ignore[arg-type]
    found = fit.fit(view, start(view, expected), expected, [slice(0, 60)], weights)
    assert found.measured.planted.min() > 0.5
    apart = np.linalg.norm(found.estimate.joints - truth.joints, axis=-1)
    assert apart.mean() < (0.012 if believing else 0.001)
    assert apart.max() < (0.03 if believing else 0.003)
    if not believing:  # someone as straight as a post is out of balance, by two degrees
        assert found.estimate.floor == pytest.approx(truth.floor, abs=0.005)


CLEAN: dict[str, tuple[Motion, float]] = {
    "arms down": (standing(TIMES), 0.035),
    "arms out": (standing(TIMES, leftUpperArm=turn("z", 0.0)), 0.035),
    "turning": (standing(TIMES, hips=turn("y", 90 * TIMES)), 0.035),
    "walking by": (walk(TIMES, -0.7 + 0.7 * TIMES, heading=90.0).motion, 0.035),
    "squat": (squat(TIMES).motion, 0.035),
    "swinging arms": (standing(TIMES, **arms(TIMES, 40 * np.sin(5 * TIMES), 20 * TIMES)), 0.035),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_perfect_view_is_fitted(name: str) -> None:
    truth, limit = CLEAN[name]
    off = errors(fitted(seen(truth)), truth)
    assert off.mean() < limit
    assert off.max() < 5 * limit


@dataclass
class Step:
    """One iteration of the fit."""

    estimate: Estimate
    own: Array
    shared: Array
    measured: Measured
    first: bool
    weights: Weights


def steps(monkeypatch: pytest.MonkeyPatch, run: Callable[[], object]) -> list[Step]:
    """The iterations of a fit in one block."""
    taken: list[Step] = []
    seen_: list[tuple[Measured, bool, Weights]] = []
    assemble, moved = fit.assemble, fit.moved

    def spy(equations: NormalEquations, e: Estimate, m: Measured, w: Weights, first: bool) -> None:
        seen_.append((m, first, w))
        assemble(equations, e, m, w, first)

    def moving(e: Estimate, own: Array, shared: Array) -> Estimate:
        m, first, w = seen_[-1]
        taken.append(Step(e, own, shared, m, first, w))
        return moved(e, own, shared)

    monkeypatch.setattr(fit, "assemble", spy)
    monkeypatch.setattr(fit, "moved", moving)
    run()
    monkeypatch.undo()
    return taken


def slope(step: Step, expected: Array, share: float) -> float:
    """By how much the cost grows, per whole step, after a share of it was taken."""
    near = 1e-4
    here, there = (
        fit.moved(step.estimate, u * step.own, u * step.shared) for u in (share, share + near)
    )
    equations = NormalEquations(len(step.measured), UNKNOWNS, SHARED)
    fit.assemble(equations, here, step.measured, step.weights, step.first)
    _, pull = fit.shared_terms(here, step.measured, expected, step.weights)
    pull = pull + equations.shared.sum(axis=0)
    turned = (
        np.swapaxes(tangents(here.directions), -1, -2)
        @ ((there.directions - here.directions)[..., None])
    )
    up = tangents(here.up).T @ (there.up - here.up)
    shared = np.concatenate(
        [
            np.log(there.lengths / here.lengths),
            up,
            [there.floor - here.floor, np.log(there.focal / here.focal)],
        ]
    )
    grown = float(np.sum(equations.gradient[:, ROOT] * (there.root - here.root)))
    grown += float(np.sum(equations.gradient[:, 3:] * turned.reshape(len(here.root), -1)))
    return (grown + float(pull @ shared)) / near


@pytest.mark.parametrize("seed", range(3))
def test_the_cost_does_not_grow(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Along each step, the gradient says by how much the robust cost changes. Gravity, balance and
    knees hold something fixed in it, which leaves a little to be taken back."""
    track = noisy(seen(walk(TIMES[:40], 0.5 * TIMES[:40], heading=40.0).motion), seed)
    view, first, expected = begun(track)
    taken = steps(
        monkeypatch, lambda: fit.fit(view, first, expected, [slice(0, len(view))], Weights())
    )
    # Simpson's rule over five places of each step
    rule = ((0.0, 1 / 12), (0.25, 4 / 12), (0.5, 2 / 12), (0.75, 4 / 12), (1.0, 1 / 12))
    falls = [-sum(weight * slope(s, expected, at) for at, weight in rule) for s in taken]
    assert falls[0] > 0
    assert min(falls) > -0.002 * max(falls)
    assert abs(falls[-1]) < 0.02 * max(falls), "it comes to an end"


def test_a_converged_fit_stays() -> None:
    track = noisy(seen(walk(TIMES, 0.5 * TIMES, heading=40.0).motion), 1)
    view, first, expected = begun(track)
    whole = [slice(0, len(view))]
    once = fit.fit(view, first, expected, whole, Weights())
    again = fit.fit(view, once.estimate, expected, whole, Weights())
    assert np.abs(again.estimate.joints - once.estimate.joints).mean() < 0.004


@pytest.mark.parametrize(("block", "overlap"), [(60, 40), (45, 45)])
def test_blocks_give_the_same_as_the_whole(
    monkeypatch: pytest.MonkeyPatch, block: int, overlap: int
) -> None:
    times = np.arange(170) / 30
    track = noisy(seen(walk(times, 0.4 * np.sin(times), heading=20.0).motion), 0)
    whole = fitted(track)
    monkeypatch.setattr(fit, "BLOCK", block)
    monkeypatch.setattr(fit, "OVERLAP", overlap)
    parts = fitted(track)
    assert np.abs(parts.joints - whole.joints).max() < 0.002
    assert parts.lengths == pytest.approx(whole.lengths, rel=1e-3)
    assert parts.up == pytest.approx(whole.up, abs=1e-3)


def test_stretches_do_not_feel_each_other() -> None:
    """With what they share held, and no foot in sight to find a floor by, a stretch is the same
    whatever another does."""
    tight = Weights(length=1e-7, pitch=1e-5, roll=1e-5)
    soles = list(SOLES)
    parts = [slice(0, 30), slice(30, 60)]
    found = []
    for seed in (1, 2):
        other = noisy(seen(standing(TIMES, hips=turn("y", 30.0 * seed))), seed)
        one = noisy(seen(standing(TIMES)), 0)
        assert one.world is not None
        assert other.world is not None
        mixed = replace(
            one,
            image=np.concatenate([one.image[:30], other.image[30:]]),
            world=np.concatenate([one.world[:30], other.world[30:]]),
        )
        view, first, expected = begun(mixed)
        blind = view.seen.copy()
        blind[:, soles] = 0.0
        found.append(fit.fit(replace(view, seen=blind), first, expected, parts, tight).estimate)
    assert np.abs(found[0].joints[:30] - found[1].joints[:30]).max() < 1e-5
    assert np.abs(found[0].joints[30:] - found[1].joints[30:]).max() > 0.05


def test_who_comes_back_elsewhere_is_not_pulled_there() -> None:
    times = np.arange(90) / 30
    still = standing(times)
    place = np.where(times[:, None] < 1.5, [-0.6, 0.0, 0.0], [0.6, 0.0, -1.0])
    track = seen(replace(still, root=still.root + place))
    image, world, confidence = track.image.copy(), np.array(track.world), track.confidence.copy()
    image[30:60], world[30:60], confidence[30:60] = np.nan, np.nan, 0.0
    (result,) = solve(
        [replace(track, image=image, world=world, confidence=confidence)], CAMERA, TALL
    )
    travel = result.root - result.root[0]
    assert np.abs(travel[:30]).max() < 0.01
    assert np.ptp(travel[60:], axis=0).max() < 0.01
    assert travel[-1] == pytest.approx([1.2, 0.0, -1.0], abs=0.06)


def uneven(seconds: float) -> Array:
    random = np.random.default_rng(0)
    steps = random.uniform(0.4, 1.6, round(seconds * 30)) / 30
    return np.asarray(np.cumsum(steps) * seconds / steps.sum())


RATES: dict[str, Array] = {
    "24": np.arange(48) / 24,
    "60": np.arange(120) / 60,
    "uneven": uneven(2.0),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("noise", [False, True])
def test_frame_rates_give_the_same_motion(rate: str, noise: bool) -> None:
    def solved(times: Array) -> Motion:
        track = seen(walk(times, -0.7 + 0.7 * times, heading=60.0).motion)
        (result,) = solve([noisy(track, 0) if noise else track], CAMERA, TALL)
        return result

    at = np.arange(0.3, 1.7, 0.05)
    usual, other = (solved(t).resampled(times=at) for t in (TIMES, RATES[rate]))
    apart = np.linalg.norm(
        (usual.fk()[0] - usual.root[:1, None]) - (other.fk()[0] - other.root[:1, None]), axis=-1
    )
    assert apart.mean() < (0.03 if noise else 0.012)
    assert apart.max() < (0.12 if noise else 0.05)


def test_how_long_a_pose_is_held_does_not_change_what_is_seen() -> None:
    track = noisy(seen(walk(TIMES, 0.5 * TIMES, heading=40.0).motion), 0)
    usual, none = (solve([track], CAMERA, SolveSettings(hold=hold))[0] for hold in (0.5, 0.0))
    assert (usual.root == none.root).all()
    assert (usual.rotations == none.rotations).all()


def test_lengths_are_shared_by_all_frames_and_both_sides() -> None:
    track = noisy(seen(squat(TIMES).motion), 0)
    estimate = fitted(track)
    joints = estimate.joints
    for side in ("left", "right"):
        for a, b, name in (("hip", "knee", "thigh"), ("elbow", "wrist", "forearm")):
            long = np.linalg.norm(
                joints[:, POINTS.index(f"{side}_{b}")] - joints[:, POINTS.index(f"{side}_{a}")],
                axis=1,
            )
            assert long == pytest.approx(estimate.lengths[LENGTHS.index(name)])


@pytest.mark.parametrize("scale", [0.85, 1.15])
def test_proportions_are_found_where_the_picture_shows_them(scale: float) -> None:
    """Arms longer or shorter than usual, held across the line of sight."""
    still = standing(TIMES, leftUpperArm=turn("z", -20.0), rightUpperArm=turn("z", 20.0))
    index = [
        still.skeleton.index(f"{s}{b}") for s in ("left", "right") for b in ("LowerArm", "Hand")
    ]
    offsets = still.skeleton.offsets.copy()
    offsets[index] *= scale
    truth = replace(still, skeleton=still.skeleton.replace(offsets=offsets))
    found = fitted(seen(truth)).lengths
    expected = expected_lengths(TALL)
    change = dict(zip(LENGTHS, found / expected, strict=True))
    for bone in ("upper_arm", "forearm"):
        share = (change[bone] / change["thigh"] - 1) / (scale - 1)
        assert 0.25 < share < 1.4, "some of it: they are expected to be usual"
