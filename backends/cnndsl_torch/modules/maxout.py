"""Maxout."""

import torch
from torch import Tensor, nn


class Maxout(nn.Module):
    """The largest of each group of consecutive channels: (N, C, ...) becomes (N, C / pieces, ...).

    Goodfellow, Warde-Farley, Mirza, Courville, Bengio 2013.
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return torch.unflatten(x, 1, (-1, self.pieces)).amax(2)

    def extra_repr(self) -> str:
        return f"{self.pieces}"
