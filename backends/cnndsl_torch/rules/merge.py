"""Ops that join lanes."""

from __future__ import annotations

from cnndsl.ops.merge import Add, Concat, Max, Mean, Mul
from cnndsl_torch.lowering import Joined, OpCall, equal, lowers


@lowers(Concat, overwritable=True)
def concat(op: OpCall) -> Joined:
    return Joined("torch.cat([{lanes}], 1)")


@lowers(Add, overwritable=True)
def add(op: OpCall) -> Joined:
    return Joined("torch.stack([{lanes}]).sum(0)", infix="+")


@lowers(Mul)
def mul(op: OpCall) -> Joined:
    return Joined("torch.stack(torch.broadcast_tensors({lanes})).prod(0)", infix="*")


@lowers(Mean, overwritable=True)
def mean(op: OpCall) -> Joined:
    if equal(op["drop_path"], "0"):
        return Joined("torch.stack([{lanes}]).mean(0)")
    return Joined("{module}([{lanes}])", f"FractalJoin({op['drop_path']})", helpers=("FractalJoin",))


@lowers(Max)
def maximum(op: OpCall) -> Joined:
    return Joined("torch.stack([{lanes}]).amax(0)")
