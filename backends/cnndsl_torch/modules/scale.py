"""A trainable factor a channel."""

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """Multiplies each channel of (N, C, ...) by a trainable factor, and adds a bias where there is one."""

    def __init__(self, channels: int, init: float = 1.0, bias: bool = False) -> None:
        super().__init__()
        self.init = init
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, self.init)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.weight * x.movedim(1, -1)
        return (y if self.bias is None else y + self.bias).movedim(-1, 1)

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, bias={self.bias is not None}"
