"""P-STMO and P-STMO-S: a transformer over many frames that ends in their middle one.

Shan et al., "P-STMO: Pre-trained Spatial Temporal Many-to-One Model for 3D Human Pose
Estimation", ECCV 2022. The names of the layers are those of its checkpoints; the small model
differs in having three layers over the whole clip rather than four.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocap.errors import InvalidValue
from mocap.models.backend import functional, nn, torch
from mocap.models.transformer import Encoder, Layer, Norm

SLOPE = 0.2  # of the activations of the spatial encoder below zero
STRIDES = {
    9: (1, 3, 3),
    27: (3, 3, 3),
    81: (3, 3, 3, 3),
    243: (3, 3, 3, 3, 3),
    351: (3, 9, 13),
}  # by the number of frames; their product is that number
PLACED = 3  # thinning layers that are told where each frame was


class SpatialStage(nn.Module):
    """Two layers on each frame around which the input is led."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.w1 = nn.Conv1d(width, width, 1)
        self.batch_norm1 = nn.BatchNorm1d(width)
        self.w2 = nn.Conv1d(width, width, 1)
        self.batch_norm2 = nn.BatchNorm1d(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.dropout(functional.leaky_relu(self.batch_norm1(self.w1(x)), SLOPE))
        y = self.dropout(functional.leaky_relu(self.batch_norm2(self.w2(y)), SLOPE))
        return x + y


class SpatialEncoder(nn.Module):
    """Each frame's points by themselves: (B, T, K * D) to (B, T, channels)."""

    def __init__(
        self, inputs: int, channels: int, *, width: int = 512, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.fc_1 = nn.Conv1d(inputs, width, 1)
        self.bn_1 = nn.BatchNorm1d(width)
        self.layers = nn.ModuleList([SpatialStage(width, dropout)])
        self.fc_2 = nn.Conv1d(width, channels, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.leaky_relu(self.bn_1(self.fc_1(x.transpose(1, 2))), SLOPE)
        x = self.dropout(x)
        for stage in self.layers:
            x = stage(x)
        return self.fc_2(x).transpose(1, 2)


class TemporalEncoder(nn.Module):
    """Frames that attend to each other, told where they are: (B, T, C) to (B, T, C)."""

    def __init__(self, frames: int, channels: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.randn(1, frames, channels))
        self.model = Encoder(channels, hidden, layers)

    @property
    def frames(self) -> int:
        """T."""
        return int(self.pos_embedding.shape[1])

    def forward(self, x: torch.Tensor, visible: torch.Tensor | None = None) -> torch.Tensor:
        """x: those frames (B, V, C) of which the mask `visible` (T,) is true, or all."""
        places = self.pos_embedding if visible is None else self.pos_embedding[:, visible]
        return self.model(x + places)


class ThinningLayers(nn.Module):
    """Layers that each keep one frame of `stride`, until the middle one is left."""

    def __init__(self, frames: int, channels: int, hidden: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(channels, hidden, 8, 0.1, stride) for stride in strides)
        self.norm = Norm(channels)  # stored, never applied
        for i in range(1, PLACED + 1):
            # stored for all frames, although later layers see fewer
            embedding = nn.Parameter(torch.randn(1, frames, channels))
            self.register_parameter(f"pos_embedding_{i}", embedding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i, layer in enumerate(self.layers, 1):
            if i <= PLACED:
                x = x + getattr(self, f"pos_embedding_{i}")[:, : x.shape[1]]
            x = layer(x)
        return x


class Thinning(nn.Module):
    """(B, T, C) to (B, 1, C)."""

    def __init__(self, frames: int, channels: int, hidden: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.model = ThinningLayers(frames, channels, hidden, strides)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)


def head(channels: int, outputs: int) -> nn.Sequential:
    """Channels to the numbers of a pose."""
    return nn.Sequential(nn.BatchNorm1d(channels), nn.Conv1d(channels, outputs, 1))


class PSTMO(nn.Module):
    """A window of points (B, T, K, 2) to the joints of its middle frame.

    Args:
        points, joints: how many go in and come out.
        frames: T, one of STRIDES.
        layers: of the transformer over the whole window: 3 for P-STMO-S, 4 for P-STMO.
        channels, hidden: widths of the transformer.
    """

    def __init__(
        self,
        points: int = 17,
        joints: int = 17,
        *,
        frames: int = 243,
        layers: int = 3,
        channels: int = 256,
        hidden: int = 512,
    ) -> None:
        super().__init__()
        if frames not in STRIDES:
            raise InvalidValue(
                f"P-STMO: expected a window of {', '.join(map(str, STRIDES))} frames, got {frames}"
            )
        self.joints = joints
        self.encoder = SpatialEncoder(points * 2, channels)
        self.Transformer = TemporalEncoder(frames, channels, hidden, layers)
        self.Transformer_reduce = Thinning(frames, channels, hidden, STRIDES[frames])
        self.fcn = head(channels, joints * 3)
        self.fcn_1 = head(channels, joints * 3)

    @property
    def receptive_field(self) -> int:
        """Frames of a window."""
        return self.Transformer.frames

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The middle frame (B, 1, J, 3)."""
        return self._pose(self.fcn, self.Transformer_reduce(self._seen(x)))

    def with_sequence(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The middle frame (B, 1, J, 3) and all frames (B, T, J, 3), as training asks for."""
        seen = self._seen(x)
        return self._pose(self.fcn, self.Transformer_reduce(seen)), self._pose(self.fcn_1, seen)

    def _seen(self, x: torch.Tensor) -> torch.Tensor:
        return self.Transformer(self.encoder(x.flatten(2)))

    def _pose(self, layers: nn.Sequential, x: torch.Tensor) -> torch.Tensor:
        return layers(x.transpose(1, 2)).transpose(1, 2).unflatten(2, (self.joints, 3))
