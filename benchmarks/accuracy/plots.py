"""Pictures of what the methods make of a clip, beside the truth. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.methods import Outcome
from benchmarks.accuracy.scores import Figures, rigid
from benchmarks.accuracy.trial import HIPS, JOINTS, Trial
from mocap.arrays import Array

COLOURS = {"raw": "#c44e52", "one euro": "#dd8452", "live 0": "#8172b3", "live 3": "#4c72b0",
           "whole clip": "#2a7f4f"}  # fmt: skip
DRAWN = ("raw", "whole clip")  # over time, where more lines would hide each other
WIDTHS = {"raw": 0.8, "whole clip": 1.4}
LEFT, HEEL = 0, 0


def curves(trial: Trial, outcomes: Mapping[str, Outcome], path: Path) -> None:
    """Heights, speeds and the way over the floor of a clip, raw, solved and true."""
    pyplot = _pyplot()
    figure, ((wrist, foot), (speed, way)) = pyplot.subplots(2, 2, figsize=(9, 5.4))
    times, hand = trial.track.times, JOINTS.index("leftHand")
    for name in DRAWN:
        if name not in outcomes:
            continue
        joints, soles = on_truth(outcomes[name], trial)
        style = {"color": COLOURS[name], "lw": WIDTHS[name], "label": name}
        wrist.plot(times, joints[:, hand, 1], **style)
        foot.plot(times, soles[:, LEFT, HEEL, 1] - trial.soles[..., 1].min(), **style)
        speed.plot(times, _speed(soles[:, LEFT, HEEL], times), **style)
        hips = joints[:, list(HIPS)].mean(axis=1)
        way.plot(hips[:, 0], hips[:, 2], **style)
    style = {"color": "black", "lw": 1.0, "ls": (0, (4, 2)), "label": "truth"}
    hips = trial.joints[:, list(HIPS)].mean(axis=1)
    wrist.plot(times, trial.joints[:, hand, 1], **style)
    foot.plot(times, trial.soles[:, LEFT, HEEL, 1] - trial.soles[..., 1].min(), **style)
    speed.plot(times, _speed(trial.soles[:, LEFT, HEEL], times), **style)
    way.plot(hips[:, 0], hips[:, 2], **style)
    wrist.set(title="left wrist, height", ylabel="m")
    foot.set(title="left heel, height over the floor", ylabel="m")
    speed.set(title="left heel, speed", ylabel="m/s", xlabel="s", ylim=(0, None))
    way.set(title="hips from above", xlabel="m", ylabel="m")
    way.axis("equal")
    wrist.legend(frameon=False, fontsize=8)
    _save(figure, path)


def bars(means: Mapping[str, Mapping[str, Figures]], path: Path) -> None:
    """Mean figures of each method, side by side for each family of clips.

    Args:
        means: by family and method.
    """
    shown = (("pa_mpjpe_mm", "pose, PA-MPJPE [mm]"), ("clip_mm", "whole clip aligned [mm]"),
             ("jitter", "jitter [10 m/s³]"), ("foot_slide_cm_s", "foot slide [cm/s]"))  # fmt: skip
    figure, axes = _pyplot().subplots(1, len(shown), figsize=(11, 3.1), layout="constrained")
    for axis, (name, title) in zip(axes, shown, strict=True):
        for f, of in enumerate(means.values()):
            for m, (method, figures) in enumerate(of.items()):
                label = method if f == 0 else None
                axis.bar(f + 0.16 * (m - 2), figures.get(name, 0.0), 0.15,
                         color=COLOURS[method], label=label)  # fmt: skip
        true = [next(iter(of.values())).get(f"true_{name}") for of in means.values()]
        for f, value in enumerate(true):
            if value is not None:
                axis.hlines(value, f - 0.42, f + 0.42, color="black", lw=1, ls=(0, (4, 2)))
        axis.set_xticks(range(len(means)), list(means), fontsize=8)
        axis.set_title(title, fontsize=9)
    names = axes[0].get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    _save(figure, path)


def on_truth(outcome: Outcome, trial: Trial) -> tuple[Array, Array]:
    """Joints and soles of an outcome after one rigid motion onto the truth."""
    known = outcome.known
    turn, shift = rigid(outcome.joints[known], trial.joints[known])
    return outcome.joints @ turn.T + shift, outcome.soles @ turn.T + shift


def _speed(points: Array, times: Array) -> Array:
    found: Array = np.linalg.norm(np.gradient(points, times, axis=0), axis=-1)
    return found


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    return pyplot


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if figure.get_layout_engine() is None:
        figure.tight_layout()
    # without the date, so that the same figures make the same file
    figure.savefig(path, dpi=90, metadata={"Software": None})
    _pyplot().close(figure)
