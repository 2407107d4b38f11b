"""Spatial pyramid pooling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SpatialPyramidPool(nn.Module):
    """Max pooling to several grids: (N, C, H, W) of any size becomes (N, C * sum of the levels' squares).

    He, Zhang, Ren, Sun 2014.
    """

    def __init__(self, levels: list[int]) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([F.adaptive_max_pool2d(x, level).flatten(1) for level in self.levels], 1)

    def extra_repr(self) -> str:
        return f"{self.levels}"
