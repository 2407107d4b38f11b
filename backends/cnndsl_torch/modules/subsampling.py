"""LeNet-5's subsampling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Subsampling(nn.Module):
    """The sum of each window of (N, C, H, W), times a trainable weight, plus a trainable bias a channel.

    LeCun, Bottou, Bengio, Haffner 1998. It starts as average pooling.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.kernel_size = size
        self.stride = size if stride is None else stride
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, 1 / (self.kernel_size[0] * self.kernel_size[1]))
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        area = self.kernel_size[0] * self.kernel_size[1]
        total = area * F.avg_pool2d(x, self.kernel_size, self.stride)
        return self.weight.view(-1, 1, 1) * total + self.bias.view(-1, 1, 1)

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, {self.kernel_size}, stride={self.stride}"
