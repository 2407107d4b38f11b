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
        self.in_channels, self.out_channels = in_channels, out_channels
        self.stride, self.padding = stride, padding
        places = [row * in_channels + i for row, inputs in enumerate(connections) for i in inputs]
        self.register_buffer("places", torch.tensor(places), persistent=False)
        self.places: Tensor
        # As in the paper: uniform in ±2.4 / fan-in, an output's fan-in being its own.
        bounds = [2.4 / (len(inputs) * size[0] * size[1]) for inputs in connections]
        pairs = torch.tensor([b for b, inputs in zip(bounds, connections, strict=True) for _ in inputs])
        self.weight = nn.Parameter((torch.rand(len(places), *size) * 2 - 1) * pairs.view(-1, 1, 1))
        self.bias = nn.Parameter((torch.rand(out_channels) * 2 - 1) * torch.tensor(bounds)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        size = self.weight.shape[1:]
        dense = self.weight.new_zeros(self.out_channels * self.in_channels, *size)
        dense = dense.index_copy(0, self.places, self.weight)
        dense = dense.view(self.out_channels, self.in_channels, *size)
        return F.conv2d(x, dense, self.bias, self.stride, self.padding)

    def extra_repr(self) -> str:
        size = tuple(self.weight.shape[1:])
        return f"{self.in_channels}, {self.out_channels}, {size}, pairs={len(self.weight)}"
