"""Stochastic pooling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class StochasticPool2d(nn.Module):
    """Draws a value of each window with a probability proportional to it; (N, C, H, W), not negative.

    Zeiler, Fergus 2013. In evaluation it gives the values' mean, weighted by their probabilities. A window of
    zeros gives 0. With ``ceil_mode`` the windows at the lower right are clipped.
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        stride = kernel_size if stride is None else stride
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.kernel_size = size
        self.stride = (stride, stride) if isinstance(stride, int) else stride
        self.ceil_mode = ceil_mode

    def windows(self, x: Tensor) -> Tensor:
        """The values of each window, (N, C, H', W', K). Behind the input there are zeros, never drawn."""
        if self.ceil_mode:
            (height, width), (rows, columns) = self.kernel_size, self.stride
            down, right = (height - x.shape[2]) % rows, (width - x.shape[3]) % columns
            # A window that would start behind the input is left out.
            x = F.pad(x, (0, right * (right < width), 0, down * (down < height)))
        x = x.unfold(2, self.kernel_size[0], self.stride[0])
        return x.unfold(3, self.kernel_size[1], self.stride[1]).flatten(4)

    def forward(self, x: Tensor) -> Tensor:
        values = self.windows(x)
        if self.training:
            # The largest of p / e, e exponential, is the value of probability p / sum(p).
            exponential = -torch.rand_like(values, dtype=torch.float32).log()
            index = (values / exponential).argmax(-1, keepdim=True)
            return values.gather(-1, index).squeeze(-1)
        total = values.sum(-1, keepdim=True)
        probability = values / (total + (total == 0))
        return (probability * values).sum(-1)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, ceil_mode={self.ceil_mode}"
