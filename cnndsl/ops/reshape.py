"""Ops that move, repeat or leave out positions and keep the values."""

from __future__ import annotations

from typing import Any

from cnndsl.ir.dims import Shape, product
from cnndsl.ops.base import EITHER, FLAT, MAPS, REQUIRED, Layer, arg, need_map
from cnndsl.ops.kinds import Optional, Size, Word
from cnndsl.ops.reach import Reach, linear, nearest, pair, window


class Flatten(Layer):
    """A map as flat features: C x H x W becomes C · H · W.

    Channel by channel, each row by row. Flat features stay as they are. Reference: ``torch.nn.Flatten``.
    """

    name = "flatten"
    family = "reshape"
    ranks = FLAT
    reshapes = True
    example = "flatten"

    def infer(self, x: Shape) -> Shape:
        return (product(x),)

    def sees_all(self, x: Shape) -> bool:
        """Flat features are one position."""
        return True

    def parts(self, x: Shape) -> bool:
        return x[1:] not in ((), (1, 1))


class Identity(Layer):
    """Gives its input unchanged.

    y = x. It stands where a step is a parameter and none is wanted. Reference: ``torch.nn.Identity``.
    """

    name = "identity"
    family = "reshape"
    ranks = EITHER
    example = "identity"

    @property
    def idle(self) -> bool:
        return True


class Subsample(Layer):
    """Takes every stride-th row and column, the first included.

    y = x[:, ::s, ::s]; ⌈N / S⌉ rows are left. The parameter-free shortcut of ResNet is this, then
    `pad_channels`. Source: He, Zhang, Ren, Sun 2015 (option A).
    """

    name = "subsample"
    family = "reshape"
    ranks = MAPS
    example = "subsample(2)"

    stride: tuple[int, int] = arg("distance between the rows and columns taken", Size())

    def infer(self, x: Shape) -> Shape:
        channels, height, width = need_map(self, x)
        return channels, -(-height // self.stride[0]), -(-width // self.stride[1])

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]]:
        return (1, 1), self.stride

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(window, (1, 1), self.stride, (0, 0))


class Upsample(Layer):
    """Enlarges a map by whole factors.

    `nearest` repeats each value; `bilinear` interpolates between pixel centres
    (``align_corners=False``). Reference: ``torch.nn.Upsample``.
    """

    name = "upsample"
    family = "reshape"
    ranks = MAPS
    example = "upsample(2, mode=bilinear)"

    scale: tuple[int, int] = arg("factors of height x width", Size(), (2, 2))
    mode: str = arg("how values between the input's are found", Word(("nearest", "bilinear")), "nearest")

    def infer(self, x: Shape) -> Shape:
        channels, height, width = need_map(self, x)
        return channels, height * self.scale[0], width * self.scale[1]

    def arithmetic(self, x: Shape, axis: int) -> str:
        return f"{x[axis + 1]} · {self.scale[axis]} = {x[axis + 1] * self.scale[axis]}"

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(nearest if self.mode == "nearest" else linear, self.scale)


class ZeroPad(Layer):
    """Adds rows and columns of zeros around a map, more below and on the right if need be.

    H + before + after rows come out. The asymmetric padding of TensorFlow's ``SAME`` is written with it.
    Reference: ``torch.nn.ZeroPad2d``.
    """

    name = "zero_pad"
    family = "reshape"
    ranks = MAPS
    example = "zero_pad(0, after=1)"

    before: tuple[int, int] = arg("rows added above x columns added on the left", Size(0))
    after: tuple[int, int] = arg(
        "rows added below x columns added on the right; `none` stands for as many as before",
        Optional(Size(0)), None,
    )  # fmt: skip

    def __init__(self, **values: Any) -> None:
        if values.get("after") is None:
            values["after"] = values.get("before", REQUIRED)
        super().__init__(**values)

    def infer(self, x: Shape) -> Shape:
        channels, height, width = need_map(self, x)
        return channels, height + self.before[0] + self.after[0], width + self.before[1] + self.after[1]

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(window, (1, 1), (1, 1), self.before)
