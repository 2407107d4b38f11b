"""Adaptive piecewise linear units."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class AdaptivePiecewiseLinear(nn.Module):
    """``max(0, x) + sum_s a_s max(0, -x + b_s)`` with trainable a and b for each channel; (N, C, ...).

    Agostinelli, Hoffman, Sadowski, Baldi 2015. They are pieces x channels; at the start a is uniform in ±0.2
    and b normal with standard deviation 0.5.
    """

    def __init__(self, channels: int, pieces: int = 5) -> None:
        super().__init__()
        self.pieces = pieces
        self.a = nn.Parameter(torch.empty(pieces, channels))
        self.b = nn.Parameter(torch.empty(pieces, channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.uniform_(self.a, -0.2, 0.2)
        nn.init.normal_(self.b, std=0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        y = F.relu(x)
        for piece in range(self.pieces):
            y = y + self.a[piece] * F.relu(self.b[piece] - x)
        return y.movedim(-1, 1)

    def extra_repr(self) -> str:
        return f"{self.a.shape[1]}, pieces={self.pieces}"
