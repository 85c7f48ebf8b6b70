"""The network of our own lifter in PyTorch, to be trained; `body_network` says what it is."""

from __future__ import annotations

from mocap.models.backend import nn, torch
from mocap.models.body_network import OUT, TAPS, dilation, receptive_field
from mocap.models.body_view import JOINTS, WIDTH


class BodyModule(nn.Module):
    """Corrects joints by what is seen of them over time.

    Args:
        channels: of the hidden layers.
        blocks: of one that reaches further and one that mixes.
        causal: a frame depends on none after it.
        dropout: share of what is hidden that is left out while training.
    """

    def __init__(
        self, channels: int = 256, blocks: int = 2, causal: bool = False, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.causal = causal
        self.receptive_field = receptive_field(blocks)
        self.first = nn.Conv1d(WIDTH, channels, TAPS, bias=False)
        self.first_norm = nn.BatchNorm1d(channels)
        self.reach = nn.ModuleList(
            nn.Conv1d(channels, channels, TAPS, dilation=dilation(i), bias=False)
            for i in range(blocks)
        )
        self.reach_norm = nn.ModuleList(nn.BatchNorm1d(channels) for _ in range(blocks))
        self.mix = nn.ModuleList(
            nn.Conv1d(channels, channels, 1, bias=False) for _ in range(blocks)
        )
        self.mix_norm = nn.ModuleList(nn.BatchNorm1d(channels) for _ in range(blocks))
        self.last = nn.Conv1d(channels, OUT, 1)
        self.drop = nn.Dropout(dropout)

    def forward(
        self, features: torch.Tensor, world: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Joints (B, T - R + 1, 12, 3) [m] and, on a scale of logarithms, how unsure they are
        (B, T - R + 1, 12), of features (B, T, WIDTH) and the estimator's joints (B, T, 12, 3)."""
        hidden = self._grown(self.first_norm(self.first(features.transpose(1, 2))))
        parts = zip(self.reach, self.reach_norm, self.mix, self.mix_norm, strict=True)
        for reach, reach_norm, mix, mix_norm in parts:
            grown = self._grown(reach_norm(reach(hidden)))
            grown = self._grown(mix_norm(mix(grown)))
            skipped = (TAPS - 1 if self.causal else TAPS // 2) * reach.dilation[0]
            hidden = hidden[:, :, skipped : skipped + grown.shape[2]] + grown
        found = self.last(hidden).transpose(1, 2)
        found = found.reshape(*found.shape[:2], len(JOINTS), 4)
        before = self.receptive_field - 1
        if not self.causal:
            before //= 2
        return world[:, before : before + found.shape[1]] + found[..., :3], found[..., 3]

    def _grown(self, signal: torch.Tensor) -> torch.Tensor:
        return self.drop(torch.relu(signal))
