"""Figures of one method on one clip, and what they are meant to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.methods import Outcome
from benchmarks.accuracy.trial import HIPS, JOINTS, MIRROR, Trial
from mocap import metrics
from mocap.arrays import Array, BoolArray

Figures = dict[str, float]

APART = 0.2  # [m] knees, ankles, wrists or elbows of both sides that far apart cannot be mistaken
HIGH = 0.1  # [m] the hips rise in a jump whose height is compared, at least
PAIRS = [(JOINTS.index(f"left{b}"), JOINTS.index(f"right{b}"))
         for b in ("LowerArm", "Hand", "LowerLeg", "Foot")]  # fmt: skip


def score(outcome: Outcome, trial: Trial) -> Figures:
    """All figures, over the frames for which the method says something.

    docs/accuracy.md defines them. Those that the clip does not have, such as the height of a
    jump without a jump, are absent.
    """
    known = outcome.known
    if known.sum() < 4:
        return {"known_percent": float(known.mean() * 100)}
    joints, truth = outcome.joints[known], trial.joints[known]
    figures = metrics.accuracy(joints, truth, trial.fps, HIPS)
    figures["known_percent"] = float(known.mean() * 100)
    figures["swapped_percent"] = metrics.flip_rate(joints, truth, MIRROR)
    figures["jitter"] = metrics.jitter(outcome.joints, trial.fps, known)
    figures["true_jitter"] = metrics.jitter(trial.joints, trial.fps, known)
    figures["length_variation_percent"] = metrics.length_variation(outcome.lengths[known])

    turn, shift = rigid(joints, truth)
    aligned = joints @ turn.T + shift
    soles = outcome.soles @ turn.T + shift
    figures |= by_direction(aligned, truth, trial.turn)
    figures["limb_swapped_percent"] = limb_swaps(aligned, truth)
    figures |= on_the_floor(outcome, trial, soles)
    hips = np.full(len(known), np.nan)
    hips[known] = aligned[:, list(HIPS), 1].mean(axis=1)
    figures |= jumping(hips, trial)
    return figures


def rigid(points: Array, truth: Array) -> tuple[Array, Array]:
    """The rotation (3, 3) and shift (3,) that move a clip (T, J, 3) onto the truth."""
    _, turn = metrics.align(points.reshape(-1, 3), truth.reshape(-1, 3), scale=False)
    shift: Array = truth.mean(axis=(0, 1)) - turn @ points.mean(axis=(0, 1))
    return turn, shift


def by_direction(aligned: Array, truth: Array, turn: Array) -> Figures:
    """Mean errors of joints from the hips, along the camera's axis and across it [mm].

    Args:
        turn: (3, 3) from world axes to those of the view.
    """
    hips = list(HIPS)
    pose = aligned - aligned[:, hips].mean(axis=1, keepdims=True)
    wrong = (pose - truth + truth[:, hips].mean(axis=1, keepdims=True)) @ turn.T
    return {
        "across_mm": float(np.linalg.norm(wrong[..., :2], axis=-1).mean() * 1000),
        "depth_mm": float(np.abs(wrong[..., 2]).mean() * 1000),
    }


def limb_swaps(aligned: Array, truth: Array) -> float:
    """[%] of pairs of left and right joints, far enough apart, that fit better exchanged."""
    wrong, cases = 0, 0
    for left, right in PAIRS:
        apart = np.linalg.norm(truth[:, left] - truth[:, right], axis=-1) > APART
        straight = _distance(aligned, truth, left, left) + _distance(aligned, truth, right, right)
        crossed = _distance(aligned, truth, left, right) + _distance(aligned, truth, right, left)
        wrong += int((apart & (crossed < straight)).sum())
        cases += int(apart.sum())
    return 100 * wrong / cases if cases else 0.0


def _distance(points: Array, truth: Array, joint: int, other: int) -> Array:
    gaps: Array = np.linalg.norm(points[:, joint] - truth[:, other], axis=-1)
    return gaps


def on_the_floor(outcome: Outcome, trial: Trial, soles: Array) -> Figures:
    """How feet behave that truly rest on the floor, and whether any sink into it.

    Args:
        soles: (T, 2, 2, 3) [m] of the outcome, turned onto the truth.
    """
    figures: Figures = {}
    slide = planted_speed(soles, trial.planted, trial.fps)
    if slide is not None:
        figures["foot_slide_cm_s"] = slide
        figures["true_foot_slide_cm_s"] = (
            planted_speed(trial.soles, trial.planted, trial.fps) or 0.0
        )
    if outcome.grounded:
        own = outcome.soles[outcome.known]
        lowest = own[..., 1].min(axis=-1)
        depth = np.maximum(-lowest.min(axis=1), 0)
        figures["penetration_cm"] = float(depth.mean() * 100)
        figures["deepest_cm"] = float(depth.max() * 100)
        planted = trial.planted[outcome.known]
        if planted.any():
            figures["planted_height_cm"] = float(np.abs(own[..., 1][planted]).mean() * 100)
    return figures


def planted_speed(soles: Array, planted: BoolArray, fps: float) -> float | None:
    """[cm/s] mean speed along the floor of points (T, 2, 2, 3) that truly rest on it (T, 2, 2);
    None if none does."""
    speed = np.linalg.norm(np.diff(soles[..., [0, 2]], axis=0), axis=-1) * fps * 100
    counted = planted[1:] & planted[:-1] & np.isfinite(speed)
    return float(speed[counted].mean()) if counted.any() else None


def jumping(hips: Array, trial: Trial) -> Figures:
    """Error of how high the hips rise in jumps above where they are while a foot is down.

    Args:
        hips: (T,) [m] height after alignment, NaN where unknown.
    """
    down = trial.planted.any(axis=(1, 2)) & np.isfinite(hips)
    true_hips = trial.joints[:, list(HIPS), 1].mean(axis=1)
    errors = []
    for run in trial.jumps:
        if down.any() and np.isfinite(hips[run]).all():
            rise = true_hips[run].max() - np.median(true_hips[down])
            if rise < HIGH:
                continue
            found = hips[run].max() - np.median(hips[down])
            errors.append(abs(found - rise) / rise * 100)
    return {"jump_error_percent": float(np.mean(errors))} if errors else {}


def mean(figures: Sequence[Figures]) -> Figures:
    """The mean over clips of each figure, over the clips that have it."""
    names = list(dict.fromkeys(name for f in figures for name in f))
    return {name: float(np.mean([f[name] for f in figures if name in f])) for name in names}


@dataclass(frozen=True)
class Target:
    """What a figure should reach.

    Attributes:
        figure: its name.
        title: for a table.
        limits: at most this, by method.
        of: "" for a plain limit, "raw" for a share of the raw method's figure, "true" for a
            multiple of the truth's own. A plain limit gives way to what the truth itself scores.
    """

    figure: str
    title: str
    limits: Mapping[str, float]
    of: str = ""

    def limit(self, method: str, means: Mapping[str, Figures]) -> float | None:
        """What the method should reach; None if nothing is asked of it or known to ask."""
        if method not in self.limits:
            return None
        limit, true = self.limits[method], means[method].get(f"true_{self.figure}")
        if self.of == "raw":
            raw = means.get("raw", {}).get(self.figure)
            return None if raw is None else limit * raw
        if self.of == "true":
            return None if true is None else limit * true
        return limit if true is None else max(limit, true)


WHOLE, LIVE = "whole clip", "live 3"
TARGETS = (
    Target("pa_mpjpe_mm", "PA mm", {WHOLE: 0.60, LIVE: 0.72}, "raw"),
    Target("clip_mm", "clip mm", {WHOLE: 0.55, LIVE: 0.70}, "raw"),
    Target("root_error_percent", "root %", {WHOLE: 4.0, LIVE: 6.0}),
    Target("jitter", "jitter", {WHOLE: 1.5, LIVE: 3.0}, "true"),
    Target("foot_slide_cm_s", "slide cm/s", {WHOLE: 1.0, LIVE: 2.0}),
    Target("penetration_cm", "sink cm", {WHOLE: 1.0, LIVE: 1.0}),
    Target("length_variation_percent", "bones CV %", {WHOLE: 0.0, LIVE: 0.0}),
    Target("tilt_degrees", "tilt deg", {WHOLE: 2.0, LIVE: 2.0}),
    Target("jump_error_percent", "jump %", {WHOLE: 15.0, LIVE: 15.0}),
    Target("swapped_percent", "swaps %", {WHOLE: 0.0, LIVE: 0.0}),
)
ROUNDING = 1e-3  # what still counts as zero
