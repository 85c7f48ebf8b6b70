"""The solve against people whose motion is known exactly, and on input that is hardly any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import CAMERA, CAMERA_AT, SIZE, seen, standing, turn

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.errors import InvalidValue
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.motion import Motion, TrackState
from mocap.skeleton import mirrored_name
from mocap.solve import SolveSettings, solve

EXACT = SolveSettings(smoothing=False, height=1.75)
TIMES = np.arange(60) / 30
LEGS = [f"{s}{b}" for s in ("left", "right") for b in ("UpperLeg", "LowerLeg", "Foot")]


def swing(low: float, high: float) -> Array:
    """(60,) smoothly from low to high and back."""
    return low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * TIMES))


def on_the_floor(motion: Motion) -> Motion:
    """The motion raised or lowered so that the lower ankle stays at its height at rest."""
    ankles = motion.fk()[0][:, [motion.skeleton.index(f"{s}Foot") for s in ("left", "right")], 1]
    lower = ankles.min(axis=1)
    return replace(motion, root=motion.root - np.outer(lower - 0.07, [0.0, 1.0, 0.0]))


def solved(motion: Motion, settings: SolveSettings = EXACT, **view: object) -> Motion:
    (result,) = solve([seen(motion, **view)], CAMERA, settings)  # type: ignore[arg-type]
    return result


def off(result: Motion, truth: Motion, bone: str) -> float:
    """[degrees] worst error of a bone's orientation in the world."""
    i = truth.skeleton.index(bone)
    _, a = result.fk()
    _, b = truth.fk()
    return float(np.degrees(rotation.angle(a[:, i], b[:, i])).max())


POSES = {
    "arms down": standing(TIMES),
    "elbows bent": standing(
        TIMES,
        leftUpperArm=rotation.mul(turn("z", -60), turn("x", -30)),
        rightUpperArm=rotation.mul(turn("z", 60), turn("x", -30)),
        leftLowerArm=turn("y", -swing(40, 100)),
        rightLowerArm=turn("y", swing(40, 100)),
    ),
    "palms turned": standing(
        TIMES,
        leftUpperArm=turn("z", -30),
        leftLowerArm=rotation.mul(turn("y", -70), turn("x", swing(-60, 60))),
    ),
    "squat": on_the_floor(
        standing(
            TIMES,
            hips=turn("x", 20),
            leftUpperLeg=turn("x", -swing(50, 90)),
            rightUpperLeg=turn("x", -swing(50, 90)),
            leftLowerLeg=turn("x", swing(60, 110)),
            rightLowerLeg=turn("x", swing(60, 110)),
            leftFoot=turn("x", -swing(30, 40)),
            rightFoot=turn("x", -swing(30, 40)),
        )
    ),
    "turned about": standing(TIMES, hips=turn("y", swing(-170, 170))),
    "head": standing(TIMES, head=rotation.mul(turn("y", swing(-50, 50)), turn("x", 15))),
}


@pytest.mark.parametrize("name", POSES)
def test_a_perfect_view_gives_the_rotations_back(name: str) -> None:
    truth = POSES[name]
    result = solved(truth)
    free = {"neck", "head"} if name == "head" else set()  # the neck takes half of the head's turn
    for bone in set(truth.skeleton.names) - free:
        # how far a leg is from straight hardly shows in front of the camera
        limit = {"Hand": 12.0, "Foot": 12.0, "Toes": 12.0, "LowerLeg": 12.0, "UpperLeg": 12.0}
        limit = next((v for k, v in limit.items() if bone.endswith(k)), 6.0)
        assert off(result, truth, bone) < limit, bone
    assert off(result, truth, "head") < 4.0


@pytest.mark.parametrize("pitch", [-20.0, 0.0, 20.0])
def test_the_root_travels_as_it_did(pitch: float) -> None:
    still = standing(TIMES)
    path = np.stack([swing(-0.8, 0.8), 0 * TIMES, swing(0.0, -1.0)], axis=1)
    truth = replace(still, root=still.root + path)
    result = solved(truth, pitch=pitch)
    moved, true = result.root - result.root[0], truth.root - truth.root[0]
    # a tilt below what estimators themselves lean is not corrected, so the floor may slope
    assert np.abs(moved - true).max() < (0.03 if pitch == 0 else 0.3)


def test_standing_on_the_floor_facing_the_camera() -> None:
    result = solved(standing(TIMES))
    positions, _ = result.fk()
    toes = positions[:, [result.skeleton.index(f"{s}Toes") for s in ("left", "right")]]
    assert np.abs(toes[..., 1] - 0.02).max() < 0.1
    assert (toes[:, 0, 0] > toes[:, 1, 0]).all(), "the left foot is at +X"
    ankles = positions[:, [result.skeleton.index(f"{s}Foot") for s in ("left", "right")]]
    assert (toes[..., 2] > ankles[..., 2] + 0.08).all(), "toes point to +Z"
    assert np.abs(result.root[0, [0, 2]]).max() < 1e-9, "the take begins at the origin"
    assert all(result.contacts[f].all() for f in ("leftFoot", "rightFoot"))


def test_a_jump_stays_a_jump() -> None:
    still = standing(TIMES)
    height = 0.3 * np.clip(np.sin(np.pi * (TIMES - 0.8) / 0.5), 0, None) * (TIMES < 1.3)
    truth = replace(still, root=still.root + np.outer(height, [0.0, 1.0, 0.0]))
    result = solved(truth)
    assert np.ptp(result.root[:, 1]) == pytest.approx(0.3, abs=0.04)
    assert not result.contacts["leftFoot"][np.argmax(height)]


@given(st.integers(0, 2**32 - 1))
def test_the_mirror_image_gives_the_mirror_image(seed: int) -> None:
    random = np.random.default_rng(seed)
    tilt = rotation.exp(random.normal(0, 0.3, (22, 3)))
    truth = standing(TIMES[:3], **dict(zip(standing(TIMES[:1]).skeleton.names, tilt, strict=True)))
    track = seen(truth)
    names = MEDIAPIPE_POSE.points
    swapped = [names.index(mirrored_name(name)) for name in names]
    assert track.world is not None
    mirrored = replace(
        track,
        image=np.array([SIZE[0], 0]) + track.image[:, swapped] * [-1, 1],
        world=track.world[:, swapped] * [-1, 1, 1],
        confidence=track.confidence[:, swapped],
    )
    (a,), (b,) = solve([track], CAMERA, EXACT), solve([mirrored], CAMERA, EXACT)
    expected = a.mirrored()
    assert np.degrees(rotation.angle(expected.rotations, b.rotations)).max() < 0.1
    assert np.abs(expected.root - b.root).max() < 1e-3


def test_bones_keep_their_length_and_both_sides_are_alike() -> None:
    random = np.random.default_rng(1)
    track = seen(POSES["squat"])
    assert track.world is not None
    noisy = replace(track, world=track.world + random.normal(0, 0.03, track.world.shape))
    (result,) = solve([noisy], CAMERA)
    positions, _ = result.fk()
    for side_bones in (["UpperLeg", "LowerLeg", "Foot"], ["UpperArm", "LowerArm", "Hand"]):
        lengths = []
        for side in ("left", "right"):
            index = [result.skeleton.index(side + b) for b in side_bones]
            lengths.append(np.linalg.norm(np.diff(positions[:, index], axis=1), axis=-1))
        assert np.ptp(lengths[0], axis=0).max() < 1e-9
        assert np.abs(lengths[0] - lengths[1]).max() < 1e-9


@pytest.mark.parametrize("height", [1.2, 1.75, 2.1])
def test_height_sets_the_scale_of_body_and_travel(height: float) -> None:
    still = standing(TIMES)
    truth = replace(still, root=still.root + np.outer(swing(0, 1), [1.0, 0.0, 0.0]))
    result = solved(truth, SolveSettings(height=height, smoothing=False))
    assert result.skeleton.height == pytest.approx(height)
    assert np.ptp(result.root[:, 0]) == pytest.approx(height / 1.75, rel=0.03)


def test_an_unknown_height_stays_that_of_a_grown_person() -> None:
    track = seen(standing(TIMES))
    assert track.world is not None
    (result,) = solve([replace(track, world=track.world * 3)], CAMERA)
    assert result.skeleton.height == pytest.approx(1.70)


def test_legs_out_of_the_picture_are_not_invented() -> None:
    bent = {f"{s}UpperLeg": turn("x", -swing(40, 80)) for s in ("left", "right")}
    near = seen(standing(TIMES, **bent), at=np.array([0.0, 1.4, 1.2]))  # from the waist up
    below = [MEDIAPIPE_POSE.index(f"{s}_{p}") for s in ("left", "right")
             for p in ("knee", "ankle", "heel", "foot_index")]  # fmt: skip
    assert (near.confidence[:, below] == 0).all(), "the scene must hide the legs"
    (result,) = solve([near], CAMERA)
    index = [result.skeleton.index(bone) for bone in LEGS]
    assert (result.confidence[:, index] == 0).all()
    assert rotation.angle(result.rotations[:, index], rotation.identity()).max() < 1e-6
    assert not result.contacts["leftFoot"].any(), "nobody saw them stand"
    assert (result.state == TrackState.TRACKED).all()
    assert (result.confidence[:, result.skeleton.index("leftLowerArm")] > 0).all()


def hidden(track: LandmarkTrack, frames: slice) -> LandmarkTrack:
    """The track with the person out of sight in some frames."""
    image, world = track.image.copy(), np.array(track.world)
    confidence = track.confidence.copy()
    image[frames], world[frames], confidence[frames] = np.nan, np.nan, 0.0
    return replace(track, image=image, world=world, confidence=confidence)


def test_a_short_loss_is_bridged_and_a_long_one_rests() -> None:
    times = np.arange(120) / 30
    truth = standing(times, leftUpperArm=turn("z", 0.0))
    short, long = slice(10, 20), slice(40, 100)
    (result,) = solve([hidden(hidden(seen(truth), short), long)], CAMERA, EXACT)
    arm = result.skeleton.index("leftUpperArm")
    raised = np.degrees(rotation.angle(result.rotations[:, arm], rotation.identity()))
    assert (result.state[short] == TrackState.HELD).all()
    assert raised[short].max() < 3, "the arm stays up through a short loss"
    assert (result.state[41:54] == TrackState.HELD).all()
    assert (result.state[57:100] == TrackState.LOST).all()
    assert raised[45] < 3, "it is held at first"
    assert raised[80] > 60, "then it goes down to rest"
    assert raised[-1] < 3, "and is up again when the person is back"
    assert (result.confidence[long] == 0).all()
    assert np.abs(np.diff(raised)).max() < 20, "without jumps"


def test_who_is_not_there_yet_stands_on_the_floor() -> None:
    (result,) = solve([hidden(seen(POSES["squat"]), slice(0, 50))], CAMERA, EXACT)
    positions, _ = result.fk()
    assert result.state[0] == TrackState.LOST
    assert positions[0, :, 1].min() == pytest.approx(0.02, abs=0.01)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_clips(frames: int) -> None:
    result = solved(standing(TIMES[:frames]), SolveSettings())
    assert len(result) == frames
    assert result.root[0, 1] == pytest.approx(0.93, abs=0.06)


DEGENERATE = {
    "nothing ever seen": lambda t: hidden(t, slice(0, len(t))),
    "one frame seen": lambda t: hidden(hidden(t, slice(0, 5)), slice(6, len(t))),
    "all points in one place": lambda t: replace(t, image=t.image * 0 + 300, world=t.world * 0),
    "upside down": lambda t: replace(t, world=t.world * [1, -1, 1]),
    "lying": lambda t: replace(t, world=np.array(t.world)[..., [1, 0, 2]]),
    "tiny": lambda t: replace(t, image=t.image * 0.01 + 200),
    "huge": lambda t: replace(t, image=(t.image - 300) * 50),
    "no confidence": lambda t: replace(t, confidence=t.confidence * 0),
    "only a face": lambda t: replace(
        t, confidence=t.confidence * (np.arange(len(t.layout)) < 11)
    ),
    "noise": lambda t: replace(t, world=np.random.default_rng(0).normal(0, 1, t.world.shape)),
}  # fmt: skip


@pytest.mark.parametrize("what", DEGENERATE)
@pytest.mark.parametrize("smoothing", [True, False])
def test_hardly_any_input_gives_finite_motion(what: str, smoothing: bool) -> None:
    track = DEGENERATE[what](seen(standing(TIMES)))
    (result,) = solve([track], CAMERA, SolveSettings(smoothing=smoothing))
    positions, _ = result.fk()
    assert np.isfinite(positions).all()
    assert result.skeleton.height == pytest.approx(1.70)
    if what in ("nothing ever seen", "no confidence"):
        assert (result.confidence == 0).all()


def test_smoothing_takes_away_noise_but_not_the_motion() -> None:
    random = np.random.default_rng(2)
    truth = POSES["elbows bent"]
    track = seen(truth)
    assert track.world is not None
    noisy = replace(track, world=track.world + random.normal(0, 0.02, track.world.shape))
    smooth, rough = (
        solve([noisy], CAMERA, replace(EXACT, smoothing=on))[0].fk()[0] for on in (True, False)
    )
    wrist = truth.skeleton.index("leftHand")

    def shake(positions: Array) -> float:
        return float(np.linalg.norm(np.diff(positions[:, wrist], 3, axis=0), axis=-1).mean())

    assert shake(smooth) < 0.4 * shake(rough)
    exact = truth.fk()[0][:, wrist] - truth.fk()[0][:, 0]
    kept = np.ptp((smooth[:, wrist] - smooth[:, 0])[:, 2]) / np.ptp(exact[:, 2])
    assert kept > 0.9


def test_everyone_shares_the_camera_but_has_an_own_floor() -> None:
    high = standing(TIMES)
    high = replace(high, root=high.root + [1.5, 0.7, 0.0])  # on a platform
    first, second = solve([seen(standing(TIMES)), seen(high)], CAMERA, EXACT)
    assert first.root[0, 1] == pytest.approx(second.root[0, 1], abs=0.03)
    assert (second.root - first.root)[0, 0] == pytest.approx(1.5, abs=0.1)


def test_nobody_gives_nothing() -> None:
    assert solve([], CAMERA) == ()


def test_points_without_depth_are_refused() -> None:
    with pytest.raises(InvalidValue, match="no depth"):
        solve([replace(seen(standing(TIMES)), world=None)], CAMERA)


@pytest.mark.parametrize(
    "options", [{"height": 0.1}, {"min_cutoff": 0.0}, {"beta": -1.0}, {"hold": -1.0}]
)
def test_settings_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidValue):
        SolveSettings(**options)  # type: ignore[arg-type]


def test_a_wrong_field_of_view_scales_the_depth_only() -> None:
    still = standing(TIMES)
    truth = replace(still, root=still.root + np.outer(swing(0, 1), [1.0, 0.0, 0.0]))
    (result,) = solve([seen(truth)], Camera.from_fov(SIZE, 45), EXACT)
    assert np.ptp(result.root[:, 0]) == pytest.approx(1.0, abs=0.1)
    assert CAMERA_AT[2] == 4.0
