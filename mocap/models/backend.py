"""PyTorch, which an extra brings: everything of this package that needs it imports it from here."""

from __future__ import annotations

from mocap.errors import MissingExtra

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    raise MissingExtra("torch", "torch", "running and training networks") from None

__all__ = ["functional", "nn", "torch"]
