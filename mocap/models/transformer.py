"""The transformer layers that P-STMO is built of, named as in its checkpoints.

They differ from PyTorch's own: the norm divides by the unbiased deviation and adds its epsilon
outside the root, and the norm after the last layer is stored but never applied.
"""

from __future__ import annotations

from collections.abc import Callable

from mocap.models.backend import functional, nn, torch

EPSILON = 1e-6


class Norm(nn.Module):
    """a (x - mean) / (deviation + epsilon) + b over the last axis."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(channels))
        self.b_2 = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        deviation, mean = torch.std_mean(x, -1, keepdim=True)
        return self.a_2 * (x - mean) / (deviation + EPSILON) + self.b_2


class Attention(nn.Module):
    """Self-attention with several heads; the layers are those for query, key, value, output."""

    def __init__(self, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.linears = nn.ModuleList(nn.Linear(channels, channels) for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, frames, channels = x.shape
        query, key, value = (
            layer(x).view(batch, frames, self.heads, -1).transpose(1, 2)
            for layer in self.linears[:3]
        )
        dropout = self.dropout if self.training else 0.0
        y = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        return self.linears[3](y.transpose(1, 2).reshape(batch, frames, channels))


class FeedForward(nn.Module):
    """Two layers on each frame by itself."""

    def __init__(self, channels: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.w_1 = nn.Linear(channels, hidden)
        self.w_2 = nn.Linear(hidden, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.w_2(self.dropout(functional.relu(self.w_1(x))))


class StridedFeedForward(nn.Module):
    """A layer on each frame, then a convolution that keeps one frame of `stride`."""

    def __init__(self, channels: int, hidden: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.w_1 = nn.Conv1d(channels, hidden, 1)
        self.w_2 = nn.Conv1d(hidden, channels, 3, stride=stride, padding=1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2)
        return self.w_2(self.dropout(functional.relu(self.w_1(x)))).transpose(1, 2)


class Residual(nn.Module):
    """x + f(norm(x)), x thinned to one frame of `stride` as f thins them."""

    def __init__(self, channels: int, dropout: float, stride: int = 1) -> None:
        super().__init__()
        self.norm = Norm(channels)
        self.dropout = nn.Dropout(dropout)
        self.stride = stride

    def forward(
        self, x: torch.Tensor, layer: Callable[[torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        return x[:, :: self.stride] + self.dropout(layer(self.norm(x)))


class Layer(nn.Module):
    """Attention and feed-forward, each with its way around it; thins frames if stride > 1."""

    def __init__(
        self, channels: int, hidden: int, heads: int, dropout: float, stride: int | None = None
    ) -> None:
        super().__init__()
        self.self_attn = Attention(channels, heads, dropout)
        self.feed_forward = (
            FeedForward(channels, hidden, dropout)
            if stride is None
            else StridedFeedForward(channels, hidden, stride, dropout)
        )
        self.sublayer = nn.ModuleList(
            (Residual(channels, dropout), Residual(channels, dropout, stride or 1))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.sublayer[0](x, self.self_attn)
        return self.sublayer[1](x, self.feed_forward)


class Encoder(nn.Module):
    """Layers one after another, (B, T, C) to (B, T, C)."""

    def __init__(
        self, channels: int, hidden: int, layers: int, *, heads: int = 8, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(channels, hidden, heads, dropout) for _ in range(layers))
        self.norm = Norm(channels)  # stored, never applied

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x
