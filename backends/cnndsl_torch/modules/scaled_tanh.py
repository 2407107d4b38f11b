"""LeCun's hyperbolic tangent."""

import torch
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """``1.7159 * tanh(2 / 3 * x)``, which keeps 1 at 1 and -1 at -1.

    LeCun, Bottou, Bengio, Haffner 1998, appendix A. Any shape.
    """

    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(2 / 3 * x)
