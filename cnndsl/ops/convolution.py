"""Convolutions: standard, grouped, dilated, connected by a table, and transposed."""

from __future__ import annotations

from itertools import pairwise

from cnndsl.ir.dims import Shape, effective_kernel, transposed_output
from cnndsl.ops.base import MAPS, Layer, Violation, arg, need_map
from cnndsl.ops.checks import SIDES, Window, check_divides, padded_period, resolve_padding, slide_or_keep
from cnndsl.ops.kinds import Boolean, Integer, Many, Size
from cnndsl.ops.reach import Reach, pair, transposed, window


class Conv(Layer):
    """2-D convolution (cross-correlation), biased unless told otherwise.

    Output height and width are (N + 2P - K) / S + 1, rounded down, with K = d(k - 1) + 1. Weights are
    out x in/groups x height x width. Reference: ``torch.nn.Conv2d``.
    """

    name = "conv"
    family = "convolution"
    ranks = MAPS
    example = "conv(32, 3x3, stride=2, pad=1)"
    weighted = True

    out: int = arg("number of output channels", Integer())
    size: tuple[int, int] = arg("kernel, height x width", Size())
    stride: tuple[int, int] = arg("step of the window", Size(), (1, 1))
    pad: tuple[int, int] | str = arg(
        "zeros on each side; `same` gives ceil(in / stride), symmetrically, or is an error",
        Size(0, ("same",)), (0, 0),
    )  # fmt: skip
    dilation: tuple[int, int] = arg("distance between kernel taps", Size(), (1, 1))
    groups: int = arg("number of groups that channels are split into", Integer(), 1)
    bias: bool = arg("whether each output channel has a bias", Boolean(), True)

    @property
    def output_axis(self) -> int:
        return 0

    @property
    def slides(self) -> Window:
        """The window over the input."""
        return Window(self.size, self.stride, self.pad, self.dilation)

    @property
    def period(self) -> tuple[int, int]:
        return padded_period(self.slides)

    def padding(self, x: Shape) -> tuple[int, int]:
        """The padding in numbers for an input shape."""
        return resolve_padding(self, x, self.slides)

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        check_divides(self, "groups", self.groups, {"input channels": channels, "output channels": self.out})
        return (self.out, *slide_or_keep(self, x, self.slides))

    def tensors(self, x: Shape) -> dict[str, Shape]:
        weight = (self.out, x[0] // self.groups, *self.size)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return y[0] * y[1] * y[2] * (x[0] // self.groups) * self.size[0] * self.size[1]

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        height, width = (effective_kernel(k, d) for k, d in zip(self.size, self.dilation, strict=True))
        return (height, width), self.stride

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(window, self.size, self.stride, self.padding(x), self.dilation)

    def mixes(self) -> bool:
        return self.groups == 1


class ConvTranspose(Layer):
    """2-D transposed convolution, the gradient of `conv` with respect to its input.

    Output height and width are (N - 1) S - 2P + d(k - 1) + output_pad + 1. Weights are
    in x out/groups x height x width. Reference: ``torch.nn.ConvTranspose2d``.
    """

    name = "conv_transpose"
    family = "convolution"
    ranks = MAPS
    example = "conv_transpose(8, 2x2, stride=2)"
    weighted = True

    out: int = arg("number of output channels", Integer())
    size: tuple[int, int] = arg("kernel, height x width", Size())
    stride: tuple[int, int] = arg("spacing of the input in the output", Size(), (1, 1))
    pad: tuple[int, int] = arg("rows and columns cut from each side", Size(0), (0, 0))
    output_pad: tuple[int, int] = arg("rows and columns added at the lower right", Size(0), (0, 0))
    dilation: tuple[int, int] = arg("distance between kernel taps", Size(), (1, 1))
    groups: int = arg("number of groups that channels are split into", Integer(), 1)
    bias: bool = arg("whether each output channel has a bias", Boolean(), True)

    @property
    def output_axis(self) -> int | None:
        return 1 if self.groups == 1 else None

    def validate(self) -> None:
        for axis, side in enumerate(SIDES):
            if self.output_pad[axis] >= max(self.stride[axis], self.dilation[axis]):
                raise Violation(
                    "E0407",
                    f"`output_pad` {self.output_pad[axis]} in {side} is not below the stride or dilation",
                    argument="output_pad",
                    notes=(f"{side}: stride {self.stride[axis]}, dilation {self.dilation[axis]}",),
                    help=f"at most `output_pad={max(self.stride[axis], self.dilation[axis]) - 1}`",
                    sets=("output_pad", str(max(self.stride[axis], self.dilation[axis]) - 1)),
                )

    def infer(self, x: Shape) -> Shape:
        channels, height, width = need_map(self, x)
        check_divides(self, "groups", self.groups, {"input channels": channels, "output channels": self.out})
        output = [
            transposed_output(n, self.size[i], self.stride[i], self.pad[i], self.output_pad[i], self.dilation[i])
            for i, n in enumerate((height, width))
        ]
        for i, side in enumerate(SIDES):
            if output[i] < 1:
                raise Violation(
                    "E0401",
                    "the padding cuts the whole output away",
                    argument="pad",
                    notes=(f"{side}: {output[i] + 2 * self.pad[i]} - 2·{self.pad[i]} = {output[i]}",),
                )
        return (self.out, *output)

    def arithmetic(self, x: Shape, axis: int) -> str:
        n, k, s, p = x[axis + 1], self.size[axis], self.stride[axis], self.pad[axis]
        more, d = self.output_pad[axis], self.dilation[axis]
        output = transposed_output(n, k, s, p, more, d)
        return f"({n} - 1)·{s} - 2·{p} + {effective_kernel(k, d)} + {more} = {output}"

    def tensors(self, x: Shape) -> dict[str, Shape]:
        weight = (x[0], self.out // self.groups, *self.size)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return x[0] * x[1] * x[2] * (self.out // self.groups) * self.size[0] * self.size[1]

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(transposed, self.size, self.stride, self.pad, self.dilation)

    def mixes(self) -> bool:
        return self.groups == 1


class ConvTable(Layer):
    """2-D convolution in which each output channel reads the input channels that a table lists for it.

    Output sizes are those of `conv`. Weights are pairs x height x width: a kernel for each connected pair,
    output by output in the order of the table. LeNet-5's C3 connects 60 of its 6 x 16 pairs, which makes
    60 · 25 + 16 = 1,516 parameters. They start uniform in ±2.4 / fan-in, an output's fan-in being its own.
    Source: LeCun, Bottou, Bengio, Haffner 1998, table I.
    """

    name = "conv_table"
    family = "convolution"
    ranks = MAPS
    example = "conv_table(4, 3x3, [[0, 1, 2], [4, 5], [8], [0, 15]])"
    weighted = True

    out: int = arg("number of output channels", Integer())
    size: tuple[int, int] = arg("kernel, height x width", Size())
    connections: tuple[tuple[int, ...], ...] = arg(
        "for each output channel the list of the input channels that it reads, counted from 0",
        Many(Many(Integer(0))),
    )  # fmt: skip
    stride: tuple[int, int] = arg("step of the window", Size(), (1, 1))
    pad: tuple[int, int] | str = arg(
        "zeros on each side; `same` gives ceil(in / stride), symmetrically, or is an error",
        Size(0, ("same",)), (0, 0),
    )  # fmt: skip
    bias: bool = arg("whether each output channel has a bias", Boolean(), True)

    @property
    def pairs(self) -> int:
        """The number of connected pairs of an input and an output channel."""
        return sum(map(len, self.connections))

    def validate(self) -> None:
        if len(self.connections) != self.out:
            raise Violation(
                "E0407",
                f"the table has {len(self.connections)} lists of connections for {self.out} output channels",
                argument="connections",
                help="one list of input channels an output channel",
            )
        for index, inputs in enumerate(self.connections):
            if len(set(inputs)) < len(inputs):
                ordered = sorted(inputs)
                twice = next(i for i, following in pairwise(ordered) if i == following)
                raise Violation(
                    "E0407",
                    f"output channel {index} is connected to input channel {twice} twice",
                    argument="connections",
                    help=f"leave one {twice} of list {index} out: a pair has one kernel",
                )

    @property
    def slides(self) -> Window:
        """The window over the input."""
        return Window(self.size, self.stride, self.pad)

    @property
    def period(self) -> tuple[int, int]:
        return padded_period(self.slides)

    def padding(self, x: Shape) -> tuple[int, int]:
        """The padding in numbers for an input shape."""
        return resolve_padding(self, x, self.slides)

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        last = max(map(max, self.connections))
        if last >= channels:
            raise Violation(
                "E0408",
                f"the table connects input channel {last}, and the input has {channels} channels",
                argument="connections",
                notes=(f"channels are counted from 0: the last is {channels - 1}",),
            )
        return (self.out, *slide_or_keep(self, x, self.slides))

    def tensors(self, x: Shape) -> dict[str, Shape]:
        weight = (self.pairs, *self.size)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return self.pairs * self.size[0] * self.size[1] * y[1] * y[2]

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        return self.size, self.stride

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(window, self.size, self.stride, self.padding(x))
