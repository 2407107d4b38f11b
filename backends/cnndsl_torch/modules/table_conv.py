"""Convolution with a connection table."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TableConv2d(nn.Module):
    """A convolution in which each output channel reads some input channels: (N, C, H, W) to (N, out, H', W').

    LeCun, Bottou, Bengio, Haffner 1998, table I. ``connections`` lists for each output channel the input
    channels that it reads. The weight is connected pairs x height x width, output by output.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        connections: list[list[int]],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, size
        self.connections, self.stride, self.padding = connections, stride, padding
        pairs = sum(len(inputs) for inputs in connections)
        self.weight = nn.Parameter(torch.empty(pairs, *size))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """As in the paper: uniform in ±2.4 / fan-in, an output's fan-in being its own."""
        start = 0
        for row, inputs in enumerate(self.connections):
            part = self.weight[start : start + len(inputs)]
            start += len(inputs)
            bound = 2.4 / part.numel()
            nn.init.uniform_(part, -bound, bound)
            if self.bias is not None:
                nn.init.uniform_(self.bias[row], -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        rows = enumerate(self.connections)
        places = [row * self.in_channels + i for row, inputs in rows for i in inputs]
        dense = self.weight.new_zeros(self.out_channels * self.in_channels, *self.kernel_size)
        # Not a buffer: one that is in no state_dict would be lost in `to_empty`.
        dense = dense.index_copy(0, torch.tensor(places).to(x.device), self.weight)
        dense = dense.view(self.out_channels, self.in_channels, *self.kernel_size)
        return F.conv2d(x, dense, self.bias, self.stride, self.padding)

    def extra_repr(self) -> str:
        channels = f"{self.in_channels}, {self.out_channels}"
        return f"{channels}, {self.kernel_size}, pairs={len(self.weight)}"
