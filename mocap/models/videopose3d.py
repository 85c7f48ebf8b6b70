"""VideoPose3D: convolutions over time that widen, so that each frame is seen among many.

Pavllo et al., "3D human pose estimation in video with temporal convolutions and semi-supervised
training", CVPR 2019. The names of the layers are those of its checkpoints.

The same weights run in two ways. Dilated, a clip of T frames goes through once and gives every
frame that has enough others around it. Strided, exactly `receptive_field` frames give one, for a
small part of the work, because nothing is computed that this frame does not need.

Dense, the network looks at every frame that a dilated one reaches over, rather than at a few far
apart: weights of another shape, and many more.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

from mocap.models.backend import functional, nn, torch


def widths_of(kernels: Sequence[int]) -> tuple[tuple[int, ...], bool]:
    """The widths of a network whose wide convolutions have so many weights over time, and whether
    it is dense.

    Two convolutions alone may be either: 3 and 7 are taken as a dilated network. More are dense if
    they grow as those of a network do whose widths are all the same, as those in use are.
    """
    first = kernels[0]
    dense = tuple((first - 1) * first**i + 1 for i in range(len(kernels)))
    if len(kernels) > 2 and first > 1 and tuple(kernels) == dense:
        return (first,) * len(kernels), True
    return tuple(kernels), False


class TemporalModel(nn.Module):
    """Points over time (B, T, K, D) to joints (B, T - receptive_field + 1, J, 3).

    Args:
        points: K, how many points go in.
        joints: J, how many come out; 1 for a trajectory.
        features: D, numbers for each point.
        widths: of the convolutions, odd; the receptive field is their product.
        causal: the frame estimated is the last one seen, not the middle one.
        dense: the convolutions have weights for all frames that they reach over.
        channels: of the hidden layers.
        dropout: share of activations dropped while training.
    """

    def __init__(
        self,
        points: int = 17,
        joints: int = 17,
        *,
        features: int = 2,
        widths: Sequence[int] = (3, 3, 3, 3, 3),
        causal: bool = False,
        dense: bool = False,
        channels: int = 1024,
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        self.widths = tuple(widths)
        self.causal = causal
        self.dense = dense
        self.joints = joints
        self.strided = False
        self.expand_conv = nn.Conv1d(points * features, channels, self.widths[0], bias=False)
        self.expand_bn = nn.BatchNorm1d(channels)
        convolutions, norms = [], []
        for i, width in enumerate(self.widths[1:], 1):
            dilation = math.prod(self.widths[:i])
            if dense:
                width, dilation = (width - 1) * dilation + 1, 1
            convolutions.append(nn.Conv1d(channels, channels, width, dilation=dilation, bias=False))
            convolutions.append(nn.Conv1d(channels, channels, 1, bias=False))
            norms += [nn.BatchNorm1d(channels), nn.BatchNorm1d(channels)]
        self.layers_conv = nn.ModuleList(convolutions)
        self.layers_bn = nn.ModuleList(norms)
        self.shrink = nn.Conv1d(channels, joints * 3, 1)
        self.dropout = nn.Dropout(dropout)

    @property
    def receptive_field(self) -> int:
        """Frames that one estimated frame depends on."""
        return math.prod(self.widths)

    def one_frame(self) -> TemporalModel:
        """The same weights, run with strides: one frame for each `receptive_field` of them.

        Strides leave nothing out where the convolutions are dense: those are run as ever.
        """
        if self.dense:
            return self
        twin = copy.copy(self)  # shares the layers
        twin.strided = True
        return twin

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, frames = x.shape[:2]
        x = x.reshape(batch, frames, -1).transpose(1, 2)
        x = self._active(self._convolved(x, self.expand_conv), self.expand_bn)
        for i in range(0, len(self.layers_conv), 2):
            wide, narrow = self.layers_conv[i], self.layers_conv[i + 1]
            kept = self._kept(x, wide)
            x = self._active(self._convolved(x, wide), self.layers_bn[i])
            x = kept + self._active(narrow(x), self.layers_bn[i + 1])
        x = self.shrink(x).transpose(1, 2)
        return x.reshape(batch, x.shape[1], self.joints, 3)

    def _convolved(self, x: torch.Tensor, layer: nn.Conv1d) -> torch.Tensor:
        if self.strided:
            return functional.conv1d(x, layer.weight, stride=layer.kernel_size)
        return layer(x)

    def _kept(self, x: torch.Tensor, layer: nn.Conv1d) -> torch.Tensor:
        """What is led around a wide convolution: the frames it is centred on, or ends with."""
        width = layer.kernel_size[0]
        if self.strided:
            return x[:, :, width - 1 if self.causal else width // 2 :: width]
        reach = (width - 1) * layer.dilation[0]
        before = reach if self.causal else reach // 2
        return x[:, :, before : x.shape[2] - (reach - before)]

    def _active(self, x: torch.Tensor, norm: nn.BatchNorm1d) -> torch.Tensor:
        return self.dropout(functional.relu(norm(x)))
