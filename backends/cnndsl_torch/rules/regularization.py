"""Regularisation that drops values, blocks or paths in training."""

from __future__ import annotations

from cnndsl.ops.regularization import DropBlock, Dropout, DropPath
from cnndsl_torch.lowering import Lowered, OpCall, lowers


@lowers(Dropout)
def dropout(op: OpCall) -> Lowered:
    return Lowered(f"nn.Dropout({op['p']})", f"F.dropout({{x}}, {op['p']}, self.training)", light=True)


@lowers(DropBlock)
def drop_block(op: OpCall) -> Lowered:
    module = op.call("DropBlock2d", op["size"], keep=("keep", "0.9"))
    return Lowered(module, helpers=("DropBlock2d",), light=True)


@lowers(DropPath)
def drop_path(op: OpCall) -> Lowered:
    scale = op.value("scale")
    option = "" if scale == "training" else f', scale="{scale}"'
    return Lowered(f"DropPath({op['p']}{option})", helpers=("DropPath",), light=True)
