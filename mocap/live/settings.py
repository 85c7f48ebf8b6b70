"""What a user may choose about a live session."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from mocap.live.stage import StageSettings
from mocap.models import Lifter, own_lifter


@dataclass(frozen=True)
class LiveSettings:
    """Choices about a live session.

    Attributes:
        stage: those that may change meanwhile.
        loop: whether a file begins again when it ends.
        every_frame: work on every frame of a file however long it takes, instead of keeping
            pace with the clock.
        fps: [1/s] rate of a folder of images, or to ask a camera for.
        size: width and height [px] to ask a camera for.
        fov: [degrees] across the long side of the picture.
        camera: a calibration file, which knows better than fov.
        model: a pose model file in place of the embedded one.
        lifter: says more of everyone's depth, a causal one, our own unless another is given; None
            leaves it to the estimator.
    """

    stage: StageSettings = field(default_factory=StageSettings)
    loop: bool = False
    every_frame: bool = False
    fps: float | None = None
    size: tuple[int, int] | None = None
    fov: float | None = None
    camera: Path | None = None
    model: Path | None = None
    lifter: Lifter | None = field(default_factory=partial(own_lifter, live=True))
