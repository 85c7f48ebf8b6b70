"""The refinement of P-STMO: between what was estimated and what lies behind the points seen.

It needs a calibrated camera and the true depth of the root, and moves joints only across the
line of sight. The module is the one that ST-GCN (Cai et al., ICCV 2019) introduced.
"""

from __future__ import annotations

from mocap.models.backend import nn, torch


def behind(
    pixels: torch.Tensor, depth: torch.Tensor, focal: torch.Tensor, centre: torch.Tensor
) -> torch.Tensor:
    """Points in camera axes (..., 3) that are seen at pixels (..., 2) and lie at depth (...).

    Args:
        pixels: x right, y down [px].
        depth: z [m], forward from the camera.
        focal, centre: (..., 2) [px] of the camera.
    """
    across = (pixels - centre) * depth[..., None] / focal
    return torch.cat([across, depth[..., None]], dim=-1)


class Refine(nn.Module):
    """Two poses (..., J, 3), both relative to the root, to one.

    Args:
        joints: J.
        width: of the hidden layer.
        dropout: share of activations dropped while training.
    """

    def __init__(self, joints: int = 17, *, width: int = 1024, dropout: float = 0.5) -> None:
        super().__init__()
        self.post_refine = nn.Sequential(
            nn.Linear(joints * 6, width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, joints * 2),
            nn.Sigmoid(),
        )

    def forward(self, estimated: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """estimated: by the network; seen: `behind` the points, at the estimated depth."""
        both = torch.cat([estimated, seen], dim=-1).flatten(-2)
        share = self.post_refine(both).unflatten(-1, (-1, 2))
        across = share * estimated[..., :2] + (1 - share) * seen[..., :2]
        return torch.cat([across, estimated[..., 2:]], dim=-1)
