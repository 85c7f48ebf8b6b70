"""Points that lifters leave out, as far as others tell of them: the feet, and which way a face
looks.

Networks trained on Human3.6M end at ankles and neck. Without feet nothing can stand on the floor,
and without a face nobody looks anywhere. Feet follow from the shins: flat on the floor while the
shin stands, square to it otherwise, and pointing where knee and hips do. A face follows from nose,
eyes and ears in the picture: the one turn of a rigid head that fits them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mocap.arrays import Array, BoolArray
from mocap.landmarks import LandmarkTrack
from mocap.rotation import cross, dot, unit

GUESSED = 0.7  # share of the confidence of what a guessed point follows from
SHIN = 0.436  # [m] of the body whose measures these are, 1.75 m tall; de Leva, 1996
# [m] of a foot: below the ankle and in front of it
FEET = {"heel": (0.05, -0.06), "foot_index": (0.05, 0.18)}
STANDING = (0.5, 0.82)  # cosine of the shin to upright from which a foot is flatter, and flat
BENDS = 6.0  # [1/m] how much more than the hips a knee tells where a foot points, by its bend
UP = np.array([0.0, 1.0, 0.0])
# [m] of a face from between the ears: to the left, up, ahead
FACE = {
    "nose": (0.0, -0.023, 0.13),
    "left_eye_inner": (0.018, 0.008, 0.105),
    "left_eye": (0.032, 0.008, 0.105),
    "left_eye_outer": (0.046, 0.008, 0.10),
    "right_eye_inner": (-0.018, 0.008, 0.105),
    "right_eye": (-0.032, 0.008, 0.105),
    "right_eye_outer": (-0.046, 0.008, 0.10),
    "left_ear": (0.08, 0.0, 0.0),
    "right_ear": (-0.08, 0.0, 0.0),
    "mouth_left": (0.024, -0.063, 0.10),
    "mouth_right": (-0.024, -0.063, 0.10),
}
EARS = 0.22  # [m] of them above the middle of the shoulders
MARKS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")  # that detectors find
FEWEST = 3  # of them, the nose included, that tell where a face looks
SEEN = 0.3  # confidence of a mark that counts
ROUNDS = 30  # of the fit of a head


def completed(track: LandmarkTrack, picture: Array, head: Array) -> LandmarkTrack:
    """A track with feet and faces.

    Args:
        track: in the layout of MediaPipe, world points of the trunk and the limbs known.
        picture: (T, 33) how sure the image points are, those without a world point too.
        head: (T, 3) [m] the middle between the ears among the world points; where it is NaN it
            follows from the picture, and lies above the shoulders as seen from the side.
    """
    if track.world is None:
        return track
    size = _size(track)
    if size is None:
        return track
    scale = _scale(track)
    feet, face = _feet(track, size), _face(track, picture, head, size, scale)
    return _with(_with(track, *feet, picture, scale), *face, picture, scale)


def _with(
    track: LandmarkTrack,
    points: tuple[str, ...],
    world: Array,
    sure: Array,
    picture: Array,
    scale: Array,
) -> LandmarkTrack:
    """The track with some world points (T, P, 3) where it has none of its own. Where the picture
    lacks them, they are put where they would be seen."""
    index = [track.layout.index(name) for name in points]
    assert track.world is not None
    image, places, confidence = track.image.copy(), track.world.copy(), track.confidence.copy()
    missing = np.isnan(places[:, index]).any(axis=-1)
    new = missing & np.isfinite(world).all(axis=-1) & (sure > 0)
    places[:, index] = np.where(new[..., None], world, places[:, index])
    shown = np.isfinite(image[:, index]).all(axis=-1) & (picture[:, index] > 0)
    middle, pixel = _middles(track)
    guess = pixel[:, None] + scale[:, None, None] * (world - middle[:, None])[..., :2] * [1, -1]
    put = new & ~shown & np.isfinite(guess).all(axis=-1)
    image[:, index] = np.where(put[..., None], guess, image[:, index])
    value = np.where(shown, np.minimum(picture[:, index], sure), sure)
    confidence[:, index] = np.where(new & (shown | put), value, confidence[:, index])
    return replace(track, image=image, world=places, confidence=confidence)


def _known(track: LandmarkTrack) -> BoolArray:
    """(T, K) points that are known in the picture and in space."""
    assert track.world is not None
    whole = np.isfinite(track.image).all(axis=-1) & np.isfinite(track.world).all(axis=-1)
    known: BoolArray = whole & (track.confidence > 0)
    return known


def _middles(track: LandmarkTrack) -> tuple[Array, Array]:
    """(T, 3) [m] and (T, 2) [px] the middle of the points known in both."""
    assert track.world is not None
    known = _known(track)
    count = np.maximum(known.sum(axis=1), 1)[:, None]
    world = np.where(known[..., None], track.world, 0.0).sum(axis=1) / count
    image = np.where(known[..., None], track.image, 0.0).sum(axis=1) / count
    return world, image


def _scale(track: LandmarkTrack) -> Array:
    """(T,) [px/m] of the person in the picture, seen from afar; NaN where nobody is."""
    assert track.world is not None
    known = _known(track)[..., None]
    world, image = _middles(track)
    a = np.where(known, track.world - world[:, None], 0.0)[..., :2] * [1, -1]
    b = np.where(known, track.image - image[:, None], 0.0)
    spread = (a * a).sum(axis=(1, 2))
    scale = (a * b).sum(axis=(1, 2)) / np.maximum(spread, 1e-12)
    return np.where((spread > 1e-4) & (scale > 0), scale, np.nan)


def _at(track: LandmarkTrack, name: str) -> Array:
    """(T, 3) [m] a point, NaN where it is not known."""
    assert track.world is not None
    i = track.layout.index(name)
    return np.where(track.confidence[:, i, None] > 0, track.world[:, i], np.nan)


def _size(track: LandmarkTrack) -> float | None:
    """How large the body is, as a multiple of the one that was measured; None if no shin is
    known."""
    shins = [_at(track, f"{s}_knee") - _at(track, f"{s}_ankle") for s in ("left", "right")]
    lengths = np.linalg.norm(np.concatenate(shins), axis=1)
    lengths = lengths[np.isfinite(lengths)]
    if not len(lengths):
        return None
    size = float(np.median(lengths)) / SHIN
    return size if size > 0 else None


def _feet(track: LandmarkTrack, size: float) -> tuple[tuple[str, ...], Array, Array]:
    """Names, places (T, P, 3) and confidence (T, P) of heels and toes."""
    hips = [_at(track, f"{s}_hip") for s in ("left", "right")]
    shoulders = [_at(track, f"{s}_shoulder") for s in ("left", "right")]
    trunk = unit((shoulders[0] + shoulders[1]) / 2 - (hips[0] + hips[1]) / 2)
    trunk = np.where(np.isfinite(trunk), trunk, UP)
    up = unit(np.median(trunk, axis=0))
    ahead = unit(cross(hips[0] - hips[1], trunk))
    names, places, sure = [], [], []
    for side, hip in zip(("left", "right"), hips, strict=True):
        knee, ankle = _at(track, f"{side}_knee"), _at(track, f"{side}_ankle")
        shin = unit(knee - ankle)
        bend = knee - (hip + ankle) / 2
        way = ahead + BENDS / size * _square_to(bend, shin)
        stands = _smooth(dot(shin, np.broadcast_to(up, shin.shape)), *STANDING)
        normal = unit(stands * up + (1 - stands) * shin)
        toes = unit(_square_to(way, normal))
        index = [track.layout.index(f"{side}_{p}") for p in ("hip", "knee", "ankle")]
        seen = track.confidence[:, index].min(axis=1) * GUESSED
        for point, (below, before) in FEET.items():
            names.append(f"{side}_{point}")
            places.append(ankle + size * (before * toes - below * normal))
            sure.append(seen)
    return tuple(names), np.stack(places, axis=1), np.stack(sure, axis=1)


def _face(
    track: LandmarkTrack, picture: Array, head: Array, size: float, scale: Array
) -> tuple[tuple[str, ...], Array, Array]:
    """Names, places (T, P, 3) and confidence (T, P) of the points of a face."""
    names = tuple(FACE)
    shape = size * np.array(list(FACE.values()))
    marks = [track.layout.index(name) for name in MARKS]
    image = track.image[:, marks]
    whole = np.isfinite(image).all(axis=-1) & (picture[:, marks] >= SEEN)
    confidence = np.where(whole, picture[:, marks], 0.0)
    told = (confidence[:, 0] > 0) & ((confidence > 0).sum(axis=1) >= FEWEST)
    told &= np.isfinite(scale)
    places = np.full((len(track), len(names), 3), np.nan)
    sure = np.zeros((len(track), len(names)))
    if told.any():
        flat = np.where(confidence[told, :, None] > 0, image[told], 0.0) * np.array([1.0, -1.0])
        flat = flat / scale[told, None, None]
        turn = _turn(shape[[names.index(mark) for mark in MARKS]], flat, confidence[told])
        turned = np.einsum("tij,pj->tpi", turn, shape)
        seen = turned[:, [names.index(mark) for mark in MARKS]]
        share = (confidence[told] / confidence[told].sum(axis=1, keepdims=True))[..., None]
        middle, pixel = (of[told] for of in _middles(track))
        flat = flat - (pixel * [1, -1] / scale[told, None])[:, None]
        across = middle[:, :2] + (share * (flat - seen[..., :2])).sum(axis=1)
        above = np.column_stack([across, _above_shoulders(track, size)[told]])
        middles = np.where(np.isfinite(head[told]).all(axis=1)[:, None], head[told], above)
        places[told] = middles[:, None] + turned
        weights = np.where(confidence > 0, confidence, np.nan)[told]
        sure[told] = np.nanmean(weights, axis=1, keepdims=True) * GUESSED
    return names, places, sure


def _above_shoulders(track: LandmarkTrack, size: float) -> Array:
    """(T,) [m] how far towards the camera the middle between the ears is, if the neck goes on as
    the trunk does; NaN where there is none."""
    hips = [_at(track, f"{s}_hip") for s in ("left", "right")]
    shoulders = [_at(track, f"{s}_shoulder") for s in ("left", "right")]
    top = (shoulders[0] + shoulders[1]) / 2
    found: Array = (top + EARS * size * unit(top - (hips[0] + hips[1]) / 2))[:, 2]
    return found


def _turn(shape: Array, flat: Array, weights: Array) -> Array:
    """(T, 3, 3) rotations of points (M, 3) that fit what is seen of them from afar (T, M, 2), with
    weights (T, M).

    What is not seen, the depths, is taken from the last fit: DeMenthon and Davis, "Model-based
    object pose in 25 lines of code", 1995, for known size. Begins with a face that looks at the
    camera.
    """
    share = (weights / weights.sum(axis=1, keepdims=True))[..., None]
    seen = flat - (share * flat).sum(axis=1, keepdims=True)
    body = shape - np.einsum("tmi,mj->tj", share, shape)[:, None]
    turn = np.tile(np.eye(3), (len(flat), 1, 1))
    for _ in range(ROUNDS):
        depth = np.einsum("tj,tmj->tm", turn[:, 2], body)[..., None]
        whole = np.concatenate([seen, depth], axis=-1)
        u, _, vt = np.linalg.svd(np.swapaxes(share * body, 1, 2) @ whole)
        handed = np.sign(np.linalg.det(u @ vt))
        u[:, :, 2] *= handed[:, None]
        turn = np.swapaxes(u @ vt, 1, 2)
    return turn


def _square_to(v: Array, axis: Array) -> Array:
    """The part of vectors (T, 3) at a right angle to unit vectors."""
    return v - dot(v, axis) * axis


def _smooth(x: Array, low: float, high: float) -> Array:
    u = np.clip((x - low) / (high - low), 0.0, 1.0)
    return u * u * (3 - 2 * u)
