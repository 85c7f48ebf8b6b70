"""SemGCN: graph convolutions over the joints of one frame, with learned weights for each edge.

Zhao et al., "Semantic Graph Convolutional Networks for 3D Human Pose Regression", CVPR 2019. The
names of the layers are those of its checkpoints. Its linear variant is `mocap.models.linear`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocap.models.backend import functional, nn, torch

PARENTS_16 = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14)  # of h36m16
GROUPS_16 = ((2, 3), (5, 6), (1, 4), (0, 7), (8, 9), (14, 15), (11, 12), (10, 13))
ABSENT = -9e15  # logit of joints that no edge joins


def edges(parents: Sequence[int]) -> torch.Tensor:
    """(J, J) bool: joints that are one bone apart, and each with itself."""
    joined = torch.eye(len(parents), dtype=torch.bool)
    for child, parent in enumerate(parents):
        if parent >= 0:
            joined[child, parent] = joined[parent, child] = True
    return joined


class GraphConvolution(nn.Module):
    """(B, J, inputs) to (B, J, outputs): joints mix along edges, by one weight for each.

    A joint's own features go through one matrix, those of its neighbours through another; what
    each counts is a softmax over the edges of the joint.
    """

    def __init__(self, inputs: int, outputs: int, joined: torch.Tensor) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty(2, inputs, outputs))
        self.e = nn.Parameter(torch.ones(1, int(joined.sum())))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.register_buffer("joined", joined, persistent=False)
        nn.init.xavier_uniform_(self.W, gain=2**0.5)
        nn.init.uniform_(self.bias, -(outputs**-0.5), outputs**-0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits = x.new_full(self.joined.shape, ABSENT)
        logits[self.joined] = self.e[0]  # row by row
        share = functional.softmax(logits, dim=1)
        itself = torch.eye(len(share), dtype=share.dtype, device=share.device)
        own = torch.diagonal(share)[:, None] * (x @ self.W[0])
        return own + (share * (1 - itself)) @ (x @ self.W[1]) + self.bias


class Block(nn.Module):
    """A graph convolution, normalised over its channels, and ReLU."""

    def __init__(self, inputs: int, outputs: int, joined: torch.Tensor, dropout: float) -> None:
        super().__init__()
        self.gconv = GraphConvolution(inputs, outputs, joined)
        self.bn = nn.BatchNorm1d(outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn(self.gconv(x).transpose(1, 2)).transpose(1, 2)
        return self.dropout(functional.relu(y))


class ResidualBlocks(nn.Module):
    """Two blocks around which the input is led."""

    def __init__(self, width: int, joined: torch.Tensor, dropout: float) -> None:
        super().__init__()
        self.gconv1 = Block(width, width, joined, dropout)
        self.gconv2 = Block(width, width, joined, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.gconv2(self.gconv1(x))


class NonLocal(nn.Module):
    """Joints that attend to all groups of joints: (B, C, J) to (B, C, J), J in the groups' order.

    The layer Conv1d of a pair is followed by a pooling over each group; those of `g` and `phi`
    are stored under the index 0 of a sequence, which the names keep.
    """

    def __init__(self, channels: int, group: int) -> None:
        super().__init__()
        inner = channels // 2
        self.g = nn.Sequential(nn.Conv1d(channels, inner, 1), nn.MaxPool1d(group))
        self.theta = nn.Conv1d(channels, inner, 1)
        self.phi = nn.Sequential(nn.Conv1d(channels, inner, 1), nn.MaxPool1d(group))
        self.concat_project = nn.Sequential(nn.Conv2d(2 * inner, 1, 1, bias=False), nn.ReLU())
        self.W = nn.Sequential(nn.Conv1d(inner, channels, 1), nn.BatchNorm1d(channels))
        nn.init.zeros_(self.W[1].weight)  # the identity, to begin with
        nn.init.zeros_(self.W[1].bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value, query, key = self.g(x), self.theta(x), self.phi(x)
        joints, groups = query.shape[2], key.shape[2]
        pairs = torch.cat(
            [
                query[:, :, :, None].expand(-1, -1, -1, groups),
                key[:, :, None, :].expand(-1, -1, joints, -1),
            ],
            dim=1,
        )
        weight = self.concat_project(pairs)[:, 0] / groups
        return x + self.W(value @ weight.transpose(1, 2))


class GroupedNonLocal(nn.Module):
    """`NonLocal` between joints in their own order (B, J, C)."""

    def __init__(self, channels: int, groups: Sequence[Sequence[int]]) -> None:
        super().__init__()
        order = [joint for group in groups for joint in group]
        self.register_buffer("order", torch.tensor(order), persistent=False)
        self.register_buffer("back", torch.argsort(self.order), persistent=False)
        # a word of the language, so that only a string can name it; checkpoints do
        self.add_module("nonlocal", NonLocal(channels, max(len(group) for group in groups)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = self.get_submodule("nonlocal")
        y = inside(x[:, self.order].transpose(1, 2))
        return y.transpose(1, 2)[:, self.back]


class SemGCN(nn.Module):
    """The points of a frame (B, J, D) to its joints (B, J, 3).

    Args:
        features: D, numbers for each point.
        parents: of the J joints, -1 for the root.
        width: channels of the hidden layers.
        blocks: how many residual blocks.
        groups: joints that are pooled in pairs, for the non-local network; None for the local.
        dropout: share of activations dropped while training.
    """

    def __init__(
        self,
        features: int = 2,
        *,
        parents: Sequence[int] = PARENTS_16,
        width: int = 128,
        blocks: int = 4,
        groups: Sequence[Sequence[int]] | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        joined = edges(parents)
        first: list[nn.Module] = [Block(features, width, joined, dropout)]
        layers: list[nn.Module] = []
        if groups is not None:
            first.append(GroupedNonLocal(width, groups))
        for _ in range(blocks):
            layers.append(ResidualBlocks(width, joined, dropout))
            if groups is not None:
                layers.append(GroupedNonLocal(width, groups))
        self.gconv_input = nn.Sequential(*first)
        self.gconv_layers = nn.Sequential(*layers)
        self.gconv_output = GraphConvolution(width, 3, joined)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.gconv_output(self.gconv_layers(self.gconv_input(x)))
