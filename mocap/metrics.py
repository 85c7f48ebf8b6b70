"""Figures that say how good motion is. Lengths go in as metres and come out as named.

Definitions follow common use: MPJPE and PA-MPJPE of the pose literature; jitter as in Yi et al.,
"TransPose" (2021), in units of 10 m/s^3; root translation error in per cent of the travel, as in
Shin et al., "WHAM" (2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mocap.arrays import Array, BoolArray

FASTEST = 13.0  # [m/s] nobody runs faster
SHORTEST_FLIGHT = 0.1  # [s]
LOWEST_JUMP = 0.03  # [m] rise of the root below which a flight is a running step
MOVED = 0.05  # [m] mean way of the joints from frame to frame below which no exchange shows


class Flight(NamedTuple):
    """Frames first to last, without the foot, before and after which a foot is on the floor."""

    first: int
    last: int
    rise: float  # [m] of the root, from the take-off to its highest place


class Scores(NamedTuple):
    """How well yes and no were told, each from 0 to 1."""

    precision: float  # share of what was said that is true
    recall: float  # share of what is true that was said
    f1: float  # harmonic mean of both


def jitter(positions: Array, fps: float, counted: BoolArray | None = None) -> float:
    """Mean norm of the third difference of positions (T, J, 3), times fps^3 / 10.

    Differences over frames that are not all `counted` (T,) are left out, as those across a gap.
    0 if none is left.
    """
    if len(positions) < 4:
        return 0.0
    norms = np.linalg.norm(np.diff(positions, 3, axis=0), axis=-1)
    if counted is not None:
        norms = norms[counted[3:] & counted[2:-1] & counted[1:-2] & counted[:-3]]
    return float(norms.mean() * fps**3 / 10) if norms.size else 0.0


def slides(parts: Array, stands: BoolArray, fps: float) -> Array:
    """(N,) [cm/s] speeds along the floor of feet, for each step between two standing frames.

    Args:
        parts: (T, 2, P, 3) [m] points of each foot, such as ankle and ball. A foot that rolls
            turns about one of them, so the stillest counts: a foot slides if all its points do.
        stands: (T, 2).
        fps: frame rate.
    """
    planted = stands[1:] & stands[:-1]
    steps = np.linalg.norm(np.diff(parts[..., [0, 2]], axis=0), axis=-1).min(axis=-1)
    return steps[planted] * fps * 100


def foot_slide(soles: Array, stands: BoolArray, fps: float) -> float:
    """[cm/s] mean speed along the floor of soles (T, 2, 3) while they stand (T, 2)."""
    speeds = slides(soles[:, :, None], stands, fps)
    return float(speeds.mean()) if len(speeds) else 0.0


def penetration(soles: Array) -> float:
    """[cm] mean depth of the lower sole (T, 2, 3) below the floor, over all frames."""
    return float(np.maximum(-soles[..., 1].min(axis=1), 0).mean() * 100) if len(soles) else 0.0


def flights(airborne: BoolArray, heights: Array, fps: float) -> list[Flight]:
    """The times in the air that begin and end on the floor.

    Args:
        airborne: (T,) whether no foot touches the floor.
        heights: (T,) [m] of the root.
        fps: frame rate; what is shorter than SHORTEST_FLIGHT is no flight.
    """
    return [
        Flight(a, b - 1, float(heights[a - 1 : b + 1].max() - heights[a - 1]))
        for a, b in spans(airborne)
        if a > 0 and b < len(airborne) and (b - a + 0.5) / fps > SHORTEST_FLIGHT
    ]


def spans(on: BoolArray) -> list[tuple[int, int]]:
    """First index, and the index after the last, of each run of what is on (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def leaps(root: Array, times: Array, counted: BoolArray) -> BoolArray:
    """(T,) whether the root (T, 3) [m] came to a frame faster than FASTEST, as nobody can.

    From a frame that is not `counted` (T,), or to one, nothing is a leap.
    """
    found = np.zeros(len(root), dtype=bool)
    if len(root) > 1:
        speed = np.linalg.norm(np.diff(root, axis=0), axis=-1) / np.diff(times)
        found[1:] = (speed > FASTEST) & counted[1:] & counted[:-1]
    return found


def exchanges(points: Array, groups: Sequence[Sequence[int]]) -> BoolArray:
    """(T,) whether left and right changed places on the way to a frame.

    That is when the points of a group have moved by more than MOVED, and would be less than
    half as far from where they were with left and right exchanged. No truth is needed, and a
    mistake that lasts shows twice: where it begins and where it ends.

    Args:
        points: (T, J, D) [m] left and right of each joint by turns; NaN where unknown.
        groups: indices of joints that are exchanged together, such as the legs.
    """
    found = np.zeros(len(points), dtype=bool)
    if len(points) < 2:
        return found
    mirror = np.arange(points.shape[1]) ^ 1
    centred = points - points.mean(axis=1, keepdims=True)
    straight = np.linalg.norm(centred[1:] - centred[:-1], axis=-1)
    swapped = np.linalg.norm(centred[1:, mirror] - centred[:-1], axis=-1)
    for group in groups:
        way, other = straight[:, group].mean(axis=1), swapped[:, group].mean(axis=1)
        found[1:] |= (way > MOVED) & (other < way / 2)
    return found


def scores(said: BoolArray, true: BoolArray) -> Scores:
    """How well `said` tells what is `true`, of one shape. 1 where there was nothing to tell."""
    both = float((said & true).sum())
    precision = both / said.sum() if said.any() else 1.0
    recall = both / true.sum() if true.any() else 1.0
    return Scores(precision, recall, 2 * precision * recall / max(precision + recall, 1e-12))


def length_variation(lengths: Array) -> float:
    """[%] mean over bones of standard deviation over mean, for lengths (T, B) with NaN gaps."""
    lengths = lengths[np.isfinite(lengths).all(axis=1)]
    if len(lengths) < 2:
        return 0.0
    return float(np.mean(lengths.std(axis=0) / np.maximum(lengths.mean(axis=0), 1e-9)) * 100)


def align(points: Array, truth: Array, scale: bool) -> tuple[Array, Array]:
    """Points (N, 3) moved, turned and perhaps scaled onto truth (N, 3) by least squares.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
    1991. Returns the moved points and the rotation matrix applied (3, 3).
    """
    middle, target = points.mean(axis=0), truth.mean(axis=0)
    a, b = points - middle, truth - target
    u, s, vt = np.linalg.svd(a.T @ b)
    handed = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    turn = (u * handed) @ vt
    size = float((s * handed).sum() / max((a * a).sum(), 1e-12)) if scale else 1.0
    return size * a @ turn + target, turn.T


def pa_errors(points: Array, truth: Array) -> Array:
    """(T,) [mm] mean joint error of (T, J, 3) after one similarity for each frame."""
    a = points - points.mean(axis=1, keepdims=True)
    b = truth - truth.mean(axis=1, keepdims=True)
    u, s, vt = np.linalg.svd(np.swapaxes(a, 1, 2) @ b)
    s[:, 2] *= np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]
    size = s.sum(axis=1) / np.maximum((a * a).sum(axis=(1, 2)), 1e-12)
    return _mm(size[:, None, None] * (a @ u @ vt) - b).mean(axis=1)


def _mm(difference: Array) -> Array:
    """[mm] lengths of vectors (..., 3) [m]."""
    return np.linalg.norm(difference, axis=-1) * 1000


class Errors(NamedTuple):
    """Errors in each of T frames, and the turn of the clip that was taken out of the last four."""

    pa: Array  # (T,) [mm] one similarity for each frame: the pose alone
    similar: Array  # (T,) [mm] one similarity for the clip
    rigid: Array  # (T,) [mm] one rigid motion for the clip
    local: Array  # (T,) [mm] the same with the roots together: MPJPE
    scaled: Array  # (T,) [mm] and one size for each frame: N-MPJPE
    root: Array  # (T,) [mm] of the root alone
    bend: Array  # (T - 2,) [m per frame^2] of the accelerations
    turn: Array  # (3, 3)


def errors(points: Array, truth: Array, roots: tuple[int, int]) -> Errors:
    """Errors of joint positions (T, J, 3) [m], each frame for itself; see `accuracy`."""
    joints = points.shape[1]

    def whole(scale: bool) -> tuple[Array, Array]:
        moved, turn = align(points.reshape(-1, 3), truth.reshape(-1, 3), scale)
        return moved.reshape(-1, joints, 3), turn

    similar, _ = whole(scale=True)
    rigid, turn = whole(scale=False)
    root = rigid[:, list(roots)].mean(axis=1, keepdims=True)
    true_root = truth[:, list(roots)].mean(axis=1, keepdims=True)
    local, true_local = rigid - root, truth - true_root
    size = (local * true_local).sum(axis=(1, 2)) / np.maximum((local**2).sum(axis=(1, 2)), 1e-12)
    bend = np.diff(rigid - truth, 2, axis=0) if len(points) > 2 else np.zeros((0, joints, 3))
    return Errors(
        pa=pa_errors(points, truth),
        similar=_mm(similar - truth).mean(axis=1),
        rigid=_mm(rigid - truth).mean(axis=1),
        local=_mm(local - true_local).mean(axis=1),
        scaled=_mm(size[:, None, None] * local - true_local).mean(axis=1),
        root=_mm(root - true_root)[:, 0],
        bend=np.linalg.norm(bend, axis=-1).mean(axis=1),
        turn=turn,
    )


def accuracy(points: Array, truth: Array, fps: float, roots: tuple[int, int]) -> dict[str, float]:
    """Errors of joint positions (T, J, 3) [m] against the truth, in any two frames of reference.

    Args:
        points, truth: the same joints at the same times.
        fps: frame rate.
        roots: the two joints whose middle is the root, the hips.

    Returns:
        pa_mpjpe_mm: similarity for each frame. mpjpe_mm: roots together, one rotation for the
        clip. n_mpjpe_mm: the same with one size for each frame. clip_mm, clip_rigid_mm: one
        similarity, one rigid motion for the clip. root_error_mm and root_error_percent: of the
        root after one rigid motion for the clip, the latter of the distance travelled (absent
        below 0.5 m of travel). acceleration_error: [m/s^2]. tilt_degrees: between the up axes.
    """
    found = errors(points, truth, roots)
    up = found.turn @ np.array([0.0, 1.0, 0.0])
    result = {
        "pa_mpjpe_mm": float(found.pa.mean()),
        "mpjpe_mm": float(found.local.mean()),
        "n_mpjpe_mm": float(found.scaled.mean()),
        "clip_mm": float(found.similar.mean()),
        "clip_rigid_mm": float(found.rigid.mean()),
        "root_error_mm": float(found.root.mean()),
        "tilt_degrees": float(np.degrees(np.arccos(np.clip(up[1], -1, 1)))),
    }
    true_root = truth[:, list(roots)].mean(axis=1)
    travel = float(np.linalg.norm(np.diff(true_root, axis=0), axis=-1).sum())
    if travel > 0.5:
        result["root_error_percent"] = result["root_error_mm"] / travel / 10
    if len(found.bend):
        result["acceleration_error"] = float(found.bend.mean() * fps**2)
    return result


def flip_rate(points: Array, truth: Array, mirror: list[int]) -> float:
    """[%] of frames in which the joints fit the truth better with left and right exchanged."""
    straight, swapped = pa_errors(points, truth), pa_errors(points[:, mirror], truth)
    return float((swapped < straight).mean() * 100)
