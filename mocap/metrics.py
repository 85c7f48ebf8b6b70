"""Figures that say how good motion is. Lengths go in as metres and come out as named.

Definitions follow common use: MPJPE and PA-MPJPE of the pose literature; jitter as in Yi et al.,
"TransPose" (2021), in units of 10 m/s^3; root translation error in per cent of the travel, as in
Shin et al., "WHAM" (2024).
"""

from __future__ import annotations

import numpy as np

from mocap.arrays import Array, BoolArray


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


def foot_slide(soles: Array, stands: BoolArray, fps: float) -> float:
    """[cm/s] mean speed along the floor of soles (T, 2, 3) while they stand (T, 2)."""
    planted = stands[1:] & stands[:-1]
    if not planted.any():
        return 0.0
    steps = np.linalg.norm(np.diff(soles[..., [0, 2]], axis=0), axis=-1)
    return float(steps[planted].mean() * fps * 100)


def penetration(soles: Array) -> float:
    """[cm] mean depth of the lower sole (T, 2, 3) below the floor, over all frames."""
    return float(np.maximum(-soles[..., 1].min(axis=1), 0).mean() * 100) if len(soles) else 0.0


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
    return np.array(
        [
            np.linalg.norm(align(p, t, scale=True)[0] - t, axis=-1).mean() * 1000
            for p, t in zip(points, truth, strict=True)
        ]
    )


def accuracy(points: Array, truth: Array, fps: float, roots: tuple[int, int]) -> dict[str, float]:
    """Errors of joint positions (T, J, 3) [m] against the truth, in any two frames of reference.

    Args:
        points, truth: the same joints at the same times.
        fps: frame rate.
        roots: the two joints whose middle is the root, the hips.

    Returns:
        pa_mpjpe_mm: similarity for each frame. mpjpe_mm: roots together, one rotation for the
        clip. clip_mm: one similarity for the clip. root_error_mm and root_error_percent: of the
        root after one rigid motion for the clip, the latter of the distance travelled (absent
        below 0.5 m of travel). acceleration_error: [m/s^2]. tilt_degrees: between the up axes.
    """
    joints = points.shape[1]
    true_root = truth[:, list(roots)].mean(axis=1)
    similar, _ = align(points.reshape(-1, 3), truth.reshape(-1, 3), scale=True)
    rigid, turn = align(points.reshape(-1, 3), truth.reshape(-1, 3), scale=False)
    rigid = rigid.reshape(-1, joints, 3)
    rigid_root = rigid[:, list(roots)].mean(axis=1)
    local, true_local = rigid - rigid_root[:, None], truth - true_root[:, None]
    up = turn @ np.array([0.0, 1.0, 0.0])
    result = {
        "pa_mpjpe_mm": float(pa_errors(points, truth).mean()),
        "mpjpe_mm": float(np.linalg.norm(local - true_local, axis=-1).mean() * 1000),
        "clip_mm": float(
            np.linalg.norm(similar.reshape(-1, joints, 3) - truth, axis=-1).mean() * 1000
        ),
        "root_error_mm": float(np.linalg.norm(rigid_root - true_root, axis=-1).mean() * 1000),
        "tilt_degrees": float(np.degrees(np.arccos(np.clip(up[1], -1, 1)))),
    }
    travel = float(np.linalg.norm(np.diff(true_root, axis=0), axis=-1).sum())
    if travel > 0.5:
        result["root_error_percent"] = result["root_error_mm"] / travel / 10
    if len(points) > 2:
        bend = np.diff(rigid, 2, axis=0) - np.diff(truth, 2, axis=0)
        result["acceleration_error"] = float(np.linalg.norm(bend, axis=-1).mean() * fps**2)
    return result


def flip_rate(points: Array, truth: Array, mirror: list[int]) -> float:
    """[%] of frames in which the joints fit the truth better with left and right exchanged."""
    straight, swapped = pa_errors(points, truth), pa_errors(points[:, mirror], truth)
    return float((swapped < straight).mean() * 100)
