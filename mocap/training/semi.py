"""VideoPose3D taught by people whose joints are known and by people who were only seen.

Where the latter are is guessed by a second network; joints there, seen through the camera, must
come to lie on the points, and their bones must on average be as long as those of the others.
Pavllo et al., "3D human pose estimation in video with temporal convolutions and semi-supervised
training", CVPR 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mocap import layouts
from mocap.errors import InvalidValue
from mocap.models.backend import nn, torch
from mocap.models.videopose3d import TemporalModel
from mocap.training import losses
from mocap.training.config import Config
from mocap.training.examples import Examples, shuffled
from mocap.training.trainers import Data, Pick, PoseTrainer, root_error, root_loss

TRAJECTORY = "videopose3d-trajectory"


class SemiTrainer(PoseTrainer):
    """Teaches VideoPose3D and a network of the same shape that says where the root is.

    Raises:
        InvalidValue: it is another network, or its points are not its joints.
    """

    def __init__(self, config: Config, network: nn.Module) -> None:
        super().__init__(config, network)
        if not isinstance(network, TemporalModel):
            raise InvalidValue(
                f"trainer: only videopose3d learns as semi, not {config.architecture}"
            )
        if config.inputs != config.outputs:
            raise InvalidValue(
                f"trainer: semi compares joints of {config.outputs} with points of "
                f"{config.inputs}; they must be the same"
            )
        settings = {**config.network, "points": network.joints, "joints": 1}
        self.trajectory = TemporalModel(**settings)
        self.networks[TRAJECTORY] = self.trajectory
        self.running_root = self.trajectory.one_frame()
        joints = layouts.by_name(config.outputs)
        self.bones = [(joints.index(a), joints.index(b)) for a, b in joints.lines]

    def plan(self, data: Data, rng: np.random.Generator, epoch: int) -> Sequence[Any]:
        known = list(super().plan(data, rng, epoch))
        if epoch < self.config.warm_up:
            return [(pick, None) for pick in known]
        if data.unknown is None:
            raise InvalidValue(
                "unlabelled: name the subjects or clips of which only the points are to be used"
            )
        if not np.isfinite(data.unknown.lens).all():
            raise InvalidValue("unlabelled: what they were seen through is not known")
        config = self.config
        unknown = shuffled(data.unknown, config.batch, rng, every=config.every, flip=config.flip)
        return [
            (known[i % len(known)], unknown[i % len(unknown)])
            for i in range(max(len(known), len(unknown)))
        ]

    def loss(self, data: Data, shown: tuple[Pick, Pick | None]) -> torch.Tensor:
        pick, blind = shown
        given = self.cut(data.known, pick)
        count = len(given.features)
        features = [given.features]
        if blind is not None and data.unknown is not None:
            guessed = self.cut(data.unknown, blind)
            features.append(guessed.features)
        together = self.tensor(np.concatenate(features))
        joints, root = self.said(together), self.running_root(together)[:, 0]
        truth = self.tensor(given.joints[:, 0])
        loss = losses.mpjpe(joints[:count], truth)
        loss = loss + root_loss(root[:count], self.tensor(given.root))
        if len(features) == 1:
            return loss
        at = int(np.argmin(np.abs(self.around)))
        seen, lens = self.tensor(guessed.features[:, at]), self.tensor(guessed.lens)
        off = losses.reprojection(joints[count:], root[count:], lens, seen)
        unlike = losses.bone_length_difference(joints[:count], joints[count:], self.bones)
        return loss + self.config.reprojection * off + self.config.bone_lengths * unlike

    def measure(self, held_out: Examples) -> dict[str, float]:
        said, given = self.answers(held_out, lambda features: self.running_root(features)[:, 0])
        return {**super().measure(held_out), "root_mm": root_error(said, given.root)}
