"""Convolutions: standard, grouped, dilated, connected by a table, and transposed."""

from __future__ import annotations

from cnndsl.ir.dims import Shape, effective_kernel, same_padding, transposed_output, window_output
from cnndsl.ops.base import Layer, Violation, arg, need_map
from cnndsl.ops.kinds import Boolean, Integer, Size

SIDES = ("height", "width")


def resolve_padding(op: Layer, x: Shape, size: tuple[int, int], stride: tuple[int, int],
                    pad: tuple[int, int] | str, dilation: tuple[int, int]) -> tuple[int, int]:  # fmt: skip
    """Symmetric padding in numbers. ``same`` gives ceil(N / S) outputs.

    Raises:
        Violation: E0405, ``same`` would have to be asymmetric.
    """
    if not isinstance(pad, str):
        return pad
    result = []
    for axis, side in enumerate(SIDES):
        total = same_padding(x[axis + 1], size[axis], stride[axis], dilation[axis])
        if total % 2:
            raise Violation(
                "E0405",
                f"`pad=same` needs {total} rows or columns of padding in {side}, which is odd: "
                "one side would get more than the other",
                argument="pad",
                notes=(f"{side}: ceil({x[axis + 1]} / {stride[axis]}) outputs need {total} in all",),
                help=f"state the padding: `pad={total // 2}` or `pad={total // 2 + 1}`",
            )
        result.append(total // 2)
    return result[0], result[1]


def slide(op: Layer, x: Shape, size: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int],
          dilation: tuple[int, int] = (1, 1), ceil: bool = False) -> tuple[int, int]:  # fmt: skip
    """The output height and width of a sliding window.

    Raises:
        Violation: E0401, the kernel is larger than its padded input.
    """
    result = []
    for axis, side in enumerate(SIDES):
        n, k, s, p, d = x[axis + 1], size[axis], stride[axis], pad[axis], dilation[axis]
        output = window_output(n, k, s, p, d, ceil)
        extent = effective_kernel(k, d)
        if output < 1:
            raise Violation(
                "E0401",
                f"the {extent}-wide window of `{op.name}` does not fit into an input of {side} {n}"
                + (f" with padding {p}" if p else ""),
                argument="size",
                notes=(f"{side}: ({n} + 2·{p} - {extent}) / {s} + 1 is less than 1",),
                help=f"a padding of at least {-(-(extent - n) // 2)}, a smaller kernel or a larger input fits",
            )
        result.append(output)
    return result[0], result[1]


def check_groups(op: Layer, channels: int, out: int, groups: int) -> None:
    """Raise E0406 where ``groups`` does not divide the input's or the output's channels."""
    for what, count in (("input", channels), ("output", out)):
        if count % groups:
            divisors = [g for g in range(1, groups * 2 + 1) if channels % g == 0 and out % g == 0]
            near = min(divisors, key=lambda g: abs(g - groups))
            raise Violation(
                "E0406",
                f"{groups} groups do not divide the {count} {what} channels of `{op.name}`",
                argument="groups",
                notes=(f"{count} / {groups} = {count // groups} remainder {count % groups}",),
                help=f"`groups={near}` divides {channels} and {out}",
            )


class Conv(Layer):
    """2-D convolution (cross-correlation), biased unless told otherwise.

    Output height and width are (N + 2P - K) / S + 1, rounded down, with K = d(k - 1) + 1. Weights are
    out x in/groups x height x width. Reference: ``torch.nn.Conv2d``.
    """

    name = "conv"
    family = "convolution"
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

    def padding(self, x: Shape) -> tuple[int, int]:
        """The padding in numbers for an input shape."""
        return resolve_padding(self, x, self.size, self.stride, self.pad, self.dilation)

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        check_groups(self, channels, self.out, self.groups)
        return (self.out, *slide(self, x, self.size, self.stride, self.padding(x), self.dilation))

    def tensors(self, x: Shape) -> dict[str, Shape]:
        weight = (self.out, x[0] // self.groups, *self.size)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return y[0] * y[1] * y[2] * (x[0] // self.groups) * self.size[0] * self.size[1]

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        height, width = (effective_kernel(k, d) for k, d in zip(self.size, self.dilation, strict=True))
        return (height, width), self.stride


class ConvTranspose(Layer):
    """2-D transposed convolution, the gradient of `conv` with respect to its input.

    Output height and width are (N - 1) S - 2P + d(k - 1) + output_pad + 1. Weights are
    in x out/groups x height x width. Reference: ``torch.nn.ConvTranspose2d``.
    """

    name = "conv_transpose"
    family = "convolution"
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

    def validate(self) -> None:
        for axis, side in enumerate(SIDES):
            if self.output_pad[axis] >= max(self.stride[axis], self.dilation[axis]):
                raise Violation(
                    "E0407",
                    f"`output_pad` {self.output_pad[axis]} in {side} is not smaller than the stride or dilation",
                    argument="output_pad",
                )

    def infer(self, x: Shape) -> Shape:
        channels, height, width = need_map(self, x)
        check_groups(self, channels, self.out, self.groups)
        output = [
            transposed_output(n, self.size[i], self.stride[i], self.pad[i], self.output_pad[i], self.dilation[i])
            for i, n in enumerate((height, width))
        ]
        if min(output) < 1:
            raise Violation("E0401", "the padding cuts the whole output away", argument="pad")
        return (self.out, *output)

    def tensors(self, x: Shape) -> dict[str, Shape]:
        weight = (x[0], self.out // self.groups, *self.size)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return x[0] * x[1] * x[2] * (self.out // self.groups) * self.size[0] * self.size[1]
