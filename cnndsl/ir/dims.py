"""The algebra of sizes: every formula for an output size is here, once."""

from __future__ import annotations

from typing import TypeAlias

from cnndsl.sizes import smallest

Shape: TypeAlias = tuple[int, ...]
"""Channels x height x width of one image, or features alone. There is no batch dimension."""


def effective_kernel(kernel: int, dilation: int) -> int:
    """The extent of a dilated kernel: d(k - 1) + 1 (Yu & Koltun 2016)."""
    return dilation * (kernel - 1) + 1


def window_output(size: int, kernel: int, stride: int, pad: int, dilation: int = 1, ceil: bool = False) -> int:
    """The number of window positions: (N + 2P - K) / S + 1, rounded down, or up with ``ceil``.

    Rounding up follows the clip rule that PyTorch and Caffe share: a last window that would start in the
    padding behind the input is dropped. The result is below 1 where no window fits.
    """
    span = size + 2 * pad - effective_kernel(kernel, dilation)
    if not ceil:
        return span // stride + 1 if span >= 0 else 0
    return smallest(-(-span // stride), (size + pad - 1) // stride) + 1


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> int:
    """The total padding (both sides together) that gives ceil(N / S) outputs. It may be odd."""
    outputs = -(-size // stride)
    return max(0, (outputs - 1) * stride + effective_kernel(kernel, dilation) - size)


def transposed_output(size: int, kernel: int, stride: int, pad: int, output_pad: int, dilation: int = 1) -> int:
    """The size after a transposed convolution: (N - 1) S - 2P + d(K - 1) + output_pad + 1."""
    return (size - 1) * stride - 2 * pad + dilation * (kernel - 1) + output_pad + 1


def product(shape: Shape) -> int:
    """The number of values in a shape."""
    total = 1
    for size in shape:
        total *= size
    return total


def show(shape: Shape) -> str:
    """A shape as the language writes it: ``96 x 55 x 55``."""
    return " x ".join(map(str, shape))
