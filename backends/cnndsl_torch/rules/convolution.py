"""Convolutions."""

from __future__ import annotations

import re

from cnndsl.ops.convolution import Conv, ConvTable, ConvTranspose
from cnndsl_torch.lowering import SIZED, Lowered, OpCall, equal, lowers
from cnndsl_torch.text import literal
from cnndsl_torch.write.place import Decline


def padding(op: OpCall) -> str:
    """The text of the padding. ``same`` becomes ``kernel // 2`` where that says it, else a number."""
    if not any(getattr(o, "pad", None) == "same" for o in op.ops) and not equal(op["pad"], "'same'"):
        return op["pad"]
    if not op.ops:
        raise Decline(f"{op.cls.name} is never reached")
    numbers = tuple(_numbers(o, i[0]) for o, i in zip(op.ops, op.inputs, strict=True))
    literals = re.fullmatch(r"\d+|\(\d+, \d+\)", op["size"]) and re.fullmatch(r"\d+", op["stride"])
    if not literals and all(_halves(o) for o in op.ops):
        return '"same"'  # PyTorch's own, symmetric for odd kernels; the size may be a number or a pair
    op.read.update(("pad", "size", "dilation", "stride"), () if all(_kept(o) for o in op.ops) else (SIZED,))
    return literal(op.agreed(numbers))


def _numbers(op: object, x: tuple[int, ...]) -> tuple[int, int]:
    assert isinstance(op, Conv | ConvTable)
    return op.padding(x)


def _kept(op: object) -> bool:
    """Whether the padding is the same for every input size: it keeps the size, whatever it is."""
    assert isinstance(op, Conv | ConvTable)
    return op.stride == (1, 1)


def _halves(op: object) -> bool:
    """Whether half of the kernel is what ``pad=same`` means, whatever the input's size."""
    assert isinstance(op, Conv | ConvTable)
    plain = op.pad == "same" and op.stride == (1, 1) and getattr(op, "dilation", (1, 1)) == (1, 1)
    return plain and op.size[0] == op.size[1] and op.size[0] % 2 == 1


@lowers(Conv, overwritable=True)
def conv(op: OpCall) -> Lowered:
    given = OpCall(op.ops, op.cls, op.inputs, op.channels, {**op.texts, "pad": padding(op)}, op.fresh)
    return Lowered(
        given.call(
            "nn.Conv2d", op.channels, op["out"], op["size"], stride=("stride", "1"), padding=("pad", "0"),
            dilation=("dilation", "1"), groups=("groups", "1"), bias=("bias", "True"),
        ),
    )  # fmt: skip


@lowers(ConvTranspose, overwritable=True)
def conv_transpose(op: OpCall) -> Lowered:
    return Lowered(
        op.call(
            "nn.ConvTranspose2d", op.channels, op["out"], op["size"], stride=("stride", "1"),
            padding=("pad", "0"), output_padding=("output_pad", "0"), groups=("groups", "1"),
            bias=("bias", "True"), dilation=("dilation", "1"),
        ),
    )  # fmt: skip


@lowers(ConvTable)
def conv_table(op: OpCall) -> Lowered:
    given = OpCall(op.ops, op.cls, op.inputs, op.channels, {**op.texts, "pad": padding(op)}, op.fresh)
    return Lowered(
        given.call(
            "TableConv2d", op.channels, op["out"], op["size"], op["connections"], stride=("stride", "1"),
            padding=("pad", "0"), bias=("bias", "True"),
        ),
        helpers=("TableConv2d",),
    )  # fmt: skip
