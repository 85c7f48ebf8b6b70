"""What our own lifter learns from: people before cameras, as the embedded detector might see them.

Each session is some seconds of a recording or of made-up motion, by a body of other proportions,
perhaps mirrored, before a random camera, through the noise model. How much the detector errs, what
focal length is believed and whether there is 3D at all differs from session to session, so that
what is learnt does not hang on this one detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mocap import rotation
from mocap.arrays import Array
from mocap.camera import Camera
from mocap.landmarks import MEDIAPIPE_POSE, LandmarkTrack
from mocap.models.body_view import JOINTS, body_view
from mocap.training.corpus import Joints, Recording
from mocap.training.gestures import gestures
from mocap.training.noise import NoiseModel, seen_through, wander
from mocap.training.points import landmarks
from mocap.training.vectors import FLIP, HEIGHT, HIPS, MIRROR
from mocap.training.views import UP, camera_for

FPS = 30.0  # of everything that is learnt
INDICES = [MEDIAPIPE_POSE.index(joint) for joint in JOINTS]
FEET = [MEDIAPIPE_POSE.index(f"{s}_{p}") for s in ("left", "right") for p in ("heel", "foot_index")]
# parts that are longer or shorter together: what each joint hangs on, by how much it varies
CHAINS = (
    *((f"{side}_hip", "hips", 0.10, "hips") for side in "lr"),
    *((f"{side}_knee", f"{side}_hip", 0.06, "thigh") for side in "lr"),
    *((f"{side}_ankle", f"{side}_knee", 0.06, "shin") for side in "lr"),
    *((f"{side}_toe", f"{side}_ankle", 0.05, "foot") for side in "lr"),
    ("spine", "hips", 0.07, "trunk"),
    ("thorax", "spine", 0.07, "trunk"),
    ("neck", "thorax", 0.07, "trunk"),
    ("head", "neck", 0.08, "head"),
    ("head_top", "head", 0.08, "head"),
    *((f"{side}_shoulder", "neck", 0.07, "shoulders") for side in "lr"),
    *((f"{side}_elbow", f"{side}_shoulder", 0.07, "upper arm") for side in "lr"),
    *((f"{side}_wrist", f"{side}_elbow", 0.08, "forearm") for side in "lr"),
    *((f"{side}_hand", f"{side}_wrist", 0.05, "hand") for side in "lr"),
)
OFTEN_MISSING = ("nose", "ear", "index", "heel", "foot_index")  # by detectors with fewer points
UPPER = [
    i
    for i, name in enumerate(MEDIAPIPE_POSE.points)
    if any(part in name for part in ("nose", "ear", "shoulder", "hip"))
]
GUESSED, GUESS_TIME = 0.15, 0.5  # [m] and [s] how far off and how slowly, out of the picture


@dataclass(frozen=True)
class Variety:
    """How much sessions differ; all 0 for what is measured with.

    Attributes:
        made_up: share of sessions with made-up motion.
        body: proportions, times the usual spread.
        speed: spread of the logarithm of how fast recordings are played.
        detector: spread of what the detector errs by constantly, as a share.
        error: how much it errs besides, at least, as a share; at most as modelled.
        focal: spread of the logarithm of the focal length that is believed.
        flat: share of sessions without the detector's own 3D.
        close: share of sessions of which the picture shows the upper body alone.
    """

    made_up: float = 0.4
    body: float = 1.0
    speed: float = 0.15
    detector: float = 0.3
    error: float = 0.4
    focal: float = 0.12
    flat: float = 0.15
    close: float = 0.15


NONE = Variety(
    made_up=0.0, body=0.0, speed=0.0, detector=0.0, error=1.0, focal=0.0, flat=0.0, close=0.0
)


@dataclass(frozen=True, eq=False)
class Session:
    """T frames at FPS, as the lifter sees them.

    Attributes:
        features: (T, WIDTH) of body_view.
        world: (T, 12, 3) [m] the detector's joints, as body_view has them.
        joints: (T, 12, 3) [m] the true ones, in the same axes, for a body of 1.75 m.
    """

    features: Array
    world: Array
    joints: Array


def session(
    clips: Sequence[Recording],
    model: NoiseModel,
    frames: int,
    rng: np.random.Generator,
    variety: Variety | None = None,
) -> Session:
    """A session drawn by chance.

    Args:
        clips: recordings, of which long ones are drawn more often.
        model: of the detector's errors.
        frames: T.
        rng: where chance comes from.
        variety: how much sessions differ; None takes the usual.
    """
    variety = variety or Variety()
    if rng.random() < variety.made_up:
        joints = gestures(frames, 1 / FPS, rng)
    else:
        joints = proportioned(_part(clips, frames, variety.speed, rng), variety.body, rng)
    points = landmarks(joints)
    if variety.body and rng.random() < 0.5:
        points = points[:, MIRROR] * FLIP
    points = points - UP * points[:, FEET, 1].min()
    close = rng.random() < variety.close
    camera, turn, position = camera_for(points, rng, UPPER if close else None)
    view = (points - position) @ turn.T
    errs = _another(model, variety, rng)
    track = seen_through(errs, view, np.arange(frames) / FPS, camera, HEIGHT, rng).track
    if close:
        track = _guessed(track, camera.focal / -view[:, HIPS, 2].mean(), rng)
    if rng.random() < variety.flat:
        track = _flat(track, rng)
    believed = camera.focal * float(np.exp(rng.normal(0, variety.focal)))
    seen = body_view(track, Camera(camera.size, believed, camera.center))
    about = view[:, INDICES] - view[:, HIPS].mean(axis=1, keepdims=True)
    return Session(seen.features, seen.world, rotation.rotate(seen.turn[:, None], about))


def proportioned(joints: Joints, amount: float, rng: np.random.Generator) -> Joints:
    """The same motion by somebody else: (T, 3) [m] of each joint.

    Args:
        amount: of difference; 1 is usual, 0 is none.
    """
    if not amount:
        return joints
    scales: dict[str, float] = {}
    found = {"hips": joints["hips"]}
    for joint, parent, spread, part in CHAINS:
        if part not in scales:
            scales[part] = float(np.exp(rng.normal(0, spread * amount)))
        found[joint] = found[parent] + scales[part] * (joints[joint] - joints[parent])
    return found


def _part(
    clips: Sequence[Recording], frames: int, speed: float, rng: np.random.Generator
) -> Joints:
    """Some seconds of a recording; a short one stands still at its end."""
    lengths = np.sqrt([len(clip) for clip in clips])
    clip = clips[int(rng.choice(len(clips), p=lengths / lengths.sum()))]
    step = clip.fps / FPS * float(np.exp(rng.normal(0, speed)))
    first = rng.uniform(0, max(len(clip) - 1 - step * frames, 0))
    return clip.at(np.minimum(first + np.arange(frames) * step, len(clip) - 1))


def _another(model: NoiseModel, variety: Variety, rng: np.random.Generator) -> NoiseModel:
    """A detector like the one modelled, but not the same."""
    if not variety.detector:
        return model
    alike = rng.normal(1, variety.detector, size=4)
    errs = rng.uniform(variety.error, 1.0, size=2)
    bias = model.bias
    return replace(
        model,
        size=np.array([model.size[0], 0.04]),
        image_shift=model.image_shift * alike[0],
        bias=replace(
            bias,
            along=bias.along * alike[1],
            shift=bias.shift * alike[2],
            lean=bias.lean * alike[3],
        ),
        image=model.image.scaled(errs[0]),
        world=model.world.scaled(errs[1]),
    )


def _flat(track: LandmarkTrack, rng: np.random.Generator) -> LandmarkTrack:
    """A track as of a detector without depth, and often with fewer points."""
    lacking = [part for part in OFTEN_MISSING if rng.random() < 0.5]
    gone = [any(name.endswith(part) for part in lacking) for name in track.layout.points]
    confidence = np.where(gone, 0.0, track.confidence)
    return replace(track, world=None, confidence=confidence)


def _guessed(track: LandmarkTrack, scale: Array, rng: np.random.Generator) -> LandmarkTrack:
    """A track whose points out of the picture are guesses.

    Args:
        scale: (2,) [px] of a metre at the person's distance.
    """
    assert track.world is not None
    off = GUESSED * wander(len(track), 1 / FPS / GUESS_TIME, track.world.shape[1:], rng)
    off = np.where((track.confidence == 0)[..., None], off, 0.0)
    image = track.image + off[..., :2] * scale * [1.0, -1.0]
    return replace(track, image=image, world=track.world + off)
