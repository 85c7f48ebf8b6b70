"""Measure the estimator's errors on rendered people and write the noise model.

    python -m benchmarks.accuracy.fit [--rendered FOLDER] [--prototype FOLDER]

Only clips that serve for tuning are used; what comes out is checked on those for testing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.accuracy import errors, rendered, tables
from benchmarks.accuracy.detections import CACHE
from benchmarks.accuracy.errors import Seen
from benchmarks.accuracy.methods import raw
from benchmarks.accuracy.scores import Figures, mean, score
from benchmarks.accuracy.trial import Trial
from mocap.arrays import Array
from mocap.solve import SolveSettings
from mocap.training import vectors
from mocap.training.noise import (
    FILE,
    Bias,
    Mishaps,
    NoiseModel,
    Spread,
    likeness,
    seen_through,
)
from mocap.training.vectors import COUNT

MODES = 16  # ways in which points err together
CLIP_MODES = 6  # and of those that stay the same for a clip
LAGS = 16  # frames over which slowness is judged
NOTHING = Mishaps(swaps=0.0, losses=0.0)
DRAWS = 3  # made-up estimates of each clip that is checked
COMPARED = ("pa_mpjpe_mm", "mpjpe_mm", "clip_mm", "root_error_mm", "jitter", "foot_slide_cm_s",
            "length_variation_percent", "tilt_degrees")  # fmt: skip
SURE = 1e-3  # confidence is never closer to 0 or 1 than this, where logits end


def fit(trials: Sequence[Trial]) -> NoiseModel:
    """The model of what was seen in some trials, the same for left and right."""
    seen = [errors.compare(t)[0] for t in trials]
    sizes = [errors.size_said(s) for s in seen]
    both = [(t, s) for s in seen for t in (s, s.mirrored())]
    said = {id(s): size for s, size in zip(seen, sizes, strict=True)}
    dt = float(np.median(np.concatenate([np.diff(s.t) for s in seen])))

    axes = [vectors.torso(t.true) for t, _ in both]
    true = [vectors.vectors(t.true) for t, _ in both]
    world = [t.world / said[id(s)] for t, s in both]
    wrong = [vectors.vectors(w) - v for w, v in zip(world, true, strict=True)]
    bias = Bias(*_explain(np.concatenate(true), np.concatenate(axes), np.concatenate(wrong)))
    left = [w - bias.applied(v, a) for w, v, a in zip(world, true, axes, strict=True)]
    image_shift = _shift(np.concatenate(axes), np.concatenate([t.image for t, _ in both]))
    off = [
        t.image - np.einsum("tij,pj->tpi", a, image_shift)[..., :2]
        for (t, _), a in zip(both, axes, strict=True)
    ]
    return NoiseModel(
        size=np.array([np.mean(np.log(sizes)), np.std(np.log(sizes))]),
        image_shift=image_shift,
        image=_spread(off, dt),
        bias=bias,
        world=_spread(left, dt),
        confidence=_confidence([t for t, _ in both]),
    )


def _explain(true: Array, axes: Array, error: Array) -> tuple[Array, Array, Array]:
    """Matrix on the vector, shift in the body's axes and in the view's, by ridge regression."""
    along, shift, lean = np.empty((COUNT, 3, 3)), np.empty((COUNT, 3)), np.empty((COUNT, 3))
    frames = len(true)
    for p in range(COUNT):
        rows = np.zeros((frames, 3, 15))
        for i in range(3):
            rows[:, i, 3 * i : 3 * i + 3] = true[:, p]
        rows[:, :, 9:12] = axes
        rows[:, :, 12:] = np.eye(3)
        flat = rows.reshape(-1, 15)
        # unknowns that multiply a vector of 0.3 m weigh as much as those in metres
        cost = np.array([0.3**2] * 9 + [1.0] * 6) * frames / 100
        normal = flat.T @ flat + np.diag(cost)
        found = np.linalg.solve(normal, flat.T @ error[:, p].reshape(-1))
        along[p], shift[p], lean[p] = found[:9].reshape(3, 3), found[9:12], found[12:]
    return along, shift, lean


def _shift(axes: Array, off: Array) -> Array:
    """(33, 3) [m] the shift in the body's axes that best explains errors in the picture."""
    rows = axes[:, :2].reshape(-1, 3)
    normal = rows.T @ rows + np.eye(3) * len(axes) / 100
    return np.array([np.linalg.solve(normal, rows.T @ off[:, p].reshape(-1)) for p in range(COUNT)])


def _spread(clips: Sequence[Array], dt: float) -> Spread:
    """What is left of the errors, each clip (T, 33, d), told as a Spread."""
    means = np.array([c.mean(axis=0) for c in clips])
    varying = [c - m for c, m in zip(clips, means, strict=True)]
    shape = means.shape[1:]
    _, sizes_of_clips, ways_of_clips = _main(means.reshape(len(means), -1), CLIP_MODES)
    flat = [v.reshape(len(v), -1) for v in varying]
    _, sizes, ways = _main(np.concatenate(flat), MODES)
    spread = sizes / np.sqrt(sum(map(len, flat)))
    times = np.array([_slowness([f @ way for f in flat], dt) for way in ways])
    rest = [f - f @ ways.T @ ways for f in flat]
    rest_time = _slowness([r[:, i] for r in rest for i in range(r.shape[1])], dt)
    modes, variance = ways * spread[:, None], np.concatenate(rest).var(axis=0)
    # fourth differences: white noise has 70 times its variance in them, slow motion little;
    # by their mean size, as for a normal distribution, which a few leaps do not decide
    leaps = np.concatenate([np.abs(np.diff(f, 4, axis=0)) for f in flat])
    rough = leaps.mean(axis=0) ** 2 * np.pi / 2
    slow = [_roughness(dt / t) for t in times] @ modes**2 + _roughness(dt / rest_time) * variance
    white = np.maximum(rough - slow, 0) / 70
    return Spread(
        clip=(ways_of_clips * sizes_of_clips[:, None] / np.sqrt(len(clips))).reshape(-1, *shape),
        modes=modes.reshape(-1, *shape),
        mode_times=times,
        rest=np.sqrt(np.maximum(variance - white, 0)).reshape(shape),
        rest_time=rest_time,
        white=np.sqrt(white).reshape(shape),
    )


def _main(samples: Array, count: int) -> tuple[Array, Array, Array]:
    """The largest singular values of samples (N, D), with their vectors."""
    u, s, vt = np.linalg.svd(samples, full_matrices=False)
    return u[:, :count], s[:count], vt[:count]


def _roughness(step: float) -> float:
    """Variance of the fourth differences of a slow signal of variance 1."""
    return float(np.array([70.0, -112.0, 56.0, -16.0, 2.0]) @ likeness(5, step))


def _slowness(signals: Sequence[Array], dt: float) -> float:
    """Time constant [s] of signals (T,), by their autocorrelation."""
    total = np.zeros(LAGS)
    for s in signals:
        total += [s[k:] @ s[: len(s) - k] for k in range(LAGS)]
    like = total / total[0]
    tried = np.geomspace(0.02, 1.0, 40)
    miss = [np.sum((likeness(LAGS, dt / seconds) - like) ** 2) for seconds in tried]
    return float(tried[np.argmin(miss)])


def _confidence(seen: Sequence[Seen]) -> Array:
    """(33, 3) level, slope and spread of the logit of the confidence over the image error."""
    off = np.concatenate([np.log(np.linalg.norm(s.image, axis=-1) / 0.01 + 0.1) for s in seen])
    shares = np.clip(np.concatenate([s.confidence for s in seen]), SURE, 1 - SURE)
    logits = np.log(shares / (1 - shares))
    found = []
    for p in range(COUNT):
        middle = off[:, p].mean()
        varies = float(np.mean((off[:, p] - middle) ** 2))
        slope = float(np.mean((off[:, p] - middle) * logits[:, p])) / (varies + 1e-6)
        level = float(logits[:, p].mean()) - slope * middle
        found.append([level, slope, np.std(logits[:, p] - slope * off[:, p] - level)])
    return np.array(found)


def checked(model: NoiseModel, trials: Sequence[Trial]) -> dict[str, Figures]:
    """Mean figures of the raw method on real estimates, and on made-up ones of the same clips."""
    found: dict[str, list[Figures]] = {"real": [], "made up": []}
    for trial in trials:
        settings = SolveSettings()
        for seed in range(DRAWS):
            rng = np.random.default_rng(seed)
            track = seen_through(
                model, trial.view, trial.track.times, trial.camera, trial.height, rng, NOTHING
            ).track
            made_up = replace(trial, track=track)
            found["made up"].append(score(raw(track, trial.camera, settings), made_up))
        found["real"].append(score(raw(trial.track, trial.camera, settings), trial))
    return {
        kind: {name: round(value, 2) for name, value in mean(all_).items() if name in COMPARED}
        for kind, all_ in found.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--rendered", type=Path, help="clips of benchmarks.render (CACHE/rendered)")
    parser.add_argument("--prototype", type=Path, help="earlier clips; those of `tune` are used")
    parser.add_argument("--to", type=Path, default=FILE, help="the model")
    options = parser.parse_args()
    folder = options.rendered or options.cache / "rendered"

    def there(split: str) -> list[Trial]:
        names = rendered.clips_of(split)
        return [rendered.rendered(n, folder, options.cache) for n in names
                if rendered.is_there(n, folder)]  # fmt: skip

    trials = there("tune")
    if options.prototype is not None:
        names = rendered.clips_of("tune")
        trials += [rendered.prototype(v, options.cache)
                   for v in sorted(options.prototype.glob("*.mp4")) if v.stem in names]  # fmt: skip
    if not trials:
        parser.error(f"none of {', '.join(rendered.clips_of('tune'))} is in {folder}")
    model = fit(trials)
    # as the file will hold it
    model = NoiseModel.from_dict(model.to_dict())
    unseen = there("test")
    check = checked(model, unseen) if unseen else {}
    data = {
        "clips": [f"{t.family} {t.name}" for t in trials],
        "checked_on": [t.name for t in unseen],
        "check": check,
        "model": model.to_dict(),
    }
    options.to.write_text(json.dumps(data) + "\n", encoding="utf-8")
    print(f"{options.to}: from {', '.join(data['clips'])}")
    if unseen:
        print(f"raw on {', '.join(data['checked_on'])}")
        print(tables.plain(tables.everything(check)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
