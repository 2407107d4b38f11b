"""Pooling by a window that slides over each channel."""

from __future__ import annotations

from typing import Any

from cnndsl.ir.dims import Shape, effective_kernel
from cnndsl.ops.base import MAPS, REQUIRED, Layer, Violation, arg, need_map
from cnndsl.ops.checks import SIDES, Window, check_half, slide
from cnndsl.ops.kinds import Boolean, Optional, Size, Word
from cnndsl.ops.reach import Reach, pair, window

ROUND = Word(("floor", "ceil"))
ROUND_DOC = "how a number of windows that is no integer is rounded: PyTorch's default is floor, Caffe's ceil"


class Pool(Layer):
    """A window that slides over each channel. ``stride`` is in numbers once it is made."""

    family = "pooling"
    ranks = MAPS

    size: tuple[int, int] = arg("window, height x width", Size())
    stride: tuple[int, int] = arg("step of the window; `none` stands for its size", Optional(Size()), None)

    def __init__(self, **values: Any) -> None:
        if values.get("stride") is None:
            values["stride"] = values.get("size", REQUIRED)
        super().__init__(**values)

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        return (channels, *slide(self, x, Window(self.size, self.stride)))

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        return self.size, self.stride

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        pad: tuple[int, int] = getattr(self, "pad", (0, 0))
        dilation: tuple[int, int] = getattr(self, "dilation", (1, 1))
        return pair(window, self.size, self.stride, pad, dilation)


class MaxPool(Pool):
    """The largest value of each window.

    Output height and width are (N + 2P - K) / S + 1, rounded as stated, with K = d(k - 1) + 1. With
    `round=ceil` a last window that would start in the padding is dropped, as PyTorch and Caffe do. Padding
    never wins: it is -∞. It is at most half of the size. Reference: ``torch.nn.MaxPool2d``.
    """

    name = "maxpool"
    example = "maxpool(3x3, stride=2, pad=1)"

    pad: tuple[int, int] = arg("rows and columns of padding on each side", Size(0), (0, 0))
    dilation: tuple[int, int] = arg("distance between the window's values", Size(), (1, 1))
    round: str = arg(ROUND_DOC, ROUND, "floor")

    def validate(self) -> None:
        check_half(self, self.size, self.pad)

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        ceil = self.round == "ceil"
        output = slide(self, x, Window(self.size, self.stride, self.pad, self.dilation), ceil)
        for n, p, d, side in zip(x[1:], self.pad, self.dilation, SIDES, strict=True):
            if -p % d >= n:  # The first window steps from the padding before the map to that behind it.
                raise Violation(
                    "E0401",
                    f"the first window of `{self.name}` sees padding alone, and its largest value would be -∞",
                    argument="dilation",
                    notes=(f"{side}: it starts at -{p} and steps by {d} over an input of {n}",),
                    help=f"a dilation of at most {n} reaches into the input",
                )
        return (channels, *output)

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        height, width = (effective_kernel(k, d) for k, d in zip(self.size, self.dilation, strict=True))
        return (height, width), self.stride


class AvgPool(Pool):
    """The mean of each window.

    Output sizes are those of `maxpool`. The mean is over the part of the window that lies inside the padded
    input, zeros of the padding included; with `count_pad=false` over the part inside the input itself.
    Caffe includes the padding. Reference: ``torch.nn.AvgPool2d``.
    """

    name = "avgpool"
    example = "avgpool(2x2)"

    pad: tuple[int, int] = arg("rows and columns of zeros on each side", Size(0), (0, 0))
    round: str = arg(ROUND_DOC, ROUND, "floor")
    count_pad: bool = arg("whether the padding counts in the divisor", Boolean(), True)

    def validate(self) -> None:
        check_half(self, self.size, self.pad)

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        return (channels, *slide(self, x, Window(self.size, self.stride, self.pad), self.round == "ceil"))


class StochasticPool(Pool):
    """A value of each window, drawn with a probability proportional to it.

    In training y = x_i with probability p_i = x_i / Σ x; in evaluation y = Σ p_i x_i, the weighted mean. A
    window of zeros gives 0. Its input must not be negative: it follows a rectifier. There is no padding;
    with `round=ceil` the windows at the lower right are clipped. Source: Zeiler, Fergus 2013.
    """

    name = "stochastic_pool"
    example = "stochastic_pool(3x3, stride=2)"

    round: str = arg(ROUND_DOC, ROUND, "floor")

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        return (channels, *slide(self, x, Window(self.size, self.stride), self.round == "ceil"))


class Subsampling(Pool):
    """LeNet-5's trainable subsampling: the sum of each window, scaled and shifted.

    y = weight · Σ x + bias, with one weight and one bias a channel: 12 parameters for S2's 6 maps. What
    squashes the result is a step of its own. Source: LeCun, Bottou, Bengio, Haffner 1998, section II.B.
    """

    name = "subsampling"
    example = "subsampling(2x2)"

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return {"weight": (x[0],), "bias": (x[0],)}
