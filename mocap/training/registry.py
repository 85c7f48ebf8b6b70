"""Who teaches what a schedule says, and from which data."""

from __future__ import annotations

from pathlib import Path

from mocap.errors import InvalidValue
from mocap.models.backend import nn
from mocap.models.lifters import TRAJECTORY
from mocap.training.body import BodySource, BodyTrainer
from mocap.training.config import Config
from mocap.training.forms import Form
from mocap.training.masked import MaskedTrainer
from mocap.training.projected import moves
from mocap.training.refine import RefineTrainer
from mocap.training.semi import SemiTrainer
from mocap.training.sources import MOTION, FixedSource, MovingSource, Source, recognised
from mocap.training.trainers import PoseTrainer, Trainer, TrajectoryTrainer, begin_with, built


def trainer(config: Config, begin: nn.Module | None = None) -> Trainer:
    """What teaches as a schedule says.

    Args:
        config: the schedule.
        begin: a network to begin with: of the same architecture; one that was pre-trained; or the
            one whose words are to be refined.

    Raises:
        InvalidValue: the settings do not fit each other, or the network to begin with.
    """
    network = built(config)
    if config.trainer == "refine":
        return RefineTrainer(config, network, begin)
    if begin is not None:
        begin_with(network, begin)
    if config.trainer == "body":
        return BodyTrainer(config, network)
    if config.trainer == "semi":
        return SemiTrainer(config, network)
    if config.trainer == "masked":
        return MaskedTrainer(config, network)
    if config.outputs == TRAJECTORY.name:
        return TrajectoryTrainer(config, network)
    return PoseTrainer(config, network)


def source(path: Path, name: str | None, points: str | None, config: Config, form: Form) -> Source:
    """The source of some files.

    Args:
        path: of a data set, or of motion.
        name: of the data set; None tells it from its files.
        points: which detector's points, of a data set that has several.
        config: says who learns and who is held out.
        form: of the network.

    Raises:
        FormatError: the files are missing or broken.
        InvalidValue: nothing is left to learn from, or to validate with.
    """
    name = name or recognised(path)
    if config.trainer == "body":
        if name != MOTION or points is not None:
            raise InvalidValue("our own lifter learns from motion, whose points it makes up")
        return BodySource(path, config)
    if name == MOTION:
        if points is not None:
            raise InvalidValue(f"--points {points}: motion has points of its own")
        return MovingSource(moves(path), config, form)
    return FixedSource(path, name, points, config, form)
