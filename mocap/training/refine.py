"""The refinement of P-STMO taught, between what it says and what lies behind the points."""

from __future__ import annotations

from typing import Any

import numpy as np

from mocap.errors import InvalidValue
from mocap.models.backend import nn, torch
from mocap.models.pstmo import PSTMO
from mocap.models.pstmo_refine import Refine, behind
from mocap.training import losses
from mocap.training.config import Config
from mocap.training.examples import Batch, Examples
from mocap.training.trainers import Data, PoseTrainer, figures


class RefineTrainer(PoseTrainer):
    """Teaches the refinement; what it refines stays as it is.

    Cameras and the true depth of the root are used, when it is measured too.

    Raises:
        InvalidValue: there is no P-STMO to begin with, or its points are not its joints.
    """

    def __init__(self, config: Config, network: nn.Module, refined: nn.Module | None) -> None:
        super().__init__(config, network)
        if not isinstance(refined, PSTMO) or not isinstance(network, Refine):
            raise InvalidValue("the refinement wants the P-STMO that it refines, to begin with")
        if config.inputs != config.outputs:
            raise InvalidValue(
                f"the refinement compares joints of {config.outputs} with points of "
                f"{config.inputs}; they must be the same"
            )
        self.refined = self.running = refined.eval().requires_grad_(False)
        self.temporal = True
        frames = refined.receptive_field
        self.around = (np.arange(frames) - frames // 2) * config.stride

    def to(self, device: torch.device) -> None:
        super().to(device)
        self.refined.to(device)

    def loss(self, data: Data, shown: Any) -> torch.Tensor:
        given = self.cut(data.known, shown)
        said = self.refine(self.said(self.tensor(given.features)), self._middle(given))
        return losses.mpjpe(said, self.tensor(given.joints[:, 0]))

    def measure(self, held_out: Examples) -> dict[str, float]:
        said, given = self.answers(held_out, self.said)
        with torch.inference_mode():
            better = self.refine(self.tensor(said), given).cpu().numpy().astype(np.float64)
        before = figures(said.astype(np.float64), given.joints[:, 0], self.form)
        after = figures(better, given.joints[:, 0], self.form)
        return {**after, "unrefined_mpjpe_mm": before["mpjpe_mm"]}

    def refine(self, said: torch.Tensor, given: Batch) -> torch.Tensor:
        """(B, J, 3) better joints, of those said and of points (B, 1, K, 2) on the screen."""
        if not np.isfinite(given.lens).all():
            raise InvalidValue("the refinement wants the cameras that people were seen through")
        root, lens = self.tensor(given.root), self.tensor(given.lens)[:, None]
        at = self.form.outputs.index("hips")
        said = said - said[:, at : at + 1]
        depth = said[..., 2] + root[..., 2]
        seen = behind(self.tensor(given.features[:, 0]), depth, lens[..., :2], lens[..., 2:4])
        return self.network(said, seen - root)

    def _middle(self, given: Batch) -> Batch:
        at = len(self.around) // 2
        return Batch(given.features[:, at : at + 1], given.joints, given.root, given.lens)
