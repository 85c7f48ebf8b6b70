"""P-STMO before it learns joints: whole frames, and points of others, are hidden and guessed.

Shan et al., "P-STMO: Pre-trained Spatial Temporal Many-to-One Model for 3D Human Pose
Estimation", ECCV 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mocap.arrays import BoolArray
from mocap.errors import InvalidValue
from mocap.models.backend import nn, torch
from mocap.models.pstmo_mae import MaskedPSTMO
from mocap.training import losses
from mocap.training.config import Config
from mocap.training.examples import Examples, batch, spread
from mocap.training.trainers import Data, Pick, Trainer


class MaskedTrainer(Trainer):
    """Teaches the masked model, for which no joints are needed.

    Raises:
        InvalidValue: another network.
    """

    figure = "points_permille"

    def __init__(self, config: Config, network: nn.Module) -> None:
        super().__init__(config, network)
        if not isinstance(network, MaskedPSTMO):
            raise InvalidValue(f"trainer: only pstmo-mae learns masked, not {config.architecture}")
        if not config.masked_points < len(self.form.inputs):
            raise InvalidValue(
                f"masked_points: expected fewer than {len(self.form.inputs)}, got "
                f"{config.masked_points}"
            )

    def plan(self, data: Data, rng: np.random.Generator, epoch: int) -> Sequence[Any]:
        return [(pick, *self.hidden(rng)) for pick in super().plan(data, rng, epoch)]

    def hidden(self, rng: np.random.Generator) -> tuple[BoolArray, BoolArray]:
        """(R,) frames and (R, K) points to hide; at least one frame is left."""
        frames, points = len(self.around), len(self.form.inputs)
        count = min(int(frames * self.config.masked_frames), frames - 1)
        hidden = np.zeros(frames, bool)
        hidden[rng.permutation(frames)[:count]] = True
        some = rng.random((frames, points)).argsort(axis=1) < self.config.masked_points
        return hidden, some

    def loss(self, data: Data, shown: tuple[Pick, BoolArray, BoolArray]) -> torch.Tensor:
        pick, frames, points = shown
        return self.off(self.cut(data.known, pick).features, frames, points)

    def off(self, features: Any, frames: BoolArray, points: BoolArray) -> torch.Tensor:
        """Mean distance on the screen between points (B, R, K, 2) and what is guessed."""
        truth = self.tensor(features)
        guessed = self.network(truth, self.tensor(frames), self.tensor(points))
        return losses.mpjpe(guessed, truth)

    def measure(self, held_out: Examples) -> dict[str, float]:
        """With the same frames and points hidden each time; in thousandths of half the width."""
        rng = np.random.default_rng(self.config.seed)
        sums, count = 0.0, 0
        with torch.inference_mode():
            for frames in spread(held_out, self.config.validate, self.config.batch):
                given = batch(held_out, frames, np.zeros(len(frames), bool), self.around)
                sums += float(self.off(given.features, *self.hidden(rng))) * len(frames)
                count += len(frames)
        return {self.figure: sums / count * 1000}
