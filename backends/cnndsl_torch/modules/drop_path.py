"""Stochastic depth."""

import torch
from torch import Tensor, nn


class DropPath(nn.Module):
    """Sets whole samples to 0 in training with probability p; (N, ...), at the end of a residual branch.

    Huang, Sun, Liu, Sedra, Weinberger 2016. ``scale="training"`` divides the survivors by 1 - p, and
    evaluation is the identity; ``scale="evaluation"`` multiplies by 1 - p in evaluation, as the paper does.
    """

    def __init__(self, p: float, scale: str = "training") -> None:
        super().__init__()
        self.p = p
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x * (1 - self.p) if self.scale == "evaluation" else x
        if self.p == 0:
            return x
        kept = torch.rand_like(x.flatten(1)[:, 0], dtype=torch.float32) >= self.p
        factor = 1 / (1 - self.p) if self.scale == "training" and self.p < 1 else 1.0
        return (x.movedim(0, -1) * (kept * factor).to(x.dtype)).movedim(-1, 0)

    def extra_repr(self) -> str:
        return f"{self.p}, scale={self.scale!r}"
