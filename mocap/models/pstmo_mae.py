"""The model that P-STMO is pre-trained as: points of hidden frames guessed from the others.

Its spatial and temporal encoders, 74 entries of its state, are where P-STMO then begins; see
`mocap.models.pstmo`.
"""

from __future__ import annotations

from mocap.models.backend import nn, torch
from mocap.models.pstmo import PSTMO, SpatialEncoder, TemporalEncoder, head
from mocap.models.transformer import Encoder, Norm

SHARED = ("encoder.", "Transformer.")  # what P-STMO takes over


class Decoder(nn.Module):
    """Layers over all frames, hidden ones among them."""

    def __init__(self, channels: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.model = Encoder(channels, hidden, layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)


class MaskedPSTMO(nn.Module):
    """A window of points (B, T, K, 2), some of them hidden, to all its points.

    Args: as of PSTMO. The decoder has half the width and one layer less.
    """

    def __init__(
        self,
        points: int = 17,
        *,
        frames: int = 243,
        layers: int = 3,
        channels: int = 256,
        hidden: int = 512,
    ) -> None:
        super().__init__()
        self.points = points
        narrow = channels // 2
        self.encoder = SpatialEncoder(points * 2, channels)
        self.Transformer = TemporalEncoder(frames, channels, hidden, layers)
        self.encoder_LN = Norm(channels)
        self.encoder_to_decoder = nn.Linear(channels, narrow, bias=False)
        self.Transformer_dec = Decoder(narrow, hidden // 2, layers - 1)
        self.fcn_dec = head(narrow, points * 2)
        self.dec_pos_embedding = nn.Parameter(torch.randn(1, frames, narrow))
        self.mask_token = nn.Parameter(torch.randn(1, 1, narrow))
        self.spatial_mask_token = nn.Parameter(torch.randn(1, 1, 2))

    @property
    def receptive_field(self) -> int:
        """Frames of a window."""
        return self.Transformer.frames

    def forward(
        self,
        x: torch.Tensor,
        hidden_frames: torch.Tensor,
        hidden_points: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Guess the points.

        Args:
            x: (B, T, K, 2).
            hidden_frames: (T,) bool, the same for the whole batch.
            hidden_points: (T, K) or (B, T, K) bool, single points that are hidden too.

        Returns:
            (B, T, K, 2), in the order of the frames.
        """
        batch, frames = x.shape[:2]
        if hidden_points is not None:
            x = torch.where(hidden_points[..., None], self.spatial_mask_token, x)
        visible = ~hidden_frames
        seen = self.Transformer(self.encoder(x[:, visible].flatten(2)), visible)
        seen = self.encoder_to_decoder(self.encoder_LN(seen))
        every = self.mask_token.to(seen.dtype).repeat(batch, frames, 1)
        every[:, visible] = seen
        guessed = self.Transformer_dec(every + self.dec_pos_embedding)
        guessed = self.fcn_dec(guessed.transpose(1, 2)).transpose(1, 2)
        return guessed.unflatten(2, (self.points, 2))

    def begin(self, network: PSTMO) -> None:
        """Have P-STMO of the same size begin with the encoders of this model."""
        ours = {k: v for k, v in self.state_dict().items() if k.startswith(SHARED)}
        network.load_state_dict({**network.state_dict(), **ours})
