"""How an estimator's landmarks differ from the truth, in a form that does not depend on the view.

Everything is brought to a body of 1.75 m. Image errors are metres across the line of sight at the
distance of the hips. World errors are those of vectors from point to point along the body, in axes
in which the camera looks straight at the hips, as the estimator's crop does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.trial import Trial
from mocap import rotation
from mocap.arrays import Array, BoolArray
from mocap.training.vectors import FLIP, HEIGHT, HIPS, MIRROR, NAMES, scale, straight

LIMBS = [
    (NAMES.index(f"{side}_{a}"), NAMES.index(f"{side}_{b}"))
    for side in ("left", "right")
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


@dataclass(frozen=True, eq=False)
class Seen:
    """Truth and estimate of T frames of one clip, brought to a body of 1.75 m.

    Attributes:
        t: (T,) [s].
        true: (T, 33, 3) [m] points about the hips, in axes that look straight at the hips.
        world: (T, 33, 3) [m] what the estimator says of them, at the size it believes in.
        image: (T, 33, 2) [m] error of the picture, to the right and up.
        confidence: (T, 33).
    """

    t: Array
    true: Array
    world: Array
    image: Array
    confidence: Array

    def mirrored(self) -> Seen:
        """What would be seen of the mirror image."""
        return Seen(
            self.t,
            self.true[:, MIRROR] * FLIP,
            self.world[:, MIRROR] * FLIP,
            self.image[:, MIRROR] * FLIP[:2],
            self.confidence[:, MIRROR],
        )


def compare(trial: Trial) -> tuple[Seen, BoolArray]:
    """A trial's truth and estimate, and the frames (T,) that they are of."""
    there = trial.track.present
    view = trial.view[there]
    assert trial.track.world is not None
    off = (trial.track.image[there] - trial.camera.project(view)) * [1.0, -1.0]
    size = scale(view, trial.height) * trial.camera.focal
    centred = view - view[:, HIPS].mean(axis=1, keepdims=True)
    true = rotation.rotate(straight(view)[:, None], centred) * HEIGHT / trial.height
    seen = Seen(
        trial.track.times[there],
        true,
        trial.track.world[there],
        off / size,
        trial.track.confidence[there],
    )
    return seen, there


def size_said(seen: Seen) -> float:
    """How large the estimator believes the body to be, as a share of 1.75 m: by its limbs."""
    a, b = np.array(LIMBS).T
    ratio = np.linalg.norm(seen.world[:, a] - seen.world[:, b], axis=-1) / np.linalg.norm(
        seen.true[:, a] - seen.true[:, b], axis=-1
    )
    return float(np.median(ratio))
