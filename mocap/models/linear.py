"""The linear baseline: one frame's points, flattened, through a few wide residual layers.

Martinez et al., "A simple yet effective baseline for 3d human pose estimation", ICCV 2017. The
names of the layers are those of its PyTorch checkpoints, which SemGCN's linear model shares.
"""

from __future__ import annotations

from mocap.models.backend import functional, nn, torch


class Stage(nn.Module):
    """Two layers of the same width around which the input is led."""

    def __init__(self, width: int, dropout: float, slope: float) -> None:
        super().__init__()
        self.w1 = nn.Linear(width, width)
        self.batch_norm1 = nn.BatchNorm1d(width)
        self.w2 = nn.Linear(width, width)
        self.batch_norm2 = nn.BatchNorm1d(width)
        self.dropout = nn.Dropout(dropout)
        self.slope = slope

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.dropout(functional.leaky_relu(self.batch_norm1(self.w1(x)), self.slope))
        y = self.dropout(functional.leaky_relu(self.batch_norm2(self.w2(y)), self.slope))
        return x + y


class LinearBaseline(nn.Module):
    """Numbers of a frame (B, inputs) to numbers of a pose (B, outputs).

    Args:
        inputs, outputs: how many numbers go in and come out.
        width: of the hidden layers.
        stages: how many residual stages.
        dropout: share of activations dropped while training.
        slope: of the activations below zero; 0 is ReLU.
    """

    def __init__(
        self,
        inputs: int = 32,
        outputs: int = 48,
        *,
        width: int = 1024,
        stages: int = 2,
        dropout: float = 0.5,
        slope: float = 0.0,
    ) -> None:
        super().__init__()
        self.w1 = nn.Linear(inputs, width)
        self.batch_norm1 = nn.BatchNorm1d(width)
        self.linear_stages = nn.ModuleList(Stage(width, dropout, slope) for _ in range(stages))
        self.w2 = nn.Linear(width, outputs)
        self.dropout = nn.Dropout(dropout)
        self.slope = slope
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.dropout(functional.leaky_relu(self.batch_norm1(self.w1(x)), self.slope))
        for stage in self.linear_stages:
            y = stage(y)
        return self.w2(y)
